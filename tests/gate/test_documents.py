"""Clients with a metadata document: what is fetched, what is believed of it, and for how long."""

import hashlib
import json
import socket
from collections.abc import Sequence
from itertools import count, islice
from typing import Any

import anyio
import httpcore2
import httpx
import pytest

from authorities import Site, listening
from gate.client_world import ISSUER, NOW, REDIRECT, URL, World, answer, document, known
from publisher import answer as raw
from ringcentral_meetings.gate import documents, redirects
from ringcentral_meetings.gate.documents import PLACES, lifetime
from ringcentral_meetings.gate.records import Client, Gate, OAuthError
from ringcentral_meetings.platform.guarded_fetch import Guarded
from ringcentral_meetings.store import KeyRing
from ringcentral_meetings.store.memory import MemorySteps

pytestmark = pytest.mark.anyio

PUBLISHING = ["claude", "claude_code", "chatgpt", "chatgpt_shared", "codex", "vscode"]
PUBLIC = "93.184.216.34"
DAY = 86_400


@pytest.fixture
def world() -> World:
    return World()


async def refusal(world: World, url: str = URL) -> OAuthError:
    with pytest.raises(OAuthError) as refused:
        await world.clients.find(url)
    return refused.value


async def is_refused(world: World, url: str = URL, error: str = "invalid_client") -> str:
    refused = await refusal(world, url)
    assert (refused.error, refused.status) == (error, 503 if error == "temporarily_unavailable" else 401)
    return refused.description


