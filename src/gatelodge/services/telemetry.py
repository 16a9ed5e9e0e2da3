"""What is counted: launches and logins by outcome, their time, key set fetches."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Telemetry:
    """Numbers of this process. Codes are a closed list, so the series are too."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._logins = Counter(
            "gatelodge_logins", "Logins begun", ("outcome", "code"), registry=self._registry
        )
        self._launches = Counter(
            "gatelodge_launches", "Launches judged", ("outcome", "code"), registry=self._registry
        )
        self._launch_seconds = Histogram(
            "gatelodge_launch_seconds",
            "Time from the launch's last byte to our answer",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._redemptions = Counter(
            "gatelodge_redemptions", "Hand-off codes", ("outcome",), registry=self._registry
        )
        self._key_set_fetches = Counter(
            "gatelodge_key_set_fetches",
            "Fetches of platforms' key sets",
            ("outcome",),
            registry=self._registry,
        )
        self._login_begun = self._logins.labels("begun", "")
        self._launch_accepted = self._launches.labels("accepted", "")

    def login_begun(self) -> None:
        self._login_begun.inc()

    def login_refused(self, code: str) -> None:
        self._logins.labels("refused", code).inc()

    def launch_accepted(self, seconds: float) -> None:
        self._launch_accepted.inc()
        self._launch_seconds.observe(seconds)

    def launch_refused(self, code: str, seconds: float) -> None:
        self._launches.labels("refused", code).inc()
        self._launch_seconds.observe(seconds)

    def redeemed(self, outcome: str) -> None:
        self._redemptions.labels(outcome).inc()

    def key_set_fetched(self, outcome: str) -> None:
        self._key_set_fetches.labels(outcome).inc()

    def page(self) -> bytes:
        """All of it in the Prometheus text format."""
        return generate_latest(self._registry)
