"""All entries, and how to find one."""

import re

from gatelodge.platforms.data.blackboard import BLACKBOARD
from gatelodge.platforms.data.brightspace import BRIGHTSPACE
from gatelodge.platforms.data.canvas import CANVAS
from gatelodge.platforms.data.ilias import ILIAS
from gatelodge.platforms.data.itslearning import ITSLEARNING
from gatelodge.platforms.data.moodle import MOODLE, OPEN_LMS, TOTARA
from gatelodge.platforms.data.openedx import OPENEDX
from gatelodge.platforms.data.openolat import OPENOLAT
from gatelodge.platforms.data.other import OTHER
from gatelodge.platforms.data.sakai import SAKAI
from gatelodge.platforms.data.schoology import SCHOOLOGY
from gatelodge.platforms.model import Platform

# In the order in which people are offered them.
_PLATFORMS = (
    CANVAS,
    BLACKBOARD,
    MOODLE,
    OPEN_LMS,
    TOTARA,
    BRIGHTSPACE,
    SCHOOLOGY,
    SAKAI,
    OPENEDX,
    ITSLEARNING,
    ILIAS,
    OPENOLAT,
    OTHER,
)
_BY_ID = {platform.id: platform for platform in _PLATFORMS}


class UnknownPlatform(LookupError):
    def __init__(self, platform_id: str) -> None:
        super().__init__(
            f"There is no LMS {platform_id!r} in the catalogue. It has {', '.join(_BY_ID)}."
        )


def all_platforms() -> tuple[Platform, ...]:
    return _PLATFORMS


def get(platform_id: str) -> Platform:
    try:
        return _BY_ID[platform_id]
    except KeyError:
        raise UnknownPlatform(platform_id) from None


def guess(issuer: str) -> Platform | None:
    """The LMS that an issuer's address speaks of. A suggestion: anybody can put any word into an address."""
    words = {word.rstrip("0123456789") for word in re.split(r"[^a-z0-9]+", issuer.lower())}
    return next((platform for platform in _PLATFORMS if not words.isdisjoint(platform.words)), None)


def identifier_hint(platform: Platform, client_id: str, deployment_id: str) -> str | None:
    """A warning when the two ids look swapped, or when one was pasted twice."""
    client, deployment = platform.client_id, platform.deployment_id
    if client is None or deployment is None:
        return None
    forms = f"In {platform.name}, a client ID is {client.looks_like}, a deployment ID {deployment.looks_like}."
    if client_id == deployment_id:
        return f"Client ID and deployment ID are the same. {forms}"
    as_given = client.fits(client_id) and deployment.fits(deployment_id)
    if not as_given and client.fits(deployment_id) and deployment.fits(client_id):
        return f"Client ID and deployment ID look swapped. {forms}"
    return None
