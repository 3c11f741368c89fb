"""Sign-ins through two replicas by turns, with a store that they really share."""

from collections.abc import AsyncIterator, Iterator

import anyio
import pytest

from gate.flows import ISSUER, World, asking, error, hidden_fields, onward, query_of, tokens, world
from ringcentral_meetings.store import KeyRing, open_store
from store.servers import MISSING, SERVERS, StoreServer

pytestmark = pytest.mark.anyio

PATIENT = 10.0
"""How long a trip may take on a busy machine, in seconds."""


@pytest.fixture(scope="module")
def store_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    name = next((name for name, binary in SERVERS.items() if binary is not None), None)
    if name is None:
        pytest.skip(MISSING["redis"])
    with StoreServer(SERVERS[name] or "", tmp_path_factory.mktemp(name)) as server:
        yield server


@pytest.fixture
async def here(store_server: StoreServer) -> AsyncIterator[World]:
    """A gate of two replicas, each with connections and keys of its own from the same file of keys."""
    text = KeyRing.new_text()
    stores = [open_store(store_server.url, KeyRing.of_text(text), trip_seconds=PATIENT) for _ in range(2)]
    async with world(stores=stores) as made:
        yield made
    for store in stores:
        await store.close()


async def test_case_50_each_step_of_a_sign_in_may_be_at_another_replica(here: World) -> None:
    """Rows 10, 15, 16 and 17 of what people complain of."""
    for _ in range(3):
        browser = here.browser()
        page = await browser.get("/authorize", params=asking())
        answer = await browser.post("/consent", data=hidden_fields(page.text) | {"decision": "allow", "write": "on"})
        back = await browser.get(here.upstream.signs_in(onward(answer)))
        issued = tokens(await here.exchange(query_of(onward(back))["code"]))
        renewed = tokens(await here.refresh(issued["refresh_token"]))
        renewed = tokens(await here.refresh(renewed["refresh_token"]))
        assert await here.scopes_of(renewed["access_token"]) == ("meetings.read", "meetings.write")


async def test_case_14_a_code_at_two_replicas_at_once_is_worth_tokens_once_at_most(here: World) -> None:
    for _ in range(5):
        code = await here.code()
        answers: list[int] = []

        async def exchange(code: str = code, answers: list[int] = answers) -> None:
            answers.append((await here.exchange(code)).status_code)

        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(exchange)
        assert sorted(answers) == [200, 400, 400, 400]


async def test_case_17_a_refresh_token_at_two_replicas_at_once_gets_one_answer(here: World) -> None:
    """Rows 11 and 12: neither a second window nor a retry loses the sign-in."""
    issued = await here.grant()
    for _ in range(5):
        answers: list[dict[str, str]] = []

        async def refresh(token: str = issued["refresh_token"], answers: list[dict[str, str]] = answers) -> None:
            answers.append(tokens(await here.refresh(token)))

        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(refresh)
        assert len({(one["access_token"], one["refresh_token"]) for one in answers}) == 1
        issued = answers[0]


async def test_case_28_a_link_is_taken_once_by_whichever_replica(here: World) -> None:
    browser = here.browser()
    link = here.upstream.signs_in(await here.approved(browser))
    statuses = []

    async def follow() -> None:
        statuses.append((await browser.get(link)).status_code)

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(follow)
    assert sorted(statuses) == [303, 400, 400, 400]


async def test_case_21_what_one_replica_ends_is_over_at_the_other(here: World) -> None:
    issued = await here.grant()
    browser = here.browser()
    link = here.upstream.signs_in(onward(await browser.get("/connections")))
    assert onward(await browser.get(link)) == f"{ISSUER}/connections"
    page = await browser.get("/connections")
    assert (await browser.post("/connections", data=hidden_fields(page.text) | {"end_all": "on"})).status_code == 200
    assert await here.scopes_of(issued["access_token"]) is None
    for _ in range(2):
        assert error(await here.refresh(issued["refresh_token"])) == (400, "invalid_grant")


async def test_case_49_a_store_that_is_gone_is_503_and_one_that_comes_back_empty_is_a_new_sign_in(
    here: World, store_server: StoreServer
) -> None:
    issued = await here.grant()
    with store_server.admin as admin:
        admin.flushall()
    for _ in range(2):
        assert error(await here.refresh(issued["refresh_token"])) == (400, "invalid_grant")
    store_server.stop()
    try:
        for _ in range(2):
            assert error(await here.refresh(issued["refresh_token"])) == (503, "temporarily_unavailable")
            assert (await here.browser().get("/authorize", params=asking())).status_code == 503
    finally:
        store_server.start()
    assert await here.grant()
