"""A draft of a registration: saved at each step, one tab at a time, and added in the end."""

from __future__ import annotations

from typing import Any

import pytest

from gatelodge.lti.registration import DeploymentState, UnknownDeployments
from gatelodge.services import drafts as service
from gatelodge.services.caller import Caller
from gatelodge.services.drafts import OWN, SHARED, Draft
from gatelodge.services.errors import (
    ClientTaken,
    DraftChanged,
    DraftNotFound,
    Invalid,
    NoBaseAddress,
    NotAllowed,
    RegistrationNotFound,
    TooManyDrafts,
)
from gatelodge.services.registrations import ClientStanding
from gatelodge.storage import deployment_requests
from gatelodge.storage.database import Database
from gatelodge.storage.deployment_requests import DeploymentRequest
from gatelodge.storage.errors import DeploymentTaken
from tests.services.house import MOODLE, OTTO, House

A_GUID = "7aaa046f-50d4-4dc3-aac5-ac22e6d4339e"
VALUES = {
    "name": "Moodle of Chemistry",
    "platform": "moodle",
    "issuer": MOODLE["issuer"],
    "client_id": MOODLE["client_id"],
    "deployment_id": "23",
    "authorization_url": MOODLE["authorization_url"],
    "token_url": MOODLE["token_url"],
    "key_set_url": MOODLE["key_set_url"],
}


def begun(house: House, caller: Caller | None = None, **values: str) -> Draft:
    return house.drafts.begin(caller or house.ada, {"tool": "hello", **values})


def filled(house: House, **changes: str) -> Draft:
    draft = begun(house)
    return house.drafts.save(house.ada, draft.id, VALUES | changes, step=5, version=draft.version)


def requests(house: House) -> list[DeploymentRequest]:
    return house.database.read(lambda c: deployment_requests.list_all(c, None))


def shared(house: House, **changes: Any) -> str:
    """The id of a platform client that the operator shares; Southbank is on it already."""
    values = {
        "name": "Blackboard",
        "platform": "blackboard",
        "issuer": "https://blackboard.com",
        "client_id": A_GUID,
        **changes,
    }
    view = house.register(tenant="southbank", shared=True, deployment_ids=("souths",), **values)
    return view.overview.client.id


# ----------------------------------------------------------------------- from step to step


def test_a_draft_is_saved_and_resumed(house: House) -> None:
    draft = begun(house)
    house.drafts.save(
        house.ada, draft.id, {"name": "Moodle", "platform": "moodle"}, step=3, version=1
    )

    [found] = house.drafts.list(house.ada)

    assert (found.name, found.tool_id, found.step, found.version) == ("Moodle", "hello", 3, 2)
    assert found.platform is not None
    assert found.platform.id == "moodle"
    assert found == house.drafts.show(house.ada, draft.id)
    assert house.tags()[-1] == "draft.begun"


def test_a_draft_survives_another_gateway_on_the_same_database(house: House) -> None:
    draft = begun(house, name="Moodle")

    beside = House(house.database, house.clock)

    assert beside.drafts.show(house.ada, draft.id) == draft


def test_going_back_a_step_loses_nothing(house: House) -> None:
    draft = filled(house)

    again = house.drafts.save(
        house.ada, draft.id, {"name": "Another"}, step=2, version=draft.version
    )

    assert (again.step, again.name, again.value("client_id")) == (5, "Another", MOODLE["client_id"])


def test_two_tabs_do_not_overwrite_each_other_silently(house: House) -> None:
    draft = begun(house)
    first = house.drafts.save(house.ada, draft.id, {"name": "First"}, step=3, version=draft.version)

    with pytest.raises(DraftChanged):
        house.drafts.save(house.ada, draft.id, {"name": "Second"}, step=3, version=draft.version)

    assert house.drafts.show(house.ada, draft.id) == first


def test_what_is_no_field_is_not_kept_and_what_no_database_takes_is_left_out(house: House) -> None:
    draft = begun(house, name="a\0b\ud800c", evil="x", issuer="y" * 20_000)

    assert draft.name == house.drafts.show(house.ada, draft.id).name == "abc"
    assert "evil" not in draft.values
    assert len(draft.value("issuer")) == service.LONGEST


def test_a_tenant_has_so_many_drafts_and_no_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_DRAFTS", 1)
    begun(house)

    with pytest.raises(TooManyDrafts):
        begun(house)

    assert begun(house, house.cleo).tenant_id == house.southbank.id


# ----------------------------------------------------------------------- whose it is


