"""What a person reads whose sign-in at RingCentral brought nobody: our words, with RingCentral's code at most.

Facts: RingCentral developer guide, "Authentication errors"; RFC 6749, 4.1.2.1 (the errors that a client is given).
"""

import logging
from typing import Final

from ringcentral_meetings import errors
from ringcentral_meetings.gate.records import Declined
from ringcentral_meetings.users import Person

_GONE: Final = frozenset({"OAU-222", "OAU-232", "OAU-236"})
"""The account or the extension is missing or disabled."""

_NO_PERMISSION: Final = "CMN-408"

logger = logging.getLogger(__name__)


def not_admitted(person: Person) -> Declined:
    """Return that the operator does not admit somebody."""
    logger.warning("Not admitted: %s of the account %s", person.user, person.account)
    return Declined(
        "access_denied",
        "Your account is not admitted",
        f"This server is not open to the RingCentral account {person.account_id} (extension {person.extension_id}). "
        "Ask whoever runs it to admit the account, or begin again and sign in with another one.",
    )


def no_refresh_token() -> Declined:
    """Return that RingCentral gave a session that cannot be renewed, since the app is not set up for it."""
    logger.error("RingCentral gives no refresh tokens: let the app issue them, in the developer console")
    return _misconfigured()


def unavailable() -> Declined:
    """Return that RingCentral does not answer."""
    return Declined(
        "temporarily_unavailable",
        "RingCentral does not answer",
        "The sign-in could not be completed, and nothing was connected. Begin again in your app in a few minutes.",
    )


def because_of(problem: errors.MeetingsError) -> Declined:
    """Return what became of a sign-in that failed."""
    code = problem.upstream.error_code if problem.upstream is not None else None
    logger.warning("A sign-in failed: %s (%s)", problem.code, code or "no code of RingCentral's")
    if code in _GONE:
        return _gone(code)
    if code == _NO_PERMISSION:
        return _no_permission(code, problem.upstream.permission if problem.upstream is not None else None)
    if problem.retryable or problem.code in {"upstream_unavailable", "timed_out", "rate_limited"}:
        return unavailable()
    if problem.code == "session_expired":
        return _refused_code()
    return _misconfigured()


def _gone(code: str | None) -> Declined:
    return Declined(
        "access_denied",
        "RingCentral does not let you in",
        f"RingCentral says that the account or the extension is missing or disabled ({code}). Ask the administrator of "
        "your RingCentral account.",
    )


def _no_permission(code: str, permission: str | None) -> Declined:
    return Declined(
        "access_denied",
        "Your role does not allow this",
        f"Your role at RingCentral lacks the permission {permission or 'ThirdPartyAppAccess'}, without which apps "
        f"such as this one cannot act for you ({code}). Ask the administrator of your RingCentral account for it.",
    )


def _refused_code() -> Declined:
    return Declined(
        "access_denied",
        "The sign-in took too long",
        "RingCentral accepts a sign-in for one minute, and once. Nothing was connected. Begin again in your app.",
    )


def _misconfigured() -> Declined:
    return Declined(
        "server_error",
        "This server is not set up correctly",
        "RingCentral does not accept the app of this server, or the app lacks a permission. Nothing was connected. "
        "Tell whoever runs the server: its log has the reason.",
    )
