from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

import httpx2
import pytest

from gatelodge.services.attachments import LARGEST_FILE
from gatelodge.services.problem_book import State
from gatelodge.services.problems import PAGE, PER_ACCOUNT
from gatelodge.web.portal.portal import SESSION_COOKIE
from tests.support.browsers import browsing
from tests.support.gateways import BASE, Campus
from tests.support.people import csrf_of, sign_in
from tests.support.pictures import png
from tests.web.test_standing_cast import refuse_launch

pytestmark = pytest.mark.asyncio

NEW = "/portal/problems/new"


class Desk:
    """A browser of one of the cast, which sends forms as they are drawn."""

    def __init__(self, http: httpx2.AsyncClient, campus: Campus, csrf: str) -> None:
        self.http, self.campus, self.csrf = http, campus, csrf

    async def get(self, address: str, **query: str) -> httpx2.Response:
        return await self.http.get(address, params=query)

    async def send(self, address: str, files: object = None, **typed: str) -> httpx2.Response:
        return await self.http.post(
            address,
            data={"csrf": self.csrf, **typed},
            files=files,  # type: ignore[arg-type]
            headers={"origin": BASE},
        )

    async def report(self, text: str = "It says no.", files: object = None, **typed: str) -> str:
        """The reference."""
        once = self.campus.gateway.ids.secret()
        answer = await self.send(NEW, files, **{"once": once, "text": text, **typed})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].rpartition("/")[2]


@asynccontextmanager
async def desk_of(campus: Campus, name: str) -> AsyncIterator[Desk]:
    cookies = sign_in(campus, name)
    async with browsing(campus) as browser:
        browser.http.cookies.update(cookies)
        yield Desk(browser.http, campus, csrf_of(campus, cookies))


def upload(name: str, content: bytes) -> tuple[str, tuple[str, bytes, str]]:
    return ("files", (name, content, "text/html"))


async def test_an_educator_reports_and_the_admin_answers_and_the_educator_reads_it(
    campus: Campus,
) -> None:
    async with desk_of(campus, "Ben") as ben, desk_of(campus, "Ada") as ada:
        reference = await ben.report("The link says no", wanted="Open the lab")
        inbox = (await ada.get("/portal/problems")).text
        answer = await ada.send(
            f"/portal/problems/{reference}", seen="1", state="waiting", text="Try it now"
        )
        mine = (await ben.get(f"/portal/problems/mine/{reference}")).text
        more = await ben.send(
            f"/portal/problems/mine/{reference}", seen="2", text="It says no again"
        )
        there = (await ada.get(f"/portal/problems/{reference}")).text

    assert "Open the lab" in inbox
    assert (answer.status_code, more.status_code) == (303, 303)
    assert "Try it now" in mine
    assert "Waiting for the sender" in mine
    assert "It says no again" in there


async def test_the_header_counts_what_is_new(campus: Campus) -> None:
    async with desk_of(campus, "Ben") as ben, desk_of(campus, "Ada") as ada:
        await ben.report()
        await ben.report()
        admins = (await ada.get("/portal/sessions")).text
        educators = (await ben.get("/portal/sessions")).text

    assert re.search(r'Problems <span class="chip warn">2</span>', admins)
    assert "Problems <span" not in educators


async def test_a_refused_launch_travels_along_with_its_diagnosis(campus: Campus) -> None:
    launch = refuse_launch(campus)
    async with desk_of(campus, "Ben") as ben, desk_of(campus, "Ada") as ada:
        form = (await ben.get(NEW, launch=launch)).text
        reference = await ben.report(launch=launch, kind="launch")
        page = (await ada.get(f"/portal/problems/{reference}")).text
        mine = (await ben.get(f"/portal/problems/mine/{reference}")).text

    assert "The refused launch is attached" in form
    for part in ("What we saw", "The cure", "Who can mend it", "What was checked", launch):
        assert part in page
    assert "The cure" not in mine


async def test_a_launch_that_is_not_there_is_said_and_the_rest_is_kept(campus: Campus) -> None:
    async with desk_of(campus, "Cleo") as cleo:
        launch = refuse_launch(campus)
        answer = await cleo.send(NEW, once="x", text="typed before", launch=launch)
        form = await cleo.get(NEW, launch=launch, registration=campus.registration())

    assert answer.status_code == 422
    assert answer.text.count("no launch with this reference") == 2
    assert "typed before" in answer.text
    assert "is attached" not in form.text


async def test_all_faults_are_named_at_once_and_what_was_typed_is_kept(campus: Campus) -> None:
    typed = {"wanted": "w" * 201, "text": " ", "launch": "nowhere", "reach": "course"}
    async with desk_of(campus, "Ben") as ben:
        answer = await ben.send(NEW, [upload("x.exe", b"MZ")], once="x", kind="other", **typed)

    assert answer.status_code == 422
    for field in ("wanted", "text", "launch", "files"):
        assert f'id="{field}-error"' in answer.text
        assert f'<a href="#{field}">' in answer.text
    assert 'value="nowhere"' in answer.text
    assert f'value="{typed["wanted"]}"' in answer.text
    assert '<option value="other" selected>' in answer.text
    assert re.search(r'value="course" checked', answer.text)


