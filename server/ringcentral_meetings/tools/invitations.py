"""The tool that gives the invitation to a meeting."""

from typing import Annotated, Final, Literal, Self, get_args

from mcp_types import ContentBlock, EmbeddedResource, ResourceLink, TextResourceContents
from pydantic import Field, JsonValue, PrivateAttr

from ringcentral_meetings import errors
from ringcentral_meetings.domain import invitation, timing
from ringcentral_meetings.domain.meeting import MAX_MINUTES, Meeting, Recurrence
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.protocol.contract import Result, ToolSpec
from ringcentral_meetings.tools import Ctx, HostId, MeetingId, Services, TimeZone, notes, product, services
from ringcentral_meetings.tools.requests import DEFAULT_MINUTES, MeetingArguments, at_time

CALENDAR_TYPE = "text/calendar"

_WEEKDAY: Final[dict[str, JsonValue]] = {"type": "string", "enum": list(get_args(timing.Weekday))}
BRIEF_RECURRENCE: Final[dict[str, JsonValue]] = {
    "frequency": {"type": "string", "enum": list(get_args(timing.Frequency)), "description": "Unit"},
    "interval": {"type": "integer", "minimum": 1, "maximum": 90, "description": "Step"},
    "weekly_days": {"type": "array", "items": _WEEKDAY, "description": "Weekdays"},
    "monthly_day": {"type": "integer", "minimum": 1, "maximum": 31, "description": "Day of the month"},
    "monthly_week": {"type": "string", "enum": list(get_args(timing.MonthWeek)), "description": "Or which"},
    "monthly_weekday": _WEEKDAY | {"description": "With it"},
    "count": {"type": "integer", "minimum": 1, "maximum": timing.MAX_COUNT, "description": "How many"},
    "until": {"type": "string", "description": "Until when"},
}
"""The recurrence as published a second time, in short: create_meeting describes the same object in full."""


class MeetingInvitation(Result):
    """A text to paste, and a calendar file if the meeting has a time."""

    text: str
    text_by: Literal["ringcentral", "server"]
    file_name: str | None = None
    file_uri: str | None = None
    uid: str | None = None
    note: str
    _file: bytes | None = PrivateAttr(None)
    _link_alone: bool = PrivateAttr(False)

    def attach(self, file: bytes) -> None:
        """Attach the calendar file."""
        self._file = file

    def attachments(self) -> list[ContentBlock]:
        if self._file is None or self.file_name is None:
            return []
        uri = self.file_uri or f"attachment:{self.file_name}"
        contents = TextResourceContents(uri=uri, mime_type=CALENDAR_TYPE, text=self._file.decode())
        if self.file_uri is None:
            return [] if self._link_alone else [EmbeddedResource(type="resource", resource=contents)]
        link = ResourceLink(
            type="resource_link",
            name=self.file_name,
            uri=self.file_uri,
            mime_type=CALENDAR_TYPE,
            size=len(self._file),
        )
        return [link] if self._link_alone else [EmbeddedResource(type="resource", resource=contents), link]

    def with_less_attached(self) -> Self:
        """Return the invitation without its file, and with its link where the file is a resource."""
        where = "read the resource file_uri" if self.file_uri is not None else "enter it by the text instead"
        self.note = f"Nothing was sent: pass the text on. The .ics file is too large to attach: {where}."
        self._link_alone = True
        return self


