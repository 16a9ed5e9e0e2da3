"""Every command that changes something leaves its event, in the name of who sat at the keyboard."""

from __future__ import annotations

import getpass
from pathlib import Path

from gatelodge.services.audit import Tag
from gatelodge.storage import audit
from gatelodge.storage.audit import AuditEvent
from gatelodge.storage.database import Database
from tests.cli.terminal import Terminal

PASSWORD = "a lantern over nine bridges"

# What is typed, what is read from standard input, and the event that it leaves; two where two
# things change.
COMMANDS = [
    ("tenant suspend southbank", "", Tag.TENANT_SUSPENDED),
    ("tenant resume southbank", "", Tag.TENANT_RESUMED),
    ("tool change hello --name Other", "", Tag.TOOL_CHANGED),
    ("tool rotate-secret hello", "", Tag.TOOL_SECRET_ROTATED),
    ("registration disable {registration}", "", Tag.REGISTRATION_DISABLED),
    ("registration enable {registration}", "", Tag.REGISTRATION_ENABLED),
    ("registration delete {registration}", "", Tag.REGISTRATION_DELETED),
    ("registration restore {registration}", "", Tag.REGISTRATION_RESTORED),
    ("deployment block {deployment}", "", Tag.DEPLOYMENT_BLOCKED),
    ("deployment approve {deployment}", "", Tag.DEPLOYMENT_APPROVED),
    ("account roles {account} --tenant northfield --role educator", "", Tag.ACCOUNT_ROLES_CHANGED),
    ("account password {account} --password-stdin", PASSWORD, Tag.ACCOUNT_PASSWORD_CHANGED),
    ("account disable {account}", "", Tag.ACCOUNT_DISABLED),
    ("account enable {account}", "", Tag.ACCOUNT_ENABLED),
    ("account setup-link", "", Tag.SETUP_LINK_MADE),
    ("key rotate --registration {registration}", "", Tag.KEY_ROTATED),
    ("key rotate --tools", "", Tag.KEY_ROTATED, Tag.KEY_ROTATED),  # one for each algorithm
    ("key revoke {key}", "", Tag.KEY_REVOKED, Tag.KEY_ROTATED),  # it was signing: another does now
]

# Refused: nothing is changed, and nothing is written.
FAILURES = [
    "tenant suspend nowhere",
    "tool change nothing --name Other",
    "tool delete hello",
    "registration disable 00",
    "deployment block 00",
    "account disable 00",
    "key revoke 00",
]


def events(data_dir: Path) -> list[AuditEvent]:
    database = Database.open(f"sqlite:///{data_dir / 'gatelodge.db'}")
    try:
        return database.read(lambda connection: audit.list_recent(connection, None, limit=1000))
    finally:
        database.close()


def test_each_leaves_one_event_in_the_name_of_who_typed_it(
    settled: Terminal, data_dir: Path
) -> None:
    made = settled.register("--deployment-id", "1")
    account = settled.json(
        *("account", "add", "--tenant", "northfield", "--role", "admin", "--name", "Ada"),
        *("--email", "ada@n.example", "--password-stdin"),
        typed=f"{PASSWORD}s\n",
    )
    values = {
        "registration": made["id"],
        "account": account["id"],
        "deployment": settled.json("deployment", "list")[0]["id"],
    }

    left = []
    for command, typed, *_ in COMMANDS:
        if "{key}" in command:
            values["key"] = settled.json("key", "list")[0]["id"]
        known = {each.id for each in events(data_dir)}
        settled.type(*command.format(**values).split(), typed=f"{typed}\n")
        left.append((command, [each for each in events(data_dir) if each.id not in known]))

    assert [(command, sorted(each.tag for each in found)) for command, found in left] == [
        (command, sorted(tags)) for command, _, *tags in COMMANDS
    ]
    assert {each.actor for _, found in left for each in found} == {f"cli:{getpass.getuser()}"}
    assert not any(
        "Ada" in each.details or "@" in each.details for _, found in left for each in found
    )


def test_what_fails_leaves_none(settled: Terminal, data_dir: Path) -> None:
    settled.register()
    before = len(events(data_dir))

    for command in FAILURES:
        settled.type(*command.split(), code=1)

    assert len(events(data_dir)) == before
