"""A small LMS for demonstrations and tests. It knows the gateway only by HTTP, as any LMS does."""

from gatelodge.simulator.app import create_app
from gatelodge.simulator.config import PlacedTool, Purpose, SimulatorConfig

__all__ = ["PlacedTool", "Purpose", "SimulatorConfig", "create_app"]
