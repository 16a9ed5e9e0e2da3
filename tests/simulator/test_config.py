"""The file that tells a simulated LMS what it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatelodge.simulator import Purpose, SimulatorConfig
from gatelodge.simulator.config import config_from, read_config
from tests.simulator.lms import config, placed

TOOL = {
    "label": "Hello",
    "login_url": "https://gateway.example/lti/hello/login",
    "target_link_uri": "https://gateway.example/lti/hello/launch",
    "redirect_uris": ["https://gateway.example/lti/hello/launch"],
    "client_id": "c",
    "deployment_id": "1",
}


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "lms.json"
    file.write_text(
        json.dumps({"base_url": "http://localhost:8001/", "tools": [TOOL]}), encoding="utf-8"
    )

    found = read_config(file)

    assert found.base_url == "http://localhost:8001"
    assert found.issuer == "http://localhost:8001"
    assert found.tools[0].redirect_uris == ("https://gateway.example/lti/hello/launch",)
    assert found.tools[0].purpose is Purpose.COURSE


def test_the_issuer_may_be_another_address() -> None:
    assert config(issuer="https://lms.example/issuer").issuer == "https://lms.example/issuer"


def test_the_first_tool_of_a_purpose_counts() -> None:
    first, second = placed(client_id="first"), placed(client_id="second")
    found = SimulatorConfig(base_url="https://lms.example", tools=(first, second))

    assert found.tool_for(Purpose.COURSE) is first
    assert found.tool_for(Purpose.OTHER_TOOL) is None


def test_an_unknown_purpose_is_refused() -> None:
    with pytest.raises(ValueError, match="decoration"):
        config_from({"base_url": "x", "tools": [{**TOOL, "purpose": "decoration"}]})
