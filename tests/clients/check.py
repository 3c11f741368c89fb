"""Runs one client against a server of its own, and says what came of it.

`python -m clients.check [--http] COMMAND...`; COMMAND is a client that takes its plan from the environment. The exit
code is 0 if all is well, and the client's version printed; 1 if the client ended badly or saw something wrong, which
is printed line by line.
"""

import faulthandler
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clients.judge import findings
from clients.plan import PLAN_VARIABLE, Plan, read_report, steps, write

SERVER = [sys.executable, "-m", "ringcentral_meetings", "--simulator"]
PATIENCE_SECONDS = 120
MOST_FINDINGS = 20

INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "check", "version": "0"},
}


def main(arguments: Sequence[str]) -> int:
    """Run the client, and judge its report."""
    faulthandler.dump_traceback_later(2 * PATIENCE_SECONDS, exit=True)
    over_http = arguments[0] == "--http"
    client = arguments[1:] if over_http else arguments
    with TemporaryDirectory() as folder, served() if over_http else nullcontext() as url:
        plan = Plan(SERVER, url, published(), steps(), str(Path(folder, "report.json")))
        name, problems = run(client, plan, Path(folder, "plan.json"))
    print("\n".join(problems[:MOST_FINDINGS]) if problems else name)
    return 1 if problems else 0


def run(client: Sequence[str], plan: Plan, path: Path) -> tuple[str, list[str]]:
    """The client's name and version, and what is wrong with its report or with the way it ended."""
    write(plan, path)
    report = Path(plan.report)
    try:
        ended = subprocess.run(
            client,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
            env=environment() | {PLAN_VARIABLE: str(path)},
        )
    except subprocess.TimeoutExpired:
        return "", [f"it did not end within {PATIENCE_SECONDS} s"]
    if ended.returncode != 0 or not report.exists():
        last = (ended.stdout + ended.stderr).splitlines()[1 - MOST_FINDINGS :]
        return "", [f"it ended with {ended.returncode}:", *last]
    seen = read_report(report)
    return seen.client, findings(plan, seen)


def published() -> list[dict[str, Any]]:
    """The tools as the server lists them, read from the wire without any client's help."""
    messages: list[dict[str, Any]] = [
        {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": INITIALIZE},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
    ]
    with subprocess.Popen(
        SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        for message in messages:
            server.stdin.write(json.dumps(message) + "\n")
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(2)]
        server.stdin.close()
    tools: list[dict[str, Any]] = answers[1]["result"]["tools"]
    return tools


@contextmanager
def served(command: Sequence[str] = (*SERVER, "--http", "127.0.0.1:0")) -> Iterator[str]:
    """A server over HTTP, on a free port of this machine, whose address it tells on stderr."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment()
    ) as server:
        assert server.stderr is not None
        told = server.stderr.readline()
        found = re.search(r"http://\S+/mcp", told)
        try:
            assert found is not None, told
            yield found[0]
        finally:
            server.terminate()


def environment() -> dict[str, str]:
    """This process's, without settings of the product, and without a proxy on the way to this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RINGCENTRAL_", "RC_"))}
    return kept | {"RINGCENTRAL_LOG_LEVEL": "ERROR", "RINGCENTRAL_TOKEN_STORE": "memory", "NO_PROXY": "127.0.0.1"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
