"""What a server saw of the platform during one call: each request, and whether its answer arrived whole."""

import json
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpx

NOT_CARRIED_OUT = (401, 406, 409, 429)


@dataclass(frozen=True)
class Exchange:
    """A request and its answer: `status` is None where none came, `whole` whether it can be understood."""

    method: str
    path: str
    status: int | None
    whole: bool

    @property
    def decides(self) -> bool:
        """Whether it tells what is there."""
        return self.whole and self.status in (200, 404)


@dataclass
class Trace:
    """The requests of one call, in the order in which they ended, sign-ins left out.

    `lands_late` are the outcomes after which this platform may still carry a write out.
    """

    lands_late: frozenset[int | None] = frozenset()
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def writes(self) -> list[Exchange]:
        """Its writes that may have been carried out."""
        writes = (one for one in self.exchanges if one.method != "GET")
        return [one for one in writes if one.status not in NOT_CARRIED_OUT]

    @property
    def may_still_land(self) -> bool:
        return any(one.status in self.lands_late for one in self.writes)

    @property
    def misled(self) -> bool:
        """Whether an answer came that is none of the API's."""
        return any(one.method == "GET" and one.status == httpx.codes.OK and not one.whole for one in self.exchanges)

    @property
    def saw_before(self) -> bool:
        """Whether the read ahead of a write was whole, where there was one."""
        first = self.exchanges[0] if self.exchanges else None
        return any(one.decides for one in self._reads(before=True)) or first is None

    @property
    def looked(self) -> bool:
        """Whether anything was read back."""
        return bool(self._reads(before=False))

    @property
    def saw_afterwards(self) -> bool:
        """Whether reading back told what is there."""
        return any(one.decides for one in self._reads(before=False))

    def told_afterwards(self, part_of_path: str) -> list[Exchange]:
        """The readings back of such paths that told what is there."""
        return [one for one in self._reads(before=False) if one.decides and part_of_path in one.path]

    def _reads(self, *, before: bool) -> list[Exchange]:
        last = max((index for index, one in enumerate(self.exchanges) if one.method != "GET"), default=None)
        if last is None:
            return self.exchanges if before else []
        return [one for one in (self.exchanges[:last] if before else self.exchanges[last:]) if one.method == "GET"]


CALL: ContextVar[Trace | None] = ContextVar("call", default=None)
"""The trace of the call that is being made; the SDK carries it over to the server in the same process."""


class Witness(httpx.AsyncBaseTransport):
    """Real HTTP, seen by a witness.

    `understood` says whether the JSON of an answer is as it should be, `absent` whether that of a 404 speaks of the
    meeting; it is None where there is no body.
    """

    def __init__(self, part_of_path: str, understood: Callable[[Any], bool], absent: Callable[[Any], bool]) -> None:
        self._inner = httpx.AsyncHTTPTransport(verify=False)
        self._part_of_path = part_of_path
        self._understood = understood
        self._absent = absent

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = await self._inner.handle_async_request(request)
            assert isinstance(answer.stream, httpx.AsyncByteStream)
            body = b"".join([piece async for piece in answer.stream])
            await answer.aclose()
        except httpx.TransportError:
            self._note(request, None, b"")
            raise
        self._note(request, answer.status_code, body)
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _note(self, request: httpx.Request, status: int | None, body: bytes) -> None:
        trace = CALL.get()
        if trace is None or self._part_of_path not in request.url.path:
            return
        trace.exchanges.append(Exchange(request.method, request.url.path, status, self._is_whole(status, body)))

    def _is_whole(self, status: int | None, body: bytes) -> bool:
        try:
            content = json.loads(body) if body else None
        except ValueError:
            return False
        if status == httpx.codes.NOT_FOUND:
            return self._absent(content)
        return status != httpx.codes.OK or self._understood(content)
