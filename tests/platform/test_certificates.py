"""Which certificates are trusted, and what is said of one that is not, with authorities of the tests' own."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import trustme

from authorities import Proxy, Site, authority, listening, serving_context, subject_hash
from ringcentral_meetings import errors
from ringcentral_meetings.platform.certificates import UnusableStore, trusted
from ringcentral_meetings.platform.client import PlatformClient, build_http
from ringcentral_meetings.platform.limits import LoopClock, RateLimits
from ringcentral_meetings.platform.network import Network
from ringcentral_meetings.platform.signin.auth import GivenTokenAuth, PlatformAuth
from ringcentral_meetings.platform.signin.grants import App, JwtGrant
from scripted_http import GIVEN, JWT, PATH, SECRET

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


@asynccontextmanager
async def reading(server_url: str, proxy: str | None = None) -> AsyncIterator[PlatformClient]:
    clock = LoopClock()
    async with build_http(server_url, GivenTokenAuth(GIVEN), proxy=proxy, user_agent="tests/1") as http:
        yield PlatformClient(http, RateLimits({}, clock), clock=clock, random=lambda: 0.0)


def file_of(issuer: trustme.CA, folder: Path) -> str:
    path = folder / "authority.pem"
    issuer.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_certificate_of_an_unknown_authority_is_named_and_nothing_is_sent(method: str) -> None:
    site = Site()
    async with (
        listening(site.talk, serving_context(authority())) as port,
        reading(f"https://127.0.0.1:{port}") as client,
    ):
        with pytest.raises(errors.Refused) as refused:
            await client.request(method, PATH, group="light")
    assert refused.value.code == "upstream_unavailable"
    assert not refused.value.retryable
    assert "The certificate of 127.0.0.1 is not trusted" in refused.value.message
    assert "Example Inspection CA" in refused.value.message
    assert "SSL_CERT_FILE" in refused.value.next_step
    assert site.heard == []


async def test_an_untrusted_certificate_is_not_tried_again() -> None:
    site = Site()
    connections = 0
    context = serving_context(authority())

    def count(*_: object) -> None:
        nonlocal connections
        connections += 1

    context.sni_callback = count
    async with listening(site.talk, context) as port, reading(f"https://localhost:{port}") as client:
        with pytest.raises(errors.Refused, match="not trusted"):
            await client.request("GET", PATH, group="light")
    assert connections == 1


async def test_a_sign_in_says_the_same_of_an_untrusted_certificate() -> None:
    clock = LoopClock()
    limits = RateLimits({}, clock)
    async with listening(Site().talk, serving_context(authority())) as port:
        url = f"https://127.0.0.1:{port}"
        auth = PlatformAuth(JwtGrant(App(url, "id", SECRET), JWT), limits, clock)
        async with build_http(url, auth, user_agent="tests/1") as http:
            client = PlatformClient(http, limits, clock=clock, random=lambda: 0.0)
            with pytest.raises(errors.Refused, match="not trusted") as refused:
                await client.request("GET", PATH, group="light")
    assert "SSL_CERT_FILE" in refused.value.next_step


async def test_ssl_cert_file_makes_an_authority_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = authority()
    monkeypatch.setenv("SSL_CERT_FILE", file_of(issuer, tmp_path))
    async with (
        listening(Site().talk, serving_context(issuer)) as port,
        reading(f"https://127.0.0.1:{port}") as client,
    ):
        assert (await client.request("GET", PATH, group="light")).data == {}


async def test_ssl_cert_dir_makes_an_authority_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = authority()
    hashed = tmp_path / "hashed"
    hashed.mkdir()
    (hashed / f"{subject_hash(issuer)}.0").write_bytes(issuer.cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_DIR", str(hashed))
    async with (
        listening(Site().talk, serving_context(issuer)) as port,
        reading(f"https://127.0.0.1:{port}") as client,
    ):
        assert (await client.request("GET", PATH, group="light")).data == {}


async def test_what_the_settings_name_is_trusted_instead_of_the_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", file_of(authority("Another CA"), tmp_path))
    async with (
        listening(Site().talk, serving_context(authority())) as port,
        reading(f"https://127.0.0.1:{port}") as client,
    ):
        with pytest.raises(errors.Refused, match="Example Inspection CA"):
            await client.request("GET", PATH, group="light")


@pytest.mark.parametrize(
    ("setting", "content", "why"),
    [
        ("SSL_CERT_FILE", None, "cannot be read"),
        ("SSL_CERT_FILE", "no certificate", "holds no certificate in PEM form"),
        ("SSL_CERT_DIR", None, "openssl rehash"),
    ],
)
async def test_a_setting_that_names_no_certificates_is_said_so(
    setting: str, content: str | None, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "named"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv(setting, str(path))
    async with reading("https://127.0.0.1:9") as client:
        with pytest.raises(errors.Refused) as refused:
            await client.request("GET", PATH, group="light")
    assert setting in refused.value.message
    assert why in refused.value.message
    assert not refused.value.retryable
    assert setting in refused.value.next_step


@pytest.mark.parametrize(
    ("names", "until", "why", "way_out"),
    [
        (("elsewhere.example",), None, "IP address mismatch", "RINGCENTRAL_SERVER_URL"),
        (("127.0.0.1",), timedelta(days=-1), "certificate has expired", "clock"),
    ],
)
async def test_other_faults_of_a_certificate_have_another_way_out(
    names: tuple[str, ...],
    until: timedelta | None,
    why: str,
    way_out: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    issuer = authority()
    monkeypatch.setenv("SSL_CERT_FILE", file_of(issuer, tmp_path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ends = None if until is None else datetime.now(UTC) + until
    issuer.issue_cert(*names, not_after=ends).configure_cert(context)
    async with listening(Site().talk, context) as port, reading(f"https://127.0.0.1:{port}") as client:
        with pytest.raises(errors.Refused, match=why) as refused:
            await client.request("GET", PATH, group="light")
    assert way_out in refused.value.next_step
    assert "SSL_CERT_FILE" not in refused.value.next_step


async def test_behind_a_proxy_that_inspects_tls_its_authority_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = authority("Example Filtering Proxy")
    proxy = Proxy(inspects=serving_context(issuer, "platform.example"))
    async with listening(proxy.talk) as port:
        through = f"http://127.0.0.1:{port}"
        async with reading("https://platform.example", through) as client:
            with pytest.raises(errors.Refused, match="Example Filtering Proxy"):
                await client.request("GET", PATH, group="light")
        monkeypatch.setenv("SSL_CERT_FILE", file_of(issuer, tmp_path))
        async with reading("https://platform.example", through) as client:
            assert (await client.request("GET", PATH, group="light")).data == {}
    assert [heard.partition(b"\r\n")[0] for heard in proxy.heard] == [b"CONNECT platform.example:443 HTTP/1.1"] * 2


@pytest.mark.parametrize(
    ("status", "retryable", "way_out"),
    [(407, False, "user:password@host:port"), (403, False, "let platform.example through"), (502, True, "Try again")],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_proxy_that_refuses_is_named_with_its_status(
    method: str, status: int, retryable: bool, way_out: str
) -> None:
    proxy = Proxy(status=status)
    async with (
        listening(proxy.talk) as port,
        reading("https://platform.example", f"http://me:canary@127.0.0.1:{port}") as client,
    ):
        with pytest.raises(errors.Refused) as refused:
            await client.request(method, PATH, group="light")
    assert f"The proxy 127.0.0.1:{port} answered with status {status}" in refused.value.message
    assert refused.value.retryable is retryable
    assert way_out in refused.value.next_step
    assert "canary" not in refused.value.message + refused.value.next_step
    assert all(b"Proxy-Authorization: Basic bWU6Y2FuYXJ5" in heard for heard in proxy.heard)
    assert all(GIVEN.encode() not in heard for heard in proxy.heard)


async def test_a_proxy_that_wants_a_password_for_plain_http_is_named_too() -> None:
    proxy = Proxy(status=407)
    async with listening(proxy.talk) as port, reading("http://127.0.0.1:9", f"http://127.0.0.1:{port}") as client:
        with pytest.raises(errors.Refused, match=f"The proxy 127.0.0.1:{port} answered with status 407"):
            await client.request("GET", PATH, group="light")


async def test_a_proxy_is_itself_reached_over_tls_where_its_address_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = authority()
    monkeypatch.setenv("SSL_CERT_FILE", file_of(issuer, tmp_path))
    async with listening(Site().talk, serving_context(issuer, "platform.example")) as behind:
        proxy = Proxy(port=behind)
        async with (
            listening(proxy.talk, serving_context(issuer)) as port,
            reading("https://platform.example", f"https://127.0.0.1:{port}") as client,
        ):
            assert (await client.request("GET", PATH, group="light")).data == {}
    assert proxy.heard[0].startswith(b"CONNECT platform.example:443")


async def test_tls_that_breaks_within_an_answer_is_a_lost_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = authority()
    monkeypatch.setenv("SSL_CERT_FILE", file_of(issuer, tmp_path))

    async def talk(stream: object) -> None:
        await stream.receive()  # type: ignore[attr-defined]
        await stream.transport_stream.send(b"\x17\x03\x03\x00\x20" + bytes(32))  # type: ignore[attr-defined]

    async with listening(talk, serving_context(issuer)) as port, reading(f"https://127.0.0.1:{port}") as client:
        with pytest.raises(errors.Unanswered, match="connection lost"):
            await client.request("POST", PATH, group="light")


def test_a_system_without_a_store_gets_certifis(tmp_path: Path) -> None:
    """As a bare Debian root is: a directory for certificates, and nothing in it."""
    found = trusted({}, [(str(tmp_path / "cert.pem"), str(tmp_path)), (str(tmp_path / "ca-certificates.crt"),)])
    assert found.store == "certifi's, since this system has none"
    assert len(found.context.get_ca_certs()) > 100


def test_a_system_with_an_empty_file_gets_certifis_too(tmp_path: Path) -> None:
    empty = tmp_path / "cert.pem"
    empty.touch()
    assert trusted({}, [(str(empty), str(tmp_path))]).store.startswith("certifi's")


def test_the_systems_store_is_found_in_a_file_or_in_a_directory(tmp_path: Path) -> None:
    issuer = authority()
    file = file_of(issuer, tmp_path)
    assert trusted({}, [("/nowhere", "/at/all"), (file,)]).store == f"the operating system's ({file})"
    (tmp_path / f"{subject_hash(issuer)}.0").write_bytes(issuer.cert_pem.bytes())
    assert trusted({}, [("/nowhere", str(tmp_path)), (file,)]).store == f"the operating system's ({tmp_path})"
    assert trusted({}, [(file, str(tmp_path))]).store == f"the operating system's ({file} and {tmp_path})"


async def test_a_server_of_an_authority_in_the_systems_directory_is_trusted(tmp_path: Path) -> None:
    issuer = authority()
    (tmp_path / f"{subject_hash(issuer)}.0").write_bytes(issuer.cert_pem.bytes())
    trust = trusted({}, [(str(tmp_path),)])
    async with (
        listening(Site().talk, serving_context(issuer)) as port,
        httpx.AsyncClient(transport=Network(httpx.Limits(), trust=trust), trust_env=False) as http,
    ):
        assert (await http.get(f"https://127.0.0.1:{port}")).status_code == 200


def test_both_settings_are_used_where_both_are_set(tmp_path: Path) -> None:
    issuer = authority()
    file = file_of(issuer, tmp_path)
    (tmp_path / f"{subject_hash(issuer)}.0").write_bytes(issuer.cert_pem.bytes())
    found = trusted({"SSL_CERT_FILE": file, "SSL_CERT_DIR": str(tmp_path)})
    assert found.store == f"SSL_CERT_FILE ({file}) and SSL_CERT_DIR ({tmp_path})"


def test_empty_settings_are_none() -> None:
    assert "SSL_CERT" not in trusted({"SSL_CERT_FILE": "", "SSL_CERT_DIR": ""}).store


def test_an_unusable_setting_does_not_fall_back_in_silence(tmp_path: Path) -> None:
    with pytest.raises(UnusableStore, match="SSL_CERT_FILE"):
        trusted({"SSL_CERT_FILE": str(tmp_path / "none.pem")})


def test_certificates_are_verified_with_the_name_and_without_the_strictness_that_proxies_fail(tmp_path: Path) -> None:
    for environ in ({}, {"SSL_CERT_FILE": file_of(authority(), tmp_path)}):
        context = trusted(environ).context
        assert context.check_hostname
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert not context.verify_flags & ssl.VERIFY_X509_STRICT
