"""Both forms of the store, with a time that the tests pass."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from anyio.lowlevel import checkpoint

from ringcentral_meetings.store import KeyRing, Store
from ringcentral_meetings.store.memory import MemorySteps
from ringcentral_meetings.store.redis import RedisServer
from ringcentral_meetings.store.redis_steps import RedisSteps
from ringcentral_meetings.store.steps import Steps
from store.servers import StoreServer

RING = KeyRing.new()

PATIENT = 5.0
"""How long a trip may take on a busy machine, in seconds."""

SLOW = 5.0
"""What may pass of a server's real time while a test talks to it, in seconds."""


def about(seconds: float) -> object:
    """Return what equals a time that was to be so long a short while ago."""
    return pytest.approx(seconds - SLOW / 2, abs=SLOW / 2 + 0.05)


SHIFT = """
local ms = tonumber(ARGV[1])
for _, key in ipairs(redis.call('KEYS', '*')) do
    local left = redis.call('PTTL', key)
    if left <= ms then
        redis.call('DEL', key)
    else
        redis.call('PEXPIRE', key, left - ms)
        local kind = redis.call('TYPE', key).ok
        if kind == 'zset' then
            for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
                redis.call('ZINCRBY', key, -ms, member)
            end
        elseif kind == 'hash' then
            for _, name in ipairs({'until', 'seen', 'at', 'ends'}) do
                local value = redis.call('HGET', key, name)
                if value and value ~= '0' then
                    redis.call('HSET', key, name, string.format('%.0f', tonumber(value) - ms))
                end
            end
        end
    end
end
"""
"""Makes everything in a server older by some ms. A key without an end would be seen at once: it is deleted."""


@dataclass
class Form:
    """A store, its steps, and the passing of its time; `close` to a tenth of a second where its time is real."""

    name: str
    store: Store
    steps: Steps
    advance: Callable[[float], None]
    names: Callable[[], int]
    sleep: Callable[[float], Awaitable[None]]
    slept: list[float] = field(default_factory=list)
    trips: list[tuple[str, str]] = field(default_factory=list)


def memory_form() -> Form:
    now = [1_000.0]
    slept: list[float] = []
    trips: list[tuple[str, str]] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds
        await checkpoint()

    def advance(seconds: float) -> None:
        now[0] += seconds

    steps = MemorySteps(lambda: now[0], on_trip=lambda step, outcome, _: trips.append((step, outcome)))
    return Form("memory", Store(steps, RING, sleep), steps, advance, lambda: len(steps), sleep, slept, trips)


def redis_form(server: StoreServer, name: str = "redis", url: str | None = None, trip_seconds: float = PATIENT) -> Form:
    slept: list[float] = []
    trips: list[tuple[str, str]] = []

    def advance(seconds: float) -> None:
        age(server, seconds)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        advance(seconds)
        await checkpoint()

    def names() -> int:
        with server.admin as admin:
            return int(admin.dbsize())

    def on_trip(step: str, outcome: str, _: float) -> None:
        trips.append((step, outcome))

    reached = RedisServer(url or server.url, on_trip=on_trip, trip_seconds=trip_seconds)
    steps = RedisSteps(reached)
    return Form(name, Store(steps, RING, sleep), steps, advance, names, sleep, slept, trips)


def age(server: StoreServer, seconds: float) -> None:
    """Make everything in a server older."""
    with server.admin as admin:
        admin.eval(SHIFT, 0, round(seconds * 1000))
