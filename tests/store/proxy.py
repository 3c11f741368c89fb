"""A road to a store's server that loses requests or answers, and may be closed."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

SCRIPT = b"EVALSHA"
REQUEST = re.compile(rb"\$16\r\n[0-9a-f]{16}")


class Road:
    """Carries bytes both ways. What is lost closes its connection.

    `lose_requests` and `lose_answers` count the scripts still to be lost before they are carried out, or afterwards.
    `hold_answers` keeps answers back for ever, `swap_answers` makes them those to another request, and `closed` refuses
    connections.
    """

    def __init__(self, port: int) -> None:
        self.to = port
        self.at = 0
        self.lose_requests = 0
        self.lose_answers = 0
        self.hold_answers = False
        self.swap_answers = False
        self.closed = False
        self._serving: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry what one connection sends and gets."""
        ends, whole = [writer], asyncio.current_task()
        task = asyncio.ensure_future(self._serve(reader, ends))
        self._serving.add(task)
        self._open.add(whole)
        try:
            await asyncio.wait([task])
        finally:
            self._serving.discard(task)
            for end in ends:
                end.close()
                with suppress(OSError):
                    await end.wait_closed()
            self._open.discard(whole)

    def hang_up(self) -> None:
        """Cut all connections."""
        for task in self._serving:
            task.cancel()

    async def close(self) -> None:
        """Cut all connections, and wait until they are closed."""
        self.hang_up()
        await asyncio.gather(*filter(None, self._open), return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, ends: list[asyncio.StreamWriter]) -> None:
        """Carry; `ends` are those to be closed, to which the one at the server is added."""
        with suppress(OSError):  # as a road to nowhere
            if not self.closed:
                up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.to)
                ends.append(up_writer)
                await self._carry(reader, up_writer, up_reader, ends[0])

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        up: asyncio.StreamWriter,
        down: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        cut = asyncio.Event()
        tasks = [
            asyncio.ensure_future(self._requests(reader, up, cut)),
            asyncio.ensure_future(self._answers(down, writer, cut)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _requests(self, reader: asyncio.StreamReader, up: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        while data := await reader.read(65_536):
            if SCRIPT in data:
                if self.lose_requests:
                    self.lose_requests -= 1
                    return
                if self.lose_answers:
                    self.lose_answers -= 1
                    cut.set()
            up.write(data)
            await up.drain()

    async def _answers(self, up: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        while data := await up.read(65_536):
            if cut.is_set():
                return
            if self.hold_answers:
                await asyncio.Event().wait()
            writer.write(REQUEST.sub(b"$16\r\n" + 16 * b"0", data) if self.swap_answers else data)
            await writer.drain()


@asynccontextmanager
async def road_to(port: int) -> AsyncIterator[tuple[Road, str]]:
    """Open a road, and give the address at its beginning."""
    road = Road(port)
    async with await asyncio.start_server(road.serve, "127.0.0.1", 0) as serving:
        road.at = serving.sockets[0].getsockname()[1]
        yield road, f"redis://127.0.0.1:{road.at}/0"
        serving.close()
        await road.close()
