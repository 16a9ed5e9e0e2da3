"""The LMS's side of a launch: begins the login, and answers the authentication request.

1EdTech Security Framework 1.0 section 5.1.1, OpenID Connect Core sections 3.1.2 and 4. What the
gateway asks is held against what is registered here, as strictly as the strictest LMSs do; a
scenario then breaks what it is meant to break. HTTP and pages are not known here.
"""

import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gatelodge.simulator.config import SimulatorConfig
from gatelodge.simulator.keys import KeyRing
from gatelodge.simulator.messages import Click, Target, claims_of
from gatelodge.simulator.scenario import Fields, Route, Scenario
from gatelodge.simulator.school import Person

_OPEN_AT_MOST = 1_000
_OPEN_FOR = 600  # seconds


class RequestRefused(Exception):
    """The LMS explains this on a page of its own: the sender's address can't be trusted."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that the person's browser is to send on."""

    address: str
    fields: Fields
    method: str = "post"


@dataclass(slots=True)
class Opening:
    """A click on its way to the tool: begun at the login, answered at most once.

    ``request`` is what was asked, ``answer`` what was sent; both stay for the scenarios that
    send something twice.
    """

    click: Click
    begun_at: float
    request: dict[str, str] | None = None
    answer: Form | None = None


class Platform:
    def __init__(
        self, config: SimulatorConfig, keys: KeyRing, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.config = config
        self.keys = keys
        self._clock = clock
        self._openings: OrderedDict[str, Opening] = OrderedDict()

    def begin(self, click: Click) -> Form:
        """The login initiation for a click (SF 5.1.1.1)."""
        opening_id = secrets.token_urlsafe(16)
        self._openings[opening_id] = Opening(click, self._clock())
        while len(self._openings) > _OPEN_AT_MOST:
            self._openings.popitem(last=False)
        tool, scenario = click.tool, click.scenario
        fields = [
            ("iss", self.config.issuer),
            ("login_hint", click.person.id),
            ("target_link_uri", tool.target_link_uri),
            ("lti_message_hint", _message_hint(click, opening_id)),
            ("client_id", tool.client_id),
            ("lti_deployment_id", tool.deployment_id),
        ]
        return Form(tool.login_url, scenario.login(fields), scenario.login_method)

    def answer(self, sent: Iterable[tuple[str, str]], person: Person | None) -> Form:
        """Answer an authentication request with a token, or with an error for the tool.

        Raises `RequestRefused` while it isn't known that the redirect address is the tool's:
        nothing is ever posted to an address that isn't registered.
        """
        request = _single_values(sent)
        self._check_address(request)
        if error := _error_in(request, person):
            return _error_form(request, *error)
        opening = self._take(request)
        opening.request = request
        opening.answer = self._token_form(opening.click, request)
        return opening.answer

    def click_of(self, sent: Iterable[tuple[str, str]]) -> Click | None:
        """The click that an authentication request belongs to, if there is one."""
        opening = self._openings.get(_opening_id(dict(sent).get("lti_message_hint", "")))
        return opening.click if opening else None

    def answer_again(self, scenario: Scenario, person: Person, target: Target) -> Form:
        """The second step of a scenario: the newest answer once more."""
        for opening in reversed(self._openings.values()):
            click = opening.click
            wanted = (click.scenario, click.person, click.target) == (scenario, person, target)
            if wanted and opening.request is not None and opening.answer is not None:
                if scenario.route is Route.TOKEN_AGAIN:
                    return self._token_form(click, opening.request)
                return opening.answer
        raise RequestRefused("Nothing has been sent yet. Take the first step of the scenario.")

    def _check_address(self, request: dict[str, str]) -> None:
        tools = [
            tool for tool in self.config.tools if tool.client_id == request.get("client_id", "")
        ]
        if not tools:
            raise RequestRefused("No tool is registered here with this client id.")
        # As a whole text, query and all (OIDC Core section 3.1.2.1).
        if not any(request.get("redirect_uri") in tool.redirect_uris for tool in tools):
            raise RequestRefused("This redirect address isn't registered for the tool.")

    def _take(self, request: dict[str, str]) -> Opening:
        opening = self._openings.get(_opening_id(request["lti_message_hint"]))
        if opening is None or self._clock() - opening.begun_at > _OPEN_FOR:
            raise RequestRefused("Nobody clicked a link for this, or it was too long ago.")
        if opening.request is not None:
            raise RequestRefused("This link was opened already. Go back and click it again.")
        if not _belongs(request, opening.click):
            raise RequestRefused("The click was for another tool.")
        return opening

    def _token_form(self, click: Click, request: dict[str, str]) -> Form:
        claims = claims_of(click, self.config, nonce=request["nonce"], now=int(self._clock()))
        click.scenario.claims(claims)
        token = click.scenario.sign(claims, self.keys)
        fields = [("id_token", token), ("state", request["state"])]
        return Form(
            request["redirect_uri"], click.scenario.form(fields), click.scenario.form_method
        )


def _message_hint(click: Click, opening_id: str) -> str:
    # JSON with quotation marks, as Moodle's: whoever returns it must not alter it (CORE 4.1.1).
    return json.dumps({"link": click.link.id, "opening": opening_id}, separators=(",", ":"))


def _opening_id(message_hint: str) -> str:
    try:
        hint = json.loads(message_hint)
    except ValueError:
        return ""
    opening_id = hint.get("opening", "") if isinstance(hint, dict) else ""
    return opening_id if isinstance(opening_id, str) else ""


def _single_values(sent: Iterable[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in sent:
        if name in values:
            raise RequestRefused(f"The request says {name} twice.")
        values[name] = value
    return values


_FIXED = (
    # Which error belongs to which parameter: OIDC Core section 3.1.2.6, RFC 6749 section 4.2.2.1.
    ("response_type", "id_token", "unsupported_response_type"),
    ("scope", "openid", "invalid_scope"),
    ("response_mode", "form_post", "invalid_request"),
    ("prompt", "none", "invalid_request"),
)


def _error_in(request: dict[str, str], person: Person | None) -> tuple[str, str] | None:
    """The error to send to the tool, if its request deserves one, and the words to go with it."""
    for name, value, error in _FIXED:
        if request.get(name) != value:
            return error, f"{name} has to be {value}."
    for name in ("nonce", "state", "login_hint", "lti_message_hint"):
        if not request.get(name):
            return "invalid_request", f"{name} is missing."
    if person is None:
        return "login_required", "Nobody is signed in."
    if request["login_hint"] != person.id:
        return "access_denied", "Another person is signed in than the one who clicked."
    return None


def _error_form(request: dict[str, str], error: str, description: str) -> Form:
    fields = [("error", error), ("error_description", description)]
    if state := request.get("state"):
        fields.append(("state", state))
    return Form(request["redirect_uri"], fields)


def _belongs(request: dict[str, str], click: Click) -> bool:
    return (
        request["client_id"] == click.tool.client_id
        and request["redirect_uri"] in click.tool.redirect_uris
        and request["login_hint"] == click.person.id
    )
