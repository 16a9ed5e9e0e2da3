"""The log: a line for each launch and each refusal, with the reference, and never with what was sent."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from tests.support.browsers import Browser, code_of
from tests.support.lms import CLAIM

pytestmark = pytest.mark.asyncio


async def test_a_refusals_line_has_its_reference_and_code(browser: Browser) -> None:
    with capture_logs() as lines:
        answer = await browser.launch(aud="somebody")

    [line] = [each for each in lines if each["event"] == "refused"]
    assert line["trace_id"] in answer.text
    assert line["code"] == "launch.audience_mismatch"
    assert line["proven"] is True
    assert line["tenant"] == browser.campus.tenant()
    assert line["stage"] == "launch"


async def test_an_accepted_launch_is_logged_by_its_ids(browser: Browser) -> None:
    with capture_logs() as lines:
        launched = await browser.launch()

    [line] = [each for each in lines if each["event"] == "accepted"]
    assert line["launch"] == code_of(launched).partition(".")[0]
    assert line["tenant"] == browser.campus.tenant()
    assert line["registration"] == browser.campus.registration()


@pytest.mark.parametrize("link", ["invitation", "set-up"])
async def test_a_link_that_fails_is_logged_without_its_token(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, link: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("planted")

    gateway = browser.campus.gateway
    monkeypatch.setattr(gateway.invitations, "look", fail)
    monkeypatch.setattr(gateway.setup_links, "is_good", fail)
    with capture_logs() as lines, pytest.raises(RuntimeError, match="planted"):
        await browser.http.get(f"/{link}/quillfeather")

    [line] = [each for each in lines if each["event"] == "failed"]
    assert line["path"] == f"/{link}/{{token}}"


async def test_nothing_that_was_sent_is_ever_logged(
    browser: Browser, capfd: pytest.CaptureFixture[str]
) -> None:
    secrets = ["Quillfeather", "mia.learner", "school:3", "mitosis", browser.campus.hello_secret]
    begun = await browser.login(login_hint="hint-of-mia", lti_message_hint="message-hint")
    secrets += ["hint-of-mia", "message-hint", begun.state, begun.request["login_hint"] + "-"]
    token = browser.token(begun, name="Mia Quillfeather")
    launched = await browser.post(begun, token)
    secrets += [token, token.rpartition(".")[2], code_of(launched)]
    redeemed = await browser.redeem(launched)
    secrets += [redeemed["access_token"], redeemed["id_token"]]
    secrets += [cookie.value or "-" for cookie in browser.http.cookies.jar]

    # And all over again, refused in every stage.
    await browser.post(begun, token)
    await browser.begin(login_hint="hint-of-mia", iss="https://nobody.example")
    for claims in (
        {"aud": "somebody"},
        {"key": "nobody's"},
        {"name": "Mia Quillfeather", CLAIM + "roles": None},
        {"sub": "Quillfeather\x00"},
    ):
        await browser.launch(**claims)
    await browser.post(begun, token + "x", error="access_denied", error_description="Quillfeather")
    await browser.http.get("/nothing", params={"code": code_of(launched)})
    await browser.http.post("/oauth/token", data={"code": code_of(launched)})

    # What the platform signed and the browser carried, in whatever the process has written.
    written = "".join(capfd.readouterr())
    assert "refused" in written
    assert "accepted" in written
    for secret in secrets:
        assert secret not in written
