"""Every address that asks nobody who they are, described in OpenAPI's words for a program that makes requests up.

The application publishes no such document. Among the values are good ones, so that what is made up gets past the first
look; the rest is any text.
"""

from __future__ import annotations

from typing import Any

from tests.support.gateways import BASE, HELLO

Json = dict[str, Any]

FORM = "application/x-www-form-urlencoded"


def either(*good: str) -> Json:
    """One of these, or any other text; written as a pattern, since any text includes these."""
    escaped = (each.replace(".", "[.]").replace("?", "[?]") for each in good)
    return {"type": "string", "pattern": f"^({'|'.join(escaped)}|[^/]{{0,50}})$"}


TOOL = either("hello", "keys")
REGISTRATION = either("00000000000000000000000000")
LAUNCH = f"{BASE}/lti/hello/launch"
LOGIN = {
    "iss": either("https://lms.example", "https://lms.southbank.example"),
    "login_hint": either("7"),
    "target_link_uri": either(LAUNCH, f"{LAUNCH}?chapter=1", HELLO),
    "client_id": either("client-1", "client-2"),
    "lti_deployment_id": either("1"),
    "lti_message_hint": either("link 12"),
    "lti_storage_target": either("_parent"),
}
LOGIN_NEEDS = ["iss", "login_hint", "target_link_uri"]
LIVE_TOKEN, LIVE_STATE = "a-good-token", "a-good-state"
"""Stand for values that only a login of the moment can give."""

LAUNCHED = {
    "id_token": either(LIVE_TOKEN, "e30.e30.e30"),
    "state": either(LIVE_STATE),
    "error": either("", "login_required"),
    "error_description": either("Not signed in"),
}
TOKEN = {
    "grant_type": either("authorization_code"),
    "code": either("0123456789.abcdef"),
    "client_id": either("hello"),
    "client_secret": either("secret"),
    "redirect_uri": either(HELLO),
}
PROVIDER, TO = either("campus"), either("/portal", "//evil.example")
SIGN_IN = {
    "email": either("ada@northfield.example"),
    "password": either("correct horse battery staple"),
    "to": TO,
    "csrf": either("0" * 64),
}


def operation(
    *, query: Json | None = None, form: Json | None = None, needs: list[str] | None = None
) -> Json:
    described: Json = {"responses": {"default": {"description": "whatever it is"}}}
    if query:
        described["parameters"] = [
            {"name": name, "in": "query", "schema": schema, "required": name in (needs or ())}
            for name, schema in query.items()
        ]
    if form:
        schema = {"type": "object", "properties": form, "required": needs or []}
        described["requestBody"] = {"content": {FORM: {"schema": schema}}, "required": True}
    return described


def at(*inside: tuple[str, Json], **operations: Json) -> Json:
    """``inside`` are the parts of the path that may be anything."""
    named = [
        {"name": name, "in": "path", "required": True, "schema": schema} for name, schema in inside
    ]
    return {"parameters": named, **operations}


login = {
    "get": operation(query=LOGIN, needs=LOGIN_NEEDS),
    "post": operation(form=LOGIN, needs=LOGIN_NEEDS),
}
launch = {"post": operation(form=LAUNCHED, needs=["state"])}
plain = {"get": operation()}
provider = ("provider", PROVIDER)
tool, registration = ("tool", TOOL), ("registration", REGISTRATION)

PATHS: Json = {
    "/lti/{tool}/login": at(tool, **login),
    "/lti/{tool}/launch": at(tool, **launch),
    "/lti/{tool}/{registration}/login": at(tool, registration, **login),
    "/lti/{tool}/{registration}/launch": at(tool, registration, **launch),
    "/lti/keys/{registration}": at(registration, **plain),
    "/.well-known/openid-configuration": at(**plain),
    "/.well-known/oauth-authorization-server": at(**plain),
    "/oauth/token": at(post=operation(form=TOKEN, needs=["grant_type", "code"])),
    "/lti/keys": at(**plain),
    "/": at(**plain),
    "/help": at(**plain),
    "/help/codes": at(**plain),
    "/privacy": at(**plain),
    "/accessibility": at(**plain),
    "/invitation/{token}": at(
        ("token", either("t" * 43)),
        get=operation(),
        post=operation(form={**SIGN_IN, "name": either("Eve"), "way": either("new", "local")}),
    ),
    "/problems/launch": at(
        get=operation(query={"page": either("p" * 40)}),
        post=operation(form={"page": either("p" * 40), "text": either("It doesn't open.")}),
    ),
    "/sign-in": at(
        get=operation(query={"to": TO, "other": either("1")}), post=operation(form=SIGN_IN)
    ),
    "/sign-in/{provider}": at(provider, post=operation(form=SIGN_IN)),
    "/sign-in/{provider}/ask": at(
        provider,
        post=operation(form={"csrf": SIGN_IN["csrf"], "name": either("Lakeside"), "note": TO}),
    ),
    "/sign-in/{provider}/return": at(
        provider,
        get=operation(query={"code": either("c"), "state": either("s"), "iss": either(BASE)}),
    ),
    "/sign-out": at(
        get=operation(),
        post=operation(form={"clear": either("1"), "to": TO, "provider": PROVIDER}),
    ),
    "/set-up/{token}": at(
        ("token", either("t" * 43)), get=operation(), post=operation(form=SIGN_IN)
    ),
    "/tools/{tool}/icon": at(tool, **plain),
    "/static/{name}": at(("name", either("page.css", "..", "page.css/..")), **plain),
    "/healthz": at(**plain),
    "/readyz": at(**plain),
    "/metrics": at(**plain),
}

DESCRIPTION: Json = {
    "openapi": "3.0.3",
    "info": {"title": "Every public address", "version": "1"},
    "paths": PATHS,
}
