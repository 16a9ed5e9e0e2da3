"""Changing a registration: on top of what was looked at, and asked first where launches would end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from gatelodge.services.caller import Caller
from gatelodge.services.errors import (
    ClientTaken,
    CutsOff,
    Invalid,
    NotAllowed,
    RegistrationChanged,
    RegistrationNotFound,
)
from gatelodge.storage import audit, catalogue
from gatelodge.storage.audit import AuditEvent
from gatelodge.storage.errors import DeploymentTaken
from tests.services.house import MOODLE, OTTO, House

A_GUID = "7aaa046f-50d4-4dc3-aac5-ac22e6d4339e"


def save(
    house: House, registration_id: str, caller: Caller | None = None, **changes: Any
) -> tuple[str, ...]:
    """Look, change, save; ``changes`` may hold `new_deployment`, `knowing` and `version`."""
    caller = caller or house.ada
    view = house.registration_edits.show(caller, registration_id)
    how = {
        name: changes.pop(name)
        for name in ("new_deployment", "knowing", "version")
        if name in changes
    }
    return house.registration_edits.save(
        caller,
        registration_id,
        replace(view.details, **changes),
        **{"version": view.version, **how},
    )


def events(house: House) -> list[AuditEvent]:
    return house.database.read(lambda c: audit.list_recent(c, None, limit=1000))


def test_every_detail_can_be_changed(house: House) -> None:
    view = house.register(house.ada)
    changes = {
        "name": "Another name",
        "unknown_deployments": "refuse",
        "platform": "other",
        "authorization_url": "https://new.example/auth",
        "token_url": "https://new.example/token",
        "key_set_url": "https://new.example/keys",
        "token_audience": "https://new.example",
        "leeway": 120,
    }

    changed = save(house, view.id, **changes)

    after = house.registration_edits.show(house.ada, view.id).details
    assert set(changed) == set(changes)
    assert {name: getattr(after, name) for name in changes} == changes
    event = events(house)[0]
    assert (event.tag, event.subject) == ("registration.changed", view.id)
    assert set(msgspec.json.decode(event.details)["fields"].split()) == set(changes)
    assert "new.example" not in event.details


def test_saving_without_a_change_changes_nothing(house: House) -> None:
    view = house.register(house.ada)

    assert save(house, view.id) == ()
    assert house.tags()[-1] == "registration.added"


@pytest.mark.parametrize(
    ("field", "value"), [("issuer", "https://new.example"), ("client_id", "newer")]
)
def test_what_cuts_launches_off_is_asked_first(house: House, field: str, value: str) -> None:
    view = house.register(house.ada)

    with pytest.raises(CutsOff) as caught:
        save(house, view.id, **{field: value})
    assert caught.value.fields == (field,)
    assert house.registration_edits.show(house.ada, view.id).details.issuer == MOODLE["issuer"]

    assert save(house, view.id, knowing=True, **{field: value}) == (field,)

    client = house.registrations.show(house.ada, view.id).overview.client
    assert getattr(client, field) == value
    assert client.id == view.overview.client.id


def test_a_new_issuer_is_found_by_launches_and_the_old_one_is_free(house: House) -> None:
    view = house.register(house.ada)

    save(house, view.id, issuer="https://new.example", client_id="new", knowing=True)

    def found(issuer: str, client_id: str) -> bool:
        return bool(
            house.database.read(lambda c: catalogue.client_by_issuer_and_id(c, issuer, client_id))
        )

    assert found("https://new.example", "new")
    assert not found(MOODLE["issuer"], MOODLE["client_id"])
    [sole] = house.database.read(
        lambda c: catalogue.clients_for_tool(c, "https://new.example", house.hello.id)
    )
    assert sole.client_id == "new"
    house.register(tenant="southbank")


def test_keys_and_deployments_stay_when_the_client_id_changes(house: House) -> None:
    view = house.register(house.ada, deployment_ids=("1",))
    before = house.signing_keys.public_key_set(view.id)

    save(house, view.id, client_id="new", knowing=True)

    after = house.registrations.show(house.ada, view.id)
    assert house.signing_keys.public_key_set(view.id) == before
    assert [each.deployment.deployment_id for each in after.deployments] == ["1"]


def test_registrations_on_the_same_client_change_along_and_their_history_says_so(
    house: House,
) -> None:
    house.tools.add(OTTO, "second", "Second", "https://second.example/launch")
    first, second = house.register(house.ada), house.register(house.ada, tool="second")

    others = house.registration_edits.show(house.ada, first.id).others
    save(house, first.id, client_id="new", knowing=True)

    assert [each.id for each in others] == [second.id]
    assert house.registration_edits.show(house.ada, second.id).details.client_id == "new"
    assert {each.subject for each in events(house) if each.tag == "registration.changed"} == {
        first.id,
        second.id,
    }


def test_two_people_do_not_overwrite_each_other_silently(house: House) -> None:
    view = house.register(house.ada)
    seen = house.registration_edits.show(house.ada, view.id).version
    save(house, view.id, name="First")

    with pytest.raises(RegistrationChanged):
        save(house, view.id, name="Second", version=seen)

    assert house.registration_edits.show(house.ada, view.id).details.name == "First"


def test_a_client_id_that_is_in_use_is_refused_without_saying_whose(house: House) -> None:
    house.register(tenant="southbank", client_id="theirs")
    view = house.register(house.ada)

    with pytest.raises(ClientTaken) as caught:
        save(house, view.id, client_id="theirs", knowing=True)

    assert "outhbank" not in f"{caught.value} {caught.value.hint}"
    assert (
        house.registration_edits.show(house.ada, view.id).details.client_id == MOODLE["client_id"]
    )


def test_a_deployment_can_be_added(house: House) -> None:
    view = house.register(house.ada, deployment_ids=("1",))

    assert save(house, view.id, new_deployment=" 2 ") == ("deployment_id",)

    after = house.registrations.show(house.ada, view.id)
    assert [each.deployment.deployment_id for each in after.deployments] == ["1", "2"]


def test_a_deployment_of_another_registration_cannot(house: House) -> None:
    house.tools.add(OTTO, "second", "Second", "https://second.example/launch")
    house.register(house.ada, deployment_ids=("1",))
    second = house.register(house.ada, tool="second")

    with pytest.raises(DeploymentTaken):
        save(house, second.id, new_deployment="1")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("token_url", "http://moodle.example"), ("leeway", 301), ("platform", "webct")],
)
def test_a_value_that_cannot_be_taken_is_named(house: House, field: str, value: Any) -> None:
    view = house.register(house.ada)

    with pytest.raises(Invalid) as caught:
        save(house, view.id, **{field: value})

    assert caught.value.field == field


# ----------------------------------------------------------------------- who may


def test_a_shared_client_is_the_operators_to_change(house: House) -> None:
    house.register(tenant="southbank", shared=True, client_id=A_GUID)
    view = house.register(tenant="northfield", shared=True, client_id=A_GUID)

    assert not house.registration_edits.show(house.ada, view.id).may_change_client
    assert house.registration_edits.show(house.ada, view.id).others == []
    assert save(house, view.id, name="Ours") == ("name",)
    with pytest.raises(NotAllowed):
        save(house, view.id, token_url="https://new.example/token")
    with pytest.raises(Invalid):
        save(house, view.id, new_deployment="2")
    assert save(house, view.id, OTTO, token_url="https://new.example/token") == ("token_url",)


def test_other_tenants_and_educators_change_nothing(house: House) -> None:
    view = house.register(house.ada)
    seen = house.registration_edits.show(house.ada, view.id)

    for caller, refusal in ((house.cleo, RegistrationNotFound), (house.ben, NotAllowed)):
        with pytest.raises(refusal):
            house.registration_edits.show(caller, view.id)
        with pytest.raises(refusal):
            house.registration_edits.save(caller, view.id, seen.details, version=seen.version)


def test_what_is_in_the_bin_is_not_changed(house: House) -> None:
    view = house.register(house.ada)
    house.registrations.delete(house.ada, view.id)

    with pytest.raises(RegistrationNotFound):
        house.registration_edits.show(house.ada, view.id)


def test_a_changed_registration_is_restored_under_its_new_client_id(house: House) -> None:
    view = house.register(house.ada)
    save(house, view.id, issuer="https://new.example", knowing=True)
    house.registrations.delete(house.ada, view.id)

    house.registrations.restore(house.ada, view.id)

    assert house.registration_edits.show(house.ada, view.id).details.issuer == "https://new.example"
