"""What is pasted into an LMS as one document has our values in it, and nothing empty."""

from __future__ import annotations

import json

from gatelodge.platforms import get
from gatelodge.platforms.documents import DOCUMENTS, written

VALUES = {
    "name": 'Peer "review"',
    "target_link_uri": "https://gate.example/lti/hello/launch",
    "oidc_initiation_url": "https://gate.example/lti/hello/login",
    "key_set_url": "https://gate.example/lti/keys/1",
    "deep_linking_url": "https://gate.example/lti/hello/launch",
    "domain": "gate.example",
    "icon_url": "https://gate.example/tools/hello/icon",
    "custom_parameters": "a=1\nb=2",
}


def test_the_document_of_canvas_says_where_the_tool_is() -> None:
    document = json.loads(written(DOCUMENTS["canvas"], VALUES))

    assert document["title"] == 'Peer "review"'
    assert document["target_link_uri"] == VALUES["target_link_uri"]
    assert document["oidc_initiation_url"] == VALUES["oidc_initiation_url"]
    assert document["public_jwk_url"] == VALUES["key_set_url"]
    assert document["custom_fields"] == "a=1\nb=2"
    assert all(each.startswith("https://purl.imsglobal.org/") for each in document["scopes"])
    [extension] = document["extensions"]
    assert extension["platform"] == "canvas.instructure.com"
    assert extension["domain"] == "gate.example"
    kinds = {each["message_type"] for each in extension["settings"]["placements"]}
    assert kinds == {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"}


def test_what_there_is_none_of_is_left_out() -> None:
    document = json.loads(
        written(DOCUMENTS["canvas"], {**VALUES, "icon_url": "", "custom_parameters": ""})
    )

    assert "custom_fields" not in document
    assert "icon_url" not in document["extensions"][0]["settings"]


def test_every_document_belongs_to_an_lms() -> None:
    assert [get(each).id for each in DOCUMENTS] == [*DOCUMENTS]
