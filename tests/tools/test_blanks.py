"""Blanks: clients and agent frameworks fill each optional argument, and nothing is erased by that."""

import json
import re
from typing import Any

import pytest
from mcp_types import Tool

from assistant import Assistant, Product, at_work, scheduled
from published.sizes import published

pytestmark = pytest.mark.anyio

TOOLS = published().tools
BLANKS: tuple[Any, ...] = ("", "   ", "\u200b", "\u2060\ufeff", [], {}, None, [""], {"a": {"b": ""}})
NO_TEXT: tuple[Any, ...] = ([], {}, None)
BLANK_TEXTS = ("", " \t", "\u200b")
RULE = {"frequency": "Weekly", "interval": 2, "weeklyByDays": ["Tuesday"], "count": 6}
BODY: dict[str, Any] = {
    "topic": "Budget",
    "password": "keep",
    "alternativeHosts": "ada@example.com",
    "globalDialInCountries": ["US", "GB"],
    "audioOptions": ["Phone"],
}


def put(assistant: Assistant, **fields: Any) -> str:
    return assistant.simulator.put_meeting(**BODY | {"schedule": scheduled("2026-11-24T20:00:00Z")} | fields)


def put_series(assistant: Assistant) -> str:
    return put(assistant, meetingType="ScheduledRecurring", recurrence=RULE)


def put_room(assistant: Assistant, **fields: Any) -> str:
    return assistant.simulator.put_bridge(**{"name": "Retro", "security": {"password": "Secret1"}} | fields)


def stored(assistant: Assistant) -> dict[str, Any]:
    (meeting,) = assistant.simulator.meetings()
    return meeting


def all_blank(schema: dict[str, Any], blank: Any, deep: bool) -> Any:
    """An object with a blank for each optional member, and in each object within if `deep`."""
    required = schema.get("required", [])
    return {
        name: all_blank(member | {"required": []}, blank, deep) if deep and "properties" in member else blank
        for name, member in schema["properties"].items()
        if name not in required
    }


NEEDED: dict[str, dict[str, Any]] = {
    "get_past_meeting": {"past_meeting_id": "unknown"},
    "find_meeting_times": {"duration_minutes": 30},
    "create_meeting": {"topic": "Retro", "start_time": "2026-11-25T09:00"},
    "end_meeting": {"expected_topic": "Budget", "expected_start": "2026-11-24T15:00"},
    "delete_meeting": {"expected_topic": "Budget", "expected_start": "2026-11-24T15:00"},
    "update_meeting": {"duration_minutes": 50},
}
"""What a call needs of its own, apart from the id of the meeting that is there."""


async def answer(product: Product, tool: Tool, blanks: dict[str, Any]) -> tuple[str | None, str]:
    """What the tool answers about a meeting or room that was just put there, without what is never twice the same."""
    async with at_work(product=product) as assistant:
        meeting_id = put(assistant) if product == "meetings" else put_room(assistant)
        named = {"meeting_id": meeting_id} if "meeting_id" in tool.input_schema["properties"] else {}
        given = await assistant.call(tool.name, **blanks | named | NEEDED.get(tool.name, {}))
        return given.code, re.sub(r"[0-9A-Za-z]+", "", given.text)


@pytest.mark.parametrize("product", ["meetings", "video"])
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
async def test_a_tool_answers_alike_whether_optional_arguments_are_blank_or_left_out(
    tool: Tool, product: Product
) -> None:
    left_out = await answer(product, tool, {})
    blanks = [blank for blank in BLANKS if blank != [""] or "host_ids" not in tool.input_schema["properties"]]
    for blank in blanks:
        filled = all_blank(tool.input_schema, blank, deep=isinstance(blank, str))
        assert await answer(product, tool, filled) == left_out, filled


