"""What is measured on the way, and what a refusal adds to its finding: a closed list of sentences.

A row keeps a name and its values, never the words, so that it can be read in any language, and
after the words have changed.
"""

from collections.abc import Mapping
from typing import NamedTuple

from gatelodge.words import N_, Sentence, Value

NOTHING = "-"
"""In the place of a measured value: it was looked for, and there was none."""


class Note(NamedTuple):
    """The name of one of `SENTENCES`, and what belongs into its places."""

    name: str
    values: Mapping[str, Value]

    @property
    def sentence(self) -> Sentence:
        if self.name in SENTENCES:
            return Sentence(SENTENCES[self.name], self.values)
        # Another version wrote it.
        told = ", ".join(f"{name} {value}" for name, value in self.values.items())
        return Sentence("{note}", {"note": f"{self.name}: {told}" if told else self.name})

    def __str__(self) -> str:
        return str(self.sentence)


def note(name: str, /, **values: Value) -> Note:
    return Note(name, values)


def measured(check: str, value: str) -> Sentence | None:
    """What a step of a trace says about the value that it keeps, if there is something to say."""
    if not value:
        return None
    if value == NOTHING and check in _NOTHING_MEASURED:
        return Sentence(_NOTHING_MEASURED[check])
    if check == "token.time" and value.startswith("-"):
        return Sentence(_MADE_AHEAD, {"value": value.removeprefix("-")})
    return Sentence(_MEASURED.get(check, "{value}"), {"value": value})


_MEASURED: Mapping[str, str] = {
    "state.signed": N_("{value:seconds} old"),
    "token.signature": N_("key {value}"),
    "token.time": N_("made {value:seconds} ago"),
    "message.subject": N_("anonymous"),
}
_MADE_AHEAD = N_("made {value:seconds} ahead of our clock")
_NOTHING_MEASURED: Mapping[str, str] = {"message.roles": N_("none in this context")}

PARTS = (N_("header"), N_("payload"), N_("signature"), N_("key set"))
"""Of what is read as JSON: words for ``{part:word}``."""

SENTENCES: Mapping[str, str] = {
    # What was sent with a form.
    "form.type": N_("It is of type {type}."),
    "form.too_many_fields": N_("It has more than {most} fields."),
    "form.twice": N_("It carries {name} twice."),
    "too_long": N_("It has too many characters: {count}."),
    # State.
    "state.signature": N_("Its signature isn't ours."),
    "state.address": N_("It was given at another login address."),
    "state.purpose": N_("It was made for another purpose."),
    "state.age": N_("The login began {begun:seconds} ago."),
    # Token.
    "token.not_ascii": N_("It has characters that no token has."),
    "token.parts": N_("It has {count} parts instead of 3."),
    "token.no_algorithm": N_("Its header names no algorithm."),
    "json.encoding": N_("Its {part:word} isn't base64url."),
    "json.none": N_("Its {part:word} isn't JSON."),
    "json.no_object": N_("Its {part:word} isn't a JSON object."),
    "json.too_deep": N_("Its {part:word} is nested too deeply."),
    "json.twins": N_("Its {part:word} has a member twice."),
    "json.constant": N_("Its {part:word} has {found} for a number."),
    "time.made": N_("By our clock it was made {made:seconds} ago."),
    "time.ahead": N_("By our clock it was made {ahead:seconds} ahead of time."),
    "time.begins": N_("By our clock its time begins in {wait:seconds}."),
    "time.ended": N_("It ended {ended:seconds} ago. By our clock it was made {made:seconds} ago."),
    # Keys.
    "key_set.no_list": N_("It has no list named keys."),
    "key_set.no_key": N_("It has no keys."),
    "key_set.no_usable_key": N_("It has no usable key."),
    "key_set.too_many": N_("It has too many keys: {count}."),
    "key_set.status": N_("It answered with status {status}."),
    "key.type": N_("The key is of type {type}."),
    "key.use": N_("It isn't meant for signatures."),
    "key.algorithm": N_("It is meant for another algorithm."),
    "key.unreadable": N_("It can't be read."),
    "key.kind": N_("It is neither an RSA key nor on one of these curves: {curves}."),
    "key.too_short": N_("It has {bits} bits; {least} are the least."),
    "key.too_long": N_("It has {bits} bits; {most} are the most."),
    "key.exponent": N_("Its exponent has more than {most} bits."),
    "key.coordinate": N_("A coordinate has more than {most} bits."),
    # Why a key set wasn't fetched: the codes of `gatelodge.outbound.errors`.
    "outbound.bad_address": N_("This is no address that can be asked."),
    "outbound.not_https": N_("The address begins with http, and LTI needs https."),
    "outbound.blocked": N_(
        "The gateway may not reach that server. If it is yours, the operator lists it in "
        "GATELODGE_OUTBOUND_ALLOW."
    ),
    "outbound.not_resolved": N_("There is no server of this name. Look for a slip in it."),
    "outbound.unreachable": N_("That server doesn't answer, or a firewall stands between."),
    "outbound.bad_certificate": N_("That server's certificate isn't valid for this address."),
    "outbound.timed_out": N_("That server takes too long to answer."),
    "outbound.redirected": N_("The address leads on to another one. Use the final address."),
    "outbound.too_large": N_("Far too much comes from there."),
    "outbound.bad_answer": N_("That server doesn't answer as a web server does."),
    # Claims.
    "claim.type": N_("It is of type {type} instead of a list."),
    "settings.none": N_("There are no settings at all."),
    "settings.missing": N_("{member} is missing."),
    "settings.data": N_("data has characters that can't be kept."),
    # Our own side.
    "deployments.too_many": N_("Too many others wait already."),
    "database": "{reason:word}",
}
