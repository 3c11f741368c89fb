"""`python -m tests.bench NAME`: one benchmark, its table on stdout, and its JSON where `--json PATH` says."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

NAMES = (
    "startup",
    "first",
    "calls",
    "http_calls",
    "lists",
    "memory",
    "network",
    "sizes",
    "growth",
    "tokens",
    "trace",
    "feeds",
    "hosting",
)


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there")
    parser.add_argument("--quick", action="store_true", help="a few iterations: to see that it runs")
    given = parser.parse_args()
    shown, figures = import_module(f".{given.name}", __package__).run(quick=given.quick)
    sys.stdout.write(f"{shown}\n")
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
