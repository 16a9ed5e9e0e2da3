from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from gatelodge.services.images import LARGEST_FILE, read_picture
from gatelodge.services.tools import MESSAGE_TYPES
from tests.support.browsers import Browser, code_of
from tests.support.gateways import OTTO, Campus
from tests.support.pictures import jpeg, png
from tests.web.portal.operators import Desk, at_the_desk

pytestmark = pytest.mark.asyncio

QUIZ: dict[str, Any] = {
    "key": "quiz",
    "name": "Quiz",
    "launch_url": "https://quiz.example/launch",
    "message_types": ["LtiResourceLinkRequest"],
    "claims": ["name", "email"],
    "hand_off": "redirect",
    "id_token_algorithm": "RS256",
    "offered": "all",
}


@pytest_asyncio.fixture
async def otto(campus: Campus) -> AsyncIterator[Desk]:
    async with at_the_desk(campus) as desk:
        yield desk


def of_hello(otto: Desk, **changes: Any) -> dict[str, Any]:
    seen = otto.campus.gateway.tools.show(OTTO, "hello").seen
    return {
        **QUIZ,
        "name": "Hello",
        "launch_url": "https://hello.example/launch",
        "message_types": list(MESSAGE_TYPES),
        "claims": ["name", "email", "picture", "custom"],
        "seen": seen,
        **changes,
    }


def secret_on(page: str) -> str:
    found = re.search(r"Client secret</dt>\s*<dd><bdi[^>]*>([^<]{43})</bdi>", page)
    assert found is not None, page
    return found[1]


# ---------------------------------------------------------------- the catalogue


async def test_the_catalogue_is_listed_and_searched(otto: Desk) -> None:
    otto.campus.gateway.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/", tenants=[])

    every = (await otto.get("/portal/tools")).text
    found = (await otto.get("/portal/tools", q="quiz.example")).text
    nothing = (await otto.get("/portal/tools", q="chess")).text

    assert ("2 of 2" in every, "0 tenants" in every, "All tenants" in every) == (True,) * 3
    assert ("Hello" in found, "Quiz" in found) == (False, True)
    assert "No tool matches." in nothing


async def test_all_that_is_wrong_is_said_at_once(otto: Desk) -> None:
    wrong = {"key": "Größe", "name": "", "launch_url": "typed", "hand_off": "x"}

    answer = await otto.send("/portal/tools/new", **{**QUIZ, **wrong})

    assert answer.status_code == 422
    assert "Nothing was saved: 4 fields need you." in answer.text


async def test_a_tool_is_added_and_its_secret_shown_on_the_answer(otto: Desk) -> None:
    answer = await otto.send("/portal/tools/new", **QUIZ)
    again = await otto.get("/portal/tools/quiz")

    secret = secret_on(answer.text)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert secret not in str(answer.headers)
    assert secret not in again.text
    tool = otto.campus.tool("quiz")
    assert (tool.claims, tool.message_types) == ({"name", "email"}, {"LtiResourceLinkRequest"})
    assert tool.for_everyone


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"key": "Quiz 1"}, "key", "Use a to z, 0 to 9, and hyphens"),
        ({"key": "new"}, "key", "Use a to z, 0 to 9, and hyphens"),
        ({"key": "hello"}, "key", "Another tool has this key."),
        ({"name": ""}, "name", "Give a name of at most 100 characters"),
        ({"name": "x" * 10_000}, "name", "Give a name of at most 100 characters"),
        ({"launch_url": "quiz.example"}, "launch_url", "a full address that can be used"),
        ({"launch_url": "javascript:alert(1)"}, "launch_url", "a full address that can be used"),
        ({"message_types": []}, "message_types", "Choose at least one"),
        ({"message_types": ["Any"]}, "message_types", "Choose at least one"),
        ({"claims": ["everything"]}, "claims", "Choose one of what is offered."),
        ({"id_token_algorithm": "none"}, "id_token_algorithm", "Choose one of what is offered."),
        ({"hand_off": ""}, "hand_off", "Choose one of what is offered."),
        ({"offered": "some", "tenants": ["nowhere"]}, "tenants", "isn&#39;t there any more."),
    ],
)
async def test_what_cannot_be_added_is_said_beside_its_field(
    otto: Desk, changes: dict[str, Any], field: str, sentence: str
) -> None:
    answer = await otto.send("/portal/tools/new", **{**QUIZ, **changes})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert answer.text.count(sentence) >= 2
    assert [tool.key for tool in otto.campus.gateway.tools.list(OTTO)] == ["hello"]


