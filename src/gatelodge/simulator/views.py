"""From a template to an answer, with the headers that every page carries."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatelodge.simulator.config import SimulatorConfig
from gatelodge.simulator.platform import Form

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "frame-src http: https:; frame-ancestors 'self'; base-uri 'none'"
)


class Views:
    def __init__(self, config: SimulatorConfig) -> None:
        self._templates = Environment(
            loader=PackageLoader("gatelodge.simulator"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["site_name"] = config.site_name

    def page(self, template: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
        return HTMLResponse(self._templates.get_template(template).render(values), status)

    def message(self, title: str, text: str, *, status: int = 200) -> HTMLResponse:
        return self.page("message.html", status=status, title=title, text=text)

    def forward(self, form: Form) -> HTMLResponse:
        """A page that sends a form on to another site by itself."""
        return self.page("forward.html", form=form)


class SafeHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
