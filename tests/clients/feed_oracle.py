"""Expands the feeds on its standard input with recurring-ical-events, in an environment of that package's own.

A line in is `{"feed", "start", "end"}` in JSON, seconds since 1970; a line out the list of `[start, end]` found there,
or null where the package refuses the feed.
"""

import json
import sys
from datetime import UTC, datetime, time, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

SLACK = timedelta(days=2)
HOME = ZoneInfo("America/New_York")


def main() -> None:
    """Answer each line."""
    sys.stdout.write(json.dumps({"version": version("recurring-ical-events")}) + "\n")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(expanded(json.loads(line))) + "\n")


def expanded(asked):
    """The dates of a feed. Whole days have no zone for the package: it is asked for more, to be cut here."""
    start, end = (datetime.fromtimestamp(asked[edge], UTC) for edge in ("start", "end"))
    try:
        calendar = icalendar.Calendar.from_ical(asked["feed"])
        found = recurring_ical_events.of(calendar).between(start - SLACK, end + SLACK)
    except Exception:  # noqa: BLE001  (whatever it is that the package cannot read)
        return None
    dates = sorted([seconds(event["DTSTART"].dt), seconds(event["DTEND"].dt)] for event in found)
    return [[begins, ends] for begins, ends in dates if begins < asked["end"] and ends > asked["start"]]


def seconds(moment):
    """Seconds since 1970; dates, and times without a zone, are those of the person's zone."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=HOME)
    return int(moment.timestamp())


if __name__ == "__main__":
    main()
