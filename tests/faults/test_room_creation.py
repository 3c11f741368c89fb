"""One room, not two: there is no list to look in, so that a PIN of our own choosing has to find what was created."""

from typing import Any

import anyio
import pytest

from assistant import Answer, Assistant, at_work
from ringcentral_meetings.simulator import Faults, Switches

pytestmark = pytest.mark.anyio

LOST = "POST /bridges$ drop_after x1"
FAILED = "POST /bridges$ status=500 x1"
NEVER = Switches(pin_may_be_chosen=False)


async def create(assistant: Assistant, topic: str = "Retro", **more: Any) -> Answer:
    return await assistant.call("create_meeting", **{"topic": topic, "meeting_type": "Recurring"} | more)


def names(assistant: Assistant) -> list[str]:
    return [room["name"] for room in assistant.simulator.bridges()]


def pins_sent(assistant: Assistant) -> list[bool]:
    return [b'"pins"' in call.body for call in assistant.sent("POST", "/bridges")]


async def test_each_creation_chooses_a_pin_that_nobody_can_guess() -> None:
    async with at_work(product="video") as assistant:
        pins = [(await create(assistant, f"Room {n}")).data["meeting"]["pin"] for n in range(5)]
    assert len({*pins}) == 5
    assert all(len(pin) == 12 and pin.isdigit() for pin in pins)


async def test_a_room_whose_creation_was_not_answered_is_found_by_its_pin() -> None:
    async with at_work(product="video", faults=LOST) as assistant:
        made = (await create(assistant)).data
        assert made["created"] is True
        assert assistant.simulator.bridge(made["meeting"]["meeting_id"]) is not None
        assert (names(assistant), len(assistant.sent("POST", "/bridges"))) == (["Retro"], 1)


async def test_that_nothing_was_created_is_said_neither_before_pins_are_known_to_be_kept_nor_after() -> None:
    async with at_work(product="video", faults=FAILED) as assistant:
        for name in ("Retro", "Plan"):
            unknown = (await create(assistant, name)).problem
            assert (unknown["code"], unknown["retryable"]) == ("outcome_unknown", False)
            assert "get_meeting meeting_id=" in unknown["next_step"]
            assert (await create(assistant, f"{name} after all")).data["created"] is True
            assistant.simulator.faults = Faults.parse(FAILED)
        assert names(assistant) == ["Retro after all", "Plan after all"]


async def test_a_pin_that_is_taken_without_a_word_and_not_kept_proves_nothing() -> None:
    async with at_work(product="video", switches=Switches(pin_ignored=True)) as assistant:
        assert (await create(assistant, "First")).data["created"] is True
        assistant.simulator.faults = Faults.parse(LOST)
        assert (await create(assistant)).code == "outcome_unknown"
        assert pins_sent(assistant) == [True, False]


async def test_where_a_pin_may_not_be_chosen_the_room_is_made_without_one_and_that_is_remembered() -> None:
    async with at_work(product="video", switches=NEVER) as assistant:
        for name in ("First", "Second"):
            assert (await create(assistant, name)).data["created"] is True
        assert pins_sent(assistant) == [True, False, False]
        assert names(assistant) == ["First", "Second"]


async def test_without_a_pin_a_lost_answer_stays_unknown_and_says_that_rooms_are_not_listed() -> None:
    async with at_work(product="video", switches=NEVER) as assistant:
        await create(assistant, "First")
        assistant.simulator.faults = Faults.parse(LOST)
        problem = (await create(assistant)).problem
        assert problem["code"] == "outcome_unknown"
        assert "rooms are not listed" in problem["next_step"]


@pytest.mark.parametrize("form", ["mixed", "empty", "text", "json"])
async def test_a_refusal_that_is_not_about_the_pin_is_told_as_it_is(form: Any) -> None:
    async with at_work(product="video", switches=Switches(video_refusals=form)) as assistant:
        answer = await create(assistant, "x" * 300)
        assert answer.code == "invalid_arguments"
        assert names(assistant) == []
        assert len(assistant.sent("POST", "/bridges")) <= 2
        assert (await create(assistant)).data["meeting"]["pin"] is not None


