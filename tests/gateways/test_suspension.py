"""A tenant that is suspended in one process launches nothing through another, from the next click on."""

from __future__ import annotations

import httpx2
import pytest

from tests.support.browsers import Browser, at_home, code_of, redeem
from tests.support.gateways import Campus
from tests.support.processes import command, environment, serving

pytestmark = pytest.mark.asyncio


async def test_two_running_gateways_see_a_suspension_and_its_end(campus_today: Campus) -> None:
    campus = campus_today
    settings, directory = environment(campus), campus.directory
    with (
        serving(settings, directory / "first.log") as first,
        serving(settings, directory / "second.log") as second,
    ):
        async with (
            httpx2.AsyncClient(base_url=first, cookies=at_home()) as here,
            httpx2.AsyncClient(base_url=second, cookies=at_home()) as there,
        ):
            browsers = Browser(here, campus), Browser(there, campus)
            before = [await browser.launch() for browser in browsers]
            begun = [await browser.login() for browser in browsers]

            command(settings, "tenant", "suspend", "northfield")
            during = [
                await browser.post(login, browser.token(login))
                for browser, login in zip(browsers, begun, strict=True)
            ]
            unredeemed = await redeem(there, campus, code_of(before[0]))
            elsewhere = await browsers[0].launch(lms=campus.southbank_lms)
            command(settings, "tenant", "resume", "northfield")
            after = [await browser.launch() for browser in browsers]

    assert [each.status_code for each in before] == [303, 303]
    assert [each.status_code for each in during] == [403, 403]
    assert all("launch.tenant_suspended" in each.text for each in during)
    assert unredeemed.status_code == 400
    assert elsewhere.status_code == 303
    assert [each.status_code for each in after] == [303, 303]
