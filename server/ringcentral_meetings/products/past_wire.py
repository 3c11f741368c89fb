"""Past meetings from RingCentral's shapes to ours, for both products."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from whenever import Instant

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import TOPIC_CHARS
from ringcentral_meetings.domain.past import (
    ID_CHARS,
    Participant,
    PastMeeting,
    Recording,
    RecordingState,
    Transcript,
    Utterance,
)
from ringcentral_meetings.platform.api import history_wire as wire
from ringcentral_meetings.untrusted_text import clean, clean_and_cut

NAME_CHARS: Final = 60
SUMMARY_CHARS: Final = 4_000
STEP_CHARS: Final = 500
STEPS: Final = 20
RECORDINGS: Final = 20
WORD_CHARS: Final = 40
URL_CHARS: Final = 1_000
UTTERANCE_CHARS: Final = 2_000
"""Bounds of what is shown. An utterance is shown whole, in pieces of that length."""

_FIRST, _LAST = Instant.from_utc(1970, 1, 1), Instant.from_utc(3000, 1, 1)
_LONGEST_SECONDS = int(timedelta(days=366).total_seconds())
_EPOCH_DIGITS = range(9, 16)
_MEDIA_HOST = "media."
_TOKENS = frozenset({"access_token", "token"})
_STATES: Final[dict[str, RecordingState]] = {
    "inprogress": "recording",
    "processing": "processing",
    "processed": "ready",
    "completed": "ready",
    "alive": "ready",
    "error": "failed",
    "corrupted": "failed",
    "failed": "failed",
    "purged": "removed",
    "deleted": "removed",
}


def usable_id(text: str | None) -> str | None:
    """Return an id that can be given back to RingCentral as it is; None for anything else."""
    return text if text and len(text) <= ID_CHARS and clean(text) == text else None


def moment(text: str | None) -> Instant | None:
    """Return the instant in ISO 8601 or milliseconds since 1970; None for anything else, or outside 1970 to 3000."""
    if text is None:
        return None
    try:
        digits = text.isascii() and text.isdigit() and len(text) in _EPOCH_DIGITS
        read = Instant.from_timestamp(int(text), unit="millisecond") if digits else timing.from_wire(text)
    except (ValueError, OverflowError):
        return None
    return read if _FIRST <= read < _LAST else None


def link(url: str | None) -> str | None:
    """Return a link that a person may follow, without access tokens; None unless it is https, short and clean."""
    if not url or len(url) > URL_CHARS or clean(url) != url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        return None
    given = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in given if name.lower() not in _TOKENS]
    return parts._replace(query=urlencode(kept)).geturl() if len(kept) < len(given) else url


def read_video_meeting(read: wire.VideoMeeting) -> PastMeeting | None:
    """Return a meeting of RingCentral Video's history; None if it has no usable id."""
    past_meeting_id = usable_id(read.id)
    if past_meeting_id is None:
        return None
    return PastMeeting(
        past_meeting_id=past_meeting_id,
        meeting_id=usable_id(read.bridge_id),
        topic=clean_and_cut(read.display_name, TOPIC_CHARS) or "",
        start=moment(read.start_time),
        seconds=_seconds(read.duration),
        running=(read.status or "").casefold() == "inprogress",
        host=clean_and_cut(read.host.display_name, NAME_CHARS),
        participants=tuple(_participants(read)),
        recordings=tuple(_video_recording(one) for one in read.recordings[:RECORDINGS]),
        summary=clean_and_cut(_summary(read), SUMMARY_CHARS),
        notes=next((state for one in read.notes if (state := clean_and_cut(one.status, WORD_CHARS))), None),
        chat_url=link(read.chat_url),
    )


