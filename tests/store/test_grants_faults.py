"""Grants on a server that is full, is replaced by its replica, or is one."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ringcentral_meetings.store import Store, StoreDown
from store.forms import redis_form
from store.grant_use import ANN, BEN, MONTH, begun, code_record, grant, is_open, offered, opened, rotated, token, tokens
from store.proxy import road_to
from store.servers import SERVERS, StoreServer

pytestmark = pytest.mark.anyio

BINARY = SERVERS["redis"] or SERVERS["valkey"] or ""


async def test_a_full_server_issues_nothing_and_still_ends_grants(own_server: StoreServer) -> None:
    form = redis_form(own_server)
    store, given = form.store, await begun(form.store)
    code, issued = await offered(store, grant(ANN)), tokens(ANN)
    await store.grants.put_flow("secret", "state", 600)
    refused: list[Callable[[], Awaitable[object]]] = [
        lambda: store.grants.exchange_code(code, issued, MONTH),
        lambda: store.grants.rotate(given.issued.refresh, issued, MONTH),
        lambda: store.grants.put_code(token("ac", ANN), code_record(grant(ANN))),
        lambda: store.grants.take_flow("secret"),
        lambda: store.grants.seen_before("jti", 300),
    ]
    with own_server.admin as admin:
        admin.config_set("maxmemory", 1)
        for act in refused:
            with pytest.raises(StoreDown, match="has no memory left"):
                await act()
        assert await is_open(store, given.issued)
        other = await store.grants.read_code(code)
        assert not isinstance(other, str)
        assert other is not None
        admin.config_set("maxmemory", 0)
        assert await store.grants.take_flow("secret") == "state"
        assert await store.grants.exchange_code(code, issued, MONTH)
        later = await rotated(store, given)
        admin.config_set("maxmemory", 1)
        assert (await store.grants.end(ANN, given.grant.id)).grants == 1
        assert not await is_open(store, later.issued)
        assert (await store.grants.end_user(ANN)).grants == 1
    await store.close()


async def test_what_was_issued_and_what_was_ended_survives_a_failover(own_server: StoreServer, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    with StoreServer(BINARY, tmp_path / "second") as second:
        async with road_to(own_server.port) as (road, url):
            form = redis_form(own_server, url=url)
            second.follow(own_server)
            await form.store.check()
            given, ended = await begun(form.store), await begun(form.store, BEN)
            waits = [waits_for_replicas(own_server)]
            later = await rotated(form.store, given)
            waits.append(waits_for_replicas(own_server))
            assert (await form.store.grants.end(BEN, ended.grant.id)).grants == 1
            waits.append(waits_for_replicas(own_server))
            assert waits[0] < waits[1] < waits[2]
            second.promote()
            own_server.stop()
            road.to = second.port
            assert await is_open(form.store, later.issued)
            assert not await is_open(form.store, ended.issued, BEN)
            again = await form.store.grants.rotate(given.issued.refresh, tokens(ANN), MONTH)
            assert again.outcome == "same"
            await form.store.close()


async def test_a_replica_vouches_for_no_token(own_server: StoreServer, tmp_path: Path) -> None:
    first = redis_form(own_server)
    given, code = await begun(first.store), await offered(first.store, grant(ANN))
    (tmp_path / "second").mkdir()
    with StoreServer(BINARY, tmp_path / "second") as second:
        second.follow(own_server)
        store = redis_form(second).store
        asked: list[Callable[[], Awaitable[object]]] = [
            lambda: opened(store, given.issued),
            lambda: store.grants.read_refresh(given.issued.refresh),
            lambda: store.grants.read_code(code),
            lambda: store.grants.of_user(ANN),
            lambda: store.grants.end_user(ANN),
            lambda: people(store),
        ]
        for act in asked:
            with pytest.raises(StoreDown, match="is a replica"):
                await act()
        await store.close()
    await first.store.close()


async def people(store: Store) -> list[str]:
    return [user async for user in store.grants.people()]


def waits_for_replicas(server: StoreServer) -> int:
    with server.admin as admin:
        return int(admin.info("commandstats")["cmdstat_wait"]["calls"])
