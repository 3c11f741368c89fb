"""Turning arguments into drafts of meetings: times, types and recurrences, checked before any request."""

import unicodedata
from dataclasses import dataclass, replace
from typing import Any, Final

from whenever import Instant, ZonedDateTime

from ringcentral_meetings import errors
from ringcentral_meetings.domain import countries, series, timing
from ringcentral_meetings.domain.meeting import (
    Clearable,
    Meeting,
    MeetingDraft,
    MeetingSettings,
    MeetingType,
    Recurrence,
    RecurrenceChange,
)
from ringcentral_meetings.tools import Services
from ringcentral_meetings.tools.default_zone import Zone, ZoneSource

DEFAULT_MINUTES = 60

_CLEARED_SETTINGS: Final[dict[str, Any]] = {"alternative_hosts": "", "global_dial_in_countries": []}
"""What removes a setting."""


@dataclass(frozen=True, slots=True)
class MeetingArguments:
    """The arguments that create_meeting and update_meeting have in common, as given."""

    topic: str | None = None
    start_time: str | None = None
    duration_minutes: int | None = None
    time_zone: str | None = None
    meeting_type: MeetingType | None = None
    recurrence: Recurrence | RecurrenceChange | None = None
    password: str | None = None
    settings: MeetingSettings | None = None
    clear: tuple[Clearable, ...] = ()

    def __post_init__(self) -> None:
        if any(unicodedata.category(char) == "Cc" for char in self.topic or ""):
            raise errors.invalid_argument("topic", "contains control characters", "Give it as one line of plain text.")
        for name in self.clear:
            if name in self._given():
                raise errors.cleared_and_given(name)

    @property
    def changes_nothing(self) -> bool:
        options = self.settings.given() if self.settings is not None else {}
        return self == MeetingArguments(settings=self.settings) and not options

    @property
    def new_password(self) -> str | None:
        """The password that is asked for; "" for none."""
        return "" if "password" in self.clear else self.password

    @property
    def new_settings(self) -> MeetingSettings:
        """The settings that are asked for, those to be removed among them; countries by their ISO codes."""
        asked = self.settings or MeetingSettings()
        changed: dict[str, Any] = {name: empty for name, empty in _CLEARED_SETTINGS.items() if name in self.clear}
        if asked.global_dial_in_countries:
            named = dict.fromkeys(map(_country, asked.global_dial_in_countries))
            changed["global_dial_in_countries"] = list(named)
        return asked.model_copy(update=changed)

    def _given(self) -> set[str]:
        """Return the names of what could be removed and is given."""
        rule, options = self.recurrence, self.settings.given() if self.settings is not None else {}
        ends = rule is not None and (rule.count is not None or rule.until is not None)
        given = {"password": self.password is not None, "recurrence_end": ends, **dict.fromkeys(options, True)}
        return {name for name, there in given.items() if there}


async def new_meeting(wanted: MeetingArguments, services: Services) -> tuple[MeetingDraft, ZoneSource | None]:
    """Return the draft of a new meeting, and where its zone came from.

    Raises:
        errors.Refused, timing.TimingError: the arguments contradict each other, or the start is not possible.
    """
    _refuse_contradictions(wanted, wanted.meeting_type)
    plain = MeetingDraft(
        topic=wanted.topic,
        meeting_type=wanted.meeting_type,
        password=wanted.new_password,
        settings=wanted.new_settings,
    )
    if wanted.start_time is None:
        _refuse_without_start(wanted)
        return plain, None
    start, source = await _new_start(wanted.start_time, wanted, services)
    timing.refuse_past(start, services.now())
    rule = timing.complete_rule(_given_rule(wanted.recurrence, start), start) if wanted.recurrence is not None else None
    minutes = wanted.duration_minutes or DEFAULT_MINUTES
    return replace(plain, start=start, duration_minutes=minutes, rule=rule), source


def changed_meeting(wanted: MeetingArguments, live: Meeting, viewer: Zone, now: Instant) -> MeetingDraft:
    """Return the draft of a change of `live`; what is not given stays as it is.

    A start without time_zone is read in the meeting's own zone, or in the viewer's if the meeting is stored in UTC. It
    is refused if the two zones would give different hours. `viewer` is the zone of the argument if one is given.
    """
    kind = wanted.meeting_type or _changed_type(wanted, live)
    _refuse_contradictions(wanted, kind or live.meeting_type, live)
    _refuse_vanishing(wanted, kind or live.meeting_type, live, now)
    start = _changed_start(wanted, live, viewer) if wanted.start_time is not None else None
    if start is not None and start != live.start:
        _refuse_past_move(start, live, now)
    minutes = wanted.duration_minutes
    if start is not None and live.start is None:
        minutes = minutes or live.duration_minutes or DEFAULT_MINUTES
    return MeetingDraft(
        topic=wanted.topic,
        meeting_type=kind,
        start=start,
        duration_minutes=minutes,
        rule=_changed_rule(wanted, live, start, kind or live.meeting_type, now),
        password=wanted.new_password,
        settings=wanted.new_settings,
    )


