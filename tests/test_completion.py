"""Completion: the values that fit what is typed, and how little of the rate budget is spent on them."""

from collections.abc import Sequence
from typing import Any, cast

import anyio
import pytest
from mcp import MCPError
from mcp_types import INVALID_PARAMS, Completion, PromptReference, ResourceTemplateReference

from assistant import MODES, MONDAY, Assistant, ManualClock, Mode, at_work, put
from ringcentral_meetings import completion, errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import Listing, Meeting
from ringcentral_meetings.platform.limits import RateLimits
from ringcentral_meetings.products.choice import Products
from ringcentral_meetings.simulator import Switches
from ringcentral_meetings.tools import Services

pytestmark = pytest.mark.anyio

CANCEL = PromptReference(name="cancel_meeting")
TEMPLATE = ResourceTemplateReference(uri="ringcentral://meetings/{meeting_id}")
MANY = {"light": 100_000}


async def complete(
    assistant: Assistant,
    typed: str,
    argument: str = "meeting_id",
    ref: PromptReference | ResourceTemplateReference = CANCEL,
) -> Completion:
    assistant.clock.deadline = float("inf")
    return (await assistant.client.complete(ref, {"name": argument, "value": typed})).completion


async def values(assistant: Assistant, typed: str, argument: str = "meeting_id") -> list[str]:
    ref = CANCEL if argument == "meeting_id" else PromptReference(name="my_day")
    return (await complete(assistant, typed, argument, ref)).values


def listings(assistant: Assistant) -> int:
    return len([call for call in assistant.sent("GET") if call.path.endswith("/meeting")])


# What is offered


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "ref", [CANCEL, TEMPLATE, ResourceTemplateReference(uri="ringcentral://meetings/{meeting_id}.ics")]
)
async def test_a_meeting_is_found_by_its_topic_and_by_its_id(mode: Mode, ref: Any) -> None:
    async with at_work(mode=mode) as assistant:
        budget, review = put(assistant, "Budget 2027"), put(assistant, "Budget Überblick")
        for typed, wanted in {
            "budget": {budget, review},
            "  2027 BUD": {budget},
            "ÜBER": {review},
            budget[:6]: {budget},
            budget[3:]: {budget},
            "": {budget, review},
            "payroll": set(),
        }.items():
            found = await complete(assistant, typed, ref=ref)
            assert (set(found.values), found.total, found.has_more) == (wanted, len(wanted), False), typed


async def test_the_next_meeting_comes_first_and_one_without_a_time_last() -> None:
    async with at_work() as assistant:
        late, soon = put(assistant, "b", "2026-12-24T20:00:00Z"), put(assistant, "a", "2026-11-23T15:00:00Z")
        series = put(
            assistant, "c", "2026-11-02T20:00:00Z", meetingType="ScheduledRecurring", recurrence={"frequency": "Weekly"}
        )
        untimed = assistant.simulator.put_meeting(topic="d", meetingType="Recurring")
        assert await values(assistant, "") == [soon, series, late, untimed]


async def test_an_id_that_begins_as_typed_comes_before_one_that_holds_it() -> None:
    ids = ["9123", "1234", "5612"]
    stub = Product([Meeting(meeting_id, "x", "Recurring") for meeting_id in ids])
    assert await ask(stub, "12") == ["1234", "9123", "5612"]


async def test_no_more_than_a_hundred_values_are_given_and_the_rest_is_counted() -> None:
    async with at_work(limits=MANY) as assistant:
        for number in range(120):
            put(assistant, f"m{number}")
        found = await complete(assistant, "m")
        assert (len(found.values), found.total, found.has_more) == (100, 120, True)


@pytest.mark.parametrize("mode", MODES)
async def test_a_time_zone_is_found_by_any_part_of_its_name(mode: Mode) -> None:
    async with at_work(mode=mode) as assistant:
        for typed in ("york", "NEW YORK", "new_york", "America/New_York", " ica/new_y"):
            assert await values(assistant, typed, "time_zone") == ["America/New_York"]
        assert await values(assistant, "atlantis", "time_zone") == []
        assert (await values(assistant, "pari", "time_zone"))[0] == "Europe/Paris"


async def test_a_zone_with_a_part_that_begins_as_typed_comes_before_one_that_holds_it() -> None:
    found = await ask(Product(), "in", "time_zone")
    assert found.index("America/Indiana/Knox") < found.index("Indian/Mahe") < found.index("America/Argentina/Salta")


async def test_the_users_own_zone_comes_first() -> None:
    async with at_work() as assistant:
        found = await complete(assistant, "", "time_zone", PromptReference(name="my_day"))
        assert (found.values[0], len(found.values), found.has_more) == ("America/New_York", 100, True)
        assert found.total == len(timing.zone_names())
    async with at_work(time_zone="Europe/Paris") as assistant:
        assert (await values(assistant, "e", "time_zone"))[0] == "Europe/Paris"
        assert assistant.sent("GET", "/extension/~") == []


async def test_another_argument_has_no_completion_and_costs_nothing() -> None:
    async with at_work() as assistant:
        found = await complete(assistant, "x", "reason")
        assert (found.values, found.total) == ([], 0)
        assert (await complete(assistant, "x", "time_zone", TEMPLATE)).values == []
        assert assistant.sent(path="") == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("ref", "words"),
    [
        (PromptReference(name="nope"), "There is no prompt nope. The prompts are: cancel_meeting"),
        (ResourceTemplateReference(uri="x://y"), "There is no resource x://y. The resources are: ringcentral://"),
    ],
)
async def test_what_there_is_not_is_a_protocol_error(mode: Mode, ref: Any, words: str) -> None:
    async with at_work(mode=mode) as assistant:
        with pytest.raises(MCPError) as caught:
            await complete(assistant, "", ref=ref)
        assert caught.value.code == INVALID_PARAMS
        assert caught.value.message.startswith(words)


