"""An assistant at work: the SDK's client, the real server, and the simulator behind it, all under one clock."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from jsonschema import Draft202012Validator
from mcp import Client
from mcp_types import ContentBlock, ElicitRequestParams, ElicitResult, TextContent
from whenever import Instant

from ringcentral_meetings.app import build_server
from ringcentral_meetings.errors import MAX_ERROR_CHARS
from ringcentral_meetings.protocol.contract import CALL_SECONDS
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Faults, RecordedCall, Simulator, Switches

Mode = Literal["legacy", "auto"]
Product = Literal["auto", "meetings", "video"]
Reply = Callable[[ElicitRequestParams], ElicitResult]

MODES: tuple[Mode, ...] = ("legacy", "auto")
MONDAY = Instant.from_utc(2026, 11, 23, hour=14)
"""09:00 in New York."""
TUESDAY = "2026-11-24T20:00:00Z"
"""15:00 in New York, on the next day."""


@dataclass
class ManualClock:
    """Time that passes only by sleeping; `left` seconds of it belong to a call."""

    seconds: float = MONDAY.timestamp()
    deadline: float = float("inf")
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.seconds

    def instant(self) -> Instant:
        return Instant.from_timestamp(self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def time_left(self) -> float:
        return self.deadline - self.seconds


@dataclass
class Answer:
    """What a tool answered; reading `data` of an error, or `problem` of a success, fails the test."""

    tool: str
    text: str
    structured: dict[str, Any] | None
    is_error: bool
    attachments: list[ContentBlock] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        assert not self.is_error, self.text
        assert self.structured is not None
        return self.structured

    @property
    def problem(self) -> dict[str, Any]:
        assert self.is_error, self.text
        body: dict[str, Any] = json.loads(self.text)["error"]
        return body

    @property
    def code(self) -> str | None:
        return str(self.problem["code"]) if self.is_error else None


@dataclass
class Assistant:
    """Calls tools and holds each answer against the contract."""

    client: Client
    simulator: Simulator
    clock: ManualClock
    schemas: Mapping[str, Draft202012Validator]
    questions: list[str]
    progress: list[str] = field(default_factory=list)
    progress_made: list[float] = field(default_factory=list)

    async def call(self, tool: str, **arguments: Any) -> Answer:
        self.clock.deadline = self.clock.seconds + CALL_SECONDS

        async def on_progress(progress: float, total: float | None, message: str | None) -> None:
            self.progress.append(message or "")
            self.progress_made.append(progress)

        result = await self.client.call_tool(tool, arguments, progress_callback=on_progress)
        block, *attachments = result.content
        assert isinstance(block, TextContent)
        answer = Answer(tool, block.text, result.structured_content, bool(result.is_error), attachments)
        self._check(answer)
        return answer

    def _check(self, answer: Answer) -> None:
        if answer.is_error:
            assert answer.structured is None
            assert not answer.attachments
            assert len(answer.text) <= MAX_ERROR_CHARS
            return
        assert json.loads(answer.text) == answer.structured
        assert answer.data["simulated"] is True
        self.schemas[answer.tool].validate(answer.data)

    def sent(self, method: str | None = None, path: str = "/meeting") -> list[RecordedCall]:
        """The requests that reached the platform, of one method where given, whose path holds `path`."""
        return [call for call in self.simulator.calls if path in call.path and method in (None, call.method)]


@cache
def _validator(schema: str) -> Draft202012Validator:
    """A validator of a schema in JSON; most servers publish the same ones."""
    return Draft202012Validator(json.loads(schema))


@asynccontextmanager
async def at_work(
    *,
    mode: Mode = "auto",
    seeded: bool = False,
    switches: Switches | None = None,
    faults: str | None = None,
    reply: Reply | None = None,
    limits: Mapping[str, int] | None = None,
    clock: ManualClock | None = None,
    product: Product = "meetings",
    issue_refresh_tokens: bool = True,
    **settings: Any,
) -> AsyncIterator[Assistant]:
    """An assistant connected to a server on a simulator; `settings` are those of the server.

    The simulator has the product named, RingCentral Meetings where that is `auto`: to be asked for it.
    """
    clock = clock or ManualClock()
    simulator = Simulator(
        clock=clock.now,
        provider="RCVideo" if product == "video" else "RCMeetings",
        seeded=seeded,
        switches=switches,
        faults=Faults.parse(faults) if faults else None,
        limits=limits,
        sleep=clock.sleep,
        issue_refresh_tokens=issue_refresh_tokens,
    )
    questions: list[str] = []

    async def ask(context: Any, params: ElicitRequestParams) -> ElicitResult:
        questions.append(params.message)
        assert reply is not None
        return reply(params)

    plain: dict[str, Any] = {
        "simulator": True,
        "log_level": "CRITICAL",
        "plan_limits": limits or {},
        "product": product,
    }
    plain |= settings
    server = build_server(Settings(**plain), transport=simulator.transport(), clock=clock, now=clock.instant)
    try:
        async with Client(server, mode=mode, elicitation_callback=ask if reply else None) as client:
            tools = (await client.list_tools(cache_mode="bypass")).tools
            schemas = {tool.name: _validator(json.dumps(tool.output_schema or {})) for tool in tools}
            yield Assistant(client, simulator, clock, schemas, questions)
    finally:
        simulator.close()


def scheduled(start: str, minutes: int = 30, zone: str = "America/New_York") -> dict[str, Any]:
    """A schedule as the platform stores it; `start` is UTC with Z."""
    return {"startTime": start, "durationInMinutes": minutes, "timeZone": {"name": zone}}


def put(assistant: Assistant, topic: str = "Budget", start: str = TUESDAY, minutes: int = 30, **fields: Any) -> str:
    """Put a meeting on the platform, with such fields as it stores them; return its id."""
    return assistant.simulator.put_meeting(**{"topic": topic, "schedule": scheduled(start, minutes)} | fields)


async def read_on(assistant: Assistant, tool: str, **arguments: Any) -> list[dict[str, Any]]:
    """Read every page of a list, from the first on."""
    pages = [(await assistant.call(tool, **arguments)).data]
    while token := pages[-1].get("next_page_token"):
        pages.append((await assistant.call(tool, page_token=token, **arguments)).data)
    return pages
