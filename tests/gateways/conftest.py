from __future__ import annotations

from tests.support.campuses import *  # noqa: F403
from tests.support.databases import *  # noqa: F403
