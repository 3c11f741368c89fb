"""Deadlines that end a sign-in, on a loop whose time passes at once."""

import anyio
import pytest

from faults.skipping import BACKEND
from ringcentral_meetings import errors
from ringcentral_meetings.platform.signin import auth
from scripted_http import never, world

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> object:
    return BACKEND


async def test_a_sign_in_that_hangs_ends_at_its_own_deadline() -> None:
    async with world(never, signing_in=True) as w:
        began = anyio.current_time()
        with pytest.raises(errors.Refused, match="no answer to the sign-in"):
            await w.post()
        assert anyio.current_time() - began == pytest.approx(auth.TOKEN_TIMEOUT_SECONDS, abs=1)


async def test_a_deadline_that_ends_the_sign_in_is_a_refusal_since_the_call_was_not_sent() -> None:
    async with world(never, signing_in=True) as w:
        w.clock.deadline = w.clock.now() + 12
        began = anyio.current_time()
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert anyio.current_time() - began < 12
        assert refused.value.code == "upstream_unavailable"
        assert w.wire.calls == []
