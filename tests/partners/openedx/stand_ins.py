"""Stand-ins for the parts of Open edX that its LTI component asks about and that aren't here.

They are the switches of the site, all of them off, as they are on a new one. The component takes them by name when it
is loaded, so they have to stand in their places before.
"""

from __future__ import annotations

from lti_consumer.plugin import compat

_SWITCHES = (
    "get_database_config_waffle_flag",
    "get_external_config_waffle_flag",
    "get_external_multiple_launch_urls_waffle_flag",
    "get_external_user_id_1p1_launches_waffle_flag",
)


class _Off:
    def is_enabled(self, *_: object) -> bool:
        return False


def take_their_places() -> None:
    for name in _SWITCHES:
        setattr(compat, name, _Off)
