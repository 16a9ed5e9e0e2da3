"""What each of the standing cast gets at each address.

Nobody can sign in yet, so Ada, Ben, Cleo and Otto are all Nobody to the gateway, whatever cookies or
credentials they send along; the table says what Nobody gets. An address without a row fails.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.browsers import browsing
from tests.support.gateways import Campus

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "addresses.md"

OPEN, UNKNOWN, NOT_THE_WAY = 200, 404, 405

# Address, method, what Nobody gets.
TABLE = [
    ("/", "GET", OPEN),
    ("/static/{name}", "GET", UNKNOWN),  # of a name that no file has
    ("/healthz", "GET", OPEN),
    ("/readyz", "GET", OPEN),
    ("/metrics", "GET", OPEN),
    ("/.well-known/openid-configuration", "GET", OPEN),
    ("/.well-known/oauth-authorization-server", "GET", OPEN),
    ("/lti/keys", "GET", OPEN),
    ("/lti/keys/{registration}", "GET", OPEN),  # public keys, for whoever knows the address
    ("/oauth/token", "POST", 400),
    ("/oauth/token", "GET", NOT_THE_WAY),
    ("/lti/{tool}/login", "GET", 400),  # refused: it says nothing
    ("/lti/{tool}/login", "POST", 400),
    ("/lti/{tool}/launch", "POST", 400),
    ("/lti/{tool}/launch", "GET", NOT_THE_WAY),
    ("/lti/{tool}/{registration}/login", "GET", 400),
    ("/lti/{tool}/{registration}/login", "POST", 400),
    ("/lti/{tool}/{registration}/launch", "POST", 400),
    ("/lti/{tool}/{registration}/launch", "GET", NOT_THE_WAY),
]

CAST = {
    "Nobody": {},
    "Ada": {"cookie": "session=ada", "authorization": "Bearer ada"},
    "Ben": {"cookie": "session=ben", "authorization": "Bearer ben"},
    "Cleo": {"cookie": "session=cleo", "authorization": "Bearer cleo"},
    "Otto": {"cookie": "session=otto", "authorization": "Bearer otto"},
}


@pytest.mark.parametrize("who", CAST)
@pytest.mark.asyncio
async def test_everybody_gets_what_nobody_gets(campus: Campus, who: str) -> None:
    values = {"tool": "hello", "registration": campus.registration(), "name": "nothing.css"}

    async with browsing(campus) as browser:
        answers = {
            (address, method): (
                await browser.http.request(
                    method, address.format(**values), headers=CAST[who], follow_redirects=False
                )
            ).status_code
            for address, method, _ in TABLE
        }

    assert answers == {(address, method): status for address, method, status in TABLE}


def test_every_address_has_its_row() -> None:
    told = set(re.findall(r"^\| `(/[^`]*)`", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE))

    assert told == {address for address, _, _ in TABLE}