async def test_a_form_that_fails_keeps_what_was_typed(otto: Desk) -> None:
    typed = {**QUIZ, "key": "", "hand_off": "form_post", "offered": "some"}
    southbank = otto.campus.tenant("southbank")

    page = (await otto.send("/portal/tools/new", **typed, tenants=[southbank])).text

    assert 'value="https://quiz.example/launch"' in page
    assert checked(page) == {
        "message_types-LtiResourceLinkRequest",
        "claims-name",
        "claims-email",
        "hand_off-form_post",
        "id_token_algorithm-RS256",
        "offered-some",
        f"tenants-{southbank}",
    }


def checked(page: str) -> set[str]:
    return set(re.findall(r'<input type="(?:checkbox|radio)" id="([^"]*)"[^>]* checked', page))


# ---------------------------------------------------------------- changing


async def test_the_next_launch_goes_by_a_change(otto: Desk) -> None:
    browser = Browser(otto.http, otto.campus)
    before = await browser.launch()

    page = await otto.done(
        "/portal/tools/hello/edit", **of_hello(otto, launch_url="https://hello.example/new")
    )
    after = await browser.launch()

    assert "The next launch goes by it." in page
    assert before.headers["location"].startswith("https://hello.example/launch?")
    assert after.headers["location"].startswith("https://hello.example/new?")


async def test_the_form_shows_the_tool_as_it_is(otto: Desk) -> None:
    page = (await otto.get("/portal/tools/hello/edit")).text

    assert 'value="https://hello.example/launch"' in page
    assert {"claims-picture", "hand_off-redirect", "offered-all"} <= checked(page)


async def test_somebody_elses_change_is_not_overwritten_silently(otto: Desk) -> None:
    mine = of_hello(otto, name="Mine")
    await otto.send("/portal/tools/hello/edit", **of_hello(otto, name="Theirs"))

    answer = await otto.send("/portal/tools/hello/edit", **mine)
    seen = re.search(r'name="seen" value="([^"]*)"', answer.text)

    assert answer.status_code == 422
    assert "Somebody else changed this tool" in answer.text
    assert 'value="Mine"' in answer.text
    assert otto.campus.tool("hello").name == "Theirs"
    assert seen is not None
    await otto.done("/portal/tools/hello/edit", **{**mine, "seen": seen[1]})
    assert otto.campus.tool("hello").name == "Mine"


async def test_a_tool_is_offered_to_those_who_are_ticked(otto: Desk) -> None:
    southbank = otto.campus.tenant("southbank")

    page = await otto.done(
        "/portal/tools/hello/edit", **of_hello(otto, offered="some", tenants=[southbank])
    )

    assert f"/portal/tenants/{southbank}" in page
    [offered] = otto.campus.gateway.tools.show(OTTO, "hello").tenants
    assert offered.slug == "southbank"


async def test_a_tool_is_offered_to_hundreds(otto: Desk) -> None:
    tenants = otto.campus.gateway.tenants
    many = [tenants.add(OTTO, f"School {number}").id for number in range(300)]

    await otto.done("/portal/tools/hello/edit", **of_hello(otto, offered="some", tenants=many))

    assert len(otto.campus.gateway.tools.show(OTTO, "hello").tenants) == 300


# ---------------------------------------------------------------- secrets


