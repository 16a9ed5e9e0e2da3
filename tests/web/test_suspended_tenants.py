"""A suspended tenant launches nothing and redeems nothing; resumed, it begins anew."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.browsers import Browser, browsing, code_of, redeem
from tests.support.gateways import OTTO, Campus

REFUSED = 403


@pytest.mark.asyncio
async def test_launches_end_with_the_suspension_and_return_with_the_resumption(
    campus_on_both: Campus,
) -> None:
    tenants = campus_on_both.gateway.tenants
    async with browsing(campus_on_both) as browser:
        before = await browser.launch()
        await asyncio.to_thread(tenants.suspend, OTTO, "northfield")
        during = await browser.launch()
        await asyncio.to_thread(tenants.resume, OTTO, "northfield")
        after = await browser.launch()

    assert [before.status_code, during.status_code, after.status_code] == [303, REFUSED, 303]
    assert "Registration details not found" in during.text
    [refusal] = campus_on_both.refusals(proven=True, tenant="northfield")
    assert refusal.code == "launch.tenant_suspended"


@pytest.mark.asyncio
async def test_the_other_tenant_goes_on(campus: Campus, browser: Browser) -> None:
    await asyncio.to_thread(campus.gateway.tenants.suspend, OTTO, "northfield")

    launched = await browser.launch(lms=campus.southbank_lms)

    assert launched.status_code == 303


@pytest.mark.asyncio
async def test_a_gateway_beside_knows_it_at_the_next_launch(campus_on_both: Campus) -> None:
    with campus_on_both.beside() as other:
        async with browsing(other) as browser:
            before = await browser.launch()
            begun = await browser.login()
            await asyncio.to_thread(campus_on_both.gateway.tenants.suspend, OTTO, "northfield")
            during = await browser.post(begun, browser.token(begun))
            await asyncio.to_thread(campus_on_both.gateway.tenants.resume, OTTO, "northfield")
            after = await browser.launch()

    assert [before.status_code, during.status_code, after.status_code] == [303, REFUSED, 303]


@pytest.mark.asyncio
async def test_a_code_given_before_is_worth_nothing_from_the_suspension_on(
    campus_on_both: Campus,
) -> None:
    async with browsing(campus_on_both) as browser:
        code = code_of(await browser.launch())
        await asyncio.to_thread(campus_on_both.gateway.tenants.suspend, OTTO, "northfield")
        during = await redeem(browser.http, campus_on_both, code)
        await asyncio.to_thread(campus_on_both.gateway.tenants.resume, OTTO, "northfield")
        after = await redeem(browser.http, campus_on_both, code)

    for refused in (during, after):
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert "is suspended" in during.json()["error_description"]
    assert "was suspended" in after.json()["error_description"]


@pytest.mark.asyncio
async def test_a_token_given_before_opens_nothing_from_the_suspension_on(
    campus_on_both: Campus,
) -> None:
    gateway = campus_on_both.gateway
    async with browsing(campus_on_both) as browser:
        token = (await browser.redeem(await browser.launch()))["access_token"]
        known = await gateway.hand_offs.launch_of(token)
        await asyncio.to_thread(gateway.tenants.suspend, OTTO, "northfield")
        during = await gateway.hand_offs.launch_of(token)
        await asyncio.to_thread(gateway.tenants.resume, OTTO, "northfield")
        after = await gateway.hand_offs.launch_of(token)
        anew = (await browser.redeem(await browser.launch()))["access_token"]

    assert known is not None
    assert (during, after) == (None, None)
    assert await gateway.hand_offs.launch_of(anew) is not None


@pytest.mark.asyncio
async def test_what_the_other_tenant_was_given_goes_on(campus_on_both: Campus) -> None:
    gateway = campus_on_both.gateway
    async with browsing(campus_on_both) as browser:
        launched = await browser.launch(lms=campus_on_both.southbank_lms)
        code = code_of(launched)
        await asyncio.to_thread(gateway.tenants.suspend, OTTO, "northfield")

        redeemed = await redeem(browser.http, campus_on_both, code)

    assert redeemed.status_code == 200
    assert await gateway.hand_offs.launch_of(redeemed.json()["access_token"]) is not None


@pytest.mark.asyncio
async def test_a_code_that_is_redeemed_twice_is_revoked_although_the_tenant_is_suspended(
    campus: Campus, browser: Browser
) -> None:
    code = code_of(await browser.launch())
    token = (await redeem(browser.http, campus, code)).json()["access_token"]
    await asyncio.to_thread(campus.gateway.tenants.suspend, OTTO, "northfield")

    await redeem(browser.http, campus, code)

    await asyncio.to_thread(campus.gateway.tenants.resume, OTTO, "northfield")
    assert await campus.gateway.hand_offs.launch_of(token) is None


@pytest.mark.asyncio
async def test_tools_hear_the_new_name_of_a_tenant(campus: Campus, browser: Browser) -> None:
    await browser.launch()
    await asyncio.to_thread(campus.gateway.tenants.rename, OTTO, "northfield", "Northfield High")

    told = await browser.redeem(await browser.launch())

    assert told["launch"]["tenant"]["name"] == "Northfield High"