def test_colleagues_go_on_with_a_draft_and_other_tenants_know_nothing_of_it(house: House) -> None:
    draft = begun(house)
    colleague = Caller.admin("another admin", house.northfield.id)

    assert house.drafts.show(colleague, draft.id) == draft
    assert house.drafts.list(house.cleo) == []
    for attempt in (
        lambda: house.drafts.show(house.cleo, draft.id),
        lambda: house.drafts.save(house.cleo, draft.id, {}, step=2, version=1),
        lambda: house.drafts.delete(house.cleo, draft.id),
        lambda: house.drafts.finish(house.cleo, draft.id, version=1),
    ):
        with pytest.raises(DraftNotFound):
            attempt()


def test_an_educator_and_the_operator_have_no_drafts(house: House) -> None:
    for caller in (house.ben, OTTO):
        with pytest.raises(NotAllowed):
            begun(house, caller)
        with pytest.raises(NotAllowed):
            house.drafts.list(caller)


# ----------------------------------------------------------------------- our keys


def test_the_key_set_is_there_from_the_draft_on(house: House) -> None:
    draft = begun(house)

    before = house.signing_keys.public_key_set(draft.registration_id)["keys"]
    filled_draft = house.drafts.save(house.ada, draft.id, VALUES, step=5, version=draft.version)
    added = house.drafts.finish(house.ada, draft.id, version=filled_draft.version)

    assert len(before) == 1
    assert added.id == draft.registration_id
    assert house.signing_keys.public_key_set(added.id)["keys"] == before


def test_our_keys_are_those_that_the_registration_will_have(house: House) -> None:
    draft = filled(house)

    ours = house.drafts.our_keys(house.ada, draft)

    house.drafts.finish(house.ada, draft.id, version=draft.version)
    view = house.registrations.show(house.ada, draft.registration_id)
    assert ours.key_set_url == view.keyset_url
    assert ours.oidc_initiation_url == view.login_url
    assert (ours.target_link_uri, *ours.redirect_uris) == (view.launch_url, view.launch_url)
    assert (ours.name, ours.domain) == ("Hello", "lti.example")


def test_without_a_base_address_there_are_no_keys_to_tell(database: Database) -> None:
    house = House(database, base="").settle()

    with pytest.raises(NoBaseAddress):
        house.drafts.our_keys(house.ada, begun(house))


def test_a_deleted_draft_is_gone_with_its_key_set(house: House) -> None:
    draft = begun(house)

    house.drafts.delete(house.ada, draft.id)

    assert house.drafts.list(house.ada) == []
    assert house.tags()[-1] == "draft.deleted"
    with pytest.raises(RegistrationNotFound):
        house.signing_keys.public_key_set(draft.registration_id)
    with pytest.raises(DraftNotFound):
        house.drafts.delete(house.ada, draft.id)


# ----------------------------------------------------------------------- adding


def test_a_draft_becomes_the_registration_that_it_says(house: House) -> None:
    draft = filled(house)

    added = house.drafts.finish(house.ada, draft.id, version=draft.version)

    view = house.registrations.show(house.ada, added.id)
    client = view.overview.client
    assert (client.issuer, client.client_id) == (MOODLE["issuer"], MOODLE["client_id"])
    assert (client.platform, client.token_audience) == ("moodle", None)
    assert client.id == draft.platform_client_id
    assert [each.deployment.deployment_id for each in view.deployments] == ["23"]
    assert added.unknown_deployments is UnknownDeployments.HOLD
    assert house.drafts.list(house.ada) == []
    assert house.tags()[-1] == "registration.added"


def test_a_draft_is_added_once(house: House) -> None:
    draft = filled(house)
    house.drafts.finish(house.ada, draft.id, version=draft.version)

    with pytest.raises(DraftNotFound):
        house.drafts.finish(house.ada, draft.id, version=draft.version)


def test_a_draft_that_another_tab_changed_is_not_added(house: House) -> None:
    draft = filled(house)
    house.drafts.save(house.ada, draft.id, {"name": "Other"}, step=5, version=draft.version)

    with pytest.raises(DraftChanged):
        house.drafts.finish(house.ada, draft.id, version=draft.version)

    assert house.registrations.list(house.ada) == []


def test_what_an_lms_does_not_show_follows_from_where_it_runs(house: House) -> None:
    draft = begun(house)
    draft = house.drafts.save(
        house.ada,
        draft.id,
        {"name": "Canvas", "platform": "canvas", "environment": "beta", "client_id": "17"},
        step=5,
        version=draft.version,
    )

    added = house.drafts.finish(house.ada, draft.id, version=draft.version)

    client = house.registrations.show(house.ada, added.id).overview.client
    assert client.issuer == "https://canvas.beta.instructure.com"
    assert client.key_set_url == "https://sso.beta.canvaslms.com/api/lti/security/jwks"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", ""),
        ("token_url", "http://moodle.example/token"),
        ("client_id", "a b"),
        ("name", ""),
    ],
)
def test_a_value_that_cannot_be_taken_is_named(house: House, field: str, value: str) -> None:
    draft = filled(house, **{field: value})

    with pytest.raises(Invalid) as caught:
        house.drafts.finish(house.ada, draft.id, version=draft.version)

    assert caught.value.field == field
    assert house.drafts.show(house.ada, draft.id) == draft


