"""A house with an inbox: reports, the mails they cause, and people who have addresses."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import select

from gatelodge.services.addresses import Addresses
from gatelodge.services.caller import Caller, Role
from gatelodge.services.launch_records import LaunchRecords
from gatelodge.services.mails import Letter, Outbox
from gatelodge.services.problem_book import ProblemBook
from gatelodge.services.problem_pages import ProblemPages
from gatelodge.services.problems import NewReport, Problems, ReportView
from gatelodge.storage import accounts, tables
from gatelodge.storage.accounts import AccountRow, RoleRow
from gatelodge.storage.database import Connection
from tests.services.house import House


@dataclass
class Desks:
    """The people are accounts here: ``ada``, ``ben``, ``cleo`` and ``otto``, each with an address."""

    house: House

    def __post_init__(self) -> None:
        house = self.house
        self.outbox = Outbox(house.database, house.clock, house.ids, house.sealer, is_on=True)
        book = ProblemBook(
            house.clock, house.ids, house.sealer, self.outbox, Addresses("https://lti.example")
        )
        records = LaunchRecords(house.database, house.sealer, house.audit)
        self.problems = Problems(house.database, house.audit, records, book)
        self.pages = ProblemPages(
            house.database, house.clock, house.ids, house.sealer, house.audit, book
        )
        self.ada = self._person("Ada", Role.ADMIN, house.northfield.id)
        self.ben = self._person("Ben", Role.EDUCATOR, house.northfield.id)
        self.cleo = self._person("Cleo", Role.ADMIN, house.southbank.id)
        self.otto = self._person("Otto", Role.OPERATOR, None)

    def _person(self, name: str, role: Role, tenant_id: str | None) -> Caller:
        ids = self.house.ids
        email = f"{name.lower()}@people.example"
        account = AccountRow(ids.new(), name, email, None, 0, None)
        held = RoleRow(ids.new(), account.id, role, tenant_id, "given", 0)

        def write(connection: Connection) -> None:
            accounts.add(connection, account)
            accounts.give_role(connection, held)

        self.house.database.write(write)
        return Caller(account.id, role, tenant_id)

    def page(self, *, tenant_id: str | None, client: str = "", trace_id: str = "7F3K-4MB9") -> str:
        """The token of an error page."""
        return self.pages.token(trace_id, client_id=client, tenant_id=tenant_id)

    def from_page(self, text: str = "It says no.", *, address: str = "192.0.2.1") -> str:
        """What a student of Northfield reports, by its reference."""
        return self.pages.report(
            self.page(tenant_id=self.house.northfield.id), text, address=address
        )

    def report(self, who: Caller, text: str = "It says no.", **more: object) -> str:
        new = NewReport(once=self.house.ids.secret(), text=text, **more)  # type: ignore[arg-type]
        return self.problems.report(who, new)

    def inbox(self, who: Caller, **asked: str) -> list[str]:
        return [each.reference for each in self.problems.inbox(who, **asked).lines]

    def answer(self, who: Caller, reference: str, text: str = "", state: str = "in_work") -> None:
        seen = self.problems.show(who, reference).version
        self.problems.answer(who, reference, seen=seen, state=state, text=text, note=False)

    def pass_on(self, who: Caller, reference: str, text: str = "") -> None:
        seen = self.problems.show(who, reference).version
        self.problems.pass_on(who, reference, seen=seen, text=text)

    def mine(self, who: Caller, reference: str) -> ReportView:
        return self.problems.show_mine(who, reference)

    def mails(self) -> list[tuple[str, str]]:
        """To whom, and the subject; oldest first."""
        return [(each.to, str(each.subject)) for each in self.letters()]

    def letters(self) -> list[Letter]:
        def read(connection: Connection) -> list[Letter]:
            rows = connection.execute(
                select(tables.mails.c.id, tables.mails.c.sealed).order_by(tables.mails.c.id)
            )
            return [
                msgspec.json.decode(
                    self.house.sealer.open(row.sealed, purpose="mail", about=row.id), type=Letter
                )
                for row in rows
            ]

        return self.house.database.read(read)
