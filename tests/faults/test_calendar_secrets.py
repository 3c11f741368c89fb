"""Whatever the secret address of a calendar looks like and its publisher says, no part of it is seen anywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import anyio
import pytest
from anyio.abc import ByteStream
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from assistant import Assistant, at_work
from authorities import listening
from bench.written_feeds import calendar, event
from faults.test_secrets import logged
from publisher import answer
from ringcentral_meetings.cli import doctor
from ringcentral_meetings.cli.checks import examine
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Simulator

ROOM = "https://v.ringcentral.com/join/018209241352"
AT_NINE = ("DTSTART:20261124T140000Z", "DTEND:20261124T150000Z")
LEAST = 8
"""Shorter parts of an address are words such as `ical`."""

WORDS = {"calendar", "published", "basic.ics", "calendar.ics", "reachcalendar.ics", "remote.php", "public-calendars"}
"""Parts that the addresses of a publisher have in common."""

secrets = st.uuids().map(lambda made: f"{made.hex[:7]}_{made.hex[7:20]}-{made.hex[20:].upper()}")
forms = st.sampled_from(
    [
        "/calendar/ical/{0}%40example.com/private-{1}/basic.ics",
        "/owa/calendar/{0}@example.com/{1}/reachcalendar.ics",
        "/published/2/{1}",
        "/remote.php/dav/public-calendars/{0}?export&token={1}",
        "/{0}.ics?key={1}&name=a%20b",
        "/a/{0}%2F{1}",
    ]
)


@dataclass
class Says:
    """What a publisher says to whoever asks at an address, given the pieces of that."""

    name: str
    to: Callable[[list[str], str], bytes]
    echoes: bool = False


ANSWERS = [
    Says("calendar", lambda _, __: answer(calendar(event(*AT_NINE, "SUMMARY:Budget", f"LOCATION:{ROOM}")))),
    Says("nothing", lambda _, __: answer(calendar())),
    Says("cut off", lambda _, __: answer(calendar(event(*AT_NINE))[:-9])),
    Says("refused", lambda _, __: answer(status=403)),
    Says("rate", lambda _, __: answer(status=429, Retry_After="60")),
    Says("broken", lambda _, __: b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nBEGIN:VCALENDAR"),
    Says("no http", lambda _, __: b"\x00\x01\r\n\r\n"),
    Says("reset", lambda _, __: b""),
    Says("page", lambda pieces, path: answer(f"<html>{path} {' '.join(pieces)}</html>".encode()), echoes=True),
    Says("elsewhere", lambda _, path: answer(status=302, Location=f"https://evil.example{path}"), echoes=True),
    Says("circle", lambda _, path: answer(status=302, Location=path), echoes=True),
    Says("named", lambda pieces, _: answer(b"", 500, X_Echo=pieces[0]), echoes=True),
    Says("zone", lambda pieces, _: answer(calendar(event(f"DTSTART;TZID={pieces[0]}:20261124T090000"))), echoes=True),
    Says(
        "titles",
        lambda pieces, path: answer(
            calendar(
                *(
                    event(
                        *AT_NINE,
                        f"SUMMARY:{piece}",
                        f"ORGANIZER;CN={piece}:mailto:x@example.com",
                        f"URL:{ROOM}{n}",
                        uid=piece,
                    )
                    for n, piece in enumerate([*pieces, path])
                )
            )
        ),
        echoes=True,
    ),
    Says("link", lambda pieces, _: answer(calendar(event(*AT_NINE, f"URL:{ROOM}?x={pieces[-1]}"))), echoes=True),
]


def pieces_of(path: str, *parts: str) -> list[str]:
    """What must not be seen of an address: the parts between its separators, also unescaped, and the secrets in them.

    Of an e-mail address, that is the whole of it.
    """
    secret_parts = [part for part in parts if part in path and f"{part}@" not in unquote(path)]
    found = dict.fromkeys([*secret_parts, *unquote(path).replace("?", "/").split("/")])
    return [piece for piece in found if len(piece) >= LEAST and piece not in WORDS]


async def everything_said(address: str) -> str:
    """What every tool that reads the calendar and doctor say, and all that is logged meanwhile."""
    said = []
    with logged() as (text, as_json):
        async with at_work(product="video", calendars=address, log_level="DEBUG") as assistant:
            said += [await spoken(assistant, *call) for call in calls(assistant.simulator)]
        simulator = Simulator(provider="RCVideo", seeded=False)
        wanted = Settings(simulator=True, product="video", calendars=SecretStr(address))
        async with doctor.doctor_context(wanted, simulator.transport()) as context:
            said += [f"{check}" async for check in examine(context)]
        said += doctor.check_settings(None, {"simulator": True, "calendars": address})[0].detail
        simulator.close()
    return "\n".join([*said, text.getvalue(), as_json.getvalue()])


def calls(simulator: Simulator) -> list[tuple[str, dict[str, Any]]]:
    room = simulator.put_bridge(name="Budget", pins={"web": "018209241352"})
    return [
        ("list_meetings", {}),
        ("find_meeting_times", {"duration_minutes": 30}),
        ("get_meeting", {"meeting_id": room}),
        ("create_meeting", {"topic": "A", "start_time": "2026-11-24T09:00", "if_conflict": "refuse"}),
        ("delete_meeting", {"meeting_id": room, "expected_topic": "Budget", "expected_start": "2026-11-25T09:00"}),
        ("get_connection_status", {"check": "full"}),
    ]


async def spoken(assistant: Assistant, tool: str, arguments: dict[str, Any]) -> str:
    return (await assistant.call(tool, **arguments)).text


@pytest.mark.parametrize("says", ANSWERS, ids=lambda says: says.name)
@settings(max_examples=2, deadline=None, phases=[Phase.generate])
@given(form=forms, whose=secrets, secret=secrets)
def test_no_part_of_an_address_is_seen_whatever_its_publisher_says(
    says: Says, form: str, whose: str, secret: str
) -> None:
    path = form.format(whose, secret)
    pieces = pieces_of(path, whose, secret)

    async def run() -> str:
        async def talk(stream: ByteStream) -> None:
            await stream.receive()
            await stream.send(says.to(pieces, path))

        async with listening(talk) as port:
            return await everything_said(f"http://127.0.0.1:{port}{path}")

    said = anyio.run(run)
    assert "127.0.0.1" in said
    assert not [piece for piece in pieces if piece in said]
    if not says.echoes:
        starts = range(len(secret) - LEAST + 1)
        windows = [part[start : start + LEAST] for part in (whose, secret) for start in starts]
        assert not [window for window in windows if window in said]
