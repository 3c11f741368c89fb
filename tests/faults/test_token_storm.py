"""Many calls at once: one sign-in for all of them, one renewal for all of them."""

import anyio
import pytest

from assistant import Answer, Assistant, at_work
from faults.jobs import TOKEN, ZONE
from faults.skipping import BACKEND, LoopTime

pytestmark = pytest.mark.anyio

MANY = 100


@pytest.fixture(scope="module")
def anyio_backend() -> object:
    return BACKEND


ROOMY = {"light": 100_000, "medium": 100_000}


async def _storm(assistant: Assistant, tool: str = "list_meetings") -> list[Answer]:
    answers: list[Answer] = []

    async def call() -> None:
        answers.append(await assistant.call(tool))

    async with anyio.create_task_group() as group:
        for _ in range(MANY):
            group.start_soon(call)
    return answers


def _sign_ins(assistant: Assistant) -> int:
    return len(assistant.sent("POST", TOKEN))


async def test_a_hundred_first_calls_make_one_sign_in() -> None:
    async with at_work(time_zone=ZONE, limits=ROOMY) as assistant:
        answers = await _storm(assistant)
        assert [answer.code for answer in answers] == [None] * MANY
        assert _sign_ins(assistant) == 1
        assert len(assistant.sent("GET")) == MANY


@pytest.mark.parametrize(("how", "sign_ins"), [("expire_tokens", 2), ("revoke_tokens", 3)])
async def test_a_hundred_calls_whose_token_has_ended_make_one_renewal(how: str, sign_ins: int) -> None:
    """Where the session was revoked, the refresh token is refused once before the JWT signs in."""
    async with at_work(time_zone=ZONE, limits=ROOMY) as assistant:
        await assistant.call("list_meetings")
        getattr(assistant.simulator, how)()
        answers = await _storm(assistant)
        assert [answer.code for answer in answers] == [None] * MANY
        assert _sign_ins(assistant) == sign_ins
        assert len(assistant.sent("GET")) <= 2 * MANY + 1


async def test_a_token_about_to_end_is_renewed_once_for_all_before_it_is_refused() -> None:
    async with at_work(time_zone=ZONE, limits=ROOMY) as assistant:
        await assistant.call("list_meetings")
        assistant.clock.seconds += 3_600 - 30
        answers = await _storm(assistant, "get_meeting_service_info")
        assert [answer.code for answer in answers] == [None] * MANY
        assert _sign_ins(assistant) == 2
        assert {call.status for call in assistant.simulator.calls} == {200}


async def test_a_hundred_calls_refused_with_every_token_stay_within_the_sign_ins_of_a_minute() -> None:
    async with at_work(time_zone=ZONE, limits=ROOMY, faults="GET . status=401 code=OAU-129") as assistant:
        answers = await _storm(assistant)
        assert {answer.code for answer in answers} <= {"session_expired", "rate_limited"}
        assert _sign_ins(assistant) <= 5
        assert len(assistant.sent("GET")) <= 2 * MANY


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("status=500", "upstream_unavailable"),
        ("refused", "upstream_unavailable"),
        ("rate_limit=100", "rate_limited"),
        ("status=400 code=OAU-213", "session_expired"),
    ],
)
async def test_a_hundred_calls_share_a_sign_in_that_failed(fault: str, code: str) -> None:
    faults = f"POST /oauth/token {fault} x1"
    async with at_work(clock=LoopTime(), time_zone=ZONE, limits=ROOMY, faults=faults) as assistant:
        answers = await _storm(assistant)
        assert {answer.code for answer in answers} == {code}
        assert _sign_ins(assistant) == 1
        assert assistant.sent("GET") == []
        await anyio.sleep(101)
        assert (await assistant.call("list_meetings")).data["total"] == 0
