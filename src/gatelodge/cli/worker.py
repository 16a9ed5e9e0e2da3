"""`gatelodge worker`: the background work alone, beside servers or while none runs."""

import asyncio
import signal

import typer

from gatelodge.cli.gateway import opened_gateway
from gatelodge.cli.logs import configure_logs
from gatelodge.cli.output import Json, print_json_line
from gatelodge.services.background import Worker
from gatelodge.settings import read_settings


def worker(as_json: Json = False) -> None:
    """Do the background work: replace keys, and delete what has been kept long enough."""
    configure_logs(read_settings())
    with opened_gateway() as gateway:
        if as_json:
            print_json_line({"running": True})
        else:
            typer.echo("The worker runs.")
        asyncio.run(_until_told(gateway.worker))


async def _until_told(work: Worker) -> None:
    running = asyncio.create_task(work.keep_running())
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, running.cancel)
    await asyncio.wait([running])
    if not running.cancelled():
        running.result()
