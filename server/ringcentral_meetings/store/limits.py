"""RingCentral's rate limits of one user, as all replicas count them.

Facts: RingCentral developer guide, "Rate limits".
"""

from collections.abc import Mapping, Sequence

from ringcentral_meetings.store.records import Place, Room
from ringcentral_meetings.store.steps import Group, NoteAnswer, NoteChange, Steps, new_request

DEPLOYMENT_HELD = "rcm:held"


class UserLimits:
    """The windows of one user's plan groups, and the penalties of the user, of the account and of the deployment.

    `default` is how many requests a minute a group grants until RingCentral names it. All methods raise `StoreDown`.
    """

    def __init__(self, steps: Steps, user: str, account: str) -> None:
        self._steps = steps
        self._user = user
        self._account_held = f"rcm:acct:{account}:held"
        self._penalties = (self._account_held, DEPLOYMENT_HELD)
        self._expected: dict[str, Place] = {}

    async def take_place(self, group: str, default: int) -> float:
        """Take a place and return 0.0, or take none and return the seconds until there may be one."""
        place = await self._steps.take_place(self._group(group, default), new_request(), self._penalties)
        self._expected[group] = place
        return place.seconds

    async def take_place_noting(
        self, group: str, default: int, notes: Sequence[NoteChange]
    ) -> tuple[float, list[NoteAnswer]]:
        """Take a place as `take_place` does, and in the same trip write notes, whether there is a place or not."""
        named, penalties = self._group(group, default), self._penalties
        place, written = await self._steps.take_place_noting(named, new_request(), penalties, notes)
        self._expected[group] = place
        return place.seconds, written

    async def seconds_to_place(self, group: str, default: int, ahead: int = 0) -> float:
        """Return the seconds until there is a place with `ahead` others going before, and take none."""
        return (await self._steps.see_place(self._group(group, default), ahead, self._penalties)).seconds

    async def learn(
        self, group: str, default: int, *, limit: int | None, window: float | None, remaining: int | None
    ) -> None:
        """Correct a group by what RingCentral answered. What the last place already returned costs no trip."""
        expected = self._expected.get(group)
        if expected is not None and _is_as_expected(expected, limit, window, remaining):
            return
        if (limit, window, remaining) != (None, None, None):
            await self._steps.learn(self._group(group, default), limit, window, remaining)

    async def hold(self, group: str, seconds: float) -> None:
        """Hold this user's group for so long from now on; never for less than it is held already."""
        await self._steps.hold(self._key("held", group), seconds)

    async def hold_account(self, seconds: float) -> None:
        """Hold everybody of the account."""
        await self._steps.hold(self._account_held, seconds)

    async def hold_everybody(self, seconds: float) -> None:
        """Hold the deployment, whose requests leave by one address."""
        await self._steps.hold(DEPLOYMENT_HELD, seconds)

    async def headroom(self, defaults: Mapping[str, int]) -> dict[str, Room]:
        """Return what is free of each group."""
        groups = {group: self._group(group, default) for group, default in defaults.items()}
        return await self._steps.see_rooms(groups, self._penalties)

    def _group(self, group: str, default: int) -> Group:
        return Group(self._key("sent", group), self._key("limit", group), self._key("held", group), max(1, default))

    def _key(self, what: str, group: str) -> str:
        return f"rcm:{{{self._user}}}:{what}:{group}"


def _is_as_expected(place: Place, limit: int | None, window: float | None, remaining: int | None) -> bool:
    """Whether it holds nothing new: that more is left than was counted matters only where others were counted."""
    if (limit or place.limit, window or place.window) != (place.limit, place.window):
        return False
    return remaining is None or remaining == place.left or (remaining > place.left and place.others == 0)
