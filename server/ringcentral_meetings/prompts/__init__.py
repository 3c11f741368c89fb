"""The MCP prompts: each file in prompts/ is offered where all the tools that it names are."""

from collections.abc import Collection, Mapping

from ringcentral_meetings.prompts import files
from ringcentral_meetings.prompts.files import PromptFile
from ringcentral_meetings.protocol.building import build_prompt
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.text import clean, truncated
from ringcentral_meetings.tools import Door

VALUE_CHARS = 1_000
"""How much of an argument's value goes into a prompt."""


def register(server: ContractServer[Door], offered: Collection[str]) -> None:
    """Offer the prompts that name no other tools than those `offered`."""
    for prompt in files.load():
        if prompt.tools <= set(offered):
            _add(server, prompt)


def _add(server: ContractServer[Door], prompt: PromptFile) -> None:
    def render(given: Mapping[str, str]) -> str:
        plain = {name: truncated(clean(value), VALUE_CHARS) for name, value in given.items()}
        return prompt.render({name: value for name, value in plain.items() if value})

    arguments = [(one.name, one.description, one.required) for one in prompt.arguments]
    server.add_prompt(build_prompt(prompt.name, prompt.title, prompt.description, arguments, render))
