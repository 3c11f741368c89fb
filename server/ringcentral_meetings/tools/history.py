"""Past meetings: who attended, recordings, summaries and transcripts."""

import json
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.past import ID_CHARS, PastMeeting, PastPage, PastQuery, Transcript, Utterance
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES, Result, ToolSpec
from ringcentral_meetings.tools import Ctx, HostId, TimeZone, paging, past_pages, product, services
from ringcentral_meetings.tools.default_zone import Zone
from ringcentral_meetings.tools.past_pages import Position
from ringcentral_meetings.tools.results import Part
from ringcentral_meetings.untrusted_text import truncated

NAMES_IN_ROW = 3
NAME_IN_ROW_CHARS = 30
NAMES_SHOWN = 100
TRANSCRIPT_BYTES = 24_000
TOKEN_CHARS = 4_000

BEARER = (
    "A link with needs_token opens only with the header Authorization: Bearer and a token of the app; the person can "
    "also find the recording in the RingCentral app."
)


class PastRow(Part):
    """A past meeting in a list; `participants` names some of them and gives their number."""

    past_meeting_id: str
    meeting_id: str | None = None
    topic: str | None = None
    start: str | None = None
    end: str | None = None
    weekday: timing.Weekday | None = None
    duration_minutes: int | None = None
    host: str | None = None
    participants: str | None = None
    recorded: bool | None = None
    status: str | None = None


class PastMeetingPage(Result):
    """Past meetings, the newest first; `note` gives the window, and says what is left out."""

    total: int | None = None
    meetings: list[PastRow] | None = None
    today: str | None = None
    next_page_token: str | None = None
    note: str | None = None


class RecordingLink(Part):
    """A recording, or one of its files."""

    state: str | None = None
    kind: str | None = None
    url: str | None = None
    needs_token: bool | None = None


class PastMeetingDetails(Result):
    """A past meeting, as far as RingCentral knows; on later pages of a transcript only its lines."""

    topic: str | None = None
    start: str | None = None
    duration_minutes: int | None = None
    participants: list[str] | None = None
    recordings: list[RecordingLink] | None = None
    summary: str | None = None
    chat_url: str | None = None
    transcript: str | None = None
    next_page_token: str | None = None
    note: str | None = None


async def list_past_meetings(
    ctx: Ctx,
    window_start: Annotated[
        str | None, Field(description="From this date or time; default two weeks before window_end", max_length=40)
    ] = None,
    window_end: Annotated[
        str | None, Field(description="Through this date or time; default now", max_length=40)
    ] = None,
    time_zone: TimeZone = None,
    query: Annotated[str | None, Field(description="Words in the topic or names", max_length=200)] = None,
    limit: Annotated[int, Field(description="Rows a page", ge=1, le=paging.MAX_ROWS)] = 25,
    page_token: Annotated[str | None, Field(description="next_page_token", max_length=TOKEN_CHARS)] = None,
    host_id: HostId = None,
) -> PastMeetingPage:
    """List past RingCentral meetings (history) held last week, yesterday: who attended, which were recorded.

    To pull up old, previous or finished calls and Video sessions, see whether they actually took place that day and
    how many since a month ago, or find recordings.
    """
    own = services(ctx)
    zone = await own.viewer_zone(time_zone)
    digest = paging.digest_of(window_start, window_end, query, zone.name, *filter(None, [host_id]))
    if page_token is not None:
        position = Position.decode(page_token, digest, limit)
    else:
        position = Position(*past_pages.window_of(window_start, window_end, zone.name, own.now()), limit)
    asked = PastQuery(position.start, position.end, query, position.size, position.upstream, host_id)
    found = await (await product(ctx, host_id)).past(asked)
    ahead = position.ahead(found.meetings)
    rows = [_row(meeting, zone.name) for meeting in ahead[:limit]]
    shown = rows[: paging.fitting(rows)]
    following = _following(position, found, ahead[: len(shown)]) if shown or not ahead else None
    return PastMeetingPage(
        total=found.total,
        meetings=shown,
        today=timing.today(own.now(), zone.name),
        next_page_token=following.encode(digest) if following is not None else None,
        note=_list_note(position, zone, found, len(shown), query, more=following is not None),
    )


