"""The pages of a sign-in: what they say of a client, what they let through, and their headers."""

import hashlib
from base64 import b64encode
from collections.abc import Callable

import pytest
from starlette.responses import Response

from gate.page_reader import Element, only, read, words
from gate.shown_pages import CLAUDE, CODE, CURSOR, FIXED, GRANTS, LONG, PERSON, REGISTERED, SHOWN, Grant, asking
from ringcentral_meetings.gate import pages
from ringcentral_meetings.gate.records import READ, SCOPES, WRITE, Client

ELSEWHERE = "https://elsewhere.example"
ISOLATED = {"success", "refusal", "connections", "connections_ended", "connections_none"}
LEADING = {"to_ringcentral", "denied", "success_back", "refusal_back"}
HOSTILE = "\"'></title></style><script>alert(1)</script><img src=x onerror=alert(1)>{host}\u202egpj\x00\x1b"
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "h1", "h2", "p", "div", "ul", "li"),
    *(
        "span",
        "form",
        "fieldset",
        "legend",
        "label",
        "input",
        "button",
        "a",
        "b",
        "strong",
        "bdi",
        "time",
        "svg",
        "path",
    ),
}

shown = pytest.mark.parametrize("name", SHOWN)


def elements(element: Element) -> list[Element]:
    return [element, *(one for inner in element.inner for one in elements(inner))]


def main(response: Response) -> str:
    return words(only(read(response), "main"))


def field(response: Response, name: str) -> list[str | None]:
    inputs = only(read(response), "form").all("input")
    return [one.attributes.get("value", "on") for one in inputs if one.attributes["name"] == name]


@shown
def test_every_page_has_the_same_strict_headers(name: str) -> None:
    """Case 27: no page may be framed."""
    response = SHOWN[name](ELSEWHERE)
    style = only(read(response), "style").text
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    headers = dict(response.headers)
    del headers["content-length"]
    assert headers.pop("cross-origin-opener-policy", None) == ("same-origin" if name in ISOLATED else None)
    assert headers == {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "content-security-policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; frame-ancestors 'none'; "
            "base-uri 'none'"
        ),
    }


@shown
def test_every_page_is_plain_html_with_one_heading_and_landmarks(name: str) -> None:
    root = read(SHOWN[name](ELSEWHERE))
    assert {one.name for one in elements(root)} <= {"", *ALLOWED}
    attributes = {key for one in elements(root) for key in one.attributes}
    assert not attributes & {"style", "src", "srcset", "formaction"}
    assert not any(key.startswith("on") for key in attributes)
    assert only(root, "html").attributes == {"lang": "en"}
    assert len(root.all("h1")) == len(root.all("main")) == len(root.all("header")) == 1
    assert words(only(root, "title")).endswith("· RingCentral meetings")
    assert all(one.attributes["action"] in {"/consent", "/connections"} for one in root.all("form"))
    assert all(one.attributes["method"] == "post" for one in root.all("form"))


@shown
def test_every_address_of_a_page_is_the_one_it_leads_to(name: str) -> None:
    root = read(SHOWN[name](ELSEWHERE))
    leads = {one.attributes["href"] for one in root.all("a")}
    own = {"/connections"} if name.startswith("consent") else set()
    assert leads == ({f"{ELSEWHERE}/nothing"} if name in LEADING else own)
    refreshes = [one.attributes["content"] for one in root.all("meta") if one.attributes.get("http-equiv") == "refresh"]
    assert refreshes == ([f"0; url={ELSEWHERE}/nothing"] if name in LEADING - {"refusal_back"} else [])


HOSTILE_CLIENT = Client(HOSTILE, "document", HOSTILE, HOSTILE, ())
HOSTILE_REGISTERED = Client(HOSTILE, "registered", HOSTILE, "", ())
HOSTILE_GRANT = Grant(HOSTILE, HOSTILE, HOSTILE, (HOSTILE, READ), 0)


@pytest.mark.parametrize(
    "hostile",
    [
        lambda: pages.consent(pages.Asking(HOSTILE_CLIENT, f"https://a.example/{HOSTILE}", SCOPES, HOSTILE, HOSTILE)),
        lambda: pages.consent(pages.Asking(HOSTILE_REGISTERED, f"cursor://{HOSTILE}", SCOPES, HOSTILE, HOSTILE)),
        lambda: pages.consent(pages.Asking(HOSTILE_REGISTERED, f"https://{HOSTILE}", SCOPES, HOSTILE, HOSTILE)),
        lambda: pages.to_ringcentral(f"https://a.example/{HOSTILE}"),
        lambda: pages.denied(HOSTILE_REGISTERED, f"https://a.example/{HOSTILE}"),
        lambda: pages.success(HOSTILE, back=f"cursor://{HOSTILE}"),
        lambda: pages.refusal(400, HOSTILE, HOSTILE, back=f"https://a.example/{HOSTILE}"),
        lambda: pages.connections(HOSTILE, [HOSTILE_GRANT, HOSTILE_GRANT], HOSTILE, HOSTILE),
    ],
)
def test_what_others_wrote_stays_text(hostile: Callable[[], Response]) -> None:
    """Case 33: HTML in the name of a client, in an identifier, in a text."""
    root = read(hostile())
    assert {one.name for one in elements(root)} <= {"", *ALLOWED}
    attributes = {key for one in elements(root) for key in one.attributes}
    assert not any(key.startswith("on") or key == "src" for key in attributes)
    assert len(root.all("style")) == len(root.all("title")) == 1
    assert not {"\u202e", "\x00", "\x1b"} & set(root.text)
    assert "<script>" in root.text or any("<script>" in str(one.attributes) for one in elements(root))


