"""What there is to say about the values of an LMS, beside the field of each."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gatelodge.platforms import Environment, Platform
from gatelodge.platforms.looks import Look, Seen, looks, site_of
from gatelodge.platforms.questions import Question, completed, derived, questions, site_is
from gatelodge.services.connection_checks import Connection
from gatelodge.services.drafts import Draft
from gatelodge.services.errors import Invalid
from gatelodge.web.portal.connection_checks import key_set_note
from gatelodge.web.portal.notes import Note
from gatelodge.web.portal.pages import Visit
from gatelodge.web.portal.wizard.words import STANDINGS, said, unfit


class Row(NamedTuple):
    """One question of step 4. ``label`` is the LMS's, ours where it has none."""

    question: Question
    value: str
    error: Note | None
    notes: Sequence[Note]
    pattern: str = ""
    """What it follows from, as in ``{site}/keys``; a script fills it in while somebody types."""

    @property
    def field(self) -> str:
        return self.question.field


def rows(
    platform: Platform,
    environment: Environment,
    values: Mapping[str, str],
    notes: Mapping[str, Sequence[Note]],
    errors: Mapping[str, Note],
) -> list[Row]:
    patterns = environment.addresses._asdict()
    return [
        Row(
            question,
            values.get(question.field, ""),
            errors.get(question.field),
            [each for each in notes.get(question.field, ()) if each.kind != "bad"],
            patterns.get(question.field) or "",
        )
        for question in questions(platform, environment)
    ]


def prefilled(environment: Environment, draft: Draft) -> dict[str, str]:
    """What was typed; and where nothing was typed yet, what this LMS has for every customer."""
    fixed = {
        field: value
        for field, value in derived(environment, {}).items()
        if field not in draft.values
    }
    return {**fixed, **draft.values}


def looked_at(
    visit: Visit, draft: Draft, *, try_keys: bool
) -> tuple[dict[str, list[Note]], dict[str, Note]]:
    """What there is to say about each value, and what keeps the draft from being added."""
    platform, environment = draft.platform, draft.environment
    assert platform is not None and environment is not None  # noqa: S101, PT018
    development = visit.gateway.settings.development
    if draft.is_on_shared:
        return {}, {}
    values = dict(draft.values)
    if not values.get("site"):
        # The issuer often is the site, and the other addresses follow from it.
        values["site"] = site_of(environment, values)
    seen = looks(platform, environment, values, http_allowed=development)
    if not draft.value("site") and "site" in seen and site_is(platform, environment) == "needed":
        seen["site"] = [Seen(Look.MISSING)]
    notes = {
        field: [said(platform, each, field) for each in found] for field, found in seen.items()
    }
    errors = {field: each for field, found in notes.items() for each in found if each.kind == "bad"}
    if not errors:
        try:
            visit.gateway.drafts.review(visit.caller, draft)
        except Invalid as error:
            field = error.field
            field = "audience" if field == "token_audience" else field
            if field in notes:
                errors[field] = unfit(field)
    standing = _standing_note(visit, platform, environment, draft)
    if standing is not None and standing.kind == "bad":
        errors.setdefault("client_id", standing)
    elif standing is not None:
        notes.setdefault("client_id", []).append(standing)
    whole = completed(platform, environment, draft.values)
    if try_keys and "key_set_url" in notes and whole["key_set_url"] and "key_set_url" not in errors:
        notes["key_set_url"].append(key_set_note(visit, platform, connection_of(whole)))
    return notes, errors


def connection_of(whole: Mapping[str, str]) -> Connection:
    """What can be tried of the values of an LMS."""
    return Connection(
        key_set_url=whole["key_set_url"],
        token_url=whole["token_url"],
        authorization_url=whole["authorization_url"],
    )


def _standing_note(
    visit: Visit, platform: Platform, environment: Environment, draft: Draft
) -> Note | None:
    whole = completed(platform, environment, draft.values)
    if not whole["issuer"] or not whole["client_id"]:
        return None
    standing = visit.gateway.registrations.standing_of(
        visit.caller, whole["issuer"], whole["client_id"]
    )
    return STANDINGS.get(standing)
