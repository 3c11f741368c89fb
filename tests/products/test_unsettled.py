"""The record of creations: bounded, and begun again where somebody has damaged it."""

import pytest

from assistant import ManualClock
from ringcentral_meetings import errors
from ringcentral_meetings.domain.meeting import Meeting
from ringcentral_meetings.platform.records import LocalRecordTurns, MemoryRecord
from ringcentral_meetings.products import Creation
from ringcentral_meetings.products.memories import Memories
from ringcentral_meetings.products.unsettled import MOST_REMEMBERED, Attempt, Claim, Creations, Sight

pytestmark = pytest.mark.anyio

MADE = Creation(Meeting("1", "Budget", "Scheduled"), True)


async def unseen(_: Attempt) -> Sight:
    return Sight.UNSEEN


async def lost(claim: Claim) -> Creation:
    await claim.sending()
    raise errors.no_answer("connection lost")


async def made(claim: Claim) -> Creation:
    await claim.sending()
    return MADE


class Desk:
    """Creations under a clock; each lets a call of 45 s pass where it waits."""

    def __init__(self) -> None:
        self.clock, self.record = ManualClock(), MemoryRecord()
        self.creations = Creations(self.clock.instant, Memories(creations=LocalRecordTurns(self.record)))

    async def create(self, key: str, make: object = made) -> Creation:
        self.clock.deadline = self.clock.seconds + 45
        return await self.creations.once(key, make, unseen, clock=self.clock)  # type: ignore[arg-type]

    async def text(self) -> str | None:
        return await self.record.change(lambda text: (text, text))


async def test_what_was_made_or_refused_is_not_remembered() -> None:
    desk = Desk()

    async def refused(claim: Claim) -> Creation:
        await claim.sending()
        raise errors.refusal(errors.Upstream(403))

    assert await desk.create("a") == MADE
    with pytest.raises(errors.Refused):
        await desk.create("a", refused)
    assert await desk.text() is None
    assert await desk.create("a") == MADE


async def test_one_that_never_was_sent_keeps_nobody_waiting() -> None:
    desk = Desk()

    async def unsent(_: Claim) -> Creation:
        raise errors.no_answer("the list cannot be read")

    with pytest.raises(errors.Unanswered):
        await desk.create("a", unsent)
    assert await desk.text() is None


async def test_the_oldest_of_too_many_is_forgotten() -> None:
    desk = Desk()
    for number in range(MOST_REMEMBERED + 1):
        with pytest.raises(errors.Unanswered):
            await desk.create(str(number), lost)
        desk.clock.seconds += 1
    assert len(await desk.text() or "") < 150_000
    with pytest.raises(errors.Refused, match="The same creation"):
        await desk.create("1")
    assert await desk.create("0") == MADE


@pytest.mark.parametrize("text", ["", "{", "[{}]", '{"version": 7}', "\x00"])
async def test_a_damaged_record_is_begun_again(text: str, caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    await desk.record.change(lambda _: (text, None))
    assert await desk.create("a") == MADE
    assert "damaged" in caplog.text
    assert await desk.text() is None
