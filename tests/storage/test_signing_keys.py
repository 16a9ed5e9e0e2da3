from __future__ import annotations

import pytest

from gatelodge.storage import registrations, signing_keys
from gatelodge.storage.signing_keys import SigningKey
from tests.storage.cast import NOW, Cast, a_key

DAY = 24 * 3600


@pytest.fixture(params=["tools", "client"])
def owner(request: pytest.FixtureRequest, cast: Cast) -> str | None:
    return cast.north_client.id if request.param == "client" else None


def add(cast: Cast, owner: str | None, **changes: object) -> SigningKey:
    key = a_key(owner, **changes)
    cast.write(signing_keys.add, key)
    return key


def rotated(cast: Cast, owner: str | None) -> tuple[SigningKey, SigningKey]:
    """A key, and the one that signs after it."""
    first = add(cast, owner)
    second = add(
        cast,
        owner,
        published_at=first.signs_until - DAY,
        signs_from=first.signs_until,
        signs_until=first.signs_until + 90 * DAY,
        published_until=first.signs_until + 104 * DAY,
    )
    return first, second


def test_keys_are_published_before_and_after_they_sign(cast: Cast, owner: str | None) -> None:
    first, second = rotated(cast, owner)
    add(cast, cast.south_client.id)

    def published(now: float) -> list[SigningKey]:
        return cast.read(signing_keys.list_published, owner, now)

    assert published(first.published_at - 1) == []
    assert published(first.published_at) == [first]
    assert published(second.published_at) == [first, second]
    assert published(first.published_until) == [second]


def test_the_newest_key_that_may_signs(cast: Cast, owner: str | None) -> None:
    first, second = rotated(cast, owner)

    def current(now: float, algorithm: str = "RS256") -> SigningKey | None:
        return cast.read(signing_keys.current, owner, algorithm, now)

    assert current(first.signs_from - 1) is None
    assert current(first.signs_until - 1) == first
    assert current(second.signs_from) == second
    assert current(second.signs_from, "ES256") is None


def test_a_revoked_key_is_neither_published_nor_used(cast: Cast, owner: str | None) -> None:
    key = add(cast, owner)

    assert cast.write(signing_keys.revoke, key.id, NOW + DAY)
    assert not cast.write(signing_keys.revoke, key.id, NOW + DAY)
    assert not cast.write(signing_keys.revoke, "unknown", NOW)

    assert cast.read(signing_keys.list_published, owner, NOW + DAY) == []
    assert cast.read(signing_keys.current, owner, "RS256", NOW + DAY) is None
    (stored,) = cast.read(signing_keys.list_all, owner)
    assert stored.revoked_at == NOW + DAY


def test_a_key_without_successor_is_due_when_its_end_comes_near(
    cast: Cast, owner: str | None
) -> None:
    first = add(cast, owner)
    add(cast, owner, algorithm="ES256", signs_until=first.signs_until + DAY)

    assert cast.read(signing_keys.due_for_rotation, first.signs_until) == []
    assert cast.read(signing_keys.due_for_rotation, first.signs_until + 1) == [first]


def test_a_key_with_a_successor_is_not_due(cast: Cast, owner: str | None) -> None:
    _, second = rotated(cast, owner)

    assert cast.read(signing_keys.due_for_rotation, second.signs_until) == []
    assert cast.read(signing_keys.due_for_rotation, second.signs_until + 1) == [second]


def test_a_revoked_successor_does_not_count(cast: Cast, owner: str | None) -> None:
    first, second = rotated(cast, owner)
    cast.write(signing_keys.revoke, second.id, NOW)

    assert cast.read(signing_keys.due_for_rotation, first.signs_until + 1) == [first]


def test_keys_of_a_client_in_the_bin_are_not_rotated(cast: Cast) -> None:
    key = add(cast, cast.north_client.id)
    cast.write(registrations.delete, None, cast.north.id, now=NOW)

    assert cast.read(signing_keys.due_for_rotation, key.signs_until + 1) == []


def test_keys_are_purged_when_they_are_long_gone(cast: Cast, owner: str | None) -> None:
    first, second = rotated(cast, owner)

    assert cast.write(signing_keys.purge, first.published_until) == 0
    assert cast.write(signing_keys.purge, first.published_until + 1) == 1
    assert cast.read(signing_keys.list_all, owner) == [second]
