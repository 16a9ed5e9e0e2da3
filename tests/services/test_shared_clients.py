from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatelodge.lti.registration import DeploymentState
from gatelodge.services.errors import (
    ClientChangedMeanwhile,
    ClientExists,
    ClientInUse,
    DeploymentNotFound,
    DeploymentRequestNotFound,
    Invalid,
    NotAllowed,
    SharedClientNotFound,
)
from gatelodge.services.registrations import GivenOut, NewOnShared
from gatelodge.services.shared_clients import ClientDetails, SharedClientView, details_of
from gatelodge.storage import deployments
from gatelodge.storage.errors import DeploymentTaken
from tests.services.house import OTTO, House
from tests.storage.cast import a_deployment

BLACKBOARD = ClientDetails(
    platform="blackboard",
    authorization_url="https://developer.blackboard.com/api/v1/gateway/oidcauth",
    token_url="https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken",
    key_set_url="https://developer.blackboard.com/api/v1/management/applications/key-set",
)
ISSUER, CLIENT_ID = "https://blackboard.com", "0a1b2c3d"


def share(house: House, **changes: Any) -> SharedClientView:
    given = {"issuer": ISSUER, "client_id": CLIENT_ID, "details": BLACKBOARD, **changes}
    return house.shared_clients.add(OTTO, **given)


def join(house: House, client: SharedClientView, who: str, *deployment_ids: str) -> str:
    """A registration of this tenant on the client, with deployments that it says are its own."""
    caller = {"northfield": house.ada, "southbank": house.cleo}[who]
    new = NewOnShared(
        tenant=who,
        tool="hello",
        name=f"{who}'s Blackboard",
        platform_client=client.client.id,
        deployment_ids=deployment_ids,
    )
    given_out = GivenOut(house.ids.new(), house.ids.new())
    return house.database.write(
        lambda c: house.registrations.write_on_shared(caller, c, new, given_out)
    ).id


def wait(house: House, client: SharedClientView, deployment_id: str) -> str:
    """The id of the row of a deployment that was met for the first time."""
    met = a_deployment(client.client, None, id=house.ids.new(), deployment_id=deployment_id)
    house.database.write(lambda c: deployments.add(c, met, first_seen_at=house.clock()))
    return met.id


# ---------------------------------------------------------------- adding and changing


def test_a_shared_client_is_nobodys_and_has_keys_of_its_own(house: House) -> None:
    shared = share(house)

    assert shared.client.tenant_id is None
    assert (shared.client.issuer, shared.client.client_id) == (ISSUER, CLIENT_ID)
    assert details_of(shared.client) == BLACKBOARD
    [key] = house.signing_keys.list(OTTO)
    assert key.overview.key.platform_client_id == shared.client.id
    assert house.tags()[-1] == "platform_client.added"