def test_a_name_is_cleaned_cut_and_kept_in_its_own_direction() -> None:
    client = Client("id", "document", "\u202eedualC\x1b[2J\u200b" + "x" * 100, "claude.ai", ())
    root = read(pages.consent(asking(client, redirect_uri="https://claude.ai/")))
    _, name, _ = only(root, "main").all("bdi")
    assert name.text == "edualC[2J" + "x" * 70 + "…"
    assert len(name.text) == 80


@pytest.mark.parametrize(
    ("client", "heading", "standing"),
    [
        (CLAUDE, "claude.ai wants", "It calls itself “Claude”. Nobody has checked this name."),
        (
            Client("i", "document", "", "a.example", ("https://a.example/",)),
            "a.example wants",
            "It gives no name of its own.",
        ),
        (
            CURSOR,
            "A program that calls itself “Cursor” wants",
            "It has registered itself. Nobody has checked what it is.",
        ),
        (REGISTERED, "A program without a name wants", "It has registered itself. Nobody has checked what it is."),
        (FIXED, "Meeting planner wants", "Whoever runs this server has set it up."),
    ],
    ids=["document", "nameless document", "registered", "nameless", "fixed"],
)
def test_the_heading_says_who_vouches_and_the_name_comes_second(client: Client, heading: str, standing: str) -> None:
    """Case 31: what others share, such as the identifier of a well-known client, proves nothing to the person."""
    root = read(pages.consent(asking(client)))
    assert words(only(root, "h1")) == f"{heading} to use your RingCentral meetings"
    assert words(root.all("p")[1]) == standing


def test_a_host_is_shown_to_its_end_and_as_dns_has_it() -> None:
    assert words(only(read(pages.consent(asking(LONG))), "h1")).startswith(f"{LONG.host} wants")
    twin = Client("id", "document", "Claude", "cl\u0430ude.ai", ("https://claude.ai/",))
    assert words(only(read(pages.consent(asking(twin))), "h1")).startswith("xn--clude-5ve.ai wants")


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("https://claude.ai/api/mcp/auth_callback", "claude.ai"),
        ("https://user:word@a.example:8443/x?y#z", "a.example:8443"),
        ("https://LOCALHOST.evil.example/", "localhost.evil.example"),
        ("http://localhost:3118/callback", "a program on this computer (localhost:3118)"),
        ("http://127.0.0.1:33418/", "a program on this computer (127.0.0.1:33418)"),
        ("http://127.8.9.1/", "a program on this computer (127.8.9.1)"),
        ("http://[::1]:6276/oauth/callback", "a program on this computer ([::1]:6276)"),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "a program on this computer that opens cursor: addresses"),
    ],
)
def test_the_page_says_where_the_browser_goes_afterwards(uri: str, place: str) -> None:
    text = main(pages.consent(asking(CLAUDE, redirect_uri=uri)))
    assert f"You will sign in at RingCentral next. Afterwards your browser goes to {place}." in text
    assert ("goes to a program on this computer. Allow it only if" in text) == ("on this computer" in place)


@pytest.mark.parametrize(
    ("client", "warning"),
    [
        (CLAUDE, None),
        (FIXED, None),
        (
            CODE,
            "Be careful. What you allow goes to a program on this computer. "
            "Allow it only if you have just started this yourself.",
        ),
        (
            CURSOR,
            "Be careful. Nobody vouches for this program: any program can take any name. What you allow goes to a "
            "program on this computer. Allow it only if you have just started this yourself.",
        ),
        (
            REGISTERED,
            "Be careful. Nobody vouches for this program: any program can take any name. All that is certain is where "
            "your browser goes: www.cursor.com. Allow it only if you have just started this yourself.",
        ),
    ],
    ids=["document", "fixed", "loopback", "registered program", "registered host"],
)
def test_a_program_for_which_nobody_vouches_or_on_this_computer_comes_with_a_warning(
    client: Client, warning: str | None
) -> None:
    banners = [
        one for one in read(pages.consent(asking(client))).all("p") if "warning" in (one.attributes.get("class") or "")
    ]
    assert [words(one) for one in banners] == ([warning] if warning else [])


def test_reading_and_writing_are_apart_and_writing_can_be_left_out() -> None:
    response = pages.consent(asking(CLAUDE))
    rights = [words(one) for one in read(response).all("li")]
    assert [one.split(" meetings")[0] for one in rights] == ["See your", "Change your"]
    assert "Untick this" in rights[1]
    box = next(one for one in read(response).all("input") if one.attributes["name"] == "write")
    assert (box.attributes["type"], "checked" in box.attributes) == ("checkbox", True)


