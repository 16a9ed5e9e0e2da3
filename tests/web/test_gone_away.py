"""A browser or a tool that goes away before it has sent everything."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from gatelodge.web.app import create_app
from gatelodge.web.exchange import Message
from tests.support.gateways import Campus


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/lti/hello/login", "/lti/hello/launch", "/oauth/token"])
async def test_it_is_given_no_answer_and_is_no_failure_of_ours(campus: Campus, path: str) -> None:
    app, sent = create_app(campus.gateway), []
    coming = iter(
        [
            {"type": "http.request", "body": b"state=", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Message:
        return dict(next(coming))

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
        "client": ("192.0.2.7", 1),
        "server": ("lti.example", 443),
        "scheme": "https",
        "http_version": "1.1",
    }
    with capture_logs() as lines:
        await app(scope, receive, send)

    assert lines == []
    assert all(each.get("status", 400) < 500 for each in sent)
    await campus.gateway.stop()
