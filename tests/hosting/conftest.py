"""A store that real replicas would share."""

import signal
import sys
from collections.abc import Iterator

import pytest

from hosting.town import OpenStore
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.store import KeyRing, Store, open_store
from store.servers import MISSING, SERVERS, StoreServer


@pytest.fixture(autouse=True)
def hang_ups_are_not_ignored() -> Iterator[None]:
    """Processes that a test starts inherit whether SIGHUP is ignored, as under `nohup`."""
    if sys.platform == "win32":
        yield
        return
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture(scope="session")
def store_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    name = next((name for name, binary in SERVERS.items() if binary is not None), None)
    if name is None:
        pytest.skip(MISSING["redis"])
    with StoreServer(SERVERS[name] or "", tmp_path_factory.mktemp(name)) as server:
        yield server


@pytest.fixture
def server(store_server: StoreServer) -> StoreServer:
    """A running server with nothing in it."""
    with store_server.admin as admin:
        admin.flushall()
    return store_server


@pytest.fixture
def shared(server: StoreServer) -> OpenStore:
    """Opens the store of a replica, each with connections of its own."""

    def opened(ring: KeyRing, metrics: Metrics) -> Store:
        return open_store(server.url, ring, on_trip=metrics.store_trip)

    return opened
