"""Holds what a client saw against what the server publishes and what each call must answer."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from clients.plan import Plan, Report, Seen, Step, answer

ALWAYS_SHOWN = ("name", "description", "inputSchema")
REFUSED_AT_THE_ROOT = ("anyOf", "oneOf", "allOf", "$ref")
"""What the APIs of models refuse at the root of an input schema, and with it all tools of the conversation."""


def findings(plan: Plan, report: Report) -> list[str]:
    """What is wrong; nothing if all is well."""
    return [*_tools(plan, report), *_steps(plan, report), *(_questions(report) if plan.person is None else ())]


def lost(wanted: Any, seen: Any, path: str = "") -> Iterator[str]:
    """Each part of `wanted` that `seen` does not have. Lists are compared whole, those of objects item by item."""
    if isinstance(wanted, dict) and isinstance(seen, dict):
        for key, value in wanted.items():
            if key in seen:
                yield from lost(value, seen[key], f"{path}.{key}")
            else:
                yield f"{path}.{key} is missing"
    elif _objects(wanted) and isinstance(seen, list) and len(wanted) == len(seen):
        for index, (one, other) in enumerate(zip(wanted, seen, strict=True)):
            yield from lost(one, other, f"{path}[{index}]")
    elif wanted != seen or type(wanted) is not type(seen):
        yield f"{path} is {seen!r:.80} instead of {wanted!r:.80}"


def _objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _tools(plan: Plan, report: Report) -> Iterator[str]:
    seen = {tool["name"]: tool for tool in report.tools}
    published = [tool["name"] for tool in plan.tools]
    if sorted(seen) != sorted(published) or len(report.tools) != len(published):
        yield f"it sees the tools {sorted(seen)} instead of {sorted(published)}"
        return
    for tool in plan.tools:
        shown = {key: tool[key] for key in (*ALWAYS_SHOWN, *report.shows)}
        yield from lost(shown, seen[tool["name"]], tool["name"])
        for keyword in REFUSED_AT_THE_ROOT:
            if keyword in seen[tool["name"]].get("inputSchema", {}):
                yield f"{tool['name']}.inputSchema has {keyword} at its root"


def _steps(plan: Plan, report: Report) -> Iterator[str]:
    schemas = {tool["name"]: tool["outputSchema"] for tool in plan.tools}
    for step in plan.steps:
        if step.name not in report.steps:
            yield f"{step.name}: not done"
            continue
        for problem in _step(step, report.steps[step.name], schemas[step.tool]):
            yield f"{step.name}: {problem}"


def _step(step: Step, seen: Seen, schema: dict[str, Any]) -> Iterator[str]:
    if seen.is_error is not None and seen.is_error != step.is_error:
        yield f"is {'an error' if seen.is_error else 'no error'}: {seen.text[:200]}"
        return
    try:
        told = answer(seen.text)
    except ValueError:
        yield f"holds no JSON: {seen.text[:200]!r}"
        return
    yield from lost(step.holds, told)
    if step.mentions not in seen.text:
        yield f"does not speak of {step.mentions}: {seen.text[:200]}"
    if step.is_error:
        if seen.structured is not None:
            yield "an error has structured content"
        return
    if seen.structured is not None and seen.structured != told:
        yield "the text and the structured content differ"
    for problem in Draft202012Validator(schema).iter_errors(told):
        yield f"against the output schema: {problem.json_path} {problem.message[:120]}"


def _questions(report: Report) -> Iterator[str]:
    if report.questions is not None and len(report.questions) != 1:
        yield f"the person was asked {len(report.questions)} times instead of once before the deletion"
