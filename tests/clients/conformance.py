"""The official conformance suite against the server over HTTP: `python -m clients.conformance NODE SUITE`.

SUITE is the folder of the suite's package. Fails on each check that fails or warns and is not in conformance.toml,
and on each entry there that is not needed any more.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clients.check import environment, served

EXPECTATIONS = Path(__file__).with_name("conformance.toml")
REVISIONS = ("2025-11-25", "2026-07-28")
PATIENCE_SECONDS = 180


@dataclass(frozen=True)
class Suite:
    """One version of the suite; extensions, which this server has none of, have no revision and so never run."""

    command: tuple[str, ...]

    def version(self) -> str:
        return self._said("--version").strip()

    def scenarios(self, revision: str) -> set[str]:
        """Those that the suite has for a revision of the protocol."""
        return set(re.findall(r"^ +- (\S+)", self._said("list", "--server", "--spec-version", revision), re.MULTILINE))

    def results(self, url: str, revision: str) -> dict[str, list[dict[str, Any]]]:
        """The checks of each scenario that ran."""
        with TemporaryDirectory() as folder:
            self._said("server", "--url", url, "--suite", "all", "--spec-version", revision, "-o", folder)
            return {_scenario(path.parent.name): json.loads(path.read_text()) for path in Path(folder).glob("*/*.json")}

    def _said(self, *arguments: str) -> str:
        """What the suite prints; it also ends with an error when checks fail, which is for us to judge."""
        command = [*self.command, *arguments]
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
            env=environment(),
        )
        return ended.stdout


@dataclass(frozen=True)
class Expectations:
    """Scenarios that do not apply, and checks of others that are known to fail."""

    does_not_apply: frozenset[str]
    failures: frozenset[tuple[str, str]]

    @classmethod
    def read(cls, path: Path) -> "Expectations":
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        left_out = (scenario for entry in raw["does_not_apply"] for scenario in entry["scenarios"])
        failing = ((entry["scenario"], check) for entry in raw["expected_failure"] for check in entry["checks"])
        return cls(frozenset(left_out), frozenset(failing))


def main(arguments: Sequence[str]) -> int:
    node, folder = arguments
    suite = Suite((node, str(Path(folder, "dist", "index.js"))))
    expected = Expectations.read(EXPECTATIONS)
    problems: list[str] = []
    passed = 0
    known: set[str] = set()
    with served() as url:
        for revision in REVISIONS:
            if not (listed := suite.scenarios(revision)):
                continue
            known |= listed
            results = suite.results(url, revision)
            problems += [f"{revision}: {problem}" for problem in judged(listed, results, expected)]
            passed += count(results, expected)
    if not known:
        problems.append("the suite lists no scenarios")
    if "-" in suite.version():
        problems += [f"{name}: the suite has no such scenario" for name in sorted(expected.does_not_apply - known)]
    print("\n".join(problems) if problems else f"{suite.version()}, {passed} checks passed")
    return 1 if problems else 0


def judged(listed: set[str], results: dict[str, list[dict[str, Any]]], expected: Expectations) -> Iterator[str]:
    """What is wrong with the results of one revision."""
    applying = listed - expected.does_not_apply
    for scenario in sorted(applying):
        checks = results.get(scenario)
        if checks is None:
            yield f"{scenario}: did not run"
            continue
        yield from _judged(scenario, checks, {check for name, check in expected.failures if name == scenario})


def count(results: dict[str, list[dict[str, Any]]], expected: Expectations) -> int:
    """How many checks of scenarios that apply have passed."""
    applying = (checks for scenario, checks in results.items() if scenario not in expected.does_not_apply)
    return sum(check["status"] == "SUCCESS" for checks in applying for check in checks)


def _judged(scenario: str, checks: list[dict[str, Any]], expected: set[str]) -> Iterator[str]:
    failed = {check["id"]: check for check in checks if check["status"] in {"FAILURE", "WARNING"}}
    for name in sorted(set(failed) - expected):
        yield f"{scenario}: {name}: {failed[name].get('errorMessage') or failed[name]['description']}"
    for name in sorted(expected - set(failed)):
        yield f"{scenario}: {name} does not fail any more: take it out of {EXPECTATIONS.name}"


def _scenario(folder: str) -> str:
    return re.sub(r"^server-|-\d{4}-\d\d-\d\dT[\dZ-]*$", "", folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
