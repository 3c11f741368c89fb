"""Reading the API's own shapes: as documented, as recorded, and as nobody expects."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcentral_meetings.platform.api.listed_wire import ListedPage
from ringcentral_meetings.platform.api.meetings_wire import (
    Body,
    Extension,
    Links,
    Meeting,
    Page,
    Recurrence,
    ServiceInfo,
    TimeZone,
    TimeZoneList,
    VideoConfiguration,
)

MODELS: list[type[Body]] = [Meeting, Page, TimeZoneList, ServiceInfo, Extension, VideoConfiguration, TimeZone]

MEETING: dict[str, Any] = {
    "uri": "https://platform.example/restapi/v1.0/account/1/extension/2/meeting/8801",
    "id": "8801",
    "uuid": "k0Hl/+==",
    "topic": "Weekly",
    "meetingType": "ScheduledRecurring",
    "password": "canary-password",
    "h323Password": "canary-h323",
    "status": "NotStarted",
    "links": {"startUri": "https://x/s?zpk=canary-start", "joinUri": "https://x/j?pwd=canary-join"},
    "schedule": {
        "startTime": "2030-05-01T00:01:49Z",
        "durationInMinutes": 60,
        "timeZone": {"uri": "u", "id": "101", "name": "America/Los_Angeles", "description": "Pacific"},
    },
    "host": {"uri": "u", "id": "1001"},
    "allowJoinBeforeHost": True,
    "startHostVideo": False,
    "startParticipantsVideo": True,
    "audioOptions": ["Phone", "ComputerAudio"],
    "autoRecordType": "cloud",
    "enforceLogin": False,
    "muteParticipantsOnEntry": True,
    "enableWaitingRoom": False,
    "globalDialInCountries": ["US", "UK"],
    "alternativeHosts": "a@x.example",
    "usePersonalMeetingId": False,
    "pmi": "555",
    "recurrence": {
        "frequency": "Weekly",
        "interval": 2,
        "weeklyByDays": ["Monday", "Friday"],
        "until": "2030-12-21T12:00:00Z",
    },
    "occurrences": [{"id": "1", "startTime": "2030-05-01T00:01:49Z", "durationInMinutes": 60, "status": "available"}],
}


def test_a_meeting_is_read_as_documented() -> None:
    meeting = Meeting.model_validate(MEETING)
    assert meeting.raw == MEETING
    assert (meeting.id, meeting.uuid, meeting.topic, meeting.status) == ("8801", "k0Hl/+==", "Weekly", "NotStarted")
    assert meeting.meeting_type == "ScheduledRecurring"
    assert meeting.schedule is not None
    assert (meeting.schedule.start_time, meeting.schedule.duration_minutes) == ("2030-05-01T00:01:49Z", 60)
    assert meeting.schedule.time_zone is not None
    assert (meeting.schedule.time_zone.id, meeting.schedule.time_zone.name) == ("101", "America/Los_Angeles")
    assert meeting.host_id == "1001"
    assert meeting.links.join == "https://x/j?pwd=canary-join"
    assert meeting.links.start == "https://x/s?zpk=canary-start"
    assert meeting.password == "canary-password"
    settings = (meeting.allow_join_before_host, meeting.start_host_video, meeting.start_participants_video)
    assert settings == (True, False, True)
    assert (meeting.enforce_login, meeting.mute_participants_on_entry, meeting.enable_waiting_room) == (
        False,
        True,
        False,
    )
    assert (meeting.audio_options, meeting.auto_record_type) == (["Phone", "ComputerAudio"], "cloud")
    assert (meeting.global_dial_in_countries, meeting.alternative_hosts) == (["US", "UK"], "a@x.example")
    assert (meeting.use_personal_meeting_id, meeting.pmi) == (False, "555")
    assert meeting.recurrence is not None
    assert (meeting.recurrence.frequency, meeting.recurrence.interval) == ("Weekly", 2)
    assert (meeting.recurrence.weekly_by_days, meeting.recurrence.until) == (
        ["Monday", "Friday"],
        "2030-12-21T12:00:00Z",
    )
    assert [(one.id, one.duration_minutes, one.status) for one in meeting.occurrences] == [("1", 60, "available")]


def test_an_empty_object_is_a_meeting_of_which_nothing_is_known() -> None:
    meeting = Meeting.model_validate({})
    assert meeting.model_dump(exclude_none=True) == {"links": {}, "occurrences": []}
    assert meeting.raw == {}


@pytest.mark.parametrize("name", ["recurrence", "reccurence"])
def test_both_spellings_of_the_recurrence_are_read(name: str) -> None:
    meeting = Meeting.model_validate({name: {"frequency": "Daily"}})
    assert meeting.recurrence == Recurrence(frequency="Daily")


@pytest.mark.parametrize(
    ("body", "days"),
    [
        ({"weeklyByDays": "Monday, Friday"}, ["Monday", "Friday"]),
        ({"weeklyByDays": "2,6"}, ["Monday", "Friday"]),
        ({"weeklyByDays": [2, "6", "Sunday", None, {}]}, ["Monday", "Friday", "Sunday"]),
        ({"weeklyByDays": 7}, ["Saturday"]),
        ({"weeklyByDay": "Tuesday"}, ["Tuesday"]),
        ({"weeklyByDays": ""}, []),
        ({"weeklyByDays": {}}, None),
    ],
)
def test_weekdays_are_read_from_each_of_their_forms(body: object, days: list[str] | None) -> None:
    assert Recurrence.model_validate(body).weekly_by_days == days


@pytest.mark.parametrize(
    ("given", "day"), [("Sunday", "Sunday"), (1, "Sunday"), ("7", "Saturday"), (8, "8"), ([], None)]
)
def test_the_weekday_of_a_month_is_a_name_or_an_older_number(given: object, day: str | None) -> None:
    assert Recurrence.model_validate({"monthlyByWeekDay": given}).monthly_by_week_day == day


@pytest.mark.parametrize("wrong", [5, "x", [], ["x"], [{}], None, True, 1.5, {"id": []}])
def test_a_wrong_type_reads_as_absent_and_leaves_the_rest(wrong: object) -> None:
    names = ["links", "schedule", "host", "recurrence", "occurrences", "paging", "navigation", "records"]
    names += ["dialInNumbers", "externalUserInfo", "regionalSettings"]
    body = {**dict.fromkeys(names, wrong), "id": "1", "provider": "RCVideo", "domain": "d"}
    meeting = Meeting.model_validate(body)
    assert (meeting.id, meeting.links, meeting.raw) == ("1", Links(), body)
    assert VideoConfiguration.model_validate(body).provider == "RCVideo"
    assert ServiceInfo.model_validate(body).domain == "d"
    assert Extension.model_validate(body).id == "1"
    assert Page.model_validate(body).next_uri is None


def test_numbers_are_read_from_text_and_ids_from_numbers() -> None:
    meeting = Meeting.model_validate({"id": 8801123456, "schedule": {"durationInMinutes": "45", "startTime": []}})
    assert meeting.id == "8801123456"
    assert meeting.schedule is not None
    assert (meeting.schedule.duration_minutes, meeting.schedule.start_time) == (45, None)


def test_what_is_no_object_in_a_list_is_left_out() -> None:
    page = TimeZoneList.model_validate({"records": [None, {"id": "1"}, "x", {"id": {}}]})
    assert [meeting.id for meeting in page.records] == ["1", None]


def test_lists_joined_by_commas_are_read_as_lists_and_the_other_way_round() -> None:
    meeting = Meeting.model_validate({"globalDialInCountries": "US, UK,", "alternativeHosts": ["a", "b"]})
    assert meeting.global_dial_in_countries == ["US", "UK"]
    assert meeting.alternative_hosts == "a,b"


def test_a_member_of_the_api_called_raw_does_not_replace_the_body() -> None:
    body = {"id": "1", "raw": {"x": 1}}
    assert Meeting.model_validate(body).raw == body


def test_a_page_names_the_next_one() -> None:
    page = Page.model_validate(
        {
            "records": [],
            "paging": {"page": 1, "totalPages": 2, "perPage": 100},
            "navigation": {"nextPage": {"uri": "u"}},
        }
    )
    assert (page.next_uri, page.paging.page, page.paging.total_pages, page.paging.per_page) == ("u", 1, 2, 100)


def test_service_info_leaves_credentials_out() -> None:
    body = {
        "supportUri": "s",
        "intlDialInNumbersUri": "i",
        "externalUserInfo": {
            "hostKey": "canary-key",
            "userToken": "canary-token",
            "personalMeetingId": 555,
            "userType": "2",
        },
        "dialInNumbers": [{"phoneNumber": "+1650", "country": {"isoCode": "US", "name": "United States", "id": 1}}],
    }
    info = ServiceInfo.model_validate(body)
    assert (info.support_uri, info.intl_dial_in_numbers_uri) == ("s", "i")
    assert (info.external_user_info.personal_meeting_id, info.external_user_info.user_type) == ("555", 2)
    [number] = info.dial_in_numbers
    assert number.country is not None
    assert (number.phone_number, number.country.iso_code, number.country.id) == ("+1650", "US", "1")
    assert info.raw == body
    assert "canary" not in f"{info} {info!r} {info.model_dump()}"


def test_zones_extensions_and_configurations_are_read() -> None:
    zones = TimeZoneList.model_validate({"records": [{"id": "1", "name": "GMT", "description": "GMT", "bias": "-60"}]})
    assert [(zone.id, zone.name, zone.bias) for zone in zones.records] == [("1", "GMT", -60)]
    body = {"id": 1001, "name": "Ann", "regionalSettings": {"timezone": {"id": "58", "name": "US/Pacific"}}}
    extension = Extension.model_validate(body)
    assert extension.time_zone is not None
    assert (extension.id, extension.name, extension.time_zone.id) == ("1001", "Ann", "58")
    assert VideoConfiguration.model_validate({"provider": "RCMeetings"}).provider == "RCMeetings"


def test_no_secret_shows_in_any_text_of_a_meeting() -> None:
    meeting = Meeting.model_validate(MEETING)
    page = ListedPage.model_validate({"records": [MEETING]})
    assert "canary" not in f"{meeting} {meeting!r} {page} {page!r} {meeting.links}"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(sorted({*MEETING, "id", "country", "timeZone", "paging", "navigation", "records", "bias"}))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(names, json_values | st.dictionaries(names, json_values, max_size=3)))
def test_no_json_object_is_refused(body: dict[str, Any]) -> None:
    for model in MODELS:
        assert model.model_validate(body).raw == body
