"""Drafts are saved whole, by one tab at a time, and take their signing keys along when they go."""

from __future__ import annotations

from gatelodge.storage import (
    deployment_requests,
    overviews,
    platform_clients,
    registration_drafts,
    registrations,
    signing_keys,
)
from tests.storage.cast import NORTHFIELD, NOW, Cast, a_client, a_draft, a_key, a_request

DAY = 24 * 3600


def save(cast: Cast, draft_id: str, content: str, *, version: int) -> bool:
    return cast.write(
        registration_drafts.save, None, draft_id, content, step=4, version=version, now=NOW + 5
    )


def test_a_draft_comes_back_as_it_was_saved(cast: Cast) -> None:
    cast.write(registration_drafts.add, a_draft(id="draft"))

    assert save(cast, "draft", '{"name": "Moodle"}', version=1)

    found = cast.read(registration_drafts.get, None, "draft")
    assert found is not None
    assert (found.content, found.step, found.version) == ('{"name": "Moodle"}', 4, 2)
    assert (found.created_at, found.updated_at) == (NOW, NOW + 5)


def test_of_two_tabs_the_second_is_told(cast: Cast) -> None:
    cast.write(registration_drafts.add, a_draft(id="draft"))

    saved = [save(cast, "draft", each, version=1) for each in ('"first"', '"second"')]

    found = cast.read(registration_drafts.get, None, "draft")
    assert saved == [True, False]
    assert found is not None
    assert found.content == '"first"'


def test_the_newest_draft_comes_first_and_pages_follow(cast: Cast) -> None:
    for each in ("draft-1", "draft-2", "draft-3"):
        cast.write(registration_drafts.add, a_draft(id=each))

    first = cast.read(registration_drafts.list_all, NORTHFIELD.id, limit=2)
    rest = cast.read(registration_drafts.list_all, NORTHFIELD.id, before=first[-1].id)

    assert [each.id for each in [*first, *rest]] == ["draft-3", "draft-2", "draft-1"]


def test_a_draft_that_goes_takes_its_keys_along(cast: Cast) -> None:
    draft = a_draft()
    cast.write(registration_drafts.add, draft)
    cast.write(signing_keys.add, a_key(draft.platform_client_id))

    assert cast.write(registration_drafts.remove, None, draft.id)

    assert cast.read(signing_keys.list_all, draft.platform_client_id) == []
    assert not cast.write(registration_drafts.remove, None, draft.id)


def test_a_draft_that_became_a_registration_leaves_its_keys(cast: Cast) -> None:
    draft = a_draft()
    cast.write(registration_drafts.add, draft)
    cast.write(signing_keys.add, a_key(draft.platform_client_id))
    client = a_client(id=draft.platform_client_id, client_id="of the draft")
    cast.write(platform_clients.add, client, created_at=NOW)

    cast.write(registration_drafts.remove, None, draft.id)

    assert len(cast.read(signing_keys.list_all, client.id)) == 1


def test_a_draft_of_another_version_stays(cast: Cast) -> None:
    cast.write(registration_drafts.add, a_draft(id="draft", version=2))

    assert not cast.write(registration_drafts.remove, None, "draft", version=1)
    assert cast.read(registration_drafts.get, None, "draft") is not None


def test_old_drafts_are_purged_with_their_keys(cast: Cast) -> None:
    old, young = a_draft(updated_at=NOW - 91 * DAY), a_draft(updated_at=NOW - 89 * DAY)
    for each in (old, young):
        cast.write(registration_drafts.add, each)
        cast.write(signing_keys.add, a_key(each.platform_client_id))

    assert cast.write(registration_drafts.purge, NOW - 90 * DAY) == 1

    assert [each.id for each in cast.read(registration_drafts.list_all, None)] == [young.id]
    assert cast.read(signing_keys.list_all, old.platform_client_id) == []
    assert len(cast.read(signing_keys.list_all, young.platform_client_id)) == 1
    assert cast.write(registration_drafts.purge, NOW - 90 * DAY) == 0


def test_keys_of_drafts_are_in_no_list_of_keys(cast: Cast) -> None:
    draft = a_draft()
    cast.write(registration_drafts.add, draft)
    cast.write(signing_keys.add, a_key(draft.platform_client_id))
    cast.write(signing_keys.add, a_key(cast.north_client.id))
    cast.write(signing_keys.add, a_key(None))

    shown = cast.read(overviews.list_keys, None)

    assert {each.key.platform_client_id for each in shown} == {cast.north_client.id, None}


def test_a_registration_that_is_purged_takes_its_requests_along(cast: Cast) -> None:
    cast.write(deployment_requests.add, a_request(cast.north))
    cast.write(registrations.delete, None, cast.north.id, now=NOW)

    cast.write(registrations.purge_bin, NOW + 1)

    assert cast.read(deployment_requests.list_all, None) == []
