"""The closed set of error codes, the exception tree, and the words for each error.

    MeetingsError
    ├── Refused       nothing was done: our own check, or an answer of RingCentral, said no
    └── Unanswered    a request was sent and its outcome is not known from the answer

Everything that a model reads of a failure is worded here. A message says what failed and why, with the
known values; `next_step` says what to do, naming the tool, argument or setting.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from ringcentral_meetings.text import clean, cut

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


def echo(value: object) -> str:
    """A value given by somebody else, fit to be quoted in a message: cleaned, at most 80 characters."""
    return cut(clean(str(value)), MAX_ECHO_CHARS)


def as_json(error: MeetingsError) -> str:
    """The error as compact JSON, `{"error": {...}}`, of at most 1,000 characters."""
    for length in (320, 240, 160, 80, 40):
        text = json.dumps({"error": _body(error, length)}, ensure_ascii=False, separators=(",", ":"))
        if len(text) <= MAX_ERROR_CHARS:
            break
    return text


def _body(error: MeetingsError, length: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "code": error.code,
        "message": cut(clean(error.message), length),
        "next_step": cut(error.next_step, length),
        "retryable": error.retryable,
    }
    if error.retry_after_seconds is not None:
        body["retry_after_seconds"] = ceil(error.retry_after_seconds)
    if error.fields:
        body["fields"] = [
            {"name": echo(field.name), "problem": cut(clean(field.problem), length)}
            for field in error.fields[:MAX_FIELDS]
        ]
    if len(error.fields) > MAX_FIELDS:
        body["more_fields"] = len(error.fields) - MAX_FIELDS
    if error.upstream is not None:
        body["ringcentral"] = _upstream_body(error.upstream)
    return body


def _upstream_body(upstream: Upstream) -> dict[str, Any]:
    facts = {
        "error_code": upstream.error_code and echo(upstream.error_code),
        "http_status": upstream.http_status,
        "request_id": upstream.request_id and echo(upstream.request_id),
    }
    return {name: value for name, value in facts.items() if value is not None}


# What is wrong with a call's arguments


def invalid_arguments(*fields: FieldProblem, next_step: str = "Correct the arguments named and call again.") -> Refused:
    named = "; ".join(f"{echo(field.name)}: {field.problem}" for field in fields[:MAX_FIELDS])
    return Refused("invalid_arguments", named, next_step, fields=fields if len(fields) > 1 else ())


def invalid_argument(name: str, problem: str, next_step: str = "Correct the argument and call again.") -> Refused:
    return Refused("invalid_arguments", f"{echo(name)}: {problem}", next_step)


def unknown_arguments(tool: str, unknown: Iterable[str], valid: Iterable[str], hints: Mapping[str, str]) -> Refused:
    names = sorted(unknown)
    hint = next((hints[name] for name in names if name in hints), None)
    listed = ", ".join(echo(name) for name in names[:MAX_FIELDS])
    return Refused(
        "invalid_arguments",
        f"{tool} has no argument {listed}. Nothing was done.",
        hint or f"Use only: {', '.join(valid) or 'no arguments'}.",
    )


def unknown_tool(name: str, tools: Iterable[str]) -> Refused:
    return Refused("invalid_arguments", f"There is no tool {echo(name)}.", f"The tools are: {', '.join(tools)}.")


def invalid_path_value(name: str, value: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f'{name} "{echo(value)}" is not an id.',
        "Give the id as list_meetings or create_meeting returned it.",
    )


def contradiction(name: str, meeting_type: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f'{name}: does not go with meeting_type "{meeting_type}", which has '
        + {"Scheduled": "one date", "Instant": "no time: it is for now"}.get(meeting_type, "no fixed time")
        + ".",
        f'Leave {name} out, or use meeting_type="{"ScheduledRecurring" if name == "recurrence" else "Scheduled"}".',
    )


def missing_with(name: str, meeting_type: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f'{name}: is required with meeting_type "{meeting_type}".',
        f"Give {name}, or choose another meeting_type.",
    )


def nothing_to_change() -> Refused:
    return Refused(
        "invalid_arguments",
        "No field to change was given.",
        "Give at least one of topic, start_time, duration_minutes, meeting_type, recurrence, password, settings.",
    )


def zone_not_offered(zone: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f"RingCentral does not offer the time zone {echo(zone)}, nor one with the same clock changes, for a series.",
        "Use the zone of a larger city with the same clock, or create single meetings.",
    )


def zone_needed(why: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f"time_zone is needed: {why}",
        'Give time_zone as an IANA name such as "America/New_York"; RINGCENTRAL_TIME_ZONE sets a default.',
    )


def invalid_page_token() -> Refused:
    return Refused(
        "invalid_arguments",
        "page_token does not belong to this query.",
        "Repeat the very arguments that gave the page_token, or leave it out to begin again.",
    )


# What is not there, or is not what was meant


def meeting_not_found(meeting_id: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "not_found",
        f'meeting_id "{echo(meeting_id)}" was not found: it was deleted, has ended, or belongs to someone else.',
        "list_meetings gives the current ids.",
        upstream=upstream,
    )


def host_not_found(host_id: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "not_found",
        f'host_id "{echo(host_id)}" is no extension of this account that one may act for.',
        "Leave host_id out for one's own meetings, or give the extension id of a person one may schedule for.",
        upstream=upstream,
    )


def occurrence_not_found(occurrence_id: str, meeting_id: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "not_found",
        f'occurrence_id "{echo(occurrence_id)}" is not an occurrence of meeting {echo(meeting_id)}.',
        "list_meetings shows the occurrence_id of each occurrence in its window.",
        upstream=upstream,
    )


def target_mismatch(meeting_id: str, problem: str, live: str) -> Refused:
    return Refused(
        "target_mismatch",
        f"{problem} Meeting {echo(meeting_id)} is {live}. Nothing was done.",
        "If that is the meeting meant, call again with its topic and start; else look for it with list_meetings.",
    )


def scope_required(series: str) -> Refused:
    return Refused(
        "scope_required",
        f"This meeting is a series: {series}. Nothing was done.",
        'Ask which is meant, then give scope="occurrence" with occurrence_id, or scope="series".',
    )


def not_a_series(meeting_id: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f"Meeting {echo(meeting_id)} is a single meeting and has no occurrences. Nothing was done.",
        "Leave scope and occurrence_id out.",
    )


def conflict(meetings: Sequence[str]) -> Refused:
    more = f" and {len(meetings) - 1} more" if len(meetings) > 1 else ""
    return Refused(
        "conflict",
        f"The time is taken by {meetings[0]}{more}. Nothing was created.",
        'Choose another time, or call again with if_conflict="report".',
    )


def declined(action: str) -> Refused:
    return Refused(
        "declined",
        f"The person did not confirm: {action}. Nothing was done.",
        "Ask the person what they want instead; do not call again unasked.",
    )


def confirmation_impossible(action: str) -> Refused:
    return Refused(
        "declined",
        f"RINGCENTRAL_CONFIRM=always asks a person before a deletion or ending; this client cannot ask: {action}.",
        "Do it in the RingCentral app, use a client with form elicitation, or set RINGCENTRAL_CONFIRM=auto.",
    )


def not_supported_by_product(what: str, next_step: str) -> Refused:
    return Refused("not_supported_by_product", what, next_step)


# Signing in and permissions


def not_signed_in() -> Refused:
    return Refused(
        "not_signed_in",
        "No RingCentral credentials are set.",
        "Set RINGCENTRAL_CLIENT_ID, RINGCENTRAL_CLIENT_SECRET and RINGCENTRAL_JWT where the server is started, "
        "or start it with --simulator, which needs nothing.",
    )


def sign_in_refused(upstream: Upstream, oauth_error: str | None) -> Refused:
    """The token endpoint's refusal. Codes: RingCentral developer guide, "Authentication errors"."""
    code = upstream.error_code
    if code == "CMN-408":
        return Refused(
            "user_permission_missing",
            "The user's role does not allow third-party apps (ThirdPartyAppAccess).",
            "Ask the account's administrator for that permission.",
            upstream=upstream,
        )
    if oauth_error == "invalid_client" or code in {"OAU-123", "OAU-146", "OAU-153"}:
        return Refused(
            "not_signed_in",
            "RingCentral does not accept the client id and secret.",
            "Check RINGCENTRAL_CLIENT_ID, RINGCENTRAL_CLIENT_SECRET and RINGCENTRAL_SERVER_URL.",
            upstream=upstream,
        )
    if oauth_error in {"unauthorized_client", "unsupported_grant_type"} or code in {"OAU-250", "OAU-251"}:
        return Refused(
            "app_permission_missing",
            "The RingCentral app does not allow this way of signing in.",
            "In the developer console set the app's auth flow to JWT, or use the credentials of an app that has it.",
            upstream=upstream,
        )
    return Refused(
        "session_expired",
        "RingCentral does not accept the JWT: it has expired, was revoked, or belongs to another app or server.",
        "Create a new JWT in the developer console and set RINGCENTRAL_JWT.",
        upstream=upstream,
    )


