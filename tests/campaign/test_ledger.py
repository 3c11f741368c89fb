"""The ledger itself: what it lets pass, and which broken promises it sees."""

from typing import Any

import pytest

from campaign.by_pin import left_over
from campaign.ledger import Found, Ledger, settle
from campaign.possibilities import EXISTS, Deed, Fate, Story
from campaign.witness import Exchange, Trace

KEPT = frozenset({"topic", "minutes"})
OURS, THEIRS = 1, 2


def a_story(ledger: Ledger | None = None) -> Story:
    """A meeting of 30 minutes that is there."""
    story = (ledger or Ledger()).story(0, "single", KEPT, {"topic": "m0-0 first", "minutes": 30})
    story.facts[EXISTS], story.meeting_id, story.rest = {True}, "1", "rest"
    return story


def stored(topic: str = "m0-0 first", minutes: int = 30, meeting_id: str = "1", rest: str = "rest") -> Found:
    return Found(meeting_id, topic, {"topic": topic, "minutes": minutes}, rest)


def an_update(story: Story, server: int = OURS, **writes: Any) -> Deed:
    return story.begin(Deed(server, writes, whole=True))


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ([stored()], None),
        ([stored(), stored(meeting_id="2")], "2 meetings for one intent"),
        ([], "is gone, which no answer said"),
        ([stored(meeting_id="2")], "is meeting 2, and 1 was told"),
        ([stored(minutes=31)], "minutes is 31"),
        ([stored(topic="m0-0 other")], "topic is 'm0-0 other'"),
        ([stored(rest="less")], "'less' was 'rest'"),
        ([stored(), stored(topic="stray", meeting_id="2")], "stray: nobody asked for it"),
    ],
)
def test_what_the_platform_has_is_held_against_what_was_promised(found: list[Found], problem: str | None) -> None:
    ledger = Ledger()
    a_story(ledger)
    problems = settle(ledger, found)
    assert len(problems) == (problem is not None)
    assert problem is None or problem in problems[0]


def test_a_promise_known_to_be_broken_stays_so() -> None:
    ledger = Ledger()
    ledger.complain("broken")
    assert settle(ledger, []) == ["broken"]


def test_a_meeting_that_no_answer_settled_may_be_there_or_not() -> None:
    ledger = Ledger()
    story = a_story(ledger)
    story.end(story.begin(Deed(OURS, {EXISTS: False})), Fate.OPEN)
    assert (settle(ledger, [stored()]), settle(ledger, [])) == ([], [])
    assert ledger.left_open() == ["m0-0"]


@pytest.mark.parametrize(("fate", "minutes"), [(Fate.TOOK, {45}), (Fate.OPEN, {30, 45}), (Fate.NOTHING, {30})], ids=str)
def test_an_update_alone_leaves_what_its_answer_says(fate: Fate, minutes: set[int]) -> None:
    story = a_story()
    story.end(an_update(story, minutes=45), fate)
    assert story.facts["minutes"] == minutes
    assert story.facts["topic"] == {"m0-0 first"}


def test_fields_that_calls_of_one_server_changed_at_once_are_all_kept() -> None:
    story = a_story()
    first, second = an_update(story, minutes=45), an_update(story, topic="m0-0 new")
    story.end(first, Fate.TOOK)
    story.end(second, Fate.TOOK)
    assert (story.facts["minutes"], story.facts["topic"]) == ({45}, {"m0-0 new"})


@pytest.mark.parametrize("first_ends_first", [True, False])
def test_fields_that_servers_which_send_only_what_differs_changed_at_once_are_all_kept(first_ends_first: bool) -> None:
    story = a_story()
    deeds = [
        story.begin(Deed(server, write)) for server, write in ((OURS, {"minutes": 45}), (THEIRS, {"topic": "m0-0 b"}))
    ]
    for deed in deeds if first_ends_first else reversed(deeds):
        story.end(deed, Fate.TOOK)
    assert (story.facts["minutes"], story.facts["topic"]) == ({45}, {"m0-0 b"})


