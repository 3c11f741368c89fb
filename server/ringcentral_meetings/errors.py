"""The closed set of error codes, the exception tree, and the words for each error.

    MeetingsError
    ├── Refused       nothing was done: our own check, or an answer of RingCentral, said no
    └── Unanswered    a request was sent and its outcome is not known from the answer

Everything that a model reads of a failure is worded here. A message says what failed and why, with the
known values; `next_step` says what to do, naming the tool, argument or setting.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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
    """What RingCentral answered: its HTTP status, error code, named parameter or permission, request id."""

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
