"""Errors about the meeting, occurrence or host that a call names."""

from collections.abc import Sequence

from ringcentral_meetings.errors.codes import Refused, Upstream, quoted

MAX_PEOPLE = 4


def meeting_not_found(meeting_id: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "not_found",
        f'meeting_id "{quoted(meeting_id)}" was not found: it was deleted, has ended, or belongs to someone else.',
        "list_meetings gives the current ids.",
        upstream=upstream,
    )


def host_not_found(host_id: str, upstream: Upstream | None = None, people: Sequence[str] | None = None) -> Refused:
    """Return the error for an unknown host; `people` are whom the user may schedule for, None if that is unknown."""
    return Refused(
        "not_found",
        f'host_id "{quoted(host_id)}" is not an extension of this account that the user may act for.',
        f"Leave host_id out for the user's own meetings. {_delegators(people)}",
        upstream=upstream,
    )


def delegation_missing(host_id: str, upstream: Upstream | None = None, people: Sequence[str] | None = None) -> Refused:
    """Return the error for a host who lets the user do nothing; `people` as for `host_not_found`."""
    permission = f"the permission {quoted(upstream.permission)} or " if upstream and upstream.permission else ""
    return Refused(
        "user_permission_missing",
        f'The signed-in user may not act for host_id "{quoted(host_id)}": {permission}the delegation that lets the '
        "user schedule for that person is missing.",
        f"That person or an administrator can grant it in RingCentral. {_delegators(people)}",
        upstream=upstream,
    )


def _delegators(people: Sequence[str] | None) -> str:
    if people is None:
        return "Whom the user may schedule for could not be read."
    if not people:
        return "The user cannot schedule for anyone else."
    more = f" and {len(people) - MAX_PEOPLE} more" if len(people) > MAX_PEOPLE else ""
    return f"The user may schedule for: {'; '.join(people[:MAX_PEOPLE])}{more}."


def occurrence_not_found(occurrence_id: str, meeting_id: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "not_found",
        f'occurrence_id "{quoted(occurrence_id)}" is not an occurrence of meeting {quoted(meeting_id)}.',
        "list_meetings shows the occurrence_id of each occurrence in its window.",
        upstream=upstream,
    )


def target_mismatch(meeting_id: str, problem: str, live: str, again: str = "with its topic and start") -> Refused:
    return Refused(
        "target_mismatch",
        f"{problem} Meeting {quoted(meeting_id)} is {live}. Nothing was done.",
        f"If that is the right meeting, call again {again}; else find the right meeting_id.",
    )


def no_start_to_match(meeting_id: str, live: str) -> Refused:
    return target_mismatch(
        meeting_id,
        "expected_start was given, but RingCentral stores no time for this meeting: it serves every date.",
        live,
        "without expected_start",
    )


def scope_required(series: str) -> Refused:
    return Refused(
        "scope_required",
        f"This meeting is a series: {series}. Nothing was done.",
        'Ask the person which is meant, then give scope="occurrence" with occurrence_id, or scope="series".',
    )


def room_of_several_dates(dates: str) -> Refused:
    """`dates` names the dates on which the calendar uses the room."""
    return Refused(
        "scope_required",
        f"This is {dates}: all of them would lose their link. Nothing was done.",
        'To cancel one date, change or remove it in the calendar. To delete the room, call again with scope="series".',
    )


def not_a_series(meeting_id: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f"Meeting {quoted(meeting_id)} is a single meeting and has no occurrences. Nothing was done.",
        "Leave scope and occurrence_id out.",
    )


def conflict(meetings: Sequence[str], done: str = "created") -> Refused:
    more = f" and {len(meetings) - 1} more" if len(meetings) > 1 else ""
    return Refused(
        "conflict",
        f"The time is taken by {meetings[0]}{more}. Nothing was {done}.",
        'Choose another time, or call again with if_conflict="report".',
    )


def conflict_unknown(reason: str) -> Refused:
    return Refused(
        "conflict",
        f"Whether the time is free is unknown. {reason} Nothing was created.",
        'Look in the calendar with another tool, then call again with if_conflict="report".',
    )


def declined(action: str) -> Refused:
    return Refused(
        "declined",
        f"The person did not confirm: {action}. Nothing was done.",
        "Ask the person what they want instead; do not call again on your own.",
    )


def confirmation_impossible(action: str) -> Refused:
    return Refused(
        "declined",
        f"RINGCENTRAL_CONFIRM=always requires asking the person before a deletion or ending, and this client cannot "
        f"ask: {action}",
        "Do it in the RingCentral app, use a client with form elicitation, or set RINGCENTRAL_CONFIRM=auto.",
    )
