"""``/tools/{tool}/icon``: the picture of a tool, for whoever shows the tool."""

from hashlib import sha256

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gatelodge.services.tool_icons import ToolIcons
from gatelodge.web.pages.headers import icon_headers


class IconAddress:
    def __init__(self, icons: ToolIcons) -> None:
        self._icons = icons

    async def answer(self, request: Request) -> Response:
        icon = await run_in_threadpool(self._icons.find, request.path_params["tool"])
        if icon is None:
            raise HTTPException(404)
        etag = f'"{sha256(icon.content).hexdigest()[:32]}"'
        headers = dict(icon_headers(icon.content_type, etag))
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(icon.content, headers=headers)