async def get_past_meeting(
    ctx: Ctx,
    past_meeting_id: Annotated[
        str, Field(description="Id from list_past_meetings", max_length=ID_CHARS, coerce_numbers_to_str=True)
    ],
    transcript: Annotated[bool, Field(description="Also return what was said")] = False,
    page_token: Annotated[str | None, Field(description="For more transcript", max_length=TOKEN_CHARS)] = None,
    host_id: HostId = None,
) -> PastMeetingDetails:
    """Get one past RingCentral meeting: participants (who took part), recording, summary, notes, chat, transcript.

    Minutes and recap of a call: what did they say or decide, what did one miss? Attendance: did one show up to a
    session, who joined late yesterday or moments ago, when did each leave? With a link to the recording.
    """
    own, at_hand = services(ctx), await product(ctx, host_id)
    digest = paging.digest_of(past_meeting_id, transcript)
    if page_token is not None:
        first = _line(paging.unseal(page_token, digest))
        said = await at_hand.transcript(past_meeting_id)
        if said.problem is not None:
            raise said.problem
        return _with_lines(PastMeetingDetails(), said.utterances, first, digest)
    meeting = await at_hand.past_meeting(past_meeting_id, host_id)
    heard = await at_hand.transcript(past_meeting_id) if transcript and meeting.recordings else None
    shown = _details(meeting, (await own.viewer_zone()).name, heard, wanted=transcript)
    return _with_lines(shown, heard.utterances, 0, digest) if heard is not None and heard.utterances else shown


def _row(meeting: PastMeeting, zone: str) -> PastRow:
    start = timing.at(meeting.start, zone) if meeting.start is not None else None
    ended = start is not None and meeting.seconds is not None and not meeting.running
    return PastRow(
        past_meeting_id=meeting.past_meeting_id,
        meeting_id=meeting.meeting_id,
        topic=meeting.topic,
        start=timing.show(start) if start is not None else None,
        end=timing.show(start.add(seconds=meeting.seconds or 0)) if start is not None and ended else None,
        weekday=timing.weekday(start) if start is not None else None,
        duration_minutes=_minutes(meeting),
        host=meeting.host,
        participants=_in_short(meeting),
        recorded=bool(meeting.recordings),
        status="in progress" if meeting.running else None,
    )


def _minutes(meeting: PastMeeting) -> int | None:
    return round(meeting.seconds / 60) if meeting.seconds is not None else None


def _in_short(meeting: PastMeeting) -> str | None:
    """Return some names, and how many there were: "Robin Ashdown, Ana Duarte (2)"."""
    if meeting.participants is None:
        return None
    names = [truncated(one.name, NAME_IN_ROW_CHARS) for one in meeting.participants[:NAMES_IN_ROW]]
    dots = ", …" if len(meeting.participants) > NAMES_IN_ROW else ""
    return f"{', '.join(names) or 'nobody'}{dots} ({len(meeting.participants)})"


def _following(position: Position, found: PastPage, shown: Sequence[PastMeeting]) -> Position | None:
    """Return the position of the next page: within the product's page while that holds more, else in its next one."""
    left = len(position.ahead(found.meetings)) - len(shown)
    if left and shown:
        return Position(position.start, position.end, position.size, position.upstream, shown[-1].place)
    if found.next_page_token is not None:
        return Position(position.start, position.end, position.size, found.next_page_token)
    return None


def _list_note(position: Position, zone: Zone, found: PastPage, shown: int, words: str | None, *, more: bool) -> str:
    start, end = (timing.show(timing.at(edge, zone.name)) for edge in (position.start, position.end))
    notes = [f"{start} to {end}, {zone.name} ({zone.source}), newest first."]
    if not shown and more:
        notes.append("Nothing on this page; call again with next_page_token.")
    elif not shown and position.after is None and position.upstream is None:
        searched = f'nothing with "{errors.quoted(words)}": try one word, or drop query' if words else "nothing"
        notes.append(f"Found {searched}. Widen window_start and window_end.")
    elif not shown:
        notes.append("No more pages.")
    elif more:
        notes.append("More with next_page_token and the same arguments.")
    if found.unread:
        notes.append("Some could not be read, so this list may be incomplete.")
    return " ".join([*notes, *filter(None, [found.note])])


