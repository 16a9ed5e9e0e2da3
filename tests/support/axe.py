"""What axe finds on a page as it stands: WCAG 2.0 to 2.2, A and AA, and what it calls best practice."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Page

EVERYTHING: dict[str, Any] = {"rules": {"target-size": {"enabled": True}}}
"""The size of targets is WCAG 2.2's, and axe asks for it only if told to."""
# What can change while the elements stay: their colours, and where they stand.
ONLY_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
ONLY_LAYOUT = {
    "runOnly": {
        "type": "rule",
        "values": ["color-contrast", "scrollable-region-focusable", "target-size"],
    }
}


def faults(page: Page, rules: dict[str, Any] = EVERYTHING) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(
        "async options => (await axe.run(document, options)).violations",
        {"resultTypes": ["violations"], **rules},
    )
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]
