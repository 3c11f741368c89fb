"""A meeting named by a link: by the very one that is printed, in every copied form, and by no link of somebody else."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from assistant import MODES, Assistant, Mode, at_work, scheduled
from faults.scripted import a_meeting, a_page, at_work_on, service_info

pytestmark = pytest.mark.anyio

NUMBER = "2401136018"
NOVEMBER = "2026-11-24T15:00:00Z"
PLACEHOLDER = "{number}"
FOREIGN = [
    ("https://meet.google.com/abc-defg-hij", "Google Meet"),
    ("https://teams.microsoft.com/l/meetup-join/19%3ameeting_{number}", "Microsoft Teams"),
    ("https://teams.live.com/meet/{number}", "Microsoft Teams"),
    ("https://acme.webex.com/meet/{number}", "Webex"),
    ("https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Facme.webex.com%2Fmeet%2F{number}", "Webex"),
]
NO_MEETINGS = [
    ("https://v.ringcentral.com/teleconference", "telephone numbers"),
    ("https://v.ringcentral.com/w/join/{number}", "webinar"),
    ("https://v.ringcentral.com/welcome/meetings/recordings/recording/{number}", "recording"),
    ("https://meetings.ringcentral.com/my/robin", "personal meeting"),
    ("https://evil.example/join?x={number}", "evil.example"),
    ("https://v.ringcentral.com@evil.example/join/{number}", "join link"),
    ("the Tuesday standup", "is not an id"),
    ("2026-11-24T15:00", "is not an id"),
    ("+1 650 419 1505", "is not an id"),
    ("https://[", "join link"),
]
TOOLS: list[tuple[str, dict[str, Any]]] = [
    ("get_meeting", {}),
    ("update_meeting", {"topic": "Mine"}),
    ("delete_meeting", {"expected_topic": "Retro"}),
    ("get_meeting_invitation", {}),
]


async def on_video(assistant: Assistant) -> tuple[str, str]:
    """A room, and its PIN."""
    bridge_id = assistant.simulator.put_bridge(name="Retro", security={"password": "Secret1"})
    room = assistant.simulator.bridge(bridge_id)
    assert room is not None
    return bridge_id, room["pins"]["web"]


@pytest.mark.parametrize(("link", "named"), [*FOREIGN, ("https://us02web.zoom.us/j/{number}", "Zoom"), *NO_MEETINGS])
async def test_on_video_no_link_of_somebody_else_opens_a_room_and_nothing_is_looked_up(link: str, named: str) -> None:
    async with at_work(product="video") as assistant:
        _, pin = await on_video(assistant)
        for tool, arguments in TOOLS:
            problem = (await assistant.call(tool, meeting_id=link.replace(PLACEHOLDER, pin), **arguments)).problem
            assert problem["code"] == "invalid_arguments"
            assert named in problem["message"]
            assert "deleted" not in problem["message"]
        assert assistant.sent(path="/rcvideo") == []


@pytest.mark.parametrize(("link", "named"), [*FOREIGN, *NO_MEETINGS, ("robin", "is not an id")])
async def test_on_meetings_no_link_of_somebody_else_opens_a_meeting_and_nothing_is_looked_up(
    link: str, named: str
) -> None:
    async with at_work() as assistant:
        number = assistant.simulator.put_meeting(topic="Retro", schedule=scheduled(NOVEMBER))
        for tool, arguments in (*TOOLS, ("end_meeting", {"expected_topic": "Retro"})):
            problem = (await assistant.call(tool, meeting_id=link.replace(PLACEHOLDER, number), **arguments)).problem
            assert problem["code"] == "invalid_arguments"
            assert named in problem["message"]
            assert "deleted" not in problem["message"]
        assert assistant.sent() == []


@pytest.mark.parametrize("mode", MODES)
async def test_a_link_of_ringcentrals_other_product_is_named_as_that(mode: Mode) -> None:
    async with at_work(product="video", mode=mode) as assistant:
        _, pin = await on_video(assistant)
        problem = (await assistant.call("get_meeting", meeting_id=f"https://meetings.ringcentral.com/j/{pin}")).problem
        assert problem["code"] == "not_supported_by_product"
        assert "a RingCentral Meetings link" in problem["message"]
        assert assistant.sent(path="/rcvideo") == []
    async with at_work(mode=mode) as assistant:
        number = assistant.simulator.put_meeting(topic="Retro", schedule=scheduled(NOVEMBER))
        problem = (await assistant.call("get_meeting", meeting_id=f"https://v.ringcentral.com/join/{number}")).problem
        assert problem["code"] == "not_supported_by_product"
        assert "a RingCentral Video link" in problem["message"]
        assert assistant.sent() == []


def copies(link: str, number: str) -> list[str]:
    grouped = f"{number[:3]} {number[3:6]}-{number[6:]}"
    return [
        link,
        f"<{link}>",
        f"({link}).",
        f"Join: {link}",
        f"https://nam02.safelinks.protection.outlook.com/?url={quote(link, safe='')}&data=05%7C02",
        f"https://urldefense.com/v3/__{link}__;!!abc!def$",
        grouped,
        f"Meeting ID: {grouped}",
    ]


@pytest.mark.parametrize("mode", MODES)
async def test_the_join_link_that_is_printed_is_understood_however_it_was_copied(mode: Mode) -> None:
    for product in ("video", "meetings"):
        async with at_work(product=product, mode=mode) as assistant:
            arguments = {"start_time": "2026-11-24T15:00"} if product == "meetings" else {"meeting_type": "Recurring"}
            made = (await assistant.call("create_meeting", topic="Retro", password="Secret1", **arguments)).data
            meeting = made["meeting"]
            for named in copies(meeting["join_url"], meeting.get("pin") or meeting["meeting_id"]):
                found = (await assistant.call("get_meeting", meeting_id=named)).data["meeting"]
                assert found["meeting_id"] == meeting["meeting_id"], named


async def test_every_tool_takes_the_join_link_of_a_meeting_and_acts_on_that_one() -> None:
    async with at_work() as assistant:
        number = assistant.simulator.put_meeting(
            topic="Retro", schedule=scheduled("2026-11-23T13:30:00Z", 120), started=True
        )
        link = f"<https://meetings.ringcentral.com/j/{number}?pwd=abc>."
        told = await assistant.call("get_meeting_invitation", meeting_id=link)
        assert told.data["file_uri"].endswith(f"{number}.ics")
        changed = (await assistant.call("update_meeting", meeting_id=link, topic="Retrospective")).data
        assert changed["meeting"]["meeting_id"] == number
        echo = {"meeting_id": link, "expected_topic": "Retrospective", "expected_start": "2026-11-23T08:30"}
        assert (await assistant.call("end_meeting", **echo)).data["ended"] is True
        assert (await assistant.call("delete_meeting", **echo)).data["deleted"] is True
        assert [call.path.rpartition("/")[2] for call in assistant.sent("DELETE")] == [number]


async def test_the_link_into_the_personal_meeting_finds_the_one_meeting_that_has_it_and_chooses_between_none() -> None:
    async with at_work() as assistant:
        shared = {"usePersonalMeetingId": True, "schedule": scheduled(NOVEMBER)}
        number = assistant.simulator.put_meeting(topic="Office hours", **shared)
        printed = (await assistant.call("get_meeting", meeting_id=number)).data["meeting"]["join_url"]
        assert number not in printed
        found = (await assistant.call("get_meeting", meeting_id=printed)).data["meeting"]
        assert found["meeting_id"] == number
        changed = (await assistant.call("update_meeting", meeting_id=printed, topic="Open hours")).data
        assert changed["meeting"]["meeting_id"] == number
        assistant.simulator.put_meeting(topic="Coffee", **shared)
        problem = (await assistant.call("get_meeting", meeting_id=printed)).problem
        assert (problem["code"], "shared by 2 meetings" in problem["message"]) == ("invalid_arguments", True)


async def test_a_zoom_link_is_looked_up_among_the_accounts_own_meetings_alone() -> None:
    async with at_work() as assistant:
        number = assistant.simulator.put_meeting(topic="Retro", schedule=scheduled(NOVEMBER))
        link = f"https://us02web.zoom.us/j/{number}?pwd=abc"
        assert (await assistant.call("get_meeting", meeting_id=link)).data["meeting"]["meeting_id"] == number
        problem = (await assistant.call("get_meeting", meeting_id="https://us02web.zoom.us/j/99988877766")).problem
        assert problem["code"] == "not_found"
        assert "Zoom link" in problem["message"]
        assert "deleted" not in problem["message"]


async def test_a_number_that_may_have_been_a_meeting_is_still_told_as_gone() -> None:
    async with at_work() as assistant:
        problem = (
            await assistant.call("get_meeting", meeting_id="https://meetings.ringcentral.com/j/99988877766")
        ).problem
        assert (problem["code"], "was deleted" in problem["message"]) == ("not_found", True)


async def test_a_name_that_nobody_has_is_not_told_as_a_room_that_was_deleted() -> None:
    async with at_work(product="video") as assistant:
        for named in ("nobody", "https://v.ringcentral.com/join/nobody"):
            problem = (await assistant.call("get_meeting", meeting_id=named)).problem
            assert problem["code"] == "not_found"
            assert "no personal room has that name" in problem["message"]
            assert "deleted" not in problem["message"]


@pytest.mark.parametrize("mode", MODES)
async def test_the_host_of_the_personal_rooms_link_is_the_accounts_own(mode: Mode) -> None:
    own = "https://video.brand.example/join"
    asked: list[str] = []

    def script(request: httpx.Request) -> Any:
        asked.append(request.url.path)
        default = request.url.path.endswith("/bridges/default")
        return {"id": "personal" if default else "ROOM", "name": "Retro", "discovery": {"web": f"{own}/4155550101"}}

    async with at_work_on(script, product="video") as assistant:
        found = (await assistant.call("get_meeting", meeting_id=f"{own}/018209241352")).data["meeting"]
        assert found["meeting_id"] == "ROOM"
        asked.clear()
        for link in ("https://evil.example/join/018209241352", "https://brand.example/join/018209241352"):
            problem = (await assistant.call("get_meeting", meeting_id=link)).problem
            assert problem["code"] == "invalid_arguments"
            assert "video.brand.example" in problem["message"]
        assert not [path for path in asked if "018209241352" in path]


async def test_the_host_of_the_personal_link_is_the_accounts_own_on_meetings() -> None:
    asked: list[str] = []

    def script(request: httpx.Request) -> Any:
        asked.append(request.url.path)
        if request.url.path.endswith("/service-info"):
            return service_info()
        return a_meeting() if "/meeting/" in request.url.path else a_page()

    async with at_work_on(script) as assistant:
        found = (await assistant.call("get_meeting", meeting_id="https://meetings.example/j/1234567890")).data
        assert found["meeting"]["meeting_id"] == "1234567890"
        asked.clear()
        problem = (await assistant.call("get_meeting", meeting_id="https://evil.example/j/1234567890")).problem
        assert (problem["code"], "meetings.example" in problem["message"]) == ("invalid_arguments", True)
        assert not [path for path in asked if "1234567890" in path]
