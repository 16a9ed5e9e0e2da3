"""Values of a request to find or erase one person: who was found, and what was erased."""

from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec import Struct

from gatelodge.storage.persons import PersonRequest

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


def written_receipt(view: PersonView) -> str:
    request, counts = view.request, view.counts

    def moment(seconds: int) -> str:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

    return "\n".join(
        (
            "Receipt of an erasure",
            "",
            f"Request:                       {request.id}",
            f"Asked for by account:          {request.asked_by}, {moment(request.asked_at)}",
            f"Erased by account:             {request.erased_by}, {moment(request.changed_at)}",
            f"Institution:                   {request.tenant_id or 'all'}",
            "",
            f"Launches without a person now: {counts.launches}",
            f"  of these with names or other personal values: {counts.personal}",
            f"Other launches that named the person: {counts.mentions}",
            f"Accounts erased:               {counts.accounts}",
            f"Accounts that only lost their place here: {counts.places}",
            f"Accounts kept (operators', an only administrator's): {counts.kept}",
            f"Reports, answers and notes that named the person: {counts.texts}",
            f"Files of reports deleted:      {counts.files}",
            "",
        )
    )
