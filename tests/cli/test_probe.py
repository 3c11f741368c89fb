"""doctor --probe: the open questions about RingCentral, answered by reads alone and without anything personal."""

import re
from collections.abc import Iterator

import pytest

from assistant import ManualClock
from cli.processes import finished
from cli.test_doctor import platform, settings_for
from ringcentral_meetings.cli.probe import forms, probe
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import CLIENT_ID, JWT, Simulator, Switches

RULE = "recurrence|reccurence"
SWITCHED = {
    "list_pages": ("page and perPage of the list", "honoured"),
    "list_has_occurrences": ("series read, form of occurrences", "array of object"),
    "weekly_by_days_as_string": (f"series read, form of {RULE}.weeklyByDays|weeklyByDay", "^text of the form"),
    "response_spells_reccurence": ("series read, fields of .", "reccurence"),
    "use_pmi_echoed": ("scheduled read, form of usePersonalMeetingId", "boolean"),
    "schedule_zone_has_name": ("scheduled read, fields of schedule.timeZone", "name"),
    "list_includes_running": ("list, words of records.*.status", "NotStarted, Started"),
    "withdrawn": ("meeting list", "HTTP 404, errorCode CMN-120"),
}


async def probed(simulator: Simulator, settings: Settings | None = None) -> dict[str, str]:
    answers = await probe(settings or settings_for(), simulator.transport(), ManualClock())
    assert {call.method for call in simulator.calls if "/oauth/" not in call.path} <= {"GET"}
    return answers


@pytest.mark.anyio
@pytest.mark.parametrize("name", SWITCHED)
@pytest.mark.parametrize("position", [True, False])
async def test_each_open_question_is_answered_in_both_positions(name: str, position: bool) -> None:
    question, when_on = SWITCHED[name]
    switches = Switches()
    setattr(switches, name, position)
    simulator = platform(switches=switches)
    answers = await probed(simulator)
    simulator.close()
    assert (re.search(when_on, answers[question]) is not None) is position


@pytest.mark.anyio
@pytest.mark.parametrize("permitted", [True, False])
async def test_whether_the_account_has_the_unpublished_calendars_is_asked_once(permitted: bool) -> None:
    simulator = platform(provider="RCVideo")
    if permitted:
        simulator.scopes.add("ManageCloudCalendars")
    answers = await probed(simulator)
    question = "calendars that RingCentral is connected with"
    assert answers[question] == ("answers" if permitted else "HTTP 403, errorCode CMN-401")
    assert answers.get(f"{question}, words of records.*.providerId") == ("Google" if permitted else None)
    assert len([call for call in simulator.calls if call.path.endswith("/cloud-calendars/ucc")]) == 1
    assert f"{question}, fields of records.*" in answers or not permitted
    simulator.close()


def personal(simulator: Simulator) -> Iterator[str]:
    """Everything of the account's that must not be in an answer."""
    for meeting in simulator.meetings():
        yield from (meeting["id"], meeting["topic"], meeting.get("password") or "", meeting["links"]["joinUri"])
    yield from ("Robin", "Ashdown", "Helena", simulator.owner_id, simulator.executive_id, "37439510", CLIENT_ID, JWT)


@pytest.mark.anyio
async def test_the_answers_hold_nothing_of_the_account() -> None:
    simulator = platform()
    simulator.put_meeting(topic="Sekret topic", meetingType="Scheduled", password="Pw-9")
    text = "\n".join(f"{question} {answer}" for question, answer in (await probed(simulator)).items())
    assert not [secret for secret in personal(simulator) if len(secret) > 3 and secret in text]
    simulator.close()
    assert "unknown meeting id HTTP 404, errorCode CMN-102, parameterName meetingId" in text
    assert "words of provider RCMeetings" in text
    assert "light 50" in text
    assert "time zone dictionary, name with id 1 of records.* GMT" in text


@pytest.mark.anyio
async def test_rooms_and_what_was_held_are_asked_about_without_naming_any() -> None:
    simulator = platform(provider="RCVideo")
    answers = await probed(simulator)
    rooms = simulator.bridges()
    simulator.close()
    assert answers["personal room, fields of ."].startswith("discovery host id name")
    assert answers["unknown room id"] == "HTTP 404, errorCode none"
    assert answers["delegators, form of ."] == "array of object accountId extensionId id name"
    assert answers["history of meetings, fields of meetings.*"].startswith("bridgeId")
    assert answers["history of meetings, order of meetings.*.startTime"] == "newest first"
    text = "\n".join(answers.values())
    secret = [value for room in rooms for value in (room["id"], room["name"], room["pins"]["web"])]
    assert not [value for value in secret if len(value) > 4 and value in text]


@pytest.mark.anyio
async def test_an_account_without_meetings_still_gives_answers() -> None:
    simulator = platform(seeded=False)
    answers = await probed(simulator)
    simulator.close()
    for question in ("page and perPage of the list", "series", "scheduled"):
        assert answers[question].startswith("cannot tell: ")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "faults", ["GET .* wrong_types", "GET .* malformed", "GET .* status=500", "GET .* html=404", "GET .* drop_after"]
)
async def test_strange_answers_are_answers_too(faults: str) -> None:
    simulator = platform(faults)
    answers = await probed(simulator)
    simulator.close()
    assert answers["meeting list"]


@pytest.mark.anyio
async def test_a_refused_sign_in_is_the_only_answer() -> None:
    simulator = platform("POST /oauth/token status=400 code=OAU-213")
    assert await probed(simulator) == {"sign-in": "HTTP 400, errorCode OAU-213"}
    simulator.close()


@pytest.mark.anyio
async def test_a_given_token_that_is_over_is_a_refused_sign_in() -> None:
    simulator = platform()
    answers = await probed(simulator, settings_for(access_token="made.up.token"))
    simulator.close()
    assert list(answers) == ["sign-in"]
    assert answers["sign-in"].startswith("HTTP 401")


def test_the_probe_is_text_to_paste_and_fails_where_nobody_is_signed_in() -> None:
    shown = finished("--simulator", "doctor", "--probe")
    assert shown.returncode == 0
    assert shown.stdout.startswith("ringcentral-meetings-mcp ")
    assert "\n- meeting list: answers\n" in shown.stdout
    refused = finished("doctor", "--probe", RINGCENTRAL_SERVER_URL="http://127.0.0.1:9")
    assert refused.returncode == 1
    assert "- sign-in: not_signed_in" in refused.stdout
    assert "`ringcentral-meetings-mcp doctor` says how to mend it" in refused.stderr
    wrong = finished("doctor", "--probe", RINGCENTRAL_TIMEOUT="soon")
    assert wrong.returncode == 2
    assert wrong.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (None, "absent"),
        (True, "boolean true"),
        (7, "number"),
        ({}, "object none"),
        ([], "array of nothing"),
        ([1, "Robin"], "array of number or text of the form 'a'"),
        ([{"id": 1}], "array of object id"),
        ("2026-11-24T15:00:00Z", "text of the form '0000-00-00T00:00:00Z'"),
        ("Robin 12", "text of the form 'a 00'"),
        ("x" * 50, "text of the form 'a'..."),
    ],
)
def test_values_are_described_by_their_form(value: object, form: str) -> None:
    assert forms([value]) == form