async def test_an_update_with_blanks_beside_it_changes_its_own_field_alone() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant)
        before = stored(assistant)
        done = await assistant.call(
            "update_meeting",
            meeting_id=meeting_id,
            topic="",
            password="",
            settings={"alternative_hosts": "", "global_dial_in_countries": [], "audio_options": [""]},
            recurrence="{}",
            clear=[],
            duration_minutes=50,
        )
        assert done.data["changes"] == [{"field": "duration_minutes", "before": "30", "after": "50"}]
        after = stored(assistant)
    assert {name: after[name] for name in BODY} == {name: before[name] for name in BODY}


async def test_a_room_keeps_its_name_and_its_password_when_they_are_blank_in_an_update() -> None:
    async with at_work(product="video") as assistant:
        meeting_id = put_room(assistant)
        mute = {"mute_participants_on_entry": True, "alternative_hosts": " ", "waiting_room": ""}
        done = await assistant.call("update_meeting", meeting_id=meeting_id, topic="\u200b", password="", settings=mute)
        assert [change["field"] for change in done.data["changes"]] == ["settings.mute_participants_on_entry"]
        (room,) = assistant.simulator.bridges()
    assert (room["name"], room["security"]["password"]["plainText"]) == ("Retro", "Secret1")


async def test_an_update_of_nothing_but_blanks_is_refused() -> None:
    async with at_work() as assistant:
        answer = await assistant.call(
            "update_meeting", meeting_id=put(assistant), topic="", settings={"alternative_hosts": ""}
        )
        assert assistant.sent("PUT") == []
    assert "a blank one is left as it is" in answer.problem["message"]
    assert "clear" in answer.problem["next_step"]


@pytest.mark.parametrize("blank", BLANKS, ids=repr)
@pytest.mark.parametrize(
    ("tool", "name", "others"),
    [
        ("create_meeting", "topic", {"start_time": "2026-11-25T09:00"}),
        ("get_meeting", "meeting_id", {}),
        ("get_past_meeting", "past_meeting_id", {}),
        ("update_meeting", "meeting_id", {"topic": "x"}),
        ("find_meeting_times", "duration_minutes", {}),
    ],
)
async def test_a_blank_argument_that_is_required_is_refused_by_name(
    tool: str, name: str, others: dict[str, Any], blank: Any
) -> None:
    async with at_work() as assistant:
        answer = await assistant.call(tool, **others | {name: blank})
        assert assistant.sent() == []
    assert answer.problem["message"].startswith(f"{name}: is required and not blank (")


async def test_nothing_and_false_are_values() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, enableWaitingRoom=True)
        await assistant.call("update_meeting", meeting_id=meeting_id, settings={"enable_waiting_room": False})
        assert stored(assistant)["enableWaitingRoom"] is False
        assert "duration_minutes" in (await assistant.call("find_meeting_times", duration_minutes=0)).problem["message"]


@pytest.mark.parametrize("tool", ["delete_meeting", "end_meeting"])
@pytest.mark.parametrize("given", BLANK_TEXTS, ids=repr)
async def test_a_blank_expected_topic_matches_a_blank_topic_and_nothing_else(tool: str, given: str) -> None:
    start = {"expected_start": "2026-11-24T15:00"}
    async with at_work() as assistant:
        titled = put(assistant)
        refused = await assistant.call(tool, meeting_id=titled, expected_topic=given, **start)
        assert refused.code == "target_mismatch"
        for topic in BLANK_TEXTS:
            untitled = put(assistant, topic=topic)
            assert not (await assistant.call(tool, meeting_id=untitled, expected_topic=given, **start)).is_error
        for no_text in NO_TEXT:
            refused = await assistant.call(tool, meeting_id=titled, expected_topic=no_text, **start)
            assert "expected_topic" in refused.problem["message"]
        assert "Budget" in [meeting["topic"] for meeting in assistant.simulator.meetings()]


@pytest.mark.parametrize("blank", ["", " ", "\u200b"], ids=repr)
async def test_a_blank_id_in_a_list_of_hosts_is_refused_and_a_blank_list_is_left_out(blank: str) -> None:
    async with at_work() as assistant:
        refused = await assistant.call("find_meeting_times", duration_minutes=30, host_ids=[blank])
        assert refused.code == "invalid_arguments"
        assert "host_ids" in refused.problem["message"]
        for no_list in (*NO_TEXT, blank):
            found = await assistant.call("find_meeting_times", duration_minutes=30, host_ids=no_list)
            assert len(found.data["hosts"]) == 1


