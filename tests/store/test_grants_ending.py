"""What ends grants, what goes with them, and who is told of them; and that nobody's grant opens as another's."""

import logging
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from ringcentral_meetings.store import Ended, KeyRing, Lease, Store, StoreDown
from ringcentral_meetings.store.grants import digest, keys_of
from ringcentral_meetings.store.sessions import renewal_name
from store.forms import RING, SLOW, Form, redis_form
from store.grant_use import (
    ANN,
    BEN,
    DAY,
    HOUR,
    MONTH,
    SESSION,
    begun,
    code_record,
    every_step,
    grant,
    is_open,
    offered,
    opened,
    rotated,
    signed_in,
    token,
    tokens,
)
from store.servers import StoreServer

pytestmark = pytest.mark.anyio


async def test_a_grant_that_ended_is_of_no_use_from_the_next_call_on(form: Form) -> None:
    """Case 21 of the plan's attacks."""
    await signed_in(form.store)
    first, other = await begun(form.store), await begun(form.store, client="cursor")
    later = await rotated(form.store, first)
    assert await form.store.grants.end(ANN, first.grant.id) == Ended(1, last=False, session=None)
    for issued in (first.issued, later.issued):
        call = await opened(form.store, issued)
        assert call.grant is None
        assert call.session is not None, "it is the other client's as well"
        assert await form.store.grants.read_refresh(issued.refresh) is None
    assert await is_open(form.store, other.issued)
    assert await form.store.grants.end(ANN, first.grant.id) == Ended(0, last=False, session=None)
    assert await form.store.grants.end(BEN, other.grant.id) == Ended(0, last=True, session=None)
    assert await is_open(form.store, other.issued), "it is not Ben's to end"


async def test_the_session_goes_with_the_last_grant_and_is_given_for_its_revocation(form: Form) -> None:
    first_session = await signed_in(form.store)
    given, other = await begun(form.store), await begun(form.store, client="cursor")
    await form.store.grants.end(ANN, other.grant.id)
    lease = await form.store.leases.grant(renewal_name(ANN), 25)
    assert isinstance(lease, Lease)
    ended = await form.store.grants.end(ANN, given.grant.id)
    assert (ended.grants, ended.last) == (1, True)
    assert ended.session is not None
    assert ended.session.refresh_token == "refresh-1"
    assert await form.store.sessions.load(ANN) is None
    late = replace(SESSION, access_token="late")
    over = first_session.generation
    assert await form.store.sessions.put(ANN, late, over=over, ends_in=DAY, lease=lease) is None
    assert await form.store.sessions.load(ANN) is None, "who renewed it meanwhile does not bring it back"
    assert await form.store.grants.end(ANN, given.grant.id) == Ended(0, last=True, session=None)


async def test_ending_what_is_not_there_takes_no_session(form: Form) -> None:
    await signed_in(form.store)
    assert await form.store.grants.end(ANN, "unknown") == Ended(0, last=True, session=None)
    assert await form.store.sessions.load(ANN) is not None


async def test_a_second_use_of_the_last_grants_code_gives_the_session_too(form: Form) -> None:
    await signed_in(form.store)
    given = await begun(form.store)
    ended = await form.store.grants.end_grant_of_code(given.code)
    assert (ended.grants, ended.last) == (1, True)
    assert ended.session is not None
    assert not await is_open(form.store, given.issued)
    assert await form.store.grants.read_code(given.code) == "used"
    assert await form.store.grants.end_grant_of_code(given.code) == Ended(0, last=True, session=None)


async def test_a_reused_refresh_token_of_the_last_grant_gives_the_session_too(form: Form) -> None:
    await signed_in(form.store)
    given = await begun(form.store)
    await rotated(form.store, given)
    form.advance(61)
    answer = await form.store.grants.rotate(given.issued.refresh, tokens(ANN), MONTH)
    assert answer.outcome == "reused"
    assert answer.ended is not None
    assert answer.ended.session is not None
    assert answer.ended.session.access_token == "access-1"


async def test_a_code_that_is_still_to_be_exchanged_keeps_the_session(form: Form) -> None:
    await signed_in(form.store)
    given, code = await begun(form.store), await offered(form.store, grant(ANN))
    assert await form.store.grants.end(ANN, given.grant.id) == Ended(1, last=False, session=None)
    issued = tokens(ANN)
    assert await form.store.grants.exchange_code(code, issued, MONTH)
    call = await opened(form.store, issued)
    assert call.grant is not None
    assert call.session is not None


