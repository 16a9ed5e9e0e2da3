"""The addresses that no person opens: key set, token endpoint, and a lever for tests."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from gatelodge.simulator.keys import KeyRing


class Machines:
    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    async def key_set(self, _: Request) -> JSONResponse:
        return JSONResponse(self._keys.published(), headers={"Cache-Control": "max-age=300"})

    async def token(self, _: Request) -> JSONResponse:
        """This LMS has no services, so there is no scope to be had (RFC 6749 section 5.2)."""
        error = {"error": "invalid_scope", "error_description": "This site offers no services."}
        return JSONResponse(error, 400)

    async def rotate(self, _: Request) -> JSONResponse:
        return JSONResponse({"kid": self._keys.rotate().kid})
