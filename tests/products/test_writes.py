"""The one way in which anything is written: once, and with an outcome that is known."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.limits import WRITE_SECONDS, LoopClock
from ringcentral_meetings.products.writes import Verdict, write_once

pytestmark = pytest.mark.anyio

CALL_SECONDS = 45.0
Send = Callable[[], Awaitable[str]]
ReadBack = Callable[[], Awaitable[str | Verdict]]


class _Passing(selectors.SelectSelector):
    """Waits for nothing: the time that would have gone by is added up."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.passed += timeout or 0.0
        return super().select(0)


class QuickLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes at once when nothing is left to do."""

    def __init__(self) -> None:
        self._passing = _Passing()
        super().__init__(self._passing)

    def time(self) -> float:
        return self._passing.passed


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": QuickLoop}


async def write(send: Send, read_back: ReadBack, seconds: float = CALL_SECONDS) -> str:
    with anyio.fail_after(seconds):
        return await write_once(send, read_back, clock=LoopClock(), doing="The update", check_with="get_meeting")


def answering(outcome: str | Verdict | BaseException, calls: list[str] | None = None) -> Callable[[], Awaitable[Any]]:
    async def run() -> str | Verdict:
        if calls is not None:
            calls.append("called")
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return run


async def never() -> str:
    await anyio.sleep_forever()
    raise AssertionError


def lost(status: int = 502) -> errors.MeetingsError:
    return errors.refusal(errors.Upstream(status))


async def test_an_answer_that_arrives_is_not_read_back() -> None:
    reads: list[str] = []
    assert await write(answering("done"), answering("read", reads)) == "done"
    assert reads == []


async def test_a_refusal_passes_through_unread() -> None:
    reads: list[str] = []
    with pytest.raises(errors.Refused) as raised:
        await write(answering(errors.refusal(errors.Upstream(400))), answering("read", reads))
    assert raised.value.code == "invalid_arguments"
    assert reads == []


@pytest.mark.parametrize("problem", [lost(), lost(504), errors.no_answer("timeout"), errors.no_answer("cut off")])
async def test_a_lost_answer_is_read_back_and_what_is_there_is_the_answer(problem: errors.MeetingsError) -> None:
    sent: list[str] = []
    assert await write(answering(problem, sent), answering("found")) == "found"
    assert sent == ["called"]


LOST = [lost(500), lost(502), lost(503), lost(504), errors.no_answer("timeout"), errors.no_answer("connection lost")]


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("problem", LOST, ids=str)
async def test_what_reading_back_does_not_show_is_never_called_undone(
    problem: errors.MeetingsError, verdict: Verdict
) -> None:
    with pytest.raises(errors.Unanswered) as raised:
        await write(answering(problem), answering(verdict))
    assert (raised.value.code, raised.value.retryable) == ("outcome_unknown", False)
    assert "get_meeting" in raised.value.next_step


@pytest.mark.parametrize("unseen", [Verdict.NOT_SEEN, lost(500), errors.no_answer("timeout")], ids=str)
async def test_what_does_not_show_at_once_is_looked_for_until_the_call_is_nearly_over(unseen: Any) -> None:
    began, looks = anyio.current_time(), list[float]()

    async def read_back() -> str | Verdict:
        looks.append(anyio.current_time() - began)
        if looks[-1] >= 40:
            return "there after all"
        if isinstance(unseen, Exception):
            raise unseen
        verdict: Verdict = unseen
        return verdict

    assert await write(answering(lost()), read_back) == "there after all"
    assert looks == pytest.approx([0, 1, 3, 7, 15, 31, 42], abs=0.2)


@pytest.mark.parametrize(
    "hopeless", [Verdict.UNDECIDABLE, errors.rate_limited(60), errors.refusal(errors.Upstream(403))]
)
async def test_what_looking_cannot_show_is_not_looked_for_again(hopeless: Any) -> None:
    looks: list[str] = []
    with pytest.raises(errors.Unanswered) as raised:
        await write(answering(lost()), answering(hopeless, looks))
    assert raised.value.code == "outcome_unknown"
    assert len(looks) == 1


async def test_where_reading_back_fails_the_outcome_is_unknown() -> None:
    with pytest.raises(errors.Unanswered) as raised:
        await write(answering(lost()), answering(errors.no_answer("timeout")))
    assert raised.value.code == "outcome_unknown"


async def test_a_read_back_that_takes_too_long_leaves_the_outcome_unknown_within_the_calls_time() -> None:
    with pytest.raises(errors.Unanswered) as raised:
        await write(answering(lost()), never)
    assert raised.value.code == "outcome_unknown"


async def test_what_is_not_done_when_the_call_is_over_is_unknown_within_the_calls_time() -> None:
    began = anyio.current_time()
    with pytest.raises(errors.Unanswered) as raised:
        await write(never, answering("found"))
    assert raised.value.code == "outcome_unknown"
    assert anyio.current_time() - began < CALL_SECONDS


async def test_with_too_little_time_left_nothing_is_sent() -> None:
    sent: list[str] = []
    with pytest.raises(errors.Refused) as raised:
        await write(answering("done", sent), answering("read"), seconds=WRITE_SECONDS - 0.1)
    assert (raised.value.code, raised.value.retryable) == ("timed_out", True)
    assert "Nothing was changed" in raised.value.message
    assert sent == []


async def test_a_call_that_is_cancelled_before_it_is_sent_sends_nothing() -> None:
    sent: list[str] = []

    async def send() -> str:
        await anyio.lowlevel.checkpoint()
        sent.append("sent")
        return "done"

    with anyio.CancelScope() as scope:
        scope.cancel()
        await anyio.lowlevel.checkpoint()
        await write_once(send, answering("read"), clock=LoopClock(), doing="The update", check_with="get_meeting")
    assert sent == []