async def test_a_session_is_unused_where_there_is_neither_a_grant_nor_a_code(form: Form) -> None:
    await signed_in(form.store)
    code = await offered(form.store, grant(ANN))
    assert await form.store.grants.end_unused(ANN) == Ended(0, last=False, session=None)
    issued = tokens(ANN)
    assert await form.store.grants.exchange_code(code, issued, MONTH)
    assert await form.store.grants.end_unused(ANN) == Ended(0, last=False, session=None)
    assert (await opened(form.store, issued)).session is not None
    form.advance(MONTH + 1)
    await signed_in(form.store)
    ended = await form.store.grants.end_unused(ANN)
    assert (ended.grants, ended.last, ended.session is not None) == (0, True, True)
    assert await form.store.sessions.load(ANN) is None


async def test_what_is_over_by_itself_keeps_no_session(form: Form) -> None:
    await begun(form.store)
    form.advance(20 * DAY)
    other = await begun(form.store, client="cursor")
    form.advance(11 * DAY)
    await signed_in(form.store)
    await offered(form.store, grant(ANN))
    form.advance(61)
    ended = await form.store.grants.end(ANN, other.grant.id)
    assert (ended.grants, ended.last) == (1, True), "neither a grant nor a code that ran out is left"
    assert ended.session is not None


async def test_a_code_whose_grant_was_ended_begins_none(form: Form) -> None:
    alone, with_all = grant(ANN), await offered(form.store, grant(ANN))
    code = await offered(form.store, alone)
    await form.store.grants.end(ANN, alone.id)
    assert await form.store.grants.read_code(code) is None
    assert not await form.store.grants.exchange_code(code, tokens(ANN), MONTH)
    assert await form.store.grants.read_code(with_all) is not None
    await form.store.grants.end_user(ANN)
    assert await form.store.grants.read_code(with_all) is None
    assert not await form.store.grants.exchange_code(with_all, tokens(ANN), MONTH)


async def test_ending_a_user_ends_all_grants_and_the_session_and_nobody_elses(form: Form) -> None:
    await signed_in(form.store)
    await signed_in(form.store, BEN)
    mine = [await begun(form.store, client=client) for client in ("claude.ai", "cursor", "codex")]
    his = await begun(form.store, BEN)
    ended = await form.store.grants.end_user(ANN)
    assert (ended.grants, ended.last) == (3, True)
    assert ended.session is not None
    assert [await is_open(form.store, one.issued) for one in mine] == [False] * 3
    assert await form.store.grants.of_user(ANN) == []
    call = await opened(form.store, his.issued, BEN)
    assert call.grant == his.grant
    assert call.session is not None
    assert await form.store.grants.end_user(ANN) == Ended(0, last=True, session=None)
    await signed_in(form.store)
    assert (await form.store.grants.end_user(ANN)).session is not None, "also where there is no grant"


async def test_the_grants_of_a_user_are_listed_the_newest_first_with_their_last_use(form: Form) -> None:
    now = round(time.time())
    first = await begun(form.store, client="claude.ai", began=now - 50)
    newest = await begun(form.store, client="cursor", began=now)
    between = await begun(form.store, client="codex", began=now - 20)
    await offered(form.store, grant(ANN))
    await begun(form.store, BEN)
    form.advance(1_000)
    await rotated(form.store, between)
    listed = await form.store.grants.of_user(ANN)
    assert listed == [newest.grant, between.grant, first.grant]
    ages = [time.time() - one.last_used for one in listed]
    assert 999 <= ages[0] <= 1_000 + SLOW
    assert -1 <= ages[1] <= SLOW


async def test_the_people_with_grants_are_named_once(form: Form) -> None:
    others = {RING.user("platform.ringcentral.com", "4711", str(number)) for number in range(30)}
    for user in others:
        await begun(form.store, user)
    await begun(form.store, ANN, "cursor")
    people = [user async for user in form.store.grants.people()]
    assert len(people) == len(set(people))
    assert set(people) == others | {ANN}
    for user in others | {ANN}:
        await form.store.grants.end_user(user)
    assert [user async for user in form.store.grants.people()] == []


