"""Pages of the portal, drawn for the standing cast without a gateway behind them."""

from __future__ import annotations

from datetime import UTC, datetime

from gatelodge.services.caller import Caller, Role
from gatelodge.services.sessions import Standing, Visitor
from gatelodge.web.pages.languages import ENGLISH, Language
from gatelodge.web.pages.rendering import render_portal

NOW = datetime(2026, 11, 23, 10, 41, tzinfo=UTC)

_OPERATOR = Standing(Role.OPERATOR, None, None)
_ADMIN = Standing(Role.ADMIN, "northfield", "Northfield University")
_EDUCATOR = Standing(Role.EDUCATOR, "northfield", "Northfield University")


def visitor(standing: Standing, name: str, *others: Standing) -> Visitor:
    return Visitor(
        session_id="session",
        account_id="account",
        name=name,
        email=f"{name.partition(' ')[0].lower()}@northfield.example",
        caller=Caller("account", standing.role, standing.tenant_id),
        standing=standing,
        standings=(standing, *others),
        language=None,
        csrf="a-token",
    )


ADA = visitor(_ADMIN, "Ada Whitlock", _EDUCATOR)
BEN = visitor(_EDUCATOR, "Ben Osei")
OTTO = visitor(_OPERATOR, "Otto Lind", _ADMIN)


def drawn(
    template: str,
    who: Visitor | None = OTTO,
    language: Language = ENGLISH,
    **values: object,
) -> bytes:
    everywhere = {
        "visitor": who,
        "csrf": who.csrf if who else "",
        "said": None,
        "current": None,
        "here": "/portal/patterns?page=2",
        "support": "help@northfield.example",
        "takes_reports": True,
        "new_reports": 3,
    }
    return render_portal(template, everywhere | values, now=NOW, language=language)
