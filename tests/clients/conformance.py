"""The official conformance suite against the server and `demonstration.py` over HTTP.

`python -m clients.conformance NODE SUITE`, where SUITE is the folder of the suite's package. Fails on each check that
fails or warns and is not in conformance.toml, and on each entry there that is not needed any more.
"""

import faulthandler
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clients.check import environment, served

EXPECTATIONS = Path(__file__).with_name("conformance.toml")
REVISIONS = ("2025-11-25", "2026-07-28")
DEMONSTRATION = (sys.executable, "-m", "clients.demonstration")
PATIENCE_SECONDS = 300

Results = dict[str, list[dict[str, Any]]]
"""The checks of each scenario that ran."""


@dataclass(frozen=True)
class Suite:
    """One version of the suite; extensions, which this server has none of, have no revision and so never run."""

    command: tuple[str, ...]

    def version(self) -> str:
        return self._said("--version").strip()

    def scenarios(self, revision: str) -> set[str]:
        """Those that the suite has for a revision of the protocol."""
        return set(re.findall(r"^ +- (\S+)", self._said("list", "--server", "--spec-version", revision), re.MULTILINE))

    def results(self, url: str, revision: str) -> Results:
        """What came of every scenario of a revision."""
        with TemporaryDirectory() as folder:
            self._said("server", "--url", url, "--suite", "all", "--spec-version", revision, "-o", folder)
            return results_in(folder)

    def authorization_scenarios(self) -> set[str]:
        """Those that the suite has for authorization servers."""
        return set(re.findall(r"^ +- (\S+)", self._said("list", "--authorization"), re.MULTILINE))

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
    """Scenarios that do not apply, those for `demonstration.py`, and checks of others that are known to fail."""

    does_not_apply: frozenset[str]
    demonstration: frozenset[str]
    failures: frozenset[tuple[str, str]]

    @classmethod
    def read(cls, path: Path) -> "Expectations":
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        left_out = (scenario for entry in raw["does_not_apply"] for scenario in entry["scenarios"])
        failing = ((entry["scenario"], check) for entry in raw["expected_failure"] for check in entry["checks"])
        return cls(frozenset(left_out), frozenset(raw["demonstration"]["scenarios"]), frozenset(failing))

    def named(self) -> frozenset[str]:
        """Every scenario that is spoken of."""
        return self.does_not_apply | self.demonstration | {scenario for scenario, _ in self.failures}


@dataclass
class Tally:
    """What came of the runs so far."""

    known: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    passed: int = 0

    def add(self, what: str, scenarios: set[str], results: Results, failures: frozenset[tuple[str, str]]) -> None:
        """Judge the results of those scenarios; others may have run as well."""
        for scenario in sorted(scenarios):
            checks = results.get(scenario)
            if checks is None:
                self.problems.append(f"{what}: {scenario}: did not run")
                continue
            self.passed += sum(check["status"] == "SUCCESS" for check in checks)
            expected = {check for name, check in failures if name == scenario}
            self.problems += [f"{what}: {scenario}: {problem}" for problem in judged(checks, expected)]


def main(arguments: Sequence[str]) -> int:
    """Run the suite, and judge its results."""
    faulthandler.dump_traceback_later(PATIENCE_SECONDS * 3, exit=True)
    node, folder = arguments
    suite = Suite((node, str(Path(folder, "dist", "index.js"))))
    tally = tallied(suite, Expectations.read(EXPECTATIONS))
    version = suite.version()
    print("\n".join(tally.problems) if tally.problems else f"{version}, {tally.passed} checks passed")
    return 1 if tally.problems else 0


def tallied(suite: Suite, expected: Expectations) -> Tally:
    """Both servers under every revision that the suite knows."""
    tally = Tally()
    with served() as server, served(DEMONSTRATION) as demonstration:
        for revision in REVISIONS:
            if not (listed := suite.scenarios(revision)):
                continue
            tally.known |= listed
            own = listed - expected.demonstration - expected.does_not_apply
            tally.add(revision, own, suite.results(server, revision), expected.failures)
            shown = listed & expected.demonstration
            tally.add(f"{revision}, demonstration", shown, suite.results(demonstration, revision), frozenset())
    if not tally.known:
        tally.problems.append("the suite lists no scenarios")
    if "-" in suite.version():
        tally.problems += [f"{name}: the suite has no such scenario" for name in sorted(expected.named() - tally.known)]
    return tally


def judged(checks: list[dict[str, Any]], expected: set[str]) -> Iterator[str]:
    """What is wrong with the checks of one scenario, of which those expected have to fail."""
    failed = {check["id"]: check for check in checks if check["status"] in {"FAILURE", "WARNING"}}
    for name in sorted(set(failed) - expected):
        yield f"{name}: {failed[name].get('errorMessage') or failed[name]['description']}"
    for name in sorted(expected - set(failed)):
        yield f"{name} does not fail any more: take it out of {EXPECTATIONS.name}"


def results_in(folder: str) -> Results:
    """What the suite wrote to a folder."""
    return {_scenario(path.parent.name): json.loads(path.read_text()) for path in Path(folder).glob("*/*.json")}


def _scenario(folder: str) -> str:
    return re.sub(r"^(server|authorization-server)-|-\d{4}-\d\d-\d\dT[\dZ-]*$", "", folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
