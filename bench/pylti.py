"""PyLTI1p3 on Flask, as its documentation says and with its fastest settings; gunicorn runs it.

Public keys are cached, which is not its default, and so are the launches, in this process.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from flask import Flask, redirect
from flask_caching import Cache
from pylti1p3.contrib.flask import (
    FlaskCacheDataStorage,
    FlaskMessageLaunch,
    FlaskOIDCLogin,
    FlaskRequest,
)
from pylti1p3.exception import LtiException
from pylti1p3.tool_config import ToolConfDict

config: dict[str, Any] = json.loads(Path(os.environ["BENCH_CONFIG"]).read_text())

application = Flask(__name__)
application.secret_key = os.urandom(32)
# With the usual threshold it would throw launches away after the first 500.
cache = Cache(application, config={"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": 2_000_000})
tool = ToolConfDict(
    {
        config["issuer"]: [
            {
                "default": True,
                "client_id": config["client_id"],
                "auth_login_url": config["authorization_url"],
                "auth_token_url": config["token_url"],
                "auth_audience": None,
                "key_set_url": config["key_set_url"],
                "key_set": None,
                "deployment_ids": [config["deployment_id"]],
            }
        ]
    }
)
tool.set_private_key(config["issuer"], "", client_id=config["client_id"])


def storage() -> FlaskCacheDataStorage:
    return FlaskCacheDataStorage(cache)


@application.post("/login")
def login() -> Any:
    asked = FlaskRequest()
    begun = FlaskOIDCLogin(asked, tool, launch_data_storage=storage())
    return begun.redirect(asked.get_param("target_link_uri"))


@application.post("/launch")
def launch() -> Any:
    arrived = FlaskMessageLaunch(FlaskRequest(), tool, launch_data_storage=storage())
    arrived.set_public_key_caching(storage(), cache_lifetime=7200)
    arrived.get_launch_data()
    return redirect(f"https://tool.example/launch?code={arrived.get_launch_id()}", code=303)


@application.errorhandler(LtiException)
def refused(_: LtiException) -> Any:
    return "", 403