async def get_meeting_invitation(
    ctx: Ctx,
    meeting_id: MeetingId,
    host_id: HostId = None,
    start_time: Annotated[
        str | None, Field(description="If the meeting has none: local or with offset", max_length=40)
    ] = None,
    duration_minutes: Annotated[
        int | None, Field(description="Length, with start_time; default 60", ge=1, le=MAX_MINUTES)
    ] = None,
    time_zone: TimeZone = None,
    recurrence: Annotated[
        Recurrence | None,
        Field(description="As in create_meeting, with start_time", json_schema_extra={"properties": BRIEF_RECURRENCE}),
    ] = None,
    replaces: Annotated[
        str | None,
        Field(description="uid of the earlier result whose entry this replaces", max_length=2_500),
    ] = None,
) -> MeetingInvitation:
    """Get the invitation (invite) to a RingCentral meeting, to send to guests: text to paste, an .ics calendar file.

    These are joining instructions to write or forward, something to put into a chat or add to a calendar. Sends
    nothing.
    """
    # Imported late, here and below: only calendar files need it.
    from ringcentral_meetings.domain.ics import ics_name, ics_of, ics_uri

    own = services(ctx)
    found = await (await product(ctx, host_id)).invitation(meeting_id, host_id)
    stored = found.meeting
    wanted = MeetingArguments(
        start_time=start_time, duration_minutes=duration_minutes, time_zone=time_zone, recurrence=recurrence
    )
    meeting = await at_time(stored, wanted, own)
    if replaces is not None and meeting is stored:
        raise errors.nothing_to_replace(stored=stored.start is not None)
    uid = await _uid(meeting, replaces, time_zone, own) if meeting is not stored else None
    moved = _replacement_note(wanted, by_start=replaces != uid) if replaces is not None else ""
    theirs = invitation.shown_text(found.text or "") if meeting is stored else ""
    addressed = meeting is stored and meeting.start is not None and host_id is None
    answer = MeetingInvitation(
        text=theirs or invitation.text_of(meeting, found.info, await own.shown_zone(meeting)),
        text_by="ringcentral" if theirs else "server",
        file_name=ics_name(meeting) if meeting.start is not None else None,
        file_uri=ics_uri(stored.meeting_id) if addressed else None,
        uid=uid,
        note=" ".join(filter(None, [_invitation_note(meeting, stored=meeting is stored), moved])),
    )
    if meeting.start is not None:
        answer.attach(ics_of(meeting, found.info, own.now(), uid=uid))
    return answer


async def _uid(meeting: Meeting, replaces: str | None, time_zone: str | None, own: Services) -> str:
    """Return the UID of the entry for a room at a time: a new one, or that of the entry which it replaces.

    An entry that was never moved may also be named by its start.
    """
    from ringcentral_meetings.domain.ics import has_uid, uid_of

    if replaces is None:
        return uid_of(meeting, meeting.start)
    if "@" not in replaces:
        if not replaces.strip()[:4].isdecimal():
            raise errors.not_the_uid()
        zone = (await own.zone(time_zone)).name
        instant = timing.parse_offset_start(replaces, field="replaces")
        start = timing.at(instant, zone) if instant else timing.parse_start(replaces, zone, field="replaces")
        return uid_of(meeting, start)
    if not has_uid(meeting, replaces.strip()):
        raise errors.not_the_uid()
    return replaces.strip()


def _invitation_note(meeting: Meeting, *, stored: bool) -> str:
    if meeting.start is None:
        return "Nothing was sent: pass the text on. Without a time there is no .ics file: give start_time to get one."
    note = "Nothing was sent: pass the text on, and the attached .ics file if the person can save it."
    if stored:
        return note
    moving = (
        "RingCentral does not store this time. To move or change the entry, call again with replaces=uid; without it "
        "a second one stands beside it. To cancel, tell the guests to delete it: there is no file for that."
    )
    return " ".join(filter(None, [note, moving, notes.missing_dates(meeting)]))


def _replacement_note(wanted: MeetingArguments, *, by_start: bool) -> str:
    """Say what an entry that replaces another has no more, since nothing of the earlier one is stored."""
    left_out = [] if wanted.recurrence is not None else ["does not repeat"]
    left_out += [] if wanted.duration_minutes is not None else [f"lasts {DEFAULT_MINUTES} minutes"]
    lost = f"The entry now {timing.listed(left_out)}, as nothing else was given." if left_out else ""
    known = "An entry is known by its start only if it was never moved." if by_start else ""
    return " ".join(filter(None, [lost, known]))


READ_TOOLS = (ToolSpec(get_meeting_invitation, "Get a RingCentral invitation", contract.READ),)
