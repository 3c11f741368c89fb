"""Rate limits of the form of the store that is in memory."""

import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from ringcentral_meetings.store.expiring import Expiring
from ringcentral_meetings.store.records import Place, Room
from ringcentral_meetings.store.steps import LIMIT_KEPT_SECONDS, WINDOW_SECONDS, Group


@dataclass(slots=True)
class _Sent:
    """When each request of a window went, and under which name, in the order of time."""

    times: list[float] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    limit: int
    window: float = WINDOW_SECONDS
    others: int = 0
    seen: float = -inf


@dataclass(frozen=True, slots=True)
class _View:
    sent: _Sent
    limit: int
    window: float
    others: int
    seen: float
    held: float

    @property
    def left(self) -> int:
        return max(0, self.limit - len(self.sent.times) - self.others)

    def wait(self, now: float, ahead: int) -> float:
        """Return the seconds until there is a place with `ahead` others going before."""
        place = len(self.sent.times) + self.others - self.limit + ahead
        if place < 0:
            return self.held
        taken = sorted([*self.sent.times, *[self.seen] * self.others])
        rounds = 0
        while place >= len(taken):
            place -= self.limit
            rounds += 1
        frees = taken[place] + self.window if place >= 0 else now
        return max(frees, now + self.held) + self.window * rounds - now


class MemoryWindows:
    """The windows of plan groups, and penalties."""

    def __init__(self, entries: Expiring, clock: Callable[[], float]) -> None:
        self._entries = entries
        self._clock = clock

    def take(self, group: Group, request: str, penalties: Sequence[str]) -> Place:
        """Take a place, or say when there may be one."""
        view, now = self._view(group), self._clock()
        held = self._held(penalties)
        if request in view.sent.names:
            return self._place(view, 0.0)
        seconds = max(held, view.wait(now, 0))
        if seconds == 0:
            view.sent.times.append(now)
            view.sent.names.append(request)
            self._entries.put(group.sent, view.sent, view.window)
        return self._place(view, seconds)

    def see(self, group: Group, ahead: int, penalties: Sequence[str]) -> Place:
        """Say when there may be a place."""
        view = self._view(group)
        return self._place(view, max(self._held(penalties), view.wait(self._clock(), ahead)))

    def rooms(self, groups: Mapping[str, Group], penalties: Sequence[str]) -> dict[str, Room]:
        """Say what is free of each group."""
        held = self._held(penalties)
        views = {name: self._view(group) for name, group in groups.items()}
        return {name: _room(view, max(held, view.held)) for name, view in views.items()}

    def learn(self, group: Group, limit: int | None, window: float | None, remaining: int | None) -> None:
        """Correct a group by what the platform answered."""
        known = self._entries.get(group.limit, _Known) or _Known(group.default)
        known_now = _Known(limit or known.limit, window or known.window, known.others, known.seen)
        self._entries.put(group.limit, known_now, LIMIT_KEPT_SECONDS)
        view = self._view(group)
        if remaining is not None:
            others = max(0, known_now.limit - remaining - len(view.sent.times))
            known_now = _Known(known_now.limit, known_now.window, others, self._clock())
            self._entries.put(group.limit, known_now, LIMIT_KEPT_SECONDS)
        if view.sent.times:
            self._entries.put(group.sent, view.sent, known_now.window)

    def hold(self, key: str, seconds: float) -> None:
        """Lengthen a penalty."""
        if self._entries.left(key) < seconds:
            self._entries.put(key, True, seconds)

    def _held(self, penalties: Sequence[str]) -> float:
        return max((self._entries.left(key) for key in penalties), default=0.0)

    def _view(self, group: Group) -> _View:
        now = self._clock()
        known = self._entries.get(group.limit, _Known) or _Known(group.default)
        sent = self._entries.get(group.sent, _Sent) or _Sent()
        gone = bisect.bisect_right(sent.times, now - known.window)
        del sent.times[:gone], sent.names[:gone]
        others = known.others if known.seen + known.window > now else 0
        held = self._entries.left(group.held)
        return _View(sent, max(1, known.limit), known.window, others, known.seen, held)

    def _place(self, view: _View, seconds: float) -> Place:
        return Place(seconds, view.limit, view.window, view.left, view.others)


def _room(view: _View, held: float) -> Room:
    return Room(view.left, view.limit, view.window, held)
