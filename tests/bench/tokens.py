"""The token path: 100 calls at once in a process that has not signed in yet, and 100 more when it has.

The platform takes a fifth of a second for a token. What counts is that one sign-in serves all, and what waiting for it
costs beyond it.
"""

import asyncio
import json
import time
from typing import Any

from . import processes
from .calls import COMMANDS, TOOLS, ask_all
from .clients import call, over_stdio
from .figures import Samples, shown, table
from .sizes import change, fetch

CALLS = 100
TOKEN_SECONDS = 0.2


async def measure(rounds: int) -> dict[str, Samples]:
    """Milliseconds for all calls, and the sign-ins that they took."""
    found = {name: Samples() for name in ("first_ms", "later_ms", "sign_ins")}
    with processes.upstream() as upstream:
        change(upstream, token_seconds=TOKEN_SECONDS)
        for _ in range(rounds):
            before = _sign_ins(upstream)
            async with over_stdio(COMMANDS["ours"], processes.environment(upstream)) as client:

                async def ask(client: Any = client) -> None:
                    await call(client, *TOOLS["ours"])

                for name in ("first_ms", "later_ms"):
                    began = time.perf_counter()
                    await ask_all(ask, CALLS, CALLS)
                    found[name].values.append((time.perf_counter() - began) * 1000)
            found["sign_ins"].values.append(_sign_ins(upstream) - before)
    return found


def _sign_ins(upstream: str) -> int:
    counts: dict[str, int] = json.loads(fetch(f"{upstream}/counts"))
    return counts.get("token", 0)


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON."""
    found = asyncio.run(measure(1 if quick else 7))
    rows = [
        ["with the sign-in", shown(found["first_ms"]), shown(found["sign_ins"])],
        ["signed in", shown(found["later_ms"]), "0"],
    ]
    head = [f"{CALLS} calls at once", "ms for all", "sign-ins"]
    told = {name: samples.told() for name, samples in found.items()}
    return table(head, rows), {"calls": CALLS, "token_ms": TOKEN_SECONDS * 1000, **told}
