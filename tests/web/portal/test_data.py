"""``/portal/data`` and ``/privacy``: what an administrator does about data, and what everybody may read."""

from __future__ import annotations

import zipfile
from io import BytesIO

import httpx2
import pytest

from gatelodge.services.caller import Caller
from tests.services.test_persons import add_account
from tests.support.browsers import browsing
from tests.support.gateways import BASE, Campus
from tests.support.people import csrf_of, sign_in

EMAIL = "dora@northfield.example"


async def post(
    http: httpx2.AsyncClient, campus: Campus, address: str, **form: str
) -> httpx2.Response:
    csrf = csrf_of(campus, dict(http.cookies))
    data = {"csrf": csrf, **form}
    return await http.post(address, data=data, headers={"origin": BASE}, follow_redirects=True)


@pytest.mark.asyncio
async def test_an_administrator_exports_everything(campus: Campus) -> None:
    async with browsing(campus) as browser:
        browser.http.cookies.update(sign_in(campus, "Ada"))
        page = await post(browser.http, campus, "/portal/data/export")
        ada = Caller.admin("ada", campus.tenant())
        [export] = campus.gateway.tenant_exports.list(ada, "northfield")
        archive = await browser.http.get(f"/portal/data/exports/{export.id}")

    assert f"/portal/data/exports/{export.id}" in page.text
    assert archive.headers["content-disposition"].startswith('attachment; filename="gatelodge-')
    with zipfile.ZipFile(BytesIO(archive.content)) as opened:
        assert "registrations.jsonl" in opened.namelist()


@pytest.mark.asyncio
async def test_work_that_fails_is_left_to_the_worker(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(until: float) -> int:
        raise RuntimeError("no")

    for service in (campus.gateway.tenant_exports, campus.gateway.persons):
        monkeypatch.setattr(service, "work", fail)
    async with browsing(campus) as browser:
        browser.http.cookies.update(sign_in(campus, "Ada"))
        exporting = await post(browser.http, campus, "/portal/data/export")
        finding = await post(browser.http, campus, "/portal/data/people", person=EMAIL)

    assert "is on its way" in exporting.text
    assert "This is being done" in finding.text


@pytest.mark.asyncio
async def test_somebody_is_found_and_erased_when_it_is_sure(campus: Campus) -> None:
    account = add_account(campus, "Dora <b>", EMAIL, ("educator", campus.tenant()))
    async with browsing(campus) as browser:
        browser.http.cookies.update(sign_in(campus, "Ada"))
        found = await post(browser.http, campus, "/portal/data/people", person=EMAIL)
        address = found.url.path
        unsure = await post(browser.http, campus, address, account=account)
        sure = await post(browser.http, campus, address, account=account, sure="yes")
        receipt = await browser.http.get(f"{address}/receipt")
        in_german = await browser.http.get(f"{address}/receipt", headers={"accept-language": "de"})

    assert f'value="{account}"' in found.text
    assert "Dora &lt;b&gt;" in found.text
    assert unsure.status_code == 422
    assert "checked" in unsure.text
    assert "Receipt of an erasure" in sure.text
    assert "Accounts erased: 1\n" in receipt.text
    assert "Gelöschte Konten: 1\n" in in_german.text
    assert EMAIL not in receipt.text


@pytest.mark.asyncio
async def test_an_administrator_asks_for_the_end_and_the_operator_decides(campus: Campus) -> None:
    async with browsing(campus) as browser:
        http = browser.http
        http.cookies.update(sign_in(campus, "Ada"))
        wrong = await post(http, campus, "/portal/data/delete", typed="Southbank")
        asked = await post(http, campus, "/portal/data/delete", typed="Northfield")
        http.cookies.clear()
        http.cookies.update(sign_in(campus, "Otto"))
        waiting = await http.get("/portal/data")
        form = {"tenant": "northfield", "typed": "Northfield"}
        decided = await post(http, campus, "/portal/data/delete", **form)
        kept = await post(http, campus, "/portal/data/keep", tenant="northfield")

    assert wrong.status_code == 422
    assert "Southbank" in wrong.text
    assert "The operator of this gateway decides." in asked.text
    assert "Waiting for you" in waiting.text
    assert "This institution will be deleted." in decided.text
    assert "It is still suspended." in kept.text


@pytest.mark.asyncio
async def test_everybody_reads_how_long_what_is_kept(campus: Campus) -> None:
    async with browsing(campus) as browser:
        page = await browser.http.get("/privacy", headers={"accept-language": "en"})

    settings = campus.gateway.settings
    for days in (settings.personal_days, settings.launch_days, settings.audit_days):
        assert f"{days} days" in page.text
