"""Assistants' own commands for signing in to a server, for which they need no account.

`python -m clients.assistants_sign_in FOLDER NAME`; in FOLDER is `claude` or `codex`. Calling a tool would take a model.
They register themselves: their metadata documents would have to be fetched.
"""

import faulthandler
import os
import pty
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from clients.check import PATIENCE_SECONDS, environment
from clients.hosted import Place, browsing, log, place

NAME = "meetings"
COMMANDS = {
    "claude": (["mcp", "add", "--transport", "http", NAME, "{url}"], ["mcp", "login", NAME], ["mcp", "list"]),
    "codex": (["mcp", "add", NAME, "--url", "{url}"], ["mcp", "list"]),
}
"""What is entered; the last one tells of the server. Codex signs in as it adds one."""

TOLD = {"claude": "Connected", "codex": "OAuth"}


@dataclass(frozen=True)
class Terminal:
    """Where somebody enters commands; their files are in `folder`."""

    program: Path
    there: Place
    folder: Path

    async def enter(self, *arguments: str) -> str:
        """Run a command in a terminal, and return what it prints."""
        env = environment() | browsing(self.there, self.folder) | {"NO_PROXY": "127.0.0.1,localhost"}
        keyboard, line = pty.openpty()
        try:
            with anyio.fail_after(PATIENCE_SECONDS):
                command = [str(self.program), *arguments]
                process = await anyio.open_process(
                    command, stdin=line, stdout=line, stderr=line, env=env, cwd=self.folder
                )
                os.close(line)
                async with process:
                    return await anyio.to_thread.run_sync(_shown, keyboard, abandon_on_cancel=True)
        finally:
            os.close(keyboard)


def _shown(keyboard: int) -> str:
    """All that is printed on a terminal until its program ends."""
    said = b""
    with suppress(OSError):  # that is how Linux tells of the end
        while piece := os.read(keyboard, 65_536):
            said += piece
    return said.decode(errors="replace")


async def main(program: Path) -> int:
    """Sign somebody in, and say what came of it."""
    name = program.name
    with TemporaryDirectory() as kept:
        async with place(Path(kept), CLIENT_DOCUMENTS="none") as there:
            terminal = Terminal(program, there, Path(kept))
            version = (await terminal.enter("--version")).strip().splitlines()[-1]
            said = [
                await terminal.enter(*(word.format(url=f"{there.url}/mcp") for word in one)) for one in COMMANDS[name]
            ]
            problems = list(wrong(there, said, TOLD[name]))
    print("\n".join([*problems, *said]) if problems else f"{version}, signed in")
    return 1 if problems else 0


def wrong(there: Place, said: Sequence[str], told: str) -> list[str]:
    """What is wrong with what a command did and said in the end."""
    found = {
        "sign-ins": (len(there.person.visits), 1),
        "exchanged codes": (there.watched.count("POST /token", 200, "authorization_code"), 1),
        f"says “{told}”": (told in said[-1], True),
    }
    problems = [f"{what}: {is_so} instead of {wanted}" for what, (is_so, wanted) in found.items() if is_so != wanted]
    return [*problems, *log(there)] if problems else []


if __name__ == "__main__":
    faulthandler.dump_traceback_later(3 * PATIENCE_SECONDS, exit=True)
    sys.exit(anyio.run(main, Path(*sys.argv[1:]).absolute()))
