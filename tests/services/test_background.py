from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import func, select

from gatelodge.lti.registration import DeploymentState
from gatelodge.services.addresses import Addresses
from gatelodge.services.audit_chain import AuditChain
from gatelodge.services.background import LEASE, LOOK_EVERY, Worker
from gatelodge.services.caller import Role
from gatelodge.services.launch_records import AcceptedLaunch, LaunchRecords
from gatelodge.services.notices import Notices
from gatelodge.services.persons import Persons
from gatelodge.services.problem_book import ProblemBook
from gatelodge.services.sessions import Standing
from gatelodge.services.tenant_deletions import TenantDeletions
from gatelodge.services.tenant_exports import TenantExports
from gatelodge.storage import audit, tables
from gatelodge.storage.errors import StorageUnavailable
from tests.services.house import OTTO, House
from tests.services.test_deployments import waiting
from tests.services.test_launch_records import launched, refused
from tests.services.test_mails import outbox

HOUR = 3600
JOBS = 28


def worker(house: House) -> Worker:
    notices = Notices(house.clock, house.sealer, outbox(house), Addresses(house.base))
    book = ProblemBook(house.clock, house.ids, house.sealer, outbox(house), Addresses(house.base))
    return Worker(
        house.database,
        house.clock,
        house.ids,
        house.signing_keys,
        AuditChain(house.database, house.clock, house.sealer),
        TenantExports(house.database, house.clock, house.ids, house.sealer, house.audit, notices),
        TenantDeletions(house.database, house.clock, house.audit, notices, days=30),
        Persons(house.database, house.clock, house.ids, house.sealer, house.audit, book),
        personal_days=7,
        launch_days=180,
        audit_days=730,
    )


def test_everything_is_done_at_once_and_then_when_it_is_due(house: House) -> None:
    work = worker(house)

    assert len(work.run_due()) == JOBS
    assert work.run_due() == []
    house.clock.now += 60
    assert work.run_due() == [
        "note last launches",
        "link audit events",
        "export tenants",
        "delete tenants",
        "find and erase people",
    ]
    house.clock.now += HOUR
    assert len(work.run_due()) == JOBS - 1
    house.clock.pass_days(1)
    assert len(work.run_due()) == JOBS


def test_of_several_processes_one_does_the_work(house: House) -> None:
    first, second = worker(house), worker(house)

    assert len(first.run_due()) + len(second.run_due()) == JOBS


def test_the_work_of_a_process_that_died_is_taken_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, alive = worker(house), worker(house)
    for job in dead._jobs:
        dead._claimed(job)

    assert alive.run_due() == []
    house.clock.now += LEASE + 1
    assert len(alive.run_due()) == JOBS


