"""The streams of stdio by themselves: how much is read of a client that does not listen, and what cancelling leaves."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCRequest, JSONRPCResponse

from ringcentral_meetings.protocol.stdio import MAX_OPEN_REQUESTS, Incoming, Outgoing

pytestmark = pytest.mark.anyio


class Client:
    """Asks far more than is taken at a time, and reads when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.read = bytearray()
        self.reads = anyio.Event()

    async def source(self) -> bytes:
        if self.asked == 4 * MAX_OPEN_REQUESTS:
            await anyio.sleep_forever()
        self.asked += 1
        return b'{"jsonrpc":"2.0","id":%d,"method":"ping"}\n' % self.asked

    def write_available(self, data: bytearray) -> None:
        """Take half a frame, as a pipe does that is full."""
        self.read += data[:20]
        del data[:20]

    async def drain(self, data: bytearray) -> None:
        await self.reads.wait()
        self.read += data
        data.clear()


@asynccontextmanager
async def streams(client: Client) -> AsyncIterator[tuple[Incoming, Outgoing]]:
    async with anyio.create_task_group() as group:
        outgoing = Outgoing(client, group)
        yield Incoming(client.source, outgoing), outgoing
        group.cancel_scope.cancel()


def answer(number: int) -> SessionMessage:
    return SessionMessage(JSONRPCResponse(jsonrpc="2.0", id=number, result={"text": "x" * 100}))


async def test_no_more_is_read_while_too_many_requests_are_unanswered() -> None:
    client, taken = Client(), list[int]()

    async def take(incoming: Incoming) -> None:
        async for item in incoming:
            assert isinstance(item.message, JSONRPCRequest)
            taken.append(int(item.message.id))

    async with streams(client) as (incoming, outgoing), anyio.create_task_group() as group:
        group.start_soon(take, incoming)
        await anyio.wait_all_tasks_blocked()
        assert taken == [*range(1, MAX_OPEN_REQUESTS + 1)]
        assert client.asked == MAX_OPEN_REQUESTS + 1
        group.start_soon(outgoing.send, answer(7))
        await anyio.wait_all_tasks_blocked()
        assert len(taken) == MAX_OPEN_REQUESTS
        client.reads.set()
        await anyio.wait_all_tasks_blocked()
        assert len(taken) == MAX_OPEN_REQUESTS + 1
        group.cancel_scope.cancel()


async def test_a_message_whose_sender_is_cancelled_halfway_is_sent_whole_and_before_the_next() -> None:
    client = Client()
    async with streams(client) as (_, outgoing), anyio.create_task_group() as group:
        with anyio.CancelScope() as scope:
            group.start_soon(outgoing.send, answer(2))
            scope.cancel()
            await outgoing.send(answer(1))
        await anyio.wait_all_tasks_blocked()
        assert 0 < len(client.read) < 50
        client.reads.set()
    assert [json.loads(line)["id"] for line in client.read.splitlines()] == [1, 2]
