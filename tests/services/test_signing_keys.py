from __future__ import annotations

from collections.abc import Sequence

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from gatelodge.services.errors import (
    KeyNotFound,
    KeyRevokedAlready,
    NotAllowed,
    RegistrationNotFound,
    SealBroken,
)
from gatelodge.services.registrations import RegistrationView
from gatelodge.services.sealing import Sealer
from gatelodge.services.signing_keys import KeyView, SigningKeys
from gatelodge.storage import signing_keys as stored
from tests.services.house import OTTO, House


def signing(house: House, owner: str | None, algorithm: str = "RS256") -> str:
    return house.signing_keys.signing_key(owner, algorithm, house.clock()).id


def published(house: House, view: RegistrationView) -> list[str]:
    return [key["kid"] for key in house.signing_keys.public_key_set(view.id)["keys"]]


def states(keys: Sequence[KeyView]) -> list[str]:
    return [key.state.value for key in keys]


def test_what_we_sign_verifies_with_the_published_keys(house: House) -> None:
    for algorithm in ("RS256", "ES256"):
        signed_with = house.signing_keys.signing_key(None, algorithm, house.clock())
        token = jwt.encode({"alg": algorithm, "kid": signed_with.id}, {"a": 1}, signed_with.key)

        keys = KeySet.import_key_set(house.signing_keys.public_key_set_for_tools())
        assert jwt.decode(token, keys, algorithms=[algorithm]).claims == {"a": 1}


def test_what_is_signed_for_one_lms_does_not_verify_at_another(house: House) -> None:
    one, other = house.register(), house.register(client_id="other")
    key = house.signing_keys.signing_key(one.overview.client.id, "RS256", house.clock())
    token = jwt.encode({"alg": "RS256"}, {"a": 1}, key.key)

    published_to_other = house.signing_keys.public_key_set(other.id)["keys"][0]
    with pytest.raises(BadSignatureError):
        jwt.decode(token, KeySet.import_key_set({"keys": [published_to_other]}))
    assert published(house, one) != published(house, other)


def test_nothing_private_is_published(house: House) -> None:
    for key in house.signing_keys.public_key_set_for_tools()["keys"]:
        assert not key.keys() & {"d", "p", "q", "dp", "dq", "qi"}
        assert {"kty", "kid", "use", "alg"} <= key.keys()


def test_private_keys_are_sealed(house: House) -> None:
    house.signing_keys.ensure(None)
    stranger = SigningKeys(
        house.database, house.clock, house.ids, Sealer(["another secret key"]), house.audit
    )

    with pytest.raises(SealBroken):
        stranger.signing_key(None, "RS256", house.clock())


def test_a_registration_that_is_not_there_has_no_key_set(house: House) -> None:
    with pytest.raises(RegistrationNotFound):
        house.signing_keys.public_key_set("nothing")


# ----------------------------------------------------------------------- rotation


def test_a_key_is_replaced_before_its_end_and_the_new_one_is_published_a_day_before_it_signs(
    house: House,
) -> None:
    view = house.register()
    owner = view.overview.client.id
    first = signing(house, owner)

    house.clock.pass_days(88.5)
    assert house.signing_keys.rotate_due(house.clock()) == 1
    assert house.signing_keys.rotate_due(house.clock()) == 0
    second = published(house, view)[1]

    assert published(house, view) == [first, second]
    assert signing(house, owner) == first
    house.clock.pass_days(1)
    assert signing(house, owner) == second
    house.clock.pass_days(14)
    assert published(house, view) == [first, second]
    house.clock.pass_days(1)
    assert published(house, view) == [second]


def test_a_gateway_that_slept_for_long_signs_with_a_new_key_at_once(house: House) -> None:
    view = house.register()
    first = signing(house, view.overview.client.id)

    house.clock.pass_days(200)

    assert signing(house, view.overview.client.id) != first
    assert published(house, view) == [signing(house, view.overview.client.id)]


def test_a_key_that_ends_sooner_than_in_a_day_is_followed_without_a_gap(house: House) -> None:
    view = house.register()
    house.clock.pass_days(89.9)

    house.signing_keys.rotate_due(house.clock())
    house.clock.pass_days(0.2)

    assert signing(house, view.overview.client.id) == published(house, view)[1]


def test_keys_of_a_registration_in_the_bin_are_not_replaced(house: House) -> None:
    house.registrations.delete(OTTO, house.register().id)
    house.clock.pass_days(89)

    assert house.signing_keys.rotate_due(house.clock()) == 0