async def test_a_registration_that_is_gone_meanwhile_takes_no_words_with_it(campus: Campus) -> None:
    async with desk_of(campus, "Cleo") as cleo:
        answer = await cleo.send(
            NEW, once="x", text="typed before", registration=campus.registration()
        )

    assert answer.status_code == 422
    assert answer.text.count("there any more.") == 2
    assert "typed before" in answer.text


async def test_what_is_looked_at_is_reported_with_its_form_filled_in(campus: Campus) -> None:
    launch, registration = refuse_launch(campus), campus.registration()
    async with desk_of(campus, "Ben") as ben:
        pages = [
            (await ben.get(address)).text
            for address in (f"/portal/registrations/{registration}", f"/portal/launches/{launch}")
        ]
        form = (await ben.get(NEW, registration=registration)).text

    # In the help menu, and on the page itself.
    assert pages[0].count(f'href="{NEW}?registration={registration}"') == 2
    assert pages[1].count(f'href="{NEW}?launch={launch}"') == 2
    assert "The registration is attached" in form
    assert '<option value="registration" selected>' in form


async def test_references_can_t_be_tried_out(campus: Campus) -> None:
    async with desk_of(campus, "Ben") as ben, desk_of(campus, "Cleo") as cleo:
        theirs = await ben.report()
        answers = [
            await cleo.get(address.format(reference))
            for address in ("/portal/problems/{}", "/portal/problems/mine/{}")
            for reference in (theirs, "P-0000-0000")
        ]

    assert {each.status_code for each in answers} == {404}
    # Each page has a reference of its own, by which it can be reported.
    drawn = {re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}|page=[^\"]*", "", each.text) for each in answers}
    assert len(drawn) == 1


async def test_files_are_saved_and_never_shown(campus: Campus) -> None:
    name = 'it"s \r\nSet-Cookie: x=1; 図.png'
    async with desk_of(campus, "Ben") as ben, desk_of(campus, "Ada") as ada:
        reference = await ben.report(files=[upload(name, png())])
        page = (await ada.get(f"/portal/problems/{reference}")).text
        [address] = re.findall(rf'href="(/portal/problems/{reference}/files/[^"]*)"', page)
        answer = await ada.get(address)

    headers = answer.headers
    assert answer.content == png()
    assert headers["content-type"] == "image/png"
    assert headers["content-disposition"].startswith("attachment; filename=")
    assert "set-cookie" not in headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "no-store"
    assert "<img" not in page.partition("<main")[2]


async def test_the_size_of_a_file_is_written_as_the_reader_writes_numbers(campus: Campus) -> None:
    async with desk_of(campus, "Ben") as ben:
        reference = await ben.report(files=[upload("a.txt", b"a" * 1_234_567)])
        ben.http.headers["accept-language"] = "de"
        page = (await ben.get(f"/portal/problems/mine/{reference}")).text

    assert re.search(r">1\.235\skB<", page)


@pytest.mark.parametrize(
    "files",
    [
        [upload("page.html", b"<script>alert(1)</script>")],
        [upload("shot.png", b"<script>alert(1)</script>")],
        [upload("bomb.txt", b"PK\x03\x04" + bytes(100))],
        [upload("a.txt", b"a")] * 4,
        [upload("a.txt", b"a" * (LARGEST_FILE + 1))],
    ],
    ids=["markup", "markup as picture", "zip as text", "four", "too large"],
)
async def test_a_file_that_is_not_taken_keeps_what_was_typed(
    campus: Campus, files: list[object]
) -> None:
    async with desk_of(campus, "Ben") as ben:
        answer = await ben.send(NEW, files, once="x", text="typed before")
        mine = await ben.get("/portal/problems/mine")

    assert answer.status_code == 422
    assert answer.text.count("Nothing was attached") == 2
    assert "typed before" in answer.text
    assert "You haven't reported anything." in mine.text


async def test_without_room_for_files_what_was_typed_stays(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatelodge.services.problems.MOST_BYTES_OF_A_TENANT", 0)
    async with desk_of(campus, "Ben") as ben:
        answer = await ben.send(NEW, [upload("a.txt", b"a")], once="x", text="typed before")
        await ben.report(once="x", text="typed before")

    assert answer.status_code == 422
    assert answer.text.count("There is no room for more files now") == 2
    assert "typed before" in answer.text


async def test_three_files_of_five_megabytes_are_taken_and_more_bytes_are_not_read(
    campus: Campus,
) -> None:
    large = [upload(f"{number}.txt", b"x" * LARGEST_FILE) for number in range(3)]
    async with desk_of(campus, "Ben") as ben:
        await ben.report(files=large)
        answer = await ben.send(NEW, [*large, large[0]], once="x", text="typed")

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "files",
    [
        [upload("<b>.txt", b"x")],
        [upload("<b>.txt", b"x" * LARGEST_FILE), *[upload("<b>.txt", b"x")] * 2],
    ],
    ids=["small", "large"],
)
async def test_of_a_session_that_ended_the_words_are_kept_and_the_files_named(
    campus: Campus, files: list[object]
) -> None:
    async with desk_of(campus, "Ben") as ben:
        campus.gateway.sessions.end(ben.http.cookies[SESSION_COOKIE])
        told = await ben.send(NEW, files, once="x", text="typed before")
        kept = fields_of(told.text)
        cookies = sign_in(campus, "Ben")
        ben.http.cookies.update(cookies)
        asked = await ben.send(NEW, None, **{**kept, "csrf": "of the page before"})
        ben.csrf = csrf_of(campus, cookies)
        await ben.report(**fields_of(asked.text), files=[upload("<b>.txt", b"x")])

    assert (told.status_code, asked.status_code) == (403, 403)
    assert kept["text"] == fields_of(asked.text)["text"] == "typed before"
    for page in (told.text, asked.text):
        assert "Choose your files again" in page
        assert "&lt;b&gt;.txt</bdi>" in page
    assert 'type="file"' not in told.text
    assert '<input type="file" id="again-1" name="files"' in asked.text


