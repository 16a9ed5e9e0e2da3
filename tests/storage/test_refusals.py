from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from gatelodge.storage import refusals
from tests.storage.cast import NORTHFIELD, NOW, SOUTHBANK, Cast, a_refusal


def add_unproven(cast: Cast, group: str, count: int = 1, *, last_at: int = NOW) -> str:
    row = a_refusal(proven=False, group_key=group)
    cast.write(refusals.add_unproven, group, row, count, last_at=last_at)
    return row.id


def test_a_refusal_is_found_by_its_trace_id(cast: Cast) -> None:
    row = a_refusal(trace_id="AAAA-BBBB", details='{"sent": "Å"}')
    cast.write(refusals.add_proven, row)

    assert cast.read(refusals.get_by_trace_id, NORTHFIELD.id, "AAAA-BBBB") == row
    assert cast.read(refusals.get_by_trace_id, None, "aaaa-bbbb") is None


def test_proven_and_unproven_are_listed_apart(cast: Cast) -> None:
    proven = [a_refusal(), a_refusal(tenant_id=SOUTHBANK.id), a_refusal()]
    for row in proven:
        cast.write(refusals.add_proven, row)
    unproven = add_unproven(cast, "group")

    def ids(tenant_id: str | None, *, proven: bool = True, **page: object) -> list[str]:
        found = cast.read(refusals.list_recent, tenant_id, proven=proven, **page)
        return [each.id for each in found]

    assert ids(None) == [row.id for row in reversed(proven)]
    assert ids(None, before=proven[2].id, limit=1) == [proven[1].id]
    assert ids(SOUTHBANK.id) == [proven[1].id]
    assert ids(NORTHFIELD.id, proven=False) == [unproven]


def test_unproven_refusals_of_a_group_are_counted_in_one_row(cast: Cast) -> None:
    first = add_unproven(cast, "group", last_at=NOW)
    add_unproven(cast, "group", 40, last_at=NOW + 7)
    add_unproven(cast, "other group")

    found = {each.id: each for each in cast.read(refusals.list_recent, None, proven=False)}

    assert len(found) == 2
    assert (found[first].count, found[first].last_at) == (41, NOW + 7)


def test_no_count_is_lost_among_processes(cast: Cast) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: add_unproven(cast, "group", 3), range(40)))

    (found,) = cast.read(refusals.list_recent, None, proven=False)
    assert found.count == 120


def test_proven_refusals_go_when_they_are_old(cast: Cast) -> None:
    rows = [a_refusal(last_at=NOW + number) for number in range(5)]
    for row in rows:
        cast.write(refusals.add_proven, row)
    add_unproven(cast, "group")

    removed = [cast.write(refusals.purge, NOW + 3, limit=2) for _ in range(3)]

    assert removed == [2, 1, 0]
    assert len(cast.read(refusals.list_recent, None)) == 2
    assert len(cast.read(refusals.list_recent, None, proven=False)) == 1


def test_a_flood_of_unproven_refusals_pushes_out_its_own_only(cast: Cast) -> None:
    cast.write(refusals.add_proven, a_refusal())
    added = [add_unproven(cast, f"group {number}", last_at=NOW + 9) for number in range(12)]

    removed = [cast.write(refusals.purge_unproven, NOW, keep=5, limit=4) for _ in range(3)]

    kept = cast.read(refusals.list_recent, None, proven=False)
    assert removed == [4, 3, 0]
    assert [each.id for each in reversed(kept)] == added[-5:]
    assert len(cast.read(refusals.list_recent, None)) == 1


def test_unproven_refusals_go_when_they_are_old(cast: Cast) -> None:
    add_unproven(cast, "old", last_at=NOW - 1)
    add_unproven(cast, "young", last_at=NOW)

    assert cast.write(refusals.purge_unproven, NOW) == 1
    assert len(cast.read(refusals.list_recent, None, proven=False)) == 1
