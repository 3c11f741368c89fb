"""What `demo` shows a person: a table."""

import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from ringcentral_meetings import PROGRAM
from ringcentral_meetings.cli.working_day import Line, Step

WIDEST = 120
ROOM_FOR_TOOLS = 100
"""From this width on, the tools have a column of their own."""
STYLES = {"found": "", "done": "green", "asked": "magenta", "refused": "yellow", "more": "dim"}
OPENING = "A working day with an assistant, on made-up meetings."


class Taken(NamedTuple):
    """A step that was taken: the answer, the question that the person was asked, and what differs from expectation."""

    step: Step
    answer: Any
    question: str | None
    problems: tuple[str, ...]


class Output(Protocol):
    """Where the steps are shown."""

    def progress(self) -> AbstractContextManager[Callable[[str], None]]:
        """Return a function that is called with the words of each step as it begins."""
        ...

    def finish(self, taken: Sequence[Taken], lost: BaseException | None) -> int:
        """Show the steps that were taken, why there are no more if the server was lost, and how it went.

        Return 0 if every step went as expected, else 1.
        """
        ...


class Table:
    """A table of what a person says and what comes of it. Colour adds nothing that the words do not say."""

    def __init__(self, console: Console) -> None:
        self._console, self._begun = console, False

    @classmethod
    def on_stdout(cls) -> "Table":
        """Return a table in colour on a terminal, in plain text elsewhere."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")
        return cls(Console(highlight=False, markup=False, emoji=False))

    def begin(self) -> None:
        """Print the title, once."""
        if not self._begun:
            self._console.print(Text(OPENING, style="bold"))
        self._begun = True

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """Print the title, and on a terminal show the present step until the table is complete."""
        self.begin()
        with self._console.status("Starting the server", spinner="line") as status:
            yield lambda words: status.update(Text(words))

    def finish(self, taken: Sequence[Taken], lost: BaseException | None) -> int:
        """Print the table, and below it what differs from what was expected."""
        if taken:
            self._console.print(self._grid(taken))
        problems, went = conclusion(taken, lost)
        style = "bold red" if problems or lost else "bold green"
        for line in (*problems, went):
            self._console.print(Text(line, style=style), soft_wrap=True)
        if not problems and not lost:
            self._console.print(Text(f"{PROGRAM} demo --json shows the messages behind it.", style="dim"))
        return int(bool(problems or lost))

    def _grid(self, taken: Sequence[Taken]) -> Grid:
        width = min(self._console.width, WIDEST)
        grid = Grid(box=box.ROUNDED, border_style="dim", width=width, show_lines=True)
        grid.add_column("You say", ratio=4)
        grid.add_column("What happens", ratio=7)
        tools = width >= ROOM_FOR_TOOLS
        if tools:
            grid.add_column("Tool", style="cyan", no_wrap=True)
        for one in taken:
            cells = [Text(one.step.words), Text("\n").join(map(_styled, lines_for(one)))]
            grid.add_row(*cells, *([Text(one.step.tool)] if tools else []))
        return grid


def lines_for(one: Taken) -> list[Line]:
    """Return what a person sees of a step; of an answer that is not of the expected form, all of it."""
    lines = [] if one.question is None else [Line(f"Asks you first: {one.question} You say yes.", "asked")]
    try:
        return [*lines, *one.step.shown(one.answer)]
    except (KeyError, IndexError, TypeError, ValueError):
        return [*lines, Line(json.dumps(one.answer, ensure_ascii=False), "refused")]


def _styled(line: Line) -> Text:
    return Text(line.text, style=STYLES[line.kind])


def conclusion(taken: Sequence[Taken], lost: BaseException | None) -> tuple[list[str], str]:
    """Return what differs from what was expected, a line each, and a last line that says how it went."""
    problems = [f"{one.step.words} differs: {problem}" for one in taken for problem in one.problems]
    if lost is not None:
        return problems, f"The server could not be used: {lost!r}"
    if problems:
        return problems, f"Not as expected: {', '.join(one.step.name for one in taken if one.problems)}."
    return problems, f"All {len(taken)} steps went as expected. Nothing real was touched."
