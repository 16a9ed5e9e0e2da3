"""``/portal/patterns``: every part of the interface in every state, for who builds and judges it."""

from starlette.responses import Response

from gatelodge.web.portal.pages import OPERATORS, Page, Visit


def show(visit: Visit) -> Response:
    return visit.page("patterns.html")


PAGES = (Page("/portal/patterns", {"GET": show}, OPERATORS),)