async def test_nobody_may_send_us_much(campus: Campus) -> None:
    files = [upload("x.txt", b"x" * LARGEST_FILE)]
    async with desk_of(campus, "Nobody") as nobody:
        answers = [
            await nobody.send(NEW, files * 4, once="x", text="typed"),
            await nobody.send(
                NEW, files, once="x", **{f"text{i}": "x" * 200_000 for i in range(3)}
            ),
        ]

    assert [each.status_code for each in answers] == [413, 413]


def fields_of(page: str) -> dict[str, str]:
    """The hidden ones of a form, without its token."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found if name != "csrf"}


async def test_many_reports_of_one_account_have_to_wait(campus: Campus) -> None:
    async with desk_of(campus, "Ben") as ben:
        for _ in range(PER_ACCOUNT):
            await ben.report()
        answer = await ben.send(NEW, once="x", text="typed before")

    assert answer.status_code == 429
    assert "typed before" in answer.text


async def test_a_double_click_makes_one_report(campus: Campus) -> None:
    async with desk_of(campus, "Ben") as ben:
        first, second = await asyncio.gather(
            ben.send(NEW, once="form", text="no"), ben.send(NEW, once="form", text="no")
        )

    assert first.headers["location"] == second.headers["location"]


async def test_of_two_tabs_the_second_is_told_and_keeps_its_words(campus: Campus) -> None:
    async with desk_of(campus, "Ben") as ben, desk_of(campus, "Ada") as ada:
        address = f"/portal/problems/{await ben.report()}"
        await ada.send(address, seen="1", state="in_work", text="one")
        answer = await ada.send(address, seen="1", state="in_work", text="another")

    assert answer.status_code == 409
    assert "has changed meanwhile" in answer.text
    assert ">\nanother</textarea>" in answer.text


async def test_what_is_passed_on_reaches_the_operator(campus: Campus) -> None:
    async with desk_of(campus, "Ben") as ben, desk_of(campus, "Ada") as ada:
        reference = await ben.report("the operator's")
        async with desk_of(campus, "Otto") as otto:
            before = (await otto.get("/portal/problems")).text
            await ada.send(f"/portal/problems/{reference}/pass-on", seen="1", word="Yours")
            after = (await otto.get("/portal/problems")).text
            page = (await otto.get(f"/portal/problems/{reference}")).text
        theirs = (await ada.get("/portal/problems")).text

    assert "the operator&#39;s" not in before
    assert "the operator&#39;s" in after
    assert "Yours" in page
    assert "With the operator" in theirs


async def test_the_inbox_is_searched_narrowed_and_paged(campus: Campus) -> None:
    tenant = campus.tenant()
    pages = campus.gateway.problem_pages
    for number in range(PAGE + 1):
        token = pages.token("7F3K-4MB9", client_id=None, tenant_id=tenant)
        pages.report(token, f"number {number}", address=f"192.0.2.{number}")

    async with desk_of(campus, "Ada") as ada:
        first = (await ada.get("/portal/problems")).text
        [older] = re.findall(r'rel="next" href="([^"]*)"', first)
        second = (await ada.get(older)).text
        found = (await ada.get("/portal/problems", q="number 7")).text
        none = (await ada.get("/portal/problems", state=State.SOLVED)).text
        odd = await ada.get("/portal/problems", q="\x00<b>", state="x", before="zz" * 100)

    assert first.count('role="rowheader"') == PAGE
    assert "number 0<" in second
    assert found.count('role="rowheader"') == 1
    assert "No report is like that." in none
    assert odd.status_code == 200
    assert "<b>" not in odd.text.partition("<main")[2]


async def test_where_no_reports_are_wanted_nothing_leads_there(campus: Campus) -> None:
    with campus.beside(problem_reports=False) as quiet:
        async with desk_of(quiet, "Ada") as ada:
            page = (await ada.get("/portal/sessions")).text
            answers = [await ada.get(each) for each in (NEW, "/portal/problems")]

    assert "/portal/problems" not in page
    assert [each.status_code for each in answers] == [404, 404]
