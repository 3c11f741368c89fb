"""Nothing in a store is there for ever: each key of a server has an end, and memory is given back."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ringcentral_meetings.store import KeyRing, Store, StoreDown, Throttle, memory_store
from ringcentral_meetings.store.expiring import Expiring
from ringcentral_meetings.store.memory import MemorySteps
from store.forms import RING, Form, memory_form, redis_form
from store.grant_use import ANN, MONTH, begun, code_record, every_step, grant, offered, rotated, tokens
from store.servers import StoreServer
from store.use import SESSION, everything

pytestmark = pytest.mark.anyio

DAY = 86_400.0


async def test_each_key_of_a_server_has_an_end(server: StoreServer) -> None:
    form = redis_form(server)
    await everything(form.store, "ann")
    await everything(form.store, "ann")
    await everything(form.store, "ben")
    await form.store.sessions.end("ben")
    await form.store.limits("ann", "acme").hold_everybody(5)
    await form.store.notes("").write("zones", "text", DAY)
    await every_step(form.store, ANN)
    with server.admin as admin:
        lasting = {key: admin.pttl(key) for key in admin.scan_iter(count=1000)}
    kinds = {key.decode().replace("{", "").split(":")[1] for key in lasting}
    assert {"ann}", "ben}", "acct", "held", "in", "lease", "note", "flow", "seen"} <= kinds
    of_ann = {key.decode().split(":")[2] for key in lasting if ANN.encode() in key and b":lease:" not in key}
    assert {"grants", "grant", "code", "at", "rt", "old", "same", "over", "session"} == of_ann
    assert {key: left for key, left in lasting.items() if left == -1} == {}  # -2: it ended meanwhile
    assert max(left for key, left in lasting.items() if ANN.encode() not in key) <= DAY * 1000
    assert max(lasting.values()) <= MONTH * 1000
    await form.store.close()


async def test_a_server_keeps_no_secret_and_no_name_in_the_open(server: StoreServer) -> None:
    form = redis_form(server)
    user = RING.user("platform.ringcentral.com", "account 4711", "extension 0815")
    await everything(form.store, user)
    await form.store.notes(user).write("attempt", "PIN 123456", 60)
    await form.store.open_call(user, [Throttle("address:192.0.2.7", 60, 5)])
    with server.admin as admin:
        held = b"".join(key + (admin.dump(key) or b"") for key in admin.scan_iter())
    for secret in (b"access-1", b"refresh-1", b"PIN 123456", b"account 4711", b"extension 0815", b"192.0.2.7"):
        assert secret not in held
    await form.store.close()


def moments(rng: random.Random, seconds: float) -> Iterator[float]:
    passed = 0.0
    while (step := rng.expovariate(1 / 120)) and passed + step < seconds:
        passed += step
        yield step


async def test_memory_is_empty_after_a_day_of_many_people() -> None:
    form, rng, most = memory_form(), random.Random(7), 0
    for step in moments(rng, DAY):
        form.advance(step)
        user = f"user-{rng.randrange(200)}"
        await everything(form.store, user)
        if rng.random() < 0.3:
            await form.store.sessions.end(user)
        most = max(most, form.names())
    assert 200 < most < 2_000
    form.advance(2 * 3_600)
    assert form.names() == 0


async def test_memory_holds_no_grants_that_are_over() -> None:
    form, users = memory_form(), [RING.user("platform.ringcentral.com", "4711", str(number)) for number in range(10)]
    for user in users * 5:
        await rotated(form.store, await begun(form.store, user))
        await offered(form.store, grant(user))
        form.advance(60)
    for user in users[:5]:
        assert (await form.store.grants.end_user(user)).grants == 5
    form.advance(2 * 3_600)
    assert form.names() == 25 * 3 + 5, "grants, a refresh token and those replaced of each, and the lists of the grants"
    form.advance(MONTH)
    assert form.names() == 0


async def test_memory_without_room_for_a_whole_step_takes_none_of_it() -> None:
    now = [0.0]
    store = memory_store(RING, clock=lambda: now[0], most=5)
    given, issued = grant(ANN), tokens(ANN)
    code = await offered(store, given)
    for name in ("one", "two"):
        await store.notes("").write(name, "text", DAY)
    with pytest.raises(StoreDown, match="is full"):
        await store.grants.exchange_code(code, issued, MONTH)
    with pytest.raises(StoreDown, match="is full"):
        await store.grants.put_code("rcm_ac_another", code_record(grant(ANN)), 60)
    for name in ("one", "two"):
        await store.notes("").remove(name)
    assert await store.grants.exchange_code(code, issued, MONTH)
    with pytest.raises(StoreDown, match="is full"):
        await store.grants.rotate(issued.refresh, tokens(ANN), MONTH)
    assert await store.grants.read_refresh(issued.refresh) == given
    now[0] += 3_600
    later = tokens(ANN)
    with pytest.raises(StoreDown, match="is full"):
        await store.grants.rotate(issued.refresh, later, MONTH)
    assert await store.grants.of_user(ANN) == [given]
    assert (await store.grants.end_user(ANN)).grants == 1


async def test_a_session_in_memory_is_gone_when_its_refresh_token_is() -> None:
    form = memory_form()
    await form.store.sessions.put("ann", SESSION, over=0, ends_in=7 * DAY)
    form.advance(7 * DAY - 1)
    assert form.names() == 1
    form.advance(2)
    assert form.names() == 0


async def test_memory_that_is_full_refuses_and_does_not_drop() -> None:
    now = [0.0]
    trips: list[str] = []
    store = memory_store(RING, clock=lambda: now[0], most=3, on_trip=lambda _, outcome, __: trips.append(outcome))
    for number in range(3):
        await store.notes("ann").write(str(number), "text", 60)
    with pytest.raises(StoreDown, match="is full"):
        await store.notes("ann").write("3", "text", 60)
    assert trips[-1] == "down"
    await store.notes("ann").write("2", "text again", 60)
    now[0] += 61
    await store.notes("ann").write("3", "text", 60)


def test_what_was_put_again_lasts_until_its_later_end() -> None:
    now = [0.0]
    entries = Expiring(lambda: now[0], most=10)
    entries.put("name", "first", 10)
    entries.put("name", "second", 20)
    now[0] = 15
    assert (entries.get("name", str), entries.left("name"), len(entries)) == ("second", 5, 1)
    assert entries.get("name", int) is None
    entries.put("name", "third", 1)
    now[0] = 17
    assert (entries.get("name", str), entries.left("name"), len(entries)) == (None, 0, 0)


def test_ends_that_no_longer_matter_take_no_memory() -> None:
    entries = Expiring(lambda: 0.0, most=10)
    for _ in range(10_000):
        entries.put("name", "text", 60)
    assert len(entries._ends) < 100  # noqa: SLF001


async def test_what_is_said_of_a_store_in_memory() -> None:
    store = Store(MemorySteps(), KeyRing.new())
    await store.ping()
    assert await store.check() == [
        "the store is in memory: it is empty after a restart, and no other replica shares it"
    ]
    assert (await store.open_call("ann")).session is None
    stored = await store.sessions.put("ann", replace(SESSION, expires_in=-5), over=0, ends_in=60)
    assert stored is not None
    await store.close()


async def test_an_access_token_that_is_over_is_stored_as_such(form: Form) -> None:
    await form.store.sessions.put("ann", replace(SESSION, expires_in=-5), over=0, ends_in=60)
    read = await form.store.sessions.load("ann")
    assert read is not None
    assert read.expires_in <= 0.01