def test_work_that_fails_keeps_nothing_else_from_being_done_and_is_tried_again_soon(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(now: float) -> int:
        raise RuntimeError("no")

    monkeypatch.setattr(house.signing_keys, "rotate_due", fail)
    work = worker(house)

    assert len(work.run_due()) == JOBS - 1
    monkeypatch.undo()
    work = worker(house)
    house.clock.now += 6 * 60
    assert "rotate keys" in work.run_due()


def test_a_database_that_is_away_is_waited_for_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, asked = worker(house), []

    def away(_: object) -> None:
        asked.append(1)
        raise StorageUnavailable("The database is locked by another program.")

    monkeypatch.setattr(house.database, "write", away)

    assert work.run_due() == []
    assert len(asked) == 1
    monkeypatch.undo()
    assert len(work.run_due()) == JOBS


def test_personal_data_goes_after_a_week_and_the_launch_after_half_a_year(house: House) -> None:
    records = LaunchRecords(house.database, house.sealer, house.audit)
    view = house.register()
    launch = launched(house, view)
    refused(house, view)
    refused(house)

    house.clock.pass_days(6.9)
    worker(house).run_due()
    kept = records.show(OTTO, launch)
    assert isinstance(kept, AcceptedLaunch)
    assert kept.personal is not None

    house.clock.pass_days(0.2)
    worker(house).run_due()
    kept = records.show(OTTO, launch)
    assert isinstance(kept, AcceptedLaunch)
    assert kept.personal is None

    house.clock.pass_days(172)
    worker(house).run_due()
    assert len(records.list(OTTO)) == 3
    house.clock.pass_days(2)
    worker(house).run_due()
    assert records.list(OTTO) == []


def test_the_bin_is_emptied_after_thirty_days(house: House) -> None:
    view = house.register(deployment_ids=("1",))
    house.registrations.delete(OTTO, view.id)

    house.clock.pass_days(29)
    worker(house).run_due()
    assert len(house.registrations.list(OTTO, include_bin=True)) == 1
    house.clock.pass_days(2)
    worker(house).run_due()
    assert house.registrations.list(OTTO, include_bin=True) == []


def test_drafts_are_forgotten_ninety_days_after_their_last_change(house: House) -> None:
    begun = [house.drafts.begin(house.ada, {"tool": "hello"}) for _ in range(2)]
    house.clock.pass_days(60)
    changed = house.drafts.save(house.ada, begun[0].id, {"name": "Moodle"}, step=2, version=1)

    house.clock.pass_days(31)
    worker(house).run_due()

    assert [each.id for each in house.drafts.list(house.ada)] == [changed.id]


def test_deployments_on_which_nobody_decides_are_forgotten_after_thirty_days(house: House) -> None:
    view = house.register(deployment_ids=("1",))
    waiting(house, view, "2")
    house.clock.pass_days(31)

    worker(house).run_due()

    assert [each.deployment.state for each in house.deployments.list(OTTO)] == [
        DeploymentState.APPROVED
    ]


def test_keys_near_their_end_are_replaced(house: House) -> None:
    view = house.register()
    house.clock.pass_days(89)

    worker(house).run_due()

    assert len(house.signing_keys.public_key_set(view.id)["keys"]) == 2


def test_it_keeps_running_until_it_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    work, slept = worker(house), []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr("gatelodge.services.background.asyncio.sleep", sleep)
    with suppress(asyncio.CancelledError):
        asyncio.run(work.keep_running())

    assert slept == [LOOK_EVERY] * 3


def rows_at_the_door(house: House) -> list[int]:
    return [
        house.database.read(
            lambda connection, table=table: connection.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
        )
        for table in (tables.sessions, tables.sign_in_counts, tables.setup_links)
    ]


def test_sessions_counts_and_links_are_let_go_after_a_day(house: House) -> None:
    house.setup_links.make(OTTO)
    account_id = house.accounts.from_identity(
        "https://idp.example",
        "s1",
        name="Ada",
        email=None,
        standings=[Standing(Role.ADMIN, house.northfield.id, None)],
    )
    house.sessions.begin(account_id)
    house.limits.count("ada@n.example", "192.0.2.7")
    work = worker(house)

    before = (work.run_due(), rows_at_the_door(house))[1]
    house.clock.now += 26 * HOUR
    after = (work.run_due(), rows_at_the_door(house))[1]

    assert (before, after) == ([1, 2, 1], [0, 0, 0])


def test_an_account_without_a_role_is_let_go_after_three_months(house: House) -> None:
    at_northfield = Standing(Role.ADMIN, house.northfield.id, None)

    def come(subject: str, *standings: Standing) -> str:
        return house.accounts.from_identity(
            "https://idp.example", subject, name=subject, email=None, standings=standings
        )

    stays, leaves, returns, banned = (come(each, at_northfield) for each in "abcd")
    house.accounts.disable(OTTO, banned)
    house.clock.pass_days(200)
    for each in (leaves, returns, banned):
        house.accounts.set_roles(OTTO, each, "northfield", [])
    work = worker(house)
    work.run_due()
    house.clock.pass_days(89)
    work.run_due()
    come("c", at_northfield)
    before = {each.id for each in house.accounts.list(OTTO)}

    for _ in range(2):
        house.clock.pass_days(2)
        work.run_due()

    after = {each.id for each in house.accounts.list(OTTO)}
    assert (before - after, before & after) == ({leaves}, {stays, returns, banned})


def test_what_leaves_the_bin_for_good_is_written_down(house: House) -> None:
    view = house.register(house.ada)
    house.registrations.delete(house.ada, view.id)
    house.clock.pass_days(31)

    worker(house).run_due()

    [event] = house.database.read(lambda connection: audit.list_about(connection, [view.id]))[:1]
    assert (event.tag, event.actor, event.tenant_id) == (
        "registration.removed",
        "worker",
        house.northfield.id,
    )
    assert house.registrations.list(OTTO, include_bin=True) == []
