"""What an error's own text offers to whoever reads it: the way out that the next step of a conversation takes."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

ALTERNATIVES = re.compile(r"\b(?:[Uu]se|Start on|Did you mean|is one of) (?!only)(.+?)(?:, not\b|[.?](?:\s|$))")
THERE = re.compile(r'Meeting \S+ is "([^"]*)" \((?:\w+ (\d{4}\S+))?')
CLOCK = re.compile(r"^\d\d:\d\d$")


def offers(problem: Mapping[str, Any], tools: Collection[str], sent: Mapping[str, Any]) -> dict[str, Any]:
    """What a model can take from `problem`, an error in answer to the arguments `sent`.

    `tools`: named in next_step. `instead`: for each argument that there is not, the nearest of those named as
    valid. `required`: arguments named so. `choices`: alternatives, times of day made whole by the date sent.
    `values`: by argument, what it can be given. `topic`, `start`, `ids`: of what is there in place of what was sent.
    """
    message, next_step = problem["message"], problem["next_step"]
    text = f"{message} {next_step}"
    given = {str(value) for value in sent.values()}
    there = THERE.search(message)
    return {
        "tools": [name for name in re.findall(r"\w+", next_step) if name in tools],
        "instead": _instead(text, sent),
        "required": re.findall(r"(\w+): is required", message),
        "choices": _choices(text, sent),
        "values": _values(next_step),
        "topic": there[1] if there else None,
        "start": there[2] if there else None,
        "ids": [number for number in re.findall(r"\b\d{6,}\b", text) if number not in given],
    }


def _instead(text: str, sent: Mapping[str, Any]) -> dict[str, str]:
    listed = re.search(r"Use only: ([\w, ]+)", text)
    valid = re.findall(r"\w+", listed[1]) if listed else []
    close = {name: get_close_matches(name, valid, n=1, cutoff=0.5) for name in sent if name not in valid}
    return {name: found[0] for name, found in close.items() if found}


def _choices(text: str, sent: Mapping[str, Any]) -> list[str]:
    found = ALTERNATIVES.search(text)
    parts = re.split(r" or |, ", found[1]) if found else []
    plain = [re.sub(r"\s*\(.*?\)|['\"]", "", part).strip() for part in parts]
    dates = [str(value)[:10] for value in sent.values() if re.match(r"\d{4}-\d\d-\d\dT", str(value))]
    return [f"{dates[0]}T{choice}" if dates and CLOCK.match(choice) else choice for choice in plain]


def _values(next_step: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in re.findall(r"\b([a-z_]+)=\"?([\w-]+)", next_step):
        values.setdefault(name, []).append(value)
    return values
