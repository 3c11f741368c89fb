"""Resources: a meeting as data and as a calendar file, and what is said where there is none."""

import json
import logging
from typing import Any
from urllib.parse import quote

import anyio
import pytest
from icalendar import Calendar
from mcp import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, EmbeddedResource, TextResourceContents

from assistant import MODES, TUESDAY, Assistant, Mode, at_work, scheduled
from ringcentral_meetings import resources
from ringcentral_meetings.domain import ics
from ringcentral_meetings.protocol import contract

pytestmark = pytest.mark.anyio


def uri(meeting_id: str) -> str:
    return f"ringcentral://meetings/{meeting_id}"


async def read(assistant: Assistant, address: str) -> TextResourceContents:
    assistant.clock.deadline = assistant.clock.seconds + 45
    (contents,) = (await assistant.client.read_resource(address)).contents
    assert isinstance(contents, TextResourceContents)
    assert contents.uri == address
    return contents


def event_of(file: str) -> Any:
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    return event


async def refused(assistant: Assistant, address: str) -> MCPError:
    with pytest.raises(MCPError) as caught:
        await read(assistant, address)
    assert caught.value.data == {"uri": address}
    assert len(caught.value.message) < 700
    return caught.value


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("read_only", [False, True])
async def test_the_templates_are_listed_with_what_they_hold(mode: Mode, read_only: bool) -> None:
    async with at_work(mode=mode, read_only=read_only) as assistant:
        templates = (await assistant.client.list_resource_templates()).resource_templates
        assert {one.uri_template: one.mime_type for one in templates} == {
            "ringcentral://meetings/{meeting_id}": "application/json",
            "ringcentral://meetings/{meeting_id}.ics": "text/calendar",
            "ui://ringcentral-meetings/view-{digest}.html": "text/html;profile=mcp-app",
        }
        assert all("RingCentral" in (one.title or "") and one.description for one in templates)
        assert (await assistant.client.list_resources()).resources == []


@pytest.mark.parametrize("mode", MODES)
async def test_a_meeting_reads_as_get_meeting_gives_it(mode: Mode) -> None:
    async with at_work(mode=mode, seeded=True) as assistant:
        for row in (await assistant.call("list_meetings")).data["meetings"][:5]:
            contents = await read(assistant, uri(row["meeting_id"]))
            assert contents.mime_type == "application/json"
            assert json.loads(contents.text) == (await assistant.call("get_meeting", meeting_id=row["meeting_id"])).data
            assert contents.text.startswith('{"simulated":true,')


@pytest.mark.parametrize("mode", MODES)
async def test_the_calendar_file_is_the_one_that_the_invitation_brings_and_names(mode: Mode) -> None:
    async with at_work(mode=mode) as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Budget", schedule=scheduled(TUESDAY))
        contents = await read(assistant, f"{uri(meeting_id)}.ics")
        assert contents.mime_type == "text/calendar"
        event = event_of(contents.text)
        assert event["summary"] == "Budget"
        assert event["dtstart"].dt.isoformat() == "2026-11-24T15:00:00-05:00"
        invitation = await assistant.client.call_tool("get_meeting_invitation", {"meeting_id": meeting_id})
        (attached,) = [block.resource for block in invitation.content if isinstance(block, EmbeddedResource)]
        assert attached == contents


async def test_a_calendar_file_is_there_without_the_dial_in_numbers_too() -> None:
    async with at_work(faults="GET service-info status=403") as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Budget", schedule=scheduled(TUESDAY))
        text = (await read(assistant, f"{uri(meeting_id)}.ics")).text
        event = event_of(text)
        assert f"Meeting ID: {meeting_id}" in event["description"]
        assert "Dial in" not in event["description"]


