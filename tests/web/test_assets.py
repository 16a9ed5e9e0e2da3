"""Our own files: packed for who takes them packed, and kept for ever."""

from __future__ import annotations

import pytest

from gatelodge.web.pages.assets import asset_url, takes_gzip
from tests.support.browsers import browsing
from tests.support.gateways import Campus


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
    ],
)
def test_gzip_is_for_who_takes_it(accepted: str, *, packed: bool) -> None:
    assert takes_gzip(accepted) is packed


@pytest.mark.asyncio
async def test_a_file_is_the_same_packed_and_as_it_is(campus: Campus) -> None:
    address = asset_url("portal.css")

    async with browsing(campus) as browser:
        packed = await browser.http.get(address, headers={"accept-encoding": "gzip"})
        plain = await browser.http.get(address, headers={"accept-encoding": "identity"})
        again = await browser.http.get(address, headers={"if-none-match": plain.headers["etag"]})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.num_bytes_downloaded < plain.num_bytes_downloaded / 3
    assert packed.headers["vary"] == "Accept-Encoding"
    assert again.status_code == 304
