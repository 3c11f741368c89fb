"""RingCentral's session of a person: one record, renewed by one at a time, with late writers kept out."""

import logging
from dataclasses import replace

import anyio
import pytest

from ringcentral_meetings.store import KeyRing, Lease, LeaseTaken, Session, Store, StoreDown, Throttle
from ringcentral_meetings.store.sessions import renewal_name
from store.forms import RING, Form, about

pytestmark = pytest.mark.anyio

DAY = 86_400.0
OLD = 12_345
"""A generation that nothing has."""

FIRST = Session("access-1", "refresh-1", 3_600, 3_600, "Meetings", by_login=True, account="7", owner_id="8")


async def signed_in(form: Form, user: str = "ann") -> Session:
    stored = await form.store.sessions.put(user, FIRST, over=0, ends_in=7 * DAY)
    assert stored is not None
    return stored


async def test_a_session_is_read_as_it_was_stored_with_the_time_it_has_left(form: Form) -> None:
    assert await form.store.sessions.load("ann") is None
    stored = await signed_in(form)
    form.advance(600)
    read = await form.store.sessions.load("ann")
    assert read is not None
    assert read.expires_in == about(3_000)
    assert replace(read, expires_in=FIRST.expires_in) == stored
    assert await form.store.sessions.load("ben") is None


async def test_a_session_outlives_its_access_token_and_ends_with_its_refresh_token(form: Form) -> None:
    await signed_in(form)
    form.advance(3 * DAY)
    read = await form.store.sessions.load("ann")
    assert read is not None
    assert read.expires_in < 0
    assert await form.store.sessions.seconds_left("ann") == about(4 * DAY)
    form.advance(5 * DAY)
    assert await form.store.sessions.load("ann") is None
    assert await form.store.sessions.seconds_left("ann") == 0


async def test_a_late_writer_is_kept_out_and_told_what_is_stored(form: Form) -> None:
    first = await signed_in(form)
    sessions = form.store.sessions
    newer = await sessions.put("ann", replace(FIRST, access_token="access-2"), over=first.generation, ends_in=DAY)
    assert newer is not None
    assert newer.generation > first.generation
    late = await sessions.put("ann", replace(FIRST, access_token="late"), over=first.generation, ends_in=DAY)
    assert late is not None
    assert (late.access_token, late.generation) == ("access-2", newer.generation)
    later = await sessions.put("ann", FIRST, over=0, ends_in=DAY)
    assert later is not None
    assert later.generation == newer.generation


async def test_the_owner_of_the_lease_stores_over_any_generation_until_the_lease_is_over(form: Form) -> None:
    await signed_in(form)
    sessions = form.store.sessions
    lease = await form.store.leases.grant(renewal_name("ann"), 25)
    assert isinstance(lease, Lease)
    stored = await sessions.put("ann", replace(FIRST, access_token="access-2"), over=OLD, ends_in=DAY, lease=lease)
    assert stored is not None
    assert stored.access_token == "access-2"
    form.advance(26)
    late = await sessions.put("ann", replace(FIRST, access_token="late"), over=OLD, ends_in=DAY, lease=lease)
    assert late is not None
    assert late.access_token == "access-2"
    other = await form.store.leases.grant(renewal_name("ann"), 25)
    assert isinstance(other, Lease)
    for forged in (replace(other, owner=lease.owner), replace(other, generation=lease.generation)):
        late = await sessions.put("ann", replace(FIRST, access_token="late"), over=OLD, ends_in=DAY, lease=forged)
        assert late is not None
        assert late.access_token == "access-2"


async def test_a_session_that_ended_is_given_for_its_revocation_and_not_stored_again(form: Form) -> None:
    first = await signed_in(form)
    sessions = form.store.sessions
    async with sessions.renewing("ann") as turn:
        assert turn.session == replace(first, expires_in=turn.session.expires_in if turn.session else 0)
        ended = await sessions.end("ann")
        assert ended is not None
        assert ended.refresh_token == "refresh-1"
        assert await sessions.put("ann", FIRST, over=first.generation, ends_in=DAY, lease=turn.lease) is None
    assert await sessions.load("ann") is None
    assert await sessions.end("ann") is None


async def test_a_repeated_request_stores_and_ends_once(form: Form) -> None:
    from ringcentral_meetings.store.steps import Put, SessionKeys

    keys = SessionKeys("s", "l", "e:")
    put = Put(b"sealed", 60, 600, 0)
    stored = [await form.steps.put_session(keys, "the-same", put) for _ in range(2)]
    assert stored[0] == stored[1]
    ended = [await form.steps.end_session(keys, "the-same") for _ in range(2)]
    assert [sealed.value if sealed else None for sealed in ended] == [b"sealed", b"sealed"]
    await form.steps.put_session(keys, "next", Put(b"another", 60, 600, 0))
    again = await form.steps.end_session(keys, "the-same")
    assert again is not None
    assert again.value == b"sealed", "the next sign-in is left alone"
    form.advance(61)
    later = await form.steps.end_session(keys, "the-same")
    assert later is not None
    assert later.value == b"another", "what was ended is kept for a minute"


