"""The LMSs of the journeys: what each calls our keys, and how its own come into the wizard.

Those that their maker runs have the addresses that they have in the world; all lead to a simulated one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect


@dataclass(frozen=True)
class Lms:
    """``site`` is where people open it; ``hosts`` are its further ones. ``ours`` are its names for our keys.

    ``bring`` fills in the wizard's fourth step, and ``place`` chooses where this LMS runs.
    """

    name: str
    site: str
    issuer: str
    client_id: str
    deployment_id: str
    ours: tuple[str, str, str]
    """Login, target and redirect address."""
    bring: Callable[[Page, Lms], None]
    hosts: tuple[str, ...] = ()
    place: str = ""
    shared: dict[str, str] = field(default_factory=dict)
    """The addresses that its maker tells the operator, where one client ID is for all institutions."""

    @property
    def is_shared(self) -> bool:
        return bool(self.shared)

    def entered(self, page: Page) -> dict[str, Any]:
        """The tool as it is entered in this LMS: what the third step shows under these names."""
        return self.tool(*(shown(page, label) for label in self.ours))

    def tool(self, login: str, target: str, redirect: str) -> dict[str, Any]:
        return {
            "label": "Hello",
            "login_url": login,
            "target_link_uri": target,
            "redirect_uris": [redirect],
            "client_id": self.client_id,
            "deployment_id": self.deployment_id,
        }


def shown(page: Page, label: str) -> str:
    """A value of ours, as step 3 shows it under the LMS's name."""
    row = page.locator("li.key-row", has=page.get_by_text(label, exact=True)).first
    return row.locator("bdi.key-value").inner_text()


# ----------------------------------------------------------------------- what each shows


def paste_moodle(page: Page, lms: Lms) -> None:
    page_of_keys = "\n".join(
        (
            f"Platform ID: {lms.issuer}",
            f"Client ID: {lms.client_id}\u200b",
            f"Deployment ID: {lms.deployment_id}",
            f"Public keyset URL: {lms.site}/mod/lti/certs.php",
            f"Access token URL: {lms.site}/mod/lti/token.php",
            f"Authentication request URL: {lms.site}/mod/lti/auth.php",
        )
    )
    page.get_by_label("Paste the whole page").fill(page_of_keys)
    page.get_by_role("button", name="Sort the keys").click()
    expect(page.get_by_text("All 6 keys found")).to_be_visible()


def fill_in_canvas(page: Page, lms: Lms) -> None:
    page.get_by_label("Details").fill(f" {lms.client_id} ")
    page.get_by_label("Deployment Id").fill(lms.deployment_id)


def fill_in_own_canvas(page: Page, lms: Lms) -> None:
    page.get_by_label("Address of your LMS's site").fill(f"{lms.site}/")
    fill_in_canvas(page, lms)
    page.get_by_label("Issuer ID URL").fill(lms.issuer)


def fill_in_brightspace(page: Page, lms: Lms) -> None:
    page.get_by_label("Address of your LMS's site").fill(lms.site)
    page.get_by_role("button", name="Fill in").click()
    expect(page.get_by_label("Brightspace OAuth2 Audience")).to_have_value(
        "https://api.brightspace.com/auth/token"
    )
    page.get_by_label("Client Id", exact=True).fill(lms.client_id)
    page.get_by_label("Deployment Id", exact=True).fill(lms.deployment_id)


def fill_in_schoology(page: Page, lms: Lms) -> None:
    page.get_by_label("Client ID", exact=True).fill(lms.client_id)
    page.get_by_label("Deployment ID", exact=True).fill(lms.deployment_id)


def fill_in_deployment(page: Page, lms: Lms) -> None:
    page.locator("#deployment_id").fill(lms.deployment_id)


