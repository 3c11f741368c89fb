"""Foreign addresses, with a resolver and a world of the tests' own: what is asked of whom, and what is never asked."""

import gzip
import socket
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpcore2
import pytest

from authorities import ANSWER, Proxy, Site, authority, listening, serving_context
from ringcentral_meetings.platform.certificates import Trusted, trusted
from ringcentral_meetings.platform.guarded_fetch import Fetched, Guarded, Policy, Unfetched, host_of

pytestmark = pytest.mark.anyio

PUBLIC = "93.184.216.34"
OTHER = "93.184.216.35"
NAME = "feeds.example.org"
FEED = Policy(max_bytes=100_000, ports=None, max_redirects=3)
DOCUMENT = Policy(max_bytes=5_000, seconds=5.0)


def redirect(location: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


@dataclass
class World:
    """Names, the addresses that they have at each look-up (the last one stays), and which are served on this machine.

    What the operating system is asked to connect to is kept; of that alone, a public address is led to its stand-in.
    """

    names: dict[str, list[list[str]]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)

    async def resolve(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    connect = httpcore2.AnyIOBackend.connect_tcp

    async def connect_tcp(self: Any, host: str, port: int, *rest: Any, **more: Any) -> httpcore2.AsyncNetworkStream:
        made.connected.append((host, port))
        if host in made.ports:
            return await connect(self, "127.0.0.1", made.ports[host], *rest, **more)
        return await connect(self, host, port, *rest, **more)

    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect_tcp)
    return made


@dataclass
class Internet:
    """A TLS site at a public address, and who fetches from it."""

    world: World
    trust: Trusted
    site: Site
    port: int

    def guarded(self, proxy: str | None = None) -> Guarded:
        return Guarded("tests/1", proxy=proxy, trust=self.trust, resolve=self.world.resolve)

    async def fetch(self, url: str, policy: Policy = FEED, headers: Mapping[str, str] | None = None) -> Fetched:
        return await self.guarded().fetch(url, policy, headers)


@asynccontextmanager
async def internet(
    world: World, tmp_path: Path, answer: bytes = ANSWER, site: Site | None = None
) -> AsyncIterator[Internet]:
    issuer, site = authority(), site or Site(answer)
    file = tmp_path / "authority.pem"
    issuer.cert_pem.write_to_path(str(file))
    trust = trusted({"SSL_CERT_FILE": str(file)})
    async with listening(site.talk, serving_context(issuer, NAME, "*.example.org", "localhost", PUBLIC)) as port:
        world.names[NAME] = [[PUBLIC]]
        world.ports[PUBLIC] = port
        yield Internet(world, trust, site, port)


async def test_a_public_host_is_fetched_with_nothing_of_ours(world: World, tmp_path: Path) -> None:
    answer = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}'
    async with internet(world, tmp_path, answer) as net:
        fetched = await net.fetch(f"https://{NAME}/a?key=canary#part", headers={"If-None-Match": '"0"'})
        await net.fetch(f"https://{NAME}/a")
    assert (fetched.status, fetched.host, fetched.body, fetched.headers["etag"]) == (200, NAME, b"{}", '"1"')
    lines = net.site.heard[0].decode().split("\r\n")
    assert lines[0] == "GET /a?key=canary HTTP/1.1"
    assert sorted(line for line in lines[1:] if line) == [
        "Accept-Encoding: gzip",
        "Accept: */*",
        f"Host: {NAME}",
        'If-None-Match: "0"',
        "User-Agent: tests/1",
    ]
    assert b"cookie" not in net.site.heard[1].lower()
    assert "canary" not in repr(fetched)


async def test_a_name_that_changes_its_address_leads_nowhere_else(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        world.names[NAME] = [[PUBLIC], ["127.0.0.1"]]
        assert (await net.fetch(f"https://{NAME}/")).status == 200
        assert world.asked == [NAME]
        assert world.connected == [(PUBLIC, 443)]
        with pytest.raises(Unfetched, match="address not allowed"):
            await net.fetch(f"https://{NAME}/")
    assert world.connected == [(PUBLIC, 443)]


async def test_a_name_that_changes_its_address_between_redirects_is_checked_again(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path, redirect("/again")) as net:
        world.names[NAME] = [[PUBLIC], ["169.254.169.254"]]
        with pytest.raises(Unfetched, match="address not allowed"):
            await net.fetch(f"https://{NAME}/")
    assert world.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize("bad", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "2002:7f00:1::"])