async def test_a_new_secret_is_asked_for_shown_once_and_good_at_once(otto: Desk) -> None:
    browser = Browser(otto.http, otto.campus)
    question = await otto.get("/portal/tools/hello/secret")
    code = code_of(await browser.launch())

    answer = await otto.send("/portal/tools/hello/secret")

    assert "2 registrations use this tool" in question.text
    with_the_old_one = await redeemed(otto, code, otto.campus.hello_secret)
    with_the_new_one = await redeemed(otto, code, secret_on(answer.text))
    assert (with_the_old_one, with_the_new_one) == (401, 200)


async def test_a_secret_is_in_no_log(otto: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    secret = secret_on((await otto.send("/portal/tools/hello/secret")).text)

    assert secret not in "".join(capfd.readouterr())


async def redeemed(otto: Desk, code: str, secret: str) -> int:
    answer = await otto.http.post(
        "/oauth/token",
        data={"grant_type": "authorization_code", "code": code},
        auth=(otto.campus.tool("hello").client_id, secret),
    )
    return answer.status_code


# ---------------------------------------------------------------- icons


async def upload(
    otto: Desk, content: bytes, name: str = "icon.png", kind: str = "image/png"
) -> Any:
    files = {"icon": (name, content, kind)}
    return await otto.send("/portal/tools/hello/icon", files, do="put")


async def test_an_icon_is_taken_shown_and_removed(otto: Desk) -> None:
    taken = await upload(otto, png(behind=b"<script>alert(1)</script>"))
    page = (await otto.get("/portal/tools/hello")).text
    shown = await otto.get("/tools/hello/icon")
    removed = await otto.done("/portal/tools/hello/icon", do="remove")

    assert taken.status_code == 303
    assert 'src="/tools/hello/icon?' in page
    assert shown.content == read_picture("icon", png()).content
    assert "has no picture any more" in removed
    assert (await otto.get("/tools/hello/icon")).status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"GIF89a",
        b"PK\x03\x04" + bytes(100),
        png(2000, 16),
        png()[:-20],
        png(behind=bytes(LARGEST_FILE)),
        jpeg()[:50],
    ],
)
async def test_what_is_no_good_picture_is_said_beside_the_field(otto: Desk, content: bytes) -> None:
    answer = await upload(otto, content)

    assert answer.status_code == 422
    assert 'id="icon-error"' in answer.text
    assert (await otto.get("/tools/hello/icon")).status_code == 404


async def test_what_the_file_is_called_and_said_to_be_counts_for_nothing(otto: Desk) -> None:
    await upload(otto, jpeg(), "../../etc/<b>.svg", "text/html")

    shown = await otto.get("/tools/hello/icon")

    assert shown.headers["content-type"] == "image/jpeg"


async def test_a_huge_upload_is_cut_off(otto: Desk) -> None:
    assert (await upload(otto, png(behind=bytes(600_000)))).status_code == 413


# ---------------------------------------------------------------- deleting


async def test_a_tool_that_nothing_uses_is_deleted(otto: Desk) -> None:
    await otto.send("/portal/tools/new", **QUIZ)
    question = await otto.get("/portal/tools/quiz/delete")

    page = await otto.done("/portal/tools/quiz/delete")

    assert "gone for good" in question.text
    assert "has been deleted." in page
    assert (await otto.get("/portal/tools/quiz")).status_code == 404


async def test_a_tool_in_use_says_what_to_do_instead(otto: Desk) -> None:
    question = await otto.get("/portal/tools/hello/delete")
    answer = await otto.send("/portal/tools/hello/delete")

    assert "2 registrations use it." in question.text
    assert answer.status_code == 409
    assert "can&#39;t be deleted" in answer.text or "can't be deleted" in answer.text


async def test_a_tool_that_is_not_there_is_not_found(otto: Desk) -> None:
    for address in ("", "/edit", "/secret", "/delete"):
        assert (await otto.get(f"/portal/tools/chess{address}")).status_code == 404
    for address in ("/edit", "/secret", "/icon", "/delete"):
        assert (await otto.send(f"/portal/tools/chess{address}")).status_code == 404
