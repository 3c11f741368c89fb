"""What is said of a store before anything is kept in it: an address, a set-up or a user that will not do."""

from pathlib import Path

import pytest

from ringcentral_meetings.store import StoreDown, UnsafeStore, open_store
from store.forms import PATIENT, RING
from store.grant_use import ANN, every_step
from store.servers import StoreServer
from store.use import everything

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "url",
    ["redis://h:port", "http://h", "redis://[::1", "redis://:word@h:6379/0?unknown=1", "redis://h?socket_timeout=x"],
)
async def test_an_address_that_cannot_be_read_is_refused_before_it_is_used(url: str) -> None:
    with pytest.raises(UnsafeStore, match="the address of the shared store has a part that cannot be read") as unsafe:
        open_store(url, RING)
    assert "word" not in str(unsafe.value)


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl", "volatile-lfu"])
async def test_a_store_that_drops_what_it_keeps_is_refused(own_server: StoreServer, policy: str) -> None:
    store = open_store(own_server.url, RING)
    assert len(await store.check()) == 2
    with own_server.admin as admin:
        admin.config_set("maxmemory-policy", policy)
    with pytest.raises(UnsafeStore, match=rf"maxmemory-policy {policy}\): set maxmemory-policy noeviction") as unsafe:
        await store.check()
    assert "\n" not in str(unsafe.value)
    await store.close()


async def test_a_refused_password_is_no_secret_in_what_is_said(
    own_server: StoreServer, caplog: pytest.LogCaptureFixture
) -> None:
    with own_server.admin as admin:
        admin.config_set("requirepass", "right-word")
    store = open_store(own_server.url.replace("redis://", "redis://:wrong-word@"), RING)
    with pytest.raises(StoreDown, match="refused the password") as down:
        await store.ping()
    assert "-word" not in str(down.value) + caplog.text
    await store.close()
    store = open_store(own_server.url.replace("redis://", "redis://:right-word@"), RING)
    await store.ping()
    await store.close()


async def test_the_documented_rights_of_a_user_are_enough(server: StoreServer) -> None:
    page = (Path(__file__).parents[2] / "docs" / "hosting.md").read_text("utf-8")
    [line] = [line for line in page.splitlines() if line.startswith("ACL SETUSER")]
    with server.admin as admin:
        admin.execute_command(*line.replace("PASSWORD", "word").split())
    store = open_store(server.url.replace("redis://", "redis://meetings:word@"), RING, trip_seconds=PATIENT)
    await store.check()
    for _ in range(2):
        await everything(store, "ann")
    await store.sessions.end("ann")
    await every_step(store, ANN)
    await store.grants.end_user(ANN)
    await store.close()
    with server.admin as admin:
        assert admin.acl_log() == []
        admin.acl_deluser("meetings")


async def test_a_user_who_may_not_do_everything_is_told(own_server: StoreServer) -> None:
    with own_server.admin as admin:
        admin.execute_command("ACL", "SETUSER", "small", "on", ">word", "~rcm:*", "+evalsha", "+del", "+time")
    store = open_store(own_server.url.replace("redis://", "redis://small:word@"), RING)
    with pytest.raises(StoreDown, match="does not let this user do that"):
        await store.ping()
    await store.close()
