"""Where an entry stands in a file, and what can be wrong with the file."""

from dataclasses import dataclass


class Broken(Exception):
    """A text that is not of its format. `line` counts from 1; None where the parser gives none."""

    def __init__(self, what: str, why: str, line: int | None = None) -> None:
        where = f"line {line}: " if line is not None else ""
        super().__init__(f"it is not {what} ({where}{why})")
        self.line = line


class Uneditable(Exception):
    """A text into which an entry cannot be put; says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """The keys that lead to the servers of a file, and the name of the entry.

    The servers are an object by name, or if `listed` a list of objects that have a `name`.
    """

    keys: tuple[str, ...]
    name: str
    listed: bool = False
