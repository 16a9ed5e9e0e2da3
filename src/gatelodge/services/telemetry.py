"""What is counted: launches and logins by outcome, their time, key set fetches.

The counts are plain numbers, since every launch adds to some; what Prometheus makes of them is
made when it asks. They are touched on the event loop alone.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_BOUNDS = [*map(floatToGoString, _BUCKETS), "+Inf"]

_Counts = Counter[tuple[str, ...]]
"""By the values of a family's labels."""

_BEGUN = ("begun", "")
_ACCEPTED = ("accepted", "")


class Telemetry(Collector):
    """Numbers of this process. Codes are a closed list, so the series are too."""

    def __init__(self) -> None:
        # What goes well is there from the start, to be watched.
        self._logins: _Counts = Counter({_BEGUN: 0})
        self._launches: _Counts = Counter({_ACCEPTED: 0})
        self._launches_of_duration = [0] * len(_BOUNDS)
        self._launch_seconds = 0.0
        self._redemptions: _Counts = Counter()
        self._key_set_fetches: _Counts = Counter()
        self._audit_broken: bool | None = None
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def login_begun(self) -> None:
        self._logins[_BEGUN] += 1

    def login_refused(self, code: str) -> None:
        self._logins["refused", code] += 1

    def launch_accepted(self, seconds: float) -> None:
        self._launches[_ACCEPTED] += 1
        self._took(seconds)

    def launch_refused(self, code: str, seconds: float) -> None:
        self._launches["refused", code] += 1
        self._took(seconds)

    def redeemed(self, outcome: str) -> None:
        self._redemptions[outcome,] += 1

    def key_set_fetched(self, outcome: str) -> None:
        self._key_set_fetches[outcome,] += 1

    def audit_looked_at(self, *, broken: bool) -> None:
        self._audit_broken = broken

    def page(self) -> bytes:
        """All of it in the Prometheus text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        yield _family("logins", "Logins begun", ("outcome", "code"), self._logins)
        yield _family("launches", "Launches judged", ("outcome", "code"), self._launches)
        yield self._durations()
        yield _family("redemptions", "Hand-off codes", ("outcome",), self._redemptions)
        yield _family(
            "key_set_fetches",
            "Fetches of platforms' key sets",
            ("outcome",),
            self._key_set_fetches,
        )

        if self._audit_broken is not None:
            yield GaugeMetricFamily(
                "gatelodge_audit_broken",
                "1 if the audit log was edited in the database",
                value=int(self._audit_broken),
            )

    def _took(self, seconds: float) -> None:
        self._launches_of_duration[bisect_left(_BUCKETS, seconds)] += 1
        self._launch_seconds += seconds

    def _durations(self) -> Metric:
        # A bucket holds what the smaller ones hold, too.
        buckets = [
            (bound, float(count))
            for bound, count in zip(_BOUNDS, accumulate(self._launches_of_duration), strict=True)
        ]
        return HistogramMetricFamily(
            "gatelodge_launch_seconds",
            "Time from the launch's last byte to our answer",
            buckets=buckets,
            sum_value=self._launch_seconds,
        )


def _family(name: str, about: str, labels: tuple[str, ...], counts: _Counts) -> Metric:
    family = CounterMetricFamily(f"gatelodge_{name}", about, labels=labels)
    for values, count in counts.items():
        family.add_metric(values, count)
    return family
