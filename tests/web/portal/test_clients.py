from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from msgspec import structs

from gatelodge.lti.registration import PlatformClient
from gatelodge.services.registrations import GivenOut, NewOnShared
from gatelodge.services.shared_clients import SharedClientView, details_of
from tests.support.browsers import Browser, browsing
from tests.support.gateways import OTTO, Campus
from tests.support.lms import Lms
from tests.web.portal.operators import Desk, at_the_desk

pytestmark = pytest.mark.asyncio

ADDRESSES = ("key_set_url", "token_url", "authorization_url")

BLACKBOARD: dict[str, Any] = {
    "platform": "blackboard",
    "authorization_url": "https://developer.blackboard.com/api/v1/gateway/oidcauth",
    "token_url": "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken",
    "key_set_url": "https://developer.blackboard.com/api/v1/management/applications/1/jwks.json",
    "token_audience": "",
    "algorithms": ["RS256"],
    "leeway": "60",
    "service_origins": "",
}
TRIED = " ".join(BLACKBOARD[each] for each in ADDRESSES)
"""What the form carries when it was shown that nothing answers there, as in these tests."""

PAIR = {"issuer": "https://blackboard.com", "client_id": "0a1b2c3d"}


def replace_tenant(client: PlatformClient) -> PlatformClient:
    return structs.replace(client, tenant_id=None)


@pytest_asyncio.fixture
async def otto(campus: Campus) -> AsyncIterator[Desk]:
    async with at_the_desk(campus) as desk:
        yield desk


def shared(otto: Desk) -> SharedClientView:
    """The only shared client there is."""
    clients = otto.campus.gateway.shared_clients
    [found], _ = clients.search(OTTO, "", limit=2, offset=0)
    return clients.show(OTTO, found.client.id)


async def share(otto: Desk) -> str:
    """Its page."""
    answer = await otto.send("/portal/clients/new", **PAIR, **BLACKBOARD, tried=TRIED)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def join(otto: Desk, tenant: str, *deployment_ids: str, client: str = "") -> str:
    """A registration of this tenant on the shared client."""
    gateway = otto.campus.gateway
    new = NewOnShared(
        tenant=tenant,
        tool="hello",
        name=f"{tenant}'s LMS",
        platform_client=client or shared(otto).client.id,
        deployment_ids=deployment_ids,
    )
    given_out = GivenOut(gateway.ids.new(), gateway.ids.new())
    return otto.campus.database.write(
        lambda c: gateway.registrations.write_on_shared(OTTO, c, new, given_out)
    ).id


# ---------------------------------------------------------------- adding and changing


async def test_a_shared_client_is_added_and_found(otto: Desk) -> None:
    address = await share(otto)

    page = (await otto.get(address)).text
    found = (await otto.get("/portal/clients", q="0A1B")).text
    nothing = (await otto.get("/portal/clients", q="moodle")).text

    assert "is shared now." in page
    assert "jwttoken" in page
    assert address in found
    assert "No shared client matches." in nothing


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issuer": ""}, "issuer"),
        ({"client_id": "two words"}, "client_id"),
        ({"client_id": "x" * 10_000}, "client_id"),
        ({"platform": "palace"}, "platform"),
        ({"authorization_url": "javascript:alert(1)"}, "authorization_url"),
        ({"token_url": "blackboard.com"}, "token_url"),
        ({"key_set_url": ""}, "key_set_url"),
        ({"leeway": "a minute"}, "leeway"),
        ({"leeway": "301"}, "leeway"),
        ({"leeway": "²"}, "leeway"),
        ({"service_origins": "https://a.example/path"}, "service_origins"),
        ({"algorithms": ["none"]}, "id_token_algorithm"),
    ],
)
async def test_what_cannot_be_added_is_said_beside_its_field(
    otto: Desk, changes: dict[str, Any], field: str
) -> None:
    answer = await otto.send("/portal/clients/new", **{**PAIR, **BLACKBOARD, **changes})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text


async def test_a_pair_that_is_here_already_is_said_beside_the_client_id(otto: Desk) -> None:
    await share(otto)

    answer = await otto.send("/portal/clients/new", **PAIR, **BLACKBOARD)

    assert answer.status_code == 422
    assert 'href="#client_id"' in answer.text


async def test_all_that_is_wrong_is_said_at_once(otto: Desk) -> None:
    wrong = {"issuer": "", "client_id": "é", "token_url": "typed", "leeway": "x"}

    answer = await otto.send("/portal/clients/new", **{**PAIR, **BLACKBOARD, **wrong})

    assert answer.status_code == 422
    assert "Nothing was saved: 4 fields need you." in answer.text
    for field in wrong:
        assert f'id="{field}-error"' in answer.text


