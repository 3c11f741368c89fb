"""Errors for what RingCentral answers, chosen by error code first and HTTP status second."""

from collections.abc import Callable, Mapping
from math import ceil

from ringcentral_meetings.errors.access import Way, session_expired
from ringcentral_meetings.errors.codes import MeetingsError, Refused, Unanswered, Upstream, quoted

_USER_CODES = frozenset({"CMN-402", "CMN-403", "CMN-404", "CMN-405", "CMN-408"})
_FEATURE_CODES = frozenset({"CMN-109", "CMN-120", "CMN-202"})


def refusal(upstream: Upstream, way: Way | None = None) -> MeetingsError:
    """Return the error for an answer outside 2xx, by error code first and status second.

    `way` is how the request was signed in; the next step depends on it.
    Codes: RingCentral developer guide, "API errors".
    """
    code, status = upstream.error_code, upstream.http_status
    if status == 429:
        return rate_limited(upstream.retry_after_seconds or 60, upstream)
    if status in _OTHER_STATE:
        return _OTHER_STATE[status](upstream)
    if status >= 500 and code not in _FEATURE_CODES:
        return _server_error(upstream)
    if status == 401:
        return session_expired(upstream, way)
    if known := _BY_CODE.get(code or "") or _BY_STATUS.get(status):
        return known(upstream)
    return _rejected_value(upstream) if 400 <= status < 500 else no_api(upstream)


def _app_permission_missing(upstream: Upstream) -> Refused:
    return scope_missing(upstream.permission, upstream)


def scope_missing(scope: str | None, upstream: Upstream | None = None) -> Refused:
    named = f" {quoted(scope)}" if scope else ""
    granted = " (RingCentral support grants it)" if scope == "Meetings" else ""
    return Refused(
        "app_permission_missing",
        f"The RingCentral app lacks the application scope{named}.",
        f"Add the scope to the app in the developer console{granted}, then sign in again.",
        upstream=upstream,
    )


def _user_permission_missing(upstream: Upstream) -> Refused:
    return permission_missing(upstream.permission, upstream)


def permission_missing(permission: str | None, upstream: Upstream | None = None) -> Refused:
    named = f" {quoted(permission)}" if permission else ""
    return Refused(
        "user_permission_missing",
        f"The signed-in RingCentral user may not do this: the permission{named} is missing.",
        "Ask the account's administrator to add the permission to the user's role.",
        upstream=upstream,
    )


def _feature_unavailable(upstream: Upstream) -> Refused:
    return Refused(
        "feature_unavailable",
        "RingCentral does not offer this to the user: the extension or the account lacks the feature.",
        "Ask the account's administrator for it; RINGCENTRAL_PRODUCT=meetings or video chooses between the products.",
        upstream=upstream,
    )


def _resource_not_found(upstream: Upstream) -> Refused:
    parameter = f" as {quoted(upstream.parameter)}" if upstream.parameter else ""
    return Refused(
        "not_found",
        f"RingCentral does not know the id given{parameter}.",
        "Check the ids: list_meetings gives meeting_id; get_meeting gives host_id.",
        upstream=upstream,
    )


def _rejected_value(upstream: Upstream) -> Refused:
    parameter = f' the value of "{quoted(upstream.parameter)}"' if upstream.parameter else " a value of the request"
    return Refused(
        "invalid_arguments",
        f"RingCentral rejects{parameter}.",
        "Change that argument and call again; get_meeting shows what a meeting holds.",
        upstream=upstream,
    )


def no_api(upstream: Upstream) -> Refused:
    return Refused(
        "upstream_unavailable",
        f"The server answered with status {upstream.http_status}, as RingCentral's API never does; redirects are not "
        "followed.",
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


def _given_up(upstream: Upstream) -> Unanswered:
    return Unanswered(
        "timed_out", "RingCentral timed out on the request (408).", "Try again.", retryable=True, upstream=upstream
    )


def _in_another_state(upstream: Upstream) -> Refused:
    return Refused(
        "conflict",
        f"RingCentral answered {upstream.http_status}: the meeting is being changed, or its state does not allow this.",
        "Read the meeting with get_meeting, then decide.",
        upstream=upstream,
    )


_Wording = Callable[[Upstream], MeetingsError]

_OTHER_STATE: Mapping[int, _Wording] = {
    408: _given_up,
    409: _in_another_state,
    423: _in_another_state,
    425: _in_another_state,
}
_BY_CODE: Mapping[str, _Wording] = {
    "CMN-401": _app_permission_missing,
    "CMN-102": _resource_not_found,
    **dict.fromkeys(_USER_CODES, _user_permission_missing),
    **dict.fromkeys(_FEATURE_CODES, _feature_unavailable),
}
_BY_STATUS: Mapping[int, _Wording] = {404: _resource_not_found, 403: _user_permission_missing}


def rate_limited(seconds: float, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "rate_limited",
        f"RingCentral's rate limit is used up for {ceil(seconds)} s. This request was not carried out.",
        f"Wait {ceil(seconds)} s, then call again; make no other RingCentral call until then.",
        retryable=True,
        retry_after_seconds=seconds,
        upstream=upstream,
    )
