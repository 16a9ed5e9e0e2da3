"""What we know about each learning management system, as data: addresses, field names, screens, quirks.

Facts only. What a quirk means for a message is decided in `lti`, what a registration is in `services`.
"""

from gatelodge.platforms.catalogue import (
    UnknownPlatform,
    all_platforms,
    get,
    guess,
    identifier_hint,
)
from gatelodge.platforms.model import SUBJECTS, Addresses, Environment, Identifier, Line, Platform
from gatelodge.platforms.quirks import QUIRKS

__all__ = [
    "QUIRKS",
    "SUBJECTS",
    "Addresses",
    "Environment",
    "Identifier",
    "Line",
    "Platform",
    "UnknownPlatform",
    "all_platforms",
    "get",
    "guess",
    "identifier_hint",
]