async def test_each_of_the_addresses_of_a_name_counts(bad: str, world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        world.names[NAME] = [[PUBLIC, bad]]
        with pytest.raises(Unfetched, match="address not allowed"):
            await net.fetch(f"https://{NAME}/")
    assert world.connected == []


async def test_the_next_address_is_tried_where_one_does_not_answer(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        world.names[NAME] = [[OTHER, PUBLIC]]
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            world.ports[OTHER] = closed.getsockname()[1]
            assert (await net.fetch(f"https://{NAME}/")).status == 200
    assert world.connected == [(OTHER, 443), (PUBLIC, 443)]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1.",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "0x7f000001",
        "0x7f.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1%25lo]",
        "0",
        "0.0.0.0",  # noqa: S104 (nothing is bound)
        "127。0。0。1",
        "１２７.0.0.1",  # noqa: RUF001 (fullwidth on purpose)
        "ⓛocalhost",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "xn--mnchen-3ya.example",
        "münchen.example",
        "169.254.169.254",
        "2852039166",
        "[fd00:ec2::254]",
        f"{NAME}@127.0.0.1",
        f"user:password@{NAME}",
        f"127.0.0.1%23@{NAME}",
        "a b",
        "",
        "x" * 64,
    ],
)
@pytest.mark.parametrize("policy", [FEED, DOCUMENT, Policy(max_bytes=9, addresses=True)])
async def test_no_spelling_of_a_private_address_is_connected_to(host: str, policy: Policy, world: World) -> None:
    world.names = {NAME: [[PUBLIC]], "localhost": [["127.0.0.1"]], "xn--mnchen-3ya.example": [["127.0.0.1"]]}
    with pytest.raises(Unfetched) as refused:
        await Guarded("tests/1", resolve=world.resolve).fetch(f"https://{host}/feed?key=canary", policy)
    assert refused.value.why in {"invalid address", "address not allowed"}
    assert "canary" not in str(refused.value)
    assert "password" not in str(refused.value)
    assert world.connected == []


async def test_the_systems_own_resolver_is_checked_too() -> None:
    with pytest.raises(Unfetched, match="address not allowed"):
        await Guarded("tests/1").fetch("https://localhost/", FEED)
    with pytest.raises(Unfetched, match="name not resolved"):
        await Guarded("tests/1").fetch("https://nowhere.invalid/", FEED)


