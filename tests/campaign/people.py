"""People with assistants: each has a server of its own, and several call about the same meetings at once."""

import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

import anyio
from mcp_types import CallToolResult, ListToolsResult, TextContent

from campaign.ledger import Found, Ledger
from campaign.possibilities import EXISTS, Deed, Fate, Story
from campaign.witness import CALL, Trace
from ringcentral_meetings.simulator import Provider, Simulator

DONE = "done"
NOT_FOUND = "not_found"
OUTCOME_UNKNOWN = "outcome_unknown"
CONFLICT = "conflict"
UNANSWERED = "unanswered"

BLANKS: tuple[Any, ...] = ("", "  ", "\u200b", [], {}, None)
LEAVE_BLANKS = 0.5
"""How often a call has blanks."""
BLANK = 0.5
"""How often an optional argument of such a call is one."""


class Unanswered(Exception):
    """A server has gone before it answered; what it sent to the platform has been answered there."""


class Client(Protocol):
    """What people use of an MCP client."""

    async def call_tool(self, name: str, arguments: dict[str, Any]) -> CallToolResult:
        """Call a tool. Raises `Unanswered`."""
        ...

    async def list_tools(self) -> ListToolsResult: ...


@dataclass(frozen=True)
class Answer:
    """What a tool answered, and what its server saw of the platform meanwhile."""

    code: str
    body: dict[str, Any]
    trace: Trace

    @property
    def done(self) -> bool:
        return self.code == DONE

    @property
    def fate(self) -> Fate:
        return {DONE: Fate.TOOK, OUTCOME_UNKNOWN: Fate.OPEN, UNANSWERED: Fate.OPEN}.get(self.code, Fate.NOTHING)


@dataclass(frozen=True)
class Answers:
    """What equal creations were answered: a meeting made or found, an unknown outcome, nothing, or an error."""

    made: list[Answer]
    found: list[Answer]
    unknown: list[Answer]
    lost: list[Answer]
    others: list[Answer]


Operation = Callable[["Person"], Awaitable[None]]
Judge = Callable[[Answer, Deed], Fate]


class Evidence(Protocol):
    """How it comes out, for one product, what became of a creation."""

    def weigh(self, person: "Person", story: Story, answers: Answers) -> None:
        """Hold the answers against what their servers could know, before they are entered in the story."""

    async def follow_up(self, person: "Person", story: Story, answers: Answers, arguments: dict[str, Any]) -> None:
        """Do what an answer says is to be done next, but for asking again."""

    def repeater(self, person: "Person") -> "Person":
        """Return somebody whose server finds the meeting when it is asked for again."""

    def excuses_another_id(self, story: Story, /) -> bool:
        """Return whether answers owned up to a double, whose id may be met."""


@dataclass(frozen=True)
class Product:
    """One RingCentral product in a campaign.

    `operations` are what people do, each with its weight; `wish` makes up the arguments of a creation of a kind and the
    facts that they make, `kept` names those that an update of the kind changes. `stored` gives what the platform has in
    the end, `shown` the facts that an answer of get_meeting shows for a kind of meeting. `some_value` makes up what an
    update may make of a fact of a mark's meeting, and `as_argument` says how that is asked for. `path` is part of every
    path of the product and `change` the method of an update; both stand in the rules of the faults, `own_write_faults`
    and `own_read_faults` included. `understood` says whether the JSON of an answer is as it should be, `absent` whether
    that of a 404 speaks of the meeting. `whole` where an update writes a meeting back whole. `provider` is what the
    platform calls the product.
    """

    operations: Mapping[Operation, int]
    wish: Callable[["Person", str], tuple[dict[str, Any], dict[str, Any]]]
    kept: Mapping[str, frozenset[str]]
    evidence: Evidence
    stored: Callable[[Simulator], Iterable[Found]]
    shown: Callable[[str, dict[str, Any]], dict[str, Any]]
    some_value: Callable[["Person", str, str], Any]
    as_argument: Callable[[str, Any], dict[str, Any]]
    path: str
    change: str
    understood: Callable[[Any], bool]
    absent: Callable[[Any], bool]
    own_write_faults: str = ""
    own_read_faults: str = ""
    provider: Provider = "RCMeetings"
    whole: bool = True

    def interfering(self, deed: Deed) -> list[Deed]:
        """The deeds met that may show in the answer to this one: a server lets its own take turns to write back."""
        return deed.strangers if self.whole else deed.met

    def rivals(self, deed: Deed) -> list[Deed]:
        """The deeds met that may make it impossible to tell what this one did: to a PATCH, those of its own fields."""
        return [other for other in deed.met if self.whole or other.writes.keys() & {EXISTS, *deed.writes}]


