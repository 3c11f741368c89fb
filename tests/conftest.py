"""Fixtures that every room's tests share."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaign", type=int, default=600, help="operations of the fault campaign (long: 10000)")


@pytest.fixture(scope="session")
def campaign_operations(request: pytest.FixtureRequest) -> int:
    operations: int = request.config.getoption("--campaign")
    return operations
