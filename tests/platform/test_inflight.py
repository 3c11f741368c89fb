"""A write in flight whose call is cancelled: seen through for a while, and told in the log."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from faults.skipping import SkippingLoop
from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import Reply
from ringcentral_meetings.platform.inflight import GRACE_SECONDS, NoReply, run_despite_cancellation

pytestmark = pytest.mark.anyio

LONG = 1_000.0


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": SkippingLoop}


def answering(outcome: Reply | Exception, seconds: float = 0) -> Callable[[], Awaitable[Reply]]:
    async def exchange() -> Reply:
        await anyio.sleep(seconds)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return exchange


OK = Reply(201, {}, b"{}")


async def cancelled(exchange: Callable[[], Awaitable[Reply]]) -> float:
    """Cancel a call a second after it began; the seconds that it then took to end."""
    began = anyio.current_time()
    with anyio.move_on_after(1) as scope:
        await run_despite_cancellation("POST", exchange, began + LONG)
    assert scope.cancelled_caught
    return anyio.current_time() - began - 1


async def test_an_answer_comes_through() -> None:
    assert await run_despite_cancellation("POST", answering(OK), anyio.current_time() + LONG) is OK


@pytest.mark.parametrize("fault", [NoReply(errors.no_answer("timeout")), errors.not_signed_in()])
async def test_a_fault_comes_through_as_it_is(fault: Exception) -> None:
    with pytest.raises(type(fault)) as raised:
        await run_despite_cancellation("POST", answering(fault), anyio.current_time() + LONG)
    assert raised.value is fault


async def test_at_the_deadline_there_is_no_reply() -> None:
    assert await run_despite_cancellation("POST", answering(OK, LONG), anyio.current_time() + 20) is None


@pytest.mark.parametrize(
    ("outcome", "told"),
    [(OK, "it was answered with status 201"), (NoReply(errors.no_answer("cut off")), "did not answer (cut off)")],
)
async def test_a_cancelled_write_goes_on_to_its_end_which_is_logged(
    outcome: Reply | Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        took = await cancelled(answering(outcome, 1 + GRACE_SECONDS / 2))
    assert took == pytest.approx(GRACE_SECONDS / 2, abs=0.1)
    assert told in caplog.text


async def test_a_cancelled_write_is_given_up_after_its_grace(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert await cancelled(answering(OK, LONG)) == pytest.approx(GRACE_SECONDS, abs=0.1)
    assert "its outcome is not known" in caplog.text


async def test_what_nobody_foresaw_ends_a_cancelled_write_as_well() -> None:
    with pytest.raises(ExceptionGroup) as raised:
        await cancelled(answering(ZeroDivisionError(), 1 + GRACE_SECONDS / 2))
    assert raised.group_contains(ZeroDivisionError)
