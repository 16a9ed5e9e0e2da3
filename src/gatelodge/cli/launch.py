"""`gatelodge launch`: launches that were accepted or refused, and why."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from gatelodge.cli.gateway import opened_gateway, operator
from gatelodge.cli.output import (
    Json,
    moment,
    plain,
    print_facts,
    print_json,
    print_table,
    spoken_moment,
)
from gatelodge.services.launch_records import AcceptedLaunch, Record, RefusedLaunch, Step
from gatelodge.words import Sentence

app = typer.Typer(
    help="Launches that were accepted or refused, step by step.", no_args_is_help=True
)


@app.command("list")
def list_all(
    refused: Annotated[bool, typer.Option("--refused", help="Only those refused.")] = False,
    tenant: Annotated[
        str | None, typer.Option(help="Only those of this tenant (short name or id).")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many, at most.")] = 20,
    as_json: Json = False,
) -> None:
    """List the latest launches, newest first."""
    with opened_gateway() as gateway:
        records = gateway.launch_records.list(
            operator(), tenant=tenant, refused_only=refused, limit=limit
        )
    if as_json:
        print_json([_described_record(each) for each in records])
        return
    print_table(
        ("WHEN", "OUTCOME", "TENANT", "TOOL", "REGISTRATION", "ID"),
        [
            (
                spoken_moment(each.at),
                _outcome(each),
                each.tenant or "-",
                each.tool or "-",
                each.registration or "-",
                each.named,
            )
            for each in records
        ],
        empty="No launches yet. Click a link in the LMS; then see: gatelodge launch list",
    )


@app.command()
def show(
    launch: Annotated[
        str, typer.Argument(help="Id of a launch, or the trace id on a page, like 7F3K-4MB9.")
    ],
    unmask: Annotated[
        bool, typer.Option("--unmask", help="Show personal data. This is written down.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show one launch: what was looked at, in order, and where it stopped."""
    with opened_gateway() as gateway:
        found = gateway.launch_records.show(operator(), launch, unmask=unmask)
    match found:
        case AcceptedLaunch() if as_json:
            print_json(_described_accepted(found))
        case RefusedLaunch() if as_json:
            print_json(_described_refused(found))
        case AcceptedLaunch():
            _print_accepted(found)
        case RefusedLaunch():
            _print_refused(found)


# ----------------------------------------------------------------------- for programs


def _described_record(record: Record) -> dict[str, Any]:
    return {
        "id": record.named,
        "outcome": "accepted" if record.is_accepted else "refused",
        "code": record.code,
        "at": moment(record.at),
        "count": record.count,
        "proven": record.proven,
        "tenant": record.tenant,
        "tool": record.tool,
        "registration": record.registration,
    }


def _described_accepted(found: AcceptedLaunch) -> dict[str, Any]:
    return {
        **_described_record(found.record),
        "redeemed_at": moment(found.launch.redeemed_at),
        "revoked_at": moment(found.launch.revoked_at),
        "launch": found.facts,
        "personal": found.personal,
        "unmasked": found.unmasked,
        "trace": _described_steps(found.steps),
    }


def _described_refused(found: RefusedLaunch) -> dict[str, Any]:
    return {
        **_described_record(found.record),
        "first_at": moment(found.refusal.occurred_at),
        "heading": found.heading,
        "finding": found.finding,
        "sent": found.sent,
        "expected": found.expected,
        "note": _told(found.note),
        "mender": found.mender,
        "hint": found.hint,
        "advice": _told(found.advice),
        "trace": _described_steps(found.steps),
    }


def _told(sentence: Sentence | None) -> str:
    return str(sentence) if sentence else ""


def _described_steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [
        {
            "check": step.check,
            "passed": step.passed,
            "milliseconds": step.milliseconds,
            "note": _told(step.note),
        }
        for step in steps
    ]


# ----------------------------------------------------------------------- for people


def _outcome(record: Record) -> str:
    times = f" ({record.count} times)" if record.count > 1 else ""
    return f"{record.code or 'accepted'}{times}"


def _print_accepted(found: AcceptedLaunch) -> None:
    launch, facts = found.launch, found.facts
    context, link = facts["context"] or {}, facts["resource_link"] or {}
    print_facts(
        {
            "Outcome": "accepted",
            "When": spoken_moment(launch.launched_at),
            **_place(found.record),
            "Message": launch.message_type,
            "Course": context.get("title") or context.get("label") or "",
            "Link": link.get("title") or "",
            "Redeemed": spoken_moment(launch.redeemed_at) or "not yet",
            "Revoked": spoken_moment(launch.revoked_at),
            "Person": facts["person"]["id"] or "anonymous",
            **_personal(found),
        }
    )
    _print_steps(found.steps)


def _personal(found: AcceptedLaunch) -> dict[str, str]:
    if found.personal is None:
        return {"Personal data": "none, or deleted by now"}
    person, custom = found.personal.get("person", {}), found.personal.get("custom", {})
    shown = {name.replace("_", " ").capitalize(): str(value) for name, value in person.items()}
    # A platform names its custom parameters as it likes: none may stand in the place of a fact.
    shown |= {f"Custom {name}": str(value) for name, value in custom.items()}
    return shown if found.unmasked else {**shown, "": "(to see these: --unmask)"}


def _print_refused(found: RefusedLaunch) -> None:
    record, refusal = found.record, found.refusal
    print_facts(
        {
            "Outcome": f"refused: {refusal.code}",
            "When": spoken_moment(refusal.last_at),
            "Times": str(record.count) if record.count > 1 else "",
            "First": spoken_moment(refusal.occurred_at) if record.count > 1 else "",
            **_place(record),
            "Signature": "good" if record.proven else "not verified; anybody can have sent this",
            "Finding": found.finding,
            "Sent": found.sent or "",
            "Expected": found.expected or "",
            "Note": _told(found.note),
            "To mend it": found.hint,
            "By": _MENDERS.get(found.mender, ""),
            "Where": _told(found.advice) if found.mender == "administrator" else "",
        }
    )
    _print_steps(found.steps)


_MENDERS = {
    "person": "the person who clicked",
    "administrator": "an administrator of the LMS or of this registration",
    "operator": "the operator of this gateway",
}


def _place(record: Record) -> dict[str, str]:
    return {
        "Tenant": record.tenant or "",
        "Registration": record.registration or "",
        "Tool": record.tool or "",
    }


def _print_steps(steps: Sequence[Step]) -> None:
    typer.echo()
    width = max((len(step.check) for step in steps), default=0)
    for step in steps:
        mark = "ok" if step.passed else "NO"
        line = f"{mark}  {step.check:<{width}}  {step.milliseconds:>8.1f} ms  {_told(step.note)}"
        typer.echo(plain(line.rstrip()))
