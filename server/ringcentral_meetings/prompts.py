"""The MCP prompts, each a file in prompts/: TOML front matter between two lines of `+++`, then the text.

The files come with the package, so that nothing is checked here: `tests/prompts` does that.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ringcentral_meetings.protocol.building import build_prompt
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.tools import Door
from ringcentral_meetings.untrusted_text import clean, truncated

FENCE = "+++\n"
VALUE_CHARS = 1_000
"""How much of an argument's value goes into a prompt."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a prompt. `left_out` is what stands in its place when it is not given.

    Where there is no such text, the lines that name the argument are dropped.
    """

    name: str
    description: str
    required: bool = False
    left_out: str | None = None


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt as its file defines it. The name is that of the file."""

    name: str
    title: str
    description: str
    arguments: tuple[Argument, ...]
    text: str

    @property
    def tools(self) -> frozenset[str]:
        """The tools that the text names, in backticks."""
        return frozenset(re.findall("`(.*?)`", self.text))

    def render(self, given: Mapping[str, str]) -> str:
        """Return the text for the arguments given, whose values are inserted as they are."""
        values = {argument.name: given.get(argument.name, argument.left_out) for argument in self.arguments}
        absent = {name for name, value in values.items() if value is None}
        lines = (line for line in self.text.splitlines() if absent.isdisjoint(placeholders(line)))
        text = Template("\n".join(lines)).substitute(values)
        return re.sub(r"\n{3,}", "\n\n", text).strip()


def placeholders(text: str) -> list[str]:
    """Return the names of the arguments that a text refers to as `$name`."""
    return Template(text).get_identifiers()


def folder() -> Path:
    """Return where the prompts are: in the package if a wheel was installed, else at the top of the checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "_prompts"
    return installed if installed.is_dir() else package.parents[1] / "prompts"


def load() -> tuple[PromptFile, ...]:
    """Read all prompts, in the order of their names."""
    return tuple(read(path) for path in sorted(folder().glob("*.md")))


def read(path: Path) -> PromptFile:
    """Read one prompt."""
    _, front, text = path.read_text(encoding="utf-8").split(FENCE, 2)
    head = tomllib.loads(front)
    arguments = tuple(Argument(name, **table) for name, table in head.pop("arguments", {}).items())
    return PromptFile(path.stem, **head, arguments=arguments, text=text.strip())


def register(server: ContractServer[Door], offered: Collection[str]) -> None:
    """Offer the prompts that name no other tools than those `offered`."""
    for prompt in load():
        if prompt.tools <= set(offered):
            _add(server, prompt)


def _add(server: ContractServer[Door], prompt: PromptFile) -> None:
    def render(given: Mapping[str, str]) -> str:
        plain = {name: truncated(clean(value), VALUE_CHARS) for name, value in given.items()}
        return prompt.render({name: value for name, value in plain.items() if value})

    arguments = [(one.name, one.description, one.required) for one in prompt.arguments]
    server.add_prompt(build_prompt(prompt.name, prompt.title, prompt.description, arguments, render))
