"""Changing and deleting rooms: only what was asked, only the one that was meant, and a way back."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp_types import ElicitRequestParams, ElicitResult

from assistant import MODES, Assistant, ManualClock, Mode, at_work

pytestmark = pytest.mark.anyio

SECURITY = {"passwordProtected": True, "password": "Secret1", "noGuests": True}


def yes(_: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="accept", content={"confirm": True})


def no(_: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="decline")


def put(assistant: Assistant, **fields: Any) -> str:
    return assistant.simulator.put_bridge(**{"name": "Retro"} | fields)


def room(assistant: Assistant, bridge_id: str) -> dict[str, Any]:
    found = assistant.simulator.bridge(bridge_id)
    assert found is not None
    return found


@pytest.mark.parametrize("mode", MODES)
async def test_a_change_sends_only_what_differs_and_shows_it_before_and_after(mode: Mode) -> None:
    async with at_work(product="video", mode=mode) as assistant:
        bridge_id = put(assistant, security=SECURITY)
        before = room(assistant, bridge_id)
        settings = {"enforce_login": True, "mute_participants_on_entry": True}
        done = await assistant.call("update_meeting", meeting_id=bridge_id, topic="Retro 2", settings=settings)
        (sent,) = assistant.sent("PATCH", "/bridges")
        assert json.loads(sent.body) == {"name": "Retro 2", "preferences": {"join": {"audioMuted": True}}}
        assert done.data["changes"] == [
            {"field": "topic", "before": "Retro", "after": "Retro 2"},
            {"field": "settings.mute_participants_on_entry", "before": "false", "after": "true"},
        ]
        after = room(assistant, bridge_id)
        assert after["security"] == before["security"]
        assert after["pins"] == before["pins"]


async def test_what_holds_already_is_success_without_a_request() -> None:
    async with at_work(product="video") as assistant:
        bridge_id = put(assistant, security=SECURITY)
        arguments = {"topic": "Retro", "password": "Secret1", "settings": {"enforce_login": True}}
        for _ in range(2):
            assert (await assistant.call("update_meeting", meeting_id=bridge_id, **arguments)).data["changes"] == []
        assert assistant.sent("PATCH") == []


async def test_a_password_is_taken_away_by_name() -> None:
    async with at_work(product="video") as assistant:
        bridge_id = put(assistant, security=SECURITY)
        await assistant.call("update_meeting", meeting_id=bridge_id, clear=["password"])
        assert room(assistant, bridge_id)["security"]["passwordProtected"] is False


async def test_a_waiting_room_that_is_there_stays_for_whom_it_is() -> None:
    async with at_work(product="video") as assistant:
        bridge_id = put(assistant, preferences={"join": {"waitingRoomRequired": "GuestsOnly"}})
        done = await assistant.call("update_meeting", meeting_id=bridge_id, settings={"enable_waiting_room": True})
        assert done.data["changes"] == []
        await assistant.call("update_meeting", meeting_id=bridge_id, settings={"enable_waiting_room": False})
        assert room(assistant, bridge_id)["preferences"]["join"]["waitingRoomRequired"] == "Nobody"


@pytest.mark.parametrize(
    ("fields", "change"),
    [
        ({"security": SECURITY}, {"settings": {"e2ee": True}}),
        (
            {"security": SECURITY | {"e2ee": True}, "preferences": {"join": {"waitingRoomRequired": "Everybody"}}},
            {"clear": ["password"]},
        ),
        (
            {"preferences": {"joinBeforeHost": False, "join": {"waitingRoomRequired": "Everybody"}}},
            {"settings": {"allow_join_before_host": True}},
        ),
    ],
)
async def test_a_change_that_contradicts_what_the_room_has_is_refused_before_it_is_sent(
    fields: dict[str, Any], change: dict[str, Any]
) -> None:
    async with at_work(product="video") as assistant:
        bridge_id = put(assistant, **fields)
        assert (await assistant.call("update_meeting", meeting_id=bridge_id, **change)).code == "invalid_arguments"
        assert assistant.sent("PATCH") == []


async def test_what_the_platform_changes_of_itself_is_named() -> None:
    async with at_work(product="video") as assistant:
        bridge_id = put(assistant)
        settings = {"waiting_room": "Everybody"}
        done = (await assistant.call("update_meeting", meeting_id=bridge_id, settings=settings)).data
        assert "not_applied" not in done
        assert done["changed_unasked"] == ["settings.allow_join_before_host"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_deletion_is_asked_about_and_takes_the_room_that_was_named_by_its_link(mode: Mode) -> None:
    async with at_work(product="video", mode=mode, reply=yes) as assistant:
        bridge_id, other = put(assistant), put(assistant)
        link = room(assistant, bridge_id)["discovery"]["web"]
        done = (await assistant.call("delete_meeting", meeting_id=link, expected_topic="retro")).data
        assert done["deleted"] is True
        assert [left["id"] for left in assistant.simulator.bridges()] == [other]
        assert assistant.questions == ['Delete "Retro" (no fixed time)?']


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("topic", "code", "asked"), [("Another", "target_mismatch", 0), ("Retro", "declined", 1)])
async def test_without_a_match_or_consent_the_room_stays(mode: Mode, topic: str, code: str, asked: int) -> None:
    async with at_work(product="video", mode=mode, reply=no) as assistant:
        bridge_id = put(assistant)
        assert (await assistant.call("delete_meeting", meeting_id=bridge_id, expected_topic=topic)).code == code
        assert assistant.sent("DELETE") == []
        assert len(assistant.questions) == asked


async def test_nobody_is_asked_about_what_the_product_cannot_do() -> None:
    async with at_work(product="video", reply=yes) as assistant:
        bridge_id = put(assistant)
        assert (await assistant.call("end_meeting", meeting_id=bridge_id, expected_topic="Retro")).code == (
            "not_supported_by_product"
        )
        assert assistant.questions == []


async def test_restore_makes_the_room_anew_field_by_field() -> None:
    async with at_work(product="video") as assistant:
        preferences = {"joinBeforeHost": False, "screenSharing": False, "join": {"waitingRoomRequired": "GuestsOnly"}}
        bridge_id = put(assistant, security=SECURITY, preferences=preferences)
        before = room(assistant, bridge_id)
        gone = (await assistant.call("delete_meeting", meeting_id=bridge_id, expected_topic="Retro")).data
        made = (await assistant.call("create_meeting", **gone["restore"])).data
        after = room(assistant, made["meeting"]["meeting_id"])
        assert "differs" not in made
        for part in ("name", "type", "host", "preferences"):
            assert after[part] == before[part], part
        assert {**after["security"], "password": None} == {**before["security"], "password": None}
        assert after["security"]["password"]["plainText"] == "Secret1"


async def test_a_room_that_vanishes_before_the_deletion_lands_is_already_gone() -> None:
    async with at_work(product="video", faults="DELETE /bridges status=404 lands") as assistant:
        bridge_id = put(assistant)
        done = (await assistant.call("delete_meeting", meeting_id=bridge_id, expected_topic="Retro")).data
        assert (done["deleted"], done["already_gone"]) == (True, True)


async def test_a_404_about_a_room_that_is_still_there_is_not_taken_for_a_deletion() -> None:
    async with at_work(product="video", faults="DELETE /bridges status=404") as assistant:
        bridge_id = put(assistant)
        answer = await assistant.call("delete_meeting", meeting_id=bridge_id, expected_topic="Retro")
        assert answer.code == "upstream_unavailable"
        assert assistant.simulator.bridge(bridge_id) is not None


async def test_a_room_seen_after_a_404_to_its_deletion_need_not_be_seen_twice() -> None:
    async with at_work(
        product="video", faults="DELETE /bridges status=404; GET /bridges status=500 after=3"
    ) as assistant:
        bridge_id = put(assistant)
        answer = await assistant.call("delete_meeting", meeting_id=bridge_id, expected_topic="Retro")
        assert (answer.code, answer.problem["retryable"]) == ("upstream_unavailable", True)


class InterruptedClock(ManualClock):
    """A clock under which something else happens during the first sleep."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def sleep(self, seconds: float) -> None:
        if (meanwhile := self.meanwhile) is not None:
            self.meanwhile = None
            await meanwhile()
        await super().sleep(seconds)


