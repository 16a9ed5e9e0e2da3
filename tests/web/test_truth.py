"""A change by anybody is seen by the very next launch, also by one whose login began before it.

The other gateway stands for another process: it has the same database and nothing else in common.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from gatelodge.lti.registration import DeploymentState
from gatelodge.storage import catalogue
from tests.support.browsers import Browser, browsing, code_of, redeem
from tests.support.gateways import OTTO, Campus
from tests.support.lms import CLAIM

pytestmark = pytest.mark.asyncio

NEW = {CLAIM + "deployment_id": "new"}
UNNAMED = {"lti_deployment_id": None}


@pytest_asyncio.fixture
async def seasoned(campus_on_both: Campus) -> AsyncIterator[Browser]:
    """Has launched before, so that its gateway holds everything in memory."""
    async with browsing(campus_on_both) as browser:
        assert (await browser.launch()).status_code == 303
        yield browser


async def launch_after(browser: Browser, change: Callable[[Campus], object]) -> str:
    """The code of the refusal, or nothing, after another gateway has changed something."""
    begun = await browser.login()
    with browser.campus.beside() as other:
        await asyncio.to_thread(change, other)
    answer = await browser.post(begun, browser.token(begun))
    return "" if answer.status_code == 303 else answer.text.partition("<code>launch.")[2][:40]


def disable(other: Campus) -> None:
    other.gateway.registrations.disable(OTTO, other.registration())


def delete(other: Campus) -> None:
    other.gateway.registrations.delete(OTTO, other.registration())


def block(other: Campus) -> None:
    [known] = other.gateway.registrations.show(OTTO, other.registration()).deployments
    other.gateway.deployments.block(OTTO, known.id)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (disable, "registration_disabled"),
        (delete, "registration_not_found"),
        (block, "deployment_blocked"),
    ],
)
async def test_what_another_gateway_forbids_is_refused_at_the_next_launch(
    seasoned: Browser, change: Callable[[Campus], None], code: str
) -> None:
    assert (await launch_after(seasoned, change)).startswith(code)


async def test_what_another_gateway_allows_is_admitted_at_the_next_launch(
    seasoned: Browser,
) -> None:
    gateway, registration = seasoned.campus.gateway, seasoned.campus.registration()
    gateway.registrations.disable(OTTO, registration)
    assert (await seasoned.launch()).status_code == 403

    refused = await launch_after(
        seasoned, lambda other: other.gateway.registrations.enable(OTTO, registration)
    )

    assert refused == ""


async def test_a_registration_that_another_gateway_adds_is_found_at_its_first_login(
    seasoned: Browser,
) -> None:
    lms = seasoned.campus.lms
    with seasoned.campus.beside() as other:
        other.gateway.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")
        other.register(tool="quiz", client_id="client-9", name="Quiz", deployment_ids=("q",))

    launched = await seasoned.launch(
        login={"tool": "quiz", "client_id": "client-9", "lti_deployment_id": "q"},
        lms=lms,
        aud="client-9",
        **{CLAIM + "deployment_id": "q"},
    )

    assert launched.status_code == 303


async def test_a_registration_deleted_and_added_anew_elsewhere_works_at_once(
    seasoned: Browser,
) -> None:
    before = await seasoned.redeem(await seasoned.launch())
    with seasoned.campus.beside() as other:
        delete(other)
        other.register()

    after = await seasoned.redeem(await seasoned.launch())

    same = ("person", "context", "resource_link")
    assert [after["launch"][each]["id"] for each in same] == [
        before["launch"][each]["id"] for each in same
    ]


async def test_a_key_set_that_was_replaced_elsewhere_is_believed_no_more(
    seasoned: Browser,
) -> None:
    """The old key may be the reason for the new address."""
    campus = seasoned.campus
    begun = await seasoned.login()
    with campus.beside() as other:
        delete(other)
        other.register(key_set_url=campus.southbank_lms.key_set_url)

    stolen = await seasoned.post(begun, seasoned.token(begun, key="first"))

    assert "launch.key_unknown" in stolen.text


async def test_a_key_set_that_was_replaced_elsewhere_is_believed_at_once(
    seasoned: Browser,
) -> None:
    campus = seasoned.campus
    begun = await seasoned.login()
    with campus.beside() as other:
        delete(other)
        other.register(key_set_url=campus.southbank_lms.key_set_url)

    honest = await seasoned.post(begun, seasoned.token(begun, key="second"))

    assert honest.status_code == 303


async def test_on_a_shared_client_a_replaced_key_set_is_believed_no_more(
    campus_on_both: Campus,
) -> None:
    campus = campus_on_both
    delete(campus)
    campus.register(shared=True)
    async with browsing(campus) as browser:
        assert (await browser.launch()).status_code == 303
        begun = await browser.login()
        with campus.beside() as other:
            delete(other)
            other.register(shared=True, key_set_url=campus.southbank_lms.key_set_url)

        stolen = await browser.post(begun, browser.token(begun, key="first"))

    assert "launch.key_unknown" in stolen.text


async def test_a_tools_new_secret_counts_at_once_on_every_gateway(seasoned: Browser) -> None:
    launched = await seasoned.launch()
    with seasoned.campus.beside() as other:
        secret = other.gateway.tools.rotate_secret(OTTO, "hello")

    old = await redeem(seasoned.http, seasoned.campus, code_of(launched))
    new = await redeem(seasoned.http, seasoned.campus, code_of(launched), secret=secret)

    assert (old.status_code, new.status_code) == (401, 200)


async def test_a_signing_key_that_was_revoked_elsewhere_signs_no_more(seasoned: Browser) -> None:
    before = await seasoned.redeem(await seasoned.launch())
    with seasoned.campus.beside() as other:
        for key in other.gateway.signing_keys.list(OTTO):
            if key.overview.client is None and key.overview.key.algorithm == "RS256":
                other.gateway.signing_keys.revoke(OTTO, key.id)

    after = await seasoned.redeem(await seasoned.launch())

    assert key_id(before) != key_id(after)


async def test_also_a_gateway_that_has_fallen_far_behind_forgets_a_revoked_key(
    campus: Campus,
) -> None:
    async with browsing(campus) as browser:
        before = await browser.redeem(await browser.launch())
        with campus.beside() as other:
            for key in other.gateway.signing_keys.list(OTTO):
                if key.overview.client is None:
                    other.gateway.signing_keys.revoke(OTTO, key.id)
            many = ["tool:none"] * (catalogue.KEPT_CHANGES + 1)
            other.database.write(lambda connection: catalogue.touch(connection, *many))

        after = await browser.redeem(await browser.launch())

    assert key_id(before) != key_id(after)


def key_id(redeemed: dict[str, str]) -> str:
    return redeemed["id_token"].partition(".")[0]


# ---------------------------------------------------------------- deployments that nobody knew


async def test_a_new_deployment_waits_is_listed_once_and_works_when_approved(
    seasoned: Browser,
) -> None:
    campus = seasoned.campus
    for _ in range(3):
        held = await seasoned.launch(login=UNNAMED, **NEW)
        assert "launch.deployment_waiting" in held.text
        assert held.status_code == 403

    [waiting] = campus.gateway.deployments.list(OTTO, state=DeploymentState.WAITING)
    assert waiting.deployment.registration_id == campus.registration()
    with campus.beside() as other:
        other.gateway.deployments.approve(OTTO, waiting.id)

    assert (await seasoned.launch(login=UNNAMED, **NEW)).status_code == 303


async def test_launches_that_meet_a_new_deployment_at_once_list_it_once(
    seasoned: Browser,
) -> None:
    logins = [await seasoned.login(lti_deployment_id=None) for _ in range(8)]

    held = await asyncio.gather(
        *(seasoned.post(each, seasoned.token(each, **NEW)) for each in logins)
    )

    waiting = seasoned.campus.gateway.deployments.list(OTTO, state=DeploymentState.WAITING)
    assert {each.status_code for each in held} == {403}
    assert all("launch.deployment_waiting" in each.text for each in held)
    assert len(waiting) == 1


async def test_a_held_launch_is_a_proven_refusal_of_the_tenant(seasoned: Browser) -> None:
    await seasoned.launch(login=UNNAMED, **NEW)

    [row] = seasoned.campus.refusals(proven=True, tenant="northfield")
    assert row.code == "launch.deployment_waiting"
    assert row.registration_id == seasoned.campus.registration()


@pytest.mark.parametrize(
    ("policy", "status", "listed"), [("approve", 303, 1), ("refuse", 403, 0), ("hold", 403, 1)]
)
async def test_a_registration_says_what_becomes_of_new_deployments(
    campus: Campus, policy: str, status: int, listed: int
) -> None:
    delete(campus)
    campus.register(deployment_ids=(), unknown_deployments=policy)

    async with browsing(campus) as browser:
        answer = await browser.launch(login=UNNAMED, **NEW)

    assert answer.status_code == status
    assert len(campus.gateway.deployments.list(OTTO)) - 1 == listed
    if policy == "refuse":
        assert "launch.deployment_unknown" in answer.text


async def test_on_a_shared_client_a_new_deployment_waits_for_the_operator(
    campus: Campus,
) -> None:
    delete(campus)
    view = campus.register(shared=True, unknown_deployments="approve")

    async with browsing(campus) as browser:
        held = await browser.launch(login=UNNAMED, **NEW)
        [waiting] = campus.gateway.deployments.list(OTTO, state=DeploymentState.WAITING)
        campus.gateway.deployments.approve(OTTO, waiting.id, view.id)
        admitted = await browser.launch(login=UNNAMED, **NEW)

    assert "launch.deployment_waiting" in held.text
    assert waiting.deployment.registration_id is None
    assert admitted.status_code == 303


async def test_where_a_client_serves_two_tools_a_new_deployment_waits_for_a_decision(
    campus: Campus,
) -> None:
    campus.gateway.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")
    campus.register(tool="quiz", name="Quiz", deployment_ids=())

    async with browsing(campus) as browser:
        held = await browser.launch(login=UNNAMED, **NEW)

    [waiting] = campus.gateway.deployments.list(OTTO, state=DeploymentState.WAITING)
    assert "launch.deployment_waiting" in held.text
    assert waiting.deployment.registration_id is None


async def test_at_most_two_hundred_deployments_of_a_client_wait(campus_on_both: Campus) -> None:
    campus = campus_on_both
    async with browsing(campus) as browser:
        begun = [await browser.login(lti_deployment_id=None) for _ in range(220)]
        answers = await asyncio.gather(
            *(
                browser.post(each, browser.token(each, **{CLAIM + "deployment_id": f"n{number}"}))
                for number, each in enumerate(begun)
            )
        )

    waiting = campus.gateway.deployments.list(OTTO, state=DeploymentState.WAITING)
    assert len(waiting) == 200
    assert sum("launch.deployment_unknown" in each.text for each in answers) == 20


# ---------------------------------------------------------------- who is who


async def test_two_lmss_that_number_from_one_on_send_two_people_and_two_courses(
    seasoned: Browser,
) -> None:
    north = await seasoned.redeem(await seasoned.launch())
    south = await seasoned.redeem(await seasoned.launch(lms=seasoned.campus.southbank_lms))

    for part in ("person", "context", "resource_link"):
        assert north["launch"][part]["id"] != south["launch"][part]["id"]
    assert north["launch"]["platform"]["person_id"] == south["launch"]["platform"]["person_id"]


async def test_one_person_is_the_same_in_every_launch(seasoned: Browser) -> None:
    first = await seasoned.redeem(await seasoned.launch())
    second = await seasoned.redeem(await seasoned.launch())

    assert first["launch"]["person"]["id"] == second["launch"]["person"]["id"]
    assert first["launch"]["id"] != second["launch"]["id"]


# ---------------------------------------------------------------- one launch, once


async def test_of_one_form_posted_twice_at_once_exactly_one_wins(seasoned: Browser) -> None:
    for _ in range(5):
        begun = await seasoned.login()
        token = seasoned.token(begun)

        answers = await asyncio.gather(*(seasoned.post(begun, token) for _ in range(4)))

        assert sorted(each.status_code for each in answers) == [303, 401, 401, 401]
        refused = [each for each in answers if each.status_code == 401]
        assert all("launch.nonce_spent" in each.text for each in refused)


async def test_of_one_form_posted_to_two_gateways_at_once_exactly_one_wins(
    seasoned: Browser,
) -> None:
    with seasoned.campus.beside() as other:
        async with browsing(other) as there:
            for _ in range(5):
                begun = await seasoned.login()
                there.http.cookies = seasoned.http.cookies
                token = seasoned.token(begun)

                answers = await asyncio.gather(
                    *(each.post(begun, token) for each in (seasoned, there, seasoned, there))
                )

                assert sorted(each.status_code for each in answers) == [303, 401, 401, 401]


async def test_a_spent_launch_stays_spent_for_a_gateway_that_starts_later(
    seasoned: Browser,
) -> None:
    begun = await seasoned.login()
    token = seasoned.token(begun)
    assert (await seasoned.post(begun, token)).status_code == 303

    with seasoned.campus.beside() as other:
        async with browsing(other) as there:
            there.http.cookies = seasoned.http.cookies
            again = await there.post(begun, token)

    assert "launch.nonce_spent" in again.text


async def test_a_login_begun_with_the_old_secret_key_completes_with_the_new_one(
    seasoned: Browser,
) -> None:
    begun = await seasoned.login()
    old, new = "a secret key that is long enough for the tests", "a newer key, as long as the old"

    with seasoned.campus.beside(secret_keys=(new, old)) as other:
        async with browsing(other) as there:
            there.http.cookies = seasoned.http.cookies
            launched = await there.post(begun, there.token(begun))
            begun_later = await there.login()
            redeemed = await there.redeem(launched)
            late = await seasoned.post(begun_later, seasoned.token(begun_later))

    assert launched.status_code == 303
    assert redeemed["launch"]["person"]["name"] == "Mia Learner"
    assert "launch.state_invalid" in late.text