async def test_a_person_whom_the_server_lists_twice_is_named_once(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SCAN may return a key more than once (Redis documentation, "SCAN")."""
    await begun(form.store)

    async def twice(pattern: str) -> AsyncIterator[str]:
        for _ in range(2):
            async for key in scan(pattern):
                yield key

    scan = form.steps.grants.scan
    monkeypatch.setattr(form.steps.grants, "scan", twice)
    assert [user async for user in form.store.grants.people()] == [ANN]


async def test_a_grant_that_was_moved_to_another_user_does_not_open(
    form: Form, caplog: pytest.LogCaptureFixture
) -> None:
    given, his = await begun(form.store), await begun(form.store, BEN)
    stored = await form.steps.grants.read_refresh(
        keys_of(ANN), RING.digest("refresh", ANN, digest(given.issued.refresh))
    )
    assert stored is not None
    for secret in (b"Ann Example", b"claude.ai", b"account of Ann"):
        assert secret not in stored.sealed.value
    [there] = await form.steps.grants.of_user(keys_of(BEN))
    moved_to = keys_of(BEN).grant(there.id)
    assert await form.steps.grants.reseal(moved_to, there.sealed.generation, stored.sealed.value)
    with pytest.raises(StoreDown, match="not stored under its name"):
        await opened(form.store, his.issued, BEN)
    assert moved_to in caplog.text
    assert "Ann Example" not in caplog.text


async def test_what_a_retired_key_sealed_is_of_no_use(form: Form, caplog: pytest.LogCaptureFixture) -> None:
    names, old, new = b"n" * 32, b"o" * 32, b"k" * 32
    before = Store(form.steps, KeyRing(names, [old]), form.sleep)
    given, code = await begun(before), await offered(before, grant(ANN))
    await before.grants.put_flow("secret", "state", 600)
    after = Store(form.steps, KeyRing(names, [new]), form.sleep)
    with caplog.at_level(logging.WARNING):
        assert not await is_open(after, given.issued)
        assert await after.grants.read_refresh(given.issued.refresh) is None
        assert await after.grants.read_code(code) is None
        assert await after.grants.of_user(ANN) == []
        assert await after.grants.take_flow("secret") is None
    assert "sealed with a key that is not there any more" in caplog.text
    assert (await after.grants.end(ANN, given.grant.id)).grants == 1, "it can be ended all the same"


async def test_a_grant_of_a_later_version_is_left_alone(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("ringcentral_meetings.store.grants.VERSION", 2)
        given = await begun(form.store)
    with pytest.raises(StoreDown, match="another version of this program"):
        await opened(form.store, given.issued)


async def test_who_can_write_to_the_server_cannot_make_a_token(server: StoreServer) -> None:
    form = redis_form(server)
    given = await begun(form.store)
    forged = tokens(ANN)
    with server.admin as admin:
        for kind, text in (("at", forged.access), ("rt", forged.refresh)):
            for name in (digest(text), digest(text)[:32], text):
                admin.set(f"rcm:{{{ANN}}}:{kind}:{name}", given.grant.id, ex=600)
    assert not await is_open(form.store, forged)
    assert await form.store.grants.read_refresh(forged.refresh) is None
    his = await begun(form.store, BEN)
    with server.admin as admin:
        for key in admin.scan_iter(f"rcm:{{{BEN}}}:at:*"):
            admin.set(key.decode().replace(BEN, ANN), given.grant.id, ex=600)
    assert not await is_open(form.store, replace(his.issued, access=his.issued.access.replace(BEN, ANN)))
    await form.store.close()


async def test_of_a_grant_that_ended_no_refresh_token_is_left(server: StoreServer) -> None:
    form = redis_form(server)
    given = await begun(form.store)
    await rotated(form.store, await rotated(form.store, given))
    assert (await form.store.grants.end(ANN, given.grant.id)).grants == 1
    form.advance(HOUR + 1)
    with server.admin as admin:
        assert list(admin.scan_iter()) == []
    await form.store.close()


async def test_a_server_keeps_neither_tokens_nor_who_has_them_in_the_open(server: StoreServer) -> None:
    form = redis_form(server)
    given = await begun(form.store)
    later = await rotated(form.store, given)
    code = await offered(form.store, given.grant)
    await form.store.grants.put_flow("the secret of a flow", "the state of a flow", 600)
    await form.store.grants.seen_before("the name of an assertion", 300)
    await every_step(form.store, BEN)
    with server.admin as admin:
        held = b"".join(key + (admin.dump(key) or b"") for key in admin.scan_iter())
    secrets = [code, given.code, *(text for one in (given, later) for text in (one.issued.access, one.issued.refresh))]
    record = code_record(given.grant)
    secrets += ["the secret of", "the state of", "the name of", record.redirect_uri, record.challenge, "claude.ai"]
    for secret in (
        *secrets,
        *(digest(text) for text in secrets),
        "Ann Example",
        "account of",
        "meetings.read",
        "refresh-1",
    ):
        assert secret.encode() not in held
    await form.store.close()


async def test_a_token_with_anothers_user_in_front_is_nobodys(form: Form) -> None:
    await begun(form.store)
    assert not await is_open(form.store, tokens(BEN), ANN)
    assert await form.store.grants.read_code(token("ac", BEN)) is None
