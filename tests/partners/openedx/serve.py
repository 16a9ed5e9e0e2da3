"""Serves Open edX's LTI component on a free port of this machine until standard input ends.

    python serve.py FOLDER

The folder takes the database. The first line that is printed is the address.
"""

from __future__ import annotations

import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
import stand_ins
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from settings import settings


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def main() -> None:
    server = Server(("127.0.0.1", 0), WSGIRequestHandler)
    address = f"http://127.0.0.1:{server.server_port}"
    django_settings.configure(**settings(address, Path(sys.argv[1])))
    stand_ins.take_their_places()
    django.setup()
    call_command("migrate", verbosity=0)
    server.set_app(get_wsgi_application())
    Thread(target=server.serve_forever, daemon=True).start()
    print(address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
