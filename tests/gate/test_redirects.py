"""Redirect URIs: which are accepted, and which of a client's own one that is asked for stands for."""

from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringcentral_meetings.gate import redirects
from ringcentral_meetings.gate.redirects import EDITORS, LOOPBACK

GOOD = [
    "https://app.example.org/callback",
    "https://app.example.org",
    "https://app.example.org:8443/callback?tenant=a%2Fb&x",
    "https://localhost:3000/callback",
    "https://xn--bcher-kva.example/callback",
    "https://127.0.0.1.nip.example/callback",
    "http://localhost/callback",
    "http://127.0.0.1:33418/",
    "http://[::1]:1/a/b~c;d=e",
    *EDITORS,
]

CASE_23 = [
    "",
    "/callback",
    "//app.example.org/callback",
    "https:app.example.org/callback",
    "https:///app.example.org/callback",
    "https:/app.example.org/callback",
    "https://user@app.example.org/callback",
    "https://app.example.org@evil.example/callback",
    "https://user:word@app.example.org/callback",
    "https://app.example.org\\@evil.example/callback",
    "https:\\\\app.example.org\\callback",
    "https://app.example.org/a\\b",
    "https://app.example.org/%2e%2e/other",
    "https://app.example.org/a/%2E/b",
    "https://app.example.org/a/../other",
    "https://app.example.org/a/./b",
    "https://app.example.org/a/..",
    "https://app.example.org/a%2fb",
    "https://app.example.org/a%5cb",
    "https://app.example.org/a%252e",
    "https://app.example.org/%zz",
    "https://app.example.org/%",
    "https://app.example.org/a%00b",
    "https://app.example.org/a?b=%0d%0aLocation:",
    "https://app.example.org/callback#",
    "https://app.example.org/callback#fragment",
    "https://app.example.org./callback",
    "https://App.example.org/callback",
    "https://app.example.org:/callback",
    "https://app.example.org:0/callback",
    "https://app.example.org:080/callback",
    "https://app.example.org:65536/callback",
    "https://app.example.org:44３/callback",  # noqa: RUF001
    "https://app.exаmple.org/callback",  # noqa: RUF001  (the IDN twin is the point)
    "https://app.example.org。evil.example/callback",
    "https://app.example.org/callback ",
    " https://app.example.org/callback",
    "https://app.example.org/callback\n",
    "https://app.example.org/call\tback",
    "https://app.example.org/callback?code=1",
    "https://app.example.org/callback?a=b&%73tate=1",
    "https://app.example.org/callback?iss=",
    "https://app..example.org/callback",
    "https://-app.example.org/callback",
    "https://1.2.3.4/callback",
    "https://16909060/callback",
    "https://0x1020304/callback",
    "https://1.2.3/callback",
    "https://[2001:db8::1]/callback",
    "https://app.example.org/" + "a" * 2_000,
]

CASE_24 = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "javascript://app.example.org/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://app.example.org/1",
    "about:blank",
    "view-source:https://app.example.org/",
    "ms-msdt:/id",
    "com.example.app:/callback",
    "http://app.example.org/callback",
    "HTTP://localhost/callback",
    "ftp://localhost/callback",
    "Cursor://anysphere.cursor-mcp/oauth/callback",
    "cursor://evil/oauth/callback",
    "cursor://anysphere.cursor-mcp/oauth/callback#",
    "cursor://anysphere.cursor-mcp/oauth/callback/../install",
]

CASE_25 = [
    "http://localhost.evil.example/callback",
    "http://localhost./callback",
    "http://LOCALHOST/callback",
    "http://127.0.0.1.nip.example/callback",
    "http://127.0.0.1@evil.example/callback",
    "http://127.0.0.2/callback",
    "http://127.1/callback",
    "http://2130706433/callback",
    "http://0x7f000001/callback",
    "http://017700000001/callback",
    "http://0.0.0.0/callback",
    "http://[::ffff:7f00:1]/callback",
    "http://[::ffff:127.0.0.1]/callback",
    "http://[0:0:0:0:0:0:0:1]/callback",
    "http://[::1%25lo]/callback",
    "http://[::1/callback",
    "http://::1/callback",
    "http://169.254.169.254/callback",
]

PIECES = [*"htps:/?#[]@\\.%2e5fc&=\t\n é", "http", "https://", "//", "localhost", "127.0.0.1", "a.example"]
SOUP = st.lists(st.sampled_from(PIECES)).map("".join)
URIS = st.one_of(st.text(), SOUP, SOUP.map("https://a.example/".__add__), SOUP.map("http://localhost".__add__))


