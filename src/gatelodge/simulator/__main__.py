"""`python -m gatelodge.simulator --config FILE`: one simulated LMS as a program of its own."""

import argparse
from pathlib import Path

import uvicorn

from gatelodge.simulator.app import create_app
from gatelodge.simulator.config import read_config


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m gatelodge.simulator", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="a JSON file")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=8001)
    options = parser.parse_args()
    app = create_app(read_config(options.config))
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
