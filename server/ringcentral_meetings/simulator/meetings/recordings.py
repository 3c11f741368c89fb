"""The recordings of RingCentral Meetings: each instance of a meeting that was recorded, with its files.

Source: API reference "List User Meeting Recordings" (May 2025). Not known of the platform, and assumed here: the
newest come first; a recording is listed from the end of the meeting on and completed ten minutes later, when it gets
its links; filtering by id and by time at once is 400, as is an invalid page; both ends of the time range count.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ringcentral_meetings.simulator.calls import EXTENSION, Call, Operation, extension_uri, whole_number
from ringcentral_meetings.simulator.ids import digest, engine_uuid
from ringcentral_meetings.simulator.paging import page_of
from ringcentral_meetings.simulator.people import PEOPLE
from ringcentral_meetings.simulator.replies import Reply, feature_unavailable, invalid, json_reply
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.times import iso, utc

FEATURE = "MeetingsPersonalRecordings"
MEDIA = "https://media.ringcentral.com/restapi/v1.0/account"
PER_PAGE, MOST_PER_PAGE, MOST_PAGES = 100, 300, 100_000
PROCESSING_SECONDS = 600
FILES = (("video/mp4", 4_200_000), ("audio/m4a", 310_000), ("text/vtt", 9_000))
"""The files of a recording: content type and bytes a minute."""


@dataclass(frozen=True)
class Recorded:
    """One recorded instance of a meeting, with the topic that it had then."""

    uuid: str
    meeting: str
    host: str
    topic: str
    start: float
    seconds: int

    @property
    def end(self) -> float:
        """The end in seconds since 1970."""
        return self.start + self.seconds


def list_recordings(state: State, call: Call) -> Reply:
    """Answer with one page of the recordings of meetings that the extension hosted."""
    if FEATURE not in state.features:
        raise feature_unavailable()
    wanted = _filter(call)
    over = [one for one in _of_host(state, call.extension) if one.end <= state.now()]
    records = [_resource(state, one) for one in over if _is_wanted(one, wanted, state.now())]
    page = whole_number(call, "page", 1, MOST_PAGES)
    most = call.query.get("perPage") == "max"
    per_page = MOST_PER_PAGE if most else whole_number(call, "perPage", PER_PAGE, MOST_PER_PAGE)
    uri = f"{extension_uri(call)}/meeting-recordings"
    return json_reply(200, page_of(uri, records, page, per_page, wanted))


def record_meeting(state: State, meeting_id: str, start: datetime, minutes: float) -> str:
    """Store that a meeting was held and recorded, and return the uuid of this instance.

    Raises KeyError if there is no such meeting.
    """
    meeting = state.store.find(meeting_id)
    if meeting is None:
        raise KeyError(meeting_id)
    uuid = engine_uuid(meeting_id, start.timestamp())
    insert = "INSERT INTO recorded (uuid, meeting, host, topic, start, seconds) VALUES (?, ?, ?, ?, ?, ?)"
    topic, seconds = meeting.body["topic"], round(minutes * 60)
    state.store.run(insert, uuid, meeting_id, meeting.host, topic, start.timestamp(), seconds)
    return uuid


def operations() -> list[Operation]:
    """Return the operation on recordings."""
    path = f"{EXTENSION}/meeting-recordings"
    return [Operation("GET", path, "medium", "Meetings", "MeetingsRecordings", list_recordings)]


def _of_host(state: State, host: str) -> list[Recorded]:
    query = "SELECT * FROM recorded WHERE host = ? ORDER BY start DESC, position DESC"
    return [
        Recorded(row["uuid"], row["meeting"], row["host"], row["topic"], row["start"], row["seconds"])
        for row in state.store.run(query, host)
    ]


def _filter(call: Call) -> dict[str, str]:
    names = ("meetingId", "meetingStartTimeFrom", "meetingStartTimeTo")
    wanted = {name: call.query[name] for name in names if name in call.query}
    if "meetingId" in wanted and len(wanted) > 1:
        raise invalid("meetingId")
    for name in names[1:]:
        if name in wanted:
            _moment(name, wanted[name])
    return wanted


def _is_wanted(one: Recorded, wanted: dict[str, str], now: float) -> bool:
    if "meetingId" in wanted:
        return one.meeting == wanted["meetingId"]
    low = _moment("meetingStartTimeFrom", wanted.get("meetingStartTimeFrom", "1970-01-01T00:00:00Z"))
    high = _moment("meetingStartTimeTo", wanted["meetingStartTimeTo"]) if "meetingStartTimeTo" in wanted else now
    return low <= one.start <= high


def _moment(name: str, text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(name) from error
    if moment.tzinfo is None:
        raise invalid(name)
    return moment.timestamp()


def _resource(state: State, one: Recorded) -> dict[str, Any]:
    start = iso(utc(one.start))
    meeting = {"uuid": one.uuid, "id": one.meeting, "topic": one.topic, "startTime": start}
    done = state.now() >= one.end + PROCESSING_SECONDS
    return {"meeting": meeting, "recordings": [_file(one, kind, size, done=done) for kind, size in FILES]}


def _file(one: Recorded, kind: str, bytes_a_minute: int, *, done: bool) -> dict[str, Any]:
    identifier = digest(one.uuid, kind)[:24]
    file = {
        "uuid": one.uuid,
        "id": identifier,
        "contentType": kind,
        "startTime": iso(utc(one.start)),
        "endTime": iso(utc(one.end)),
        "status": "Completed" if done else "Processing",
    }
    link = f"{MEDIA}/{PEOPLE[one.host].account}/meeting-recordings/{identifier}/content"
    return file | ({"contentDownloadUri": link, "size": bytes_a_minute * one.seconds // 60} if done else {})