def _refuse_past_move(start: ZonedDateTime, live: Meeting, now: Instant) -> None:
    """Refuse a new start that has passed; of a series under way, name the date from which it can move."""
    following = live.next_occurrence(now) if live.is_series else None
    if following is not None and start.to_instant() < now:
        raise errors.series_under_way(timing.show(start), timing.show(following.slot.start))
    timing.refuse_past(start, now)


async def at_time(meeting: Meeting, wanted: MeetingArguments, services: Services) -> Meeting:
    """Return a meeting that stores no time with the given time and recurrence; without start_time, unchanged.

    Raises:
        errors.Refused, timing.TimingError: the meeting already has a time, or the given one is invalid.
    """
    if wanted == MeetingArguments():
        return meeting
    if meeting.start is not None:
        raise errors.own_time(meeting.meeting_id)
    if wanted.start_time is None:
        raise errors.invalid_argument("start_time", "is required with duration_minutes, time_zone and recurrence")
    start, _ = await _new_start(wanted.start_time, wanted, services)
    timing.refuse_past(start, services.now())
    rule = timing.complete_rule(_given_rule(wanted.recurrence, start), start) if wanted.recurrence is not None else None
    return replace(meeting, start=start, duration_minutes=wanted.duration_minutes or DEFAULT_MINUTES, rule=rule)


def _country(text: str) -> str:
    """Return the ISO code of one country for dialling in."""
    code = countries.code_of(text)
    if code is None:
        raise errors.unknown_country(text, countries.codes_of(text), countries.similar(text))
    return code


def _refuse_without_start(wanted: MeetingArguments) -> None:
    """Refuse arguments that need a start where none is given."""
    if any(given is not None for given in (wanted.recurrence, wanted.duration_minutes, wanted.time_zone)):
        kind = wanted.meeting_type
        raise errors.missing_with("start_time", kind) if kind is not None else errors.start_needed()


def _changed_type(wanted: MeetingArguments, live: Meeting) -> MeetingType | None:
    if wanted.recurrence is not None and live.meeting_type == "Scheduled":
        return "ScheduledRecurring"
    if wanted.start_time is not None and live.start is None:
        return "ScheduledRecurring" if wanted.recurrence is not None else "Scheduled"
    return None


def _refuse_contradictions(wanted: MeetingArguments, kind: MeetingType | None, live: Meeting | None = None) -> None:
    """Refuse arguments that do not go together in any product; the products refuse what they miss themselves."""
    out_of_place = {
        "Instant": ("start_time", "recurrence", "duration_minutes", "time_zone"),
        "Recurring": ("start_time", "recurrence", "duration_minutes", "time_zone"),
        "Scheduled": ("recurrence",),
    }.get(kind or "", ())
    for name in out_of_place:
        if getattr(wanted, name) is not None:
            raise errors.contradiction(name, kind or "")
    if kind == "ScheduledRecurring" and live is None and wanted.recurrence is None:
        raise errors.missing_with("recurrence", kind)
    if live is not None and wanted.time_zone is not None and wanted.start_time is None:
        raise errors.invalid_argument(
            "time_zone",
            "does not say by itself which hour is meant",
            f"Give start_time with it{f'; it is now {timing.show(live.start)}' if live.start else ''}.",
        )


def _refuse_vanishing(wanted: MeetingArguments, kind: MeetingType, live: Meeting, now: Instant) -> None:
    """Refuse a change that would take the meeting off the list.

    That is a change into an instant meeting, or of a series into its first date if that has passed.
    """
    if kind == "Instant" and live.meeting_type != "Instant":
        raise errors.invalid_argument(
            "meeting_type", 'cannot become "Instant": the meeting would lose its time', "Create an instant meeting."
        )
    past = live.start is not None and live.start.to_instant() < now
    if kind == "Scheduled" and live.is_series and past and wanted.start_time is None:
        raise errors.invalid_argument(
            "start_time", "is required: the series began in the past", "Give the date to keep."
        )


