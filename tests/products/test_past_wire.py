"""What was held, from RingCentral's shapes to ours: states, links, moments, and who was there."""

import pytest
from whenever import Instant

from ringcentral_meetings.domain.past import Participant, PastMeeting, Recording
from ringcentral_meetings.platform.api import history_wire as wire
from ringcentral_meetings.products.past_wire import (
    link,
    moment,
    read_recorded_meeting,
    read_transcript,
    read_video_meeting,
    usable_id,
)

MEDIA = "https://media.ringcentral.com/rcvideo/v1/recordings/1/content"


def video(**fields: object) -> PastMeeting:
    read = read_video_meeting(wire.VideoMeeting.model_validate({"id": "1!us@us"} | fields))
    assert read is not None
    return read


def recording(**fields: object) -> Recording:
    [read] = video(recordings=[fields]).recordings
    return read


@pytest.mark.parametrize(
    ("status", "availability", "state"),
    [
        ("InProgress", "NotAvailable", "recording"),
        ("Processing", "NotAvailable", "processing"),
        ("Processed", "Alive", "ready"),
        ("Processed", "Deleted", "removed"),
        ("Processed", "Purged", "removed"),
        ("Error", "NotAvailable", "failed"),
        ("Corrupted", "Alive", "failed"),
        ("Failed", "NotAvailable", "failed"),
        ("Purged", "Purged", "removed"),
        (None, "Alive", "ready"),
        ("Brewing", "Alive", "unknown"),
        (None, None, "unknown"),
    ],
)
def test_a_recording_is_in_a_state_of_few_and_has_a_link_where_that_may_lead_somewhere(
    status: str | None, availability: str | None, state: str
) -> None:
    read = recording(status=status, availabilityStatus=availability, url=MEDIA)
    assert read.state == state
    assert read.url == (MEDIA if state in ("ready", "unknown") else None)
    assert read.needs_token is (read.url is not None)


def test_a_link_to_another_host_than_that_of_media_is_not_said_to_need_a_token() -> None:
    read = recording(status="Processed", url="https://v.ringcentral.com/recordings/1")
    assert (read.url, read.needs_token) == ("https://v.ringcentral.com/recordings/1", False)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (MEDIA, MEDIA),
        (f"{MEDIA}?a=1&access_token=SECRET&b=%20x", f"{MEDIA}?a=1&b=+x"),
        (f"{MEDIA}?Access_Token=SECRET", MEDIA),
        (f"{MEDIA}?e=a/b+c=", f"{MEDIA}?e=a/b+c="),
        ("http://media.ringcentral.com/1", None),
        ("javascript:alert(1)", None),
        ("https://user:pw@media.ringcentral.com/1", None),
        ("https://", None),
        ("https://[", None),
        ("https://media.ringcentral.com/\u202e1", None),
        (f"{MEDIA}?{'x' * 1_000}", None),
        ("", None),
        (None, None),
    ],
)
def test_a_link_holds_no_credential_and_leads_over_https(url: str | None, shown: str | None) -> None:
    assert link(url) == shown


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("2026-11-17T15:00:00Z", 1_794_927_600),
        ("2026-11-17T15:00:00.123Z", 1_794_927_600),
        ("1794927600000", 1_794_927_600),
        ("yesterday", None),
        ("9" * 15, None),
        ("9" * 300, None),
        ("1960-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        (None, None),
    ],
)
def test_a_moment_is_iso_or_milliseconds_within_the_calendar(text: str | None, second: int | None) -> None:
    read = moment(text)
    assert (read.timestamp() if read is not None else None) == second


@pytest.mark.parametrize("text", ["", None, " 1", "1\n", "1\u200b", "x" * 301])
def test_an_id_that_could_not_be_given_back_as_it_is_is_none(text: str | None) -> None:
    assert usable_id(text) is None