@pytest.mark.parametrize("name", PUBLISHING)
async def test_real_clients_are_known_by_what_they_publish(world: World, name: str) -> None:
    real = known(name)
    url = real["document"]["client_id"]
    world.web.publish(real["document"], url)
    client = await world.clients.find(url)
    assert (client.id, client.kind, client.name) == (url, "document", real["document"]["client_name"])
    assert client.host == url.split("/")[2]
    assert client.auth_method == real["document"]["token_endpoint_auth_method"]
    assert list(client.redirect_uris) == real["document"]["redirect_uris"]
    assert all(redirects.matches(client.redirect_uris, uri) for uri in real["sends"])
    assert not any(redirects.matches(client.redirect_uris, uri) for uri in real["refused"])


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.org",
        "https://app.example.org/",
        "https://app.example.org/client.json?a=b",
        "https://app.example.org/client.json#a",
        "https://user@app.example.org/client.json",
        "https://app.example.org/a/../client.json",
        "https://app.example.org/%2e%2e/client.json",
        "HTTPS://app.example.org/client.json",
        "http://app.example.org/client.json",
        "http://127.0.0.1/client.json",
        "https://app.example.org\\client.json",
        "https://app.example.org/client.json\n",
        "ftp://app.example.org/client.json",
        "",
        "\ud800",
        "https://app.example.org/" + "a" * 2_000,
    ],
)
async def test_case_38_what_is_no_address_of_a_document_is_never_fetched(world: World, url: str) -> None:
    await is_refused(world, url)
    assert world.web.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "169.254.1.1",
        "0.0.0.0",  # noqa: S104  (nothing is bound)
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "fd00:ec2::254",
    ],
)
async def test_case_38_a_host_within_this_network_is_never_asked(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = refuse_connections(monkeypatch)
    for addresses in ([address], [PUBLIC, address]):
        world = World(fetch=resolving([addresses]))
        said = await is_refused(world)
        assert said.endswith("its host has no public address.")
        assert address not in said
    assert connected == []


async def test_case_38_a_client_cannot_tell_a_private_name_from_none(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_connections(monkeypatch)
    private, missing = World(fetch=resolving([["10.0.0.1"]])), World(fetch=resolving([[]]))
    assert await is_refused(private) == await is_refused(missing)


async def test_case_38_a_name_that_changes_its_mind_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = refuse_connections(monkeypatch)
    world = World(fetch=resolving([[PUBLIC], ["127.0.0.1"]]))
    await is_refused(world, error="temporarily_unavailable")
    assert connected == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "93.184.216.34"],
)
async def test_case_38_an_address_in_place_of_a_name_is_never_asked(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = refuse_connections(monkeypatch)
    world = World(fetch=Guarded("tests/1", resolve=Resolver([["127.0.0.1"]])))
    await is_refused(world, f"https://{host}/client.json")
    assert connected == []


@pytest.mark.parametrize("port", [22, 80, 8443, 6379])
async def test_case_38_no_other_port_is_asked(world: World, port: int) -> None:
    url = f"https://app.example.org:{port}/client.json"
    world.web.publish(document(url), url)
    assert "port not allowed" in await is_refused(world, url)
    assert world.web.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_case_38_a_redirect_is_not_followed(world: World, status: int) -> None:
    onward = "https://app.example.org/other.json"
    world.web.publish(b"", status=status, location=onward)
    world.web.publish(document(), onward)
    await is_refused(world)
    assert world.web.asked == [URL]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b" " * 10_000_000, {}),
        (b" " * 5_001, {}),
        (b" " * 10_000_000, {"content_encoding": "gzip"}),
        (b"\x1f\x8bnonsense", {"content_encoding": "x-gzip"}),
        (json.dumps(document()).encode(), {"content_encoding": "br"}),
        (b"<!doctype html><title>Sign in</title>", {"content_type": "text/html"}),
        (json.dumps(document()).encode(), {"content_type": "text/html"}),
        (json.dumps(document()).encode(), {"content_type": "text/plain; x=application/json"}),
        (b"<!doctype html>", {}),
        (b"", {}),
        (b"[]", {}),
        (b"null", {}),
        (b"\xff\xfe", {}),
        (b"[" * 5_000, {}),
        (b'{"a":' * 900, {}),
        (b'{"client_id": ' + b"1" * 4_900 + b"}", {}),
        (json.dumps(document()).encode()[:-1] + b', "redirect_uris": ["https://evil.example/"]}', {}),
        (json.dumps(document()).encode()[:-1] + b', "a": {"b": 1, "b": 2}}', {}),
    ],
)
async def test_case_39_a_body_that_is_not_one_small_json_object_is_refused(
    world: World, body: bytes, headers: dict[str, Any]
) -> None:
    world.web.publish(body, **headers)
    await is_refused(world)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"client_id": URL + "x"}, "client_id"),
        ({"client_id": URL.replace("app", "App")}, "client_id"),
        ({"client_id": "https://app.example.org:443/client.json"}, "client_id"),
        ({"client_id": None}, "client_id"),
        ({"client_id": [URL]}, "client_id"),
        ({"redirect_uris": None}, "redirect_uris"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"redirect_uris": REDIRECT}, "redirect_uris"),
        ({"redirect_uris": ["javascript:alert(1)", "http://evil.example/"]}, "redirect_uris"),
        ({"client_name": 5}, "client_name"),
        ({"client_secret": "s"}, "client_secret"),
        ({"token_endpoint_auth_method": "client_secret_basic"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "tls_client_auth"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks_uri"),
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}}, "jwks"),
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{"kty": "oct", "k": "AA"}]}}, "jwks"),
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://app.example.org/keys"}, "jwks_uri"),
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://127.0.0.1/keys"}, "jwks_uri"),
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": URL, "jwks": {"keys": []}}, "jwks_uri"),
    ],
)
async def test_case_39_a_document_that_says_what_it_must_not_is_refused_by_name(
    world: World, members: dict[str, Any], said: str
) -> None:
    world.web.publish(document(**members))
    assert f"cannot be used: {said}" in await is_refused(world)


async def test_case_39_an_endless_drip_ends_with_the_time_for_a_fetch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "FETCH_SECONDS", 0.05)

    async def drips() -> httpx.Response:
        await anyio.sleep_forever()
        raise AssertionError

    world.web.says[URL] = drips
    assert "timeout" in await is_refused(world, error="temporarily_unavailable")


async def test_case_33_what_a_client_calls_itself_is_one_line_without_hidden_characters(world: World) -> None:
    world.web.publish(document(client_name="App\u202e\n<b>", client_uri="javascript:alert(1)"))
    client = await world.clients.find(URL)
    assert (client.name, client.uri) == ("App <b>", "")


