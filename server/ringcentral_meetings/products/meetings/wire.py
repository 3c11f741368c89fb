"""Meetings from RingCentral Meetings' shapes to ours, and back."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any, cast, get_args
from urllib.parse import urlsplit

from pydantic.alias_generators import to_camel
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import (
    DialInNumber,
    Meeting,
    MeetingDraft,
    MeetingSettings,
    MeetingType,
    Occurrence,
    ServiceInfo,
)
from ringcentral_meetings.platform.api import listed_wire
from ringcentral_meetings.platform.api import meetings_wire as wire
from ringcentral_meetings.untrusted_text import clean_and_cut

READ_ONLY = frozenset({"uri", "uuid", "id", "h323Password", "status", "links", "occurrences", "pmi", "reccurence"})
"""Fields of a response that a request does not have (platform API reference, MeetingRequestResource)."""

TEXT_CHARS, ENTRY_CHARS, ENTRIES = 1_000, 40, 100
"""The most that is shown of a text, of an entry of a list, and of a list that others wrote."""

UNKNOWN_ZONE = "UTC"
"""The zone in which a meeting is read if its own is unknown."""

_TYPES = frozenset(get_args(MeetingType))
_TYPES_OR_NONE = _TYPES | {None}
_FIRST, _LAST = Instant.from_utc(1970, 1, 1), Instant.from_utc(3000, 1, 1)
_LAST_UNTIL = Instant.from_utc(9998, 1, 1)
_MOST_MINUTES, _MOST_INTERVAL, _MOST_COUNT = 366 * 24 * 60, 1_000, 1_000_000
"""The largest values that are read; larger ones are mistakes that no calendar can compute with."""

_NUMBERS = {"interval": "interval", "count": "count", "monthlyByDay": "monthly_by_day", "until": "until"}
"""Parts of a rule without which it would have other dates."""

_RULE_FIELDS = {
    "weekly_days": "weeklyByDays",
    "monthly_day": "monthlyByDay",
    "monthly_week": "monthlyByWeek",
    "monthly_weekday": "monthlyByWeekDay",
    "count": "count",
}


AnyMeeting = wire.Meeting | listed_wire.ListedMeeting
AnySchedule = wire.Schedule | listed_wire.ListedSchedule
AnyOccurrence = wire.Occurrence | listed_wire.ListedOccurrence
AnyRecurrence = wire.Recurrence | listed_wire.ListedRecurrence


def read_meeting(read: AnyMeeting, zone: str | None, *, reveal_start_link: bool) -> Meeting:
    """Return the meeting that a response describes; `zone` is the IANA name of its schedule's zone, if known.

    Raises:
        errors.Unanswered: its times are outside any calendar.
    """
    try:
        return _read_meeting(read, zone, reveal_start_link=reveal_start_link)
    except (ValueError, OverflowError) as strange:
        raise errors.unreadable_answer(errors.Upstream(200), "its times are outside any calendar") from strange


def _read_meeting(read: AnyMeeting, known_zone: str | None, *, reveal_start_link: bool) -> Meeting:
    zone = known_zone or UNKNOWN_ZONE
    schedule = read.schedule
    begins = _instant(schedule.start_time if schedule else None)
    if begins is not None and not _FIRST <= begins < _LAST:
        raise ValueError(begins)
    kind, rule = _meeting_type(read, begins), _read_rule(read.recurrence, zone)
    links = read.links
    return Meeting(
        meeting_id=read.id or "",
        topic=read.topic or "",
        meeting_type=kind,
        start=timing.at(begins, zone) if begins is not None else None,
        duration_minutes=_minutes(schedule.duration_minutes if schedule else None),
        rule=rule,
        listed=_read_occurrences(read, zone) if read.occurrences else (),
        status=_word(read.status),
        host_id=_word(read.host_id),
        password="" if read.password == "" else _cleaned(read.password),
        join_url=links.join if links else None,
        start_url=links.start if links and reveal_start_link else None,
        settings=_read_settings(read),
        unclear=_is_unclear(read, begins, kind, rule, known_zone),
    )


def _is_unclear(
    read: AnyMeeting, begins: Instant | None, kind: MeetingType, rule: timing.Rule | None, zone: str | None
) -> bool:
    """Return whether some of what the response says about its dates was not understood."""
    days = (read.recurrence.weekly_by_days or ()) if read.recurrence is not None else ()
    return (
        read.meeting_type not in _TYPES_OR_NONE
        or (begins is None and (kind.startswith("Scheduled") or _has_some_start(read)))
        or (kind == "ScheduledRecurring" and rule is None)
        or (rule is not None and begins is not None and zone is None)
        or any(_weekday(day) is None for day in days)
        or any(_date(one.start_time) is None or _has_unusable_length(one) for one in read.occurrences)
        or (read.schedule is not None and _has_unusable_length(read.schedule))
    )


def _has_some_start(read: AnyMeeting) -> bool:
    """Return whether there is a start, even one that cannot be read."""
    if read.schedule is not None and read.schedule.start_time:
        return True
    schedule = read.raw.get("schedule")
    return bool(schedule.get("startTime") if isinstance(schedule, dict) else schedule)


def read_service_info(read: wire.ServiceInfo) -> ServiceInfo:
    """Return the facts of a response, without the credentials in it."""
    user = read.external_user_info
    return ServiceInfo(
        dial_in=tuple(_dial_in(number) for number in read.dial_in_numbers),
        support_url=_cleaned(read.support_uri),
        international_numbers_url=_cleaned(read.intl_dial_in_numbers_uri),
        personal_meeting_id=clean_and_cut(user.personal_meeting_id, ENTRY_CHARS),
        personal_link=_cleaned(user.personal_link),
        uses_personal_id_for_instant=user.use_pmi_for_instant_meetings,
    )


def write_meeting(draft: MeetingDraft, zone_id: str | None, *, over: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the request body for a draft, merged over the body as read if one is given.

    What the draft does not name is kept as it is in that body, unknown fields included, except what is read-only.
    `zone_id` is the dictionary's id for the zone of `draft.start`.
    """
    body = _writable(over or {})
    plain = {
        "topic": draft.topic,
        "meetingType": draft.meeting_type,
        "password": draft.password,
        "recurrence": _unknown_parts(body.get("recurrence")) | write_rule(draft.rule)
        if draft.rule is not None
        else None,
    }
    body |= {name: value for name, value in plain.items() if value is not None}
    body |= {to_camel(name): value for name, value in draft.settings.given().items()}
    schedule = dict(body.get("schedule") or {}) | _write_schedule(draft, zone_id)
    if schedule:
        body["schedule"] = schedule
    for name in _excluded_fields(body.get("meetingType")):
        body.pop(name, None)
    return body


