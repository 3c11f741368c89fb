"""The simulator as an httpx transport: no port and no socket; connection faults become httpx errors."""

from collections.abc import AsyncIterator

import httpx
from anyio.lowlevel import checkpoint

from ringcentral_meetings.simulator.gateway import Gateway, Incoming, announced_headers
from ringcentral_meetings.simulator.replies import ConnectionLost, Reply, Sleep, pieces
from ringcentral_meetings.simulator.state import State

READ_TIMED_OUT = "The read operation timed out"


class SimulatorTransport(httpx.AsyncBaseTransport):
    """Answers httpx requests from a simulator in the same process.

    A latency longer than the request's read timeout raises ReadTimeout at once; a shorter one passes with the
    simulator's own sleep. The pauses of a slow body are treated likewise. The request has been carried out
    either way.
    """

    def __init__(self, state: State, gateway: Gateway) -> None:
        self._state = state
        self._gateway = gateway

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises httpx.ConnectError, RemoteProtocolError, ReadError and ReadTimeout as the faults say.
        """
        incoming = await _incoming(request)
        await checkpoint()
        try:
            reply = await self._gateway.exchange(incoming)
        except ConnectionLost as lost:
            raise _as_httpx(lost, request) from None
        await checkpoint()
        await self._wait(reply.delay, request)
        body = _Body(reply, request, self._state.sleep)
        return httpx.Response(reply.status, headers=announced_headers(reply), stream=body, request=request)

    async def _wait(self, delay: float, request: httpx.Request) -> None:
        _check_read_timeout(delay, request)
        if delay:
            await self._state.sleep(delay)


class _Body(httpx.AsyncByteStream):
    def __init__(self, reply: Reply, request: httpx.Request, sleep: Sleep) -> None:
        self._reply = reply
        self._request = request
        self._sleep = sleep

    async def __aiter__(self) -> AsyncIterator[bytes]:
        _check_read_timeout(self._reply.pace, self._request)
        try:
            async for piece in pieces(self._reply, self._sleep):
                yield piece
        except ConnectionLost as lost:
            raise _as_httpx(lost, self._request) from None


async def _incoming(request: httpx.Request) -> Incoming:
    path, _, query = request.url.raw_path.partition(b"?")
    return Incoming(
        method=request.method,
        scheme=request.url.scheme,
        host=request.headers["host"],
        path=path.decode("ascii"),
        query=query.decode("ascii"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.aread(),
    )


def _check_read_timeout(seconds: float, request: httpx.Request) -> None:
    longest = request.extensions.get("timeout", {}).get("read")
    if longest is not None and seconds > longest:
        raise httpx.ReadTimeout(READ_TIMED_OUT, request=request)


def _as_httpx(lost: ConnectionLost, request: httpx.Request) -> httpx.TransportError:
    if lost.lost_as == "refused":
        return httpx.ConnectError("All connection attempts failed", request=request)
    if lost.lost_as == "read":
        return httpx.ReadError("", request=request)
    if lost.lost_as == "timeout":
        return httpx.ReadTimeout(READ_TIMED_OUT, request=request)
    return httpx.RemoteProtocolError(str(lost), request=request)
