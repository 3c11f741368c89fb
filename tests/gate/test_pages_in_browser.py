"""The pages of a sign-in in a real browser: what they look like, whom they reach, and where their forms lead."""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from starlette.responses import HTMLResponse, RedirectResponse

from gate.origins import Origins, origins
from gate.shown_pages import CLAUDE, CURSOR, SHOWN, asking
from ringcentral_meetings.gate import pages
from ringcentral_meetings.gate.records import Client
from views.conftest import CHROMIUM, FLAGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE_MS = 30_000

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed (Debian: apt-get install chromium)"),
    pytest.mark.skipif(
        importlib.util.find_spec("playwright") is None,
        reason="the package playwright is not installed (pip install -e '.[browser]')",
    ),
]

ONWARD = ["to_ringcentral", "denied", "success_back"]
ASKED = ["Change your meetings", "Allow", "Deny", "Allow, and use another account"]

shown = pytest.mark.parametrize("name", SHOWN)


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE_MS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def served() -> Iterator[Origins]:
    with origins() as found:
        yield found


@pytest.fixture
def town(served: Origins) -> Origins:
    """Origins that answer nothing yet, and have been asked nothing."""
    served.answers.clear()
    served.asked.clear()
    return served


@contextmanager
def browsing(chromium: "Browser", complaint: str | None = None, **context: Any) -> "Iterator[Page]":
    """A page of a browser that has not been anywhere. Fails unless all that the browser complains of is `complaint`."""
    opened = chromium.new_context(**context)
    page = opened.new_page()
    page.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    statuses: set[int] = set()
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("response", lambda response: statuses.add(response.status))
    try:
        yield page
    finally:
        opened.close()
    faults = [one for one in faults if not any(f"responded with a status of {status} " in one for status in statuses)]
    assert [one for one in faults if complaint is None or complaint not in one] == []
    assert bool(faults) == (complaint is not None)


def show(town: Origins, page: "Page", name: str) -> None:
    """Open one of the pages; those that lead on find nothing there, and stay."""
    town.answers["gate", "/page"] = lambda: SHOWN[name](town["further"])
    page.goto(f"{town['gate']}/page", wait_until="commit")
    page.locator("main").wait_for()


def show_and_go_on(town: Origins, page: "Page", name: str) -> None:
    """Open one of the pages, and wait until the browser goes on from those that lead on."""
    if name not in ONWARD:
        return show(town, page, name)
    with page.expect_request(f"{town['further']}/nothing"):
        return show(town, page, name)


@shown
def test_axe_finds_nothing_in_light_and_dark(chromium: "Browser", town: Origins, name: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe is not installed (pip install -e '.[browser]')")
    with browsing(chromium, color_scheme="light", reduced_motion="reduce") as page:
        show(town, page, name)
        page.evaluate(axe.AXE_SCRIPT)
        light = page.evaluate("axe.run()")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 320, "height": 800})
        dark = page.evaluate("axe.run({ runOnly: ['color-contrast', 'target-size'] })")
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(13, 17, 23)"
    for found, least in ((light, 10), (dark, 1)):
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []
        assert [one["id"] for one in found["incomplete"]] == []
        assert len(found["passes"]) >= least


WIDE = """[...document.querySelectorAll('body *:not(.hidden, .hidden *)')].filter((one) =>
  one.getBoundingClientRect().right > 320 || (one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1)
).map((one) => one.outerHTML)"""


@shown
def test_nothing_is_wider_than_a_narrow_window_in_usual_and_in_double_size_of_text(
    chromium: "Browser", town: Origins, name: str
) -> None:
    with browsing(chromium, viewport={"width": 320, "height": 800}) as page:
        show(town, page, name)
        for percent, heading in (("100%", "24px"), ("200%", "48px")):
            page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", percent)
            assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == heading
            assert page.evaluate(WIDE) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 320


@shown
def test_a_page_reaches_nobody_but_where_it_leads(chromium: "Browser", town: Origins, name: str) -> None:
    with browsing(chromium) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        show_and_go_on(town, page, name)
        page.wait_for_load_state("networkidle")
        own, onward = f"{town['gate']}/page", f"{town['further']}/nothing"
        assert asked == ([own, onward] if name in ONWARD else [own])
        assert page.evaluate("document.scripts.length + document.images.length") == 0
        assert page.evaluate("getComputedStyle(document.querySelector('main')).display") == "grid"


def focused(page: "Page") -> tuple[str, bool]:
    """The text or label of what has the focus, and whether one sees that it has."""
    text, outline = page.evaluate(
        "(() => { const one = document.activeElement, style = getComputedStyle(one);"
        " return [one.labels?.[0]?.textContent ?? one.textContent,"
        " style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2]; })()"
    )
    return text, outline