def _session_expired(upstream: Upstream) -> Refused:
    return Refused(
        "session_expired",
        "RingCentral ended the session, and a renewed one was not accepted either.",
        "Check the credentials (RINGCENTRAL_JWT or RINGCENTRAL_ACCESS_TOKEN), then call again.",
        upstream=upstream,
    )


# What RingCentral answers

_INVALID_CODES = frozenset({"CMN-101", "CMN-103", "CMN-104", "CMN-108", "CMN-406", "CMN-407", "CMN-409", "CMN-411"})
_USER_CODES = frozenset({"CMN-402", "CMN-403", "CMN-404", "CMN-405", "CMN-408"})
_FEATURE_CODES = frozenset({"CMN-109", "CMN-120", "CMN-202"})


def refusal(upstream: Upstream) -> MeetingsError:
    """The error for an answer outside 2xx, by error code first and status second.

    Codes: RingCentral developer guide, "API errors".
    """
    code, status = upstream.error_code, upstream.http_status
    if status == 429:
        return rate_limited(upstream.retry_after_seconds or 60, upstream)
    if status >= 500 and code not in _FEATURE_CODES:
        return _server_error(upstream)
    if status == 401:
        return _session_expired(upstream)
    if code == "CMN-401":
        return _app_permission_missing(upstream)
    if code in _USER_CODES:
        return _user_permission_missing(upstream)
    if code in _FEATURE_CODES:
        return _feature_unavailable(upstream)
    if code == "CMN-102" or status == 404:
        return _resource_not_found(upstream)
    if status == 403:
        return _user_permission_missing(upstream)
    if code in _INVALID_CODES or 400 <= status < 500:
        return _rejected_value(upstream)
    return _redirected(upstream)


