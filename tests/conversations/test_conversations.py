"""Conversations as assistants hold them for people, each in a YAML file beside this one, in both protocol eras.

Each runs with a client that can ask the person, and with one that cannot.
"""

from pathlib import Path

import pytest

from assistant import MODES, Mode

from .runner import HINTS, hold
from .script import load

pytestmark = pytest.mark.anyio

FOLDER = Path(__file__).parent
SCRIPTS = {file.stem: load(file) for file in sorted(FOLDER.glob("*.yaml"))}

CALLED = {step.call for script in SCRIPTS.values() for step in script.steps}

CASES = [
    pytest.param(name, mode, asks, id=f"{name}-{mode}-{'asks' if asks else 'cannot ask'}")
    for name, script in SCRIPTS.items()
    for mode in MODES
    for asks in (True, False)
    if asks or script.person == "agrees"
]


def test_every_tool_is_called_in_a_conversation() -> None:
    assert set(HINTS) - CALLED == set()


@pytest.mark.parametrize(("name", "mode", "asks"), CASES)
async def test_a_conversation_reaches_its_goal(name: str, mode: Mode, asks: bool) -> None:
    await hold(SCRIPTS[name], mode, asks)
