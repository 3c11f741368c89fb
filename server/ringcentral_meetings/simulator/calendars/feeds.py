"""The addresses of the user's calendar feeds, and the web pages that their publishers lead other visitors to."""

from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import quote

from ringcentral_meetings.simulator.calendars.publishers import PUBLISHERS, PublisherName
from ringcentral_meetings.simulator.ids import digest
from ringcentral_meetings.simulator.people import OWNER
from ringcentral_meetings.simulator.replies import Reply
from ringcentral_meetings.simulator.state import State

HTML = {"content-type": "text/html; charset=utf-8"}
SIGN_IN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to see this calendar.</body></html>"
UNSUPPORTED = b"<!DOCTYPE html><html><head><title>Error</title></head><body>Something went wrong.</body></html>"
PAGES = {"/owa/auth/errorfe.aspx": UNSUPPORTED, "/mail/": SIGN_IN}
"""Where Exchange leads clients that it does not serve, and those who ask for a calendar that is no longer published."""


def feed_paths(state: State) -> dict[PublisherName, str]:
    """Return the paths of the feeds, which are secrets but for that of the busy times."""
    whose = quote(OWNER.email, safe="")
    secrets = {name: digest(state.seed, "feed", name) for name in PUBLISHERS}
    return {
        "google": f"/calendar/ical/{whose}/private-{secrets['google'][:32]}/basic.ics",
        "microsoft": f"/owa/calendar/{secrets['microsoft'][:32]}@example.com/{secrets['microsoft']}/calendar.ics",
        "icloud": f"/published/2/{secrets['icloud']}",
        "busy": f"/calendar/ical/{whose}/public/basic.ics",
    }


def answer(state: State, path: str, headers: Mapping[str, str]) -> Reply:
    """Answer a request for a feed or a page; for a feed that has not changed with 304.

    Google's feeds have no version, so that all of the file comes each time.
    """
    if path in PAGES:
        return Reply(200, PAGES[path], dict(HTML))
    name = next((name for name, known in feed_paths(state).items() if known == path), None)
    if name is None:
        return Reply(404, SIGN_IN, dict(HTML))
    body = PUBLISHERS[name](state)
    version = f'"{sha256(_undated(body)).hexdigest()[:16]}"'
    sent_headers = {"content-type": "text/calendar; charset=utf-8"} | ({} if name == "google" else {"etag": version})
    if "etag" in sent_headers and headers.get("if-none-match") == version:
        return Reply(304, b"", {"etag": version})
    return Reply(200, body, sent_headers)


def _undated(body: bytes) -> bytes:
    """Return a file without the lines that hold when it was written."""
    return b"\r\n".join(line for line in body.split(b"\r\n") if not line.startswith(b"DTSTAMP:"))