async def test_a_bad_redirect_uri_beside_good_ones_is_left_out(world: World) -> None:
    world.web.publish(document(redirect_uris=["com.example.app:/callback", REDIRECT]))
    assert (await world.clients.find(URL)).redirect_uris == (REDIRECT,)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/client-metadata+json"])
async def test_other_types_of_json_are_read(world: World, content_type: str) -> None:
    world.web.publish(document(), content_type=content_type)
    assert (await world.clients.find(URL)).name == "App"


async def test_an_operator_may_name_the_hosts_of_clients() -> None:
    world = World(gate=Gate(ISSUER, document_hosts=("claude.ai",)))
    for url in (URL, "https://evil.claude.ai/client.json", "https://claude.ai.evil.example/client.json"):
        world.web.publish(document(url), url)
        await is_refused(world, url)
    assert world.web.asked == []
    real = known("claude")["document"]
    world.web.publish(real, real["client_id"])
    assert (await world.clients.find(real["client_id"])).name == "Claude"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 300),
        ({"cache-control": "no-store"}, 300),
        ({"cache-control": "max-age=10"}, 300),
        ({"cache-control": "public, max-age=3600"}, 3_600),
        ({"cache-control": "Max-Age=3600"}, 3_600),
        ({"cache-control": 'max-age="3600"'}, 3_600),
        ({"cache-control": "max-age=3600, s-maxage=7200"}, 7_200),
        ({"cache-control": "max-age=3600", "age": "600"}, 3_000),
        ({"cache-control": "max-age=99999999"}, DAY),
        ({"cache-control": "max-age=-5"}, 300),
        ({"cache-control": "x-max-age=3600"}, 300),
        ({"expires": "Thu, 01 Jan 2026 02:00:00 GMT", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}, 7_200),
        ({"expires": "0", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}, 300),
        ({"expires": "Thu, 01 Jan 2026 02:00:00 GMT", "date": "Thu, 01 Jan 2026 00:00:00"}, 300),
    ],
)
def test_a_document_is_fresh_for_as_long_as_its_headers_say_within_limits(
    headers: dict[str, str], seconds: float
) -> None:
    assert lifetime(headers) == seconds


async def test_a_fresh_document_is_fetched_once_for_all_replicas(world: World) -> None:
    world.web.publish(document(), cache_control="max-age=3600")
    for clients in (world.clients, world.clients, world.replica()):
        assert (await clients.find(URL)).name == "App"
    world.time += 3_599
    await world.replica().find(URL)
    assert world.web.asked == [URL]
    world.time += 2
    await world.clients.find(URL)
    assert world.web.asked == [URL, URL]


async def test_those_who_ask_at_once_wait_for_one_fetch(world: World) -> None:
    go = anyio.Event()

    async def slow() -> httpx.Response:
        await go.wait()
        return answer(document())

    world.web.says[URL] = slow
    found: list[Client] = []

    async def find() -> None:
        found.append(await world.clients.find(URL))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(find)
        await anyio.wait_all_tasks_blocked()
        assert world.web.asked == [URL]
        go.set()
    assert world.web.asked == [URL]
    assert [client.name for client in found] == ["App"] * 20


async def test_one_who_goes_away_does_not_take_the_fetch_of_the_others_along(world: World) -> None:
    async def never() -> httpx.Response:
        world.web.publish(document())
        await anyio.sleep_forever()
        raise AssertionError

    world.web.says[URL] = never
    found: list[Client] = []

    async def find() -> None:
        found.append(await world.clients.find(URL))

    async with anyio.create_task_group() as tasks:
        leaving = anyio.CancelScope()

        async def find_and_leave() -> None:
            with leaving:
                await world.clients.find(URL)

        tasks.start_soon(find_and_leave)
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(find)
        await anyio.wait_all_tasks_blocked()
        leaving.cancel()
    assert [client.name for client in found] == ["App"]