def test_somebody_who_came_back_is_named_once_and_the_host_is_marked() -> None:
    people = [
        {"id": "p-1", "extensionId": "11", "displayName": "Robin"},
        {"id": "p-2", "displayName": "Guest"},
        {"id": "p-3", "displayName": "Guest"},
        {"id": "p-4", "callerId": "+14155550199"},
        {"id": "p-5", "extensionId": "11", "displayName": "Robin (phone)"},
        {"id": "p-6"},
    ]
    read = video(hostInfo={"extensionId": "11", "displayName": "Robin"}, participants=people)
    assert read.participants == (
        Participant("Robin", is_host=True),
        Participant("Guest"),
        Participant("Guest"),
        Participant("+14155550199"),
        Participant("unnamed"),
    )


def test_without_the_host_s_extension_nobody_is_taken_for_the_host() -> None:
    assert video(participants=[{"displayName": "A"}]).participants == (Participant("A"),)


@pytest.mark.parametrize(
    ("fields", "summary"),
    [
        ({"summary": "new", "longSummary": "old"}, "new"),
        ({"longSummary": "long", "shortSummary": "short"}, "long"),
        ({"shortSummary": "short"}, "short"),
        ({"recordings": [{}, {"shortSummary": "of the recording"}]}, "of the recording"),
        ({"summary": "\u202e"}, None),
        ({}, None),
    ],
)
def test_a_summary_is_found_where_newer_or_older_answers_have_it(
    fields: dict[str, object], summary: str | None
) -> None:
    assert video(**fields).summary == summary


@pytest.mark.parametrize("duration", [-1, 10**18, 1e308, "long", None])
def test_a_duration_that_is_none_is_not_told(duration: object) -> None:
    assert video(duration=duration).seconds is None


def test_a_meeting_of_the_older_product_lasts_to_the_end_of_its_last_recording() -> None:
    start, early, late = "2026-11-17T15:00:00Z", "2026-11-17T15:10:00Z", "2026-11-17T15:30:00Z"
    record = {
        "meeting": {"id": "88", "uuid": "a/b==", "topic": " Weekly\n", "startTime": start},
        "recordings": [
            {"contentType": "video/mp4", "status": "Completed", "endTime": late, "contentDownloadUri": MEDIA},
            {"contentType": "text/vtt", "status": "Processing", "endTime": early},
        ],
    }
    read = read_recorded_meeting([wire.MeetingRecordings.model_validate(record)], "88:a/b==")
    assert (read.meeting_id, read.topic, read.seconds) == ("88", "Weekly", 1_800)
    assert read.start == Instant.from_utc(2026, 11, 17, 15)
    assert read.recordings == (
        Recording("ready", "video/mp4", MEDIA, needs_token=True),
        Recording("processing", "text/vtt"),
    )
    assert read.participants is None


def test_a_transcript_names_its_speakers_and_loses_no_word_of_a_long_speech() -> None:
    long = " ".join(f"word{n}" for n in range(2_000))
    read = read_transcript(
        wire.Insights.model_validate(
            {
                "speakerInfo": [{"speakerId": "p-1", "name": "Robin"}, {"speakerId": "p-2", "phoneNumber": "+1415"}],
                "insights": {
                    "Transcript": [
                        {"speakerId": "p-1", "text": long, "start": 65.9},
                        {"speakerId": "p-2", "text": "Yes.\u202e", "start": -1},
                        {"speakerId": "p-3", "text": "\x00", "start": "soon"},
                    ],
                    "Summary": [{"value": "One."}, {"value": "Two."}],
                    "NextSteps": [{"speakerId": "p-2", "value": "Call back"}, {"value": "Pay"}, {"value": ""}],
                },
            }
        )
    )
    *speech, reply = read.utterances
    assert "".join(one.text for one in speech) == long
    assert {(one.speaker, one.second) for one in speech} == {("Robin", 65)}
    assert (reply.text, reply.speaker, reply.second) == ("Yes.", "+1415", None)
    assert read.summary == "One. Two."
    assert read.next_steps == ("+1415: Call back", "Pay")
