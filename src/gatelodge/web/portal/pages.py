"""What a page of the portal is, and what its handler is given: one request by somebody signed in."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gatelodge.assembly import Gateway
from gatelodge.platforms import Platform
from gatelodge.services.caller import Caller, Role
from gatelodge.services.sessions import Visitor
from gatelodge.web.pages.figures import Figures
from gatelodge.web.pages.languages import Language
from gatelodge.web.pages.names import YOUR_LMS
from gatelodge.web.portal.drawing import draw
from gatelodge.web.portal.forms import USUAL, Bounds, Form
from gatelodge.web.portal.messages import Message, carry, forget

EVERYBODY = frozenset(Role)
ADMINS = frozenset({Role.OPERATOR, Role.ADMIN})
OPERATORS = frozenset({Role.OPERATOR})


class NotHere(Exception):
    """There is no such page, or nobody may know of it who asks here."""


class Visit:
    """``said`` is what the page before wanted to be told on this one."""

    def __init__(
        self,
        request: Request,
        gateway: Gateway,
        visitor: Visitor,
        language: Language,
        form: Form,
        said: Message | None,
    ) -> None:
        self.request = request
        self.gateway = gateway
        self.visitor = visitor
        self.language = language
        self.form = form
        self.said = said

    @property
    def caller(self) -> Caller:
        return self.visitor.caller

    def word(self, text: str) -> str:
        """A text of ours in the visitor's language."""
        return self.language.translations.gettext(text)

    @property
    def figures(self) -> Figures:
        """Numbers, dates and spans in the visitor's language."""
        return Figures(self.language)

    def lms(self, platform: Platform | None) -> str:
        """What a sentence calls this LMS."""
        if platform is None:
            return ""
        return self.word(YOUR_LMS) if platform.id == "other" else platform.name

    @property
    def path(self) -> Mapping[str, str]:
        """Parameters of the path, as the page's own path names them."""
        return self.request.path_params

    @property
    def query(self) -> Mapping[str, str]:
        """Of a name that stands twice the last."""
        return self.request.query_params

    def page(
        self, template: str, *, status: int = 200, said: Message | None = None, **values: Any
    ) -> Response:
        """Draw one of ``templates/portal/``; a message given here is shown at once."""
        response = self._draw(template, status=status, said=said or self.said, **values)
        if self.said is not None:
            forget(response)
        return response

    def fragment(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """The same for a part of a page that a script asks for: it leaves messages to pages."""
        return self._draw(template, status=status, **values)

    def _draw(self, template: str, **values: Any) -> Response:
        return draw(self.gateway, self.request, template, self.language, self.visitor, **values)

    def go(self, address: str, said: Message | None = None) -> Response:
        """On to another page of ours, by GET, as after every form that was taken (303)."""
        response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        if said is not None:
            carry(response, said, self.visitor)
        return response


Handler = Callable[[Visit], Response]


class Page(NamedTuple):
    """``handlers`` by method, "GET" and "POST"; they run on a thread and may wait for the database."""

    path: str
    handlers: Mapping[str, Handler]
    roles: frozenset[Role]
    bounds: Bounds = USUAL
    """How large its form may be, for who has signed in."""