async def test_case_40_a_document_that_changes_counts_as_it_was_until_it_is_fetched_again(world: World) -> None:
    world.web.publish(document(), cache_control="max-age=600")
    before = await world.clients.find(URL)
    world.web.publish(document(redirect_uris=["https://app.example.org/new"]), cache_control="max-age=600")
    assert await world.clients.find(URL) == before
    world.time += 601
    after = await world.clients.find(URL)
    assert not redirects.matches(after.redirect_uris, REDIRECT)
    assert redirects.matches(after.redirect_uris, "https://app.example.org/new")


BROKEN: list[Any] = [
    httpx.ConnectTimeout,
    httpx.ReadError,
    (b"", 503, {}),
    (b"", 429, {}),
    (b"", 403, {}),
    (b"<!doctype html>", 200, {"content_type": "text/html"}),
    (b"<!doctype html>", 200, {}),
    (b" " * 6_000, 200, {}),
    (b"", 302, {"location": "https://app.example.org/login"}),
]


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_document_that_cannot_be_had_for_a_time_is_used_for_seven_days(world: World, broken: Any) -> None:
    world.web.publish(document())
    await world.clients.find(URL)
    if isinstance(broken, tuple):
        body, status, headers = broken
        world.web.publish(body, status=status, **headers)
    else:
        world.web.fail(error=broken)
    for passed in (301, 3 * DAY, 3 * DAY):
        world.time += passed
        assert (await world.clients.find(URL)).name == "App"
    asked = len(world.web.asked)
    assert asked == 4
    await world.replica().find(URL)
    assert len(world.web.asked) == asked, "it is asked for again once a minute at most"
    world.time += DAY
    await refusal(world)
    world.web.publish(document(client_name="Again"))
    world.time += 61
    assert (await world.clients.find(URL)).name == "Again"


async def test_seven_days_are_counted_here_where_the_clock_of_the_store_stands_still(world: World) -> None:
    world.steps = MemorySteps(lambda: NOW)
    world.clients = world.replica()
    world.web.publish(document())
    await world.clients.find(URL)
    world.web.fail()
    world.time += 7 * DAY + 299
    assert (await world.clients.find(URL)).name == "App"
    world.time += 61
    await is_refused(world, error="temporarily_unavailable")


@pytest.mark.parametrize(
    "gone",
    [(b"", 404), (b"", 410), (document(redirect_uris=[]), 200), (document(client_id="https://a.example/b"), 200)],
)
async def test_a_document_that_is_taken_back_ends_its_client(world: World, gone: tuple[Any, int]) -> None:
    world.web.publish(document())
    await world.clients.find(URL)
    world.web.publish(gone[0], status=gone[1])
    world.time += 301
    await is_refused(world)
    world.web.fail()
    world.time += 61
    await is_refused(world, error="temporarily_unavailable")


@pytest.mark.parametrize(
    ("status", "error", "seconds"), [(404, "invalid_client", 60), (503, "temporarily_unavailable", 10)]
)
async def test_a_failure_is_remembered_for_a_moment(world: World, status: int, error: str, seconds: int) -> None:
    world.web.publish(b"", status=status)
    for _ in range(3):
        await is_refused(world, error=error)
    assert len(world.web.asked) == 1
    world.web.publish(document())
    world.time += seconds - 1
    await is_refused(world, error=error)
    world.time += 2
    assert (await world.clients.find(URL)).name == "App"


async def test_a_client_that_cannot_be_read_now_is_told_when_to_come_again(world: World) -> None:
    world.web.fail()
    refused = await refusal(world)
    assert (refused.status, refused.headers) == (503, {"Retry-After": "10"})


async def test_case_44_one_document_that_is_slow_holds_up_no_other(world: World) -> None:
    async def never() -> httpx.Response:
        await anyio.sleep_forever()
        raise AssertionError

    world.web.says[URL] = never
    other = "https://other.example/client.json"
    world.web.publish(document(other), other)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.clients.find, URL)
        await anyio.wait_all_tasks_blocked()
        assert (await world.clients.find(other)).host == "other.example"
        tasks.cancel_scope.cancel()


