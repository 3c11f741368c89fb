"""Errors about RingCentral's two meeting products: what one of them lacks, and which of them the user has."""

from collections.abc import Sequence

from ringcentral_meetings.errors.codes import MeetingsError, Refused, Upstream, quoted

SCOPES = {"RingCentral Meetings": "Meetings", "RingCentral Video": "Video"}
"""The application scope that each product requires."""

_CHOICES = {"RingCentral Meetings": "meetings", "RingCentral Video": "video"}


def not_supported(product: str, what: str, instead: str) -> Refused:
    """Return the error for what a product lacks: `what` completes "RingCentral Video has no ...", `instead` says
    what to do.
    """
    return Refused("not_supported_by_product", f"{product} has no {what}. Nothing was done.", instead)


def on_other_product(tried: str, has: str, upstream: Upstream | None, *, chosen_by_setting: bool) -> Refused:
    """Return the error for a user whose meetings are on the product `has`, not on the one `tried`."""
    step = (
        f"Set RINGCENTRAL_PRODUCT=auto or {_CHOICES[has]} where the server is started"
        if chosen_by_setting
        else f"Call again: {has} is used from now on"
    )
    return Refused(
        "feature_unavailable",
        f"This user's meetings are on {has}, not on {tried}, which was tried.",
        f"{step}; the app needs the application scope {SCOPES[has]}.",
        retryable=not chosen_by_setting,
        upstream=upstream,
    )


def no_api_of_product(product: str, provider: str, upstream: Upstream | None) -> Refused:
    """Return the error for a product that RingCentral names as the user's, and yet refuses."""
    other = next(name for name in _CHOICES if name != product)
    return Refused(
        "feature_unavailable",
        f"RingCentral does not offer {product} to this user, although it names {quoted(provider)} "
        "as the user's product.",
        f"If the user's meetings are on {other}, set RINGCENTRAL_PRODUCT={_CHOICES[other]} and give the app the "
        f"application scope {SCOPES[other]}; else ask the account's administrator to assign {product}.",
        upstream=upstream,
    )


def product_unknown(problem: MeetingsError | None) -> Refused:
    """Return the error for a user whose product cannot be determined; `problem` is RingCentral's refusal, if any."""
    code = problem.code if problem is not None else "feature_unavailable"
    return Refused(
        code,
        "RingCentral did not say which meeting product this user has; nothing was tried.",
        "Set RINGCENTRAL_PRODUCT=meetings or video where the server is started, or give the app the application "
        "scope ReadAccounts and the user the permission Meetings.",
        upstream=problem.upstream if problem is not None else None,
    )


def room_not_found(meeting_id: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "not_found",
        f'meeting_id "{quoted(meeting_id)}" was not found: the room was deleted, has ended, or never existed.',
        "Give the join link or PIN from the calendar entry or invitation, or meeting_id from list_past_meetings.",
        upstream=upstream,
    )


def room_of_others(meeting_id: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "user_permission_missing",
        f"The room {quoted(meeting_id)} belongs to somebody who has not made the signed-in user a delegate.",
        "Its host can change it, or make the user a delegate in RingCentral.",
        upstream=upstream,
    )


def personal_room_stays(meeting_id: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "user_permission_missing",
        f"RingCentral does not let the signed-in user delete {quoted(meeting_id)}: it is somebody's personal room.",
        "Do not try again. Its host can change its name, password and settings with update_meeting.",
        upstream=upstream,
    )


def room_conflict(upstream: Upstream | None = None) -> Refused:
    about = f" ({quoted(upstream.parameter)})" if upstream is not None and upstream.parameter else ""
    return Refused(
        "conflict",
        f"RingCentral does not accept these settings together{about}. Nothing was done.",
        "Give fewer or other settings; get_meeting shows the current ones.",
        upstream=upstream,
    )


def creation_unsettled() -> Refused:
    return Refused(
        "conflict",
        "The same creation was sent before and its outcome is unknown: no such meeting is visible, but it may exist. "
        "Nothing was done.",
        "Ask the person to look in the RingCentral app. If it is not there, allow_duplicate=true creates another.",
    )


def encryption_incomplete(missing: Sequence[str]) -> Refused:
    """Return the error for a room that would not meet the conditions `missing` of end-to-end encryption."""
    return Refused(
        "invalid_arguments",
        f"settings.e2ee: end-to-end encryption also needs {', '.join(missing)}. Nothing was done.",
        "Give these too, or leave e2ee out.",
    )


def early_joining_closed() -> Refused:
    return Refused(
        "invalid_arguments",
        "settings.allow_join_before_host: does not go with a waiting room for everybody. Nothing was done.",
        "Leave one of the two out, or use waiting_room GuestsOnly or OtherAccount.",
    )


def waiting_room_contradiction() -> Refused:
    return Refused(
        "invalid_arguments",
        "settings.enable_waiting_room: contradicts waiting_room. Nothing was done.",
        "Give waiting_room alone.",
    )