def read_recorded_meeting(found: Sequence[wire.MeetingRecordings], past_meeting_id: str) -> PastMeeting:
    """Return one past meeting of the older product, from all of its recordings."""
    instance = found[0].meeting
    files = [one for part in found for one in part.recordings]
    start = moment(instance.start_time)
    ends = [end for one in files if (end := moment(one.end_time)) is not None]
    return PastMeeting(
        past_meeting_id=past_meeting_id,
        meeting_id=usable_id(instance.id),
        topic=clean_and_cut(instance.topic, TOPIC_CHARS) or "",
        start=start,
        seconds=_seconds(round((max(ends) - start).total("seconds"))) if ends and start is not None else None,
        recordings=tuple(_recording_file(one) for one in files[:RECORDINGS]),
    )


def read_transcript(read: wire.Insights) -> Transcript:
    """Return RingSense's transcript, long utterances in pieces, the speakers by name if known."""
    names = {
        speaker.speaker_id: clean_and_cut(speaker.name or speaker.phone_number, NAME_CHARS)
        for speaker in read.speakers
        if speaker.speaker_id
    }
    said = [
        Utterance(piece, names.get(one.speaker_id or ""), _second(one.start))
        for one in read.transcript
        for piece in _pieces(clean(one.text or ""))
    ]
    steps = [_step(one, names) for one in read.next_steps[:STEPS] if one.value]
    summary = " ".join(one.value for one in read.summary if one.value)
    return Transcript(tuple(said), clean_and_cut(summary, SUMMARY_CHARS), tuple(filter(None, steps)))


def _participants(read: wire.VideoMeeting) -> Iterable[Participant]:
    """Yield those who attended; a user of the account once, however often they came back."""
    seen: set[str] = set()
    host = read.host.extension_id
    for one in read.participants:
        if one.extension_id in seen:
            continue
        seen |= {one.extension_id} if one.extension_id else set()
        name = clean_and_cut(one.display_name, NAME_CHARS) or clean_and_cut(one.caller_id, NAME_CHARS) or "unnamed"
        yield Participant(name, is_host=bool(host) and one.extension_id == host)


def _summary(read: wire.VideoMeeting) -> str | None:
    """Return the summary, which older answers have under other names or in the recordings."""
    texts = [read.summary, read.long_summary, read.short_summary]
    texts += [text for one in read.recordings for text in (one.long_summary, one.short_summary)]
    return next(filter(None, texts), None)


def _video_recording(read: wire.VideoRecording) -> Recording:
    availability = (read.availability_status or "").casefold()
    state = _state(availability if _state(availability) == "removed" else read.status or availability)
    url = link(read.url) if state in {"ready", "unknown"} else None
    return Recording(state, url=url, needs_token=url is not None and _is_media(url))


def _recording_file(read: wire.MeetingRecording) -> Recording:
    """Return a file of the older product, whose link always needs a token (developer guide, "Media")."""
    state = _state(read.status or "")
    url = link(read.url) if state in {"ready", "unknown"} else None
    return Recording(state, clean_and_cut(read.content_type, WORD_CHARS), url, needs_token=url is not None)


def _state(status: str) -> RecordingState:
    return _STATES.get(status.casefold(), "unknown")


def _is_media(url: str) -> bool:
    """Return whether a URL is on the media host, which needs a token (developer guide, "Media")."""
    return (urlsplit(url).hostname or "").startswith(_MEDIA_HOST)


def _seconds(seconds: int | None) -> int | None:
    return seconds if seconds is not None and 0 <= seconds <= _LONGEST_SECONDS else None


def _second(seconds: float | None) -> int | None:
    return int(seconds) if seconds is not None and 0 <= seconds <= _LONGEST_SECONDS else None


def _step(read: wire.Insight, names: dict[str, str | None]) -> str | None:
    step, who = clean_and_cut(read.value, STEP_CHARS), names.get(read.speaker_id or "")
    return f"{who}: {step}" if who and step else step


def _pieces(text: str) -> list[str]:
    return [text[first : first + UTTERANCE_CHARS] for first in range(0, len(text), UTTERANCE_CHARS)]
