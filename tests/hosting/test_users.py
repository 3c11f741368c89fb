"""Who is known to a process: as many people as it may keep, for as long as it may, and none of them twice."""

import httpx
import pytest
from pydantic import SecretStr

from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.limits import LoopClock
from ringcentral_meetings.platform.signin.auth import NoCredentialsAuth
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.store import KeyRing, Session, memory_store
from ringcentral_meetings.users import Person, Users, person_of

pytestmark = pytest.mark.anyio

SERVER = "https://platform.ringcentral.com"
SESSION = Session("access", "refresh", 3_600.0, 3_600.0)


class Seconds:
    """A clock that is turned by hand."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


def known(clock: Seconds, most: int = 3) -> Users:
    settings = Settings(client_id="id", client_secret=SecretStr("secret"))
    http = build_http(
        SERVER, NoCredentialsAuth(), transport=httpx.MockTransport(lambda _: httpx.Response(500)), user_agent="tests/1"
    )
    store = memory_store(KeyRing.new())
    return Users(settings, store, http, LoopClock(), most=most, idle_seconds=60, seconds=clock)


def person(name: str, account: str = "1") -> Person:
    return Person("platform.ringcentral.com", account, name, f"{account}-{name}", account)


async def test_the_same_person_is_given_the_same_services_and_nobody_else_is(clock: Seconds) -> None:
    users = known(clock)
    with users.present(person("7"), SESSION) as first, users.present(person("7", account="2"), SESSION) as second:
        assert first is not second
        assert first.products is not second.products
        assert users.door() is second
    with users.present(person("7"), SESSION) as again:
        assert again is first


async def test_beyond_the_most_those_are_forgotten_who_have_been_idle_for_longest(clock: Seconds) -> None:
    users, kept = known(clock), []
    for name in ("1", "2", "3", "1", "4", "5"):
        with users.present(person(name), SESSION) as services:
            kept.append(services)
        clock.now += 1
    assert len(users) == 3
    with users.present(person("1"), SESSION) as services:
        assert services is kept[0]
    with users.present(person("2"), SESSION) as services:
        assert services is not kept[1]


async def test_nobody_with_a_call_in_progress_is_forgotten(clock: Seconds) -> None:
    users = known(clock, most=1)
    with users.present(person("1"), SESSION) as busy:
        for name in ("2", "3", "4"):
            clock.now += 100
            with users.present(person(name), SESSION):
                pass
        with users.present(person("1"), SESSION) as again:
            assert again is busy
    assert len(users) <= 2


async def test_whoever_was_idle_for_too_long_is_forgotten(clock: Seconds) -> None:
    users = known(clock)
    with users.present(person("1"), SESSION):
        pass
    clock.now += 61
    with users.present(person("2"), SESSION):
        pass
    assert len(users) == 1


def test_one_extension_id_in_two_accounts_is_two_people() -> None:
    ring = KeyRing.new()
    people = {person_of(ring, SERVER, account, "7").user for account in ("1", "2")}
    people.add(person_of(ring, "https://platform.ringcentral.biz", "1", "7").user)
    assert len(people) == 3
    assert person_of(ring, SERVER, "1", "7") == person_of(
        ring, f"{SERVER.upper().replace('HTTPS', 'https')}/", "1", "7"
    )
