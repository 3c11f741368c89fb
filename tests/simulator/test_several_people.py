"""Several people in two accounts: who signs in, what each sees, and whose limits a request counts against."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from ringcentral_meetings.cli.simulate import write_users
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, UNLIMITED, Simulator
from ringcentral_meetings.simulator.people import assisted_by
from simulator.oauth.test_consent import PAGE, QUERY, answered, swapped
from simulator.support import BASE_URL, EXTENSION, TOKEN_PATH, Clock, client_of, code

pytestmark = pytest.mark.anyio

HELPER, STRANGER, HELPED = "305000002", "305000001", "305000004"


def crowded(people: int = 11, **more: Any) -> Simulator:
    return Simulator(people=people, clock=Clock(), **{"limits": UNLIMITED} | more)


def signed_in(simulator: Simulator, person_id: str) -> httpx.AsyncClient:
    token = simulator.sign_in(person_id)["access_token"]
    return client_of(simulator, headers={"Authorization": f"Bearer {token}"})


async def topics(client: httpx.AsyncClient, whose: str = "~") -> list[str]:
    answer = await client.get(f"/restapi/v1.0/account/~/extension/{whose}/meeting")
    return [record["topic"] for record in answer.json()["records"]]


async def test_each_person_has_meetings_and_rooms_of_their_own() -> None:
    simulator = crowded(dual_mode=True)
    for person in simulator.people[3:]:
        async with signed_in(simulator, person.id) as client:
            assert await topics(client) == [f"Review with {person.mark}", f"Weekly of {person.mark}"]
            room = await client.get("/rcvideo/v2/account/~/extension/~/bridges/default")
            assert room.json()["name"] == f"Personal room of {person.mark}"
            held = (await client.get("/rcvideo/v1/history/meetings")).json()["meetings"]
            hosts = [one["hostInfo"]["extensionId"] for one in held]
            assert sorted(hosts) == sorted([person.id, *assisted_by(person.id)])


async def test_the_extension_names_its_account() -> None:
    simulator = crowded()
    accounts = {}
    for person in simulator.people:
        async with signed_in(simulator, person.id) as client:
            told = (await client.get(EXTENSION)).json()
            accounts[told["id"]] = told["account"]["id"]
            assert f"/account/{told['account']['id']}/" in told["uri"]
            other = {"37439510": "37439511", "37439511": "37439510"}[told["account"]["id"]]
            assert code(await client.get(f"/restapi/v1.0/account/{other}/extension/~")) == (404, "CMN-102")
    assert accounts[simulator.owner_id] == accounts[HELPER] == "37439510"
    assert accounts[STRANGER] == "37439511"


async def test_one_may_act_for_whom_one_assists_and_nobody_of_another_account_exists() -> None:
    simulator = crowded()
    async with signed_in(simulator, HELPER) as client:
        assert await topics(client, HELPED) == [
            f"{word} {simulator.people[6].mark}" for word in ("Review with", "Weekly of")
        ]
        assisted = await client.get(f"{EXTENSION}/meetings-configuration/assisted")
        assert [one["id"] for one in assisted.json()["records"]] == [HELPED]
        forbidden = await client.get(f"/restapi/v1.0/account/~/extension/{simulator.owner_id}/meeting")
        assert code(forbidden) == (403, "CMN-404")
        foreign = await client.get(f"/restapi/v1.0/account/~/extension/{STRANGER}/meeting")
        assert code(foreign) == (404, "CMN-102")


async def test_the_consent_page_lets_one_choose_who_signs_in() -> None:
    simulator = crowded()
    async with client_of(simulator) as client:
        page = (await client.get(PAGE, params=QUERY)).text
        assert re.findall(r'<option value="(\d+)">', page) == [person.id for person in simulator.people]
        _, query = await answered(client, person=STRANGER)
        assert (await swapped(client, query["code"])).json()["owner_id"] == STRANGER
        nobody = await client.post(PAGE, data=QUERY | {"decision": "allow", "person": "305000099"})
        assert (nobody.status_code, "Location" in nobody.headers) == (400, False)


async def test_with_one_person_the_page_offers_no_choice() -> None:
    async with client_of(crowded(people=1)) as client:
        assert "<select" not in (await client.get(PAGE, params=QUERY)).text


async def test_five_sessions_are_of_one_user() -> None:
    simulator = crowded()
    async with signed_in(simulator, HELPER) as client:
        for _ in range(6):
            simulator.sign_in(STRANGER)
        assert (await client.get(EXTENSION)).status_code == 200
        for _ in range(5):
            simulator.sign_in(HELPER)
        assert code(await client.get(EXTENSION)) == (401, "OAU-129")


async def test_limits_are_of_one_user() -> None:
    simulator = crowded(limits={"light": 2, "auth": 1})
    async with signed_in(simulator, HELPER) as busy, signed_in(simulator, STRANGER) as other:
        assert [(await busy.get(EXTENSION)).status_code for _ in range(3)] == [200, 200, 429]
        assert (await other.get(EXTENSION)).headers["x-rate-limit-remaining"] == "1"
        sessions = [simulator.sign_in(person)["refresh_token"] for person in (HELPER, HELPER, STRANGER)]
        renewed = [await renewal(busy, token) for token in sessions]
        assert [answer.status_code for answer in renewed] == [200, 429, 200]


async def test_the_limit_of_an_account_refuses_without_headers_and_spares_the_other_account() -> None:
    simulator = crowded(account_limit=3)
    async with (
        signed_in(simulator, HELPER) as one,
        signed_in(simulator, HELPED) as two,
        signed_in(simulator, STRANGER) as other,
    ):
        answers = [await client.get(EXTENSION) for client in (one, two, one, two)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert not [name for name in answers[3].headers if name.startswith("x-rate-limit") or name == "retry-after"]
        assert (await other.get(EXTENSION)).status_code == 200


async def renewal(client: httpx.AsyncClient, token: str, **more: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token} | more
    return await client.post(TOKEN_PATH, data=form, auth=(CLIENT_ID, CLIENT_SECRET))


async def test_a_refresh_token_lives_as_long_as_asked() -> None:
    clock = Clock()
    simulator = Simulator(clock=clock, limits=UNLIMITED)
    async with client_of(simulator) as client:
        first = simulator.sign_in(simulator.owner_id)
        assert first["refresh_token_expires_in"] == 604_800
        month = (await renewal(client, first["refresh_token"], refresh_token_ttl="2592000")).json()
        assert month["refresh_token_expires_in"] == 2_592_000
        clock.turn(minutes=50)
        again = (await renewal(client, first["refresh_token"])).json()
        assert (again["refresh_token"], again["refresh_token_expires_in"]) == (month["refresh_token"], 2_592_000)
        clock.turn(days=29)
        assert (await renewal(client, month["refresh_token"])).status_code == 200
        other = simulator.sign_in(simulator.owner_id)["refresh_token"]
        for wrong in ("2592001", "0", "soon"):
            assert code(await renewal(client, other, refresh_token_ttl=wrong)) == (400, "CMN-101")


async def test_the_file_of_test_users_signs_everybody_in(tmp_path: Path) -> None:
    simulator = crowded(people=5)
    path = tmp_path / "users"
    write_users(simulator, path)
    assert path.stat().st_mode & 0o777 == 0o600
    lines = [line.split() for line in path.read_text().splitlines()]
    assert len({bearer for bearer, _ in lines}) == 5
    async with client_of(simulator) as client:
        owners = [(await renewal(client, refresh)).json()["owner_id"] for _, refresh in lines]
        assert owners == [person.id for person in simulator.people]


async def test_a_data_file_of_an_earlier_version_still_opens(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "data"
    Simulator(database=path).close()
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE tokens DROP COLUMN seconds")
        database.execute("ALTER TABLE codes DROP COLUMN user")
    database.close()
    simulator = Simulator(database=path)
    assert simulator.sign_in(simulator.owner_id)["refresh_token"]
    async with client_of(simulator) as client:
        assert (await client.get(f"{BASE_URL}{EXTENSION}")).status_code == 401
    simulator.close()
