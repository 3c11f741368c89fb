"""Free times against a search written here minute by minute."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ringcentral_meetings.tools import spans
from ringcentral_meetings.tools.spans import DAY, Span

stable = settings(derandomize=True, deadline=None, max_examples=200)
HORIZON = 300

moments = st.integers(0, HORIZON)
any_spans = st.lists(st.tuples(moments, moments), max_size=12)
lengths = st.integers(1, 60)
steps = st.integers(1, 40)


def minutes(of: list[Span]) -> set[int]:
    """Every moment that a list of spans holds."""
    return {moment for begin, end in of for moment in range(begin, end)}


def room(within: list[Span], busy: list[Span], length: int) -> list[int]:
    """Every start at which `length` moments in a row are within and not busy."""
    free = minutes(spans.merged(within)) - minutes(busy)
    return [start for start in range(HORIZON) if all(start + ahead in free for ahead in range(length))]


def no_offset(_: int) -> int:
    return 0


@stable
@given(any_spans)
def test_merged_spans_cover_the_same_in_order_and_do_not_touch(given_spans: list[Span]) -> None:
    found = spans.merged(given_spans)
    assert minutes(found) == minutes(given_spans)
    assert all(one[1] < other[0] for one, other in pairwise(found))


@stable
@given(any_spans, any_spans)
def test_gaps_are_what_is_left_and_common_is_what_both_hold(one: list[Span], other: list[Span]) -> None:
    within, busy = spans.merged(one), spans.merged(other)
    assert minutes(spans.gaps(within, busy)) == minutes(within) - minutes(busy)
    assert minutes(spans.common(within, busy)) == minutes(within) & minutes(busy)
    free = spans.gaps(within, busy)
    assert all(begin < end for begin, end in free)
    assert all(first[1] <= second[0] for first, second in pairwise(free))


@stable
@given(any_spans, any_spans, lengths, steps)
def test_no_slot_overlaps_what_is_busy_or_leaves_the_hours(
    hours: list[Span], busy: list[Span], length: int, step: int
) -> None:
    free = spans.gaps(spans.merged(hours), spans.merged(busy))
    possible = set(room(hours, busy, length))
    assert set(spans.starts(free, length, step, no_offset)) <= possible


@stable
@given(any_spans, any_spans, lengths, steps)
def test_every_gap_that_is_long_enough_is_found_and_each_fitting_step_in_it(
    hours: list[Span], busy: list[Span], length: int, step: int
) -> None:
    free = spans.gaps(spans.merged(hours), spans.merged(busy))
    found = list(spans.starts(free, length, step, no_offset))
    possible = room(hours, busy, length)
    assert {start for start in possible if start % step == 0} <= set(found)
    for begin, end in free:
        assert any(begin <= start and start + length <= end for start in found) == (end - begin >= length)
    assert found == sorted(set(found))


@stable
@given(any_spans, any_spans, any_spans, lengths, steps)
def test_preferred_slots_come_first_and_none_is_lost_or_told_twice(
    hours: list[Span], busy: list[Span], liked: list[Span], length: int, step: int
) -> None:
    free, preferred = spans.gaps(spans.merged(hours), spans.merged(busy)), spans.merged(liked)
    found = list(spans.ranked(free, preferred, length, step, no_offset))
    first = [start for start, best in found if best]
    rest = [start for start, best in found if not best]
    assert found == [*((start, True) for start in first), *((start, False) for start in rest)]
    assert (first, rest) == (sorted(set(first)), sorted(set(rest)))
    assert set(spans.starts(free, length, step, no_offset)) <= {*first, *rest} <= set(room(hours, busy, length))
    liked_starts = set(room(liked, [], length))
    assert set(first) <= liked_starts
    assert not set(rest) & liked_starts


@stable
@given(
    st.integers(0, 3 * 1_440),
    st.integers(5, 240),
    st.integers(-14 * 4, 14 * 4),
    st.integers(0, 3 * 1_440),
    st.sampled_from([-60, -30, 0, 30, 60]),
)
def test_starts_are_on_the_local_clocks_steps_across_a_clock_change(
    begin: int, step: int, quarters: int, change: int, by: int
) -> None:
    def offset(moment: int) -> int:
        return (quarters * 15 + (by if moment >= change * 60 else 0)) * 60

    span = (begin * 60, begin * 60 + 2 * DAY)
    found = list(spans.starts([span], 1_800, step * 60, offset))
    every = range(span[0], span[1] - 1_800 + 1, 60)
    fitting = [moment for moment in every if (moment + offset(moment)) % DAY % (step * 60) == 0]
    assert found == fitting