@pytest.mark.parametrize("uri", GOOD)
def test_https_and_loopback_are_accepted(uri: str) -> None:
    assert redirects.is_good(uri)
    assert redirects.matches([uri], uri)


@pytest.mark.parametrize("uri", CASE_23)
def test_case_23_what_leads_elsewhere_or_is_read_in_two_ways_is_refused(uri: str) -> None:
    assert not redirects.is_good(uri)


@pytest.mark.parametrize("uri", CASE_24)
def test_case_24_no_other_scheme_is_accepted(uri: str) -> None:
    assert not redirects.is_good(uri)


@pytest.mark.parametrize("uri", CASE_25)
def test_case_25_no_look_alike_of_loopback_is_accepted(uri: str) -> None:
    assert not redirects.is_good(uri)


@pytest.mark.parametrize("uri", CASE_23 + CASE_24 + CASE_25)
def test_what_is_refused_matches_nothing_even_where_it_was_registered(uri: str) -> None:
    assert not redirects.matches([uri], uri)


@pytest.mark.parametrize("host", sorted(LOOPBACK))
def test_a_program_on_this_machine_may_take_any_port(host: str) -> None:
    registered = [f"http://{host}/callback"]
    assert redirects.matches(registered, f"http://{host}:3118/callback")
    assert redirects.matches([f"http://{host}:33418/callback"], f"http://{host}:9/callback")
    assert redirects.matches([f"http://{host}:33418/callback"], f"http://{host}/callback")


@pytest.mark.parametrize(
    "asked",
    [
        "http://127.0.0.1:3118/callback",
        "http://[::1]:3118/callback",
        "http://localhost:3118/other",
        "http://localhost:3118/callback/",
        "http://localhost:3118/callback?a=b",
        "http://localhost:3118",
        "https://localhost:3118/callback",
        "https://localhost/callback",
        "http://localhost.evil.example:3118/callback",
    ],
)
def test_case_25_any_port_goes_with_the_same_host_and_path_alone(asked: str) -> None:
    assert not redirects.matches(["http://localhost/callback"], asked)


@pytest.mark.parametrize(
    "asked",
    [
        "https://app.example.org:8443/callback",
        "https://app.example.org:443/callback",
        "https://app.example.org/callback/",
        "https://app.example.org/Callback",
        "https://app.example.org/callback?",
        "https://app.example.org/c%61llback",
        "https://sub.app.example.org/callback",
        "https://example.org/callback",
    ],
)
def test_case_23_everywhere_else_it_is_character_by_character(asked: str) -> None:
    assert not redirects.matches(["https://app.example.org/callback"], asked)
    assert not redirects.matches(["https://localhost/callback"], "https://localhost:1/callback")


def test_a_page_can_be_told_where_a_redirect_leads() -> None:
    assert redirects.host_of("https://app.example.org:8443/callback") == "app.example.org"
    assert redirects.host_of("cursor://anysphere.cursor-mcp/oauth/callback") == "cursor"
    assert redirects.host_of("javascript:alert(1)") == ""
    assert redirects.is_loopback("http://[::1]:8080/callback")
    assert not redirects.is_loopback("https://localhost.example.org/callback")


def test_good_ones_are_picked_out_each_once() -> None:
    picked = redirects.good(["data:,", "http://localhost/", "https://a.example/", "http://localhost/"])
    assert picked == ("http://localhost/", "https://a.example/")


@given(URIS)
@example("https://a.example/\u0130")
def test_other_parsers_see_the_same_host_in_what_is_accepted(uri: str) -> None:
    found = redirects.parsed(uri)
    if found is None:
        return
    split, url = urlsplit(uri), httpx.URL(uri)
    assert uri.isascii()
    assert uri.isprintable()
    assert split.hostname == url.host == found.host.strip("[]")
    assert split.path == found.path
    assert {split.username, split.password, split.fragment, url.userinfo} <= {None, "", b""}
    assert split.scheme == "https" or (split.scheme == "http" and found.host in LOOPBACK)


@given(st.lists(URIS), URIS)
def test_what_matches_differs_from_a_registered_one_in_the_port_of_loopback_at_most(
    registered: list[str], asked: str
) -> None:
    if redirects.matches(registered, asked):
        found = redirects.parsed(asked)
        assert asked in registered or (found is not None and found.host in LOOPBACK)


@given(st.lists(URIS))
def test_any_list_can_be_looked_through(uris: list[str]) -> None:
    assert all(redirects.is_good(uri) for uri in redirects.good(uris))
