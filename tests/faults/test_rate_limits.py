"""The plan's limits through the tools: kept before the platform has to say so, waited out where it does."""

import anyio
import pytest
from anyio.lowlevel import checkpoint

from assistant import MODES, Answer, Assistant, ManualClock, Mode, at_work
from faults.jobs import JOBS, ZONE, Job, lay_out
from faults.timeline import SharedClock, most_within, watch

pytestmark = pytest.mark.anyio

LIGHT, MEDIUM, WINDOW = 50, 40, 60
LIGHT_TOOLS = ("list_meetings", "get_meeting", "get_meeting_service_info")


async def test_sixty_lists_in_a_minute_are_spread_by_waits_that_are_told_and_never_refused() -> None:
    async with at_work(time_zone=ZONE) as assistant:
        timeline = watch(assistant)
        for _ in range(60):
            assert (await assistant.call("list_meetings")).data["total"] == 0
            assistant.clock.seconds += 1
        assert timeline.statuses() == {200}
        assert most_within(timeline.of("GET"), WINDOW) == LIGHT
        assert len(timeline.of("GET")) == 60
        assert assistant.progress
        assert all(message == "Waiting 10 s for RingCentral's rate limit" for message in assistant.progress)


async def test_a_second_wait_for_one_request_is_told_as_progress_that_has_grown() -> None:
    async with at_work(time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        desk.strike("GET /meeting$ rate_limit=5 x2")
        assert (await JOBS["list_meetings"].run(desk)).code is None
        assert assistant.progress_made == [0, 5]


@pytest.mark.parametrize("mode", MODES)
async def test_waits_for_several_requests_of_one_call_are_told_as_progress_that_grows(mode: Mode) -> None:
    async with at_work(time_zone=ZONE, mode=mode) as assistant:
        desk = lay_out(assistant)
        desk.strike("GET /meeting/ rate_limit=5 x1; DELETE /meeting/ rate_limit=7 x1")
        assert (await JOBS["delete_meeting"].run(desk)).code is None
        assert assistant.progress_made == [0, 5]


async def test_a_wait_that_does_not_fit_the_call_is_an_error_with_the_seconds_and_sends_nothing() -> None:
    async with at_work(time_zone=ZONE) as assistant:
        timeline = watch(assistant)
        answers = [await assistant.call("list_meetings") for _ in range(LIGHT + 2)]
        assert [answer.code for answer in answers[LIGHT - 1 :]] == [None, "rate_limited", "rate_limited"]
        refused = answers[-1].problem
        assert (refused["retryable"], refused["retry_after_seconds"]) == (True, WINDOW)
        assert len(timeline.of("GET")) == LIGHT
        assistant.clock.seconds += refused["retry_after_seconds"]
        assert (await assistant.call("list_meetings")).data["total"] == 0
        assert timeline.statuses() == {200}


async def test_what_other_programs_of_the_user_use_up_is_learnt_from_the_answers() -> None:
    async with at_work(time_zone=ZONE) as assistant:
        timeline = watch(assistant)
        for _ in range(30):
            assistant.simulator.limiter.take("light")
        for _ in range(40):
            await assistant.call("list_meetings")
            assistant.clock.seconds += 2
        assert timeline.statuses() == {200}


async def _together(assistant: Assistant, clock: SharedClock, tools: list[str]) -> list[Answer]:
    desk = lay_out(assistant)
    answers: list[Answer] = []

    async def run(tool: str) -> None:
        answers.append(await JOBS[tool].run(desk))

    async with clock.going(), anyio.create_task_group() as group:
        for tool in tools:
            group.start_soon(run, tool)
    return answers


async def test_many_tools_at_once_keep_each_group_within_its_limit() -> None:
    clock = SharedClock()
    limits = {"light": 20, "medium": 4}
    async with at_work(time_zone=ZONE, clock=clock, limits=limits) as assistant:
        timeline = watch(assistant)
        answers = await _together(assistant, clock, [*LIGHT_TOOLS * 8, "create_meeting", "update_meeting"])
        assert timeline.statuses() <= {200, 201}
        assert most_within(timeline.of("GET"), WINDOW) <= 20
        assert {answer.code for answer in answers} == {None, "rate_limited"}


async def test_no_request_of_a_group_falls_into_its_penalty_and_the_call_still_succeeds() -> None:
    clock = SharedClock()
    async with at_work(time_zone=ZONE, clock=clock) as assistant:
        timeline = watch(assistant)
        async with clock.going():
            desk = lay_out(assistant)
            desk.strike("GET /service-info$ rate_limit=20 x1")
            answers: list[Answer] = []
            await _after_each_other(desk.assistant, answers)
        struck = next(time for call, time in zip(timeline, timeline.times, strict=True) if call.status == 429)
        later = [time for time in timeline.of("GET") if time > struck]
        assert min(later) >= struck + 20
        assert [call.status for call in timeline].count(429) == 1
        assert [answer.code for answer in answers] == [None] * 4


async def _after_each_other(assistant: Assistant, answers: list[Answer]) -> None:
    """One call that is refused by the limit, and three that begin while it waits."""

    async def call(tool: str) -> None:
        answers.append(await assistant.call(tool))

    async with anyio.create_task_group() as group:
        group.start_soon(call, "get_meeting_service_info")
        while not any(call.status == 429 for call in assistant.simulator.calls):
            await checkpoint()
        for _ in range(3):
            group.start_soon(call, "list_meetings")


@pytest.mark.parametrize("job", [JOBS["create_meeting"], JOBS["update_meeting"]], ids=lambda job: job.tool)
async def test_a_penalty_of_one_group_holds_its_requests_and_lets_the_other_groups_go_on(job: Job) -> None:
    async with at_work(time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        desk.strike(f"{job.request} rate_limit=300 x1")
        assert (await job.run(desk)).problem["retry_after_seconds"] == 300
        assistant.clock.seconds += 100
        held = await job.run(desk)
        assert (held.code, held.problem["retry_after_seconds"]) == ("rate_limited", 200)
        assert job.sends(desk) == 1
        for tool in LIGHT_TOOLS:
            assert (await JOBS[tool].run(desk)).code is None
        assistant.clock.seconds += 201
        assert job.claims(desk, (await job.run(desk)).data)
        assert job.sends(desk) == 2


async def test_a_real_penalty_is_waited_out_without_being_started_anew() -> None:
    async with at_work(time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        for _ in range(LIGHT):
            assistant.simulator.limiter.take("light")
        first = await JOBS["list_meetings"].run(desk)
        assert (first.code, first.problem["retry_after_seconds"]) == ("rate_limited", 60)
        for _ in range(5):
            assistant.clock.seconds += 3
            assert (await JOBS["get_meeting"].run(desk)).code == "rate_limited"
        assert [call.status for call in desk.simulator.calls if call.method == "GET"] == [429]
        assistant.clock.seconds += 16
        waited = await JOBS["list_meetings"].run(desk)
        assert waited.code is None
        assert assistant.progress
        assert [call.status for call in desk.simulator.calls if call.method == "GET"] == [429, 200]


async def test_a_sign_in_limit_holds_the_sign_ins_alone_and_is_told() -> None:
    async with at_work(time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        desk.strike("POST /oauth/token rate_limit=100 x1")
        assert (await JOBS["list_meetings"].run(desk)).problem["retry_after_seconds"] == 100
        assistant.clock.seconds += 40
        assert (await JOBS["list_meetings"].run(desk)).code == "rate_limited"
        assert len(desk.simulator.calls) == 1
        assistant.clock.seconds += 61
        assert (await JOBS["list_meetings"].run(desk)).code is None


class StandingClock(ManualClock):
    """A manual clock whose sleeps never end, once it is told so."""

    standing: anyio.Event | None = None

    async def sleep(self, seconds: float) -> None:
        if self.standing is not None:
            self.standing.set()
            await anyio.sleep_forever()
        await super().sleep(seconds)


async def test_a_call_cancelled_while_it_waits_for_its_place_gives_the_place_up() -> None:
    clock = StandingClock()
    async with at_work(time_zone=ZONE, clock=clock) as assistant:
        for _ in range(LIGHT):
            await assistant.call("list_meetings")
            clock.seconds += 1
        clock.standing = anyio.Event()
        before = len(assistant.simulator.calls)
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                group.start_soon(assistant.call, "list_meetings")
                await clock.standing.wait()
                group.cancel_scope.cancel()
        assert len(assistant.simulator.calls) == before
        clock.standing = None
        assert (await assistant.call("list_meetings")).data["total"] == 0
        assert {call.status for call in assistant.simulator.calls} == {200}
