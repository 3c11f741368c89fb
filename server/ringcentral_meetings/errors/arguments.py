"""Errors in the arguments of a call."""

from collections.abc import Iterable, Mapping, Sequence

from ringcentral_meetings.errors.codes import MAX_FIELDS, FieldProblem, Refused, quoted


def invalid_arguments(*fields: FieldProblem, next_step: str = "Correct the arguments named and call again.") -> Refused:
    named = "; ".join(f"{quoted(field.name)}: {field.problem}" for field in fields[:MAX_FIELDS])
    return Refused("invalid_arguments", named, next_step, fields=fields if len(fields) > 1 else ())


def invalid_argument(name: str, problem: str, next_step: str = "Correct the argument and call again.") -> Refused:
    return Refused("invalid_arguments", f"{quoted(name)}: {problem}", next_step)


def unknown_arguments(
    tool: str,
    unknown: Iterable[str],
    valid: Iterable[str],
    hints: Mapping[str, str],
    nested: Mapping[str, Iterable[str]],
) -> Refused:
    """`nested` has the names within each argument that is an object; `hints` says what to do instead of a name."""
    names = sorted(unknown)
    hint = next((hints[name] for name in names if name in hints), None)
    inside = next(((outer, name) for name in names for outer, inner in nested.items() if name in inner), None)
    if hint is None and inside is not None:
        hint = f'Give it within {inside[0]}: {inside[0]}={{"{inside[1]}": ...}}.'
    listed = ", ".join(quoted(name) for name in names[:MAX_FIELDS])
    return Refused(
        "invalid_arguments",
        f"{tool} has no argument {listed}. Nothing was done.",
        hint or f"Use only: {', '.join(valid) or 'no arguments'}.",
    )


def unknown_tool(name: str, tools: Iterable[str]) -> Refused:
    return Refused("invalid_arguments", f"There is no tool {quoted(name)}.", f"The tools are: {', '.join(tools)}.")


def not_initialized(method: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f"{quoted(method)} came before the session was initialized.",
        "Send initialize first; or, with protocol 2026-07-28, name the protocol version in params._meta.",
    )


def invalid_request(method: str, missing: Sequence[str], wrong: Sequence[str]) -> Refused:
    """Return the error for a request whose params do not fit its method; the names are dotted paths."""
    problems = [f"{quoted(name)} is missing" for name in missing] + [f"{quoted(name)} is invalid" for name in wrong]
    return Refused(
        "invalid_arguments",
        f"Invalid request {quoted(method)}: {', '.join(problems[:MAX_FIELDS])}.",
        "Correct its params.",
    )


def unknown_prompt(name: str, prompts: Iterable[str]) -> Refused:
    return Refused(
        "invalid_arguments", f"There is no prompt {quoted(name)}.", f"The prompts are: {', '.join(prompts)}."
    )


def prompt_arguments(prompt: str, missing: Sequence[str], unknown: Iterable[str], valid: Sequence[str]) -> Refused:
    """Return the error that names a prompt's missing arguments, else its unknown ones."""
    problem = (
        f"The prompt {prompt} needs {', '.join(missing)}."
        if missing
        else f"The prompt {prompt} has no argument {', '.join(quoted(name) for name in sorted(unknown)[:MAX_FIELDS])}."
    )
    return Refused("invalid_arguments", problem, f"Its arguments are: {', '.join(valid) or 'none'}.")


def unknown_resource(uri: str, templates: Iterable[str]) -> Refused:
    return Refused("not_found", f"There is no resource {quoted(uri)}.", f"The resources are: {', '.join(templates)}.")


def invalid_path_value(name: str, value: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f'{name} "{quoted(value)}" is not a valid id.',
        "Give the id as list_meetings or create_meeting returned it.",
    )


EXPLAINED = "explained"
"""The kind of a validation error whose message is one of ours."""

NO_YEARLY_SERIES = (
    "cannot be Yearly: RingCentral repeats Daily, Weekly or Monthly (every 3 months at most). Create one meeting for "
    "each year, without recurrence"
)


def read_only(tool: str, tools: Iterable[str]) -> Refused:
    return Refused(
        "invalid_arguments",
        f"{quoted(tool)} is not available: this server is read-only. Nothing was changed.",
        f"A person can restart the server without --read-only (RINGCENTRAL_READ_ONLY). The tools are: "
        f"{', '.join(tools)}.",
    )