def type_everything(page: Page, lms: Lms) -> None:
    for name, value in {
        "issuer": lms.issuer,
        "client_id": lms.client_id,
        "deployment_id": lms.deployment_id,
        "key_set_url": f"{lms.site}/jwks",
        "token_url": f"{lms.site}/token",
        "authorization_url": f"{lms.site}/authorize",
    }.items():
        page.locator(f"#{name}").fill(value)


# ----------------------------------------------------------------------- which there are

_CANVAS_NAMES = ("OpenID Connect Initiation Url", "Target Link URI", "Redirect URIs")
_CANVAS_DEPLOYMENT = "12345:8865aa05b4b79b64a91a86042e43af5ea8ae79eb"
_CANVAS = "https://canvas.instructure.com"
_BLACKBOARD = "https://developer.blackboard.com/api/v1"
_BLACKBOARD_ID = "9d1bd5ec-8a2a-4f0e-9c27-0c0c8a3f4b21"

LMSS = {
    "moodle": Lms(
        "Moodle",
        "https://moodle.northfield.example",
        "https://moodle.northfield.example",
        "Wm4Rk8sVt2BqX6d",
        "23",
        ("Initiate login URL", "Tool URL", "Redirection URI(s)"),
        paste_moodle,
    ),
    "canvas": Lms(
        "Canvas",
        "https://sso.canvaslms.com",
        _CANVAS,
        "10000000000001",
        _CANVAS_DEPLOYMENT,
        _CANVAS_NAMES,
        fill_in_canvas,
    ),
    "canvas-self-hosted": Lms(
        "Canvas",
        "https://canvas.northfield.example",
        "https://canvas.northfield.example",
        "10000000000002",
        _CANVAS_DEPLOYMENT,
        _CANVAS_NAMES,
        fill_in_own_canvas,
        place="Self-hosted",
    ),
    "canvas-inherited": Lms(
        "Canvas",
        "https://sso.canvaslms.com",
        _CANVAS,
        "170000000000710",
        _CANVAS_DEPLOYMENT,
        _CANVAS_NAMES,
        fill_in_deployment,
        shared={
            "Platform authentication URL": "https://sso.canvaslms.com/api/lti/authorize_redirect",
            "Access token URL": "https://sso.canvaslms.com/login/oauth2/token",
            "Keyset URL": "https://sso.canvaslms.com/api/lti/security/jwks",
        },
    ),
    "blackboard": Lms(
        "Blackboard",
        "https://developer.blackboard.com",
        "https://blackboard.com",
        _BLACKBOARD_ID,
        "78cd1b1c-ccbd-4318-9f90-22241f63b1f5",
        ("Login Initiation URL", "Target Link URI", "Tool Redirect URL(s)"),
        fill_in_deployment,
        shared={
            "Platform authentication URL": f"{_BLACKBOARD}/gateway/oidcauth",
            "Access token URL": f"{_BLACKBOARD}/gateway/oauth2/jwttoken",
            "Keyset URL": f"{_BLACKBOARD}/management/applications/{_BLACKBOARD_ID}/jwks.json",
        },
    ),
    "brightspace": Lms(
        "Brightspace",
        "https://northfield.brightspace.com",
        "https://northfield.brightspace.com",
        "7aaa046f-50d4-4dc3-aac5-ac22e6d4339e",
        "78cd1b1c-ccbd-4318-9f90-22241f63b1f5",
        ("OpenID Connect Login URL", "Target Link URI", "Redirect URLs"),
        fill_in_brightspace,
        hosts=("auth.brightspace.com", "api.brightspace.com"),
    ),
    "schoology": Lms(
        "Schoology",
        "https://lti-service.svc.schoology.com",
        "https://schoology.schoology.com",
        "2837465091",
        "2837465091-55501",
        ("OIDC Login Init URL", "Domain/URL", "Redirect URLs"),
        fill_in_schoology,
    ),
    "other": Lms(
        "Other LMS",
        "https://lms.northfield.example",
        "https://lms.northfield.example",
        "any",
        "1",
        ("OpenID connection URL", "Target link URL", "Redirect URL"),
        type_everything,
    ),
}