async def test_a_change_that_does_not_show_is_unknown_whatever_somebody_else_changes_meanwhile() -> None:
    clock, faults = InterruptedClock(), "PATCH /bridges status=500 x1; PATCH /bridges latency=1 x1"
    async with at_work(product="video", faults=faults, clock=clock) as assistant:
        bridge_id = put(assistant)

        async def protect() -> None:
            await assistant.call("update_meeting", meeting_id=bridge_id, password="Secret2")

        clock.meanwhile = protect
        answer = await assistant.call("update_meeting", meeting_id=bridge_id, topic="Retro 2")
        assert (answer.code, answer.problem["retryable"]) == ("outcome_unknown", False)
        after = room(assistant, bridge_id)
        assert (after["name"], after["security"]["password"]["plainText"]) == ("Retro", "Secret2")


async def test_a_reading_back_that_shows_another_room_proves_nothing() -> None:
    faults = "PATCH /bridges status=500 x1; GET /bridges wrong_types x1 after=1"
    async with at_work(product="video", faults=faults) as assistant:
        bridge_id = put(assistant)
        settings = {"allow_join_before_host": False}
        answer = await assistant.call("update_meeting", meeting_id=bridge_id, settings=settings)
        assert answer.code == "outcome_unknown"


async def test_an_answer_to_a_change_that_shows_another_room_is_not_shown() -> None:
    async with at_work(product="video", faults="PATCH /bridges wrong_types x1") as assistant:
        bridge_id = put(assistant)
        settings = {"allow_join_before_host": False}
        done = (await assistant.call("update_meeting", meeting_id=bridge_id, settings=settings)).data
        assert (done["meeting"]["topic"], done["meeting"]["meeting_id"]) == ("Retro", bridge_id)


async def test_the_personal_room_that_cannot_be_deleted_is_not_said_to_be_that_of_somebody_without_delegates() -> None:
    async with at_work(product="video") as assistant:
        bridge_id = put(assistant, type="PMI")
        problem = (await assistant.call("delete_meeting", meeting_id=bridge_id, expected_topic="Retro")).problem
        assert problem["code"] == "user_permission_missing"
        assert "personal room" in problem["message"]
        assert "delegate" not in problem["message"]
        assert assistant.simulator.bridge(bridge_id) is not None