def test_a_client_that_only_reads_is_said_to_change_nothing() -> None:
    response = pages.consent(asking(CLAUDE, (READ,)))
    assert field(response, "write") == []
    assert "It cannot change anything." in main(response)
    assert "It cannot change anything." not in main(pages.consent(asking(CLAUDE)))


def test_the_only_right_cannot_be_left_out() -> None:
    response = pages.consent(asking(CLAUDE, (WRITE,)))
    assert field(response, "write") == ["on"]
    assert "checkbox" not in bytes(response.body).decode().split("</style>")[1]
    assert "See your meetings" not in main(response)


def test_the_form_takes_the_request_and_the_nonce_along() -> None:
    response = pages.consent(asking(CLAUDE))
    assert field(response, "request") == ["sealed request"]
    assert field(response, "nonce") == ["nonce of this page"]
    buttons = [(words(one), one.attributes["name"], one.attributes["value"]) for one in read(response).all("button")]
    assert buttons == [
        ("Allow", "decision", "allow"),
        ("Deny", "decision", "deny"),
        ("Allow, and use another account", "decision", "another"),
    ]


@pytest.mark.parametrize(
    "scheme",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        " data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "/relative",
        "//a.example",
    ],
)
def test_no_page_leads_to_an_address_that_would_run_or_open_something(scheme: str) -> None:
    """Case 24: behind the check of redirect URIs."""
    leads: list[Callable[[], Response]] = [
        lambda: pages.to_ringcentral(scheme),
        lambda: pages.denied(CLAUDE, scheme),
        lambda: pages.success(PERSON, back=scheme),
        lambda: pages.refusal(400, "No", "No", back=scheme),
    ]
    for leading in leads:
        with pytest.raises(ValueError, match="no page leads to such an address"):
            leading()


def test_the_outcomes_are_said_in_plain_words() -> None:
    assert main(pages.success(PERSON)) == (
        "Signed in You have signed in as Robin Ashdown. "
        "You can close this page, and go on in the program that asked you."
    )
    assert "You have signed in. You can" in main(pages.success(""))
    assert main(pages.denied(CLAUDE, CLAUDE.redirect_uris[0])) == (
        "You have not allowed it claude.ai cannot use your meetings. Your browser goes back to claude.ai. Go back"
    )
    assert main(pages.to_ringcentral(ELSEWHERE)) == (
        "On to RingCentral Your browser goes on to RingCentral, where you sign in. Go on to RingCentral"
    )


def test_a_refusal_has_its_status_and_a_way_back_if_there_is_one() -> None:
    refused = pages.refusal(403, "Not admitted", "Ask the operator.")
    assert (refused.status_code, main(refused)) == (403, "Not admitted Ask the operator.")
    back = pages.refusal(400, "Too old", "Start again.", back="https://claude.ai/x")
    assert (back.status_code, main(back)) == (400, "Too old Start again. Go back to claude.ai")


def test_connections_say_who_since_when_and_what() -> None:
    root = read(pages.connections(PERSON, GRANTS, "nonce"))
    items = [words(one) for one in root.all("li")]
    assert items == [
        "claude.aiCan see and change your meetingsSince 28 November 2026, 09:30 UTCEnd access for claude.ai",
        "“Cursor”Can see your meetingsSince 1 November 2026, 02:26 UTCEnd access for “Cursor”",
    ]
    assert [one.attributes["value"] for one in root.all("button") if one.attributes["name"] == "end"] == [
        grant.id for grant in GRANTS
    ]
    assert "You are signed in as Robin Ashdown." in words(only(root, "main"))
    assert all(form.all("input")[0].attributes["value"] == "nonce" for form in root.all("form"))


def test_a_registered_client_cannot_pass_for_a_host_among_the_connections() -> None:
    root = read(pages.connections("", [Grant("1", "sealed", "claude.ai", (WRITE,), 0)], "nonce"))
    assert words(only(root, "h2")) == "“claude.ai”"
    assert "Can change your meetings" in words(only(root, "main"))
    assert "signed in as" not in words(only(root, "main"))


def test_all_connections_are_ended_at_once_where_there_are_several() -> None:
    def names(count: int) -> list[str | None]:
        root = read(pages.connections(PERSON, GRANTS[:count], "nonce"))
        return [one.attributes["name"] for one in root.all("button")]

    assert (names(0), names(1), names(2)) == ([], ["end"], ["end", "end", "end_all"])


def test_connections_have_an_empty_state_and_a_notice_that_is_also_in_the_title() -> None:
    root = read(pages.connections(PERSON, (), "nonce", "All access has ended."))
    assert "No program uses your meetings now." in words(only(root, "main"))
    assert words(only(root, "title")).startswith("All access has ended. Programs that use")
    status = next(one for one in root.all("p") if one.attributes.get("role") == "status")
    assert words(status) == "All access has ended."