def test_what_looks_odd_is_said(house: House) -> None:
    shared = share(house, issuer="https://blackboard.com/ ")

    assert [warning.split(".")[0] for warning in shared.warnings] == [
        "Blanks around the issuer were left out",
        "The issuer ends with a slash",
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issuer": ""}, "issuer"),
        ({"client_id": "two words"}, "client_id"),
        ({"details": replace(BLACKBOARD, platform="palace")}, "platform"),
        ({"details": replace(BLACKBOARD, authorization_url="nowhere")}, "authorization_url"),
        ({"details": replace(BLACKBOARD, token_url="http://a.example")}, "token_url"),
        ({"details": replace(BLACKBOARD, key_set_url="")}, "key_set_url"),
        ({"details": replace(BLACKBOARD, algorithms=("none",))}, "algorithm"),
        ({"details": replace(BLACKBOARD, leeway=301)}, "leeway"),
        ({"details": replace(BLACKBOARD, service_origins=("a.example/b",))}, "service_origin"),
    ],
)
def test_what_cannot_be_a_client_names_its_field(
    house: House, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as invalid:
        share(house, **changes)

    assert invalid.value.field == field


def test_a_pair_is_there_once_whosever_it_is(house: House) -> None:
    house.register(house.ada, issuer=ISSUER, client_id=CLIENT_ID)

    with pytest.raises(ClientExists):
        share(house)


def test_its_addresses_are_changed_and_its_name_stays(house: House) -> None:
    shared = share(house)

    changed = house.shared_clients.change(
        OTTO, shared.client.id, replace(BLACKBOARD, leeway=10, token_audience="aud")
    )

    assert (changed.client.leeway, changed.client.token_audience) == (10, "aud")
    assert (changed.client.issuer, changed.client.id) == (ISSUER, shared.client.id)
    assert house.tags()[-1] == "platform_client.changed"


def test_two_people_do_not_overwrite_each_other(house: House) -> None:
    shared = share(house)
    house.shared_clients.change(OTTO, shared.client.id, replace(BLACKBOARD, leeway=1))

    with pytest.raises(ClientChangedMeanwhile):
        house.shared_clients.change(
            OTTO, shared.client.id, replace(BLACKBOARD, leeway=2), seen=shared.seen
        )

    assert house.shared_clients.show(OTTO, shared.client.id).client.leeway == 1


def test_a_tenants_own_client_is_not_among_them(house: House) -> None:
    private = house.register(house.ada).overview.client

    with pytest.raises(SharedClientNotFound):
        house.shared_clients.show(OTTO, private.id)
    with pytest.raises(SharedClientNotFound):
        house.shared_clients.change(OTTO, private.id, BLACKBOARD)
    with pytest.raises(SharedClientNotFound):
        house.shared_clients.delete(OTTO, private.id)
    assert house.shared_clients.search(OTTO, "", limit=9, offset=0) == ([], 0)


def test_a_client_is_deleted_when_nothing_uses_it(house: House) -> None:
    shared = share(house)
    registered = join(house, shared, "northfield")
    with pytest.raises(ClientInUse):
        house.shared_clients.delete(OTTO, shared.client.id)
    house.registrations.delete(house.ada, registered)

    house.shared_clients.delete(OTTO, shared.client.id)

    assert house.shared_clients.search(OTTO, "", limit=9, offset=0)[1] == 0
    assert house.tags()[-1] == "platform_client.deleted"


def test_those_with_something_to_decide_come_first(house: House) -> None:
    share(house)
    schoology = share(house, issuer="https://schoology.schoology.com", client_id="99")
    join(house, schoology, "northfield", "school-1")
    wait(house, schoology, "school-1")
    wait(house, schoology, "school-2")

    page, total = house.shared_clients.search(OTTO, "", limit=9, offset=0)

    assert total == 2
    assert [each.client.client_id for each in page] == ["99", CLIENT_ID]
    assert (page[0].registrations, page[0].waiting, page[0].requested) == (1, 2, 1)


def test_clients_are_searched_by_issuer_and_client_id(house: House) -> None:
    share(house)
    share(house, issuer="https://schoology.schoology.com", client_id="99")

    assert house.shared_clients.search(OTTO, "SCHOOLOGY", limit=9, offset=0)[1] == 1
    assert house.shared_clients.search(OTTO, "0a1b", limit=9, offset=0)[1] == 1
    assert house.shared_clients.search(OTTO, "%", limit=9, offset=0)[1] == 0


# ---------------------------------------------------------------- whose deployments are


def test_waiting_deployments_of_all_clients_are_one_queue(house: House) -> None:
    blackboard = share(house)
    schoology = share(house, issuer="https://schoology.schoology.com", client_id="99")
    wait(house, blackboard, "b-1")
    wait(house, schoology, "s-1")
    join(house, schoology, "southbank", "s-1")

    queue, total = house.shared_clients.search_waiting(OTTO, "", limit=9, offset=0)

    assert [(each.deployment_id, each.claimed) for each in queue] == [("s-1", 1), ("b-1", 0)]
    assert total == 2
    assert house.shared_clients.search_waiting(OTTO, "B-1", limit=9, offset=0)[1] == 1
    assert house.shared_clients.search_waiting(OTTO, "schoology", limit=9, offset=0)[1] == 1


def test_a_waiting_deployment_of_a_private_client_is_its_tenants_affair(house: House) -> None:
    private = house.register(house.ada).overview.client
    met = a_deployment(private, None, id=house.ids.new(), deployment_id="9")
    house.database.write(lambda c: deployments.add(c, met, first_seen_at=house.clock()))

    assert house.shared_clients.search_waiting(OTTO, "", limit=9, offset=0) == ([], 0)
    with pytest.raises(DeploymentNotFound):
        house.shared_clients.assignment(OTTO, private.id, met.id)


def test_an_assignment_offers_those_who_ask_first(house: House) -> None:
    shared = share(house)
    join(house, shared, "northfield")
    southbanks = join(house, shared, "southbank", "b-1")
    waiting = wait(house, shared, "b-1")

    assignment = house.shared_clients.assignment(OTTO, shared.client.id, waiting)

    assert [each.tenant_slug for each in assignment.registrations] == ["southbank", "northfield"]
    assert [each.registration_id for each in assignment.requests] == [southbanks]


def test_assigning_a_deployment_settles_the_request_for_it(house: House) -> None:
    shared = share(house)
    southbanks = join(house, shared, "southbank", "b-1")
    waiting = wait(house, shared, "b-1")

    house.deployments.approve(OTTO, waiting, southbanks)

    view = house.shared_clients.show(OTTO, shared.client.id)
    assert (view.requests, view.waiting) == ([], [])
    [decided] = house.registrations.show(house.cleo, southbanks).deployments
    assert decided.deployment.state is DeploymentState.APPROVED


def test_a_deployment_is_granted_before_it_was_ever_met(house: House) -> None:
    shared = share(house)
    northfields = join(house, shared, "northfield", "b-1")
    [request] = house.shared_clients.show(OTTO, shared.client.id).requests

    house.shared_clients.grant(OTTO, shared.client.id, request.id)

    [granted] = house.registrations.show(house.ada, northfields).deployments
    assert (granted.deployment.deployment_id, granted.tenant_id) == ("b-1", house.northfield.id)
    assert house.tags()[-1] == "deployment.approved"


def test_a_deployment_that_waits_is_granted(house: House) -> None:
    shared = share(house)
    join(house, shared, "northfield", "b-1")
    wait(house, shared, "b-1")
    [request] = house.shared_clients.show(OTTO, shared.client.id).requests

    house.shared_clients.grant(OTTO, shared.client.id, request.id)

    view = house.shared_clients.show(OTTO, shared.client.id)
    assert (view.requests, view.waiting) == ([], [])


def test_a_deployment_is_given_once(house: House) -> None:
    shared = share(house)
    join(house, shared, "northfield", "b-1")
    join(house, shared, "southbank", "b-1")
    first, second = house.shared_clients.show(OTTO, shared.client.id).requests
    house.shared_clients.grant(OTTO, shared.client.id, first.id)

    with pytest.raises(DeploymentTaken):
        house.shared_clients.grant(OTTO, shared.client.id, second.id)


def give(house: House, client: SharedClientView) -> None:
    """The operator grants the only request there is."""
    [request] = house.shared_clients.show(OTTO, client.client.id).requests
    house.shared_clients.grant(OTTO, client.client.id, request.id)


@pytest.mark.parametrize("is_met_meanwhile", [True, False])
def test_who_had_a_deployment_has_it_back_when_adding_anew(
    house: House, *, is_met_meanwhile: bool
) -> None:
    shared = share(house)
    before = join(house, shared, "northfield", "b-1")
    give(house, shared)
    house.registrations.delete(house.ada, before)
    if is_met_meanwhile:
        wait(house, shared, "b-1")

    anew = join(house, shared, "northfield", "b-1")

    view = house.shared_clients.show(OTTO, shared.client.id)
    [held] = house.registrations.show(house.ada, anew).deployments
    assert (held.deployment.deployment_id, held.deployment.state) == ("b-1", "approved")
    assert (view.requests, view.waiting) == ([], [])
    assert house.tags()[-1] == "deployment.approved"


def test_who_had_a_deployment_asks_again_once_it_was_given_to_another(house: House) -> None:
    shared = share(house)
    before = join(house, shared, "northfield", "b-1")
    give(house, shared)
    house.registrations.delete(house.ada, before)
    join(house, shared, "southbank", "b-1")
    give(house, shared)

    anew = join(house, shared, "northfield", "b-1")

    assert house.registrations.show(house.ada, anew).deployments == ()
    assert len(house.shared_clients.show(OTTO, shared.client.id).requests) == 1


def test_who_had_a_deployment_that_was_blocked_asks_again(house: House) -> None:
    shared = share(house)
    before = join(house, shared, "northfield", "b-1")
    give(house, shared)
    [held] = house.registrations.show(house.ada, before).deployments
    house.deployments.block(OTTO, held.deployment.id)
    house.registrations.delete(house.ada, before)

    anew = join(house, shared, "northfield", "b-1")

    assert house.registrations.show(house.ada, anew).deployments == ()


def test_another_tenant_never_has_it_back(house: House) -> None:
    shared = share(house)
    before = join(house, shared, "northfield", "b-1")
    give(house, shared)
    house.registrations.delete(house.ada, before)

    southbanks = join(house, shared, "southbank", "b-1")

    assert house.registrations.show(house.cleo, southbanks).deployments == ()
    assert len(house.shared_clients.show(OTTO, shared.client.id).requests) == 1


def test_a_request_is_dismissed(house: House) -> None:
    shared = share(house)
    northfields = join(house, shared, "northfield", "b-1")
    [request] = house.shared_clients.show(OTTO, shared.client.id).requests

    house.shared_clients.dismiss(OTTO, shared.client.id, request.id)

    assert house.shared_clients.show(OTTO, shared.client.id).requests == []
    assert house.registrations.show(house.ada, northfields).deployments == ()
    assert house.tags()[-1] == "deployment.request_dismissed"
    with pytest.raises(DeploymentRequestNotFound):
        house.shared_clients.dismiss(OTTO, shared.client.id, request.id)


def test_a_request_of_another_client_is_not_here(house: House) -> None:
    blackboard = share(house)
    schoology = share(house, issuer="https://schoology.schoology.com", client_id="99")
    join(house, blackboard, "northfield", "b-1")
    [request] = house.shared_clients.show(OTTO, blackboard.client.id).requests

    with pytest.raises(DeploymentRequestNotFound):
        house.shared_clients.grant(OTTO, schoology.client.id, request.id)


def test_all_of_it_is_the_operators_alone(house: House) -> None:
    shared = share(house)
    join(house, shared, "northfield", "b-1")
    waiting = wait(house, shared, "b-2")
    [request] = house.shared_clients.show(OTTO, shared.client.id).requests
    row_id, clients = shared.client.id, house.shared_clients

    for caller in (house.ada, house.ben, house.cleo):
        for forbidden in (
            lambda who: clients.search(who, "", limit=9, offset=0),
            lambda who: clients.search_waiting(who, "", limit=9, offset=0),
            lambda who: clients.show(who, row_id),
            lambda who: clients.assignment(who, row_id, waiting),
            lambda who: clients.add(who, ISSUER, "other", BLACKBOARD),
            lambda who: clients.change(who, row_id, BLACKBOARD),
            lambda who: clients.delete(who, row_id),
            lambda who: clients.grant(who, row_id, request.id),
            lambda who: clients.dismiss(who, row_id, request.id),
        ):
            with pytest.raises(NotAllowed):
                forbidden(caller)
