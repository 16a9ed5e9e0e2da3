"""`gatelodge doctor`: what is well, and what is not."""

import asyncio
from collections.abc import Sequence

import typer

from gatelodge.assembly import Gateway, open_gateway, settings_findings
from gatelodge.cli.gateway import operator
from gatelodge.cli.output import Json, plain, print_json
from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.health import Finding, Severity
from gatelodge.settings import Settings, StartRefused, read_settings

_MARKS = {
    Severity.GOOD: ("ok  ", typer.colors.GREEN),
    Severity.NOTE: ("note", typer.colors.BLUE),
    Severity.WARNING: ("WARN", typer.colors.YELLOW),
    Severity.ERROR: ("BAD ", typer.colors.RED),
}


def doctor(as_json: Json = False) -> None:
    """Look at settings, database, keys, clocks and each LMS's key set."""
    findings = _findings()
    wrong = sum(each.is_wrong for each in findings)
    if as_json:
        print_json({"healthy": wrong == 0, "findings": findings})
    else:
        _print(findings, wrong)
    raise typer.Exit(1 if wrong else 0)


def _findings() -> list[Finding]:
    """Whatever can be found out, however early it stops."""
    try:
        settings = read_settings()
    except StartRefused as refused:
        return [Finding("settings", "Settings", Severity.ERROR, str(refused), refused.hint)]
    return _findings_of(settings)


def _findings_of(settings: Settings) -> list[Finding]:
    try:
        gateway = open_gateway(settings, check_for_serving=False)
    except (StartRefused, GatelodgeError) as error:
        found = settings_findings(settings)
        if any(each.text == str(error) for each in found):
            return found
        return [*found, Finding("start", "Start", Severity.ERROR, str(error), error.hint)]
    try:
        return asyncio.run(_look(gateway))
    finally:
        gateway.close()


async def _look(gateway: Gateway) -> list[Finding]:
    try:
        return await gateway.health.look(operator())
    finally:
        await gateway.outbound.aclose()


def _print(findings: Sequence[Finding], wrong: int) -> None:
    for each in findings:
        mark, colour = _MARKS[each.severity]
        typer.echo(f"{typer.style(mark, fg=colour)}  {plain(each.title)}: {plain(each.text)}")
        if each.hint and each.severity is not Severity.GOOD:
            typer.echo(f"      {each.hint}")
    typer.echo()
    typer.echo("All is well." if wrong == 0 else f"{wrong} of {len(findings)} need attention.")
