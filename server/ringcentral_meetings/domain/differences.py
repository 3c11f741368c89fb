"""How a meeting differs from what was asked for, and from what it was, as names of fields."""

from dataclasses import replace
from typing import Any

from whenever import Instant, ZonedDateTime

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import Meeting, MeetingDraft, MeetingSettings


def differences(asked: MeetingDraft, got: Meeting) -> tuple[str, ...]:
    """Return the names of the fields that were asked for and that the meeting lacks or has otherwise."""
    pairs = {
        "topic": (asked.topic, got.topic),
        "meeting_type": (asked.meeting_type, got.meeting_type),
        "start_time": (_instant(asked.start), _instant(got.start)),
        "time_zone": (asked.start.tz_id if asked.start is not None else None, got.time_zone),
        "duration_minutes": (asked.duration_minutes, got.duration_minutes),
        "recurrence": (_comparable(asked.rule), _comparable(got.rule)),
        "password": (asked.password, got.password or ""),
    }
    names = [name for name, (wanted, actual) in pairs.items() if wanted is not None and wanted != actual]
    options = asked.settings.given().items()
    names += [f"settings.{name}" for name, wanted in options if not _has_option(got.settings, name, wanted)]
    return tuple(names)


def _has_option(settings: MeetingSettings, name: str, wanted: Any) -> bool:
    """Return whether an option is as wanted. An absent one is at its default, except the personal meeting id."""
    actual = getattr(settings, name)
    if actual is None and name == "use_personal_meeting_id":
        return False
    return bool(_unordered(wanted) == (_unordered(actual) or type(wanted)()))


def side_effects(asked: MeetingDraft, before: Meeting, after: Meeting) -> tuple[str, ...]:
    """Return the fields that differ before and after a change and do not follow from what was asked."""
    expected = set(differences(asked, before))
    if expected & {"start_time", "meeting_type"}:
        expected |= {"start_time", "time_zone", "duration_minutes", "recurrence"}
    was, now = before.editable_fields(), after.editable_fields()
    return tuple(name for name in {**was, **now} if was.get(name) != now.get(name) and name not in expected)


def not_applied(asked: MeetingDraft, got: Meeting) -> tuple[str, ...]:
    """Return the fields that were asked for and that RingCentral's answer shows otherwise.

    `use_personal_meeting_id` is compared only if the answer has it, which its specification does not promise. The zone
    may be another one with the same clock changes, if RingCentral does not offer the one asked for.
    """
    unknown = "settings.use_personal_meeting_id" if got.settings.use_personal_meeting_id is None else None
    return tuple(name for name in differences(asked, got) if name not in {unknown, "time_zone"})


def _instant(moment: ZonedDateTime | None) -> Instant | None:
    return moment.to_instant() if moment is not None else None


def _comparable(rule: timing.Rule | None) -> timing.Rule | None:
    return replace(rule, weekly_days=tuple(sorted(rule.weekly_days))) if rule is not None else None


def _unordered(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value