# What it costs


async def test_the_keys_of_a_minute_cost_one_reading_and_the_next_minute_sees_what_is_new() -> None:
    async with at_work() as assistant:
        first = put(assistant, "Budget")
        for typed in ("b", "bu", "bud", "budg", ""):
            assert await values(assistant, typed) == [first]
        second = put(assistant, "Bulletin")
        assistant.clock.seconds += 59
        assert await values(assistant, "bu") == [first]
        assert listings(assistant) == 1
        assistant.clock.seconds += 1
        assert set(await values(assistant, "bu")) == {first, second}
        assert listings(assistant) == 2


async def test_keys_pressed_at_once_cost_one_reading() -> None:
    async with at_work() as assistant:
        wanted, found = put(assistant, "Budget"), list[list[str]]()

        async def press() -> None:
            found.append(await values(assistant, "b"))

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(press)
        assert found == [[wanted]] * 20
        assert listings(assistant) == 1


@pytest.mark.parametrize("fault", ["status=403", "html", "malformed", "rate_limit=600", "refused"])
async def test_a_reading_that_failed_completes_nothing_fails_nothing_and_is_not_tried_again_at_once(fault: str) -> None:
    async with at_work(faults=f"GET /meeting$ {fault}") as assistant:
        put(assistant, "Budget")
        assert await values(assistant, "b") == []
        tried = len(assistant.simulator.calls)
        for typed in ("bu", "bud", ""):
            assert await values(assistant, typed) == []
        assistant.clock.seconds += 30
        assert await values(assistant, "b") == []
        assert len(assistant.simulator.calls) == tried
        assert assistant.clock.slept == [] or max(assistant.clock.slept) <= completion.READ_SECONDS


async def test_without_credentials_zones_are_completed_and_meetings_are_not() -> None:
    async with at_work(simulator=False) as assistant:
        assert await values(assistant, "") == []
        assert await values(assistant, "york", "time_zone") == ["America/New_York"]
        assert assistant.simulator.calls == []


async def test_nothing_is_read_for_completion_while_the_rate_budget_is_short() -> None:
    async with at_work(limits={"light": 8}) as assistant:
        meeting_id = put(assistant, "Budget")
        for _ in range(5):
            await assistant.call("get_meeting", meeting_id=meeting_id)
        spent = len(assistant.simulator.calls)
        assert await values(assistant, "b") == []
        assert len(assistant.simulator.calls) == spent
        assistant.clock.seconds += 61
        assert await values(assistant, "b") == [meeting_id]


async def test_completion_never_waits_for_the_rate_limit() -> None:
    """Three pages do not fit into two requests a minute."""
    async with at_work(limits={"light": 2}, switches=Switches(list_pages=True, list_page_size=1)) as assistant:
        for number in range(3):
            put(assistant, f"m{number}")
        assert await values(assistant, "m") == []
        assert listings(assistant) == 2
        assert assistant.clock.slept == []


# Where the platform is slow


class Product:
    """What completion asks of a product; lists when it is let."""

    def __init__(self, meetings: Sequence[Meeting] = (), *, slow: bool = False) -> None:
        self.meetings = tuple(meetings)
        self.reads = 0
        self.begun = anyio.Event()
        self.go = anyio.Event()
        if not slow:
            self.go.set()

    async def owner(self) -> str | None:
        return None

    async def of(self, _: str | None, __: object) -> "Product":
        return self

    async def list_meetings(self, _: str | None) -> Listing:
        self.reads += 1
        self.begun.set()
        await self.go.wait()
        return Listing(self.meetings, complete=True)

    async def account_zone(self) -> str | None:
        self.reads += 1
        raise errors.not_signed_in()


def completer(stub: Product) -> tuple[completion.Completion, Services]:
    clock = ManualClock()
    services = Services(cast("Products", stub), lambda: MONDAY)
    return completion.Completion(RateLimits({}, clock), clock), services


async def ask(stub: Product, typed: str, argument: str = "meeting_id") -> list[str]:
    suggestions, services = completer(stub)
    return list(await suggestions.values(services, argument, typed))


async def test_a_reading_goes_on_when_the_key_that_began_it_is_taken_back() -> None:
    stub = Product([Meeting("1", "Budget", "Recurring")], slow=True)
    suggestions, services = completer(stub)
    async with anyio.create_task_group() as group:
        group.start_soon(suggestions.values, services, "meeting_id", "b")
        await stub.begun.wait()
        group.cancel_scope.cancel()
        stub.go.set()
    assert list(await suggestions.values(services, "meeting_id", "bu")) == ["1"]
    assert stub.reads == 1


async def test_a_reading_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "READ_SECONDS", 0.01)
    stub = Product([Meeting("1", "Budget", "Recurring")], slow=True)
    suggestions, services = completer(stub)
    assert list(await suggestions.values(services, "meeting_id", "b")) == []
    assert list(await suggestions.values(services, "meeting_id", "bu")) == []
    assert stub.reads == 1


async def test_an_own_zone_that_cannot_be_read_is_asked_for_once_a_minute() -> None:
    stub = Product()
    suggestions, services = completer(stub)
    for typed in ("y", "yo", "york"):
        assert "America/New_York" in await suggestions.values(services, "time_zone", typed)
    assert stub.reads == 1
