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
MAX_PEOPLE = 4


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
    for length in (320, 240, 160, 80, 40, 20):
        text = json.dumps({"error": _body(error, length)}, ensure_ascii=False, separators=(",", ":"))
        if len(text) <= MAX_ERROR_CHARS:
            break
    return text


def in_words(error: MeetingsError) -> str:
    """The error where an answer has room for words alone: what failed and what to do."""
    return f"{cut(clean(error.message), 320)} {cut(error.next_step, 320)}"


def _body(error: MeetingsError, length: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "code": error.code,
        "message": cut(clean(error.message), length),
        "next_step": cut(clean(error.next_step), length),
        "retryable": error.retryable,
    }
    if error.retry_after_seconds is not None:
        body["retry_after_seconds"] = ceil(error.retry_after_seconds)
    if error.fields:
        body["fields"] = [
            {"name": cut(echo(field.name), length), "problem": cut(clean(field.problem), length)}
            for field in error.fields[:MAX_FIELDS]
        ]
    if len(error.fields) > MAX_FIELDS:
        body["more_fields"] = len(error.fields) - MAX_FIELDS
    if error.upstream is not None:
        body["ringcentral"] = _upstream_body(error.upstream, length)
    return body


def _upstream_body(upstream: Upstream, length: int) -> dict[str, Any]:
    facts = {
        "error_code": upstream.error_code and cut(echo(upstream.error_code), length),
        "http_status": upstream.http_status,
        "request_id": upstream.request_id and cut(echo(upstream.request_id), length),
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


def unknown_prompt(name: str, prompts: Iterable[str]) -> Refused:
    return Refused("invalid_arguments", f"There is no prompt {echo(name)}.", f"The prompts are: {', '.join(prompts)}.")


def prompt_arguments(prompt: str, missing: Sequence[str], unknown: Iterable[str], valid: Sequence[str]) -> Refused:
    """What is wrong with the arguments of a prompt: what it needs and was not given, else what it does not know."""
    problem = (
        f"The prompt {prompt} needs {', '.join(missing)}."
        if missing
        else f"The prompt {prompt} has no argument {', '.join(echo(name) for name in sorted(unknown)[:MAX_FIELDS])}."
    )
    return Refused("invalid_arguments", problem, f"Its arguments are: {', '.join(valid) or 'none'}.")


def unknown_resource(uri: str, templates: Iterable[str]) -> Refused:
    return Refused("not_found", f"There is no resource {echo(uri)}.", f"The resources are: {', '.join(templates)}.")


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


def no_calendar_file(meeting_id: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f"Meeting {echo(meeting_id)} has no fixed time, so there is no calendar file of it.",
        "get_meeting_invitation gives its text; update_meeting with start_time gives it a time.",
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


def host_not_found(host_id: str, upstream: Upstream | None = None, people: Sequence[str] | None = None) -> Refused:
    """`people` are those whom one may schedule for, as far as RingCentral tells."""
    return Refused(
        "not_found",
        f'host_id "{echo(host_id)}" is no extension of this account that one may act for.',
        f"Leave host_id out for one's own meetings. {_delegators(people)}",
        upstream=upstream,
    )


def delegation_missing(host_id: str, upstream: Upstream | None = None, people: Sequence[str] | None = None) -> Refused:
    """`people` are those whom one may schedule for, as far as RingCentral tells."""
    permission = f" the permission {echo(upstream.permission)}, or" if upstream and upstream.permission else ""
    return Refused(
        "user_permission_missing",
        f'The signed-in user may not act for host_id "{echo(host_id)}": missing is{permission} the delegation '
        "by which that person lets the user schedule for them.",
        f"That person or an administrator can grant it in RingCentral. {_delegators(people)}",
        upstream=upstream,
    )


def _delegators(people: Sequence[str] | None) -> str:
    if people is None:
        return "Whom one may schedule for could not be read."
    if not people:
        return "There is nobody whom one may schedule for."
    more = f" and {len(people) - MAX_PEOPLE} more" if len(people) > MAX_PEOPLE else ""
    return f"One may schedule for: {'; '.join(people[:MAX_PEOPLE])}{more}."


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


def login_command(profile: str) -> str:
    """The command line that signs a person in with a browser."""
    return "ringcentral-meetings-mcp login" + ("" if profile == "default" else f" --profile {profile}")


def not_signed_in() -> Refused:
    return Refused(
        "not_signed_in",
        "No RingCentral credentials are set.",
        "Set RINGCENTRAL_CLIENT_ID where the server is started and run `ringcentral-meetings-mcp login` in a terminal; "
        "or set RINGCENTRAL_CLIENT_ID, RINGCENTRAL_CLIENT_SECRET and RINGCENTRAL_JWT; "
        "or start it with --simulator, which needs nothing.",
    )


def nobody_signed_in(profile: str) -> Refused:
    return Refused(
        "not_signed_in",
        f'Nobody is signed in to RingCentral with the client id that is set (profile "{profile}").',
        f"Run `{login_command(profile)}` in a terminal with the same RINGCENTRAL_CLIENT_ID, or set RINGCENTRAL_JWT; "
        "then call again.",
    )


def session_ended(profile: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "session_expired",
        "The RingCentral session of the last login is over: it expired, or it was ended elsewhere.",
        f"Run `{login_command(profile)}` in a terminal, then call again.",
        upstream=upstream,
    )


def foreign_redirect() -> Refused:
    return Refused(
        "not_signed_in",
        "The address that the browser came back with does not belong to this login (its state or code is missing "
        "or another's).",
        "Run login again and use the newest page alone.",
    )


def consent_refused(oauth_error: str) -> Refused:
    if oauth_error == "access_denied":
        why, step = "Access was refused on RingCentral's page.", "Run login again and allow it there."
    else:
        why = f"RingCentral's page answered with the error {echo(oauth_error)}."
        step = "Check the app in the developer console: its auth flow, its redirect address and its client id."
    return Refused("not_signed_in", why, step)


def authorize_refused(upstream: Upstream, redirect_uri: str) -> Refused:
    return Refused(
        "not_signed_in",
        "RingCentral knows no app with this client id and redirect address.",
        f"Check RINGCENTRAL_CLIENT_ID and RINGCENTRAL_SERVER_URL; the app must list exactly {redirect_uri}.",
        upstream=upstream,
    )


def token_store_unusable(where: str, why: str) -> Refused:
    return Refused(
        "not_signed_in",
        f"{where} cannot be used: {why}.",
        "Mend or delete it and run `ringcentral-meetings-mcp login` again; RINGCENTRAL_TOKEN_STORE=file or memory "
        "does without a keyring or a file.",
    )


_WRONG_FLOW: Mapping[str, str] = {
    "jwt": "In the developer console set the app's auth flow to JWT, or use the credentials of an app that has it.",
    "code": "In the developer console set the app's auth flow to the authorization code (3-legged OAuth) flow.",
    "refresh": "In the developer console let the app issue refresh tokens.",
}
_FLOW_CODES = frozenset({"OAU-112", "OAU-125", "OAU-250", "OAU-251"})


def sign_in_refused(
    upstream: Upstream, oauth_error: str | None, grant: Literal["jwt", "refresh", "code"] = "jwt"
) -> Refused:
    """The token endpoint's refusal. Codes: RingCentral developer guide, "Authentication errors"."""
    code = upstream.error_code
    if code == "CMN-408":
        return Refused(
            "user_permission_missing",
            "The user's role does not allow third-party apps (ThirdPartyAppAccess).",
            "Ask the account's administrator for that permission.",
            upstream=upstream,
        )
    if oauth_error in {"unauthorized_client", "unsupported_grant_type"} or code in _FLOW_CODES:
        return Refused(
            "app_permission_missing",
            "The RingCentral app does not allow this way of signing in.",
            _WRONG_FLOW[grant],
            upstream=upstream,
        )
    if oauth_error == "invalid_client" or code in {"OAU-120", "OAU-121", "OAU-123", "OAU-146", "OAU-153"}:
        return _client_refused(upstream)
    return _grant_refused(upstream, grant)


def _client_refused(upstream: Upstream) -> Refused:
    problem, step = {
        "OAU-123": (
            "RingCentral asks this app for its client secret.",
            "Set RINGCENTRAL_CLIENT_SECRET to the app's secret in the developer console.",
        ),
        "OAU-146": (
            "RingCentral does not accept the client secret: it is not that of this client id.",
            "Copy the app's secret from the developer console to RINGCENTRAL_CLIENT_SECRET.",
        ),
        "OAU-153": (
            "RingCentral does not know the client id.",
            "Copy the app's client id from the developer console to RINGCENTRAL_CLIENT_ID.",
        ),
    }.get(
        upstream.error_code or "",
        (
            "RingCentral does not accept the client id and secret.",
            "Check RINGCENTRAL_CLIENT_ID, RINGCENTRAL_CLIENT_SECRET and RINGCENTRAL_SERVER_URL.",
        ),
    )
    return Refused("not_signed_in", problem, step, upstream=upstream)


def _grant_refused(upstream: Upstream, grant: str) -> Refused:
    if grant == "refresh":
        return session_ended("default", upstream)
    if grant == "code":
        return Refused(
            "session_expired",
            "RingCentral does not accept the code that the browser brought: it lives for a minute and serves once.",
            "Run login again.",
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
        "RingCentral does not accept the access token: it has expired, or its session was ended.",
        "Set a new RINGCENTRAL_ACCESS_TOKEN if that is set; else run `ringcentral-meetings-mcp login` in a terminal.",
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
    return no_api(upstream)


def _app_permission_missing(upstream: Upstream) -> Refused:
    return scope_missing(upstream.permission, upstream)


def scope_missing(scope: str | None, upstream: Upstream | None = None) -> Refused:
    named = f" {echo(scope)}" if scope else ""
    return Refused(
        "app_permission_missing",
        f"The RingCentral app lacks the application scope{named}.",
        "Add the scope to the app in the developer console (Meetings has to be asked of RingCentral support), "
        "then sign in anew.",
        upstream=upstream,
    )


def _user_permission_missing(upstream: Upstream) -> Refused:
    return permission_missing(upstream.permission, upstream)


def permission_missing(permission: str | None, upstream: Upstream | None = None) -> Refused:
    named = f" {echo(permission)}" if permission else ""
    return Refused(
        "user_permission_missing",
        f"The signed-in RingCentral user may not do this: the permission{named} is missing.",
        "Ask the account's administrator to add the permission to the user's role.",
        upstream=upstream,
    )


def _feature_unavailable(upstream: Upstream) -> Refused:
    return Refused(
        "feature_unavailable",
        "RingCentral does not offer Meetings to this user: the extension or the account lacks the feature.",
        "Ask the account's administrator to assign the user RingCentral Meetings (or it has RingCentral Video alone).",
        upstream=upstream,
    )


def on_ringcentral_video(upstream: Upstream | None) -> Refused:
    return Refused(
        "feature_unavailable",
        "This user's meetings are on RingCentral Video; RingCentral Meetings, which this tool needs, is not there.",
        "Use the RingCentral app for them; the account's administrator says whether Meetings can be had as well.",
        upstream=upstream,
    )


def _resource_not_found(upstream: Upstream) -> Refused:
    parameter = f" for {echo(upstream.parameter)}" if upstream.parameter else ""
    return Refused(
        "not_found",
        f"RingCentral has nothing{parameter} under the id given.",
        "Check the ids: list_meetings gives meeting_id. get_meeting gives host_id.",
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


def no_api(upstream: Upstream) -> Refused:
    return Refused(
        "upstream_unavailable",
        f"The server answered with status {upstream.http_status} as RingCentral's API does not; nothing was followed.",
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
