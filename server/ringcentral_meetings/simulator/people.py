"""The invented people of the simulator, in two accounts, and the credentials of two applications."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

CLIENT_ID = "simulator-client-id"
CLIENT_SECRET = "simulator-client-secret"  # noqa: S105  (accepted by the simulator only)
PUBLIC_CLIENT_ID = "simulator-public-client-id"
JWT = "simulator.jwt.assertion"

CLIENTS = {CLIENT_ID: CLIENT_SECRET, PUBLIC_CLIENT_ID: None}
"""The secrets of the applications by client id; a public application has none."""

REDIRECT_URIS = ("http://127.0.0.1:8912/callback",)
"""What the applications have registered: the address that `login` uses by default."""

ACCOUNT_ID = "37439510"
SECOND_ACCOUNT_ID = "37439511"
FEATURES = ("Meetings", "EditMeetings", "MeetingsPersonalRecordings", "Conferencing", "Calendar")


@dataclass(frozen=True)
class Person:
    """A user: extension id, extension number, name, e-mail address, IANA zone, personal meeting id and account id."""

    id: str
    number: str
    first_name: str
    last_name: str
    email: str
    zone: str
    personal_meeting_id: str
    account: str = ACCOUNT_ID

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def mark(self) -> str:
        """The name with the extension number, which nobody else has."""
        return f"{self.name} {self.number}"

    @property
    def alias(self) -> str:
        """The name in personal links, which nobody else has."""
        return self.first_name.lower() if self.id in NAMED else self.email.partition("@")[0]


OWNER = Person("304921004", "101", "Robin", "Ashdown", "robin.ashdown@example.com", "America/New_York", "4155550101")
EXECUTIVE = Person("304921005", "102", "Helena", "Marsh", "helena.marsh@example.com", "America/Chicago", "4155550102")
OUTSIDER = Person("304921006", "103", "Tomas", "Weir", "tomas.weir@example.com", "Europe/London", "4155550103")

NAMED = {person.id: person for person in (OWNER, EXECUTIVE, OUTSIDER)}

CROWD_IDS = range(305_000_001, 305_020_001)
"""The extension ids of everybody else. Odd ones belong to the second account."""

FIRST_NAMES = ("Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Farah", "Goran", "Hana", "Ines", "Jonas", "Keiko", "Luca")
LAST_NAMES = ("Abbot", "Birch", "Castell", "Dorn", "Eriksen", "Falk", "Grant", "Hale", "Iversen", "Joyce", "Kerr")
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", "Europe/London")


class People(Mapping[str, Person]):
    """Everybody by extension id: the three named people, then a crowd, each of whom follows from the id."""

    def __getitem__(self, identifier: str) -> Person:
        if (named := NAMED.get(identifier)) is not None:
            return named
        if not (identifier.isascii() and identifier.isdigit() and int(identifier) in CROWD_IDS):
            raise KeyError(identifier)
        return _one_of_the_crowd(int(identifier))

    def __iter__(self) -> Iterator[str]:
        return chain(NAMED, map(str, CROWD_IDS))

    def __len__(self) -> int:
        return len(NAMED) + len(CROWD_IDS)

    def first(self, count: int) -> tuple[Person, ...]:
        """Return the first so many, the owner before all others."""
        return tuple(self[identifier] for identifier in islice(self, count))


PEOPLE = People()


def assisted_by(identifier: str) -> tuple[str, ...]:
    """Return for whom somebody may schedule: of four in the crowd, the first two for the other two."""
    if identifier == OWNER.id:
        return (EXECUTIVE.id,)
    number = int(identifier)
    return (str(number + 2),) if number in CROWD_IDS and number % 4 in (1, 2) else ()


def assistants_of(identifier: str) -> tuple[str, ...]:
    """Return who may schedule for somebody."""
    if identifier == EXECUTIVE.id:
        return (OWNER.id,)
    number = int(identifier)
    return (str(number - 2),) if number in CROWD_IDS and number % 4 in (3, 0) else ()


def may_act_for(actor_id: str, host_id: str) -> bool:
    """Return whether one user may schedule for another: for oneself, and for those whom one assists."""
    return host_id == actor_id or host_id in assisted_by(actor_id)


def same_account(one: str, other: str) -> bool:
    """Return whether two people are of one account; nobody is of one with an id that is nobody's."""
    return other in PEOPLE and PEOPLE[one].account == PEOPLE[other].account


@lru_cache(maxsize=1024)
def _one_of_the_crowd(number: int) -> Person:
    place = number - CROWD_IDS.start
    first, last = FIRST_NAMES[place % len(FIRST_NAMES)], LAST_NAMES[place % len(LAST_NAMES)]
    return Person(
        str(number),
        str(1000 + place),
        first,
        last,
        f"{first}.{last}.{1000 + place}@example.com".lower(),
        ZONES[place % len(ZONES)],
        str(4_155_600_000 + place),
        SECOND_ACCOUNT_ID if number % 2 else ACCOUNT_ID,
    )