def test_rotating_by_hand_publishes_a_key_that_signs_after_a_day(house: House) -> None:
    view = house.register()
    owner = view.overview.client.id
    first = signing(house, owner)

    [new] = house.signing_keys.rotate(house.ada, view.id)

    assert (new.state, signing(house, owner)) == ("next", first)
    house.clock.pass_days(1)
    assert signing(house, owner) == new.id
    assert states(house.signing_keys.list(house.ada)) == ["kept", "signing"]
    assert house.tags()[-1] == "key.rotated"


def test_keys_for_tools_are_rotated_for_both_algorithms(house: House) -> None:
    new = house.signing_keys.rotate(OTTO)

    assert [key.overview.key.algorithm for key in new] == ["RS256", "ES256"]
    assert states(house.signing_keys.list(OTTO)) == ["signing", "signing", "next", "next"]


# ----------------------------------------------------------------------- revoking


def test_a_revoked_key_is_unpublished_and_a_new_one_signs_at_once(house: House) -> None:
    view = house.register()
    owner = view.overview.client.id
    old = signing(house, owner)

    revoked, new = house.signing_keys.revoke(house.ada, old)

    assert (revoked.state, new.state) == ("revoked", "signing")
    assert published(house, view) == [new.id] == [signing(house, owner)]
    assert house.tags()[-2:] == ["key.revoked", "key.rotated"]


def test_revoking_a_key_that_does_not_sign_any_more_makes_none(house: House) -> None:
    view = house.register()
    old = signing(house, view.overview.client.id)
    house.signing_keys.rotate(OTTO, view.id)
    house.clock.pass_days(1.1)

    assert states(house.signing_keys.revoke(OTTO, old)) == ["revoked"]


def test_a_key_is_revoked_once(house: House) -> None:
    old = signing(house, house.register().overview.client.id)
    house.signing_keys.revoke(OTTO, old)

    with pytest.raises(KeyRevokedAlready):
        house.signing_keys.revoke(OTTO, old)


def test_another_process_learns_of_a_revoked_key_when_it_is_told_to_forget(house: House) -> None:
    elsewhere = SigningKeys(house.database, house.clock, house.ids, house.sealer, house.audit)
    old = elsewhere.signing_key(None, "ES256", house.clock()).id

    new = house.signing_keys.revoke(OTTO, old)[1].id
    elsewhere.forget(None)

    assert elsewhere.signing_key(None, "ES256", house.clock()).id == new


def test_a_key_that_is_revoked_while_it_is_read_is_not_kept(house: House) -> None:
    old = signing(house, None)

    class Sealed(Sealer):
        """While it opens the key, another process revokes it and this one hears of that."""

        def open(self, sealed: bytes, *, purpose: str, about: str) -> bytes:
            if about == old:
                house.signing_keys.revoke(OTTO, old)
                here.forget(None)
            return house.sealer.open(sealed, purpose=purpose, about=about)

    sealed = Sealed(["a secret key that is long enough for tests"])
    here = SigningKeys(house.database, house.clock, house.ids, sealed, house.audit)
    here.signing_key(None, "RS256", house.clock())

    assert here.signing_key(None, "RS256", house.clock()).id != old


def test_revoked_and_past_keys_are_listed_on_demand(house: House) -> None:
    house.signing_keys.revoke(OTTO, signing(house, None))
    house.clock.pass_days(200)
    signing(house, None)

    assert states(house.signing_keys.list(OTTO)) == ["signing", "signing"]
    assert set(states(house.signing_keys.list(OTTO, everything=True))) == {
        "revoked",
        "over",
        "signing",
    }


# ----------------------------------------------------------------------- whose keys


def test_a_tenant_sees_and_changes_the_keys_of_its_own_clients_only(house: House) -> None:
    mine = house.register(house.ada)
    shared = house.register(shared=True, client_id="shared")
    house.signing_keys.ensure(None)
    [own] = house.signing_keys.list(house.ada)

    assert own.overview.client == mine.overview.client
    assert house.signing_keys.list(house.cleo) == []
    with pytest.raises(KeyNotFound):
        house.signing_keys.revoke(house.cleo, own.id)
    with pytest.raises(RegistrationNotFound):
        house.signing_keys.rotate(house.cleo, mine.id)
    with pytest.raises(NotAllowed, match="shared platform client"):
        house.signing_keys.rotate(house.ada, shared.id)
    with pytest.raises(NotAllowed):
        house.signing_keys.rotate(house.ada)
    with pytest.raises(KeyNotFound):
        house.signing_keys.revoke(house.ada, signing(house, None))


def test_of_two_processes_that_find_no_key_one_makes_it(house: House) -> None:
    other = SigningKeys(house.database, house.clock, house.ids, house.sealer, house.audit)

    house.signing_keys.ensure(None)
    other.ensure(None)

    keys = house.database.read(lambda connection: stored.list_all(connection, None))
    assert [key.algorithm for key in keys] == ["RS256", "ES256"]