def _details(meeting: PastMeeting, zone: str, said: Transcript | None, *, wanted: bool) -> PastMeetingDetails:
    return PastMeetingDetails(
        topic=meeting.topic,
        start=timing.show(timing.at(meeting.start, zone)) if meeting.start is not None else None,
        duration_minutes=_minutes(meeting),
        participants=_names(meeting),
        recordings=[
            RecordingLink(state=one.state, kind=one.kind, url=one.url, needs_token=one.needs_token or None)
            for one in meeting.recordings
        ],
        summary=_summary(meeting, said),
        chat_url=meeting.chat_url,
        note=_past_meeting_note(meeting, said, wanted=wanted),
    )


def _names(meeting: PastMeeting) -> list[str] | None:
    """Return who attended, with the host marked, or added if they did not attend."""
    if meeting.participants is None:
        return None
    names = [f"{one.name} (host)" if one.is_host else one.name for one in meeting.participants]
    if len(names) > NAMES_SHOWN:
        names[NAMES_SHOWN:] = [f"and {len(names) - NAMES_SHOWN} more"]
    if meeting.host is not None and not any(one.is_host for one in meeting.participants):
        names.append(f"{meeting.host} (host, not seen there)")
    return names


def _summary(meeting: PastMeeting, said: Transcript | None) -> str | None:
    """Return RingCentral's summary, else RingSense's, and the next steps from RingSense."""
    summary = meeting.summary or (said.summary if said is not None else None)
    steps = "; ".join(said.next_steps) if said is not None else ""
    return " ".join(filter(None, [summary, f"Next steps: {steps}" if steps else None])) or None


def _past_meeting_note(meeting: PastMeeting, said: Transcript | None, *, wanted: bool) -> str | None:
    notes = ["It is still running."] if meeting.running else []
    if meeting.notes is not None:
        notes.append(f"RingCentral's own notes: {meeting.notes}; read them in the RingCentral app.")
    if any(one.needs_token for one in meeting.recordings):
        notes.append(BEARER)
    if wanted and said is None:
        notes.append("No transcript: RingCentral has no recording of this meeting.")
    elif said is not None and said.problem is not None:
        notes.append(f"No transcript: {said.problem.code}: {said.problem.message} {said.problem.next_step}")
    elif said is not None and not said.utterances:
        notes.append("No transcript: RingSense recognised no speech.")
    return " ".join([*notes, *filter(None, [meeting.note])]) or None


def _line(position: list[object]) -> int:
    """Return the number of the line at which a page of a transcript begins."""
    if len(position) != 1 or not isinstance(position[0], int) or not 0 <= position[0] < 10**9:
        raise errors.invalid_page_token()
    return position[0]


def _with_lines(
    shown: PastMeetingDetails, utterances: Sequence[Utterance], first: int, digest: str
) -> PastMeetingDetails:
    """Return `shown` with as many lines of the transcript as still fit, and how to get the rest."""
    taken = len(shown.model_dump_json(exclude_none=True).encode())
    room = min(TRANSCRIPT_BYTES, MAX_RESULT_BYTES - paging.ENVELOPE_BYTES - taken)
    lines: list[str] = []
    for one in utterances[first:]:
        line = _spoken(one)
        room -= len(json.dumps(line, ensure_ascii=False).encode())
        if room < 0 and lines:
            break
        lines.append(line)
    last = first + len(lines)
    shown.transcript = "\n".join(lines)
    shown.next_page_token = paging.seal(digest, [last]) if last < len(utterances) else None
    notes = [shown.note, f"Transcript lines {first + 1}-{last} of {len(utterances)}" if lines else "No more lines"]
    going_on = "; next_page_token gives more." if shown.next_page_token else "."
    shown.note = " ".join(filter(None, notes)) + going_on
    return shown


def _spoken(one: Utterance) -> str:
    """Return a line such as "01:05 Robin Ashdown: Good morning."."""
    stamp = f"{one.second // 60:02}:{one.second % 60:02}" if one.second is not None else "--:--"
    return f"{stamp} {one.speaker or 'unknown'}: {one.text}"


READ_TOOLS = (
    ToolSpec(list_past_meetings, "List the history of past RingCentral meetings", contract.READ),
    ToolSpec(get_past_meeting, "Get a past RingCentral meeting", contract.READ),
)