@pytest.mark.parametrize("forced", ["none", "active"])
@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("consent", [*ASKED, "programs that use your meetings"]),
        ("connections", ["End access for claude.ai", "End access for “Cursor”", "End access for all of them"]),
        ("refusal_back", ["Go back to {further}"]),
    ],
)
def test_the_keyboard_goes_through_a_page_in_order_and_the_focus_is_seen(
    chromium: "Browser", town: Origins, name: str, order: list[str], forced: Any
) -> None:
    with browsing(chromium, forced_colors=forced) as page:
        show(town, page, name)
        for wanted in order:
            page.keyboard.press("Tab")
            place = f"a program on this computer ({town['further'].removeprefix('http://')})"
            assert focused(page) == (wanted.format(further=place), True)


def test_nothing_moves_for_those_who_want_it_still(chromium: "Browser", town: Origins) -> None:
    moving = "getComputedStyle(document.querySelector('button')).transitionDuration"
    for motion, seconds in (("reduce", "0s"), ("no-preference", "0.12s")):
        with browsing(chromium, reduced_motion=motion) as page:
            show(town, page, "consent")
            assert page.evaluate(moving) == seconds


def test_names_and_descriptions_are_there_for_a_screen_reader(chromium: "Browser", town: Origins) -> None:
    with browsing(chromium) as page:
        show(town, page, "consent")
        page.get_by_role("main").wait_for()
        page.get_by_role("banner").wait_for()
        page.get_by_role("contentinfo").wait_for()
        page.get_by_role("heading", level=1, name="claude.ai wants to use your RingCentral meetings").wait_for()
        group = page.get_by_role("group", name="What it may do")
        box = group.get_by_role("checkbox", name="Change your meetings", exact=True, checked=True)
        assert "Untick this" in page.locator(f"#{box.get_attribute('aria-describedby')}").inner_text()


def chain(town: Origins) -> None:
    """RingCentral's side that redirects at once, our callback, and a client that redirects further."""

    def to(origin: str, path: str) -> Callable[[], RedirectResponse]:
        return lambda: RedirectResponse(town[origin] + path, 302)

    town.answers |= {
        ("gate", "/authorize"): lambda: pages.consent(asking(CLAUDE)),
        ("gate", "/consent"): lambda: pages.to_ringcentral(f"{town['ringcentral']}/authorize?state=a&b=c"),
        ("ringcentral", "/authorize"): to("gate", "/callback"),
        ("gate", "/callback"): to("client", "/callback"),
        ("client", "/callback"): to("further", "/done"),
        ("further", "/done"): lambda: HTMLResponse("<title>Done</title><h1>Done</h1>"),
    }


@pytest.mark.parametrize(
    ("button", "decision", "write"),
    [
        ("Allow", "allow", True),
        ("Allow", "allow", False),
        ("Deny", "deny", True),
        ("Allow, and use another account", "another", True),
    ],
)
def test_the_form_is_posted_and_the_browser_follows_wherever_the_others_redirect(
    chromium: "Browser", town: Origins, button: str, decision: str, write: bool
) -> None:
    chain(town)
    with browsing(chromium) as page:
        page.goto(f"{town['gate']}/authorize")
        page.get_by_role("checkbox").set_checked(write)
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_url(f"{town['further']}/done")
    posted = next(one for one in town.asked if one.method == "POST")
    given = {"write": ["on"]} if write else {}
    assert posted.form == {
        "request": ["sealed request"],
        "nonce": ["nonce of this page"],
        "decision": [decision],
        **given,
    }
    assert (posted.headers["origin"], posted.headers["sec-fetch-site"]) == ("null", "same-origin")
    assert town.paths() == [
        ("GET", "gate", "/authorize"),
        ("POST", "gate", "/consent"),
        ("GET", "ringcentral", "/authorize"),
        ("GET", "gate", "/callback"),
        ("GET", "client", "/callback"),
        ("GET", "further", "/done"),
    ]
    assert {one.headers.get("referer") for one in town.asked} == {None}


def test_a_redirect_in_answer_to_the_form_is_stopped(chromium: "Browser", town: Origins) -> None:
    """Why the answer is a page that leads on: `form-action` holds for all redirects after a form, in Chrome."""
    chain(town)
    town.answers["gate", "/consent"] = lambda: RedirectResponse(f"{town['ringcentral']}/authorize", 303)
    with browsing(chromium, complaint="form-action 'self'") as page:
        page.goto(f"{town['gate']}/authorize")
        with page.expect_event("console"):
            page.get_by_role("button", name="Allow", exact=True).click(no_wait_after=True)
        assert page.url == f"{town['gate']}/authorize"
    assert ("GET", "ringcentral", "/authorize") not in town.paths()


