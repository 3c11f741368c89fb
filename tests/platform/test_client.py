"""One request: its path, its client, and the next page that it leads to."""

import json

import anyio
import httpx
import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.client import PlatformClient, answer_of, build_http
from ringcentral_meetings.platform.limits import LoopClock, RateLimits
from ringcentral_meetings.platform.signin.auth import GivenTokenAuth
from scripted_http import GIVEN, PATH, SERVER, answer, at_once, script, world

pytestmark = pytest.mark.anyio

MEETING = "/restapi/v1.0/meeting/{meetingId}"


# Paths


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("~", "~"),
        ("8801123456", "8801123456"),
        ("a/b", "a%2Fb"),
        ("../..", "..%2F.."),
        ("%2e%2e", "%252e%252e"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a#b", "a%23b"),
        ("0fd2!us-11@us", "0fd2%21us-11%40us"),
        ("a b+c", "a%20b%2Bc"),
        ("abc+/==", "abc%2B%2F%3D%3D"),
        (";,:&$'(*)", "%3B%2C%3A%26%24%27%28%2A%29"),
        ("Zürich", "Z%C3%BCrich"),
        ("...", "..."),
        ("\\", "%5C"),
        ("x" * 512, "x" * 512),
    ],
)
async def test_a_path_value_is_encoded_whole(value: str, encoded: str) -> None:
    async with world(script(answer())) as w:
        await w.get(MEETING + "/end", meetingId=value)
        assert w.wire.seen[0].raw_path == f"/restapi/v1.0/meeting/{encoded}/end"


@pytest.mark.parametrize("value", ["", ".", "..", "x" * 513, "a\0b", "a\nb", "\x7f", "\x85", "\ud800"])
async def test_a_path_value_that_is_no_id_is_refused_before_a_request(value: str) -> None:
    async with world(script(answer())) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.get(MEETING, meetingId=value)
        assert refused.value.code == "invalid_arguments"
        assert "meetingId" in refused.value.message
        assert w.wire.seen == []


async def test_a_query_is_encoded_and_its_control_characters_are_refused() -> None:
    async with world(script(answer())) as w:
        await w.client.request("GET", PATH, query={"q": "a b&c=d#e/../f"}, group="light")
        assert httpx.URL(w.wire.seen[0].raw_path).params["q"] == "a b&c=d#e/../f"
        assert w.wire.seen[0].raw_path.startswith(PATH + "?q=a")
        for value in ("\0", "\udfff"):
            with pytest.raises(errors.Refused):
                await w.client.request("GET", PATH, query={"q": value}, group="light")
        with pytest.raises(errors.Refused):
            await w.client.request("GET", PATH, query={"q": "x" * 70_000}, group="light")
        assert len(w.wire.seen) == 1


async def test_a_body_goes_out_as_json_and_none_as_no_body() -> None:
    async with world(script(answer())) as w:
        await w.post({"topic": "Zürich \ud800", "n": [1]})
        await w.post(None)
        assert json.loads(w.wire.seen[0].body) == {"topic": "Zürich \ud800", "n": [1]}
        assert w.wire.seen[0].headers["Content-Type"] == "application/json"
        assert w.wire.seen[1].body == b""
        assert "Content-Type" not in w.wire.seen[1].headers


async def test_a_server_url_with_a_path_keeps_it() -> None:
    async with world(script(answer())) as w:
        w.http.base_url = httpx.URL(SERVER + "/gateway")
        await w.get(MEETING, meetingId="a/b")
        assert w.wire.seen[0].raw_path == "/gateway/restapi/v1.0/meeting/a%2Fb"


# The client


async def test_the_http_client_follows_nothing_and_takes_nothing_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    async with build_http(SERVER, GivenTokenAuth(GIVEN), user_agent="x/1") as http:
        assert http.trust_env is False
        assert http.follow_redirects is False
        assert http.headers["User-Agent"] == "x/1"
    async with build_http(SERVER, GivenTokenAuth(GIVEN), proxy="http://proxy.example:3128", user_agent="x/1"):
        pass


async def test_cookies_are_not_kept() -> None:
    async with world(script(answer(Set_Cookie="a=b; Path=/"))) as w:
        await w.get()
        await w.get()
        assert "Cookie" not in w.wire.seen[1].headers


async def test_no_more_than_so_many_requests_are_in_flight() -> None:
    async with world(script(answer()), max_in_flight=3) as w:
        await at_once(10, w.get)
        assert w.wire.most_flying == 3


async def test_waiting_for_one_group_does_not_hold_up_another() -> None:
    async with world(script(answer()), limits={"heavy": 1}, max_in_flight=1) as w:
        clock, limits = LoopClock(), RateLimits({"heavy": 1}, LoopClock())
        client = PlatformClient(w.http, limits, clock=clock, max_in_flight=1)
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(lambda: client.request("GET", PATH, group="heavy"))
            await anyio.wait_all_tasks_blocked()
            await client.request("GET", PATH, group="light")
            tasks.cancel_scope.cancel()
        assert len(w.wire.seen) == 2


# Following pages


@pytest.mark.parametrize(
    ("uri", "raw_path"),
    [
        (SERVER + "/restapi/v1.0/meeting?page=2&perPage=100", "/restapi/v1.0/meeting?page=2&perPage=100"),
        ("/restapi/v1.0/a%2Fb?page=2", "/restapi/v1.0/a%2Fb?page=2"),
        ("http://user:pw@platform.example:8080/x?token=a%20b#c", "/x?token=a%20b"),
    ],
)
async def test_of_a_next_page_only_path_and_query_are_used(uri: str, raw_path: str) -> None:
    async with world(script(answer(200, {"a": 1}))) as w:
        assert (await answer_of(await w.client.follow(uri, group="light"))).data == {"a": 1}
        [seen] = w.wire.seen
        assert (seen.method, seen.raw_path) == ("GET", raw_path)
        assert seen.headers["Host"] == "platform.example"
        assert seen.headers["Authorization"] == f"Bearer {GIVEN}"


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/restapi",
        "//evil.example/x",
        "https://platform.example.evil.example/",
        "https://platform.example@evil.example/",
        "javascript:alert(1)",
        "https://[::1/",
        "https://platform.example:port/",
        "\0",
    ],
)
async def test_a_next_page_of_another_host_is_refused(uri: str) -> None:
    async with world(script(answer())) as w:
        with pytest.raises(errors.MeetingsError) as error:
            await w.client.follow(uri)
        assert error.value.code == "upstream_unavailable"
        assert w.wire.seen == []
