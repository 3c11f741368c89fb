"""Fixtures that every room's tests share."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _nobodys_sign_ins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests, and the processes that they start, away from the settings and sign-ins of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def pytest_xdist_auto_num_workers() -> int | None:
    """Rewrite snapshots in one process: the fixtures that do it empty and fill a folder."""
    return 0 if os.environ.get("UPDATE_SNAPSHOTS") else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaign", type=int, default=480, help="operations of the fault campaign (long: 10000)")
    parser.addoption("--campaign-seed", type=int, default=1, help="what the fault campaign's chances begin with")


@pytest.fixture(scope="session")
def campaign_operations(request: pytest.FixtureRequest) -> int:
    operations: int = request.config.getoption("--campaign")
    return operations


@pytest.fixture(scope="session")
def campaign_seed(request: pytest.FixtureRequest) -> int:
    seed: int = request.config.getoption("--campaign-seed")
    return seed
