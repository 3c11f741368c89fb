"""The account of the simulator: three invented people, and the credentials of two applications."""

from dataclasses import dataclass

CLIENT_ID = "simulator-client-id"
CLIENT_SECRET = "simulator-client-secret"  # noqa: S105  (accepted by the simulator only)
PUBLIC_CLIENT_ID = "simulator-public-client-id"
JWT = "simulator.jwt.assertion"

CLIENTS = {CLIENT_ID: CLIENT_SECRET, PUBLIC_CLIENT_ID: None}
"""The secrets of the applications by client id; a public application has none."""

REDIRECT_URIS = ("http://127.0.0.1:8912/callback",)
"""What the applications have registered: the address that `login` uses by default."""

ACCOUNT_ID = "37439510"
FEATURES = ("Meetings", "EditMeetings", "MeetingsPersonalRecordings", "Conferencing", "Calendar")


@dataclass(frozen=True)
class Person:
    """A user: extension id, extension number, name, e-mail address, IANA zone and personal meeting id."""

    id: str
    number: str
    first_name: str
    last_name: str
    email: str
    zone: str
    personal_meeting_id: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


OWNER = Person("304921004", "101", "Robin", "Ashdown", "robin.ashdown@example.com", "America/New_York", "4155550101")
EXECUTIVE = Person("304921005", "102", "Helena", "Marsh", "helena.marsh@example.com", "America/Chicago", "4155550102")
OUTSIDER = Person("304921006", "103", "Tomas", "Weir", "tomas.weir@example.com", "Europe/London", "4155550103")

PEOPLE = {person.id: person for person in (OWNER, EXECUTIVE, OUTSIDER)}
ASSISTED = {OWNER.id: (EXECUTIVE.id,)}


def may_act_for(actor_id: str, host_id: str) -> bool:
    """Return whether one user may schedule for another: for oneself, and for those whom one assists."""
    return host_id == actor_id or host_id in ASSISTED.get(actor_id, ())