async def test_a_creation_refused_for_a_reason_that_is_named_and_not_its_pin_is_not_posted_again() -> None:
    async with at_work(product="video", switches=Switches(video_refusals="json")) as assistant:
        assert (await create(assistant, "x" * 300)).code == "invalid_arguments"
        assert pins_sent(assistant) == [True]


async def test_the_pin_that_an_unknown_outcome_names_leads_to_the_room_if_there_is_one() -> None:
    faults = f"{LOST}; GET /bridges/pin status=500"
    async with at_work(product="video", faults=faults) as assistant:
        step = (await create(assistant)).problem["next_step"]
        assistant.simulator.faults.clear()
        pin = step.partition("meeting_id=")[2].rstrip(".")
        found = (await assistant.call("get_meeting", meeting_id=pin)).data["meeting"]
        assert (found["topic"], found["pin"]) == ("Retro", pin)


async def test_a_repeat_after_an_unknown_outcome_finds_the_room_instead_of_making_another() -> None:
    faults = f"{LOST}; GET /bridges/pin status=500"
    async with at_work(product="video", faults=faults) as assistant:
        assert (await create(assistant)).code == "outcome_unknown"
        assistant.simulator.faults.clear()
        again = (await create(assistant)).data
        assert (again["created"], again["duplicate_check"]) == (False, "recent")
        assert names(assistant) == ["Retro"]


async def test_two_equal_creations_at_once_give_one_room() -> None:
    async with at_work(product="video") as assistant:
        answers: list[Answer] = []

        async def one() -> None:
            answers.append(await create(assistant, start_time="2026-11-24T15:00", meeting_type="Scheduled"))

        async with anyio.create_task_group() as group:
            group.start_soon(one)
            group.start_soon(one)
        assert sorted(answer.data["created"] for answer in answers) == [False, True]
        assert len({answer.data["meeting"]["meeting_id"] for answer in answers}) == 1
        assert names(assistant) == ["Retro"]


async def test_what_is_another_room_is_made_however_soon() -> None:
    async with at_work(product="video") as assistant:
        await create(assistant)
        for more in (
            {"topic": "Plan"},
            {"start_time": "2026-11-24T15:00", "meeting_type": "Scheduled"},
            {"allow_duplicate": True},
            {"host_id": assistant.simulator.executive_id},
            {"meeting_type": "Instant"},
            {"meeting_type": "Instant"},
        ):
            assert (await create(assistant, **more)).data["created"] is True
        assert len(names(assistant)) == 7


async def test_after_an_hour_or_a_deletion_an_equal_creation_makes_a_room() -> None:
    async with at_work(product="video") as assistant:
        first = (await create(assistant)).data["meeting"]["meeting_id"]
        assert (await create(assistant)).data["created"] is False
        await assistant.call("delete_meeting", meeting_id=first, expected_topic="Retro")
        assert (await create(assistant)).data["created"] is True
        assistant.clock.seconds += 3_601
        assert (await create(assistant)).data["created"] is True


async def test_creations_wait_for_the_heavy_group_where_that_fits_and_say_how_long_where_it_does_not() -> None:
    async with at_work(product="video", limits={"heavy": 2}) as assistant:
        for number in range(2):
            await create(assistant, f"Room {number}")
        problem = (await create(assistant, "Third")).problem
        assert (problem["code"], 30 < problem["retry_after_seconds"] <= 60) == ("rate_limited", True)
        assistant.clock.seconds += 30
        assert (await create(assistant, "Third")).data["created"] is True
        assert assistant.progress
        assert [call.status for call in assistant.sent("POST", "/bridges")] == [201, 201, 201]


async def test_a_room_for_somebody_whose_delegation_is_missing_is_not_tried_without_a_pin() -> None:
    async with at_work(product="video") as assistant:
        answer = await create(assistant, host_id=assistant.simulator.outsider_id)
        assert answer.code == "user_permission_missing"
        assert pins_sent(assistant) == [True]