class Party:
    """The people of a campaign, who come and go together, since each may call upon another's client.

    `at_the_end` is awaited once, when the last of them has finished and before any of them goes on.
    """

    def __init__(self, size: int, at_the_end: Callable[[], Awaitable[None]]) -> None:
        self.people: list[Person] = []
        self._size = size
        self._at_the_end = at_the_end
        self._left = 0
        self._complete, self._over = anyio.Event(), anyio.Event()

    @asynccontextmanager
    async def joined_by(self, person: "Person") -> AsyncIterator[None]:
        self.people.append(person)
        if len(self.people) == self._size:
            self._complete.set()
        await self._complete.wait()
        yield
        self._left += 1
        if self._left == self._size:
            await self._at_the_end()
            self._over.set()
        await self._over.wait()


@dataclass
class Person:
    """One client. Its parallel calls go to one server process; those of other people to other ones.

    `start` starts a server and connects to it. `late_seconds` is how long a write may take that was not answered.
    `host` is the extension whose meetings they are.
    """

    number: int
    client: Client
    simulator: Simulator
    product: Product
    chance: random.Random
    ledger: Ledger
    party: Party
    lands_late: frozenset[int | None]
    late_seconds: float
    start: Callable[[], Awaitable[Client]]
    host: str = Simulator.owner_id

    _servers: Iterator[int] = field(default_factory=count)
    _server: int = 0

    @property
    def server(self) -> tuple[int, int]:
        """The server that a call goes to, in which changes of a meeting take turns: not where one may come late."""
        return self.number, next(self._servers) if self.late_seconds else self._server

    async def restart(self) -> None:
        """Go on with a server that remembers nothing but what is written down."""
        self.client, self._server = await self.start(), next(self._servers)

    def colleague(self) -> "Person":
        return self.chance.choice([other for other in self.party.people if other is not self])

    def pick(self, *kinds: str) -> Story | None:
        """A meeting that a call may name, of these kinds where any are given."""
        alive = [story for story in self.ledger.stories if story.alive and (not kinds or story.kind in kinds)]
        return self.chance.choice(alive) if alive else None

    def own_stories(self) -> list[Story]:
        """The meetings that this person asked for."""
        return [story for story in self.ledger.stories if story.mark.startswith(f"m{self.number}-")]

    def naming(self, story: Story) -> str | None:
        """What a call names the meeting by."""
        return self.chance.choice(story.names) if story.names else story.meeting_id

    async def call(self, purpose: str, tool: str, **arguments: Any) -> Answer:
        """Call a tool and count its outcome. Nothing that may have been carried out is ever sent twice."""
        answer = await self.ask(purpose, tool, arguments)
        if answer.code == "invalid_arguments" and not answer.trace.misled:
            self.ledger.complain(f"{purpose} {arguments}: {answer.body}")
        return answer

    async def ask(self, purpose: str, tool: str, arguments: Mapping[str, Any]) -> Answer:
        """The same, where the arguments may be wrong."""
        trace = Trace(self.lands_late)
        CALL.set(trace)
        try:
            result = await self.client.call_tool(tool, await self._filled(tool, arguments))
        except Unanswered:
            self.ledger.count(purpose, UNANSWERED)
            return Answer(UNANSWERED, {}, trace)
        (block,) = result.content
        assert isinstance(block, TextContent)
        body = json.loads(block.text)
        code = str(body["error"]["code"]) if result.is_error else DONE
        self.ledger.count(purpose, code)
        if code == "internal_error":
            self.ledger.complain(f"{purpose} {arguments}: {block.text}")
        if len(trace.writes) > 1:
            self.ledger.complain(f"{purpose} {arguments}: sent {trace.writes}")
        if code == OUTCOME_UNKNOWN and trace.may_still_land:
            await anyio.sleep(self.late_seconds)
        return Answer(code, body, trace)

    async def _filled(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments, often with blanks for optional ones, as many clients fill them."""
        if self.chance.random() >= LEAVE_BLANKS:
            return dict(arguments)
        tools = (await self.client.list_tools()).tools
        (schema,) = (one.input_schema for one in tools if one.name == tool)
        return with_blanks(self.chance, schema, arguments)

    async def do(
        self,
        story: Story,
        purpose: str,
        tool: str,
        *,
        writes: Mapping[str, Any] | None = None,
        whole: bool = False,
        judge: Judge = lambda answer, _: answer.fate,
        shows: Callable[[], bool] = lambda: True,
        **arguments: Any,
    ) -> tuple[Answer, Deed]:
        """Call a tool about a meeting, and enter in its story what the answer says.

        `shows` says whether the platform shows at all what the call is about. A call that was given the id of another
        meeting cannot know what it did to this one, nor one that was misled what there was to do.
        """
        deed = story.begin(Deed(self.server, writes or {}, whole))
        answer = await self.call(purpose, tool, meeting_id=self.naming(story), **arguments)
        astray = any((story.meeting_id or "") not in one.path for one in answer.trace.writes)
        taken_in = astray or (answer.trace.misled and not answer.trace.writes)
        story.end(deed, Fate.OPEN if answer.done and taken_in else judge(answer, deed))
        self.ledger.note(deed)
        if answer.code == OUTCOME_UNKNOWN and not self.product.rivals(deed) and shows() and not astray:
            self.doubt(f"{purpose} {story.mark}", answer.trace, landed=self._landed(story, deed))
        return answer, deed

    def doubt(self, what: str, trace: Trace, *, landed: bool) -> None:
        """Complain of an unknown outcome that could have been known. That nothing is there proves nothing."""
        if not trace.writes:
            self.ledger.complain(f"{what}: unknown, and nothing was sent")
        elif self.ledger.reading_works and not trace.looked:
            self.ledger.complain(f"{what}: unknown, and nobody looked")
        elif trace.saw_afterwards and landed and not trace.may_still_land:
            self.ledger.complain(f"{what}: unknown, {landed=}, and was told {trace.exchanges}")

    def found(self, meeting_id: str | None) -> Found | None:
        """The meeting as the platform stores it now."""
        return next((one for one in self.product.stored(self.simulator) if one.meeting_id == meeting_id), None)

    def _landed(self, story: Story, deed: Deed) -> bool:
        found = self.found(story.meeting_id)
        if found is None or EXISTS in deed.writes:
            return found is None and not deed.whole
        return all(found.facts[name] == value for name, value in deed.writes.items())


def with_blanks(chance: random.Random, schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with some blanks for what is optional and not given, within objects that are given too."""
    filled = dict(arguments)
    for name, member in schema["properties"].items():
        if isinstance(filled.get(name), Mapping):
            filled[name] = with_blanks(chance, member, filled[name])
        elif name not in arguments and name not in schema.get("required", ()) and chance.random() < BLANK:
            blank = chance.choice(BLANKS)
            inner = "properties" in member and chance.random() < BLANK
            filled[name] = dict.fromkeys(member["properties"], blank) if inner else blank
    return filled


async def at_once(*calls: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Several calls side by side."""
    async with anyio.create_task_group() as group:
        for call in calls:
            group.start_soon(call)
