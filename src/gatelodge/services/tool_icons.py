"""The icons of tools: uploaded by the operator, shown by the portal and by LMSs."""

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.images import read_picture
from gatelodge.services.ports import Clock
from gatelodge.services.tools import find_tool
from gatelodge.storage import tool_icons
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.tool_icons import ToolIcon


class ToolIcons:
    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit

    def find(self, key: str) -> ToolIcon | None:
        """Anybody may ask: an LMS shows it to everybody."""
        return self._database.read(lambda connection: tool_icons.find(connection, key))

    def put(self, caller: Caller, key: str, data: bytes) -> None:
        """Take the icon, made safe, in place of the one before; `Invalid` says why not."""
        caller.must_operate()
        picture = read_picture("icon", data)

        def write(connection: Connection) -> None:
            tool = find_tool(caller, connection, key)
            icon = ToolIcon(picture.content_type, picture.content, int(self._clock()))
            tool_icons.put(connection, tool.id, icon)
            self._audit.record(caller, connection, Tag.TOOL_ICON_CHANGED, tool.id, tenant_id=None)

        self._database.write(write)

    def remove(self, caller: Caller, key: str) -> None:
        caller.must_operate()

        def write(connection: Connection) -> None:
            tool = find_tool(caller, connection, key)
            if tool_icons.remove(connection, tool.id):
                self._audit.record(
                    caller, connection, Tag.TOOL_ICON_CHANGED, tool.id, tenant_id=None
                )

        self._database.write(write)
