"""Types commands, as an operator does, into the program in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from typer.testing import CliRunner, Result

from gatelodge.cli import app

MOODLE = (
    *("--name", "Moodle", "--platform", "moodle", "--issuer", "https://moodle.example"),
    *("--client-id", "Xk3pQ9dZ1LmN0aB", "--auth-url", "https://moodle.example/auth"),
    *("--token-url", "https://moodle.example/token"),
    *("--keyset-url", "https://moodle.example/keys"),
)


@dataclass
class Terminal:
    runner: CliRunner = field(default_factory=CliRunner)

    def type(
        self, *words: str, code: int = 0, typed: str | None = None, **environment: str | None
    ) -> Result:
        """``typed`` is what standard input holds."""
        result = self.runner.invoke(
            app,
            list(words),
            input=typed,
            env=environment,
            catch_exceptions=False,
            prog_name="gatelodge",
        )
        assert result.exit_code == code, result.output
        return result

    def json(self, *words: str, typed: str | None = None, **environment: str | None) -> Any:
        result = self.type(*words, "--json", typed=typed, **environment)
        return json.loads(result.stdout)

    def refused(
        self, *words: str, code: int = 1, typed: str | None = None, **environment: str | None
    ) -> dict[str, str]:
        """The error, as a program reads it."""
        result = self.type(*words, "--json", code=code, typed=typed, **environment)
        assert result.stdout == ""
        error: dict[str, str] = json.loads(result.stderr)["error"]
        return error

    def register(self, *words: str, tenant: str = "northfield", tool: str = "hello") -> Any:
        options = ("--tenant", tenant, "--tool", tool)
        return self.json("registration", "add", *options, *MOODLE, *words)
