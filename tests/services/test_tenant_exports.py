"""A tenant's export holds what is the tenant's, no secret, and nobody's launch by name."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import update

from gatelodge.services.caller import Caller
from gatelodge.services.errors import ExportNotFound, NotAllowed, TenantNotFound
from gatelodge.services.problems import NewReport
from gatelodge.storage import audit, exports, tables
from gatelodge.storage.exports import PARTS, Export
from tests.services.data import NAMES, launch, work
from tests.support.campuses import *  # noqa: F403
from tests.support.gateways import OTTO, Campus


def ada(campus: Campus) -> Caller:
    return Caller.admin("ada", campus.tenant())


def exported(campus: Campus) -> Export:
    assert campus.gateway.tenant_exports.ask(ada(campus), "northfield")
    work(campus)
    return campus.gateway.tenant_exports.list(ada(campus), "northfield")[0]


def taken(campus: Campus, export: Export) -> dict[str, list[Any]]:
    archive = campus.gateway.tenant_exports.take(ada(campus), export.id)
    with zipfile.ZipFile(BytesIO(b"".join(archive.content))) as opened:
        assert opened.testzip() is None
        return {
            each.removesuffix(".jsonl"): [*map(json.loads, opened.read(each).splitlines())]
            for each in opened.namelist()
            if each != "README.txt"
        }


def test_what_is_in_an_export_is_told_in_the_readers_language(campus: Campus) -> None:
    export = exported(campus)
    archive = campus.gateway.tenant_exports.take(ada(campus), export.id, lambda text: f"<{text}>")

    with zipfile.ZipFile(BytesIO(b"".join(archive.content))) as opened:
        told = opened.read("README.txt").decode().splitlines()

    assert [each for each in told if each and "<" not in each] == []
    assert "reports: <problems that were reported, with what was typed>" in told
    assert {f"{each}.jsonl" for each in PARTS} < set(opened.namelist())


def test_an_export_has_each_part_of_the_tenant_and_of_no_other(campus_on_both: Campus) -> None:
    campus = campus_on_both
    launch(campus)
    launch(campus, tenant="southbank")

    parts = taken(campus, exported(campus))

    assert list(parts) == list(PARTS)
    assert [each["name"] for each in parts["tenant"]] == ["Northfield"]
    assert [each["id"] for each in parts["registrations"]] == [campus.registration()]
    assert len(parts["launches"]) == len(parts["deployments"]) == 1
    assert campus.tenant("southbank") not in json.dumps(parts)


def test_an_export_has_no_name_of_a_launch_and_no_secret(campus: Campus) -> None:
    launch(campus)

    parts = taken(campus, exported(campus))

    text = json.dumps(parts)
    assert not any(each in text for each in NAMES)
    names = {name for rows in parts.values() for row in rows for name in row}
    assert not {each for each in names if "hash" in each or "sealed" in each or each == "key"} - {
        "key"
    }
    assert "identity_key" not in names


def test_many_launches_are_read_a_page_at_a_time(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatelodge.services.tenant_exports.AT_ONCE", 2)
    for _ in range(5):
        launch(campus)

    parts = taken(campus, exported(campus))

    assert len({each["id"] for each in parts["launches"]}) == 5


def test_what_operators_note_for_each_other_is_in_no_export(campus_on_both: Campus) -> None:
    campus, problems = campus_on_both, campus_on_both.gateway.problems
    mia = Caller.educator("mia", campus.tenant())
    # Nobody administers Northfield here, and so it is the operator's at once.
    reference = problems.report(mia, NewReport("a", text="It says no."))
    said = [(ada(campus), "Ours", True), (OTTO, "Theirs", True), (OTTO, "Answer", False)]
    for seen, (who, text, note) in enumerate(said, 1):
        problems.answer(who, reference, seen=seen, state="in_work", text=text, note=note)

    parts = taken(campus, exported(campus))

    assert {each["text"] for each in parts["report_messages"]} == {"Ours", "Answer"}


def test_what_no_key_opens_any_more_holds_up_no_export(campus_on_both: Campus) -> None:
    campus = campus_on_both
    mia = Caller.educator("mia", campus.tenant())
    reference = campus.gateway.problems.report(mia, NewReport("a", text="It says no."))
    campus.gateway.problems.answer(
        ada(campus), reference, seen=1, state="in_work", text="Which?", note=False
    )
    campus.database.write(
        lambda connection: [
            connection.execute(update(table).values(sealed=b"damaged"))
            for table in (tables.problem_reports, tables.report_messages)
        ]
    )

    parts = taken(campus, exported(campus))

    assert [each["typed"] for each in parts["reports"]] == [None]
    assert {each["text"] for each in parts["report_messages"] if "text" in each} == {None}


def test_a_new_one_takes_the_place_of_the_one_before(campus_on_both: Campus) -> None:
    campus = campus_on_both
    cleo, southbank = Caller.admin("cleo", campus.tenant("southbank")), "southbank"
    campus.gateway.tenant_exports.ask(cleo, southbank)
    first = exported(campus)
    old = campus.gateway.tenant_exports.take(ada(campus), first.id)

    second = exported(campus)

    listed = campus.gateway.tenant_exports.list(ada(campus), "northfield")
    assert [each.id for each in listed] == [second.id]
    assert len(campus.gateway.tenant_exports.list(cleo, southbank)) == 1
    assert campus.rows()["export_pages"] == first.pages + second.pages
    # Whoever was taking it must not think that they have all of it.
    with pytest.raises(ExportNotFound):
        b"".join(old.content)


def test_one_is_made_at_a_time(campus: Campus) -> None:
    service = campus.gateway.tenant_exports

    assert service.ask(ada(campus), "northfield")
    assert not service.ask(OTTO, "northfield")
    assert service.ask(OTTO, "southbank")


def test_asking_and_taking_are_written_down(campus: Campus) -> None:
    export = exported(campus)
    campus.gateway.tenant_exports.take(ada(campus), export.id)

    events = campus.database.read(lambda connection: audit.list_about(connection, [export.id]))
    assert {each.tag for each in events} == {"export.asked", "export.taken"}


def test_an_export_is_the_tenants_alone_and_for_administrators(campus: Campus) -> None:
    export = exported(campus)
    service = campus.gateway.tenant_exports
    cleo = Caller.admin("cleo", campus.tenant("southbank"))

    with pytest.raises(ExportNotFound):
        service.take(cleo, export.id)
    with pytest.raises(TenantNotFound):
        service.ask(cleo, "northfield")
    with pytest.raises(NotAllowed):
        service.take(Caller.educator("ben", campus.tenant()), export.id)


def test_what_is_not_ready_or_a_day_old_is_not_there(campus: Campus) -> None:
    service = campus.gateway.tenant_exports
    service.ask(ada(campus), "northfield")
    [begun] = service.list(ada(campus), "northfield")
    with pytest.raises(ExportNotFound):
        service.take(ada(campus), begun.id)
    work(campus)

    campus.clock.now += 24 * 3600 + 1

    with pytest.raises(ExportNotFound):
        service.take(ada(campus), begun.id)
    assert service.list(ada(campus), "northfield") == []


def test_what_is_old_goes_pages_first(campus: Campus) -> None:
    export = exported(campus)
    campus.clock.now += 2 * 24 * 3600

    while campus.database.write(
        lambda connection: exports.purge(connection, campus.clock() - 24 * 3600)
    ):
        pass

    assert campus.database.read(lambda connection: exports.get(connection, None, export.id)) is None


def test_a_page_that_somebody_else_read_is_not_read_twice(campus: Campus) -> None:
    service = campus.gateway.tenant_exports
    service.ask(ada(campus), "northfield")
    [begun] = service.list(ada(campus), "northfield")
    service._read_page(begun.id)

    again = campus.database.write(lambda connection: exports.go_on(connection, begun, begun))

    assert not again
