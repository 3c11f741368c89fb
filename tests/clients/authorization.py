"""The official conformance suite's scenarios of authorization servers, against two processes of a host.

`python -m clients.authorization NODE SUITE`, where SUITE is the folder of the suite's package. They run once for a
client that registers itself, and once for one with a metadata document, and are judged like those of `conformance.py`.
"""

import faulthandler
import re
import subprocess
import sys
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import httpx
from anyio.streams.text import TextReceiveStream

from clients.check import environment
from clients.conformance import EXPECTATIONS, PATIENCE_SECONDS, Expectations, Suite, Tally, results_in
from clients.hosted import DOCUMENT, Place, place

PORT = 33419
"""Where the suite listens for the answer; a loopback redirect URI is good with any port."""

CALLBACK = f"http://127.0.0.1:{PORT}/callback"


@dataclass(frozen=True)
class Run:
    """A run of the suite for one client, against a host."""

    suite: Suite
    there: Place
    client_id: str

    async def results(self, folder: str) -> None:
        """Run every scenario, and write what came of it; the person of the host signs in when the suite asks for it."""
        own = ["--client-id", self.client_id, "--resource", f"{self.there.url}/mcp", "--port", str(PORT)]
        command = [*self.suite.command, "authorization", "--url", self.there.url, *own, "-o", folder]
        async with await anyio.open_process(
            command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
        ) as process:
            assert process.stdout is not None
            with anyio.fail_after(PATIENCE_SECONDS):
                await self._sign_in(TextReceiveStream(process.stdout))

    async def _sign_in(self, output: AsyncIterable[str]) -> None:
        said, visited = "", False
        async for piece in output:
            said += piece
            if (found := re.search(rf"^({re.escape(self.there.url)}/\S+)$", said, re.MULTILINE)) and not visited:
                visited = True
                await self.there.person.sign_in_fully(found[1])


async def main(arguments: Sequence[str]) -> int:
    """Run the suite, and judge its results."""
    node, folder = arguments
    suite = Suite((node, str(Path(folder, "dist", "index.js"))))
    tally, expected = Tally(), Expectations.read(EXPECTATIONS)
    with TemporaryDirectory() as name:
        async with place(Path(name)) as there:
            clients = {"registered": await registered(there), "document": f"{there.control}/{DOCUMENT}"}
            for what, client_id in clients.items():
                with TemporaryDirectory() as output:
                    await Run(suite, there, client_id).results(output)
                    tally.add(what, suite.authorization_scenarios(), results_in(output), expected.failures)
    print("\n".join(tally.problems) if tally.problems else f"{suite.version()}, {tally.passed} checks passed")
    return 1 if tally.problems else 0


async def registered(there: Place) -> str:
    """Register the suite as a client, and return its id."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            f"{there.url}/register", json={"redirect_uris": [CALLBACK], "client_name": "Conformance"}
        )
    answer.raise_for_status()
    return str(answer.json()["client_id"])


if __name__ == "__main__":
    faulthandler.dump_traceback_later(2 * PATIENCE_SECONDS, exit=True)
    sys.exit(anyio.run(main, sys.argv[1:]))