def test_a_room_whose_id_no_answer_told_is_named_by_its_pin_or_only_owned_up_to() -> None:
    ledger = Ledger()
    told, named, untold = (ledger.story(0, "standing room", KEPT, {}) for _ in range(3))
    told.meeting_id, named.doubts, untold.doubts = "1", ["222"], [None, "333"]
    found = [
        Found(str(n + 1), f"m0-{n} first", {}, None, names=(str(n + 1), pin)) for n, pin in enumerate(("1", "222", "4"))
    ]
    assert left_over(ledger.stories, found) == ([found[1]], [found[2]])


@pytest.mark.parametrize("first_ends_first", [True, False])
def test_what_another_server_wrote_back_meanwhile_may_have_undone_a_change(first_ends_first: bool) -> None:
    story = a_story()
    deeds = [an_update(story, OURS, minutes=45), an_update(story, THEIRS, topic="m0-0 new")]
    for deed in deeds if first_ends_first else reversed(deeds):
        story.end(deed, Fate.TOOK)
    assert story.facts["minutes"] == {30, 45}
    assert story.facts["topic"] == {"m0-0 first", "m0-0 new"}


def test_a_later_change_settles_what_an_earlier_one_left_open() -> None:
    story = a_story()
    story.end(an_update(story, minutes=45), Fate.OPEN)
    story.end(an_update(story, THEIRS, minutes=60), Fate.TOOK)
    assert story.facts["minutes"] == {60}


def test_of_two_changes_of_one_field_at_once_either_may_be_the_last() -> None:
    story = a_story()
    first, second = an_update(story, minutes=45), an_update(story, minutes=60)
    story.end(second, Fate.TOOK)
    story.end(first, Fate.TOOK)
    assert story.facts["minutes"] == {45, 60}


def test_a_read_settles_what_was_open_and_may_show_nothing_else() -> None:
    story = a_story()
    story.end(an_update(story, minutes=45), Fate.OPEN)
    read = story.begin(Deed(OURS, {}))
    story.end(read, Fate.NOTHING)
    assert story.shown(read, "minutes", 45) is None
    assert story.facts["minutes"] == {45}
    assert story.shown(read, "minutes", 60) is not None


def test_a_read_during_a_write_may_show_either_and_settles_nothing() -> None:
    story = a_story()
    read, write = story.begin(Deed(OURS, {})), an_update(story, minutes=45)
    story.end(read, Fate.NOTHING)
    assert (story.shown(read, "minutes", 45), story.shown(read, "minutes", 30)) == (None, None)
    story.end(write, Fate.TOOK)
    assert story.facts["minutes"] == {45}


def test_a_read_may_show_what_another_server_is_just_writing_back() -> None:
    story = a_story()
    slow, quick = an_update(story, OURS, topic="m0-0 new"), an_update(story, THEIRS, minutes=45)
    story.end(quick, Fate.TOOK)
    read = story.begin(Deed(THEIRS, {}))
    assert story.shown(read, "minutes", 30) is None
    story.end(slow, Fate.TOOK)
    assert story.facts["minutes"] == {30, 45}


READ, GARBAGE = Exchange("GET", "/meeting", 200, True), Exchange("GET", "/meeting", 200, False)
LOST, GATEWAY = Exchange("POST", "/meeting", None, True), Exchange("POST", "/meeting", 504, True)
REFUSED = Exchange("POST", "/meeting", 429, True)


@pytest.mark.parametrize(
    ("exchanges", "before", "afterwards", "late"),
    [
        ([READ, LOST, READ], True, True, False),
        ([GARBAGE, LOST, GARBAGE], False, False, False),
        ([READ, GATEWAY, GARBAGE, READ], True, True, True),
        ([READ, LOST], True, False, False),
        ([READ], True, False, False),
        ([], True, False, False),
    ],
)
def test_a_trace_tells_what_a_server_could_know(
    exchanges: list[Exchange], before: bool, afterwards: bool, late: bool
) -> None:
    trace = Trace(frozenset({504}), exchanges)
    assert (trace.saw_before, trace.saw_afterwards, trace.may_still_land) == (before, afterwards, late)
    assert trace.misled is (GARBAGE in exchanges)


def test_a_write_that_was_not_carried_out_is_none() -> None:
    assert Trace(exchanges=[READ, REFUSED, LOST]).writes == [LOST]
