"""Fixtures of the command line's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.desk import Desk
from cli.platforms import platform


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with platform(limits={"auth": 1_000, "light": 1_000}) as (simulator, url):
        simulator.issue_refresh_tokens = True
        yield Desk(simulator, url, tmp_path, monkeypatch)