async def test_what_may_be_there_without_a_pin_is_not_made_again_by_itself() -> None:
    async with at_work(product="video", switches=NEVER) as assistant:
        await create(assistant, "First")
        assistant.simulator.faults = Faults.parse(LOST)
        assert (await create(assistant)).code == "outcome_unknown"
        problem = (await create(assistant)).problem
        assert problem["code"] == "conflict"
        assert "allow_duplicate=true" in problem["next_step"]
        assert names(assistant) == ["First", "Retro"]
        assert (await create(assistant, allow_duplicate=True)).data["created"] is True


async def test_equal_creations_at_once_of_which_the_first_may_have_landed_are_not_made_again() -> None:
    async with at_work(product="video", switches=NEVER, faults="POST /bridges$ drop_after x1 after=1") as assistant:
        answers: list[Answer] = []

        async def one() -> None:
            answers.append(await create(assistant))

        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(one)
        assert sorted(str(answer.code) for answer in answers) == ["conflict", "conflict", "outcome_unknown"]
        assert names(assistant) == ["Retro"]


async def test_a_room_made_in_spite_of_an_unknown_outcome_says_that_there_may_be_another() -> None:
    async with at_work(product="video", switches=Switches(pin_ignored=True), faults=LOST) as assistant:
        assert (await create(assistant)).code == "outcome_unknown"
        assert (await create(assistant)).code == "conflict"
        again = (await create(assistant, allow_duplicate=True)).data
        assert (again["created"], again["duplicate_check"]) == (True, "partial")
        assert "its room may exist" in again["note"]


async def test_a_room_that_has_another_name_by_now_is_no_equal_one() -> None:
    async with at_work(product="video") as assistant:
        first = (await create(assistant)).data["meeting"]["meeting_id"]
        await assistant.call("update_meeting", meeting_id=first, topic="Retro of May")
        assert (await create(assistant)).data["created"] is True
        assert names(assistant) == ["Retro of May", "Retro"]


async def test_a_creation_that_was_refused_does_not_make_an_earlier_one_forgotten() -> None:
    async with at_work(product="video", faults=f"{LOST}; GET /bridges/pin status=500") as assistant:
        assert (await create(assistant)).code == "outcome_unknown"
        assistant.simulator.faults = Faults.parse("POST /bridges$ status=403 x1")
        assert (await create(assistant, allow_duplicate=True)).code == "user_permission_missing"
        assert (await create(assistant)).data["created"] is False
        assert names(assistant) == ["Retro"]


@pytest.mark.parametrize("struck", ["POST /bridges$ latency=0", "POST /bridges$ drop_before x1"])
async def test_a_personal_room_that_somebody_else_made_meanwhile_is_found_and_not_called_created(struck: str) -> None:
    faults = f"GET /bridges/default status=404 x1; {struck}"
    async with at_work(product="video", faults=faults) as assistant:
        assistant.simulator.put_bridge(name="Mine", type="PMI")
        made = (await create(assistant, settings={"use_personal_meeting_id": True})).data
        assert (made["created"], made["meeting"]["topic"]) == (False, "Mine")
        assert names(assistant) == ["Mine"]


async def test_a_pin_that_leads_to_a_room_with_another_proves_nothing() -> None:
    faults = f"{LOST}; GET /bridges/pin wrong_types"
    async with at_work(product="video", faults=faults) as assistant:
        assert (await create(assistant)).code == "outcome_unknown"
        assistant.simulator.faults.clear()
        assert (await create(assistant)).data["created"] is False


@pytest.mark.parametrize("fault", ["wrong_types", "empty", "malformed"])
async def test_a_creation_whose_answer_names_no_room_or_another_is_looked_up_by_its_pin(fault: str) -> None:
    async with at_work(product="video", faults=f"POST /bridges$ {fault} x1") as assistant:
        made = (await create(assistant)).data
        assert made["created"] is True
        assert made["meeting"]["topic"] == "Retro"
        assert assistant.simulator.bridge(made["meeting"]["meeting_id"]) is not None
        assert len(assistant.sent("POST", "/bridges")) == 1
