"""The failing platform on a real port, and time that passes quickly."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
from pydantic import SecretStr

from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT, Faults, Provider, Simulator, Switches

PACE = 200.0
"""How much faster than real time waits pass."""
PLENTY = {"light": 1_000_000, "medium": 1_000_000, "heavy": 1_000_000, "auth": 1_000_000}
PATIENCE_SECONDS = 20


class QuickClock:
    """The event loop's clock, running faster, so that backing off takes no time worth speaking of."""

    def now(self) -> float:
        return anyio.current_time() * PACE

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds / PACE)

    def time_left(self) -> float:
        return anyio.current_effective_deadline() - anyio.current_time()


@contextmanager
def failing_platform(
    faults: str, seed: int, provider: Provider = "RCMeetings", switches: Switches | None = None, people: int = 1
) -> Iterator[tuple[Simulator, Settings]]:
    """A simulator on a real port, in a thread of its own, and the settings of a server for it."""
    from ringcentral_meetings.simulator import http

    simulator = Simulator(
        seeded=False,
        faults=_seeded(faults, seed),
        limits=PLENTY,
        provider=provider,
        switches=switches,
        people=people,
    )
    bound = threading.Event()
    address: list[str] = []

    def ready(url: str) -> None:
        address.append(url)
        bound.set()

    thread = threading.Thread(target=http.run, args=(simulator, "127.0.0.1", 0, ready))
    thread.start()
    try:
        assert bound.wait(PATIENCE_SECONDS)
        yield simulator, _settings(address[0])
    finally:
        simulator.close()
        thread.join(PATIENCE_SECONDS)


def _seeded(faults: str, seed: int) -> Faults:
    rules = (rule.strip() for rule in " ".join(faults.split()).split(";"))
    return Faults.parse(";".join(f"{rule} seed={seed * 1_000 + number}" for number, rule in enumerate(rules)))


def _settings(url: str) -> Settings:
    return Settings(
        server_url=url,
        client_id=CLIENT_ID,
        client_secret=SecretStr(CLIENT_SECRET),
        jwt=SecretStr(JWT),
        token_store="file",
        time_zone="UTC",
        plan_limits=dict(PLENTY),
        log_level="CRITICAL",
    )
