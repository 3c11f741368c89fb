"""The form of a conversation is read strictly, and what an error offers is found in its own text."""

from pathlib import Path
from typing import Any

import pytest

from .offers import offers
from .script import BadScriptError, load

HEAD = """\
goal: A conversation that is read and not held
time_zone: America/New_York
clock: 2026-11-23T09:00
at_most: {calls: 2, requests: 9, bytes: 100}
"""
READ = "steps:\n  - call: list_meetings\n    shows: {total: 1}\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "some.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_words_that_yaml_takes_for_something_else_stay_what_they_are(tmp_path: Path) -> None:
    given = "{window_start: 2026-11-24, day_start: 10:30, topic: no, limit: 5, allow: true, none: null}"
    script = load(written(tmp_path, HEAD + READ + f"    with: {given}\n"))
    assert script.steps[0].arguments == {
        "window_start": "2026-11-24",
        "day_start": "10:30",
        "topic": "no",
        "limit": 5,
        "allow": True,
        "none": None,
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD + READ + "    wiht: {limit: 5}\n", "step 1.wiht: Extra inputs"),
        (HEAD + READ + "  - shows: {total: 1}\n", "step 2: Value error, needs either call, searched or again"),
        (HEAD + READ + "  - call: get_meeting\n", "the last step has neither shows nor says"),
        (HEAD + READ + "    fails: broken\n", "step 1.fails"),
        (HEAD + READ + "    at: 2026-11-23\n", "step 1.at"),
        (HEAD + READ + "    call: get_meeting\n", "a key is there twice"),
        (HEAD + "steps: []\n", "steps: "),
        (HEAD.replace("clock", "clok") + READ, "clok: Extra inputs"),
        (HEAD + "state: {holds: [1]}\n" + READ, "state.holds"),
        ("- nothing\n", "conversation: "),
        (HEAD + "steps: [\n", "some.yaml: while parsing"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_step(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BadScriptError) as refused:
        load(written(tmp_path, text))
    assert str(refused.value).startswith("some.yaml: ")
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("message", "next_step", "sent", "offered"),
    [
        (
            "x has no argument start.",
            "Use only: topic, start_time.",
            {"start": 1},
            {"instead": {"start": "start_time"}},
        ),
        ("scope: is required", "Give it.", {}, {"required": ["scope"]}),
        (
            "At 02:30 never. Use 01:30 or 03:30.",
            "",
            {"at": "2027-03-14T02:30"},
            {"choices": ["2027-03-14T01:30", "2027-03-14T03:30"]},
        ),
        (
            "Twice. Use 2026-11-01T01:30-04:00 (first) or 2026-11-01T01:30-05:00 (second).",
            "",
            {},
            {"choices": ["2026-11-01T01:30-04:00", "2026-11-01T01:30-05:00"]},
        ),
        ("No zone. Did you mean A/B or C/D?", "", {}, {"choices": ["A/B", "C/D"]}),
        ("scope: is one of 'occurrence' or 'series', not all", "", {}, {"choices": ["occurrence", "series"]}),
        (
            'Meeting 1 is "New" (Tuesday 2026-11-24T14:30-05:00 America/New_York).',
            "",
            {},
            {"topic": "New", "start": "2026-11-24T14:30-05:00"},
        ),
        (
            "A series.",
            'Give scope="occurrence" with occurrence_id, or scope="series".',
            {},
            {"values": {"scope": ["occurrence", "series"]}},
        ),
        (
            "Not 304921006. The user may schedule for: Helena Marsh (304921005).",
            "",
            {"host_id": "304921006"},
            {"ids": ["304921005"]},
        ),
        ("Gone.", "get_meeting, then list_meetings.", {}, {"tools": ["get_meeting", "list_meetings"]}),
    ],
)
def test_the_way_out_is_found_in_an_error_s_text(
    message: str, next_step: str, sent: dict[str, Any], offered: dict[str, Any]
) -> None:
    found = offers({"message": message, "next_step": next_step}, {"list_meetings", "get_meeting"}, sent)
    assert {name: found[name] for name in offered} == offered


def test_an_error_that_offers_nothing_is_not_read_into() -> None:
    found = offers({"message": "It failed.", "next_step": "Try again in a minute."}, {"get_meeting"}, {"topic": "x"})
    assert not any(found.values())


def test_a_step_calls_one_tool_by_its_name_by_words_or_again(tmp_path: Path) -> None:
    found = load(written(tmp_path, HEAD + "steps:\n  - searched: cancel it\n    says: [x]\n"))
    assert found.steps[0].searched == "cancel it"
    with pytest.raises(BadScriptError, match="either call, searched or again"):
        load(written(tmp_path, HEAD + READ + "    searched: cancel it\n"))