def _app_permission_missing(upstream: Upstream) -> Refused:
    scope = f" {echo(upstream.permission)}" if upstream.permission else ""
    return Refused(
        "app_permission_missing",
        f"The RingCentral app lacks the application scope{scope}.",
        "Add the scope to the app in the developer console (Meetings has to be asked of RingCentral support), "
        "then sign in anew.",
        upstream=upstream,
    )


def _user_permission_missing(upstream: Upstream) -> Refused:
    permission = f" {echo(upstream.permission)}" if upstream.permission else ""
    return Refused(
        "user_permission_missing",
        f"The signed-in RingCentral user may not do this: the permission{permission} is missing.",
        "Leave host_id out to act for oneself, or ask the account's administrator for the permission.",
        upstream=upstream,
    )


def _feature_unavailable(upstream: Upstream) -> Refused:
    return Refused(
        "feature_unavailable",
        "RingCentral does not offer this feature to the account or user.",
        "The account may have RingCentral Video instead of RingCentral Meetings: ask its administrator.",
        upstream=upstream,
    )


def _resource_not_found(upstream: Upstream) -> Refused:
    parameter = f" for {echo(upstream.parameter)}" if upstream.parameter else ""
    return Refused(
        "not_found",
        f"RingCentral has nothing{parameter} under the id given.",
        "Check the ids: list_meetings gives meeting_id and host_id.",
        upstream=upstream,
    )


