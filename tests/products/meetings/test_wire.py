"""RingCentral Meetings' shapes to ours and back, without losing what is not ours."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from whenever import ZonedDateTime

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import MeetingDraft, MeetingSettings
from ringcentral_meetings.platform.api import meetings_wire as wire
from ringcentral_meetings.products.meetings.wire import READ_ONLY, lost_names, read_meeting, write_meeting

small = settings(derandomize=True, deadline=None, max_examples=60)

START = ZonedDateTime(2026, 11, 24, 15, tz="America/New_York")
SCHEDULE = {
    "startTime": "2026-11-24T20:00:00Z",
    "durationInMinutes": 30,
    "timeZone": {"uri": "https://x/1", "id": "58", "name": "America/New_York", "description": "Eastern"},
}
RESPONSE: dict[str, Any] = {
    "uri": "https://x/meeting/1",
    "uuid": "a/b+c==",
    "id": "1",
    "topic": "Budget",
    "meetingType": "Scheduled",
    "schedule": SCHEDULE,
    "password": "pw",
    "h323Password": "123456",
    "status": "NotStarted",
    "links": {"startUri": "https://x/s/1?zpk=secret", "joinUri": "https://x/j/1"},
    "host": {"uri": "https://x/ext/9", "id": "9"},
    "pmi": "4155550101",
    "occurrences": [],
    "allowJoinBeforeHost": True,
}

json_values = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
unknown_fields = st.dictionaries(st.text(min_size=1, max_size=6).map(lambda name: f"x{name}"), json_values, max_size=4)

options = st.builds(
    MeetingSettings,
    enable_waiting_room=st.none() | st.booleans(),
    enforce_login=st.none() | st.booleans(),
    use_personal_meeting_id=st.none() | st.booleans(),
    audio_options=st.none() | st.lists(st.sampled_from(["Phone", "ComputerAudio"]), min_size=1, unique=True),
    auto_record_type=st.none() | st.sampled_from(["local", "cloud", "none"]),
    global_dial_in_countries=st.none() | st.lists(st.sampled_from(["US", "GB", "FR"]), min_size=1, unique=True),
    alternative_hosts=st.none() | st.just("ada@example.com,grace@example.com"),
)
ends: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.integers(1, 99).map(lambda count: {"count": count}),
    st.integers(1, 2_000).map(lambda days: {"until": START.add(days=days).to_instant()}),
)
weekly = st.builds(
    lambda interval, days, end: timing.Rule("Weekly", interval, weekly_days=("Tuesday", *days), **end),
    st.integers(1, 12),
    st.lists(st.sampled_from(["Sunday", "Friday"]), unique=True),
    ends,
)
monthly = st.builds(
    lambda interval, day, end: timing.Rule("Monthly", interval, **day, **end),
    st.integers(1, 3),
    st.sampled_from([{"monthly_day": 24}, {"monthly_week": "Fourth", "monthly_weekday": "Tuesday"}]),
    ends,
)
daily = st.builds(lambda interval, end: timing.Rule("Daily", interval, **end), st.integers(1, 90), ends)
drafts = st.builds(
    MeetingDraft,
    topic=st.none() | st.text(max_size=20),
    start=st.none() | st.just(START) | st.just(START.add(days=7)),
    duration_minutes=st.none() | st.integers(1, 1_440),
    password=st.none() | st.sampled_from(["", "a_@*-"]),
    settings=options,
)


def read(body: dict[str, Any]) -> Any:
    return read_meeting(wire.Meeting.model_validate(body), "America/New_York", reveal_start_link=False)


@small
@given(drafts, unknown_fields)
def test_what_is_written_over_a_meeting_keeps_every_field_that_the_draft_does_not_name(
    draft: MeetingDraft, unknown: dict[str, Any]
) -> None:
    body = write_meeting(draft, "7", over=RESPONSE | unknown)
    assert not set(body) & READ_ONLY
    assert {name: body[name] for name in unknown} == unknown
    assert body["host"] == {"id": "9"}
    assert body["topic"] == (RESPONSE["topic"] if draft.topic is None else draft.topic)
    assert body["password"] == (RESPONSE["password"] if draft.password is None else draft.password)
    assert body["allowJoinBeforeHost"] is True
    assert body["schedule"]["timeZone"] == {"id": "58" if draft.start is None else "7"}
    assert lost_names(body, body) == []


@small
@given(unknown_fields)
def test_the_body_that_was_read_is_left_as_it_was(unknown: dict[str, Any]) -> None:
    over = RESPONSE | unknown
    before = repr(over)
    write_meeting(MeetingDraft(topic="x", start=START, duration_minutes=5), "7", over=over)
    assert repr(over) == before


@small
@given(st.one_of(st.none(), weekly, monthly, daily), options, st.integers(1, 1_440))
def test_a_draft_comes_back_as_it_was_written(rule: timing.Rule | None, chosen: MeetingSettings, minutes: int) -> None:
    kind: Any = "ScheduledRecurring" if rule else "Scheduled"
    draft = MeetingDraft("Budget", kind, START, minutes, rule, "pw", chosen)
    found = read(write_meeting(draft, "58") | {"id": "1"})
    assert (found.topic, found.meeting_type, found.start, found.duration_minutes) == ("Budget", kind, START, minutes)
    assert found.rule == rule
    assert found.password == "pw"
    assert found.settings.given() == chosen.given()


def test_read_only_and_secret_fields_are_not_sent_and_nulls_neither() -> None:
    body = write_meeting(MeetingDraft(topic="New"), None, over=RESPONSE | {"nothing": None})
    assert set(body) == {"topic", "meetingType", "schedule", "password", "host", "allowJoinBeforeHost"}
    assert body["schedule"] == SCHEDULE | {"timeZone": {"id": "58"}}


def test_a_start_with_fractions_as_read_goes_back_in_whole_seconds() -> None:
    over = RESPONSE | {"schedule": SCHEDULE | {"startTime": "2026-11-24T15:00:00.000-05:00"}}
    body = write_meeting(MeetingDraft(topic="New"), None, over=over)
    assert body["schedule"]["startTime"] == "2026-11-24T20:00:00Z"


def test_the_older_spelling_of_the_recurrence_goes_back_in_the_newer_one() -> None:
    rule = {"frequency": "Weekly", "weeklyByDays": "Tuesday,Friday", "odd": 1}
    over = RESPONSE | {"meetingType": "ScheduledRecurring", "reccurence": rule}
    assert read(over).rule == timing.Rule("Weekly", weekly_days=("Tuesday", "Friday"))
    body = write_meeting(MeetingDraft(topic="New"), None, over=over)
    assert body["recurrence"] == rule
    assert "reccurence" not in body


def test_a_type_drops_what_does_not_go_with_it() -> None:
    over = RESPONSE | {"meetingType": "ScheduledRecurring", "recurrence": {"frequency": "Daily"}}
    assert "recurrence" not in write_meeting(MeetingDraft(meeting_type="Scheduled"), None, over=over)
    for kind in ("Instant", "Recurring"):
        body = write_meeting(MeetingDraft(meeting_type=kind), None, over=over)
        assert not {"schedule", "recurrence"} & set(body)


def test_a_field_that_did_not_come_back_is_named_unless_it_is_known_to_us() -> None:
    body = write_meeting(MeetingDraft(topic="New"), None, over=RESPONSE | {"extra": 1, "kept": [2]})
    assert lost_names(body, {"kept": [2], "topic": "Old"}) == ["extra"]


def test_the_type_is_worked_out_where_the_answer_names_none() -> None:
    rule = {"recurrence": {"frequency": "Daily"}}
    assert read({"schedule": SCHEDULE}).meeting_type == "Scheduled"
    assert read({"schedule": SCHEDULE} | rule).meeting_type == "ScheduledRecurring"
    assert read(rule).meeting_type == "Recurring"
    assert read({"meetingType": "Odd"}).meeting_type == "Instant"


def test_what_cannot_be_read_is_left_out_and_never_guessed() -> None:
    found = read({"id": 5, "schedule": {"startTime": "soon"}, "recurrence": {"frequency": "Yearly"}})
    assert (found.meeting_id, found.start, found.rule) == ("5", None, None)
    odd = {"frequency": "Monthly", "monthlyByWeek": "Fifth", "monthlyByWeekDay": "Someday", "interval": 0, "count": 0}
    assert read({"schedule": SCHEDULE, "recurrence": odd}).rule == timing.Rule("Monthly")


def test_occurrences_are_in_order_without_those_that_were_deleted() -> None:
    occurrences = [
        {"id": "b", "startTime": "2026-12-01T20:00:00Z", "durationInMinutes": 15},
        {"id": "x", "startTime": "2026-11-25T20:00:00Z", "status": "Deleted"},
        {"id": "y", "startTime": "nonsense"},
        {"id": "a", "startTime": "2026-11-24T20:00:00Z", "status": "available"},
    ]
    found = read({"schedule": SCHEDULE, "recurrence": {"frequency": "Weekly"}, "occurrences": occurrences})
    assert [one.occurrence_id for one in found.listed] == ["a", "b"]
    assert [timing.show(one.slot.end) for one in found.listed] == ["2026-11-24T15:30-05:00", "2026-12-01T15:15-05:00"]


def test_the_link_that_starts_the_meeting_is_read_only_where_it_is_revealed() -> None:
    assert read(RESPONSE).start_url is None
    shown = read_meeting(wire.Meeting.model_validate(RESPONSE), "UTC", reveal_start_link=True)
    assert shown.start_url == "https://x/s/1?zpk=secret"
    assert "secret" not in repr(shown)
