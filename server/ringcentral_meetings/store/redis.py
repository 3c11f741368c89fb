"""The connection to Redis or Valkey: one trip at a time, within a deadline, never answered by anything else.

redis-py's own retries are off, since a command whose answer was lost may have been carried out. The scripts bear
repetition, so a trip whose connection broke is made once more, on another connection, under the same request.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import anyio
from redis import exceptions
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from ringcentral_meetings.store import scripts
from ringcentral_meetings.store.patience import Places, patience
from ringcentral_meetings.store.records import StoreDown, UnsafeStore
from ringcentral_meetings.store.steps import OnTrip, new_request

TRIP_SECONDS: Final = 2.0
"""How long a trip may take, with connecting and with being made once more. The store takes less than a millisecond."""

QUEUE_SECONDS: Final = 10.0
"""How long a trip may wait for one of the connections, all of which are in use."""

MOST_CONNECTIONS: Final = 32
REPLICA_SECONDS: Final = 0.1
"""How long a replica is waited for to have what was stored, where it matters most: sessions and tokens."""

OLDEST: Final = (6, 2)

T = TypeVar("T")
Arg = str | bytes | int | float

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """A script to run, with its keys and arguments."""

    script: str
    keys: Sequence[str]
    args: Sequence[Arg]
    request: str

    @property
    def caller(self) -> str:
        """Whose turn it takes: what is in braces in the first key, which is a person or an account, else that key."""
        key = self.keys[0]
        return key[key.find("{") + 1 : key.find("}")] if "}" in key else key

    def command(self) -> list[Arg]:
        """Return the command that runs the script by its digest."""
        return ["EVALSHA", scripts.digest(self.script), len(self.keys), *self.keys, self.request, *self.args]


class RedisServer:
    """A Redis or Valkey server that replicas share, by its `url`: `redis://`, `rediss://` (TLS) or `unix://`.

    Raises `UnsafeStore` where the address cannot be read.
    """

    def __init__(
        self,
        url: str,
        *,
        on_trip: OnTrip | None = None,
        trip_seconds: float = TRIP_SECONDS,
        most_connections: int = MOST_CONNECTIONS,
    ) -> None:
        self._trip_seconds = trip_seconds
        self._places = Places(most_connections, QUEUE_SECONDS)
        self._pool = _pool(url, most_connections)
        self._redis = Redis(connection_pool=self._pool)
        self._on_trip = on_trip
        self._has_replica = False

    async def run(self, step: str, runs: Sequence[Run], *, to_replica: bool = False) -> list[list[Any]]:
        """Run scripts in one trip, and return what each answers after the request that it repeats.

        `to_replica` waits for a replica to have them, where there is one. Raises `StoreDown`.
        """
        to_replica = to_replica and self._has_replica
        return await self._counted(step, lambda: self._run(runs, to_replica=to_replica), runs[0].caller)

    async def ping(self) -> None:
        """Ask whether the server answers, and is one that can be written to. Raises `StoreDown`."""
        await self._counted("ping", lambda: self._run([Run("held", ["rcm:ping"], [], new_request())]))

    async def check(self) -> list[str]:
        """Return advice on how the server is set up.

        Raises:
            StoreDown: it cannot be used now.
            UnsafeStore: it would lose what is kept in it, or is too old.
        """
        info = await self._counted("check", self._info)
        version = str(info.get("redis_version", "0"))
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            raise UnsafeStore(f"the shared store is Redis {version}, and must be Redis 6.2 or later, or Valkey")
        if info.get("role") != "master":
            raise UnsafeStore("the shared store is a replica, which cannot be written to: name its primary")
        policy = info.get("maxmemory_policy")
        if policy != "noeviction":
            raise UnsafeStore(
                f"the shared store drops what it keeps where memory is short (maxmemory-policy {policy}): "
                "set maxmemory-policy noeviction"
            )
        await self.ping()
        self._has_replica = int(info.get("connected_slaves", 0)) > 0
        return _advice(info, has_replica=self._has_replica)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
        await self._pool.disconnect()

    async def _counted(self, step: str, act: Callable[[], Awaitable[T]], caller: str = "") -> T:
        began, outcome = time.perf_counter(), "down"
        try:
            async with self._places.place(caller):
                result = await self._uninterrupted(act)
            outcome = "ok"
        except StoreDown as down:
            logger.warning("A trip to the shared store failed (%s): it %s", step, down.reason)
            raise
        finally:
            if self._on_trip is not None:
                self._on_trip(step, outcome, time.perf_counter() - began)
        return result

    async def _uninterrupted(self, act: Callable[[], Awaitable[T]]) -> T:
        """Go through with a trip despite a cancellation, so that no answer stays behind for the next trip."""
        with anyio.CancelScope(shield=True):
            try:
                async with patience(self._trip_seconds):
                    result = await self._again_if_lost(act)
            except TimeoutError as fault:
                raise StoreDown("did not answer in time") from fault
            except exceptions.RedisError as fault:
                raise StoreDown(_reason(fault)) from fault
            except OSError as fault:
                raise StoreDown(f"cannot be reached ({fault.strerror or type(fault).__name__})") from fault
        return result

    async def _again_if_lost(self, act: Callable[[], Awaitable[T]]) -> T:
        try:
            return await act()
        except (exceptions.BusyLoadingError, exceptions.AuthenticationError):
            raise
        except (exceptions.ConnectionError, exceptions.ReadOnlyError):
            await self._pool.disconnect(inuse_connections=False)
            return await act()

    async def _run(self, runs: Sequence[Run], *, to_replica: bool = False) -> list[list[Any]]:
        answers = await self._send(runs, to_replica=to_replica)
        unknown = [place for place, answer in enumerate(answers) if isinstance(answer, exceptions.NoScriptError)]
        if unknown:
            await self._load({runs[place].script for place in unknown})
            again = await self._send([runs[place] for place in unknown], to_replica=to_replica)
            answers = [
                again[unknown.index(place)] if place in unknown else answers[place] for place in range(len(runs))
            ]
        return [await self._checked(run, answer) for run, answer in zip(runs, answers, strict=True)]

    async def _send(self, runs: Sequence[Run], *, to_replica: bool) -> list[Any]:
        if len(runs) == 1 and not to_replica:
            try:
                return [await self._redis.execute_command(*runs[0].command())]  # type: ignore[no-untyped-call]
            except exceptions.NoScriptError as unknown:
                return [unknown]
        async with self._redis.pipeline(transaction=False) as pipeline:
            for run in runs:
                pipeline.execute_command(*run.command())
            if to_replica:
                pipeline.execute_command("WAIT", 1, int(REPLICA_SECONDS * 1000))
            answers = await pipeline.execute(raise_on_error=False)
        if to_replica and answers.pop() == 0:
            logger.warning("No replica of the shared store confirmed a write within %g s", REPLICA_SECONDS)
        return answers

    async def _load(self, names: set[str]) -> None:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for name in sorted(names):
                pipeline.script_load(scripts.source(name))
            await pipeline.execute()

    async def _checked(self, run: Run, answer: Any) -> list[Any]:
        """Return a script's answer. Raises where the script failed, or where the answer is another request's."""
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, list) or not answer or answer[0] != run.request.encode():
            await self._pool.disconnect()
            raise StoreDown("gave the answer to another request")
        return answer[1:]

    async def _info(self) -> dict[str, Any]:
        info: dict[str, Any] = {}
        for section in ("server", "memory", "replication", "persistence"):
            info |= await self._redis.info(section)
        return info


def _pool(url: str, most: int) -> ConnectionPool:
    """Return the connections; the time that they may take is the trip's, and who waits for one waits before it."""
    try:
        pool = ConnectionPool.from_url(
            url,
            max_connections=most,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            driver_info=None,
        )
        pool.make_connection()  # type: ignore[no-untyped-call]
    except (TypeError, ValueError):
        raise UnsafeStore("the address of the shared store has a part that cannot be read") from None
    return pool


def _reason(fault: exceptions.RedisError) -> str:
    """Return what happened, without what the server or the address might tell of others."""
    known: list[tuple[type[Exception], str]] = [
        (exceptions.BusyLoadingError, "is still loading its data"),
        (exceptions.AuthenticationError, "refused the password"),
        (exceptions.NoPermissionError, "does not let this user do that"),
        (exceptions.TimeoutError, "did not answer in time"),
        (exceptions.ReadOnlyError, "is a replica that cannot be written to"),
        (exceptions.OutOfMemoryError, "has no memory left"),
        (exceptions.ConnectionError, "cannot be reached"),
    ]
    for kind, reason in known:
        if isinstance(fault, kind):
            return reason
    logger.error("The shared store refused a command: %s", str(fault).partition(" ")[0])
    return "refused a command"


def _advice(info: dict[str, Any], *, has_replica: bool) -> list[str]:
    advice = []
    if not info.get("aof_enabled"):
        advice.append("the shared store writes no append-only file: a restart signs everybody out (appendonly yes)")
    if not has_replica:
        advice.append("the shared store has no replica: where it is lost, everybody signs in again")
    return advice