def write_rule(rule: timing.Rule) -> dict[str, Any]:
    """Return a recurrence as RingCentral takes it; `until` as whole-second UTC."""
    fields: dict[str, Any] = {"frequency": rule.frequency, "interval": rule.interval}
    for ours, theirs in _RULE_FIELDS.items():
        if value := getattr(rule, ours):
            fields[theirs] = list(value) if isinstance(value, tuple) else value
    if rule.until is not None:
        fields["until"] = timing.to_wire(rule.until)
    return fields


def lost_names(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """Return the unknown top-level fields that were sent back as read and that the answer does not repeat."""
    known = {*_KNOWN, *READ_ONLY}
    return [name for name, value in sent.items() if name not in known and answer.get(name) != value]


_OPTIONS = tuple(name for name in MeetingSettings.model_fields if name in wire.Meeting.model_fields)
_LIST_OPTIONS = ("audio_options", "global_dial_in_countries")
_PLAIN_OPTIONS = tuple(name for name in _OPTIONS if name not in _LIST_OPTIONS)
_plain_options: Callable[[AnyMeeting], tuple[Any, ...]] = attrgetter(*_PLAIN_OPTIONS)
_KNOWN = frozenset(
    {"topic", "meetingType", "password", "recurrence", "schedule", "host"} | {to_camel(name) for name in _OPTIONS}
)


def _writable(read: Mapping[str, Any]) -> dict[str, Any]:
    body = {name: value for name, value in read.items() if name not in READ_ONLY and value is not None}
    if "usePersonalMeetingId" not in body and _uses_personal_id(read):
        body["usePersonalMeetingId"] = True
    if "recurrence" not in body and isinstance(read.get("reccurence"), dict):
        body["recurrence"] = read["reccurence"]
    if isinstance(body.get("host"), dict):
        body["host"] = {"id": body["host"].get("id")}
    if isinstance(body.get("schedule"), dict):
        body["schedule"] = _writable_schedule(body["schedule"])
    return body


def _uses_personal_id(read: Mapping[str, Any]) -> bool:
    """Return whether the join link leads to the personal meeting; nothing else in a response may show that."""
    links, personal = read.get("links"), read.get("pmi")
    link = links.get("joinUri") if isinstance(links, dict) else None
    return isinstance(link, str) and bool(personal) and urlsplit(link).path.endswith(f"/{personal}")


def _writable_schedule(schedule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schedule as read, in the form that a request takes: whole seconds, and the zone by its id alone."""
    sent = dict(schedule)
    if (begins := _instant(sent.get("startTime"))) is not None:
        sent["startTime"] = timing.to_wire(begins)
    zone = sent.get("timeZone")
    if isinstance(zone, dict) and zone.get("id"):
        sent["timeZone"] = {"id": zone["id"]}
    return sent


def _unknown_parts(recurrence: Any) -> dict[str, Any]:
    """Return the fields of a recurrence as read that no rule of ours has."""
    known = {"frequency", "interval", "until", *_RULE_FIELDS.values()}
    return {name: value for name, value in dict(recurrence or {}).items() if name not in known}


def _write_schedule(draft: MeetingDraft, zone_id: str | None) -> dict[str, Any]:
    schedule: dict[str, Any] = {}
    if draft.start is not None:
        schedule["startTime"] = timing.to_wire(draft.start.to_instant())
        schedule["timeZone"] = {"id": zone_id}
    if draft.duration_minutes is not None:
        schedule["durationInMinutes"] = draft.duration_minutes
    return schedule


def _excluded_fields(meeting_type: str | None) -> tuple[str, ...]:
    """Return the fields that a meeting of this type must not have."""
    return {
        "Instant": ("schedule", "recurrence"),
        "Recurring": ("schedule", "recurrence"),
        "Scheduled": ("recurrence",),
    }.get(meeting_type or "", ())


def _meeting_type(read: AnyMeeting, begins: Instant | None) -> MeetingType:
    if read.meeting_type in _TYPES:
        return cast("MeetingType", read.meeting_type)
    if read.recurrence is not None:
        return "ScheduledRecurring" if begins is not None else "Recurring"
    return "Scheduled" if begins is not None else "Instant"


def _read_rule(read: AnyRecurrence | None, zone: str) -> timing.Rule | None:
    """Return the rule; None if any part of it cannot be read, since without that part it has other dates."""
    if read is None or read.frequency not in get_args(timing.Frequency) or _is_odd_rule(read):
        return None
    until = _until(read.until, zone)
    if until is None and read.until:
        return None
    weekly, monthly = read.frequency == "Weekly", read.frequency == "Monthly"
    return timing.Rule(
        frequency=cast("timing.Frequency", read.frequency),
        interval=read.interval or 1,
        weekly_days=tuple(filter(None, map(_weekday, read.weekly_by_days or ()))) if weekly else (),
        monthly_day=read.monthly_by_day if monthly and not read.monthly_by_week else None,
        monthly_week=_month_week(read.monthly_by_week) if monthly else None,
        monthly_weekday=_weekday(read.monthly_by_week_day) if monthly else None,
        count=read.count or None,
        until=until,
    )


def _is_odd_rule(read: AnyRecurrence) -> bool:
    if any(read.raw.get(name) and getattr(read, ours) is None for name, ours in _NUMBERS.items()):
        return True
    return not (
        0 <= (read.interval or 0) <= _MOST_INTERVAL
        and 0 <= (read.count or 0) <= _MOST_COUNT
        and 0 <= (read.monthly_by_day or 0) <= 31
    )


def _until(text: str | None, zone: str) -> Instant | None:
    """Return the last moment of a series, that of the day for a date alone; None if it cannot be read."""
    until = _instant(text)
    if until is None and text:
        try:
            until = timing.parse_window_edge(text, zone, end=True, field="until")
        except (ValueError, OverflowError):
            return None
        until = until if ":" in text else until.subtract(seconds=1)
    return min(until, _LAST_UNTIL) if until is not None and until >= _FIRST else None


def _minutes(minutes: int | None) -> int | None:
    return None if _is_odd(minutes) else minutes


def _has_unusable_length(read: AnySchedule | AnyOccurrence) -> bool:
    """Return whether there is a length that cannot be used."""
    minutes = read.duration_minutes
    return _is_odd(minutes) or (minutes is None and bool(read.raw.get("durationInMinutes")))


def _is_odd(minutes: int | None) -> bool:
    return minutes is not None and not 0 <= minutes <= _MOST_MINUTES


def _weekday(name: str | None) -> timing.Weekday | None:
    plain = name.strip().capitalize() if name is not None else None
    return cast("timing.Weekday", plain) if plain in get_args(timing.Weekday) else None


def _month_week(name: str | None) -> timing.MonthWeek | None:
    return cast("timing.MonthWeek", name) if name in get_args(timing.MonthWeek) else None


def _read_occurrences(read: AnyMeeting, zone: str) -> tuple[Occurrence, ...]:
    found: list[Occurrence] = []
    for occurrence in read.occurrences or ():
        begins = _date(occurrence.start_time)
        if begins is None or (occurrence.status or "").casefold() == "deleted":
            continue
        start = timing.at(begins, zone)
        usual = read.schedule.duration_minutes if read.schedule else None
        minutes = _minutes(occurrence.duration_minutes) or _minutes(usual) or 0
        found.append(Occurrence(occurrence.id, timing.Slot(start, start.add(minutes=minutes))))
    return tuple(sorted(found, key=lambda one: one.slot.start.to_instant()))


def _read_settings(read: AnyMeeting) -> MeetingSettings:
    lists = (tuple(value) if (value := getattr(read, name)) is not None else None for name in _LIST_OPTIONS)
    return _settings(_plain_options(read), tuple(lists))


@lru_cache(maxsize=256)
def _settings(plain: tuple[Any, ...], lists: tuple[tuple[str, ...] | None, ...]) -> MeetingSettings:
    """Return the options with these values, cached since most meetings of a person have the same: never change it."""
    values = dict(zip((*_PLAIN_OPTIONS, *_LIST_OPTIONS), (*plain, *map(_as_list, lists)), strict=True))
    shown = {name: _cleaned(values[name]) for name in _OPTIONS}
    return MeetingSettings.model_construct(**{name: value for name, value in shown.items() if value is not None})


def _as_list(values: tuple[str, ...] | None) -> list[str] | None:
    return list(values) if values is not None else None


def _cleaned(value: Any) -> Any:
    """Return text that others wrote, cleaned and bounded; None if nothing is left. Other values stay."""
    if isinstance(value, str):
        return clean_and_cut(value, TEXT_CHARS)
    if isinstance(value, list):
        return [entry for text in value[:ENTRIES] if (entry := clean_and_cut(text, ENTRY_CHARS))] or None
    return value


@lru_cache(maxsize=256)
def _word(text: str | None) -> str | None:
    """Return as `_shown` what many meetings have in common."""
    return clean_and_cut(text, TEXT_CHARS)


def _dial_in(read: wire.DialInNumber) -> DialInNumber:
    country = read.country or wire.Country()
    return DialInNumber(
        number=clean_and_cut(read.formatted_number or read.phone_number, ENTRY_CHARS) or "",
        country=clean_and_cut(country.iso_code, ENTRY_CHARS),
        country_name=clean_and_cut(country.name, ENTRY_CHARS),
        location=clean_and_cut(read.location, ENTRY_CHARS),
    )


def _date(text: str | None) -> Instant | None:
    begins = _instant(text)
    return begins if begins is not None and _FIRST <= begins < _LAST else None


def _instant(text: Any) -> Instant | None:
    if not isinstance(text, str):
        return None
    try:
        return timing.from_wire(text)
    except ValueError:
        return None
