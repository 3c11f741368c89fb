"""That the benchmarks still run: a few iterations, without a look at the figures."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ringcentral_meetings.hosting.demo_store import found_server

ROOT = Path(__file__).parent.parent.parent

NO_STORE = "neither valkey-server nor redis-server is installed"
COMPARED = ("first", "calls", "http_calls", "lists", "memory", "network", "sizes", "tokens")

compares = pytest.mark.skipif(
    importlib.util.find_spec("fastmcp") is None, reason="what is measured against comes with the extra bench"
)


@pytest.mark.parametrize(
    "name",
    [
        *(pytest.param(name, marks=compares) for name in COMPARED),
        pytest.param("hosting", marks=[compares, pytest.mark.skipif(found_server() is None, reason=NO_STORE)]),
        "trace",
        "feeds",
    ],
)
def test_a_benchmark_runs_and_writes_its_figures(name: str, tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "tests.bench", name, "--quick", "--json", str(file)]
    # Without coverage, which benchmarks are not there for and which would be measured with everything else.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS_")}
    done = subprocess.run(  # noqa: S603  (our own command)
        command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False, env=env
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(file.read_text(encoding="utf-8"))
