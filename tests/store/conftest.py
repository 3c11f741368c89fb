"""Servers that are started once, and both forms of the store, empty at the beginning of each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from store.forms import Form, memory_form, redis_form
from store.servers import MISSING, SERVERS, StoreServer


def started(name: str, factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    binary = SERVERS[name]
    if binary is None:
        pytest.skip(MISSING[name])
    with StoreServer(binary, factory.mktemp(name)) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    yield from started("redis", tmp_path_factory)


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    yield from started("valkey", tmp_path_factory)


@pytest.fixture(params=["redis", "valkey"])
def server(request: pytest.FixtureRequest) -> StoreServer:
    """A running server with nothing in it."""
    server: StoreServer = request.getfixturevalue(f"{request.param}_server")
    with server.admin as admin:
        admin.flushall()
        admin.script_flush()
    return server


@pytest.fixture
def any_server(request: pytest.FixtureRequest) -> StoreServer:
    """A running server with nothing in it, of either kind, for what takes long."""
    server: StoreServer = request.getfixturevalue("redis_server" if SERVERS["redis"] else "valkey_server")
    with server.admin as admin:
        admin.flushall()
    return server


@pytest.fixture(params=["memory", "redis", "valkey"])
async def form(request: pytest.FixtureRequest) -> AsyncIterator[Form]:
    """A store with nothing in it."""
    if request.param == "memory":
        made = memory_form()
    else:
        server: StoreServer = request.getfixturevalue(f"{request.param}_server")
        with server.admin as admin:
            admin.flushall()
        made = redis_form(server, request.param)
    yield made
    await made.store.close()


@pytest.fixture
def own_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreServer]:
    """A server that a test may stop, pause or make a replica."""
    if (binary := SERVERS["redis"] or SERVERS["valkey"]) is None:
        pytest.skip(MISSING["redis"])
    with StoreServer(binary, tmp_path) as server:
        yield server
