"""Where MCP is served over HTTP: this machine alone, and one line for what cannot be."""

import socket

import pytest

from cli.processes import finished
from ringcentral_meetings.protocol import http
from ringcentral_meetings.protocol.http import Address, UnusableAddress, read_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("127.9.9.9:0", ("127.9.9.9", 0)),
        ("LocalHost:65535", ("localhost", 65535)),
        ("[::1]:8000", ("::1", 8000)),
    ],
)
def test_a_loopback_address_is_read(text: str, address: tuple[str, int]) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize("text", ["", "8000", ":8000", "127.0.0.1", "127.0.0.1:65536", "::1:8000", "127.0.0.1:x"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UnusableAddress, match="give HOST:PORT"):
        read_address(text)


@pytest.mark.parametrize("text", ["0.0.0.0:8000", "[::]:8000", "192.168.1.5:80", "example.com:80", "[fe80::1]:80"])
def test_an_address_that_others_reach_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(UnusableAddress, match="reached from other machines"):
        read_address(text)


def test_the_refusal_is_one_line_with_exit_code_2() -> None:
    refused = finished("--simulator", "--http", "0.0.0.0:8000")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.startswith("ringcentral-meetings-mcp: --http: 0.0.0.0:8000 could be reached")
    assert refused.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = finished("--simulator", "--http", f"127.0.0.1:{port}")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"ringcentral-meetings-mcp: --http 127.0.0.1:{port}: ")
    assert refused.stderr.count("\n") == 1


def test_a_simulator_file_that_cannot_be_used_is_one_line() -> None:
    refused = finished("--simulator", "--http", "127.0.0.1:0", RINGCENTRAL_SIMULATOR_DATA=__file__)
    assert refused.returncode == 1
    assert refused.stderr.startswith("ringcentral-meetings-mcp: RINGCENTRAL_SIMULATOR_DATA: ")
    assert "it is no file of the simulator; give another" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_where_there_is_no_ipv6_localhost_is_the_other_address(monkeypatch: pytest.MonkeyPatch) -> None:
    make = socket.create_server

    def only_ipv4(address: tuple[str, int], *, family: socket.AddressFamily) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError
        return make(address, family=family)

    monkeypatch.setattr(socket, "create_server", only_ipv4)
    (only,) = http.listen(Address("localhost", 0))
    assert only.getsockname()[0] == "127.0.0.1"
    only.close()


def test_an_accepted_connection_sends_without_waiting_for_acknowledgements() -> None:
    """Else every answer would take 40 ms longer, which a test of behaviour could not tell from a slow machine."""
    (listener,) = http.listen(Address("127.0.0.1", 0))
    with listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
