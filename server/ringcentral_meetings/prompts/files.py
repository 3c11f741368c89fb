"""Prompts as files: TOML front matter between lines of `+++`, then the text.

Imports the standard library alone, since the build loads it from its path, where nothing else is installed.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, NoReturn

FENCE = "+++"
TITLE_CHARS = 60
DESCRIPTION_CHARS = 200

_NAME = re.compile(r"[a-z]+(?:_[a-z]+)*")
_PROMPT_KEYS = ("title", "description", "arguments")
_ARGUMENT_KEYS = ("description", "required", "left_out")


class PromptFileError(Exception):
    """A mistake in a prompt file: its path, the line and what is wrong there."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a prompt. `left_out` stands in its place where it is not given.

    Without it, the lines that name the argument fall away.
    """

    name: str
    description: str
    required: bool = False
    left_out: str | None = None


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt as its file has it; `tools` are those that its text speaks of."""

    name: str
    title: str
    description: str
    arguments: tuple[Argument, ...]
    text: str
    tools: frozenset[str]

    def render(self, given: Mapping[str, str]) -> str:
        """The text for the arguments given; their values are put in as they are."""
        values = {argument.name: given.get(argument.name, argument.left_out) for argument in self.arguments}
        absent = {name for name, value in values.items() if value is None}
        lines = [line for line in self.text.splitlines() if not absent & _placeholders(line)]
        text = Template("\n".join(lines)).substitute(values)
        return re.sub(r"\n{3,}", "\n\n", text).strip()


def _placeholders(line: str) -> set[str]:
    return set(Template(line).get_identifiers()) if "$" in line else set()


def folder() -> Path:
    """Where the prompts are: within the package as installed, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_prompts"
    return installed if installed.is_dir() else package.parents[1] / "prompts"


def load(where: Path, tools: Collection[str]) -> tuple[PromptFile, ...]:
    """All prompts of a folder, by name; `tools` are those that there are.

    Raises:
        PromptFileError: for the first mistake.
    """
    paths = sorted(where.glob("*.md"))
    if not paths:
        raise PromptFileError(where, 0, "holds no prompt (*.md)")
    return tuple(read(path, tools) for path in paths)


def read(path: Path, tools: Collection[str]) -> PromptFile:
    """One prompt, strictly checked.

    Raises:
        PromptFileError: for the first mistake.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise PromptFileError(path, 1, "is not UTF-8 text") from None
    return _Reading(path, lines).prompt(tools)


class _Reading:
    """One file on its way to a prompt; knows where its front matter ends."""

    def __init__(self, path: Path, lines: list[str]) -> None:
        self.path = path
        self.lines = lines
        if not lines or lines[0].rstrip() != FENCE:
            self.fail(1, f"does not begin with a line {FENCE}")
        self.end = next((index for index, line in enumerate(lines) if index and line.rstrip() == FENCE), 0)
        if not self.end:
            self.fail(1, f"the front matter has no closing line {FENCE}")

    def fail(self, line: int, problem: str) -> NoReturn:
        raise PromptFileError(self.path, line, problem)

    def prompt(self, tools: Collection[str]) -> PromptFile:
        if not _NAME.fullmatch(self.path.stem):
            self.fail(1, f'the name "{self.path.stem}" is not words of small letters joined by _')
        front = self._front()
        self._only(front, _PROMPT_KEYS, "")
        title = self._text(front, "title", TITLE_CHARS)
        description = self._text(front, "description", DESCRIPTION_CHARS)
        arguments = self._arguments(front.get("arguments", {}))
        self._check_text(arguments)
        text = "\n".join(self.lines[self.end + 1 :]).strip()
        return PromptFile(self.path.stem, title, description, arguments, text, self._tools(tools))

    def _front(self) -> dict[str, Any]:
        try:
            return tomllib.loads("\n".join(self.lines[1 : self.end]))
        except tomllib.TOMLDecodeError as broken:
            problem, _, where = str(broken).partition(" (at ")
            found = re.match(r"line (\d+)", where)
            self.fail(int(found[1]) + 1 if found else self.end, f"is not TOML: {problem}")

    def _arguments(self, tables: Any) -> tuple[Argument, ...]:
        if not isinstance(tables, dict):
            self.fail(self._line_of("arguments"), "arguments is not a table of tables, [arguments.name]")
        return tuple(self._argument(name, table) for name, table in tables.items())

    def _argument(self, name: str, table: Any) -> Argument:
        if not _NAME.fullmatch(name):
            self.fail(self._line_of(name), f'the argument "{name}" is not words of small letters joined by _')
        if not isinstance(table, dict):
            self.fail(self._line_of(name), f"the argument {name} is not a table, [arguments.{name}]")
        self._only(table, _ARGUMENT_KEYS, name)
        required = table.get("required", False)
        if not isinstance(required, bool):
            self.fail(self._line_of("required", name), f"required of {name} is neither true nor false")
        if required and "left_out" in table:
            self.fail(self._line_of("left_out", name), f"{name} is required, so it is never left out")
        description = self._text(table, "description", DESCRIPTION_CHARS, name)
        left_out = self._text(table, "left_out", DESCRIPTION_CHARS, name) if "left_out" in table else None
        return Argument(name, description, required, left_out)

    def _only(self, table: Mapping[str, Any], known: Collection[str], argument: str) -> None:
        for key in table:
            if key not in known:
                self.fail(self._line_of(key, argument), f'unknown key "{key}"; there are {", ".join(known)}')

    def _text(self, table: Mapping[str, Any], key: str, most: int, argument: str = "") -> str:
        whose = f"{key} of {argument}" if argument else key
        if key not in table:
            self.fail(self._line_of(argument) if argument else 1, f"{whose} is missing")
        text = table[key]
        if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > most:
            self.fail(self._line_of(key, argument), f"{whose} is not one line of 1 to {most} characters")
        return text

    def _line_of(self, key: str, argument: str = "") -> int:
        """The line of the front matter that sets `key`, of an argument where one is named; else the first line."""
        start = self._line_of(argument) - 1 if argument else 0
        setting = re.compile(rf"\s*(?:\[.*\b{re.escape(key)}\b.*\]|[\w.\"']*\b{re.escape(key)}\b[\"']?\s*[.=])")
        numbered = enumerate(self.lines[start : self.end], start + 1)
        return next((number for number, line in numbered if setting.match(line)), 1)

    def _body(self) -> Iterator[tuple[int, str]]:
        return enumerate(self.lines[self.end + 1 :], self.end + 2)

    def _check_text(self, arguments: tuple[Argument, ...]) -> None:
        declared, used = {argument.name for argument in arguments}, set[str]()
        for number, line in self._body():
            if "$" in line and not Template(line).is_valid():
                self.fail(number, "a $ that begins no $argument; $$ stands for the sign itself")
            if line.count("`") % 2:
                self.fail(number, "a backtick that is not closed on its line")
            names = _placeholders(line)
            if unknown := sorted(names - declared):
                self.fail(number, f"${unknown[0]} is no argument of this prompt")
            used |= names
        if not any(line.strip() for _, line in self._body()):
            self.fail(len(self.lines), "there is no text after the front matter")
        if unused := sorted(declared - used):
            self.fail(self._line_of(unused[0]), f"the argument {unused[0]} is not used in the text")

    def _tools(self, known: Collection[str]) -> frozenset[str]:
        found = [(number, name) for number, line in self._body() for name in line.split("`")[1::2]]
        for number, name in found:
            if name not in known:
                self.fail(number, f"`{name}` is no tool; backticks are for the tools: {', '.join(sorted(known))}")
        return frozenset(name for _, name in found)
