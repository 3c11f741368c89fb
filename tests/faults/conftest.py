"""Fixtures of the fault tests."""

from collections.abc import AsyncIterator

import pytest

from assistant import Assistant, at_work
from faults.jobs import ZONE, Desk, lay_out


@pytest.fixture(scope="module")
async def shared_assistant(anyio_backend: str) -> AsyncIterator[Assistant]:
    """One server for a whole file; only `desk` uses it, which puts everything in order before each test.

    Without refresh tokens each test begins with a sign-in, whatever the one before did to the session.
    """
    async with at_work(time_zone=ZONE, issue_refresh_tokens=False) as assistant:
        await assistant.call("create_meeting", topic="First", start_time="2026-11-30T09:00")
        yield assistant


@pytest.fixture
def desk(shared_assistant: Assistant) -> Desk:
    return lay_out(shared_assistant)


@pytest.fixture(scope="module")
async def room(anyio_backend: str) -> AsyncIterator[Assistant]:
    """One server with RingCentral Video for a whole file, which has seen that its PINs are kept."""
    async with at_work(time_zone=ZONE, product="video", issue_refresh_tokens=False) as assistant:
        await assistant.call("create_meeting", topic="First", meeting_type="Instant")
        yield assistant
