"""Signing in and out: the command against the simulator over real HTTP."""

import json
import shutil
import socket
import stat
import threading
from contextlib import suppress

import httpx
import pytest

from cli.desk import Desk
from cli.platforms import Person, grants
from ringcentral_meetings.cli import login, logout, loopback
from ringcentral_meetings.cli.login import Failed
from ringcentral_meetings.simulator import PUBLIC_CLIENT_ID


def failure(desk: Desk, person: Person | None = None, port: int = 0, patience: float = 60.0, **more: str) -> str:
    """The one line that a login in a browser ends with."""
    settings = desk.settings(**more)
    with pytest.raises(Failed) as failed:
        login.with_browser(settings, port, open_browser=(person or Person()).opens, patience=patience)
    assert "\n" not in str(failed.value)
    return str(failed.value)


@pytest.mark.parametrize("public", [False, True])
def test_a_person_signs_in_with_a_browser_and_the_page_says_so(
    desk: Desk, capsys: pytest.CaptureFixture[str], public: bool
) -> None:
    more = {"RINGCENTRAL_CLIENT_ID": PUBLIC_CLIENT_ID, "RINGCENTRAL_CLIENT_SECRET": ""} if public else {}
    settings = desk.settings(**more)
    person = Person()
    login.with_browser(settings, 0, open_browser=person.opens)
    [page] = person.pages
    assert page.status_code == 200
    assert "You are signed in" in page.text
    assert "http" not in page.text
    assert person.visited[0].startswith("http://127.0.0.1:")
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    told = capsys.readouterr()
    assert "Signed in as Robin Ashdown (extension 304921004)" in told.out
    assert "Meetings ReadAccounts Video" in told.out
    assert told.err == ""
    for call in desk.simulator.calls:
        assert "code_verifier" not in call.query
    assert [stat.S_IMODE(path.stat().st_mode) for path in desk.stored] == [0o600]


def test_a_refused_consent_is_told_on_the_page_and_in_one_line(desk: Desk) -> None:
    person = Person("deny")
    assert failure(desk, person).startswith("Access was refused on RingCentral's page.")
    [page] = person.pages
    assert page.status_code == 400
    assert "Signing in failed" in page.text
    assert "Access was refused" in page.text
    assert desk.stored == []
    assert grants(desk.simulator) == []


class Forger(Person):
    """A person at whose browser a stranger's page goes to the redirect address first."""

    def goes(self, address: str) -> None:
        redirect = address.partition("?")[0]
        for query in ("", "?code=theirs", "?code=theirs&state=forged", "?error=access_denied&state=forged"):
            super().goes(redirect + query)
        super().goes(address)


def test_a_wrong_state_is_no_answer_and_the_login_keeps_waiting_for_its_own(desk: Desk) -> None:
    person = Forger()
    login.with_browser(desk.settings(), 0, open_browser=person.opens)
    assert [page.status_code for page in person.pages] == [400] * 4 + [200]
    assert "still waits" in person.pages[0].text
    assert grants(desk.simulator) == ["authorization_code"]


class Nobody(Person):
    """Somebody who looks at the page and does nothing."""

    def opens(self, address: str) -> bool:  # noqa: ARG002
        return False


def test_a_browser_that_never_comes_back_is_one_line_that_names_the_redirect_address(desk: Desk) -> None:
    told = failure(desk, Nobody(), patience=0.05)
    assert "the browser did not come back within" in told
    assert "lists exactly http://127.0.0.1:" in told


