"""Reading a page of meetings: strictly in one pass where it is as documented, and otherwise to the same meetings."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.domain.meeting import Meeting
from ringcentral_meetings.platform.answers import LARGE_BYTES, Reply
from ringcentral_meetings.platform.api import meetings_wire as wire
from ringcentral_meetings.platform.api.listed_wire import ListedMeeting
from ringcentral_meetings.platform.api.reading import MeetingPage, read_meetings
from ringcentral_meetings.products.meetings.wire import AnyMeeting, read_meeting

pytestmark = pytest.mark.anyio

ZONE = "America/Los_Angeles"
SERIES: dict[str, Any] = {
    "uri": "https://platform.example/restapi/v1.0/account/1/extension/2/meeting/8801",
    "id": "8801",
    "topic": "Weekly",
    "meetingType": "ScheduledRecurring",
    "password": "pass",
    "h323Password": "1234",
    "status": "NotStarted",
    "links": {"startUri": "https://x/s?zpk=1", "joinUri": "https://x/j?pwd=2"},
    "schedule": {
        "startTime": "2030-05-01T00:01:49Z",
        "durationInMinutes": 60,
        "timeZone": {"uri": "u", "id": "101", "name": ZONE},
    },
    "host": {"uri": "u", "id": "1001"},
    "allowJoinBeforeHost": True,
    "startParticipantsVideo": True,
    "audioOptions": ["Phone", "ComputerAudio"],
    "autoRecordType": "cloud",
    "globalDialInCountries": ["US", "UK"],
    "alternativeHosts": "a@x.example",
    "usePersonalMeetingId": False,
    "recurrence": {
        "frequency": "Weekly",
        "interval": 2,
        "weeklyByDays": ["Monday", "Friday"],
        "until": "2030-12-21T12:00:00Z",
    },
    "occurrences": [{"id": "1", "startTime": "2030-05-01T00:01:49Z", "durationInMinutes": 60, "status": "available"}],
}
MONTHLY: dict[str, Any] = SERIES | {
    "recurrence": {"frequency": "Monthly", "monthlyByWeek": "Last", "monthlyByWeekDay": "Friday", "count": 3},
    "occurrences": [],
}
SINGLE = {name: value for name, value in SERIES.items() if name not in {"recurrence", "occurrences"}} | {
    "meetingType": "Scheduled"
}
ODD: list[Any] = [
    *(None, True, 0, 1, 7, 60.0, 1.5, -5, 10**9, 10**30, "", " ", "1", "60", "Phone", " a, b ", "2,6", "monday", "x y"),
    *("2030-13-01", "2030-05-01", "9999-12-31T23:59:59Z", [], ["US", 1, None, " "], [[]], [{}], {}, {"id": 5}),
]


def bodies() -> Iterator[dict[str, Any]]:
    """Records as documented, and each with one member of another form, or left out."""
    for record in (SERIES, MONTHLY, SINGLE):
        yield record
        for path in _paths(record):
            yield _with(record, path, None, remove=True)
            for value in ODD:
                yield _with(record, path, value)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in inner:
        yield (*path, name)
        yield from _paths(member, (*path, name))


def _with(record: dict[str, Any], path: tuple[Any, ...], value: Any, *, remove: bool = False) -> dict[str, Any]:
    changed = copy.deepcopy(record)
    *way, last = path
    inner: Any = changed
    for name in way:
        inner = inner[name]
    if remove:
        del inner[last]
    else:
        inner[last] = value
    return changed


async def page(records: list[Any], **more: Any) -> MeetingPage:
    return await read_meetings(Reply(200, {}, json.dumps({"records": records, **more}).encode()))


def meeting(read: AnyMeeting) -> Meeting | None:
    """The meeting as it is shown; None if its times are outside any calendar."""
    try:
        return read_meeting(read, ZONE, reveal_start_link=True)
    except errors.Unanswered:
        return None


async def test_both_ways_read_the_same_of_every_record() -> None:
    records = list(bodies())
    found = (await page(records)).records
    strict = [one for one in found if isinstance(one, ListedMeeting)]
    assert len(records) == len(found) > len(strict) > 100
    for body, read in zip(records, found, strict=True):
        assert meeting(read) == meeting(wire.Meeting.model_validate(body)), body


@pytest.mark.parametrize("record", [SERIES, MONTHLY, SINGLE])
async def test_a_record_as_documented_is_read_strictly_beside_an_odd_one(record: dict[str, Any]) -> None:
    found = await page([record, {"id": 5}, "nothing", record], paging={"page": 1, "totalPages": 1})
    assert [type(one) for one in found.records] == [ListedMeeting, wire.Meeting, ListedMeeting]
    assert (found.size, found.paging.total_pages) == (4, 1)


async def test_an_odd_frame_of_the_page_is_read_tolerantly() -> None:
    found = await page([SINGLE], navigation={"nextPage": {"uri": 5}}, paging=[])
    assert [one.id for one in found.records] == ["8801"]
    assert found.next_uri == "5"


@pytest.mark.parametrize("body", [b'{"records": [{"id": "1", "x": NaN}]}', b'{"records": ', b"[]", b'{"records": {}}'])
async def test_what_is_no_list_of_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(errors.Unanswered):
        await read_meetings(Reply(200, {}, body))


async def test_half_of_a_surrogate_pair_is_replaced() -> None:
    body = json.dumps({"records": [SINGLE | {"topic": "a\ud800b"}]}).encode()
    assert [one.topic for one in (await read_meetings(Reply(200, {}, body))).records] == ["a\N{REPLACEMENT CHARACTER}b"]


async def test_a_large_page_is_read_to_the_same_meetings() -> None:
    odd = SINGLE | {"id": 5, "topic": None}
    records = [SERIES | {"id": f"{number}"} for number in range(LARGE_BYTES // len(json.dumps(SERIES)) + 1)]
    large, small = await page([*records, odd]), await page([records[0], odd])
    assert large.size == len(records) + 1
    assert (large.records[0], large.records[-1]) == (small.records[0], small.records[-1])
    assert all(type(one) is ListedMeeting for one in large.records[:-1])
