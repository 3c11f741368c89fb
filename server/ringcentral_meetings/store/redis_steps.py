"""The form of the store that is in Redis or Valkey: each step is one script, or scripts in one trip."""

from collections.abc import Mapping, Sequence
from typing import Any

from ringcentral_meetings.store.grant_steps import GrantKeys, StoredGrant
from ringcentral_meetings.store.records import Place, Room, Sealed, Throttle
from ringcentral_meetings.store.redis import Arg, RedisServer, Run
from ringcentral_meetings.store.redis_answers import ms_of, sealed_in
from ringcentral_meetings.store.redis_grants import RedisGrants, grant_in
from ringcentral_meetings.store.steps import (
    ANSWER_KEPT_SECONDS,
    GENERATION_KEPT_SECONDS,
    LIMIT_KEPT_SECONDS,
    WINDOW_SECONDS,
    Group,
    NoteAnswer,
    NoteChange,
    Put,
    SessionKeys,
    new_request,
)

_TAKE = -1


class RedisSteps:
    """`Steps` on a server that replicas share."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self.grants = RedisGrants(server)

    async def take_place(self, group: Group, request: str, penalties: Sequence[str]) -> Place:
        place, held, _ = await self._place("take_place", group, request, _TAKE, penalties)
        await self._give_back_if(held, place, group, request)
        return _held(place, held)

    async def take_place_noting(
        self, group: Group, request: str, penalties: Sequence[str], notes: Sequence[NoteChange]
    ) -> tuple[Place, list[NoteAnswer]]:
        runs = [Run("write_note", [note.key], _change(note), note.request) for note in notes]
        place, held, answers = await self._place("take_place", group, request, _TAKE, penalties, runs)
        await self._give_back_if(held, place, group, request)
        return _held(place, held), [(generation, sealed_in(there)) for generation, *there in answers]

    async def see_place(self, group: Group, ahead: int, penalties: Sequence[str]) -> Place:
        place, held, _ = await self._place("see_place", group, new_request(), ahead, penalties)
        return _held(place, held)

    async def _place(
        self, step: str, group: Group, request: str, ahead: int, penalties: Sequence[str], more: Sequence[Run] = ()
    ) -> tuple[Place, float, list[list[Any]]]:
        """Return a place, for how many seconds penalties hold it back, and the answers of `more`."""
        keys = [group.sent, group.limit, group.held]
        first = Run("take_place", keys, [group.default, ms_of(WINDOW_SECONDS), ahead], request)
        answers = await self._server.run(step, [first, *_penalties(penalties), *more])
        (ms, limit, window, left, others), *rest = answers
        held = _longest(rest[: len(penalties)])
        return Place(ms / 1000, limit, window / 1000, left, others), held, rest[len(penalties) :]

    async def _give_back_if(self, held: float, place: Place, group: Group, request: str) -> None:
        """Give back the place of a request that a penalty keeps from being sent."""
        if held > 0 and place.seconds == 0:
            await self._server.run("give_back", [Run("give_back", [group.sent], [request], new_request())])

    async def see_rooms(self, groups: Mapping[str, Group], penalties: Sequence[str]) -> dict[str, Room]:
        runs = [
            Run("see_room", [one.sent, one.limit, one.held], [one.default, ms_of(WINDOW_SECONDS)], new_request())
            for one in groups.values()
        ]
        answers = await self._server.run("see_rooms", [*runs, *_penalties(penalties)])
        held = _longest(answers[len(runs) :])
        return {
            name: Room(left, limit, window / 1000, max(ms / 1000, held))
            for name, (left, limit, window, ms) in zip(groups, answers, strict=False)
        }

    async def learn(self, group: Group, limit: int | None, window: float | None, remaining: int | None) -> None:
        seen: list[Arg] = [limit or "", ms_of(window) if window else "", "" if remaining is None else remaining]
        args: list[Arg] = [group.default, ms_of(WINDOW_SECONDS), *seen, ms_of(LIMIT_KEPT_SECONDS)]
        await self._one("learn", [group.sent, group.limit], args)

    async def hold(self, key: str, seconds: float) -> None:
        await self._one("hold", [key], [ms_of(seconds)])

    async def grant(self, key: str, owner: str, seconds: float) -> tuple[int, float]:
        generation, ms = await self._one("grant", [key], [owner, ms_of(seconds), ms_of(GENERATION_KEPT_SECONDS)])
        return generation, ms / 1000

    async def extend(self, key: str, owner: str, generation: int, seconds: float) -> bool:
        args: list[Arg] = [owner, generation, ms_of(seconds), ms_of(GENERATION_KEPT_SECONDS)]
        return bool((await self._one("extend", [key], args))[0])

    async def release(self, key: str, owner: str, generation: int) -> bool:
        return bool((await self._one("release", [key], [owner, generation]))[0])

    async def begin(self, key: str, owner: str, seconds: float, note: NoteChange) -> tuple[int, float, NoteAnswer]:
        args: list[Arg] = [owner, ms_of(seconds), ms_of(GENERATION_KEPT_SECONDS), *_change(note)]
        generation, ms, *written = await self._one("begin", [key, note.key], args, note.request)
        noted, *there = written or [0]
        return generation, ms / 1000, (noted, sealed_in(there))

    async def finish(self, key: str, owner: str, generation: int, note: NoteChange) -> bool:
        args: list[Arg] = [owner, generation, *_change(note)]
        return bool((await self._one("finish", [key, note.key], args, note.request))[0])

    async def read_note(self, key: str) -> Sealed | None:
        return sealed_in(await self._one("read_note", [key], []))

    async def read_notes(self, keys: Sequence[str]) -> list[Sealed | None]:
        runs = [Run("read_note", [key], [], new_request()) for key in keys]
        return [sealed_in(answer) for answer in await self._server.run("read_notes", runs)]

    async def write_note(self, key: str, request: str, value: bytes, seconds: float, over: int | None) -> NoteAnswer:
        args = _change(NoteChange(key, request, value, seconds, over))
        generation, *there = await self._one("write_note", [key], args, request)
        return generation, sealed_in(there)

    async def remove_note(self, key: str, over: int | None) -> bool:
        return bool((await self._one("remove_note", [key], ["" if over is None else over]))[0])

    async def open_call(
        self,
        session: str,
        throttles: Sequence[tuple[str, Throttle]],
        access: tuple[GrantKeys, str] | None = None,
    ) -> tuple[Sealed | None, float, StoredGrant | None]:
        runs = [_admit(key, one, access) for key, one in throttles]
        if access is None:
            runs.append(Run("load_session", [session], [], new_request()))
        else:
            runs.append(Run("open_call", [access[0].index, session, access[1]], [], new_request()))
        *waits, answer = await self._server.run("open_call", runs)
        stored, grant = answer if access is not None else (answer, ())
        return sealed_in(stored), _longest(waits), grant_in(grant)

    async def seconds_left(self, key: str) -> float:
        [ms] = await self._one("held", [key], [])
        return float(ms) / 1000

    async def put_session(self, keys: SessionKeys, request: str, put: Put) -> tuple[int, Sealed | None]:
        args: list[Arg] = [put.over, put.owner, put.generation, put.value, ms_of(put.seconds), ms_of(put.ends_in)]
        run = Run("put_session", [keys.session, keys.renew], args, request)
        [[generation, *there]] = await self._server.run("put_session", [run], to_replica=True)
        return generation, sealed_in(there)

    async def end_session(self, keys: SessionKeys, request: str) -> Sealed | None:
        names = [keys.session, keys.renew, f"{keys.ended}{request}"]
        return sealed_in(await self._one("end_session", names, [ms_of(ANSWER_KEPT_SECONDS)], request))

    async def check(self) -> list[str]:
        return await self._server.check()

    async def ping(self) -> None:
        await self._server.ping()

    async def close(self) -> None:
        await self._server.close()

    async def _one(self, step: str, keys: list[str], args: Sequence[Arg], request: str | None = None) -> list[Any]:
        [answer] = await self._server.run(step, [Run(step, keys, args, request or new_request())])
        return answer


def _change(note: NoteChange) -> list[Arg]:
    """Return over which generation a note is changed, its value, and the ms to keep it, as the scripts take them."""
    return ["" if note.over is None else note.over, note.value or "", ms_of(note.seconds)]


def _admit(key: str, throttle: Throttle, access: tuple[GrantKeys, str] | None) -> Run:
    args: list[Arg] = [throttle.per_minute, throttle.burst]
    if access is None or not throttle.of_grants:
        return Run("admit", [key], args, new_request())
    keys, token = access
    return Run("admit", [key, token], [*args, keys.grant("")], new_request())


def _penalties(keys: Sequence[str]) -> list[Run]:
    return [Run("held", [key], [], new_request()) for key in keys]


def _longest(answers: Sequence[Sequence[Any]]) -> float:
    return max((answer[0] / 1000 for answer in answers), default=0.0)


def _held(place: Place, seconds: float) -> Place:
    return Place(max(place.seconds, seconds), place.limit, place.window, place.left, place.others)