async def test_what_is_named_in_clear_is_removed_and_nothing_else() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant)
        names = ["password", "alternative_hosts", "global_dial_in_countries"]
        done = await assistant.call("update_meeting", meeting_id=meeting_id, clear=names)
        after = stored(assistant)
    assert {change["field"] for change in done.data["changes"]} == {
        "password",
        "settings.alternative_hosts",
        "settings.global_dial_in_countries",
    }
    assert "not_applied" not in done.data
    emptied = {"password": "", "alternativeHosts": "", "globalDialInCountries": []}
    assert {name: after.get(name) for name in BODY} == BODY | emptied


async def test_a_series_whose_end_is_cleared_goes_on_and_keeps_its_days() -> None:
    async with at_work() as assistant:
        meeting_id = put_series(assistant)
        done = await assistant.call("update_meeting", meeting_id=meeting_id, clear=["recurrence_end"])
        read = await assistant.call("get_meeting", meeting_id=meeting_id)
        again = await assistant.call("update_meeting", meeting_id=meeting_id, clear=["recurrence_end"])
    assert [change["field"] for change in done.data["changes"]] == ["recurrence"]
    assert read.data["recurrence"] == {"frequency": "Weekly", "interval": 2, "weekly_days": ["Tuesday"]}
    assert again.data["changes"] == []


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"clear": ["password"], "password": "n3w"}, "names password"),
        ({"clear": ["alternative_hosts"], "settings": {"alternative_hosts": "b@example.com"}}, "alternative_hosts"),
        ({"clear": ["recurrence_end"], "recurrence": {"frequency": "Daily", "count": 3}}, "recurrence_end"),
        ({"clear": ["recurrence_end"]}, "no rule by which"),
        ({"clear": ["topic"]}, "clear.0"),
    ],
)
async def test_clear_that_contradicts_what_is_given_or_there_is_refused(asked: dict[str, Any], words: str) -> None:
    async with at_work() as assistant:
        answer = await assistant.call("update_meeting", meeting_id=put(assistant), **asked)
        assert assistant.sent("PUT") == []
    assert answer.code == "invalid_arguments"
    assert words in answer.problem["message"]


async def test_a_creation_without_a_password_of_its_own_says_so_to_ringcentral_by_clear_alone() -> None:
    for arguments, sent in (({}, None), ({"password": ""}, None), ({"clear": ["password"]}, "")):
        async with at_work() as assistant:
            await assistant.call("create_meeting", topic="Retro", start_time="2026-11-25T09:00", **arguments)
            assert stored(assistant).get("password", None) in (sent, "")
            assert ("password" in json.loads(assistant.sent("POST")[0].body)) is (sent is not None)


@pytest.mark.parametrize("topic", BLANK_TEXTS, ids=repr)
async def test_an_untitled_meeting_without_a_password_is_restored_under_a_topic_and_without_one(topic: str) -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, topic=topic, password="")
        start = {"expected_start": "2026-11-24T15:00"}
        done = await assistant.call("delete_meeting", meeting_id=meeting_id, expected_topic="", **start)
        assert done.data["restore"]["topic"] == "Untitled meeting"
        assert done.data["restore"]["clear"] == ["password"]
        made = await assistant.call("create_meeting", **done.data["restore"])
        assert made.data["created"] is True
        assert stored(assistant)["password"] == ""


async def test_a_room_without_a_password_is_restored_without_one() -> None:
    async with at_work(product="video") as assistant:
        meeting_id = put_room(assistant, security={})
        done = await assistant.call("delete_meeting", meeting_id=meeting_id, expected_topic="Retro")
        assert done.data["restore"]["clear"] == ["password"]
        await assistant.call("create_meeting", **done.data["restore"])
        sent = json.loads(assistant.sent("POST", "/bridges")[-1].body)
        assert sent["security"]["passwordProtected"] is False
