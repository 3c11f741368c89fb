"""What an answer claims of a write is so, whatever comes between reading, writing and answering."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
import httpx
import pytest

from assistant import TUESDAY, ManualClock, at_work, scheduled
from faults.jobs import ZONE
from faults.scripted import a_meeting, at_work_on

pytestmark = pytest.mark.anyio

ECHO = {"meeting_id": "1234567890", "expected_topic": "Budget", "expected_start": "2026-11-24T10:00-05:00"}


def single(**fields: Any) -> dict[str, Any]:
    """A single meeting as the platform shows one."""
    plain = a_meeting() | {"meetingType": "Scheduled"}
    del plain["recurrence"], plain["occurrences"]
    return plain | fields


def refusing(status: int, **error: Any) -> httpx.Response:
    return httpx.Response(status, json={"errors": [error], **error}) if error else httpx.Response(status, text="<html>")


class Changing(ManualClock):
    """A clock on which something happens while a call sleeps."""

    meanwhile: Callable[[], None] | None = None

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self.meanwhile is not None:
            self.meanwhile()


async def test_a_landed_write_is_not_called_refused_for_a_fact_that_cannot_be_read_afterwards() -> None:
    async with at_work(faults="GET /extension/~$ status=500") as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Budget", schedule=scheduled(TUESDAY, zone="GMT"))
        assistant.simulator.faults.add("rate_limit", method="GET", path="/extension/~$", after=1)
        done = await assistant.call(
            "delete_meeting", meeting_id=meeting_id, expected_topic="Budget", expected_start="2026-11-24T20:00Z"
        )
        assert done.data["deleted"] is True
        assert assistant.simulator.meeting(meeting_id) is None


@pytest.mark.parametrize("recurrence", [None, {}, {"frequency": "Yearly"}])
async def test_a_series_whose_recurrence_cannot_be_read_is_not_deleted_without_a_scope(recurrence: Any) -> None:
    sent: list[str] = []

    def script(request: httpx.Request) -> Any:
        sent.append(request.method)
        return a_meeting() | {"recurrence": recurrence}

    async with at_work_on(script) as assistant:
        refused = await assistant.call("delete_meeting", **ECHO)
        assert refused.code == "scope_required"
        assert "DELETE" not in sent


@pytest.mark.parametrize("strange", [{"frequency": "Yearly"}, {"frequency": "Weekly", "weeklyByDays": ["Someday"]}])
async def test_a_calendar_with_a_meeting_that_is_not_understood_is_not_called_read_whole(strange: Any) -> None:
    async with at_work_on(
        lambda _: {"records": [a_meeting() | {"recurrence": strange, "occurrences": []}]}
    ) as assistant:
        assert (await assistant.call("list_meetings")).data["incomplete"] is True
        found = (await assistant.call("find_meeting_times", duration_minutes=30)).data
        assert [host["calendar"] for host in found["hosts"]] == ["partly_unknown"]


@pytest.mark.parametrize("schedule", [[{"startTime": TUESDAY}], "soon", {"startTime": {"value": TUESDAY}}])
async def test_a_meeting_whose_time_is_told_in_a_form_of_its_own_is_not_called_read_whole(schedule: Any) -> None:
    strange = single(meetingType=7, schedule=schedule)

    def script(request: httpx.Request) -> Any:
        return {"records": [strange]} if request.method == "GET" else {**json.loads(request.content), "id": "2"}

    async with at_work_on(script) as assistant:
        assert (await assistant.call("list_meetings")).data["incomplete"] is True
        for when in ({"start_time": TUESDAY}, {"meeting_type": "Recurring"}):
            made = await assistant.call("create_meeting", topic="Other", **when)
            assert made.data["duplicate_check"] == "partial"


@pytest.mark.parametrize("schedule", [[{"startTime": TUESDAY, "durationInMinutes": 30}], "soon", 7])
async def test_a_meeting_that_is_read_with_a_strange_schedule_is_not_written_back(schedule: Any) -> None:
    sent: list[str] = []

    def script(request: httpx.Request) -> Any:
        sent.append(request.method)
        return single(schedule=schedule)

    async with at_work_on(script) as assistant:
        answer = await assistant.call("update_meeting", meeting_id="1234567890", topic="Board")
        assert (answer.code, answer.problem["retryable"]) == ("upstream_unavailable", True)
        assert "PUT" not in sent


async def test_another_meeting_than_the_one_asked_for_is_not_written_back() -> None:
    sent: list[str] = []

    def script(request: httpx.Request) -> Any:
        sent.append(request.method)
        return single(id=7)

    async with at_work_on(script) as assistant:
        answer = await assistant.call("update_meeting", meeting_id="1234567890", topic="Board")
        assert answer.code == "upstream_unavailable"
        assert "PUT" not in sent


async def test_an_answer_to_an_update_that_shows_another_meeting_is_not_told() -> None:
    stored = single()

    def script(request: httpx.Request) -> Any:
        if request.method == "PUT":
            stored.update(json.loads(request.content))
            return single(id=7, topic=7)
        return stored

    async with at_work_on(script) as assistant:
        settings = {"enable_waiting_room": False, "mute_participants_on_entry": False}
        stored["enableWaitingRoom"] = True
        done = (await assistant.call("update_meeting", meeting_id="1234567890", settings=settings)).data
        assert (done["meeting"]["topic"], done.get("changed_unasked")) == (stored["topic"], None)
        assert [change["field"] for change in done["changes"]] == ["settings.enable_waiting_room"]


async def test_a_meeting_of_a_type_that_nobody_knows_is_not_called_read_whole() -> None:
    plain = single(meetingType=7)
    del plain["schedule"]
    async with at_work_on(lambda _: {"records": [plain]}) as assistant:
        assert (await assistant.call("list_meetings")).data["incomplete"] is True


async def test_dates_that_a_series_does_not_list_are_not_called_free() -> None:
    rule = {"frequency": "Daily", "interval": 1, "count": 30}
    listed = {"records": [a_meeting() | {"recurrence": rule}]}
    async with at_work_on(lambda _: listed) as assistant:
        found = (
            await assistant.call(
                "find_meeting_times",
                duration_minutes=30,
                window_start="2026-12-01",
                window_end="2026-12-01",
                day_start="10:00",
                day_end="10:30",
            )
        ).data
        assert found["slots"] == []


async def test_an_edit_by_somebody_else_during_a_wait_is_kept_and_told() -> None:
    clock = Changing()
    async with at_work(clock=clock, time_zone=ZONE) as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Budget", schedule=scheduled(TUESDAY))
        clock.meanwhile = lambda: assistant.simulator.edit_meeting(meeting_id, password="theirs")
        assistant.simulator.faults.add("rate_limit", method="PUT", retry_after=5, times=1)
        done = (await assistant.call("update_meeting", meeting_id=meeting_id, topic="Budget 2027")).data
        assert done["changed_unasked"] == ["password"]
        assert "somebody else" in done["note"]
        stored = assistant.simulator.meeting(meeting_id)
        assert stored is not None
        assert (stored["topic"], stored["password"]) == ("Budget 2027", "theirs")


async def test_what_a_write_changes_or_loses_beside_what_was_asked_is_told() -> None:
    live = single(telephonyInfo={"tollFree": True})

    def script(request: httpx.Request) -> Any:
        if request.method == "PUT":
            live.update(json.loads(request.content), enforceLogin=True)
            del live["telephonyInfo"]
        return live

    async with at_work_on(script) as assistant:
        done = (await assistant.call("update_meeting", meeting_id="1234567890", topic="Budget 2027")).data
        assert done["changed_unasked"] == ["settings.enforce_login"]
        assert done["not_applied"] == ["telephonyInfo"]


async def test_a_series_that_came_to_be_kept_in_another_zone_is_told() -> None:
    def script(request: httpx.Request) -> Any:
        if "timezone" in request.url.path:
            return {"records": [{"id": "1", "name": "GMT"}, {"id": "58", "name": ZONE}]}
        if request.method == "GET" and request.url.path.endswith("/meeting"):
            return {"records": []}
        kept = {"startTime": "2026-11-24T15:00:00Z", "durationInMinutes": 30, "timeZone": {"id": "1", "name": "GMT"}}
        return a_meeting() | {"schedule": kept, "occurrences": []}

    async with at_work_on(script) as assistant:
        made = (
            await assistant.call(
                "create_meeting",
                topic="Budget",
                start_time="2026-11-24T10:00",
                duration_minutes=30,
                recurrence={"frequency": "Weekly", "count": 5},
                password="abc",
            )
        ).data
        assert made["differs"] == ["time_zone"]
        assert made["meeting"]["time_zone"] == "GMT"


async def test_a_zone_known_by_name_alone_is_sent_back_as_it_was_read() -> None:
    bodies: list[dict[str, Any]] = []
    live = single(schedule={"startTime": TUESDAY, "durationInMinutes": 30, "timeZone": {"name": ZONE}})

    def script(request: httpx.Request) -> Any:
        if request.method == "PUT":
            bodies.append(json.loads(request.content))
            live["topic"] = "Budget 2027"
        return live

    async with at_work_on(script) as assistant:
        assert (await assistant.call("update_meeting", meeting_id="1234567890", topic="Budget 2027")).data["changes"]
        assert bodies[0]["schedule"]["timeZone"] == {"name": ZONE}


async def test_a_lost_creation_without_a_fixed_time_is_not_called_undone() -> None:
    async with at_work(faults="POST /meeting$ status=502", time_zone=ZONE) as assistant:
        lost = await assistant.call("create_meeting", topic="Office hours", meeting_type="Recurring")
        assert (lost.code, lost.problem["retryable"]) == ("outcome_unknown", False)
        assistant.simulator.faults.clear()
        again = {"topic": "Office hours", "meeting_type": "Recurring"}
        assert (await assistant.call("create_meeting", **again)).code == "conflict"
        made = (await assistant.call("create_meeting", **again, allow_duplicate=True)).data
        assert made["duplicate_check"] == "by_topic"
        assert "by topic alone" in made["note"]


async def test_a_date_that_nothing_lists_any_more_is_not_called_deleted() -> None:
    rule = {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday"], "count": 5}
    reads = [a_meeting(), a_meeting() | {"recurrence": rule, "occurrences": []}]

    def script(request: httpx.Request) -> Any:
        if request.method == "DELETE":
            raise httpx.ReadError("cut", request=request)
        return reads.pop(0) if len(reads) > 1 else reads[0]

    async with at_work_on(script) as assistant:
        lost = await assistant.call("delete_meeting", **ECHO, scope="occurrence", occurrence_id="1")
        assert lost.code == "outcome_unknown"


@pytest.mark.parametrize("proof", [None, {"errorCode": "CMN-102", "parameterName": "extensionId"}])
@pytest.mark.parametrize("tool", ["delete_meeting", "end_meeting"])
async def test_a_404_that_does_not_speak_of_the_meeting_is_no_proof_that_it_is_gone(tool: str, proof: Any) -> None:
    def script(request: httpx.Request) -> Any:
        return single(status="Started") if request.method == "GET" else refusing(404, **(proof or {}))

    async with at_work_on(script) as assistant:
        assert (await assistant.call(tool, **ECHO)).code == "outcome_unknown"


@pytest.mark.parametrize(("status", "posts"), [("InMeeting", 1), ("Started", 1), (None, 1), ("NotStarted", 0)])
async def test_only_what_is_known_not_to_run_is_not_ended(status: str | None, posts: int) -> None:
    sent: list[str] = []

    def script(request: httpx.Request) -> Any:
        sent.append(request.method)
        return httpx.Response(204) if request.method == "POST" else single(status=status)

    async with at_work_on(script) as assistant:
        assert (await assistant.call("end_meeting", **ECHO)).data["ended"] is bool(posts)
        assert sent.count("POST") == posts


async def test_a_lost_ending_of_a_meeting_that_tells_no_status_stays_open() -> None:
    def script(request: httpx.Request) -> Any:
        return httpx.Response(502) if request.method == "POST" else single(status=None)

    async with at_work_on(script) as assistant:
        assert (await assistant.call("end_meeting", **ECHO)).code == "outcome_unknown"


@pytest.mark.parametrize(("status", "code"), [(408, "outcome_unknown"), (409, "conflict"), (423, "conflict")])
async def test_a_write_that_the_platform_gave_up_on_is_not_called_a_wrong_value(status: int, code: str) -> None:
    def script(request: httpx.Request) -> Any:
        return httpx.Response(status) if request.method == "PUT" else single()

    async with at_work_on(script) as assistant:
        answer = await assistant.call("update_meeting", meeting_id="1234567890", topic="Budget 2027")
        assert answer.code == code


async def test_the_same_creation_at_once_with_and_without_ones_own_id_makes_one_meeting() -> None:
    async with at_work(time_zone=ZONE) as assistant:
        wanted = {"topic": "Budget", "start_time": "2026-11-24T10:00"}
        async with anyio.create_task_group() as group:
            for host in ({}, {"host_id": assistant.simulator.owner_id}):
                group.start_soon(partial(assistant.call, "create_meeting", **wanted, **host))
        assert len(assistant.simulator.meetings()) == 1


async def test_a_creation_whose_answer_shows_little_is_read_before_it_is_told() -> None:
    whole = single(schedule={"startTime": TUESDAY, "durationInMinutes": 60, "timeZone": {"id": "58", "name": ZONE}})

    def script(request: httpx.Request) -> Any:
        if "timezone" in request.url.path:
            return {"records": [{"id": "58", "name": ZONE}]}
        if request.method == "GET" and request.url.path.endswith("/meeting"):
            return {"records": []}
        return whole if request.method == "GET" else httpx.Response(201, json={"id": "1234567890"})

    async with at_work_on(script) as assistant:
        made = (await assistant.call("create_meeting", topic="Budget", start_time="2026-11-24T15:00")).data
        assert (made["created"], made["meeting"]["topic"], "differs" in made) == (True, "Budget", False)


async def test_a_client_that_fails_at_the_question_has_not_agreed() -> None:
    def broken(_: Any) -> Any:
        raise RuntimeError

    async with at_work(mode="legacy", reply=broken) as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Budget", schedule=scheduled(TUESDAY))
        answer = await assistant.call(
            "delete_meeting", meeting_id=meeting_id, expected_topic="Budget", expected_start="2026-11-24T20:00Z"
        )
        assert answer.code == "declined"
        assert assistant.simulator.meeting(meeting_id) is not None
