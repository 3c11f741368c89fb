"""The server as an object in another program, as docs/in-one-process.md shows it."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import ringcentral_meetings
from cli.processes import ran
from ringcentral_meetings.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "in-one-process.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)

LIGHT = """
import sys
import ringcentral_meetings
print(*sorted({"mcp", "httpx", "pydantic", "anyio", "ringcentral_meetings.app"} & set(sys.modules)))
"""


def test_importing_the_package_imports_nothing_heavy() -> None:
    shown = ran([sys.executable, "-c", LIGHT])
    assert (shown.returncode, shown.stdout.strip()) == (0, "")


def test_the_package_offers_the_function_of_the_application() -> None:
    from ringcentral_meetings import app, build_server

    assert build_server is app.build_server
    with pytest.raises(AttributeError, match="no attribute 'build_servers'"):
        _ = ringcentral_meetings.build_servers  # type: ignore[attr-defined]


def test_the_first_example_runs_as_it_stands() -> None:
    shown = ran([sys.executable, "-c", EXAMPLES[0]])
    assert shown.returncode == 0, shown.stderr
    assert re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d\S* \S.*\n){3}", shown.stdout), shown.stdout


@pytest.mark.anyio
async def test_the_second_example_gives_a_model_functions_and_their_answers() -> None:
    example: dict[str, Any] = {}
    exec(compile(EXAMPLES[1], "in-one-process.md", "exec"), example)  # noqa: S102  (the documented example)
    seen: list[Any] = []

    async def model(functions: list[dict[str, Any]], messages: list[dict[str, Any]]) -> dict[str, str]:
        seen.append([functions, *messages])
        if len(messages) == 2:
            return {"content": "Done"}
        return {"name": ("list_meetings", "get_meeting")[len(messages)], "arguments": "{}"}

    assert await example["turn"](Settings(simulator=True, log_level="CRITICAL"), model) == "Done"
    functions, listed, refused = seen[-1]
    assert "create_meeting" in {function["function"]["name"] for function in functions}
    assert all(function["function"]["parameters"]["type"] == "object" for function in functions)
    assert json.loads(listed["content"])["simulated"] is True
    assert json.loads(refused["content"])["error"]["code"] == "invalid_arguments"
