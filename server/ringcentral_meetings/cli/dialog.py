"""Questions to a person at a terminal. Each has a default, which is taken where nobody is to be asked."""

import shutil
import sys
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

import click

WIDEST = 100
NEVER = 1_000_000
"""The width at which text is wrapped that goes into a file or a pipe."""

Key = TypeVar("Key", bound=str)


def say(text: str = "", *, indent: int = 0, hang: int = 0, err: bool = False) -> None:
    """Print text wrapped between words, on stderr if `err`; `hang` indents all lines but the first further."""
    is_terminal = (sys.stderr if err else sys.stdout).isatty()
    width = min(shutil.get_terminal_size().columns, WIDEST) if is_terminal else NEVER
    for paragraph in text.split("\n"):
        margin = " " * indent
        lines = textwrap.wrap(
            paragraph,
            width,
            initial_indent=margin,
            subsequent_indent=margin + " " * hang,
            break_long_words=False,
            break_on_hyphens=False,
        )
        click.echo("\n".join(lines), err=err)


def heading(text: str) -> None:
    """Print the heading of a step."""
    click.echo()
    click.secho(text, bold=True)


@dataclass(frozen=True, slots=True)
class Dialog:
    """Asks if `asks`; otherwise answers each question with its default."""

    asks: bool

    @staticmethod
    def is_possible() -> bool:
        """Return whether somebody can be asked here."""
        return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))

    def choose(self, choices: "Sequence[tuple[Key, str]]", default: "Key") -> "Key":
        """Return the key of one of some choices, each of a key and a sentence."""
        keys = [key for key, _ in choices]
        if not self.asks:
            return default
        for number, (_, sentence) in enumerate(choices, 1):
            say(f"{number}  {sentence}", indent=2, hang=3)
        answer = click.prompt("Your choice", type=click.IntRange(1, len(keys)), default=keys.index(default) + 1)
        return keys[int(answer) - 1]

    def choose_some(self, found: Sequence[tuple[str, str]], others: Collection[str]) -> list[str]:
        """Return the keys of some of what was found, by default of all, or others by name."""
        keys = [key for key, _ in found]
        if not self.asks:
            return keys
        for number, (_, sentence) in enumerate(found, 1):
            say(f"{number}  {sentence}", indent=2, hang=3)
        while True:
            answer = click.prompt("Your choice", default=",".join(str(number) for number in range(1, len(keys) + 1)))
            words = answer.replace(",", " ").split()
            chosen = [keys[int(word) - 1] if _is_number(word, len(keys)) else word.lower() for word in words]
            wrong = next((word for word in chosen if word not in keys and word not in others), None)
            if chosen and wrong is None:
                return list(dict.fromkeys(chosen))
            say(f"{wrong or 'Nothing'} is none of them. Type numbers, or names: {', '.join(others)}.")

    def text(self, question: str, default: str) -> str:
        """Return a text; `default` may be empty."""
        if not self.asks:
            return default
        return str(click.prompt(question, default=default, show_default=bool(default))).strip()

    def secret(self, question: str, default: str) -> str:
        """Return a text that is not shown while it is typed; nothing typed stands for `default`."""
        if not self.asks:
            return default
        return str(click.prompt(question, default="", show_default=False, hide_input=True)).strip() or default

    def agrees(self, question: str) -> bool:
        """Return whether the answer is yes, which is the default."""
        return bool(click.confirm(question, default=True)) if self.asks else True


def _is_number(word: str, most: int) -> bool:
    return word.isascii() and word.isdigit() and 1 <= int(word) <= most
