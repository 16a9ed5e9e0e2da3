"""``/set-up/{token}``: makes the first operator and the first tenant, once."""

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gatelodge.assembly import Gateway
from gatelodge.services.errors import Invalid, SetupLinkDead, TooManySignIns
from gatelodge.services.inputs import Inputs
from gatelodge.web.portal.drawing import draw, language_of
from gatelodge.web.portal.forms import NOTHING_SENT, Form, read_form
from gatelodge.web.portal.strangers import draw_for_stranger, enter, is_our_form

_INSTITUTION = "institution"

FIELDS = ("tenant", "name", "email")
"""What is offered again when something was wrong; the password is typed again."""


class SetUpPages:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def add_to(self, app: FastAPI) -> None:
        app.add_route("/set-up/{token}", self.answer, methods=["GET", "POST"])

    async def answer(self, request: Request) -> Response:
        form = await read_form(request) if request.method == "POST" else NOTHING_SENT
        return await run_in_threadpool(self._answer, request, form)

    def _answer(self, request: Request, form: Form) -> Response:
        if not self._gateway.setup_links.is_good(request.path_params["token"]):
            return self._dead(request)
        if request.method != "POST":
            return self._page(request, form)
        if not is_our_form(request, form, self._gateway.addresses.base):
            return self._page(request, form, is_stale=True, status=403)
        [password] = form.texts("password")[-1:] or [""]
        try:
            # Before the rest: to the service a tenant has a name, as a person has one.
            Inputs().name(_INSTITUTION, form.text("tenant"))
            account_id = self._gateway.setup_links.use(
                request.path_params["token"],
                name=form.text("name"),
                email=form.text("email"),
                password=password,
                tenant=form.text("tenant"),
            )
        except Invalid as error:
            field = "tenant" if error.field == _INSTITUTION else error.field
            return self._page(request, form, errors={field: str(error)}, status=422)
        except TooManySignIns as error:
            # So many passwords at once are more than this machine can hash.
            told = {"password": f"{error} {error.hint}"}
            return self._page(request, form, errors=told, status=429)
        except SetupLinkDead:
            return self._dead(request)
        return enter(self._gateway, request, account_id)

    def _dead(self, request: Request) -> Response:
        return draw(
            self._gateway, request, "set-up-dead.html", language_of(request), None, status=404
        )

    def _page(
        self,
        request: Request,
        form: Form,
        *,
        errors: dict[str, str] | None = None,
        is_stale: bool = False,
        status: int = 200,
    ) -> Response:
        return draw_for_stranger(
            self._gateway,
            request,
            "set-up.html",
            status=status,
            typed={name: form.text(name) for name in FIELDS},
            errors=errors or {},
            is_stale=is_stale,
        )
