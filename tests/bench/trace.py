"""What a reader of a tool call has to follow: our functions that it enters, their files, and how deep they nest.

Each call is made twice, against the simulator in this process through the SDK's in-memory client; the second, which
finds everything read and signed in, is the one counted. A task counts as called by whoever starts it,
and a comprehension as part of the function around it.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from weakref import WeakKeyDictionary

from mcp import Client
from mcp_types import ElicitRequestParams, ElicitResult

import ringcentral_meetings
from ringcentral_meetings.app import build_server
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Faults, Simulator

from .figures import table

PACKAGE = str(Path(ringcentral_meetings.__file__).parent)
SIMULATOR = str(Path(PACKAGE) / "simulator")
INLINE = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})


@dataclass
class Trace:
    """The functions entered, and the most of them that waited for one another at once."""

    functions: set[CodeType] = field(default_factory=set)
    depth: int = 0
    _tasks: WeakKeyDictionary[asyncio.Future[Any], int] = field(default_factory=WeakKeyDictionary)

    @property
    def files(self) -> set[str]:
        return {code.co_filename for code in self.functions}

    def note(self, frame: FrameType, event: str, _: object) -> None:
        """Count a call; what `sys.setprofile` wants."""
        if event == "call" and _is_ours(frame.f_code):
            self.functions.add(frame.f_code)
            self.depth = max(self.depth, self._depth(frame))

    def start_task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
        """Start a task, and remember how deep its starter was; what `set_task_factory` wants."""
        deep = self._depth(sys._getframe())  # noqa: SLF001  (the documented way to the stack)
        task = asyncio.Task(coroutine, loop=loop, **options)
        self._tasks[task] = deep
        return task

    def _depth(self, frame: FrameType | None) -> int:
        task = asyncio.current_task()
        deep = self._tasks.get(task, 0) if task is not None else 0
        while frame is not None:
            deep += _is_ours(frame.f_code)
            frame = frame.f_back
        return deep


def _is_ours(code: CodeType) -> bool:
    file = code.co_filename
    return file.startswith(PACKAGE) and not file.startswith(SIMULATOR) and code.co_name not in INLINE


@contextmanager
def traced() -> Iterator[Trace]:
    """What is called within, in this thread."""
    trace = Trace()
    loop = asyncio.get_running_loop()
    loop.set_task_factory(trace.start_task)
    sys.setprofile(trace.note)
    try:
        yield trace
    finally:
        sys.setprofile(None)
        loop.set_task_factory(None)


@dataclass
class Desk:
    """A client of the server, and the simulator behind it."""

    client: Client
    simulator: Simulator
    days: Iterator[int] = field(default_factory=lambda: count(1))

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result of a tool. Raises `ValueError` for one that is an error."""
        result = await self.client.call_tool(tool, arguments)
        if result.is_error or result.structured_content is None:
            raise ValueError(f"{tool}: {result.content}")
        return dict(result.structured_content)

    async def list(self) -> None:
        await self.call("list_meetings", window_start="2030-01-01", window_end="2030-12-31")

    async def create(self) -> dict[str, Any]:
        """At a time of its own: nothing overlaps."""
        start = f"2030-03-{next(self.days):02}T15:00"
        made = await self.call("create_meeting", topic="Traced", start_time=start, time_zone="Europe/Paris")
        return dict(made["meeting"])

    async def create_after_401(self) -> None:
        """The token is refused as the creation goes out, and is renewed."""
        self.simulator.faults = Faults.parse("POST /meeting$ token_expired x1")
        await self.create()

    async def delete(self, row: Mapping[str, Any]) -> None:
        """The person is asked first, and says yes."""
        echo = {"expected_topic": row["topic"], "expected_start": row["start"]}
        await self.call("delete_meeting", meeting_id=row["meeting_id"], **echo)


async def _yes(context: Any, params: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="accept", content={"confirm": True})


@asynccontextmanager
async def _desk() -> AsyncIterator[Desk]:
    simulator = Simulator(seeded=False)
    settings = Settings(simulator=True, log_level="CRITICAL")
    try:
        async with Client(build_server(settings, transport=simulator.transport()), elicitation_callback=_yes) as client:
            yield Desk(client, simulator)
    finally:
        simulator.close()


async def measure() -> dict[str, Trace]:
    """A trace of each call."""
    async with _desk() as desk:
        for _ in range(2):
            listing = await _trace(desk.list)
            creation = await _trace(desk.create)
            renewal = await _trace(desk.create_after_401)
            deletion = await _trace(partial(desk.delete, await desk.create()))
        return {
            "list_meetings": listing,
            "create_meeting": creation,
            "delete_meeting, with a question": deletion,
            "create_meeting, with a 401": renewal,
        }


async def _trace(call: Callable[[], Awaitable[object]]) -> Trace:
    with traced() as trace:
        await call()
    return trace


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON; `quick` changes nothing, since nothing is timed."""
    del quick
    traces = asyncio.run(measure())
    told = {
        name: {"functions": len(trace.functions), "files": len(trace.files), "depth": trace.depth}
        for name, trace in traces.items()
    }
    rows = [[name, *map(str, figures.values())] for name, figures in told.items()]
    return table(["a warm call", "functions", "files", "depth"], rows), {"trace": told}