async def test_an_address_instead_of_a_name_is_a_matter_of_the_policy(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        with pytest.raises(Unfetched, match="address not allowed"):
            await net.fetch(f"https://{PUBLIC}/", DOCUMENT)
        assert (await net.fetch(f"https://{PUBLIC}/", Policy(max_bytes=9, addresses=True))).status == 200
    assert world.asked == []


@pytest.mark.parametrize("url", ["https://localhost:{}/feed", "https://LOCALHOST.:{}/feed"])
async def test_a_configured_host_may_be_private(url: str, world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        world.names["localhost"] = [["127.0.0.1"]]
        address = url.format(net.port)
        policy = Policy(max_bytes=9, ports=None, private_hosts=frozenset({host_of(address)}))
        assert (await net.fetch(address, policy)).status == 200
        world.names["localhost"] = [["169.254.169.254"]]
        with pytest.raises(Unfetched, match="address not allowed"):
            await net.fetch(address, policy)


async def test_plain_http_is_for_a_configured_private_host_alone(world: World) -> None:
    site = Site()
    async with listening(site.talk) as port:
        guarded = Guarded("tests/1", resolve=world.resolve)
        url = f"http://127.0.0.1:{port}/"
        may = Policy(max_bytes=9, ports=None, private_hosts=frozenset({"127.0.0.1", NAME}), plain_http=True)
        assert (await guarded.fetch(url, may)).status == 200
        for other in (FEED, Policy(max_bytes=9, ports=None, private_hosts=frozenset({"127.0.0.1"}))):
            with pytest.raises(Unfetched, match="scheme not allowed"):
                await guarded.fetch(url, other)
        world.names[NAME] = [[PUBLIC]]
        with pytest.raises(Unfetched, match="address not allowed"):
            await guarded.fetch(f"http://{NAME}/", may)
    assert len(site.heard) == 1


@pytest.mark.parametrize("url", ["ftp://feeds.example.org/", "file:///etc/passwd", "webcal://feeds.example.org/"])
async def test_other_schemes_are_not_followed(url: str) -> None:
    with pytest.raises(Unfetched, match=r"scheme not allowed|invalid address"):
        await Guarded("tests/1").fetch(url, FEED)


async def test_ports_are_a_matter_of_the_policy(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        with pytest.raises(Unfetched, match="port not allowed"):
            await net.fetch(f"https://{NAME}:8443/", DOCUMENT)
        assert (await net.fetch(f"https://{NAME}:8443/", FEED)).status == 200
    assert world.connected == [(PUBLIC, 8443)]


class Redirecting(Site):
    """Redirects by path, `/0` to `/1` and so on."""

    async def talk(self, stream: Any) -> None:
        while True:
            heard = await stream.receive()
            self.heard.append(heard)
            number = int(heard.split(b" ")[1].strip(b"/"))
            await stream.send(ANSWER if number == 0 else redirect(f"/{number - 1}"))


async def test_redirects_are_followed_as_far_as_the_policy_says(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path, site=Redirecting()) as net:
        assert (await net.fetch(f"https://{NAME}/3")).status == 200
        with pytest.raises(Unfetched, match="too many redirects"):
            await net.fetch(f"https://{NAME}/4")
        with pytest.raises(Unfetched, match="redirect not allowed"):
            await net.fetch(f"https://{NAME}/1", DOCUMENT)


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("https://127.0.0.1/", "address not allowed"),
        ("https://localhost/", "redirect not allowed"),
        ("https://home.feeds.example.org/", "address not allowed"),
        ("https://2130706433/", "invalid address"),
        ("https://evil.example/", "redirect not allowed"),
        ("https://other.example.org/", "redirect not allowed"),
        (f"http://{NAME}/", "scheme not allowed"),
        (f"https://user@{NAME}/", "invalid address"),
        ("https://[/", "invalid address"),
        ("//[::1]/", "address not allowed"),
    ],
)
async def test_a_redirect_is_checked_like_the_first_address(
    location: str, why: str, world: World, tmp_path: Path
) -> None:
    async with internet(world, tmp_path, redirect(location)) as net:
        world.names |= {"home.feeds.example.org": [["192.168.0.1"]], "localhost": [["127.0.0.1"]]}
        world.names |= {"evil.example": [[PUBLIC]], "other.example.org": [[PUBLIC]]}
        with pytest.raises(Unfetched) as refused:
            await net.fetch(f"https://{NAME}/")
    assert refused.value.why == why
    assert world.connected == [(PUBLIC, 443)]


async def test_no_redirect_leads_from_a_public_host_to_a_private_one_that_was_set(world: World, tmp_path: Path) -> None:
    home = "home.feeds.example.org"
    policy = Policy(max_bytes=9, ports=None, max_redirects=3, private_hosts=frozenset({home}))
    async with internet(world, tmp_path, redirect(f"https://{home}/")) as net:
        world.names[home] = [["127.0.0.1"]]
        with pytest.raises(Unfetched, match=f"{home}: address not allowed"):
            await net.fetch(f"https://{NAME}/", policy)
    assert world.connected == [(PUBLIC, 443)]


async def test_a_redirect_from_https_to_http_is_not_followed_even_where_http_is_allowed(
    world: World, tmp_path: Path
) -> None:
    policy = Policy(max_bytes=9, ports=None, max_redirects=3, private_hosts=frozenset({"localhost"}), plain_http=True)
    async with internet(world, tmp_path, redirect("http://localhost/")) as net:
        world.names["localhost"] = [["127.0.0.1"]]
        with pytest.raises(Unfetched, match="redirect not allowed"):
            await net.fetch(f"https://localhost:{net.port}/", policy)


async def test_an_answer_that_was_not_modified_is_one(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path, b"HTTP/1.1 304 Not Modified\r\nLocation: /x\r\n\r\n") as net:
        fetched = await net.fetch(f"https://{NAME}/", DOCUMENT)
    assert (fetched.status, fetched.body) == (304, b"")


BOMB = gzip.compress(bytes(50_000_000), 1, mtime=0)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5001\r\n\r\n" + bytes(5001), "too large"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB, "too large"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 40_000 + b"\r\nContent-Length: 0\r\n\r\n", "too large"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 400_000 + b"\r\nContent-Length: 0\r\n\r\n", "connection lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}", "unreadable"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "connection lost"),
    ],
    ids=["body", "inflated body", "headers", "endless headers", "compression", "no HTTP"],
)
async def test_what_comes_is_bounded(answer: bytes, why: str, world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path, answer) as net:
        with pytest.raises(Unfetched) as refused:
            await net.fetch(f"https://{NAME}/", DOCUMENT)
    assert refused.value.why == why