async def test_addresses_are_tried_and_saved_all_the_same_by_a_second_press(otto: Desk) -> None:
    stopped = await otto.send("/portal/clients/new", **PAIR, **BLACKBOARD)
    [tried] = re.findall(r'name="tried" value="([^"]*)"', stopped.text)
    saved = await otto.send("/portal/clients/new", **PAIR, **BLACKBOARD, tried=tried)

    assert stopped.status_code == 422
    assert "Nothing was saved yet" in stopped.text
    assert "Connection test" in stopped.text
    assert f'value="{PAIR["client_id"]}"' in stopped.text
    assert saved.status_code == 303


async def test_a_change_of_addresses_is_tried_as_well(otto: Desk) -> None:
    address = await share(otto)
    new = {**BLACKBOARD, "key_set_url": "https://nowhere.example/keys"}

    stopped = await otto.send(f"{address}/edit", **new, seen=shared(otto).seen)
    [tried] = re.findall(r'name="tried" value="([^"]*)"', stopped.text)
    unchanged = shared(otto).client.key_set_url
    saved = await otto.send(f"{address}/edit", **new, seen=shared(otto).seen, tried=tried)

    assert stopped.status_code == 422
    assert unchanged == BLACKBOARD["key_set_url"]
    assert saved.status_code == 303
    assert shared(otto).client.key_set_url == "https://nowhere.example/keys"


async def test_what_one_institution_has_for_itself_can_be_shared_as_it_is(otto: Desk) -> None:
    campus = otto.campus
    before = campus.gateway.registrations.show(OTTO, campus.registration())
    pair = {name: getattr(before.overview.client, name) for name in ("issuer", "client_id")}

    offered = await otto.send("/portal/clients/new", **{**BLACKBOARD, **pair})
    page = await otto.done("/portal/clients/new", **pair, do="take over")

    assert "One institution has this client for itself" in offered.text
    assert "is shared now." in page
    after = campus.gateway.registrations.show(OTTO, campus.registration())
    assert after.overview.client == replace_tenant(before.overview.client)
    assert [each.deployment for each in after.deployments] == [
        each.deployment for each in before.deployments
    ]
    async with browsing(campus) as student:
        assert (await student.launch()).status_code == 303


async def test_what_is_shared_already_is_not_offered_to_be_shared(otto: Desk) -> None:
    await share(otto)

    answer = await otto.send("/portal/clients/new", **PAIR, **BLACKBOARD)

    assert answer.status_code == 422
    assert "One institution has this client for itself" not in answer.text


async def test_its_addresses_are_changed(otto: Desk) -> None:
    address = await share(otto)
    form = (await otto.get(f"{address}/edit")).text
    given = {
        **BLACKBOARD,
        "leeway": "5",
        "service_origins": "https://a.example\r\nhttps://b.example\r\n",
    }

    page = await otto.done(f"{address}/edit", **given, seen=shared(otto).seen)

    assert f'value="{BLACKBOARD["token_url"]}"' in form
    assert "The next launch goes by it." in page
    changed = shared(otto).client
    assert changed.leeway == 5
    assert changed.service_origins == ("https://a.example", "https://b.example")


async def test_somebody_elses_change_is_not_overwritten_silently(otto: Desk) -> None:
    address = await share(otto)
    seen = shared(otto).seen
    await otto.send(f"{address}/edit", **{**BLACKBOARD, "leeway": "1"}, seen=seen)

    answer = await otto.send(f"{address}/edit", **{**BLACKBOARD, "leeway": "2"}, seen=seen)

    assert answer.status_code == 422
    assert "Somebody else changed this client" in answer.text
    assert shared(otto).client.leeway == 1


async def test_a_change_that_fails_keeps_what_was_typed(otto: Desk) -> None:
    address = await share(otto)

    answer = await otto.send(
        f"{address}/edit", **{**BLACKBOARD, "token_url": "typed"}, seen=shared(otto).seen
    )

    assert answer.status_code == 422
    assert 'value="typed"' in answer.text


async def test_a_client_is_deleted_when_nothing_is_on_it(otto: Desk) -> None:
    address = await share(otto)
    registration = join(otto, "northfield")
    question = (await otto.get(f"{address}/delete")).text
    refused = await otto.send(f"{address}/delete")
    otto.campus.gateway.registrations.delete(OTTO, registration)

    page = await otto.done(f"{address}/delete")

    assert "1 registration is on it." in question
    assert refused.status_code == 409
    assert "has been deleted." in page
    assert (await otto.get(address)).status_code == 404


# ---------------------------------------------------------------- whose deployments are


