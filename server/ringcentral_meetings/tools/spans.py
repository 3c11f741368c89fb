"""Arithmetic of free time, in whole seconds since 1970: no zone, no meeting, no clock.

A span is (begin, end), its end exclusive; a list of spans is in order and disjoint unless said otherwise.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, zip_longest

from ringcentral_meetings.platform.pauses import Pauses

Span = tuple[int, int]
Offset = Callable[[int], int]
"""How far local clocks are ahead of UTC at a moment (epoch seconds), in seconds."""

DAY = 86_400
MINUTE = 60


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the fewest spans that cover what `spans`, in any order and overlapping, cover together."""
    found: list[Span] = []
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def gaps(within: list[Span], busy: list[Span]) -> list[Span]:
    """Return what is left of `within` without `busy`."""
    if not within:
        return []
    edges = [within[0][0], *(edge for span in busy for edge in span), within[-1][1]]
    return common(within, list(zip(edges[::2], edges[1::2], strict=True)))


def common(one: list[Span], other: list[Span]) -> list[Span]:
    """Return the intersection of two lists of spans."""
    found: list[Span] = []
    first = second = 0
    while first < len(one) and second < len(other):
        begin, end = max(one[first][0], other[second][0]), min(one[first][1], other[second][1])
        if begin < end:
            found.append((begin, end))
        if one[first][1] <= other[second][1]:
            first += 1
        else:
            second += 1
    return found


def starts(free: Iterable[Span], length: int, step: int, offset: Offset) -> Iterator[int]:
    """Yield the starts in each gap of at least `length` that are multiples of `step` on the local clock.

    A gap in which no such start fits yields its own beginning.
    """
    for begin, end in free:
        moment, found = _aligned(begin, step, offset), False
        while moment + length <= end:
            yield moment
            found = True
            moment = _aligned(moment + 1, step, offset)
        if not found and begin + length <= end:
            yield begin


def ranked(
    free: list[Span], preferred: list[Span], length: int, step: int, offset: Offset
) -> Iterator[tuple[int, bool]]:
    """Yield (start, preferred?): the starts wholly within `preferred`, then the others, each in order of time."""
    for start in starts(common(free, preferred), length, step, offset):
        yield start, True
    for start in starts(free, length, step, offset):
        if not covers(preferred, (start, start + length)):
            yield start, False


async def spread(
    found: Iterable[tuple[int, bool]], limit: int, day: Callable[[int], int], pauses: Pauses
) -> tuple[list[int], bool]:
    """Return at most `limit` of the starts that `ranked` yields, and whether there are more.

    Preferred ones go before others. Of each kind every day gives one before any gives a second.
    """
    by_day: dict[bool, dict[int, list[int]]] = {True: {}, False: {}}
    seen = enough = 0
    for start, preferred in found:
        await pauses.take_if_due()
        by_day[preferred].setdefault(day(start), []).append(start)
        seen += 1
        enough += preferred
        wanted = limit if preferred else limit - enough
        if seen > limit and len(by_day[preferred]) >= wanted:
            break
    chosen: list[int] = []
    for days in by_day.values():
        rounds = (start for turn in zip_longest(*days.values()) for start in turn if start is not None)
        chosen += sorted(islice(rounds, limit - len(chosen)))
    return chosen, seen > limit


def covers(spans: list[Span], part: Span) -> bool:
    """Return whether one of the spans contains all of `part`."""
    index = bisect_right(spans, (part[0], float("inf"))) - 1
    return index >= 0 and part[1] <= spans[index][1]


def _aligned(moment: int, step: int, offset: Offset) -> int:
    """Return the first moment from `moment` on whose local time of day is a multiple of `step`; midnight is one.

    It goes minute by minute where the clocks change on the way there.
    """
    while past := (moment + offset(moment)) % DAY % step:
        local = (moment + offset(moment)) % DAY
        target = moment + min(step - past, DAY - local)
        moment = target if offset(target) == offset(moment) else moment + MINUTE - moment % MINUTE
    return moment
