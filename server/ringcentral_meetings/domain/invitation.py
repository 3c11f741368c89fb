"""The text of an invitation for guests, without secrets of the host. `ics` writes the calendar file."""

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import DialInNumber, Meeting, ServiceInfo
from ringcentral_meetings.untrusted_text import clean, truncated

NUMBERS_SHOWN = 6
TEXT_CHARS = 6_000
_HOST_TOKEN = "zpk="  # noqa: S105  (what RingCentral's start links carry, by recorded answers)


def text_of(meeting: Meeting, info: ServiceInfo | None, zone: str | None) -> str:
    """Write an invitation for a meeting of which RingCentral has none, with times in `zone`."""
    lines = ["You are invited to a RingCentral meeting.", "", f"Topic: {meeting.shown_topic}"]
    if meeting.start is not None:
        start = timing.at(meeting.start.to_instant(), zone or meeting.start.tz_id or "UTC")
        lines.append(f"Time: {timing.weekday(start)} {timing.show(start)} {start.tz_id}, {meeting.minutes} minutes")
    if meeting.rule is not None:
        lines.append(f"Repeats: {meeting.recurrence_text()}")
    return "\n".join([*lines, "", *joining_lines(meeting, info)])


def shown_text(text: str) -> str:
    """Return RingCentral's invitation cleaned line by line, without the lines that would let a guest in as the host."""
    lines = (clean(line) for line in text.splitlines())
    return truncated("\n".join(line for line in lines if _HOST_TOKEN not in line).strip(), TEXT_CHARS)


def joining_lines(meeting: Meeting, info: ServiceInfo | None) -> list[str]:
    """Return how guests join: link, password, meeting id and numbers to dial, a line each."""
    lines = [f"Join: {clean(meeting.join_url)}"] if meeting.join_url else []
    lines += [f"Password: {meeting.password}"] if meeting.password else []
    lines.append(f"Meeting ID: {clean(_number(meeting, info))}")
    numbers = _numbers(meeting, info)
    if numbers:
        lines += ["", "Dial in:", *numbers, *_telephone(meeting)]
    if info is not None and info.international_numbers_url:
        lines.append(f"More numbers: {clean(info.international_numbers_url)}")
    return lines


def _number(meeting: Meeting, info: ServiceInfo | None) -> str:
    """Return the number by which guests join."""
    if meeting.pin is not None:
        return meeting.pin
    if meeting.settings.use_personal_meeting_id and info is not None:
        return info.personal_meeting_id or meeting.meeting_id
    return meeting.meeting_id


def _telephone(meeting: Meeting) -> list[str]:
    """Return what guests dial after the number, if it differs from the meeting's number and password."""
    lines = [f"Telephone PIN: {meeting.phone_pin}"] if meeting.phone_pin else []
    return lines + ([f"Telephone password: {meeting.phone_password}"] if meeting.phone_password else [])


def _numbers(meeting: Meeting, info: ServiceInfo | None) -> list[str]:
    """Return numbers of the countries that the meeting names, else the first ones known."""
    known = info.dial_in if info is not None else ()
    countries = {name.upper() for name in meeting.settings.global_dial_in_countries or ()}
    named = [number for number in known if (number.country or "").upper() in countries]
    return [_dial_in(number) for number in (named or known)[:NUMBERS_SHOWN]]


def _dial_in(number: DialInNumber) -> str:
    place = ", ".join(clean(part) for part in (number.location, number.country or number.country_name) if part)
    return f"{clean(number.number)} ({place})" if place else clean(number.number)
