"""Steps of grants that are sent again because their answer was lost: done once, answered alike."""

from collections.abc import AsyncIterator

import pytest

from ringcentral_meetings.store import StoreDown
from ringcentral_meetings.store.grant_steps import StoredCode, Tokens
from ringcentral_meetings.store.grants import keys_of
from ringcentral_meetings.store.steps import Put, SessionKeys
from store.forms import Form, redis_form
from store.grant_use import ANN, HOUR, MONTH, begun, every_step, grant, is_open, offered, rotated, signed_in, tokens
from store.proxy import Road, road_to
from store.servers import StoreServer

pytestmark = pytest.mark.anyio

KEYS = keys_of(ANN)
LOSSES = ["lose_requests", "lose_answers"]


@pytest.fixture
async def lossy(server: StoreServer) -> AsyncIterator[tuple[Road, Form]]:
    async with road_to(server.port) as (road, url):
        form = redis_form(server, url=url)
        await every_step(form.store, ANN)
        await form.store.grants.end_user(ANN)
        yield road, form
        await form.store.close()


async def test_repeated_steps_are_done_once(form: Form) -> None:
    steps = form.steps.grants
    await form.steps.write_note("rcm:flow:f", "write", b"sealed", 600, None)
    taken = [await steps.take_note("rcm:flow:f", "take") for _ in range(2)]
    assert [one.value if one else None for one in taken] == [b"sealed", b"sealed"]
    assert await steps.take_note("rcm:flow:f", "another") is None
    form.advance(61)
    assert await steps.take_note("rcm:flow:f", "take") is None
    assert [await steps.first("rcm:seen:s", request, 300) for request in ("one", "one", "two")] == [True, True, False]
    await steps.put_code(KEYS, "code", StoredCode("id", b"value", b"grant"), 60)
    await steps.put_code(KEYS, "code", StoredCode("other", b"other", b"other"), 60)
    assert await steps.read_code(KEYS, "code") == StoredCode("id", b"value", b"grant")
    first = Tokens("access-1", "refresh-1", HOUR, MONTH)
    assert [await steps.exchange_code(KEYS, "code", request, first) for request in ("x", "x", "y")] == [
        True,
        True,
        False,
    ]
    second = Tokens("access-2", "refresh-2", HOUR, MONTH)
    turned = [await steps.rotate(KEYS, "refresh-1", "turn", second, b"answer", 60) for _ in range(2)]
    assert [one.outcome for one in turned] == ["rotated", "rotated"]
    other = await steps.rotate(KEYS, "refresh-1", "other", Tokens("a", "r", HOUR, MONTH), b"another answer", 60)
    assert (other.outcome, other.answer) == ("same", b"answer")


async def test_repeated_endings_are_answered_alike_and_leave_the_next_session_alone(form: Form) -> None:
    steps, session = form.steps.grants, SessionKeys(KEYS.session, KEYS.renew, KEYS.ended)
    for ending in ("end", "end_all", "code", "reuse"):
        await form.steps.put_session(session, f"{ending}-before", Put(b"sealed", 60, HOUR, 0))
        await steps.put_code(KEYS, ending, StoredCode(ending, b"value", b"grant"), 60)
        assert await steps.exchange_code(KEYS, ending, ending, Tokens(f"{ending}-a", f"{ending}-r", HOUR, HOUR))
        if ending == "reuse":
            after = Tokens("reuse-a2", "reuse-r2", HOUR, HOUR)
            assert (await steps.rotate(KEYS, "reuse-r", "turn", after, b"answer", 60)).outcome == "rotated"
            form.advance(61)
        for attempt in range(2):
            if ending == "reuse":
                tokens_after = Tokens("a3", "r3", HOUR, HOUR)
                turned = await steps.rotate(KEYS, "reuse-r", "the-same-reuse", tokens_after, b"answer", 60)
                assert turned.outcome == "reused"
                taken = turned.taken
            elif ending == "code":
                taken = await steps.end_grant_of_code(KEYS, ending, "the-same-code")
            else:
                taken = await steps.end(KEYS, ending if ending == "end" else None, f"the-same-{ending}")
            assert taken is not None
            assert (taken.grants, taken.last) == (1, True)
            assert taken.session is not None
            assert taken.session.value == b"sealed"
            if attempt == 0:
                await form.steps.put_session(session, f"{ending}-next", Put(b"next", 60, HOUR, 0))
        sealed, *_ = await form.steps.open_call(KEYS.session, ())
        assert sealed is not None
        assert sealed.value == b"next"
        await form.steps.end_session(session, f"{ending}-after")


@pytest.mark.parametrize("loss", LOSSES)
async def test_sign_ins_and_codes_are_used_once_where_a_connection_is_lost(lossy: tuple[Road, Form], loss: str) -> None:
    """Case 49 of the plan's attacks: the answer is lost after a take."""
    road, form = lossy
    setattr(road, loss, 1)
    await form.store.grants.put_flow("secret", "state", 600)
    setattr(road, loss, 1)
    assert await form.store.grants.take_flow("secret") == "state"
    assert await form.store.grants.take_flow("secret") is None
    setattr(road, loss, 1)
    assert not await form.store.grants.seen_before("jti", 300), "its own first try is no replay"
    assert await form.store.grants.seen_before("jti", 300)
    setattr(road, loss, 1)
    code, issued = await offered(form.store, grant(ANN)), tokens(ANN)
    setattr(road, loss, 1)
    assert await form.store.grants.exchange_code(code, issued, MONTH)
    assert getattr(road, loss) == 0
    assert await is_open(form.store, issued)
    assert not await form.store.grants.exchange_code(code, tokens(ANN), MONTH)


@pytest.mark.parametrize("loss", LOSSES)
async def test_tokens_are_rotated_and_grants_ended_once_where_a_connection_is_lost(
    lossy: tuple[Road, Form], loss: str
) -> None:
    road, form = lossy
    await signed_in(form.store)
    given = await begun(form.store)
    setattr(road, loss, 1)
    later = await rotated(form.store, given)
    form.advance(61)
    await rotated(form.store, later)
    setattr(road, loss, 1)
    answer = await form.store.grants.rotate(given.issued.refresh, tokens(ANN), MONTH)
    assert answer.outcome == "reused"
    assert answer.ended is not None
    assert answer.ended.session is not None, "or nobody could revoke it"
    await signed_in(form.store)
    other = await begun(form.store)
    setattr(road, loss, 1)
    ended = await form.store.grants.end(ANN, other.grant.id)
    assert (ended.grants, ended.last) == (1, True)
    assert ended.session is not None
    assert getattr(road, loss) == 0


async def test_a_client_that_never_got_its_answer_gets_the_same_within_a_minute(lossy: tuple[Road, Form]) -> None:
    road, form = lossy
    given, lost = await begun(form.store), tokens(ANN)
    road.lose_answers = 2
    with pytest.raises(StoreDown):
        await form.store.grants.rotate(given.issued.refresh, lost, MONTH)
    answer = await form.store.grants.rotate(given.issued.refresh, tokens(ANN), MONTH)
    assert answer.outcome == "same"
    assert answer.issued is not None
    assert (answer.issued.access, answer.issued.refresh) == (lost.access, lost.refresh)
    assert await is_open(form.store, lost)
