"""Grants in the form of the store that is in Redis or Valkey: each step is one script."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, Literal

from ringcentral_meetings.store.grant_steps import (
    LONGEST_GRANT_SECONDS,
    MOST_REPLACED,
    USED_CODE_SECONDS,
    GrantKeys,
    StoredCode,
    StoredGrant,
    Taken,
    Tokens,
    Turned,
)
from ringcentral_meetings.store.records import Outcome, Sealed
from ringcentral_meetings.store.redis import Arg, RedisServer, Run
from ringcentral_meetings.store.redis_answers import ms_of, sealed_in
from ringcentral_meetings.store.steps import ANSWER_KEPT_SECONDS, new_request

SCANNED_AT_ONCE: Final = 500

_KEPT: Final = ms_of(ANSWER_KEPT_SECONDS)
_OUTCOMES: Final[dict[bytes, Outcome]] = {b"rotated": "rotated", b"same": "same", b"reused": "reused"}


class RedisGrants:
    """`GrantSteps` on a server that replicas share. What issues or ends tokens waits for a replica of the server."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def take_note(self, key: str, request: str) -> Sealed | None:
        return sealed_in(await self._one("take_note", [key], [_KEPT], request))

    async def first(self, key: str, request: str, seconds: float) -> bool:
        return bool((await self._one("first", [key], [ms_of(seconds)], request))[0])

    async def put_code(self, keys: GrantKeys, code: str, stored: StoredCode, seconds: float) -> None:
        args: list[Arg] = [stored.grant_id, stored.value, stored.grant, ms_of(seconds)]
        await self._one("put_code", [keys.index, keys.code(code)], args)

    async def read_code(self, keys: GrantKeys, code: str) -> StoredCode | Literal["used"] | None:
        used, *stored = await self._one("read_code", [keys.index, keys.code(code)], []) or [0]
        if used:
            return "used"
        return StoredCode(str(stored[0], "utf-8"), stored[1], stored[2]) if stored else None

    async def exchange_code(self, keys: GrantKeys, code: str, request: str, tokens: Tokens) -> bool:
        args = [*_issued(tokens), ms_of(LONGEST_GRANT_SECONDS), ms_of(USED_CODE_SECONDS)]
        names = [keys.index, keys.code(code)]
        return bool((await self._one("exchange_code", names, args, request, to_replica=True))[0])

    async def end_grant_of_code(self, keys: GrantKeys, code: str, request: str) -> Taken:
        names = [keys.index, keys.session, keys.renew, keys.code(code)]
        return _taken(await self._one("end_grants", names, ["", _KEPT], request, to_replica=True))

    async def read_refresh(self, keys: GrantKeys, refresh: str) -> StoredGrant | None:
        return grant_in(await self._one("read_refresh", [keys.index], [refresh]))

    async def rotate(
        self, keys: GrantKeys, refresh: str, request: str, tokens: Tokens, answer: bytes, same_seconds: float
    ) -> Turned:
        args = [refresh, *_issued(tokens), answer, ms_of(same_seconds), _KEPT, MOST_REPLACED]
        names = [keys.index, keys.session, keys.renew]
        word, *rest = await self._one("rotate", names, args, request, to_replica=True)
        outcome = _OUTCOMES.get(word, "unknown")
        if outcome == "same":
            return Turned("same", rest[0], rest[1] / 1000)
        return Turned(outcome, taken=_taken(rest) if rest else None)

    async def end(self, keys: GrantKeys, grant_id: str | None, request: str) -> Taken:
        names = [keys.index, keys.session, keys.renew]
        return _taken(await self._one("end_grants", names, [grant_id or "", _KEPT], request, to_replica=True))

    async def end_unused(self, keys: GrantKeys, request: str) -> Taken:
        names = [keys.index, keys.session, keys.renew]
        return _taken(await self._one("end_grants", names, ["", _KEPT, 1], request, to_replica=True))

    async def of_user(self, keys: GrantKeys) -> list[StoredGrant]:
        answers = await self._one("list_grants", [keys.index], [])
        return [stored for answer in answers if (stored := grant_in(answer)) is not None]

    async def scan(self, pattern: str) -> AsyncIterator[str]:
        place = "0"
        while True:
            cursor, found = await self._one("scan", ["rcm:scan"], [place, pattern, SCANNED_AT_ONCE])
            for key in found:
                yield str(key, "utf-8")
            if (place := str(cursor, "utf-8")) == "0":
                return

    async def reseal(self, key: str, generation: int, value: bytes) -> bool:
        return bool((await self._one("reseal", [key], [generation, value]))[0])

    async def _one(
        self, step: str, keys: list[str], args: Sequence[Arg], request: str | None = None, *, to_replica: bool = False
    ) -> list[Any]:
        run = Run(step, keys, args, request or new_request())
        [answer] = await self._server.run(step, [run], to_replica=to_replica)
        return answer


def grant_in(answer: Sequence[Any]) -> StoredGrant | None:
    """Return the grant that a script answers; None where the answer is empty."""
    if not answer:
        return None
    grant_id, generation, value, age = answer
    return StoredGrant(str(grant_id, "utf-8"), Sealed(value, generation), age / 1000)


def _issued(tokens: Tokens) -> list[Arg]:
    return [tokens.access, ms_of(tokens.access_seconds), tokens.refresh, ms_of(tokens.refresh_seconds)]


def _taken(answer: Sequence[Any]) -> Taken:
    grants, last, *session = answer
    return Taken(grants, bool(last), sealed_in(session))
