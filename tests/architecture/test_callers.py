"""The tenant is an argument that nobody can forget: every public service function takes the caller first."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.source import modules_of, place, tree_of

# An LMS, a tool or a clock asks here and no person does: the signed deployment, or the tool's secret, names the
# tenant. Everything else in services/ is done for a caller.
WITHOUT_CALLER = {
    "logins": "an LMS begins a login; nothing is known of the person yet",
    "launches": "an LMS brings a launch; its signed deployment names the tenant",
    "handoffs": "a tool redeems a code with its own secret",
    "key_sets": "keys of LMSs are fetched, and ours published, for everyone alike",
    "catalogue": "what the launch path knows, before the deployment has named the tenant",
    "first_meetings": "a signed launch names a deployment; that names the registration",
    "refusals": "written by the launch path, for whichever tenant the launch turned out to be",
    "provider_sign_in": "a provider's word about somebody at the door",
    "provider_userinfo": "a provider's word about somebody at the door",
    "problem_pages": "whoever has the error page of a launch in hand",
    "sessions": "a token asks, and names the session and so the caller; a visitor has one in hand",
    "background": "the clock asks",
}

# Single functions of modules that are otherwise for callers; of names that others have, too, with the module.
FUNCTIONS_WITHOUT_CALLER = {
    "public_key_set": "public keys, which the LMS fetches",
    "public_key_set_for_tools": "public keys, which tools fetch",
    "signing_key": "signs what a launch or a service call needs, for the client it belongs to",
    "tenant_requests.door": "somebody at the door, whose institution isn't known",
    "tenant_requests.ask": "somebody at the door, whose institution isn't known",
    "tenant_requests.greet": "somebody at the door, who has just come in",
    "tenant_requests.is_on": "a setting",
    "forget": "drops a copy in memory",
    "forget_all": "drops the copies in memory",
    "records_of": "names what a caller has been given",
    "ensure": "makes the first key of an owner, whoever needs it",
    "rotate_due": "the clock asks",
    "extend": "the clock asks",
    "look": "the clock asks",
    "tenant_exports.work": "the clock asks",
    "tenant_deletions.work": "the clock asks",
    "persons.work": "the clock asks",
    "purge_roleless": "the clock asks",
    "is_whole": "what a caller has been told",
    "last_look": "what the machines ask, too: a number and no more",
    "kind_of": "one value made from another",
    "marked": "one value made from another",
    "fits": "one value compared with another",
    "audit_chain.forget": "the clock asks",
    "tool_icons.find": "a picture, which an LMS shows to everybody",
    "details_of": "one value made from another",
    "read_platform": "what was typed, read",
    "read_unknown_deployments": "what was typed, read",
    "read_algorithms": "what was typed, read",
    "read_leeway": "what was typed, read",
    "record_by": "somebody at the door, in no role yet",
    "sign_in_locally": "somebody at the door",
    "from_identity": "a provider's word about somebody at the door",
    "from_identity_within": "a provider's word about somebody at the door",
    "give_within": "the one who decided is named as the actor",
    "suspend_within": "what a caller has decided, who was asked for the right to it",
    "invitations.look": "whoever has the link in hand",
    "accept_with_password": "whoever has the link in hand",
    "accept_with_new_login": "whoever has the link in hand",
    "accept_proven": "whoever has the link in hand, and a provider's word",
    "is_open": "what a caller has been told, or has in hand",
    "invitation_in": "reads a path",
    "path_of": "writes a path",
    "knows": "an identity is asked for at the door",
    "record_refused": "somebody at the door who was sent away",
    "is_needed": "while there is no operator, nobody can ask",
    "is_good": "whoever has the link in hand",
    "use": "whoever has the link in hand",
}

# Modules that hold what the uses are made of: values, interfaces, errors, seals. They know no tenant.
WITHOUT_USES = {
    "__init__",
    "addresses",
    "attachments",
    "attempts",
    "caller",
    "desk_mails",
    "errors",
    "identities",
    "images",
    "inputs",
    "launch_json",
    "local_people",
    "mails",
    "ports",
    "problem_book",
    "problem_errors",
    "provider_claims",
    "provider_metadata",
    "providers",
    "sign_in_errors",
    "rate_limits",
    "passwords",
    "person_launches",
    "person_names",
    "person_requests",
    "person_texts",
    "retention",
    "sealing",
    "sign_in_limits",
    "telemetry",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def public_functions(tree: ast.Module) -> list[tuple[Function, bool]]:
    """Public functions of the module and public methods of its public classes; True marks a method."""
    found: list[tuple[Function, bool]] = []
    for node in tree.body:
        if isinstance(node, Function):
            found.append((node, False))
        elif (
            isinstance(node, ast.ClassDef)
            and not node.name.startswith("_")
            and not is_value_or_port(node)
        ):
            found += [(each, True) for each in node.body if isinstance(each, Function)]
    return [(each, is_method) for each, is_method in found if not each.name.startswith("_")]


def is_value_or_port(node: ast.ClassDef) -> bool:
    """Dataclasses, enumerations, protocols and errors carry what a use needs or answers; they are no uses."""
    names = {
        ast.unparse(each).partition("(")[0].rpartition(".")[2]
        for each in [*node.decorator_list, *node.bases]
    }
    return any(
        name.endswith(("dataclass", "Enum", "Protocol", "NamedTuple", "Error", "Exception"))
        for name in names
    )


def takes_caller_first(function: Function, *, is_method: bool) -> bool:
    decorators = {ast.unparse(each) for each in function.decorator_list}
    arguments = [*function.args.posonlyargs, *function.args.args]
    if is_method and "staticmethod" not in decorators:
        arguments = arguments[1:]
    if not arguments or arguments[0].annotation is None:
        return False
    return arguments[0].arg == "caller" and ast.unparse(arguments[0].annotation).strip("'\"") in {
        "Caller",
        "caller.Caller",
    }


def forgetful(path: Path) -> list[str]:
    return [
        f"{place(path, function)} {function.name}"
        for function, is_method in public_functions(tree_of(path))
        if not {function.name, f"{path.stem}.{function.name}"} & FUNCTIONS_WITHOUT_CALLER.keys()
        and not takes_caller_first(function, is_method=is_method)
    ]


def test_every_public_service_function_takes_the_caller_first() -> None:
    uses = [
        each
        for each in modules_of("services")
        if each.stem not in WITHOUT_CALLER.keys() | WITHOUT_USES
    ]

    found = [each for path in uses for each in forgetful(path)]

    assert not found, "the first argument of these must be `caller: Caller`:\n" + "\n".join(found)


def test_a_forgotten_caller_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "rooms.py"
    module.write_text(
        "def open_room(caller: Caller, name: str): ...\n"
        "def close_room(name: str, caller: Caller): ...\n"
        "def _count(): ...\n"
        "class Rooms:\n"
        "    def find(self, caller: Caller): ...\n"
        "    async def forget(self, name: str): ...\n"
        "@dataclass(frozen=True)\n"
        "class Room:\n"
        "    def is_open(self): ...\n",
        encoding="utf-8",
    )
    tree = tree_of(module)

    missed = [
        f.name
        for f, is_method in public_functions(tree)
        if not takes_caller_first(f, is_method=is_method)
    ]

    assert missed == ["close_room", "forget"]
