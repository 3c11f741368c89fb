"""The MCP prompts: what the files in prompts/ say, each offered where every tool that it speaks of is."""

from collections.abc import Collection, Mapping

from ringcentral_meetings.prompts import files as prompt_files
from ringcentral_meetings.prompts.files import PromptFile
from ringcentral_meetings.protocol.server import ContractServer, build_prompt
from ringcentral_meetings.text import clean, truncated
from ringcentral_meetings.tools import Services

VALUE_CHARS = 1_000


def register(server: ContractServer[Services], offered: Collection[str], tools: Collection[str]) -> None:
    """Offer the prompts that need no other tools than those `offered`, of all the `tools` that there are.

    Raises:
        prompt_files.PromptFileError: for a mistake in a file.
    """
    for prompt in prompt_files.load(prompt_files.folder(), tools):
        if prompt.tools <= set(offered):
            _add(server, prompt)


def _add(server: ContractServer[Services], prompt: PromptFile) -> None:
    def render(given: Mapping[str, str]) -> str:
        plain = {name: truncated(clean(value), VALUE_CHARS) for name, value in given.items()}
        return prompt.render({name: value for name, value in plain.items() if value})

    arguments = [(one.name, one.description, one.required) for one in prompt.arguments]
    server.add_prompt(build_prompt(prompt.name, prompt.title, prompt.description, arguments, render))
