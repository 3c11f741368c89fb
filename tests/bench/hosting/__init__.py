"""A host of many people on a Redis or Valkey server of this machine: memory, time, fairness, start and restart."""

from typing import Any

from ..figures import shown, table
from . import fairness, memory, restart, speed


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The tables, and what is in them as JSON."""
    parts = [_speed(quick=quick), _fairness(quick=quick), _memory(quick=quick), _restart(quick=quick)]
    return "\n\n".join(text for text, _ in parts), {name: value for _, told in parts for name, value in told.items()}


def _speed(*, quick: bool) -> tuple[str, dict[str, Any]]:
    found = speed.run(quick=quick)
    rows = []
    for name, what in (("calls a second", "rate"), ("ms of a call", "ms"), ("its own ms of processor a call", "cpu")):
        one, many = ([getattr(costs[n], what) for n in speed.AT_ONCE] for costs in (found.alone, found.host))
        rows.append([f"one person's server: {name}", *map(shown, one)])
        rows.append([f"host: {name}", *map(shown, many)])
        rows.append(["host / one person's", *(shown(mine.over(other)) for mine, other in zip(many, one, strict=True))])
    first = table(["get_meeting over HTTP", *(f"{n} at once" for n in speed.AT_ONCE)], rows)
    several = [
        [f"{count} processes", shown(cost.rate), shown(cost.ms), shown(cost.cpu)]
        for count, cost in found.processes.items()
    ]
    second = table([f"{speed.PEOPLE} people at once", "calls a second", "ms", "ms of processor a call"], several)
    told = {
        "one": {str(n): cost.told() for n, cost in found.alone.items()},
        "host": {str(n): cost.told() for n, cost in found.host.items()},
        "processes": {str(n): cost.told() for n, cost in found.processes.items()},
        "trips": found.trips,
    }
    return f"{first}\n\n{second}\n\nTrips to the store for a call: {found.trips:.2f}", told


def _fairness(*, quick: bool) -> tuple[str, dict[str, Any]]:
    found = fairness.run(quick=quick)
    head = ["99 people's calls beside one's queue", "alone, p99 ms", "beside, p99 ms", "ratio"]
    row = ["get_meeting", *(shown(samples) for samples in found.values())]
    return table(head, [row]), {"fairness": {name: samples.told() for name, samples in found.items()}}


def _memory(*, quick: bool) -> tuple[str, dict[str, Any]]:
    found = memory.run(quick=quick)
    head = ["memory", "MB at first", "KB for each idle person", "KB for each call in progress"]
    return table(head, [["host", *(f"{found[name]:.1f}" for name in ("warm_mb", "idle_kb", "active_kb"))]]), {
        "memory": found
    }


def _restart(*, quick: bool) -> tuple[str, dict[str, Any]]:
    start, counts = restart.run(quick=quick)
    rows = [["host", shown(start), str(counts["answered"]), str(counts["failed"])]]
    head = ["start and restart", "ms until it is ready", "calls answered in a rolling restart", "failed"]
    return table(head, rows), {"start_ms": start.told(), "restart": counts}