def test_a_client_of_another_tenant_is_refused_without_saying_whose(house: House) -> None:
    house.register(tenant="southbank")
    draft = filled(house)

    with pytest.raises(ClientTaken) as caught:
        house.drafts.finish(house.ada, draft.id, version=draft.version)

    assert "outhbank" not in f"{caught.value} {caught.value.hint}"
    assert house.drafts.show(house.ada, draft.id) == draft


def test_a_second_tool_joins_the_client_that_is_there(house: House) -> None:
    house.tools.add(OTTO, "second", "Second", "https://second.example/launch")
    first = house.register(house.ada)
    draft = begun(house)
    draft = house.drafts.save(
        house.ada,
        draft.id,
        VALUES | {"tool": "second", "deployment_id": ""},
        step=5,
        version=draft.version,
    )

    added = house.drafts.finish(house.ada, draft.id, version=draft.version)

    assert added.platform_client_id == first.overview.client.id
    keys = [house.signing_keys.public_key_set(each) for each in (first.id, added.id)]
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("who", "standing"),
    [
        ("northfield", ClientStanding.OWN),
        ("southbank", ClientStanding.TAKEN),
    ],
)
def test_where_a_client_id_stands(house: House, who: str, standing: ClientStanding) -> None:
    house.register(tenant=who)
    pair = (MOODLE["issuer"], MOODLE["client_id"])

    assert house.registrations.standing_of(house.ada, *pair) is standing
    assert house.registrations.standing_of(house.ada, pair[0], "free") is ClientStanding.FREE
    assert house.registrations.standing_of(house.ada, "a\0b", "\ud800") is ClientStanding.FREE


# ----------------------------------------------------------------------- on a shared client


def test_the_operators_shared_clients_are_offered_for_their_lms(house: House) -> None:
    client = shared(house)
    blackboard = begun(house, platform="blackboard")
    moodle = begun(house, platform="moodle")

    offered = house.drafts.shared_clients(house.ada, blackboard)

    assert [each.id for each in offered] == [client]
    assert list(house.drafts.shared_clients(house.ada, moodle)) == []


def test_a_draft_on_a_shared_client_asks_the_operator_for_its_deployment(house: House) -> None:
    client = shared(house)
    draft = begun(house, name="Our Blackboard", platform="blackboard", way=SHARED)
    draft = house.drafts.save(
        house.ada,
        draft.id,
        {"shared_client": client, "deployment_id": "norths"},
        step=5,
        version=draft.version,
    )

    added = house.drafts.finish(house.ada, draft.id, version=draft.version)

    [request] = requests(house)
    assert added.platform_client_id == client
    assert (request.registration_id, request.deployment_id) == (added.id, "norths")
    assert house.registrations.show(house.ada, added.id).deployments == ()
    assert house.tags()[-2:] == ["registration.added", "deployment.requested"]


def test_asking_for_anothers_deployment_takes_nothing_and_tells_nothing(house: House) -> None:
    client = shared(house)
    draft = begun(house, name="Sly", platform="blackboard", way=SHARED)
    draft = house.drafts.save(
        house.ada,
        draft.id,
        {"shared_client": client, "deployment_id": "souths"},
        step=5,
        version=draft.version,
    )

    house.drafts.finish(house.ada, draft.id, version=draft.version)

    [theirs] = house.deployments.list(house.cleo)
    assert theirs.deployment.state is DeploymentState.APPROVED
    assert house.deployments.list(house.ada) == []


def test_a_client_that_is_not_shared_cannot_be_chosen(house: House) -> None:
    private = house.register(tenant="southbank").overview.client.id
    draft = begun(house, name="Sly", platform="blackboard", way=SHARED, shared_client=private)

    with pytest.raises(Invalid) as caught:
        house.drafts.finish(house.ada, draft.id, version=draft.version)

    assert caught.value.field == "shared_client"


def test_a_shared_client_cannot_be_taken_by_typing_its_id(house: House) -> None:
    shared(house)
    draft = begun(
        house, name="Sly", platform="blackboard", way=OWN, client_id=A_GUID, deployment_id="souths"
    )

    with pytest.raises((ClientTaken, DeploymentTaken)):
        house.drafts.finish(house.ada, draft.id, version=draft.version)