async def test_a_flood_of_documents_takes_no_more_of_the_store_than_there_are_places(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PLACES <= 2**14
    monkeypatch.setattr(documents, "PLACES", 8)
    monkeypatch.setattr(documents, "MOST_FAILURES", 8)
    for number in range(200):
        url = f"https://flood.example/{number}"
        world.web.publish(document(url), url)
        assert (await world.clients.find(url)).id == url
        await is_refused(world, f"https://flood.example/missing/{number}")
    assert len(world.steps) <= 8
    asked = len(world.web.asked)
    await is_refused(world, "https://flood.example/missing/199")
    assert len(world.web.asked) == asked
    await is_refused(world, "https://flood.example/missing/0")
    assert len(world.web.asked) == asked + 1


async def test_nobody_can_tell_which_documents_share_a_place() -> None:
    """Else anybody could have a client's document fetched again with each of their requests, until its host minds."""
    host = World(ring=KeyRing(b"n" * 32, [b"k" * 32]))
    host.web.publish(document())
    await host.clients.find(URL)

    def place(url: str) -> int:
        return int.from_bytes(hashlib.sha256(f"client {url}".encode()).digest()[:8], "big") % PLACES

    others = (f"https://flood.example/{number}" for number in count())
    for other in islice((url for url in others if place(url) == place(URL)), 3):
        host.web.publish(document(other), other)
        await host.clients.find(other)
        await host.clients.find(URL)
    assert host.web.asked.count(URL) == 1


async def test_too_many_fetches_at_once_are_refused_for_now_and_not_remembered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_FETCHES", 1)
    go = anyio.Event()

    async def slow() -> httpx.Response:
        await go.wait()
        return answer(document())

    world.web.says[URL] = slow
    other = "https://other.example/client.json"
    world.web.publish(document(other), other)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.clients.find, URL)
        await anyio.wait_all_tasks_blocked()
        await is_refused(world, other, "temporarily_unavailable")
        go.set()
    assert (await world.clients.find(other)).host == "other.example"


async def test_for_development_a_document_may_be_on_loopback() -> None:
    site = Site()
    async with listening(site.talk) as port:
        url = f"http://127.0.0.1:{port}/client.json"
        site.answer = raw(json.dumps(document(url)).encode(), Content_Type="application/json")
        world = World(gate=Gate("http://127.0.0.1:8920"), fetch=Guarded("tests/1"))
        assert (await world.clients.find(url)).host == "127.0.0.1"
        assert len(site.heard) == 1
        await is_refused(World(fetch=Guarded("tests/1")), url)
        await is_refused(World(fetch=Guarded("tests/1")), url.replace("http:", "https:"))
        assert len(site.heard) == 1


async def test_what_is_kept_is_sealed(world: World) -> None:
    world.web.publish(document(client_name="Very Secret App"))
    await world.clients.find(URL)
    entries = world.steps._entries._entries  # noqa: SLF001
    assert len(entries) == 1
    assert "Very Secret" not in repr(entries)
    assert URL not in repr(entries)


async def test_what_another_key_sealed_is_fetched_anew(world: World) -> None:
    names, old, new = b"m" * 32, b"o" * 32, b"n" * 32
    world = World(ring=KeyRing(names, [old]))
    world.web.publish(document())
    await world.clients.find(URL)
    assert (await world.replica(ring=KeyRing(names, [new])).find(URL)).name == "App"
    assert len(world.web.asked) == 2


class Resolver:
    """Gives one answer after the other; the last one stays. An empty one is no such name."""

    def __init__(self, answers: list[list[str]]) -> None:
        self.answers = answers

    async def __call__(self, _host: str, _port: int) -> Sequence[str]:
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return found


def resolving(answers: list[list[str]]) -> Guarded:
    return Guarded("tests/1", resolve=Resolver(answers))


def refuse_connections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Let no connection come about, and return where each was to go."""
    connected: list[tuple[str, int]] = []

    async def connect_tcp(self: Any, host: str, port: int, *rest: Any, **more: Any) -> httpcore2.AsyncNetworkStream:
        connected.append((host, port))
        raise httpcore2.ConnectError("as told")

    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect_tcp)
    return connected
