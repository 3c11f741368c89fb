"""Which settings mean made-up meetings."""

import pytest

from ringcentral_meetings import simulator
from ringcentral_meetings.settings import SIMULATED_APPS, SIMULATED_TOKEN, load
from ringcentral_meetings.simulator.ids import ACCESS_TOKEN
from ringcentral_meetings.simulator.people import CLIENTS
from simulator.support import Clock, client_of, log_in

HERE = "http://127.0.0.1:8910"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLIENT_ID", "ACCESS_TOKEN", "SERVER_URL", "SIMULATOR", "ENV_FILE"):
        monkeypatch.delenv(f"RINGCENTRAL_{name}", raising=False)


@pytest.mark.parametrize(
    ("settings", "simulated"),
    [
        ({"simulator": True}, True),
        ({"server_url": HERE, "client_id": simulator.CLIENT_ID}, True),
        ({"server_url": "http://localhost:8910", "client_id": simulator.PUBLIC_CLIENT_ID}, True),
        ({"server_url": HERE, "client_id": "an-app-of-mine"}, False),
        ({"server_url": HERE}, False),
        ({"client_id": simulator.CLIENT_ID}, False),
        ({"server_url": "https://platform.example", "client_id": simulator.CLIENT_ID}, False),
        ({"server_url": HERE, "client_id": simulator.CLIENT_ID, "access_token": "U0pDMDFQ"}, False),
        ({"server_url": "https://platform.example", "access_token": "SIMA0"}, False),
        ({}, False),
    ],
)
def test_meetings_are_made_up_in_a_simulator_of_this_machine_alone(
    settings: dict[str, object], simulated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"RINGCENTRAL_{name.upper()}", str(value))
    assert load().is_simulated is simulated


@pytest.mark.anyio
async def test_an_access_token_of_the_simulator_is_known_by_its_look(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = simulator.Simulator(clock=Clock())
    async with client_of(platform) as client:
        token = (await log_in(client)).json()["access_token"]
    platform.close()
    monkeypatch.setenv("RINGCENTRAL_SERVER_URL", HERE)
    monkeypatch.setenv("RINGCENTRAL_ACCESS_TOKEN", token)
    assert load().is_simulated is True


def test_the_apps_and_tokens_that_the_settings_know_are_those_of_the_simulator() -> None:
    assert set(CLIENTS) == SIMULATED_APPS
    assert ACCESS_TOKEN == SIMULATED_TOKEN