async def test_the_time_is_bounded_in_all(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{") as net:
        with pytest.raises(Unfetched, match=f"{NAME}: timeout"):
            await net.fetch(f"https://{NAME}/", Policy(max_bytes=9, seconds=0.3))

        async def never(host: str, port: int) -> list[str]:
            await anyio.sleep_forever()
            raise AssertionError

        with pytest.raises(Unfetched, match="timeout"):
            await Guarded("tests/1", resolve=never).fetch(f"https://{NAME}/", Policy(max_bytes=9, seconds=0.1))


async def test_an_untrusted_certificate_ends_a_fetch_before_it_is_sent(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        with pytest.raises(Unfetched, match=r"certificate not trusted.*Example Inspection CA"):
            await Guarded("tests/1", trust=trusted({}), resolve=world.resolve).fetch(f"https://{NAME}/", FEED)
        assert net.site.heard == []


async def test_the_certificate_is_that_of_the_name_and_not_of_the_address(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        world.names["another.example"] = [[PUBLIC]]
        with pytest.raises(Unfetched, match="certificate not trusted"):
            await net.fetch("https://another.example/", FEED)


@pytest.mark.parametrize(
    ("addresses", "connect"),
    [
        ([PUBLIC], f"CONNECT {PUBLIC}:443 HTTP/1.1"),
        (["2606:2800:220:1::1", PUBLIC], f"CONNECT {PUBLIC}:443 HTTP/1.1"),
        (["2606:2800:220:1::1"], "CONNECT [2606:2800:220:1::1]:443 HTTP/1.1"),
    ],
)
async def test_through_our_proxy_the_checked_address_is_named_and_the_name_kept(
    addresses: list[str], connect: str, world: World, tmp_path: Path
) -> None:
    async with internet(world, tmp_path) as net:
        world.names[NAME] = [addresses, ["127.0.0.1"]]
        proxy = Proxy(port=net.port)
        async with listening(proxy.talk) as port:
            fetched = await net.guarded(f"http://me:canary@127.0.0.1:{port}").fetch(f"https://{NAME}/", FEED)
    assert (fetched.status, fetched.host) == (200, NAME)
    assert proxy.heard[0].decode().split("\r\n")[0] == connect
    assert f"Host: {NAME}\r\n".encode() in net.site.heard[0]
    assert b"canary" not in net.site.heard[0]
    assert world.asked == [NAME]
    assert world.connected == [("127.0.0.1", port)]


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1"])
async def test_our_proxy_is_never_asked_for_what_is_not_allowed(address: str, world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        world.names[NAME] = [[address]]
        proxy = Proxy(port=net.port)
        async with listening(proxy.talk) as port:
            with pytest.raises(Unfetched, match="address not allowed"):
                await net.guarded(f"http://127.0.0.1:{port}").fetch(f"https://{NAME}/", FEED)
    assert proxy.heard == []
    assert world.connected == []


async def test_a_configured_private_host_is_reached_without_the_proxy(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        policy = Policy(max_bytes=9, ports=None, private_hosts=frozenset({"localhost"}))
        world.names["localhost"] = [["127.0.0.1"]]
        proxy = Proxy(port=net.port)
        async with listening(proxy.talk) as port:
            guarded = net.guarded(f"http://127.0.0.1:{port}")
            assert (await guarded.fetch(f"https://localhost:{net.port}/", policy)).status == 200
    assert proxy.heard == []


async def test_a_proxy_that_refuses_is_named(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        proxy = Proxy(status=403)
        async with listening(proxy.talk) as port:
            with pytest.raises(Unfetched, match=f"proxy refused: 127.0.0.1:{port} answered with status 403"):
                await net.guarded(f"http://127.0.0.1:{port}").fetch(f"https://{NAME}/", FEED)


async def test_nobody_there_is_said_so(world: World, tmp_path: Path) -> None:
    async with internet(world, tmp_path) as net:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            world.ports[PUBLIC] = closed.getsockname()[1]
            with pytest.raises(Unfetched, match=f"{NAME}: not reached"):
                await net.fetch(f"https://{NAME}/", FEED)


async def test_names_that_are_never_answered_hold_up_no_other_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 44: whoever publishes a document runs the server of its name too. No look-up can be interrupted."""
    answered = threading.Event()

    def look_up(host: str | bytes, *_: object, **__: object) -> list[Any]:
        if str(host).startswith("slow"):
            answered.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    guarded, policy = Guarded("tests/1"), Policy(max_bytes=9, seconds=0.2)

    async def fetch(number: int) -> None:
        with pytest.raises(Unfetched, match="timeout"):
            await guarded.fetch(f"https://slow{number}.example.org/", policy)

    try:
        async with anyio.create_task_group() as group:
            for number in range(100):
                group.start_soon(fetch, number)
        with anyio.fail_after(30):
            assert await anyio.getaddrinfo("platform.ringcentral.com", 80)
    finally:
        answered.set()
