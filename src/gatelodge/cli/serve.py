"""`gatelodge serve`: the gateway over HTTP, its background work included."""

import gc
import os
import resource
import signal
import socket
from typing import Annotated

import typer

from gatelodge.assembly import Gateway, open_gateway
from gatelodge.cli.gateway import operator
from gatelodge.cli.logs import configure_logs
from gatelodge.cli.output import Json, print_json_line
from gatelodge.settings import StartRefused, read_settings, refuse_to_serve

GRACE_SECONDS = 10


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    as_json: Json = False,
) -> None:
    """Serve the gateway. A SQLite database is upgraded first, after a copy was made."""
    settings = read_settings()
    configure_logs(settings)
    refuse_to_serve(settings)
    _take_as_many_files_as_we_may()
    # The other commands draw no pages and send no mails, and would only start later.
    from gatelodge.web.pages.letters import tell  # noqa: PLC0415

    with _listening(host, port) as listener:
        own_port = listener.getsockname()[1]
        gateway = open_gateway(
            settings, check_for_serving=True, own_addresses=[(host, own_port)], tell=tell
        )
        try:
            _tell(gateway, _shown(host, own_port), settings.base_url, as_json=as_json)
            _run(gateway, listener)
        finally:
            gateway.close()


def _tell(gateway: Gateway, listening: str, base_url: str, *, as_json: bool) -> None:
    """Where it is; and, while there is no operator, the way in for the first one."""
    link = gateway.setup_links.make(operator()) if gateway.setup_links.is_needed() else None
    if as_json:
        print_json_line({"listening": listening, "base_url": base_url, "setup_link": link})
        return
    typer.echo(f"Gatelodge listens on {listening} for {base_url}")
    if link:
        typer.echo(f"There is no operator yet. Within an hour, open: {link}")


def _take_as_many_files_as_we_may() -> None:
    # Each connection is one; the soft limit is often 1024, for programs that use select() and we don't.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _look_for_garbage_less_often() -> None:
    """What is there when we begin stays, and hardly anything that a launch makes is a cycle.

    Python would look at all of it again and again, and let everybody wait for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = os.strerror(error.errno).lower() if error.errno else "there is no such address"
        raise StartRefused(f"Nothing can listen on {_shown(host, port)}: {why}.") from None


def _run(gateway: Gateway, listener: socket.socket) -> None:
    # No other command serves, and each would wait half a second longer for these.
    import uvicorn  # noqa: PLC0415

    from gatelodge.web.app import create_app  # noqa: PLC0415
    from gatelodge.web.lti.lane import LaneConnection  # noqa: PLC0415

    config = uvicorn.Config(
        create_app(gateway),
        loop="uvloop",
        http=LaneConnection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        # Who is believed about a browser's address is a matter of our own web layer.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    _look_for_garbage_less_often()
    # uvicorn stops gracefully on these and then raises them again: we ended as we were asked to.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: None)
    server.run(sockets=[listener])
    if not server.started:
        raise StartRefused("The gateway could not be started; the log says why.")


def _shown(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