@pytest.mark.parametrize("name", ONWARD)
def test_a_browser_that_does_not_go_on_by_itself_has_a_link(chromium: "Browser", town: Origins, name: str) -> None:
    with browsing(chromium) as page:
        show_and_go_on(town, page, name)
        with page.expect_request(f"{town['further']}/nothing"):
            page.get_by_role("link").click()


def test_a_program_on_this_computer_is_opened_by_its_own_scheme(chromium: "Browser", town: Origins) -> None:
    address = f"{CURSOR.redirect_uris[0]}?error=access_denied&state=a%20b"
    town.answers["gate", "/authorize"] = lambda: pages.consent(asking(CURSOR))
    town.answers["gate", "/consent"] = lambda: pages.denied(CURSOR, address)
    with browsing(chromium) as page:
        page.goto(f"{town['gate']}/authorize")
        with page.expect_request(address):
            page.get_by_role("button", name="Deny").click()
        page.get_by_role("heading", name="You have not allowed it").wait_for()
        assert page.get_by_role("link", name="Go back").get_attribute("href") == address


def test_a_client_that_opened_a_window_is_still_known_to_it_at_the_end(chromium: "Browser", town: Origins) -> None:
    """Clients in a browser wait for a message of their own address, which the window sends to its opener."""
    chain(town)
    town.answers["client", "/"] = lambda: HTMLResponse("<title>Client</title>")
    town.answers["client", "/callback"] = lambda: HTMLResponse("<script>opener.done = location.pathname</script>")
    with browsing(chromium) as page:
        page.goto(town["client"])
        with page.expect_popup() as opening:
            page.evaluate("(url) => { window.popup = open(url); }", f"{town['gate']}/authorize")
        opening.value.get_by_role("button", name="Allow", exact=True).click()
        page.wait_for_function("window.done === '/callback'")
        assert page.evaluate("window.popup.closed") is False


def test_other_pages_are_cut_off_from_whoever_opened_them(chromium: "Browser", town: Origins) -> None:
    town.answers["client", "/"] = lambda: HTMLResponse("<title>Client</title>")
    town.answers["gate", "/connections"] = lambda: SHOWN["connections"](town["further"])
    with browsing(chromium) as page:
        page.goto(town["client"])
        with page.expect_popup() as opening:
            page.evaluate("(url) => { window.popup = open(url); }", f"{town['gate']}/connections")
        opening.value.get_by_role("main").wait_for()
        assert opening.value.evaluate("window.opener") is None


def test_no_page_is_drawn_in_a_frame(chromium: "Browser", town: Origins) -> None:
    """Case 27."""
    town.answers["gate", "/authorize"] = lambda: pages.consent(asking(CLAUDE))
    framing = f"<title>Frames</title><iframe src='{town['gate']}/authorize'></iframe>"
    town.answers["client", "/"] = lambda: HTMLResponse(framing)
    with browsing(chromium, complaint="frame-ancestors 'none'") as page:
        with page.expect_event("console"):
            page.goto(town["client"])
        assert page.frame_locator("iframe").get_by_role("button").count() == 0


def test_what_a_client_writes_into_its_name_is_text(chromium: "Browser", town: Origins) -> None:
    """Case 33."""
    name = "<img src=//evil.example/x onerror=alert(1)><b>Claude</b>"
    hostile = Client("sealed", "registered", name, "", CURSOR.redirect_uris)
    town.answers["gate", "/authorize"] = lambda: pages.consent(asking(hostile))
    with browsing(chromium) as page:
        page.goto(f"{town['gate']}/authorize")
        assert page.get_by_role("heading").inner_text() == (
            f"A program that calls itself “{name}” wants to use your RingCentral meetings"
        )
    assert town.paths() == [("GET", "gate", "/authorize")]


def test_one_connection_is_ended_or_all(chromium: "Browser", town: Origins) -> None:
    town.answers["gate", "/connections"] = lambda: SHOWN["connections"](town["further"])
    with browsing(chromium) as page:
        page.goto(f"{town['gate']}/connections")
        for button in ("End access for “Cursor”", "End access for all of them"):
            with page.expect_navigation():
                page.get_by_role("button", name=button).click()
    assert [one.form for one in town.asked if one.method == "POST"] == [
        {"nonce": ["nonce"], "end": ["00000000000000000000000000000002"]},
        {"nonce": ["nonce"], "end_all": ["on"]},
    ]
