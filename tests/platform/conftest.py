"""Fixtures of the platform's tests."""

from pathlib import Path

import pytest

from ringcentral_meetings.simulator import Simulator
from scripted_http import ThreadsClock

from .signin.signing import Platform


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    clock = ThreadsClock(1_800_000_000.0)
    plenty = {"auth": 1_000, "light": 1_000}
    simulator = Simulator(clock=clock.now, sleep=clock.sleep, seeded=False, limits=plenty)
    simulator.issue_refresh_tokens = True
    return Platform(simulator, clock, tmp_path)
