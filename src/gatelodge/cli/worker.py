"""`gatelodge worker`: the background work alone, beside servers or while none runs."""

import asyncio
import signal
from contextlib import suppress

import typer

from gatelodge.assembly import Gateway
from gatelodge.cli.gateway import opened_gateway
from gatelodge.cli.logs import configure_logs
from gatelodge.cli.output import Json, print_json_line
from gatelodge.settings import read_settings


def worker(as_json: Json = False) -> None:
    """Do the background work: replace keys, delete what has been kept long enough, send mails."""
    # No other command but `serve` tells anybody anything in another language.
    from gatelodge.web.pages.letters import tell  # noqa: PLC0415

    configure_logs(read_settings())
    with opened_gateway(tell) as gateway:
        if as_json:
            print_json_line({"running": True})
        else:
            typer.echo("The worker runs.")
        asyncio.run(_until_told(gateway))


async def _until_told(gateway: Gateway) -> None:
    running = asyncio.gather(gateway.worker.keep_running(), gateway.postman.keep_running())
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, running.cancel)
    with suppress(asyncio.CancelledError):
        await running
