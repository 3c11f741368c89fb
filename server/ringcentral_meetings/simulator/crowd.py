"""What the people of the crowd begin with: meetings, rooms and a past, each with its owner's number in the name."""

from datetime import timedelta

from ringcentral_meetings.simulator.meetings.operations import new_meeting
from ringcentral_meetings.simulator.people import Person
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.times import iso, utc
from ringcentral_meetings.simulator.video.bridges import new_bridge
from ringcentral_meetings.simulator.video.history import hold_meeting

WEEKLY = {"frequency": "Weekly", "interval": 1, "count": 8}
HALF_HOUR = 1_800


def seed_meetings(state: State, person: Person) -> None:
    """Store what lies ahead of somebody: a single meeting tomorrow and a weekly series."""
    start = utc(state.now() // HALF_HOUR * HALF_HOUR) + timedelta(days=1)
    zone = {"name": person.zone}
    for days, topic, more in (
        (0, f"Review with {person.mark}", {}),
        (1, f"Weekly of {person.mark}", {"meetingType": "ScheduledRecurring", "recurrence": WEEKLY}),
    ):
        schedule = {"startTime": iso(start + timedelta(days=days)), "durationInMinutes": 30, "timeZone": zone}
        new_meeting(state, person.id, {"topic": topic, "schedule": schedule, **more})


def seed_rooms(state: State, person: Person) -> None:
    """Store somebody's personal room, and one in which a meeting was held yesterday."""
    new_bridge(state, person.id, {"type": "PMI", "name": f"Personal room of {person.mark}"})
    room = new_bridge(state, person.id, {"type": "Scheduled", "name": f"Review with {person.mark}"})
    hold_meeting(state, room, utc(state.now() // HALF_HOUR * HALF_HOUR) - timedelta(days=1), 30, (person.id,))
