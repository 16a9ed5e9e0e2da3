from __future__ import annotations

from hashlib import sha256

import pytest

from gatelodge.services.errors import Invalid, NotAllowed, TenantNotFound, ToolNotFound
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
    assert tool.tenant_id is None


def test_a_tool_is_what_was_said(house: House) -> None:
    tool = house.tools.add(
        OTTO,
        "quiz",
        "Quiz",
        "https://quiz.example/launch?from=lti",
        tenant="southbank",
        message_types=["LtiDeepLinkingRequest"],
        claims=[],
        anonymous=True,
        id_token_algorithm="ES256",
        hand_off="form_post",
    ).tool

    assert tool.message_types == {"LtiDeepLinkingRequest"}
    assert (tool.claims, tool.anonymous) == (frozenset(), True)
    assert (tool.id_token_algorithm, tool.hand_off) == ("ES256", "form_post")
    assert tool.tenant_id == house.southbank.id


def test_the_secret_is_told_once_and_its_hash_is_kept(empty_house: House) -> None:
    added = empty_house.tools.add(OTTO, *HELLO)

    assert len(added.client_secret) == 43
    assert secret_hash(empty_house, added.tool.client_id) == digest(added.client_secret)


def test_a_new_secret_makes_the_one_before_worthless(house: House) -> None:
    secret = house.tools.rotate_secret(OTTO, "hello")

    assert secret_hash(house, house.hello.client_id) == digest(secret)
    assert house.tags()[-1] == "tool.secret_rotated"


def test_a_tenant_sees_the_tools_for_everyone_and_its_own(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/", tenant="southbank")

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
        house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/", tenant="nowhere")


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


def secret_hash(house: House, client_id: str) -> bytes:
    found = house.database.read(lambda connection: tools.get_by_client_id(connection, client_id))
    assert found is not None
    return found.secret_hash


def digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
