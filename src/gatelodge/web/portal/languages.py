"""``/portal/language``: the language that a person chose, kept with their account."""

from starlette.responses import Response

from gatelodge.web.pages.languages import LANGUAGES
from gatelodge.web.portal.pages import EVERYBODY, Page, Visit


def choose(visit: Visit) -> Response:
    """A language that there isn't stands for none: the browser's counts again."""
    code = visit.form.text("language")
    visit.gateway.accounts.set_language(visit.caller, code if code in LANGUAGES else None)
    return visit.go(_page_of_ours(visit.form.text("to")))


def _page_of_ours(address: str) -> str:
    """Where the menu stood, if that is a page of the portal. Browsers read a backslash as a slash."""
    is_ours = address == "/help" or address.startswith(("/portal/", "/portal?"))
    return address if is_ours and "\\" not in address and address.isprintable() else "/portal"


PAGES = (Page("/portal/language", {"POST": choose}, EVERYBODY),)