def scope_not_granted(scope: str) -> Refused:
    """Return the error of a call for which the person has not given the MCP client enough."""
    return Refused(
        "user_permission_missing",
        f"The person has not allowed this MCP client to do that: its access lacks {scope}. Nothing was changed.",
        "Ask the person to disconnect and connect this server in the client again, and to allow changes there.",
    )


def contradiction(name: str, meeting_type: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f'{name}: does not go with meeting_type "{meeting_type}", which '
        + {"Scheduled": "has one date", "Instant": "starts now"}.get(meeting_type, "has no fixed time")
        + ".",
        f'Leave {name} out, or use meeting_type="{"ScheduledRecurring" if name == "recurrence" else "Scheduled"}".',
    )


def missing_with(name: str, meeting_type: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f'{name}: is required with meeting_type "{meeting_type}".',
        f"Give {name}, or choose another meeting_type.",
    )


def start_needed() -> Refused:
    return invalid_argument(
        "start_time",
        "is required, unless the meeting starts now or has no fixed time",
        'Give start_time, or meeting_type="Instant" (starts now) or "Recurring" (no fixed time).',
    )


def series_under_way(start: str, following: str) -> Refused:
    return invalid_argument(
        "start_time",
        f"{start} is in the past: the series is under way, and its next date is {following}",
        "Give the new time on that date or on a later one.",
    )


def own_time(meeting_id: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f"start_time: meeting {quoted(meeting_id)} already has a time, and its invitation states it.",
        "Leave start_time, duration_minutes, time_zone and recurrence out; update_meeting changes them.",
    )


def nothing_to_replace(*, stored: bool) -> Refused:
    """`stored` says whether RingCentral stores the time of the meeting."""
    if stored:
        return invalid_argument(
            "replaces",
            "is for meetings whose time RingCentral does not store",
            "Leave it out: update_meeting moves this one, and its .ics file then replaces the earlier one.",
        )
    return invalid_argument("start_time", "is required with replaces", "Give the new start_time.")


def not_the_uid() -> Refused:
    return invalid_argument(
        "replaces",
        "is not the uid of an entry for this meeting",
        "Give the uid that an earlier get_meeting_invitation of it returned.",
    )


def nothing_to_change() -> Refused:
    return Refused(
        "invalid_arguments",
        "No field to change was given; a blank one is left as it is.",
        "Give one or more of topic, start_time, duration_minutes, meeting_type, recurrence, password, settings, clear.",
    )


def cleared_and_given(name: str) -> Refused:
    return invalid_argument("clear", f"names {name}, and a new value is given too", "Give one of the two.")


def frequency_needed(*, unreadable: bool) -> Refused:
    """`unreadable` says that the meeting does repeat, by a rule that cannot be read and would be replaced."""
    if unreadable:
        return invalid_argument(
            "recurrence.frequency",
            "is required: the rule by which the meeting repeats cannot be read, so nothing can be laid over it",
            "Give the whole new rule, from frequency (Daily, Weekly or Monthly) on.",
        )
    return invalid_argument(
        "recurrence.frequency", "is required: the meeting does not repeat yet", "Give Daily, Weekly or Monthly."
    )


def nothing_repeats() -> Refused:
    return invalid_argument(
        "clear", "names recurrence_end, but no rule by which the meeting repeats can be read", "Leave it out."
    )


def no_calendar_file(meeting_id: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f"Meeting {quoted(meeting_id)} has no fixed time, so it has no calendar file.",
        "get_meeting_invitation gives its text; with start_time, also a calendar file for that time.",
    )


def unknown_country(text: str, shared: Sequence[str], similar: Sequence[str]) -> Refused:
    """`shared` has the countries of a dialling code that several have, `similar` the names like an unknown one."""
    others = ", and others" if len(shared) > MAX_FIELDS else ""
    problem = f"belongs to {', '.join(shared[:MAX_FIELDS])}{others}" if shared else "is not a known country"
    meant = f"Did you mean {' or '.join(similar)}? " if similar and not shared else ""
    return invalid_argument(
        "settings.global_dial_in_countries",
        f'"{quoted(text)}" {problem}',
        f'{meant}Give ISO codes or names, such as "GB" or "Germany"; get_meeting_service_info lists the countries.',
    )


def zone_not_offered(zone: str) -> Refused:
    return Refused(
        "invalid_arguments",
        f"RingCentral does not offer the time zone {quoted(zone)}, nor one with the same clock changes, for a series.",
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
        "Repeat the arguments that returned the page_token, or leave it out to start over.",
    )
