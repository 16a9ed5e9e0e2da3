"""A page before the eyes of who needs it otherwise: larger, wider spaced, in colours of their own, without motion."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

LOOKS = Path(__file__).with_suffix(".js").read_text()


def _ask(page: Page, question: str) -> list[str]:
    if not page.evaluate("'looks' in window"):
        page.evaluate(LOOKS)
    found: list[str] = page.evaluate(f"looks.{question}()")
    return list(dict.fromkeys(found))


def cut(page: Page) -> list[str]:
    """Text that is cut off or covered, and pages that have to be scrolled sideways (WCAG 1.4.4, 1.4.10)."""
    return _ask(page, "cut") + _ask(page, "sideways")


def cut_when_spaced(page: Page) -> list[str]:
    """The same with lines, words and letters as far apart as anybody may set them (WCAG 1.4.12)."""
    _ask(page, "cut")
    page.evaluate("looks.space()")
    found = cut(page)
    page.evaluate("looks.unspace()")
    return found


def lost_in_forced_colours(page: Page) -> list[str]:
    """What only a background or a colour told: frames, chosen things, icons."""
    page.emulate_media(forced_colors="active")
    found = _ask(page, "lost")
    page.emulate_media(forced_colors="none")
    return found


def moving(page: Page) -> list[str]:
    return _ask(page, "moving")
