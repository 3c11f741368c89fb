"""A conversation that does not go as its file says, fails, and says at which step."""

import pytest

from .runner import hold
from .script import BadScriptError, Conversation

pytestmark = pytest.mark.anyio

BOOKED = {
    "goal": "Book one meeting, as a conversation that goes well",
    "time_zone": "America/New_York",
    "clock": "2026-11-23T09:00",
    "seeded": False,
    "steps": [
        {
            "call": "create_meeting",
            "with": {"topic": "Retro", "start_time": "2026-11-24T10:00", "duration_minutes": 30},
            "as": "made",
            "shows": {"created": True},
        },
        {
            "call": "get_meeting",
            "with": {"meeting_id": "${made.meeting.meeting_id}"},
            "says": ["Retro"],
            "says_not": ["Planning"],
        },
    ],
    "state": {"created": ["Retro"], "holds": {"[].schedule.durationInMinutes": [30]}},
    "at_most": {"calls": 2, "requests": 20, "bytes": 4_000},
}
READ = {"call": "get_meeting", "with": {"meeting_id": "${made.meeting.meeting_id}"}}
CREATION = BOOKED["steps"][0]  # type: ignore[index]


def script(**changes: object) -> Conversation:
    return Conversation.model_validate(BOOKED | changes)


def ending_with(**changes: object) -> Conversation:
    return script(steps=[CREATION, READ | changes])


async def test_one_that_goes_well_is_held() -> None:
    await hold(script(), "auto", asks=True)


async def test_what_it_cost_is_told() -> None:
    cost = await hold(script(), "auto", asks=True)
    assert cost["calls"] == 2
    assert 0 < cost["requests"] <= 20
    assert 500 < cost["bytes"] <= 4_000


async def test_words_call_the_tool_that_a_search_for_them_finds_first() -> None:
    found = {"searched": "what is on my agenda next week", "shows": {"total": 0}}
    await hold(script(steps=[found], state={}), "auto", asks=True)
    with pytest.raises(AssertionError, match=r"step 1 .hang up, everyone should be out."):
        await hold(script(steps=[found | {"searched": "hang up, everyone should be out"}], state={}), "auto", asks=True)


async def test_a_meeting_that_was_held_before_is_among_the_past_ones() -> None:
    held = {"as": "retro", "topic": "Retro", "held": ["2026-11-20T10:00"]}
    step = {"call": "list_past_meetings", "shows": {"meetings[].start": ["2026-11-20T10:00-05:00"]}}
    for product in ("RingCentral Meetings", "RingCentral Video"):
        await hold(script(product=product, given=[held], steps=[step], state={}), "auto", asks=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (ending_with(says=["Planning"]), "step 2 .get_meeting. does not say 'Planning'"),
        (ending_with(says=["Retro"], says_not=["meeting_id"]), "step 2 .get_meeting. says 'meeting_id'"),
        (ending_with(shows={"meeting.topic": "Planning"}), "step 2 .get_meeting., meeting.topic: 'Retro'"),
        (ending_with(fails="not_found", says=["Retro"]), "step 2"),
        (ending_with(says=["Retro"], **{"with": {"meeting_id": "1"}}), "not_found"),
        (script(state={"created": []}), "at the end: .*Retro"),
        (script(state={"created": ["Retro"], "changed": ["Planning"]}), "at the end"),
        (script(state={"created": ["Retro"], "holds": {"length(@)": 2}}), "the state at the end"),
        (script(at_most={"calls": 1, "requests": 20, "bytes": 4_000}), "'calls': 2"),
        (script(at_most={"calls": 2, "requests": 1, "bytes": 4_000}), "'requests'"),
        (script(at_most={"calls": 2, "requests": 20, "bytes": 100}), "'bytes'"),
        (script(asked=1), "was asked"),
    ],
)
async def test_one_that_goes_otherwise_fails(wrong: Conversation, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        await hold(wrong, "auto", asks=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            ending_with(says=["${made.meeting.nothing}"]),
            "step 2 .get_meeting.: .{made.meeting.nothing} refers to nothing",
        ),
        (ending_with(shows={"length(nothing)": 1}), "step 2 .get_meeting., length.nothing.: In function length"),
        (ending_with(says=["Retro"], at="2026-11-23T08:00"), "step 2 .get_meeting.: 2026-11-23T08:00 is over"),
        (script(steps=[CREATION, {"again": "maid", "says": ["Retro"]}]), "step 2 .again maid.: no step is named maid"),
    ],
)
async def test_one_that_cannot_be_held_says_why(wrong: Conversation, said: str) -> None:
    with pytest.raises(BadScriptError, match=said):
        await hold(wrong, "auto", asks=True)


async def test_a_meeting_that_lost_a_date_counts_as_changed() -> None:
    series = {"frequency": "Daily", "interval": 1, "count": 3}
    deletion = {
        "call": "delete_meeting",
        "with": {
            "meeting_id": "${daily.meeting_id}",
            "expected_topic": "Daily",
            "expected_start": "2026-11-24T10:00",
            "scope": "occurrence",
            "occurrence_id": "${found.meetings[0].occurrence_id}",
        },
        "shows": {"deleted": True},
    }
    wrong = script(
        given=[{"as": "daily", "topic": "Daily", "start": "2026-11-24T10:00", "repeats": series}],
        steps=[{"call": "list_meetings", "as": "found"}, deletion],
        state={},
    )
    with pytest.raises(AssertionError, match=r"'changed': \['Daily'\]"):
        await hold(wrong, "auto", asks=False)