def _rejected_value(upstream: Upstream) -> Refused:
    parameter = f' the value of "{echo(upstream.parameter)}"' if upstream.parameter else " a value of the request"
    return Refused(
        "invalid_arguments",
        f"RingCentral rejects{parameter}.",
        "Change that argument and call again; get_meeting shows what a meeting holds.",
        upstream=upstream,
    )


def _redirected(upstream: Upstream) -> Refused:
    return Refused(
        "upstream_unavailable",
        f"The server answered with status {upstream.http_status}, which an API does not; it was not followed.",
        "Check RINGCENTRAL_SERVER_URL.",
        upstream=upstream,
    )


def _server_error(upstream: Upstream) -> Unanswered:
    return Unanswered(
        "upstream_unavailable",
        f"RingCentral failed with status {upstream.http_status}.",
        "Try again in a minute.",
        retryable=True,
        retry_after_seconds=upstream.retry_after_seconds,
        upstream=upstream,
    )


def rate_limited(seconds: float, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "rate_limited",
        f"RingCentral's rate limit is used up for {ceil(seconds)} s. This request was not carried out.",
        f"Wait {ceil(seconds)} s, then call again; until then leave RingCentral alone.",
        retryable=True,
        retry_after_seconds=seconds,
        upstream=upstream,
    )


# What comes between us and RingCentral


def unreachable(host: str, reason: str) -> Refused:
    return Refused(
        "upstream_unavailable",
        f"No connection to {echo(host)} ({reason}); the request was not sent.",
        "Check the network, RINGCENTRAL_SERVER_URL and RINGCENTRAL_PROXY, then call again.",
        retryable=True,
    )


def no_answer(reason: str) -> Unanswered:
    code: Code = "timed_out" if reason == "timeout" else "upstream_unavailable"
    return Unanswered(code, f"RingCentral did not answer ({reason}).", "Try again in a minute.", retryable=True)


def unreadable_answer(upstream: Upstream, why: str) -> Unanswered:
    return Unanswered(
        "upstream_unavailable",
        f"RingCentral's answer (status {upstream.http_status}) could not be read: {why}.",
        "Try again in a minute; if it stays, check RINGCENTRAL_SERVER_URL.",
        retryable=True,
        upstream=upstream,
    )


def timed_out(seconds: float) -> Unanswered:
    return Unanswered(
        "timed_out",
        f"The call was not done within {seconds:g} s.",
        "Call again, with a smaller window or limit where there is one.",
        retryable=True,
    )


def out_of_time(what: str) -> Refused:
    return Refused(
        "timed_out",
        f"{what} was not begun: too little of the call's time was left to see its outcome. Nothing was changed.",
        "Call again.",
        retryable=True,
    )


def outcome_unknown(what: str, check_with: str, upstream: Upstream | None = None) -> Unanswered:
    return Unanswered(
        "outcome_unknown",
        f"{what} was sent, and the answer was lost: it may or may not have happened.",
        f"Do not repeat it blindly. Look first with {check_with}.",
        upstream=upstream,
    )


def not_carried_out(what: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "upstream_unavailable",
        f"{what} failed: RingCentral's answer was lost, and reading back shows that it did not happen.",
        "Call again.",
        retryable=True,
        upstream=upstream,
    )


def internal_error(tool: str) -> Refused:
    return Refused(
        "internal_error",
        f"{tool} failed because of a fault in this server.",
        "Nothing in the arguments explains it. The server's log on stderr has the details.",
    )