@pytest.mark.parametrize("reveal", [False, True])
async def test_the_hosts_secrets_stay_out_unless_asked_for(reveal: bool) -> None:
    async with at_work(reveal_start_link=reveal) as assistant:
        made = (await assistant.call("create_meeting", topic="Budget", start_time="2026-11-24T15:00")).data
        address = uri(made["meeting"]["meeting_id"])
        data, file = (await read(assistant, address)).text, (await read(assistant, f"{address}.ics")).text
        assert ("start_url" in json.loads(data)) is reveal
        assert ("zpk=" in data) is reveal
        for secret in ("zpk=", "h323", "hostKey", "userToken"):
            assert secret not in file
            assert reveal or secret not in data


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("end", ["", ".ics"])
async def test_a_meeting_that_there_is_not_is_told_in_our_words_and_without_a_traceback(
    mode: Mode, end: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_work(mode=mode, log_level="INFO") as assistant:
        with caplog.at_level(logging.DEBUG):
            error = await refused(assistant, uri("88112") + end)
        assert error.code == INVALID_PARAMS
        assert error.message.startswith('meeting_id "88112" was not found')
        assert "list_meetings" in error.message
        assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    "address",
    [
        "ringcentral://meetings/",
        "ringcentral://meetings/1/2",
        "ringcentral://meetings/..",
        "ringcentral://meetings/%2e%2e",
        "ringcentral://meetings/%2Fetc%2Fpasswd",
        "ringcentral://meetings/a%00b",
        "ringcentral://recordings/1",
        "file:///etc/passwd",
        "https://elsewhere.example/" + "x" * 2_000,
        "ringcentral://meetings/" + "9" * 2_000,
    ],
)
async def test_an_address_of_nothing_is_refused_and_not_found(address: str) -> None:
    async with at_work() as assistant:
        error = await refused(assistant, address)
        assert error.code == INVALID_PARAMS
        assert "ringcentral://meetings/{meeting_id}.ics" in error.message or "list_meetings" in error.message
        assert all(len(call.path) < 2_100 and ".." not in call.path for call in assistant.simulator.calls)


async def test_an_id_is_one_part_of_the_path_whatever_is_in_it() -> None:
    async with at_work() as assistant:
        await refused(assistant, uri(quote("1/end?x=1#y", safe="")))
        assert [call.path for call in assistant.sent() if call.path.endswith("/end")] == []


async def test_a_meeting_without_a_time_has_no_calendar_file_and_says_what_to_do() -> None:
    async with at_work() as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Any time", meetingType="Recurring")
        error = await refused(assistant, f"{uri(meeting_id)}.ics")
        assert "has no fixed time" in error.message
        assert "get_meeting_invitation" in error.message


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"faults": "GET meeting/ html"}, "RingCentral failed with status 502"),
        ({"faults": "GET meeting/ malformed"}, "could not be read"),
        ({"faults": "GET meeting/ rate_limit=600"}, "rate limit is used up"),
        ({"faults": "GET meeting/ drop_after"}, "did not answer"),
        ({"simulator": False}, "No RingCentral credentials are set"),
    ],
)
async def test_a_failure_is_told_in_the_words_that_a_tool_has_for_it(
    settings: dict[str, Any], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_work(**settings) as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Budget", schedule=scheduled(TUESDAY))
        error = await refused(assistant, uri(meeting_id))
        assert error.code == INTERNAL_ERROR
        assert words in error.message
        assert not {"Traceback", "httpx", "pydantic", "simulator.invalid"} & set(error.message.split())


async def test_a_fault_of_ours_is_logged_once_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> bytes:
        raise RuntimeError("token=s3cret")

    monkeypatch.setattr(ics, "ics_of", broken)
    async with at_work(log_level="ERROR") as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Budget", schedule=scheduled(TUESDAY))
        error = await refused(assistant, f"{uri(meeting_id)}.ics")
    assert error.message.startswith("The resource failed because of a fault in this server.")
    assert len([record for record in caplog.records if record.exc_info]) == 1


async def test_a_reading_takes_no_longer_than_a_call_may(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forever(*_: object) -> None:
        await anyio.sleep_forever()

    monkeypatch.setattr(resources, "get_meeting", forever)
    monkeypatch.setattr(contract, "CALL_SECONDS", 0.01)
    async with at_work() as assistant:
        error = await refused(assistant, uri("1"))
        assert "did not finish within 0.01 s" in error.message
