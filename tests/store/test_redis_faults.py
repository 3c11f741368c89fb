"""A store that fails: what was done once stays done once, and nothing answers in its place."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from anyio.lowlevel import checkpoint

from ringcentral_meetings.store import Lease, Session, Store, StoreDown, Throttle, UnsafeStore, open_store
from store.forms import RING, Form, redis_form
from store.proxy import Road, road_to
from store.servers import SERVERS, StoreServer

pytestmark = pytest.mark.anyio

SESSION = Session("access-1", "refresh-1", 3_600, 3_600)
LOSSES = ["lose_requests", "lose_answers"]


@pytest.fixture
async def lossy(server: StoreServer) -> AsyncIterator[tuple[Road, Form]]:
    async with road_to(server.port) as (road, url):
        form = redis_form(server, url=url)
        yield road, form
        await form.store.close()


async def used(store: Store) -> None:
    """Use everything once, so that a connection is open and the scripts are known."""
    limits = store.limits("zoe", "acme")
    await limits.take_place("light", 5)
    await limits.hold("heavy", 1)
    lease = await store.leases.grant("warm", 1)
    assert isinstance(lease, Lease)
    await store.leases.release(lease)
    await store.notes("zoe").write("warm", "text", 60)
    await store.notes("zoe").remove("warm")
    await store.sessions.put("zoe", SESSION, over=0, ends_in=60)
    await store.sessions.end("zoe")
    await store.open_call("zoe", [Throttle("user:zoe", per_minute=1, burst=1)])


def waits_for_replicas(server: StoreServer) -> int:
    with server.admin as admin:
        return int(admin.info("commandstats")["cmdstat_wait"]["calls"])


async def test_scripts_that_the_server_has_forgotten_are_loaded_again(server: StoreServer) -> None:
    form = redis_form(server)
    await used(form.store)
    with server.admin as admin:
        admin.script_flush()
    limits = form.store.limits("ann", "acme")
    assert await limits.take_place("heavy", 1) == 0
    assert await limits.take_place("heavy", 1) > 0
    with server.admin as admin:
        admin.script_flush()
    assert (await form.store.open_call("ann")).session is None
    await form.store.close()


@pytest.mark.parametrize("loss", LOSSES)
async def test_a_place_is_taken_once_where_a_connection_is_lost(lossy: tuple[Road, Form], loss: str) -> None:
    road, form = lossy
    await used(form.store)
    limits = form.store.limits("ann", "acme")
    setattr(road, loss, 1)
    assert await limits.take_place("heavy", 2) == 0
    assert (await limits.headroom({"heavy": 2}))["heavy"].left == 1
    assert getattr(road, loss) == 0


@pytest.mark.parametrize("loss", LOSSES)
async def test_a_lease_is_granted_and_given_back_once_where_a_connection_is_lost(
    lossy: tuple[Road, Form], loss: str
) -> None:
    road, form = lossy
    await used(form.store)
    setattr(road, loss, 1)
    lease = await form.store.leases.grant("change", 60)
    assert isinstance(lease, Lease), "its own first try is not another holder"
    setattr(road, loss, 1)
    assert await form.store.leases.extend(lease, 60)
    setattr(road, loss, 1)
    assert await form.store.leases.release(lease)
    assert isinstance(await form.store.leases.grant("change", 60), Lease)


@pytest.mark.parametrize("loss", LOSSES)
async def test_notes_and_sessions_are_written_once_where_a_connection_is_lost(
    lossy: tuple[Road, Form], loss: str
) -> None:
    road, form = lossy
    await used(form.store)
    notes = form.store.notes("ann")
    setattr(road, loss, 1)
    generation = await notes.write("attempt", "mine", 60, over=0)
    assert isinstance(generation, int), "what is there is its own"
    setattr(road, loss, 1)
    assert await notes.remove("attempt", generation)
    setattr(road, loss, 1)
    stored = await form.store.sessions.put("ann", SESSION, over=0, ends_in=60)
    assert stored is not None
    assert stored.generation > 0
    read = await form.store.sessions.load("ann")
    assert read is not None
    assert read.generation == stored.generation
    setattr(road, loss, 1)
    ended = await form.store.sessions.end("ann")
    assert ended is not None
    assert ended.refresh_token == "refresh-1", "or nobody could revoke it"


@pytest.mark.parametrize("loss", LOSSES)
async def test_a_call_is_counted_once_where_a_connection_is_lost(lossy: tuple[Road, Form], loss: str) -> None:
    road, form = lossy
    await used(form.store)
    limit = [Throttle("user:ann", per_minute=1, burst=1)]
    setattr(road, loss, 1)
    assert (await form.store.open_call("ann", limit)).wait == 0
    assert (await form.store.open_call("ann", limit)).wait > 0


async def test_a_connection_that_is_lost_again_is_a_store_that_is_down(lossy: tuple[Road, Form]) -> None:
    road, form = lossy
    await used(form.store)
    road.lose_requests = 2
    with pytest.raises(StoreDown, match="cannot be reached") as down:
        await form.store.sessions.load("ann")
    assert down.value.retry_after > 0
    assert form.trips[-1] == ("open_call", "down")
    assert (await form.store.open_call("ann")).session is None


async def test_an_answer_to_another_request_is_not_taken(lossy: tuple[Road, Form]) -> None:
    road, form = lossy
    await used(form.store)
    road.swap_answers = True
    with pytest.raises(StoreDown, match="the answer to another request"):
        await form.store.limits("ann", "acme").take_place("heavy", 1)
    road.swap_answers = False
    assert (await form.store.open_call("ann")).session is None


async def test_an_answer_that_never_comes_is_given_up(lossy: tuple[Road, Form]) -> None:
    road, form = lossy
    await used(form.store)
    hasty = open_store(f"redis://127.0.0.1:{road.at}/0", RING, trip_seconds=0.3)
    road.hold_answers = True
    with pytest.raises(StoreDown, match="did not answer in time"):
        await hasty.sessions.put("ann", SESSION, over=0, ends_in=60)
    road.hold_answers = False
    await hasty.close()


async def test_a_server_that_is_not_there_is_down(server: StoreServer) -> None:
    async with road_to(server.port) as (road, url):
        road.closed = True
        store = open_store(url, RING)
        with pytest.raises(StoreDown, match="cannot be reached"):
            await store.ping()
        road.closed = False
        await store.ping()
        await store.close()


async def test_a_server_that_does_not_answer_is_given_up_in_time(own_server: StoreServer) -> None:
    warm = redis_form(own_server)
    await used(warm.store)
    await warm.store.close()
    store = open_store(own_server.url, RING, trip_seconds=0.5)
    with own_server.stopped(), anyio.fail_after(60), pytest.raises(StoreDown, match="did not answer in time"):
        await store.limits("ann", "acme").take_place("heavy", 1)
    assert await warm.store.limits("ben", "acme").take_place("heavy", 1) == 0
    await warm.store.close()
    await store.close()


async def test_a_short_pause_of_the_server_is_sat_out(own_server: StoreServer) -> None:
    store = open_store(own_server.url, RING)
    with own_server.paused(0.5):
        assert await store.limits("ann", "acme").take_place("heavy", 1) == 0
    await store.close()


async def test_more_callers_than_connections_all_get_their_own_answer(server: StoreServer) -> None:
    form = redis_form(server)
    places: list[float] = []

    async def take(number: int) -> None:
        places.append(await form.store.limits(f"user-{number % 10}", "acme").take_place("heavy", 5))

    async with anyio.create_task_group() as group:
        for number in range(100):
            group.start_soon(take, number)
    assert sorted(place > 0 for place in places) == [False] * 50 + [True] * 50
    await form.store.close()


async def test_cancelled_trips_leave_no_answer_behind_for_others(server: StoreServer) -> None:
    form = redis_form(server)
    owners = [f"user-{number}" for number in range(20)]
    for owner in owners:
        await form.store.notes(owner).write("mark", owner, 60)
    wrong: list[str] = []

    async def read(owner: str, cancelled: bool = False) -> None:
        with anyio.CancelScope() as scope:
            if cancelled:
                scope.cancel()
            note = await form.store.notes(owner).read("mark")
            if note is None or note.text != owner:
                wrong.append(owner)

    for _ in range(10):
        async with anyio.create_task_group() as group:
            for number, owner in enumerate(owners):
                group.start_soon(read, owner, number % 3 == 0)
            await checkpoint()
            group.cancel_scope.cancel()
        async with anyio.create_task_group() as group:
            for owner in owners:
                group.start_soon(read, owner)
    assert wrong == []
    assert all(outcome == "ok" for _, outcome in form.trips)
    await form.store.close()


async def test_a_replica_answers_nothing_not_even_what_it_has(own_server: StoreServer, tmp_path: Path) -> None:
    first = redis_form(own_server)
    await first.store.sessions.put("ann", SESSION, over=0, ends_in=60)
    (tmp_path / "second").mkdir()
    with StoreServer(SERVERS["redis"] or SERVERS["valkey"] or "", tmp_path / "second") as second:
        second.follow(own_server)
        form = redis_form(second)
        for asked in (form.store.sessions.load, form.store.sessions.load, lambda _: form.store.ping()):
            with pytest.raises(StoreDown, match="is a replica"):
                await asked("ann")
        with pytest.raises(StoreDown, match="is a replica"):
            await form.store.leases.grant("change", 60)
        with pytest.raises(UnsafeStore, match="name its primary"):
            await form.store.check()
        await form.store.close()
    await first.store.close()


async def test_a_failover_is_followed_and_a_lease_from_before_is_told_apart(
    own_server: StoreServer, tmp_path: Path
) -> None:
    (tmp_path / "second").mkdir()
    with StoreServer(SERVERS["redis"] or SERVERS["valkey"] or "", tmp_path / "second") as second:
        async with road_to(own_server.port) as (road, url):
            form = redis_form(own_server, url=url)
            second.follow(own_server)
            assert await form.store.check() == [
                "the shared store writes no append-only file: a restart signs everybody out (appendonly yes)"
            ]
            waits = waits_for_replicas(own_server)
            stored = await form.store.sessions.put("ann", SESSION, over=0, ends_in=60)
            assert waits_for_replicas(own_server) > waits
            lease = await form.store.leases.grant("change", 60)
            assert isinstance(lease, Lease)
            assert stored is not None
            own_server.wait_for_replica()  # which the store does for 0.1 s
            second.promote()
            own_server.stop()
            road.to = second.port
            read = await form.store.sessions.load("ann")
            assert read is not None
            assert read.generation == stored.generation
            later = await form.store.leases.grant("change-2", 60)
            assert isinstance(later, Lease)
            with second.admin as admin:
                admin.delete("rcm:lease:change")
            again = await form.store.leases.grant("change", 60)
            assert isinstance(again, Lease)
            assert again.generation > lease.generation, "though the store has forgotten the first one"
            await form.store.close()


async def test_a_primary_that_became_a_replica_is_left_for_its_successor(
    own_server: StoreServer, tmp_path: Path
) -> None:
    (tmp_path / "second").mkdir()
    with StoreServer(SERVERS["redis"] or SERVERS["valkey"] or "", tmp_path / "second") as second:
        async with road_to(own_server.port) as (road, url):
            form = redis_form(own_server, url=url)
            await used(form.store)
            second.follow(own_server)
            second.promote()
            own_server.follow(second)
            with pytest.raises(StoreDown, match="is a replica"):
                await form.store.limits("ann", "acme").take_place("heavy", 1)
            road.to = second.port
            assert await form.store.limits("ann", "acme").take_place("heavy", 1) == 0
            await form.store.close()


async def test_a_store_that_comes_back_empty_is_used_again(own_server: StoreServer) -> None:
    form = redis_form(own_server)
    await form.store.sessions.put("ann", SESSION, over=0, ends_in=60)
    own_server.stop()
    with pytest.raises(StoreDown, match="cannot be reached"):
        await form.store.sessions.load("ann")
    own_server.start()
    assert await form.store.sessions.load("ann") is None
    await used(form.store)
    await form.store.close()


async def test_a_store_without_memory_refuses_and_does_not_drop(own_server: StoreServer) -> None:
    form = redis_form(own_server)
    await form.store.notes("ann").write("kept", "text", 60)
    with own_server.admin as admin:
        admin.config_set("maxmemory", 1)
        with pytest.raises(StoreDown, match="has no memory left"):
            await form.store.notes("ann").write("more", "text", 60)
        admin.config_set("maxmemory", 0)
    assert await form.store.notes("ann").read("kept") is not None
    await form.store.close()
