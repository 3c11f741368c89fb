"""The streams of stdio by themselves: how much is read of a client that does not listen, and what cancelling leaves."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCMessage, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse, RequestId

from ringcentral_meetings.protocol.stdio import MAX_HELD_BYTES, MAX_OPEN_REQUESTS, Incoming, Outgoing

pytestmark = pytest.mark.anyio


class Client:
    """Sends as many requests as it is told to, then `more`, and reads when it is told to."""

    def __init__(self, requests: int = 4 * MAX_OPEN_REQUESTS, more: Sequence[bytes] = (), size: int = 0) -> None:
        self.requests, self.more, self.padding = requests, list(more), b" " * size
        self.asked = 0
        self.read = bytearray()
        self.reads = anyio.Event()

    async def source(self) -> bytes:
        if self.asked == self.requests:
            if not self.more:
                await anyio.sleep_forever()
            return self.more.pop(0)
        self.asked += 1
        return b'{"jsonrpc":"2.0","id":%d,"method":"ping"%s}\n' % (self.asked, self.padding)

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
        yield Incoming(client.source, outgoing, group), outgoing
        group.cancel_scope.cancel()


def answer(number: int) -> SessionMessage:
    return SessionMessage(JSONRPCResponse(jsonrpc="2.0", id=number, result={"text": "x" * 100}))


@dataclass
class Taken:
    """What the server gets to see."""

    requests: list[RequestId] = field(default_factory=list)
    others: list[JSONRPCMessage] = field(default_factory=list)

    async def take(self, incoming: Incoming) -> None:
        async for item in incoming:
            if isinstance(item.message, JSONRPCRequest):
                self.requests.append(item.message.id)
            else:
                self.others.append(item.message)


@asynccontextmanager
async def taking(client: Client) -> AsyncIterator[tuple[Taken, Outgoing]]:
    taken = Taken()
    async with streams(client) as (incoming, outgoing), anyio.create_task_group() as group:
        group.start_soon(taken.take, incoming)
        await anyio.wait_all_tasks_blocked()
        yield taken, outgoing
        group.cancel_scope.cancel()


async def test_no_more_requests_begin_while_too_many_are_unanswered() -> None:
    client = Client()
    async with taking(client) as (taken, outgoing):
        assert taken.requests == [*range(1, MAX_OPEN_REQUESTS + 1)]
        async with anyio.create_task_group() as group:
            group.start_soon(outgoing.send, answer(7))
            await anyio.wait_all_tasks_blocked()
            assert len(taken.requests) == MAX_OPEN_REQUESTS
            client.reads.set()
        await anyio.wait_all_tasks_blocked()
        assert taken.requests == [*range(1, MAX_OPEN_REQUESTS + 2)]


async def test_answers_are_read_however_many_requests_are_open_and_each_request_comes_in_turn() -> None:
    told = [b'{"jsonrpc":"2.0","id":"q1","result":{}}\n', b'{"jsonrpc":"2.0","method":"notifications/cancelled"}\n']
    client = Client(requests=MAX_OPEN_REQUESTS + 3, more=told)
    client.reads.set()
    async with taking(client) as (taken, outgoing):
        assert [type(one).__name__ for one in taken.others] == ["JSONRPCResponse", "JSONRPCNotification"]
        assert len(taken.requests) == MAX_OPEN_REQUESTS
        for number in range(1, MAX_OPEN_REQUESTS + 4):
            await outgoing.send(answer(number))
            await anyio.wait_all_tasks_blocked()
        assert taken.requests == [*range(1, MAX_OPEN_REQUESTS + 4)]
        assert not outgoing.unanswered


async def test_a_request_that_is_cancelled_before_it_begins_never_does() -> None:
    cancel = b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%d}}\n'
    client = Client(requests=MAX_OPEN_REQUESTS + 2, more=[cancel % (MAX_OPEN_REQUESTS + 1), cancel % 1])
    client.reads.set()
    async with taking(client) as (taken, outgoing):
        (passed,) = taken.others
        assert isinstance(passed, JSONRPCNotification)
        assert passed.params == {"requestId": 1}
        await outgoing.send(answer(1))
        await anyio.wait_all_tasks_blocked()
        assert taken.requests == [*range(1, MAX_OPEN_REQUESTS + 1), MAX_OPEN_REQUESTS + 2]


async def test_a_client_that_reads_no_answers_is_read_no_further_than_memory_allows() -> None:
    client = Client(requests=10 * MAX_OPEN_REQUESTS, size=1_000)
    async with taking(client) as (taken, _):
        assert len(taken.requests) == MAX_OPEN_REQUESTS
        assert (client.asked - MAX_OPEN_REQUESTS) * 1_000 <= MAX_HELD_BYTES + 1_000


async def test_what_was_held_back_is_answered_though_the_input_ends() -> None:
    client = Client(requests=MAX_OPEN_REQUESTS + 1, more=[b""])
    client.reads.set()
    async with streams(client) as (incoming, outgoing):
        async for item in incoming:
            assert isinstance(item.message, JSONRPCRequest)
            if item.message.id == MAX_OPEN_REQUESTS:
                for number in range(1, MAX_OPEN_REQUESTS + 1):
                    await outgoing.send(answer(number))
            elif item.message.id == MAX_OPEN_REQUESTS + 1:
                await outgoing.send(answer(MAX_OPEN_REQUESTS + 1))
    assert len(client.read.splitlines()) == MAX_OPEN_REQUESTS + 1


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
