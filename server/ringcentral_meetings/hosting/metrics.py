"""What a host counts of its work, in the format of Prometheus."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from ringcentral_meetings.hosting import requests
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.protocol.audit import AuditLog, Entry

NAMESPACE: Final = "ringcentral_meetings"
TRIPS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 50)
SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45)
STORE_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()

        def named(name: str, *labels: str) -> dict[str, Any]:
            return {"name": name, "labelnames": labels, "namespace": NAMESPACE, "registry": self._registry}

        self._calls = Counter(documentation="Calls of tools", **named("calls", "tool", "outcome", "product"))
        self._seconds = Histogram(
            documentation="How long calls of tools took", buckets=SECONDS, **named("call_seconds", "tool")
        )
        self._call_trips = Histogram(
            documentation="Trips to the store for one call of a tool",
            buckets=TRIPS,
            **named("call_store_trips", "tool"),
        )
        self._trips = Counter(documentation="Trips to the store", **named("store_trips", "operation", "outcome"))
        self._trip_seconds = Histogram(
            documentation="How long trips to the store took", buckets=STORE_SECONDS, **named("store_trip_seconds")
        )
        self._waits = Counter(
            documentation="Requests that had to wait for a rate limit of RingCentral",
            **named("rate_limit_waits", "group"),
        )
        self._wait_seconds = Counter(
            documentation="Seconds that they would have had to wait", **named("rate_limit_wait_seconds", "group")
        )
        self._renewals = Counter(documentation="Sessions that were stored: renewals and sign-ins", **named("renewals"))
        self._refused = Counter(
            documentation="Requests that were refused before a tool was called", **named("refused_requests", "status")
        )
        self._users = Gauge(documentation="People whose services are in memory", **named("users"))

    def watch_users(self, count: Callable[[], int]) -> None:
        """Ask `count` how many people are in memory, whenever the metrics are read."""
        self._users.set_function(count)

    def store_trip(self, operation: str, outcome: str, seconds: float) -> None:
        """Count a trip to the store."""
        if (inbound := requests.current()) is not None:
            inbound.trips += 1
        self._trips.labels(operation, outcome).inc()
        self._trip_seconds.observe(seconds)
        if operation == "put_session" and outcome == "ok":
            self._renewals.inc()

    def waited(self, group: str, seconds: float) -> None:
        """Count a wait for a rate limit."""
        self._waits.labels(group).inc()
        self._wait_seconds.labels(group).inc(seconds)

    def trips(self) -> int:
        """Return how many trips to the store were made."""
        return round(self._registry.get_sample_value(f"{NAMESPACE}_store_trip_seconds_count") or 0)

    def refused(self, status: int) -> None:
        """Count a request that was not let in."""
        self._refused.labels(str(status)).inc()

    def called(self, entry: Entry, seconds: float) -> None:
        """Count a call of a tool."""
        tool = entry.tool.name if entry.tool is not None else "unknown"
        self._calls.labels(tool, entry.outcome, contract.noted_product() or "none").inc()
        self._seconds.labels(tool).observe(seconds)
        if (inbound := requests.current()) is not None:
            self._call_trips.labels(tool).observe(inbound.trips)

    async def answer(self, _request: Request) -> Response:
        """Answer with all of them."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


class HostRecord:
    """Counts every call of a tool, and writes its line of the audit log where there is one."""

    def __init__(self, metrics: Metrics, audit: AuditLog | None, seconds: Callable[[], float]) -> None:
        self._metrics, self._audit, self._seconds = metrics, audit, seconds

    @contextmanager
    def entry(
        self, tool: Tool | None, arguments: Mapping[str, Any], context: Context[Any, Any] | None
    ) -> Iterator[Entry]:
        """Record what the entry holds when the call within has ended."""
        if self._audit is None:
            with self._counted(Entry(tool, arguments)) as entry:
                yield entry
        else:
            with self._audit.entry(tool, arguments, context) as entry, self._counted(entry):
                yield entry

    @contextmanager
    def _counted(self, entry: Entry) -> Iterator[Entry]:
        began = self._seconds()
        try:
            yield entry
        finally:
            self._metrics.called(entry, self._seconds() - began)
