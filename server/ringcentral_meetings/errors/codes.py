"""The closed set of error codes, the exception classes, and how an error is serialized."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from ringcentral_meetings.untrusted_text import clean, truncated

Code = Literal[
    "invalid_arguments",
    "not_found",
    "not_signed_in",
    "session_expired",
    "app_permission_missing",
    "user_permission_missing",
    "feature_unavailable",
    "not_supported_by_product",
    "target_mismatch",
    "scope_required",
    "conflict",
    "rate_limited",
    "outcome_unknown",
    "upstream_unavailable",
    "timed_out",
    "declined",
    "invalid_settings",
    "internal_error",
]

MAX_ERROR_CHARS = 1_000
MAX_ECHO_CHARS = 80
MAX_FIELDS = 3


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One argument (dotted path) and what is wrong with it."""

    name: str
    problem: str


@dataclass(frozen=True, slots=True)
class Upstream:
    """RingCentral's answer to a request: HTTP status, error code, the parameter or permission it names, request id."""

    http_status: int
    error_code: str | None = None
    request_id: str | None = None
    parameter: str | None = None
    permission: str | None = None
    retry_after_seconds: float | None = None


class MeetingsError(Exception):
    """An error that a model reads: a code of the closed set, a message and the next step.

    `fields` names arguments, `upstream` carries what RingCentral answered. `str(error)` is the message,
    and holds no secret.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        next_step: str,
        *,
        retryable: bool = False,
        retry_after_seconds: float | None = None,
        fields: Sequence[FieldProblem] = (),
        upstream: Upstream | None = None,
    ) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message
        self.next_step = next_step
        self.retryable = retryable
        self.retry_after_seconds = retry_after_seconds
        self.fields = tuple(fields)
        self.upstream = upstream


class Refused(MeetingsError):
    """Nothing was done."""


class Unanswered(MeetingsError):
    """A request was sent; whether it was carried out is not known."""


def quoted(value: object) -> str:
    """Return a value from outside, fit to be quoted in a message: cleaned, at most 80 characters."""
    return truncated(clean(str(value)), MAX_ECHO_CHARS)


def as_json(error: MeetingsError) -> str:
    """Return the error as compact JSON, `{"error": {...}}`, of at most 1,000 characters."""
    for length in (320, 240, 160, 80, 40, 20):
        text = json.dumps({"error": _body(error, length)}, ensure_ascii=False, separators=(",", ":"))
        if len(text) <= MAX_ERROR_CHARS:
            break
    return text


def in_words(error: MeetingsError) -> str:
    """Return the error as one line of text: what failed and what to do. For answers that cannot hold JSON."""
    return f"{truncated(clean(error.message), 320)} {truncated(error.next_step, 320)}"


def next_step_for_a_person(error: MeetingsError, again: str) -> str:
    """Return the next step for a person at a terminal, who calls no tools; `again` is how to try again there."""
    text = error.next_step.replace("call again", again)
    return truncated(text.replace("Call again", again[0].upper() + again[1:]), 320)


def _body(error: MeetingsError, length: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "code": error.code,
        "message": truncated(clean(error.message), length),
        "next_step": truncated(clean(error.next_step), length),
        "retryable": error.retryable,
    }
    if error.retry_after_seconds is not None:
        body["retry_after_seconds"] = ceil(error.retry_after_seconds)
    if error.fields:
        body["fields"] = [
            {"name": truncated(quoted(field.name), length), "problem": truncated(clean(field.problem), length)}
            for field in error.fields[:MAX_FIELDS]
        ]
    if len(error.fields) > MAX_FIELDS:
        body["more_fields"] = len(error.fields) - MAX_FIELDS
    if error.upstream is not None:
        body["ringcentral"] = _upstream_body(error.upstream, length)
    return body


def _upstream_body(upstream: Upstream, length: int) -> dict[str, Any]:
    facts = {
        "error_code": upstream.error_code and truncated(quoted(upstream.error_code), length),
        "http_status": upstream.http_status,
        "request_id": upstream.request_id and truncated(quoted(upstream.request_id), length),
    }
    return {name: value for name, value in facts.items() if value is not None}
