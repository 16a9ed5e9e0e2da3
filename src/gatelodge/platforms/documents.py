"""What an LMS takes as one document instead of a form filled in by hand: Canvas's JSON, to be pasted.

A document is data with places for our values in it: ``{target_link_uri}`` and the like, named as in
`gatelodge.platforms.model.Line.own`.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple


class Document(NamedTuple):
    """``choose`` is where this LMS takes it, in its words."""

    choose: tuple[str, ...]
    content: Mapping[str, Any]


_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"

_CANVAS = Document(
    choose=("Method", "Paste JSON"),
    content={
        "title": "{name}",
        "description": "{name}",
        "target_link_uri": "{target_link_uri}",
        "oidc_initiation_url": "{oidc_initiation_url}",
        "public_jwk_url": "{key_set_url}",
        "scopes": [
            f"{_AGS}lineitem",
            f"{_AGS}result.readonly",
            f"{_AGS}score",
            "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
        ],
        "custom_fields": "{custom_parameters}",
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": "{domain}",
                "privacy_level": "public",
                "settings": {
                    "text": "{name}",
                    "icon_url": "{icon_url}",
                    "placements": [
                        {
                            "placement": "course_navigation",
                            "message_type": "LtiResourceLinkRequest",
                            "target_link_uri": "{target_link_uri}",
                        },
                        {
                            "placement": "link_selection",
                            "message_type": "LtiDeepLinkingRequest",
                            "target_link_uri": "{deep_linking_url}",
                        },
                    ],
                },
            }
        ],
    },
)

DOCUMENTS: Final[Mapping[str, Document]] = {"canvas": _CANVAS}
"""By the id of the LMS."""


def written(document: Document, values: Mapping[str, str]) -> str:
    """The document with our values in it. A member whose value is empty is left out."""
    return json.dumps(_filled(document.content, values), indent=2, ensure_ascii=False)


def _filled(part: Any, values: Mapping[str, str]) -> Any:
    if isinstance(part, str):
        named = part.startswith("{") and part.endswith("}")
        return values.get(part[1:-1], "") if named else part
    if isinstance(part, list):
        return [_filled(each, values) for each in part]
    filled = {name: _filled(each, values) for name, each in part.items()}
    return {name: each for name, each in filled.items() if each not in ("", None)}
