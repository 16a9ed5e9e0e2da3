"""``/portal``: leads everybody to where their work is."""

from starlette.responses import Response

from gatelodge.web.portal.pages import EVERYBODY, Page, Visit


def enter(visit: Visit) -> Response:
    return visit.go("/portal/tenants" if visit.caller.is_operator else "/portal/registrations")


PAGES = (Page("/portal", {"GET": enter}, EVERYBODY),)
