"""Values of a request to find or erase one person: who was found, and what was erased."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec import Struct

from gatelodge.storage.persons import PersonRequest
from gatelodge.words import N_

PERSON_PURPOSE = "person request"


class State:
    FINDING = "finding"
    FOUND = "found"
    ERASING = "erasing"
    ERASED = "erased"


class FoundPerson(Struct, frozen=True):
    """Who was launched. ``subject`` is our name for them; ``personal`` counts launches with values.

    ``names`` are what those values call them.
    """

    subject: str
    issuer: str
    person_id: str | None
    last_at: int
    personal: int
    names: tuple[str, ...] = ()


class FoundAccount(Struct, frozen=True):
    id: str
    name: str
    email: str | None


class Sought(Struct, frozen=True):
    """What is sealed of a request.

    ``numbers`` are launches of nobody that hold what is looked for, ``texts`` counts what others
    typed and names the person. ``names`` is what is taken out of texts, once it is chosen.
    """

    wanted: str
    people: dict[str, FoundPerson] = {}
    accounts: tuple[FoundAccount, ...] = ()
    numbers: tuple[int, ...] = ()
    texts: int = 0
    names: tuple[str, ...] = ()
    is_cut: bool = False

    @property
    def is_anybody(self) -> bool:
        return bool(self.people or self.accounts or self.numbers or self.texts)


class Counts(Struct, frozen=True):
    """What was erased.

    ``mentions`` are launches of others that named the person, ``texts`` what people typed that did.
    """

    launches: int = 0
    personal: int = 0
    mentions: int = 0
    accounts: int = 0
    places: int = 0
    kept: int = 0
    texts: int = 0
    files: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            *(getattr(self, each) + getattr(other, each) for each in self.__struct_fields__)
        )


@dataclass(frozen=True, slots=True)
class PersonView:
    """``sought`` is None once it is erased."""

    request: PersonRequest
    sought: Sought | None
    counts: Counts

    @property
    def counted(self) -> tuple[tuple[str, int], ...]:
        """What became of it, each with a text that says what was counted."""
        counts = self.counts
        return (
            (N_("Launches without a person now"), counts.launches),
            (N_("Of these with personal values"), counts.personal),
            (N_("Other launches that named the person"), counts.mentions),
            (N_("Accounts erased"), counts.accounts),
            (N_("Accounts that only lost their place here"), counts.places),
            (N_("Accounts kept: operators', and an only administrator's"), counts.kept),
            (N_("Reports, answers and notes that named the person"), counts.texts),
            (N_("Files of reports deleted"), counts.files),
        )


def written_receipt(view: PersonView, word: Callable[[str], str] = str) -> str:
    """In the language that ``word`` puts our texts into; numbers and times as programs read them."""
    request = view.request

    def moment(seconds: int) -> str:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

    facts = {
        N_("Reference"): request.id,
        N_("Asked for by account"): f"{request.asked_by}, {moment(request.asked_at)}",
        N_("Erased by account"): f"{request.erased_by}, {moment(request.changed_at)}",
    }
    if request.tenant_id:
        facts[N_("Institution")] = request.tenant_id
    lines = [f"{word(label)}: {value}" for label, value in facts.items()]
    counts = [f"{word(label)}: {count}" for label, count in view.counted]
    return "\n".join([word(N_("Receipt of an erasure")), "", *lines, "", *counts, ""])
