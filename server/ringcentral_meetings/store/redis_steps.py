"""The form of the store that is in Redis or Valkey: each step is one script, or scripts in one trip."""

from collections.abc import Mapping, Sequence
from typing import Any

from ringcentral_meetings.store.records import Place, Room, Sealed, StoreDown, Throttle
from ringcentral_meetings.store.redis import Arg, RedisServer, Run
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


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))


class RedisSteps:
    """`Steps` on a server that replicas share."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server

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
        return _held(place, held), [(generation, _sealed(there)) for generation, *there in answers]

    async def see_place(self, group: Group, ahead: int, penalties: Sequence[str]) -> Place:
        place, held, _ = await self._place("see_place", group, new_request(), ahead, penalties)
        return _held(place, held)

    async def _place(
        self, step: str, group: Group, request: str, ahead: int, penalties: Sequence[str], more: Sequence[Run] = ()
    ) -> tuple[Place, float, list[list[Any]]]:
        """Return a place, for how many seconds penalties hold it back, and the answers of `more`."""
        keys = [group.sent, group.limit, group.held]
        first = Run("take_place", keys, [group.default, _ms(WINDOW_SECONDS), ahead], request)
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
            Run("see_room", [one.sent, one.limit, one.held], [one.default, _ms(WINDOW_SECONDS)], new_request())
            for one in groups.values()
        ]
        answers = await self._server.run("see_rooms", [*runs, *_penalties(penalties)])
        held = _longest(answers[len(runs) :])
        return {
            name: Room(left, limit, window / 1000, max(ms / 1000, held))
            for name, (left, limit, window, ms) in zip(groups, answers, strict=False)
        }

    async def learn(self, group: Group, limit: int | None, window: float | None, remaining: int | None) -> None:
        seen: list[Arg] = [limit or "", _ms(window) if window else "", "" if remaining is None else remaining]
        args: list[Arg] = [group.default, _ms(WINDOW_SECONDS), *seen, _ms(LIMIT_KEPT_SECONDS)]
        await self._one("learn", [group.sent, group.limit], args)

    async def hold(self, key: str, seconds: float) -> None:
        await self._one("hold", [key], [_ms(seconds)])

    async def grant(self, key: str, owner: str, seconds: float) -> tuple[int, float]:
        generation, ms = await self._one("grant", [key], [owner, _ms(seconds), _ms(GENERATION_KEPT_SECONDS)])
        return generation, ms / 1000

    async def extend(self, key: str, owner: str, generation: int, seconds: float) -> bool:
        args: list[Arg] = [owner, generation, _ms(seconds), _ms(GENERATION_KEPT_SECONDS)]
        return bool((await self._one("extend", [key], args))[0])

    async def release(self, key: str, owner: str, generation: int) -> bool:
        return bool((await self._one("release", [key], [owner, generation]))[0])

    async def begin(self, key: str, owner: str, seconds: float, note: NoteChange) -> tuple[int, float, NoteAnswer]:
        args: list[Arg] = [owner, _ms(seconds), _ms(GENERATION_KEPT_SECONDS), *_change(note)]
        generation, ms, *written = await self._one("begin", [key, note.key], args, note.request)
        noted, *there = written or [0]
        return generation, ms / 1000, (noted, _sealed(there))

    async def finish(self, key: str, owner: str, generation: int, note: NoteChange) -> bool:
        args: list[Arg] = [owner, generation, *_change(note)]
        return bool((await self._one("finish", [key, note.key], args, note.request))[0])

    async def read_note(self, key: str) -> Sealed | None:
        return _sealed(await self._one("read_note", [key], []))

    async def read_notes(self, keys: Sequence[str]) -> list[Sealed | None]:
        runs = [Run("read_note", [key], [], new_request()) for key in keys]
        return [_sealed(answer) for answer in await self._server.run("read_notes", runs)]

    async def write_note(self, key: str, request: str, value: bytes, seconds: float, over: int | None) -> NoteAnswer:
        args = _change(NoteChange(key, request, value, seconds, over))
        generation, *there = await self._one("write_note", [key], args, request)
        return generation, _sealed(there)

    async def remove_note(self, key: str, over: int | None) -> bool:
        return bool((await self._one("remove_note", [key], ["" if over is None else over]))[0])

    async def open_call(
        self, session: str | None, throttles: Sequence[tuple[str, Throttle]]
    ) -> tuple[Sealed | None, float]:
        runs = [Run("admit", [key], (one.per_minute, one.burst), new_request()) for key, one in throttles]
        if session is not None:
            runs.append(Run("load_session", [session], [], new_request()))
        answers = await self._server.run("open_call", runs) if runs else []
        wait = _longest(answers[: len(throttles)])
        return (_sealed(answers[-1]) if session is not None else None), wait

    async def put_session(self, keys: SessionKeys, request: str, put: Put) -> tuple[int, Sealed | None]:
        args: list[Arg] = [put.over, put.owner, put.generation, put.value, _ms(put.seconds), _ms(put.ends_in)]
        run = Run("put_session", [keys.session, keys.renew], args, request)
        [[generation, *there]] = await self._server.run("put_session", [run], to_replica=True)
        return generation, _sealed(there)

    async def end_session(self, keys: SessionKeys, request: str) -> Sealed | None:
        names = [keys.session, keys.renew, f"{keys.ended}{request}"]
        return _sealed(await self._one("end_session", names, [_ms(ANSWER_KEPT_SECONDS)], request))

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
    return ["" if note.over is None else note.over, note.value or "", _ms(note.seconds)]


def _penalties(keys: Sequence[str]) -> list[Run]:
    return [Run("held", [key], [], new_request()) for key in keys]


def _longest(answers: Sequence[Sequence[Any]]) -> float:
    return max((answer[0] / 1000 for answer in answers), default=0.0)


def _held(place: Place, seconds: float) -> Place:
    return Place(max(place.seconds, seconds), place.limit, place.window, place.left, place.others)


def _sealed(answer: Sequence[Any]) -> Sealed | None:
    """Return what a script answers of a record: generation, value and, of a session, the ms left."""
    if not answer:
        return None
    generation, value, *ms = answer
    if not isinstance(value, bytes):
        raise StoreDown("gave an unreadable answer")
    return Sealed(value, generation, ms[0] / 1000 if ms else 0.0)
