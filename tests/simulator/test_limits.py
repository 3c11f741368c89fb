"""Rate limits."""

import pytest

from ringcentral_meetings.simulator import UNLIMITED, Simulator
from simulator.support import EXTENSION, Clock, client_of, code, log_in

pytestmark = pytest.mark.anyio


async def test_every_answer_carries_the_state_of_its_group_a_request_id_and_the_date(clock: Clock) -> None:
    simulator = Simulator(clock=clock, limits={"Light": 3})
    async with client_of(simulator) as client:
        token = await log_in(client)
        assert token.headers["X-Rate-Limit-Group"] == "auth"
        assert token.headers["X-Rate-Limit-Limit"] == "5"
        assert token.headers["X-Rate-Limit-Remaining"] == "4"
        assert token.headers["X-Rate-Limit-Window"] == "60"
        client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        light = await client.get(f"{EXTENSION}/meeting")
        assert light.headers["X-Rate-Limit-Group"] == "light"
        assert light.headers["X-Rate-Limit-Remaining"] == "2"
        medium = await client.post(f"{EXTENSION}/meeting", json={})
        assert medium.status_code == 400
        assert medium.headers["X-Rate-Limit-Group"] == "medium"
        assert medium.headers["Date"] == "Tue, 20 Oct 2026 12:00:00 GMT"
        ids = {answer.headers["RCRequestId"] for answer in (token, light, medium)}
        assert len(ids) == 3
    simulator.close()


async def test_the_window_slides(clock: Clock) -> None:
    simulator = Simulator(clock=clock, limits={"auth": 2})
    async with client_of(simulator) as client:
        assert (await log_in(client)).status_code == 200
        clock.turn(seconds=30)
        assert (await log_in(client)).status_code == 200
        clock.turn(seconds=30)
        third = await log_in(client)
        assert (third.status_code, third.headers["X-Rate-Limit-Remaining"]) == (200, "0")
        assert (await log_in(client)).status_code == 429
    simulator.close()


async def test_too_many_requests_bring_a_penalty_that_each_further_one_restarts(clock: Clock) -> None:
    simulator = Simulator(clock=clock)
    async with client_of(simulator) as client:
        for _ in range(5):
            assert (await log_in(client)).status_code == 200
        answer = await log_in(client)
        assert code(answer) == (429, "CMN-301")
        assert answer.json()["errorCode"] == "CMN-301"
        assert answer.json()["message"] == "Request rate exceeded"
        assert answer.headers["Retry-After"] == "60"
        assert answer.headers["X-Rate-Limit-Remaining"] == "0"
        clock.turn(seconds=59)
        assert (await log_in(client)).status_code == 429
        clock.turn(seconds=59)
        assert (await log_in(client)).status_code == 429
        other = await client.get(f"{EXTENSION}/meeting")
        assert other.status_code == 401
        clock.turn(seconds=60)
        assert (await log_in(client)).status_code == 200
    simulator.close()


async def test_the_limits_can_be_lifted(clock: Clock) -> None:
    simulator = Simulator(clock=clock, limits=UNLIMITED)
    async with client_of(simulator) as client:
        for _ in range(100):
            assert (await log_in(client)).status_code == 200
    simulator.close()


def test_the_documented_limits_are_the_default_and_unknown_groups_are_refused() -> None:
    simulator = Simulator(seeded=False)
    assert simulator.limiter.limits == {"light": 50, "medium": 40, "heavy": 10, "auth": 5}
    simulator.close()
    with pytest.raises(ValueError, match="unknown plan group: huge"):
        Simulator(limits={"Huge": 1})
