from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from gatelodge.services.errors import (
    Invalid,
    NotAllowed,
    TenantNotFound,
    ToolChangedMeanwhile,
    ToolInUse,
    ToolNotFound,
)
from gatelodge.services.tools import details_of
from gatelodge.storage import tools
from gatelodge.storage.errors import ToolKeyTaken
from tests.services.house import OTTO, House

HELLO = ("hello", "Hello", "https://hello.example/launch")


def test_a_tool_takes_every_message_and_the_usual_claims_unless_said(empty_house: House) -> None:
    tool = empty_house.tools.add(OTTO, *HELLO).tool

    assert tool.message_types == {
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
        "LtiSubmissionReviewRequest",
    }
    assert tool.claims == {"name", "email", "picture", "custom"}
    assert (tool.anonymous, tool.id_token_algorithm, tool.hand_off) == (False, "RS256", "redirect")
    assert tool.for_everyone


def test_a_tool_is_what_was_said(house: House) -> None:
    tool = house.tools.add(
        OTTO,
        "quiz",
        "Quiz",
        "https://quiz.example/launch?from=lti",
        tenants=["southbank"],
        message_types=["LtiDeepLinkingRequest"],
        claims=[],
        anonymous=True,
        id_token_algorithm="ES256",
        hand_off="form_post",
    ).tool

    assert tool.message_types == {"LtiDeepLinkingRequest"}
    assert (tool.claims, tool.anonymous) == (frozenset(), True)
    assert (tool.id_token_algorithm, tool.hand_off) == ("ES256", "form_post")
    assert not tool.for_everyone


def test_the_secret_is_told_once_and_its_hash_is_kept(empty_house: House) -> None:
    added = empty_house.tools.add(OTTO, *HELLO)

    assert len(added.client_secret) == 43
    assert secret_hash(empty_house, added.tool.client_id) == digest(added.client_secret)


def test_a_new_secret_makes_the_one_before_worthless(house: House) -> None:
    secret = house.tools.rotate_secret(OTTO, "hello")

    assert secret_hash(house, house.hello.client_id) == digest(secret)
    assert house.tags()[-1] == "tool.secret_rotated"


def test_a_tenant_sees_the_tools_for_everyone_and_its_own(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/", tenants=["southbank"])

    assert [tool.key for tool in house.tools.list(house.ada)] == ["hello"]
    assert [tool.key for tool in house.tools.list(house.cleo)] == ["hello", "quiz"]
    assert [tool.key for tool in house.tools.list(OTTO)] == ["hello", "quiz"]


def test_a_key_is_given_once(house: House) -> None:
    with pytest.raises(ToolKeyTaken):
        house.tools.add(OTTO, *HELLO)


def test_what_does_not_exist_is_not_found(house: House) -> None:
    with pytest.raises(ToolNotFound):
        house.tools.rotate_secret(OTTO, "quiz")
    with pytest.raises(TenantNotFound):
        house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/", tenants=["nowhere"])


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"key": "Hello"}, "The key 'Hello' can't stand in an address"),
        ({"key": "keys"}, "The key 'keys' is taken by an address of the gateway's own."),
        ({"name": " "}, "The name is empty."),
        ({"launch_url": "http://hello.example/"}, "The launch address 'http://hello.example/' is"),
        ({"message_types": ["LtiLaunch"]}, "There is no message 'LtiLaunch'; choose of Lti"),
        ({"claims": ["phone"]}, "There is no claim 'phone'; choose of custom, email, name,"),
        ({"id_token_algorithm": "HS256"}, "There is no algorithm 'HS256'; choose of RS256, ES256."),
        ({"hand_off": "fax"}, "There is no hand-off 'fax'; choose of redirect, form_post."),
    ],
)
def test_what_cannot_be_a_tool_is_one_sentence(
    empty_house: House, values: dict[str, object], sentence: str
) -> None:
    given = {"key": "hello", "name": "Hello", "launch_url": "https://hello.example/", **values}

    with pytest.raises(Invalid) as invalid:
        empty_house.tools.add(OTTO, **given)

    assert str(invalid.value).startswith(sentence)


def test_only_the_operator_keeps_the_catalogue(house: House) -> None:
    for caller in (house.ada, house.ben, house.cleo):
        with pytest.raises(NotAllowed):
            house.tools.add(caller, "quiz", "Quiz", "https://quiz.example/")
        with pytest.raises(NotAllowed):
            house.tools.rotate_secret(caller, "hello")
        with pytest.raises(NotAllowed):
            house.tools.change(caller, "hello", details_of(house.tools.show(OTTO, "hello")))
        with pytest.raises(NotAllowed):
            house.tools.delete(caller, "hello")
        with pytest.raises(NotAllowed):
            house.tools.show(caller, "hello")
        with pytest.raises(NotAllowed):
            house.tools.search(caller, "", limit=9, offset=0)


