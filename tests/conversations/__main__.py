"""What each conversation costs: `PYTHONPATH=tests python -m conversations`, with words for those whose names have them.

Held with a client that can ask the person, in both protocol eras, of which the dearer one counts. Bytes are those of
arguments, answers and attached files.
"""

import sys
from pathlib import Path

import anyio

from assistant import MODES

from .runner import hold
from .script import Conversation, load

FIGURES = ("calls", "requests", "bytes")


def main() -> None:
    """Print a table, and the sum of each column."""
    files = [file for file in sorted(Path(__file__).parent.glob("*.yaml")) if _wanted(file.stem)]
    rows = [(file.stem, script.product, _cost(script)) for file in files for script in [load(file)]]
    sys.stdout.write(f"{'conversation':42}{'product':22}" + "".join(f"{name:>10}" for name in FIGURES) + "\n")
    for name, product, cost in rows:
        sys.stdout.write(f"{name:42}{product:22}" + "".join(f"{cost[figure]:>10,}" for figure in FIGURES) + "\n")
    sums = [sum(cost[figure] for _, _, cost in rows) for figure in FIGURES]
    sys.stdout.write(f"{len(rows):<3} conversations{'':48}" + "".join(f"{one:>10,}" for one in sums) + "\n")


def _wanted(name: str) -> bool:
    return not sys.argv[1:] or any(words in name for words in sys.argv[1:])


def _cost(script: Conversation) -> dict[str, int]:
    held = [anyio.run(hold, script, mode, True) for mode in MODES]
    return {figure: max(cost[figure] for cost in held) for figure in FIGURES}


if __name__ == "__main__":
    main()
