"""How a command ends that could not do what was asked: one sentence, and an exit code.

1: refused, with a code and a hint. 2: the command was not understood.
"""

import sys
from collections.abc import Sequence
from typing import Any

import msgspec
import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from gatelodge.lti.errors import GatelodgeError
from gatelodge.settings import StartRefused

USAGE = "usage"


class Commands(TyperGroup):
    """The root of all commands, and the one place where errors become words."""

    def main(
        self,
        args: Sequence[str] | None = None,
        *rest: Any,
        **options: Any,
    ) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        options["standalone_mode"] = False
        try:
            code = super().main(given, *rest, **options)
        except (GatelodgeError, StartRefused) as error:
            _tell(error.code, str(error), error.hint, as_json="--json" in given)
            code = 1
        except TyperException as error:
            _tell_usage(error, as_json="--json" in given)
            code = error.exit_code
        except typer.Abort:
            code = 1
        sys.exit(code)


def _tell_usage(error: TyperException, *, as_json: bool) -> None:
    if not error.format_message():
        # Nothing was typed after a group's name, and its help is on the screen already.
        return
    context = getattr(error, "ctx", None)
    hint = f"See: {context.command_path} --help" if context else ""
    _tell(USAGE, error.format_message(), hint, as_json=as_json)


def _tell(code: str, sentence: str, hint: str, *, as_json: bool) -> None:
    if as_json:
        fault = {"error": {"code": code, "message": sentence, "hint": hint}}
        typer.echo(msgspec.json.encode(fault).decode(), err=True)
        return
    typer.echo(f"{sentence} [{code}]", err=True)
    if hint:
        typer.echo(hint, err=True)