def secret_hash(house: House, client_id: str) -> bytes:
    found = house.database.read(lambda connection: tools.get_by_client_id(connection, client_id))
    assert found is not None
    return found.secret_hash


def digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def test_a_tool_is_changed_and_keeps_its_identity(house: House) -> None:
    changed = house.tools.change(
        OTTO,
        "hello",
        replace(
            details_of(house.tools.show(OTTO, "hello")),
            name=" Hello there ",
            launch_url="https://hello.example/new",
            claims=["name"],
            message_types=["LtiResourceLinkRequest"],
            anonymous=True,
            id_token_algorithm="ES256",
            hand_off="form_post",
        ),
    ).tool

    assert (changed.id, changed.key, changed.client_id) == (
        house.hello.id,
        "hello",
        house.hello.client_id,
    )
    assert (changed.name, changed.launch_url) == ("Hello there", "https://hello.example/new")
    assert (changed.claims, changed.message_types) == ({"name"}, {"LtiResourceLinkRequest"})
    assert (changed.anonymous, changed.id_token_algorithm, changed.hand_off) == (
        True,
        "ES256",
        "form_post",
    )
    assert house.tags()[-1] == "tool.changed"


def test_a_change_that_changes_nothing_is_no_event(house: House) -> None:
    house.tools.change(OTTO, "hello", details_of(house.tools.show(OTTO, "hello")))

    assert "tool.changed" not in house.tags()


def test_two_people_do_not_overwrite_each_other(house: House) -> None:
    seen = house.tools.show(OTTO, "hello")
    house.tools.change(OTTO, "hello", replace(details_of(seen), name="Hi"), seen=seen.seen)

    with pytest.raises(ToolChangedMeanwhile):
        house.tools.change(OTTO, "hello", replace(details_of(seen), name="Ho"), seen=seen.seen)

    assert house.tools.show(OTTO, "hello").tool.name == "Hi"


def test_a_tool_is_offered_to_those_who_are_listed(house: House) -> None:
    details = details_of(house.tools.show(OTTO, "hello"))

    view = house.tools.change(OTTO, "hello", replace(details, tenants=["southbank"]))

    assert [each.slug for each in view.tenants] == ["southbank"]
    assert [tool.key for tool in house.tools.list(house.ada)] == []
    assert [tool.key for tool in house.tools.list(house.cleo)] == ["hello"]
    with pytest.raises(ToolNotFound):
        house.register(house.ada)


def test_a_tool_can_be_offered_to_nobody_and_then_to_everyone(house: House) -> None:
    details = details_of(house.tools.show(OTTO, "hello"))

    house.tools.change(OTTO, "hello", replace(details, tenants=[]))
    offered_to_nobody = house.tools.list(house.ada)
    house.tools.change(OTTO, "hello", replace(details, tenants=None))

    assert offered_to_nobody == []
    assert [tool.key for tool in house.tools.list(house.ada)] == ["hello"]


def test_a_tool_that_is_taken_off_offer_stays_where_it_is_registered(house: House) -> None:
    house.register(house.ada)
    details = details_of(house.tools.show(OTTO, "hello"))

    house.tools.change(OTTO, "hello", replace(details, tenants=["southbank"]))

    [kept] = house.registrations.list(house.ada)
    assert kept.tool.key == "hello"


def test_a_tool_without_registrations_is_deleted(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/", tenants=["southbank"])

    house.tools.delete(OTTO, "quiz")

    assert [tool.key for tool in house.tools.list(OTTO)] == ["hello"]
    assert house.tags()[-1] == "tool.deleted"


def test_a_tool_that_is_registered_cannot_be_deleted(house: House) -> None:
    registered = house.register(house.ada)
    with pytest.raises(ToolInUse):
        house.tools.delete(OTTO, "hello")
    house.registrations.delete(house.ada, registered.id)

    with pytest.raises(ToolInUse):
        house.tools.delete(OTTO, "hello")

    assert house.tools.show(OTTO, "hello").overview.in_bin == 1


def test_the_catalogue_is_searched_page_by_page(house: House) -> None:
    for number in range(3):
        house.tools.add(OTTO, f"quiz-{number}", f"Quiz {number}", "https://quiz.example/100%")

    page, total = house.tools.search(OTTO, "QUIZ", limit=2, offset=1)

    assert ([each.tool.key for each in page], total) == (["quiz-1", "quiz-2"], 3)
    assert house.tools.search(OTTO, "100%", limit=9, offset=0)[1] == 3
    assert house.tools.search(OTTO, "0_", limit=9, offset=0)[1] == 0


def test_the_catalogue_counts_what_uses_a_tool(house: House) -> None:
    house.register(house.ada)
    house.registrations.delete(
        house.cleo, house.register(house.cleo, "southbank", client_id="south").id
    )

    [hello], _ = house.tools.search(OTTO, "", limit=9, offset=0)

    assert (hello.registrations, hello.in_bin, hello.icon_changed_at) == (1, 1, None)