async def _new_start(text: str, wanted: MeetingArguments, services: Services) -> tuple[ZonedDateTime, ZoneSource]:
    instant = timing.parse_offset_start(text) if wanted.time_zone is None else None
    if instant is None:
        zone = await services.zone(wanted.time_zone)
        return timing.parse_start(text, zone.name), zone.source
    zone = await services.viewer_zone()
    start = timing.at(instant, zone.name)
    if wanted.recurrence is not None and (zone.source == "fallback" or not timing.has_wall_time(text, start)):
        raise errors.zone_needed("a series keeps its hour when the clocks change, and an offset does not name a zone.")
    return start, zone.source


def _changed_start(wanted: MeetingArguments, live: Meeting, viewer: Zone) -> ZonedDateTime:
    """Return the new start: in the zone given, else in the meeting's own, else in the viewer's.

    If the hour differs between the meeting's zone and the user's, time_zone has to name one of them.
    """
    text = wanted.start_time or ""
    if wanted.time_zone is not None:
        return timing.parse_start(text, viewer.name)
    own = live.time_zone if live.time_zone and not live.stored_in_utc else None
    instant = timing.parse_offset_start(text)
    stays_single = not live.is_series and wanted.recurrence is None
    if instant is not None and stays_single:
        return timing.at(instant, own or viewer.name)
    if own is None and viewer.source == "fallback":
        raise errors.zone_needed("neither the meeting nor the user's account has one.")
    start = timing.parse_start(text, own or viewer.name)
    if instant is None and own is not None and viewer.source != "fallback":
        _refuse_two_hours(text, start, own, viewer.name)
    return start


def _refuse_two_hours(text: str, start: ZonedDateTime, own: str, viewer: str) -> None:
    """Refuse a local time that is another hour in the zone in which lists show the meeting."""
    if timing.parse_start(text, viewer).to_instant() != start.to_instant():
        raise errors.zone_needed(f"the meeting is stored in {own}, and lists show {viewer}.")


def _changed_rule(
    wanted: MeetingArguments, live: Meeting, start: ZonedDateTime | None, kind: MeetingType, now: Instant
) -> timing.Rule | None:
    """Return the new rule: what is given laid over the stored one, which keeps its last date where the start moves."""
    begins, asked = start or live.start, wanted.recurrence
    endless = "recurrence_end" in wanted.clear
    if kind == "ScheduledRecurring" and begins is None and asked is not None:
        raise errors.missing_with("start_time", kind)
    if kind != "ScheduledRecurring" or begins is None or (live.rule is None and asked is None):
        if endless:
            raise errors.nothing_repeats()
        return None
    if live.rule is None or live.start is None:
        rule = _given_rule(asked, begins, unreadable=live.is_series) if asked is not None else None
        return timing.complete_rule(rule, begins) if rule is not None else None
    stored = timing.filled(live.rule, live.start.date())
    kept = series.rule_from(live, start, now) if start is not None and start != live.start else stored
    if asked is not None:
        kept = timing.merged(kept, _given_fields(asked, begins), day_follows=start is not None)
    if endless:
        kept = replace(kept, count=None, until=None)
    rule = timing.complete_rule(kept, begins, now) if asked is not None or start is not None else kept
    return rule if rule != stored else None


def _given_rule(asked: Recurrence | RecurrenceChange, start: ZonedDateTime, *, unreadable: bool = False) -> timing.Rule:
    """Return the rule of a series that had none, or an unreadable one; its days may be left to the start."""
    fields = _given_fields(asked, start)
    if "frequency" not in fields:
        raise errors.frequency_needed(unreadable=unreadable)
    return timing.Rule(**fields)


def _given_fields(asked: Recurrence | RecurrenceChange, start: ZonedDateTime) -> dict[str, Any]:
    """Return the given fields as a rule has them; an `until` that is a date includes that whole day."""
    fields: dict[str, Any] = asked.model_dump(exclude_none=True)
    if "weekly_days" in fields:
        fields["weekly_days"] = tuple(fields["weekly_days"])
    if "until" in fields:
        fields["until"] = _until(fields["until"], start.tz_id or "UTC")
    return fields


def _until(text: str, zone: str) -> Instant:
    """Return the last moment of a series; for a date that is the last second of the day."""
    edge = timing.parse_window_edge(text, zone, end=True, field="recurrence.until")
    return edge if "T" in text.upper() or " " in text.strip() else edge.subtract(seconds=1)
