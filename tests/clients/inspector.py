"""The Inspector's command line, `python -m clients.inspector NODE SCRIPT ERA`: a process a call.

Over stdio that is also a server a call, so the simulator keeps its data in a file; so does the Inspector what it needs
of a sign-in.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clients.plan import Plan, Report, Script, Seen, read_plan, write

TOOL_ERROR = 5
"""The exit code for an answer with `isError`."""


def main(plan: Plan, command: list[str], era: str) -> None:
    report = Report(f"inspector {_version(command)}", shows=["title", "annotations", "outputSchema"])
    with TemporaryDirectory() as folder:
        inspect = Inspector(plan, command, era, folder)
        report.tools = inspect("tools/list", "--strict")["tools"]
        for step, arguments in Script(plan, report):
            given = ["--tool-name", step.tool, "--tool-args-json", json.dumps(arguments)]
            result = inspect("tools/call", *given, codes=(0, TOOL_ERROR))
            is_error = result.get("isError", False)
            report.steps[step.name] = Seen(result["content"][0]["text"], is_error, result.get("structuredContent"))
    write(report, plan.report)


class Inspector:
    """Runs one method, and gives its result."""

    def __init__(self, plan: Plan, command: list[str], era: str, folder: str) -> None:
        data = f"RINGCENTRAL_SIMULATOR_DATA={Path(folder, 'meetings.db')}"
        own = ["--client-config", str(Path(folder, "client.json"))]
        self._options = [*command, "--cli", *own, "--format", "json", "--protocol-era", era]
        self._target = ["--server-url", plan.url, "--transport", "http"] if plan.url else ["-e", data]
        self._env = dict(os.environ)
        if plan.person:
            self._env |= {"MCP_AUTO_OPEN_ENABLED": "true", "MCP_INSPECTOR_SECRET_STORE": "file"}
        self._server = [] if plan.url else ["--", *plan.command]

    def __call__(self, method: str, *more: str, codes: tuple[int, ...] = (0,)) -> Any:
        command = [*self._options, *self._target, "--method", method, *more, *self._server]
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=self._env
        )
        if ended.returncode not in codes:
            sys.exit(f"{method} {' '.join(more)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
        return json.loads(ended.stdout)["result"]


def _version(command: list[str]) -> str:
    return subprocess.check_output([*command, "--version"], text=True).strip()


if __name__ == "__main__":
    main(read_plan(), sys.argv[1:-1], sys.argv[-1])