async def test_a_hundred_who_wait_for_a_renewal_see_one(form: Form) -> None:
    old, renewals = await signed_in(form), 0
    form.trips.clear()

    async def call() -> None:
        nonlocal renewals
        async with form.store.sessions.renewing("ann", since=old) as turn:
            if turn.lease is not None:
                renewals += 1
                new = replace(FIRST, access_token="access-2")
                await form.store.sessions.put("ann", new, over=old.generation, ends_in=DAY, lease=turn.lease)
            else:
                assert turn.session is not None
                assert turn.session.access_token == "access-2"

    async with anyio.create_task_group() as group:
        for _ in range(100):
            group.start_soon(call)
    assert renewals == 1
    assert len(form.trips) == 5 + 99


async def test_another_replica_waits_until_the_new_session_is_there_and_no_longer(form: Form) -> None:
    old = await signed_in(form)
    lease = await form.store.leases.grant(renewal_name("ann"), 40)
    assert isinstance(lease, Lease)
    other = Store(form.steps, RING, form.sleep)
    with pytest.raises(LeaseTaken):
        async with other.sessions.renewing("ann", since=old):
            raise AssertionError
    assert sum(form.slept) == pytest.approx(15)
    assert max(form.slept) == 0.25
    await form.store.sessions.put("ann", FIRST, over=old.generation, ends_in=DAY, lease=lease)
    async with other.sessions.renewing("ann", since=old) as turn:
        assert turn.lease is None, "the lease is still held, and not needed"


async def test_a_holder_that_died_is_followed_when_its_lease_is_over(form: Form) -> None:
    old = await signed_in(form)
    assert isinstance(await form.store.leases.grant(renewal_name("ann"), 10), Lease)
    async with form.store.sessions.renewing("ann", since=old) as turn:
        assert turn.lease is not None
        assert turn.session is not None
        assert turn.session.refresh_token == "refresh-1"
    assert 5 < sum(form.slept) < 11


async def test_a_session_of_another_user_or_of_a_retired_key_is_not_used(
    form: Form, caplog: pytest.LogCaptureFixture
) -> None:
    await signed_in(form)
    sealed, *_ = await form.steps.open_call("rcm:{ann}:session", ())
    assert sealed is not None
    for secret in (b"access-1", b"refresh-1"):
        assert secret not in sealed.value
    from ringcentral_meetings.store.sessions import session_keys
    from ringcentral_meetings.store.steps import Put

    await form.steps.put_session(session_keys("ben"), "moved", Put(sealed.value, 60, 600, 0))
    with pytest.raises(StoreDown):
        await form.store.sessions.load("ben")
    with caplog.at_level(logging.WARNING):
        assert await Store(form.steps, KeyRing.new()).sessions.load("ann") is None
    assert "access-1" not in caplog.text


async def test_a_turn_that_cannot_read_the_session_gives_its_lease_back(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    await signed_in(form)

    async def down(*asked: object) -> None:
        raise StoreDown("does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(form.steps, "open_call", down)
        with pytest.raises(StoreDown):
            async with form.store.sessions.renewing("ann"):
                raise AssertionError
    async with form.store.sessions.renewing("ann") as turn:
        assert turn.session is not None
    assert form.slept == []


async def test_a_session_of_a_later_version_is_left_alone(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("ringcentral_meetings.store.sessions.VERSION", 2)
        await signed_in(form)
    with pytest.raises(StoreDown, match="another version of this program"):
        await form.store.sessions.load("ann")


async def test_a_call_is_opened_in_one_trip_and_counted_against_its_limits(form: Form) -> None:
    await signed_in(form)
    form.trips.clear()
    limits = [Throttle("user:ann", per_minute=1, burst=2), Throttle("client:x", per_minute=600, burst=100)]
    opened = [await form.store.open_call("ann", limits) for _ in range(3)]
    assert [call.wait for call in opened] == [0, 0, about(60)]
    assert all(call.session is not None and call.session.access_token == "access-1" for call in opened)
    assert form.trips == [("open_call", "ok")] * 3
    form.advance(61)
    assert (await form.store.open_call("ann", limits)).wait == 0
    assert (await form.store.open_call("ann", limits)).wait > 0
    assert (await form.store.open_call("ben", [Throttle("user:ben", per_minute=1, burst=1)])).wait == 0


async def test_tokens_are_not_shown() -> None:
    assert "access-1" not in repr(FIRST)
    assert "refresh-1" not in repr(FIRST)
