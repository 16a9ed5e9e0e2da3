"""What one simulated LMS is told at its start: its own address, and the tools placed in it."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Purpose(StrEnum):
    """What a placed tool is there for. Courses use the first; scenarios may need another."""

    COURSE = "course"
    UNREACHABLE_KEYS = "unreachable-keys"
    KEYS_ARE_A_PAGE = "keys-are-a-page"
    SWITCHED_OFF = "switched-off"
    OTHER_TOOL = "other-tool"
    LINKS_ONLY = "links-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedTool:
    """A tool as an LMS's administrator has entered it."""

    label: str
    login_url: str
    target_link_uri: str
    redirect_uris: tuple[str, ...]
    client_id: str
    deployment_id: str
    purpose: Purpose = Purpose.COURSE


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """``issuer`` is the base address unless another is given.

    ``id_prefix`` stands before the ids of courses and links, never before those of people: two
    simulated LMSs both know a person "3".
    """

    base_url: str
    tools: tuple[PlacedTool, ...]
    issuer: str = ""
    site_name: str = "Northfield VLE"
    id_prefix: str = ""
    _by_purpose: dict[Purpose, PlacedTool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        object.__setattr__(self, "issuer", self.issuer or self.base_url)
        # The first of a purpose counts, so the last may be overwritten by it.
        by_purpose = {tool.purpose: tool for tool in reversed(self.tools)}
        object.__setattr__(self, "_by_purpose", by_purpose)

    def tool_for(self, purpose: Purpose) -> PlacedTool | None:
        return self._by_purpose.get(purpose)

    def url(self, path: str) -> str:
        return self.base_url + path


def read_config(path: Path) -> SimulatorConfig:
    return config_from(json.loads(path.read_text(encoding="utf-8")))


def config_from(document: dict[str, Any]) -> SimulatorConfig:
    tools = tuple(
        PlacedTool(
            **{
                **tool,
                "redirect_uris": tuple(tool["redirect_uris"]),
                "purpose": Purpose(tool.get("purpose", Purpose.COURSE)),
            }
        )
        for tool in document["tools"]
    )
    return SimulatorConfig(**{**document, "tools": tools})
