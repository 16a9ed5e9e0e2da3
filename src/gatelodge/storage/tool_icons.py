"""The pictures of tools, as the services made them safe."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from gatelodge.storage.tables import tool_icons, tools
from gatelodge.storage.upserts import insert_into


@dataclass(frozen=True, slots=True)
class ToolIcon:
    content_type: str
    content: bytes
    changed_at: int


def find(connection: Connection, key: str) -> ToolIcon | None:
    """By the key of its tool."""
    query = (
        select(tool_icons.c.content_type, tool_icons.c.content, tool_icons.c.changed_at)
        .join(tools, tools.c.id == tool_icons.c.tool_id)
        .where(tools.c.key == key)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else ToolIcon(*row)


def put(connection: Connection, tool_id: str, icon: ToolIcon) -> None:
    """In place of the one before."""
    new = {
        "content_type": icon.content_type,
        "content": icon.content,
        "changed_at": icon.changed_at,
    }
    connection.execute(
        insert_into(connection, tool_icons)
        .values(tool_id=tool_id, **new)
        .on_conflict_do_update(index_elements=["tool_id"], set_=new)
    )


def remove(connection: Connection, tool_id: str) -> bool:
    """False when it has none."""
    gone = connection.execute(delete(tool_icons).where(tool_icons.c.tool_id == tool_id))
    return gone.rowcount == 1