def test_a_busy_port_is_one_line(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = failure(desk, port=port)
    assert told.startswith(f"--port {port}: ")
    assert "list http://127.0.0.1:PORT/callback" in told


def test_the_port_given_is_the_one_used(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    desk.simulator.redirect_uris = {f"http://127.0.0.1:{port}/callback"}
    login.with_browser(desk.settings(), port, open_browser=Person().opens)
    assert "lists" not in failure(desk, Nobody(), port, patience=0.01).partition("exactly")[2]


def test_a_wrong_client_id_is_told_before_anybody_is_sent_anywhere(desk: Desk) -> None:
    person = Person()
    told = failure(desk, person, RINGCENTRAL_CLIENT_ID="another")
    assert told.startswith("RingCentral has no app with this client id and redirect address. Check RINGCENTRAL_CLIE")
    assert person.visited == []


def test_a_redirect_address_that_the_console_does_not_list_is_told(desk: Desk) -> None:
    desk.simulator.redirect_uris = {"http://127.0.0.1:8912/callback"}
    assert "the app must list exactly http://127.0.0.1:" in failure(desk)


def test_a_wrong_secret_is_told(desk: Desk) -> None:
    settings = desk.settings().model_copy(update={"client_secret": None})
    with pytest.raises(Failed, match="Set RINGCENTRAL_CLIENT_SECRET"):
        login.with_browser(settings, 0, open_browser=Person().opens)


def test_nobody_at_the_address_is_told(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = desk.settings(RINGCENTRAL_SERVER_URL=f"http://127.0.0.1:{port}")
    with pytest.raises(Failed, match=r"127\.0\.0\.1 cannot be reached"):
        login.with_browser(settings, 0, open_browser=Person().opens)


def test_without_a_client_id_or_a_place_to_keep_it_there_is_no_login(desk: Desk) -> None:
    with pytest.raises(Failed, match="RINGCENTRAL_CLIENT_ID is not set"):
        login.with_browser(desk.settings().model_copy(update={"client_id": None}), 0)
    with pytest.raises(Failed, match="RINGCENTRAL_TOKEN_STORE=memory"):
        logout.run(desk.settings(RINGCENTRAL_TOKEN_STORE="memory"))


def test_a_store_that_cannot_be_used_is_found_before_anybody_is_sent_anywhere(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk.state / "ringcentral-meetings-mcp").write_text("")
    person = Person()
    assert "cannot be used" in failure(desk, person)
    assert "Opening the browser" not in capsys.readouterr().out
    assert desk.simulator.calls == []


def test_a_store_that_breaks_meanwhile_is_told_on_the_page_too(desk: Desk) -> None:
    person = Person()

    def opens(address: str) -> None:
        shutil.rmtree(desk.state / "ringcentral-meetings-mcp")
        (desk.state / "ringcentral-meetings-mcp").write_text("")
        person.opens(address)

    with pytest.raises(Failed, match="cannot be used"):
        login.with_browser(desk.settings(), 0, open_browser=opens)
    assert person.pages[0].status_code == 400
    assert desk.revoked == 1
    assert desk.simulator.store.run("SELECT 1 FROM sessions WHERE NOT ended") == []


def test_what_is_missing_is_warned_of(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.simulator.scopes.clear()
    desk.simulator.issue_refresh_tokens = False
    login.with_browser(desk.settings(RINGCENTRAL_ACCESS_TOKEN="x"), 0, open_browser=Person().opens)
    told = capsys.readouterr()
    assert "Signed in as extension 304921004" in told.out
    assert told.err.count("Warning: ") == 3
    for words in ("neither of the scopes Video and Meetings", "ends in 60 minutes", "RINGCENTRAL_ACCESS_TOKEN is set"):
        assert words in told.err


def test_a_second_login_replaces_the_first_and_ends_its_session(desk: Desk) -> None:
    for _ in range(2):
        login.with_browser(desk.settings(), 0, open_browser=Person().opens)
    assert len(desk.stored) == 1
    assert desk.revoked == 1
    assert len(desk.simulator.store.run("SELECT 1 FROM sessions WHERE NOT ended")) == 1


def test_a_login_mends_a_damaged_file(desk: Desk) -> None:
    login.with_browser(desk.settings(), 0, open_browser=Person().opens)
    whole = desk.stored[0].read_text()
    desk.stored[0].write_text(whole[:40])
    login.with_browser(desk.settings(), 0, open_browser=Person().opens)
    assert json.loads(desk.stored[0].read_text()).keys() == json.loads(whole).keys()


# At the redirect address


@pytest.mark.parametrize(
    "request_line",
    [
        "GET /favicon.ico HTTP/1.1\r\nHost: {host}",
        "GET / HTTP/1.1\r\nHost: {host}",
        "POST /callback?code=c HTTP/1.1\r\nHost: {host}",
        "GET /callback?code=c HTTP/1.1\r\nHost: rebound.example",
        "GET /callback?code=c HTTP/1.1",
        "nonsense",
        "GET /callback" + "x" * loopback.MOST_HEAD_BYTES,
    ],
)
def test_only_the_redirect_address_is_served(desk: Desk, request_line: str) -> None:
    answers: list[bytes] = []

    class Prober(Person):
        def opens(self, address: str) -> bool:
            redirect = self.answered(address)
            host = httpx.URL(redirect).netloc.decode()
            with socket.create_connection(("127.0.0.1", int(host.partition(":")[2]))):
                pass
            with socket.create_connection(("127.0.0.1", int(host.partition(":")[2]))) as probe:
                probe.sendall(f"{request_line}\r\n\r\n".format(host=host).encode())
                answers.append(probe.recv(4_096))
            self.goes(redirect)
            return True

    login.with_browser(desk.settings(), 0, open_browser=Prober().opens)
    assert answers[0].startswith(b"HTTP/1.1 404 ")


def test_a_second_answer_is_not_taken_and_a_browser_that_left_does_no_harm(desk: Desk) -> None:
    class Hasty(Person):
        def opens(self, address: str) -> bool:
            redirect = httpx.URL(self.answered(address))
            line = f"GET {redirect.raw_path.decode()} HTTP/1.1\r\nHost: {redirect.netloc.decode()}\r\n\r\n"
            with socket.create_connection((redirect.host, redirect.port or 0)) as first:
                first.sendall(line.encode())
                second = threading.Thread(target=self._again, args=(redirect,))
                second.start()
                first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            second.join()
            return True

        def _again(self, redirect: httpx.URL) -> None:
            with suppress(httpx.TransportError):
                self.pages.append(httpx.get(redirect))

    login.with_browser(desk.settings(), 0, open_browser=Hasty().opens)
    assert grants(desk.simulator) == ["authorization_code"]


# Without a browser


def paste(desk: Desk, capsys: pytest.CaptureFixture[str], line: str | None = None) -> None:
    """A login whose person pastes `line`, or where the page led."""

    def read_line() -> str:
        address = next(word for word in capsys.readouterr().out.split() if "authorize?" in word)
        return Person().answered(address) + "\n" if line is None else line

    login.without_browser(desk.settings(), 8_912, read_line=read_line, patience=60.0)


def test_without_a_browser_the_address_is_pasted(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.simulator.redirect_uris = {"http://127.0.0.1:8912/callback"}
    paste(desk, capsys)
    assert "Signed in as Robin Ashdown" in capsys.readouterr().out
    assert len(desk.stored) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "no address was pasted"),
        ("\n", "no address was pasted"),
        ("SIMCabc\n", "does not belong to this login"),
        ("http://127.0.0.1:8912/callback?code=c&state=forged\n", "does not belong to this login"),
    ],
)
def test_what_is_pasted_has_to_be_the_whole_address(
    desk: Desk, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    with pytest.raises(Failed, match=told):
        paste(desk, capsys, line)


def test_nothing_pasted_in_time_is_one_line(desk: Desk) -> None:
    never = threading.Event()
    try:
        with pytest.raises(Failed, match="no address was pasted within"):
            login.without_browser(desk.settings(), 8_912, read_line=lambda: str(never.wait(60)), patience=0.01)
    finally:
        never.set()
