"""The pencil: every detail of a registration, asked first where launches would be cut off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from gatelodge.services.registration_edits import EditView
from tests.support.browsers import browsing
from tests.support.gateways import OTTO, Campus
from tests.web.portal.test_wizard import HOSTILE, Ada, signed_in, value_of, words

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def ada(campus: Campus) -> AsyncIterator[Ada]:
    async with signed_in(campus, "Ada") as browser:
        yield browser


def seen(ada: Ada) -> EditView:
    return ada.campus.gateway.registration_edits.show(ada.caller, ada.campus.registration())


def seen_first(ada: Ada) -> EditView:
    """Of several the one that was there first."""
    first = ada.campus.gateway.registrations.list(ada.caller)[0]
    return ada.campus.gateway.registration_edits.show(ada.caller, first.id)


async def edit(ada: Ada, **changes: Any) -> httpx2.Response:
    """The form as it was loaded, with these fields typed over."""
    view = seen(ada)
    fields: dict[str, Any] = {
        name: "" if value is None else str(value) for name, value in asdict(view.details).items()
    }
    fields["algorithms"] = ["", *view.details.algorithms]
    fields["service_origins"] = "\n".join(view.details.service_origins)
    fields = {**fields, "version": view.version, "do": "save", **changes}
    return await ada.post(f"/portal/registrations/{view.id}/edit", **fields)


async def test_the_form_shows_every_detail_under_the_names_of_the_lms(ada: Ada) -> None:
    view = seen(ada)

    page = await ada.get(f"/portal/registrations/{view.id}/edit")

    assert page.status_code == 200
    assert "Platform ID" in words(page)
    assert value_of(page, "name") == "Moodle"
    for field in ("issuer", "client_id", "key_set_url", "token_url", "authorization_url"):
        assert value_of(page, field) == getattr(view.details, field)
    assert ada.campus.lms.deployment_id in words(page)


async def test_saving_leads_to_the_registration(ada: Ada) -> None:
    view = seen(ada)

    answer = await edit(ada, name=" New name ", leeway="90", new_deployment="second")

    assert answer.status_code == 303, words(answer)
    assert answer.headers["location"] == f"/portal/registrations/{view.id}"
    after = seen(ada).details
    assert (after.name, after.leeway) == ("New name", 90)


async def test_every_detail_can_be_changed(ada: Ada) -> None:
    lms = ada.campus.lms.addresses
    changes: dict[str, Any] = {
        "name": "Changed",
        "unknown_deployments": "refuse",
        "platform": "other",
        "issuer": "https://new.example",
        "client_id": "new",
        "authorization_url": f"{lms['authorization_url']}?again",
        "token_url": f"{lms['token_url']}?again",
        "key_set_url": f"{lms['key_set_url']}?again",
        "token_audience": "somebody",
        "leeway": "120",
        "algorithms": ["", "RS512", "ES256"],
        "service_origins": "https://one.example\n https://two.example/ ",
    }

    asked = await edit(ada, **changes)
    tried = value_of(asked, "tried") or ""
    done = await edit(ada, **changes, tried=tried, knowing="yes")

    assert done.status_code == 303, words(done)
    assert asdict(seen(ada).details) == {
        **changes,
        "leeway": 120,
        "algorithms": ("RS512", "ES256"),
        "service_origins": ("https://one.example", "https://two.example"),
    }


async def test_new_addresses_are_tried_and_saved_all_the_same_by_a_second_press(ada: Ada) -> None:
    url = "https://nowhere.example/keys"

    stopped = await edit(ada, key_set_url=url, name="Kept")
    tried = value_of(stopped, "tried") or ""

    assert stopped.status_code == 422
    assert "Nothing was saved yet" in words(stopped)
    assert "Failed: Key set There is no server of this name." in words(stopped)
    assert (value_of(stopped, "key_set_url"), value_of(stopped, "name")) == (url, "Kept")
    assert seen(ada).details.name == "Moodle"

    other = await edit(ada, key_set_url=f"{url}/others", name="Kept", tried=tried)
    done = await edit(ada, key_set_url=url, name="Kept", tried=tried)

    assert other.status_code == 422
    assert done.status_code == 303
    assert seen(ada).details.key_set_url == url


async def test_an_lms_that_is_down_keeps_nobody_from_giving_a_new_name(ada: Ada) -> None:
    nowhere = "https://nowhere.example/keys"
    first = await edit(ada, key_set_url=nowhere)
    await edit(ada, key_set_url=nowhere, tried=value_of(first, "tried") or "")

    answer = await edit(ada, name="New name")

    assert answer.status_code == 303
    assert seen(ada).details.name == "New name"


async def test_the_connection_is_tested_without_saving(ada: Ada) -> None:
    answer = await edit(ada, name="Kept", do="test")

    assert answer.status_code == 200
    assert "Passed: Key set" in words(answer)
    assert "Nothing was saved yet" not in words(answer)
    assert value_of(answer, "name") == "Kept"
    assert seen(ada).details.name == "Moodle"


async def test_another_issuer_is_asked_first_and_launches_go_by_it_afterwards(ada: Ada) -> None:
    asked = await edit(ada, issuer="https://new.example", name="Renamed")
    version = value_of(asked, "version") or ""

    assert asked.status_code == 422
    assert "Launches that work now will be refused" in words(asked)
    assert value_of(asked, "issuer") == "https://new.example"
    assert seen(ada).details.name == "Moodle"

    done = await edit(
        ada, issuer="https://new.example", name="Renamed", knowing="yes", version=version
    )

    assert done.status_code == 303
    assert seen(ada).details.issuer == "https://new.example"


async def test_a_launch_is_refused_as_soon_as_its_client_id_is_another(ada: Ada) -> None:
    async with browsing(ada.campus) as browser:
        before = await browser.launch()
        await edit(ada, client_id="another", knowing="yes")
        after = await browser.launch()

    assert before.status_code == 303
    assert after.status_code in (400, 401)


async def test_two_people_do_not_overwrite_each_other_silently(ada: Ada) -> None:
    old = seen(ada).version
    await edit(ada, name="First")

    late = await edit(ada, name="Second", version=old)

    assert late.status_code == 409
    assert "Somebody else saved this registration meanwhile" in words(late)
    assert "First" in words(late)
    assert value_of(late, "name") == "Second"
    assert seen(ada).details.name == "First"
    again = await edit(ada, name="Second", version=value_of(late, "version") or "")
    assert again.status_code == 303
    assert seen(ada).details.name == "Second"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "This can't be empty."),
        ("issuer", " ", "This can't be empty."),
        ("leeway", "many", "Give a number of seconds from 0 to 300."),
        ("token_url", "no address", "This is no full address"),
        ("algorithms", [""], "Choose at least one"),
        ("algorithms", ["", "HS256"], "Choose of those that are offered."),
        ("service_origins", "https://a.example/path", "scheme and host alone"),
        ("service_origins", "https://a.example " * 21, "These are too many"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(
    ada: Ada, field: str, value: Any, sentence: str
) -> None:
    answer = await edit(ada, **{field: value})

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert f'id="{field}-error"' in answer.text


async def test_http_is_mended_by_a_button(campus: Campus) -> None:
    with campus.beside(development=False) as strict:
        async with signed_in(strict, "Ada") as ada:
            refused = await edit(ada, token_url="http://new.example/token", name="Kept")
            mended = await edit(
                ada, token_url="http://new.example/token", name="Kept", do="https:token_url"
            )

    assert "LTI 1.3 needs https. Change it to https" in words(refused)
    assert value_of(mended, "token_url") == "https://new.example/token"
    assert value_of(mended, "name") == "Kept"


async def test_a_client_id_in_use_elsewhere_is_told_without_saying_whose(ada: Ada) -> None:
    theirs = ada.campus.southbank_lms.addresses

    answer = await edit(ada, issuer=theirs["issuer"], client_id=theirs["client_id"], knowing="yes")

    assert answer.status_code == 409
    assert "in use on this gateway already" in words(answer)
    assert "Southbank" not in answer.text


async def test_a_shared_client_is_shown_and_not_changed(ada: Ada) -> None:
    """The operator shares the client of the registration; its name is still the institution's."""
    ada.campus.gateway.tools.add(OTTO, "second", "Second", "https://second.example/launch")
    ada.campus.register(tool="second", deployment_ids=(), shared=True)

    page = await ada.get(f"/portal/registrations/{seen_first(ada).id}/edit")

    assert "This Client ID is shared among institutions" in words(page)
    assert "readonly" in page.text


async def test_nothing_that_is_typed_becomes_markup(ada: Ada) -> None:
    answers = [
        await edit(ada, **{field: HOSTILE})
        for field in [
            "name",
            "issuer",
            "client_id",
            "key_set_url",
            "token_url",
            "authorization_url",
            "token_audience",
            "leeway",
            "algorithms",
            "service_origins",
            "tried",
            "new_deployment",
            "platform",
            "unknown_deployments",
            "version",
            "do",
            "knowing",
        ]
    ]
    answers.append(await ada.get(f"/portal/registrations/{seen(ada).id}/edit"))

    for answer in answers:
        assert answer.status_code < 500
        assert "<script>alert" not in answer.text


async def test_other_tenants_find_nothing(ada: Ada) -> None:
    registration = seen(ada).id

    async with signed_in(ada.campus, "Cleo") as cleo:
        address = f"/portal/registrations/{registration}/edit"
        answers = [await cleo.get(address), await cleo.post(address, name="Mine")]

    assert [each.status_code for each in answers] == [404, 404]