async def test_a_request_is_granted_or_dismissed(otto: Desk) -> None:
    address = await share(otto)
    northfields = join(otto, "northfield", "b-1")
    join(otto, "southbank", "b-2")
    requests = {each.tenant_slug: each.id for each in shared(otto).requests}
    granted = f"{address}/requests/{requests['northfield']}"
    dismissed = f"{address}/requests/{requests['southbank']}"

    asked = (await otto.get(address)).text
    first = await otto.done(granted, do="grant")
    second = await otto.done(dismissed, do="dismiss")

    assert (granted in asked, dismissed in asked) == (True, True)
    assert "has been dismissed." in second
    assert "Nobody asks." in second
    assert "is now" not in first
    view = otto.campus.gateway.registrations.show(OTTO, northfields)
    assert [each.deployment.deployment_id for each in view.deployments] == ["b-1"]
    assert (await otto.send(granted, do="grant")).status_code == 404


async def test_a_deployment_that_was_given_away_is_not_given_twice(otto: Desk) -> None:
    address = await share(otto)
    join(otto, "northfield", "b-1")
    join(otto, "southbank", "b-1")
    first, second = (f"{address}/requests/{each.id}" for each in shared(otto).requests)
    await otto.send(first, do="grant")

    page = await otto.done(second, do="grant")

    assert "was decided on before" in page


async def test_launches_from_a_new_deployment_wait_until_it_is_assigned(
    otto: Desk, lmss: tuple[Lms, Lms]
) -> None:
    """From the first click of a student to the second, with the operator between them."""
    elsewhere, client = otto.campus.registration(), share_lms(otto, lmss[0])
    southbanks = join(otto, "southbank", client=client)
    join(otto, "northfield", client=client)
    browser = Browser(otto.http, otto.campus)
    begun = {"client_id": "shared", "lti_deployment_id": "campus-7"}

    async def click() -> int:
        login = await browser.login(login=None, **begun)
        token = browser.token(
            login,
            aud="shared",
            **{"https://purl.imsglobal.org/spec/lti/claim/deployment_id": "campus-7"},
        )
        return (await browser.post(login, token)).status_code

    before = await click()
    queue = (await otto.get("/portal/clients/waiting")).text
    found = re.search(rf'href="(/portal/clients/{client}/deployments/[^"]*)"', queue)
    assert found is not None
    asked = (await otto.get(found[1])).text
    nothing = await otto.send(found[1], do="assign")
    foreign = await otto.send(found[1], do="assign", registration=elsewhere)
    assigned = await otto.done(found[1], do="assign", registration=southbanks)
    after = await click()

    assert (before, after) == (403, 303)
    assert asked.index("Northfield") < asked.index("Southbank")
    assert (nothing.status_code, foreign.status_code) == (422, 422)
    assert "now.</p>" in assigned or "now." in assigned
    assert "No deployment waits." in (await otto.get("/portal/clients/waiting")).text
    assert (await otto.get(found[1])).status_code == 404


async def test_a_deployment_can_be_blocked(otto: Desk, lmss: tuple[Lms, Lms]) -> None:
    client = share_lms(otto, lmss[0])
    join(otto, "northfield", client=client)
    browser = Browser(otto.http, otto.campus)
    login = await browser.login(client_id="shared", lti_deployment_id="spam")
    claim = {"https://purl.imsglobal.org/spec/lti/claim/deployment_id": "spam"}
    await browser.post(login, browser.token(login, aud="shared", **claim))
    [waiting] = otto.campus.gateway.shared_clients.show(OTTO, client).waiting

    page = await otto.done(f"/portal/clients/{client}/deployments/{waiting.id}", do="block")

    assert "is blocked." in page


async def test_the_queue_is_searched(otto: Desk) -> None:
    empty = (await otto.get("/portal/clients/waiting")).text
    nothing = (await otto.get("/portal/clients/waiting", q="campus")).text

    assert "No deployment waits." in empty
    assert "No deployment matches." in nothing


async def test_what_is_not_there_is_not_found(otto: Desk) -> None:
    address = await share(otto)

    for missing in (
        "/portal/clients/none",
        "/portal/clients/none/edit",
        "/portal/clients/none/delete",
        "/portal/clients/none/deployments/none",
        f"{address}/deployments/none",
    ):
        assert (await otto.get(missing)).status_code == 404, missing
    assert (await otto.send(f"{address}/requests/none", do="grant")).status_code == 404
    assert (await otto.send(f"{address}/deployments/none", do="block")).status_code == 404


def share_lms(otto: Desk, lms: Lms) -> str:
    """The LMS's own addresses under the client id "shared"; the answer is the row's id."""
    private = otto.campus.gateway.registrations.show(OTTO, otto.campus.registration())
    added = otto.campus.gateway.shared_clients.add(
        OTTO, lms.issuer, "shared", details_of(private.overview.client)
    )
    return added.client.id
