"""Bodies as RingCentral gives them, for any number of meetings: the shape of its API reference, made-up values."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

ACCOUNT = "37439510"
USER = "304921004"
ZONE = {"id": "155", "name": "America/New_York", "description": "New York"}
TOPICS = ("Incident review", "Pricing page copy", "Quarterly forecast", "Design sync with partners", "Hiring panel")
SPACING_MINUTES = 40


def meeting(base: str, number: int, start: datetime) -> dict[str, Any]:
    """The meeting of that number among those of one user, `base` being scheme and host of the links in it."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    identifier = str(1_000_000_000 + number)
    extension = f"{base}/restapi/v1.0/account/{ACCOUNT}/extension/{USER}"
    return {
        "uri": f"{extension}/meeting/{identifier}",
        "uuid": f"{digest[:22]}==",
        "id": identifier,
        "topic": f"{TOPICS[number % len(TOPICS)]} {number}",
        "meetingType": "Scheduled",
        "password": digest[:8],
        "h323Password": str(int(digest[:5], 16)),
        "status": "NotStarted",
        "links": {
            "startUri": f"https://meetings.ringcentral.com/s/{identifier}?zpk={digest}",
            "joinUri": f"https://meetings.ringcentral.com/j/{identifier}?pwd={digest[:32]}",
        },
        "schedule": {
            "startTime": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "durationInMinutes": 30,
            "timeZone": {"uri": f"{base}/restapi/v1.0/dictionary/timezone/155", **ZONE},
        },
        "host": {"uri": extension, "id": USER},
        "allowJoinBeforeHost": False,
        "startHostVideo": False,
        "startParticipantsVideo": False,
        "audioOptions": ["Phone", "ComputerAudio"],
        "autoRecordType": "none",
        "enforceLogin": False,
        "muteParticipantsOnEntry": True,
        "enableWaitingRoom": False,
        "globalDialInCountries": ["US", "CA"],
        "alternativeHosts": "",
    }


def series(base: str, number: int, start: datetime, frequency: str) -> dict[str, Any]:
    """A meeting that repeats without an end, and does not list its dates."""
    rule = {"frequency": frequency, "interval": 1}
    return meeting(base, number, start) | {"meetingType": "ScheduledRecurring", "recurrence": rule}


def meetings(base: str, count: int, series_every: int = 0, frequency: str = "Weekly") -> list[dict[str, Any]]:
    """So many meetings, one after the other from now on; each of so many is a series, or none if that is 0."""
    begin = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    starts = [begin + timedelta(minutes=SPACING_MINUTES * number) for number in range(count)]
    return [
        series(base, number, start, frequency)
        if series_every and number % series_every == 0
        else meeting(base, number, start)
        for number, start in enumerate(starts)
    ]


def page(base: str, path: str, records: list[dict[str, Any]], number: int, per_page: int) -> dict[str, Any]:
    """Page `number` (the first is 1) of a list."""
    pages = max(1, -(-len(records) // per_page))
    begin = (number - 1) * per_page
    shown = records[begin : begin + per_page]

    def link(to: int) -> dict[str, str]:
        return {"uri": f"{base}{path}?page={to}&perPage={per_page}"}

    return {
        "uri": f"{base}{path}",
        "records": shown,
        "paging": {
            "page": number,
            "perPage": per_page,
            "totalPages": pages,
            "totalElements": len(records),
            "pageStart": begin,
            "pageEnd": begin + len(shown) - 1,
        },
        "navigation": {
            "firstPage": link(1),
            "lastPage": link(pages),
            **({"nextPage": link(number + 1)} if number < pages else {}),
        },
    }


def extension(base: str, user: str = USER) -> dict[str, Any]:
    """A user."""
    return {
        "uri": f"{base}/restapi/v1.0/account/{ACCOUNT}/extension/{user}",
        "id": user,
        "account": {"id": ACCOUNT},
        "name": "Robin Ashdown",
        "type": "User",
        "status": "Enabled",
        "regionalSettings": {"timezone": {"uri": f"{base}/restapi/v1.0/dictionary/timezone/155", **ZONE}},
    }


def service_info(base: str) -> dict[str, Any]:
    """The facts of the user's meeting service, with 20 numbers to dial."""
    number = {"location": "New York", "country": {"id": "1", "name": "United States", "isoCode": "US"}}
    return {
        "uri": f"{base}/restapi/v1.0/account/{ACCOUNT}/extension/{USER}/meeting/service-info",
        "supportUri": "https://support.ringcentral.com/meetings",
        "intlDialInNumbersUri": "https://meetings.ringcentral.com/teleconference",
        "externalUserInfo": {"personalMeetingId": "4155550101", "usePmiForInstantMeetings": False},
        "dialInNumbers": [{"phoneNumber": f"+1212555{n:04}", **number} for n in range(20)],
    }


def token(user: str | None = None) -> dict[str, Any]:
    """The answer of the token endpoint; with a `user`, that to the refresh token `refresh-` and the user's id."""
    if user is not None:
        return token() | {
            "access_token": f"access-{user}",
            "refresh_token": f"refresh-{user}",
            "refresh_token_expires_in": 604_800,
            "owner_id": user,
        }
    return {
        "access_token": "bench-access-token",
        "token_type": "bearer",
        "expires_in": 3600,
        "scope": "Meetings ReadAccounts",
        "owner_id": USER,
    }
