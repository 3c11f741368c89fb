"""A platform that answers with whatever a test prepared, below the real server."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from mcp import Client

from assistant import Assistant, ManualClock
from faults.jobs import ZONE
from ringcentral_meetings.app import build_server
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Simulator

Script = Callable[[httpx.Request], Any]
"""The JSON for a request, or a whole response."""

TOKEN = {"access_token": "scripted-token", "expires_in": 3600, "token_type": "bearer"}
ROOMY = {"light": 1_000_000, "medium": 1_000_000, "auth": 1_000}

PAST_ID = "0fd2ae49-0000-4000-8000-000000000000!us-11-pdx10@us-11"
INSIGHTS = "/insights"


@asynccontextmanager
async def at_work_on(script: Script, **settings: Any) -> AsyncIterator[Assistant]:
    """An assistant on a platform of which only the answers to API requests are made up."""

    async def answer(request: httpx.Request) -> httpx.Response:
        given = TOKEN if request.url.path.endswith("/oauth/token") else script(request)
        return given if isinstance(given, httpx.Response) else httpx.Response(200, content=json.dumps(given))

    clock = ManualClock()
    plain: dict[str, Any] = {
        "simulator": True,
        "log_level": "CRITICAL",
        "plan_limits": ROOMY,
        "product": "meetings",
        "time_zone": ZONE,
    } | settings
    server = build_server(Settings(**plain), transport=httpx.MockTransport(answer), clock=clock, now=clock.instant)
    unused = Simulator(clock=clock.now, seeded=False)
    async with Client(server) as client:
        tools = (await client.list_tools()).tools
        schemas = {tool.name: Draft202012Validator(tool.output_schema or {}) for tool in tools}
        yield Assistant(client, unused, clock, schemas, [])
    unused.close()


def a_meeting() -> dict[str, Any]:
    """A series as the platform shows one, with everything in it."""
    return {
        "uri": "https://platform.example/meeting/1234567890",
        "uuid": "x/y+z==",
        "id": "1234567890",
        "topic": "Budget",
        "meetingType": "ScheduledRecurring",
        "password": "abc",
        "h323Password": "998877",
        "status": "NotStarted",
        "links": {"startUri": "https://meetings.example/s/1?zpk=Z", "joinUri": "https://meetings.example/j/1"},
        "schedule": {
            "startTime": "2026-11-24T15:00:00Z",
            "durationInMinutes": 30,
            "timeZone": {"id": "58", "name": ZONE},
        },
        "host": {"uri": "https://platform.example/extension/1", "id": "1"},
        "recurrence": {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday"], "count": 5},
        "occurrences": [
            {"id": "1", "startTime": "2026-11-24T15:00:00Z", "durationInMinutes": 30, "status": "available"}
        ],
        "allowJoinBeforeHost": False,
        "startHostVideo": False,
        "startParticipantsVideo": False,
        "usePersonalMeetingId": False,
        "audioOptions": ["Phone"],
        "autoRecordType": "none",
        "enforceLogin": False,
        "muteParticipantsOnEntry": False,
        "enableWaitingRoom": False,
        "globalDialInCountries": ["US"],
        "alternativeHosts": "",
        "pmi": "4155550101",
    }


def service_info() -> dict[str, Any]:
    """Service info as the platform shows it."""
    country = {"id": "1", "name": "United States", "isoCode": "US", "callingCode": "1"}
    number = {"phoneNumber": "+16463573664", "formattedNumber": "+1 (646) 3573664", "location": "New York"}
    return {
        "supportUri": "https://support.example",
        "intlDialInNumbersUri": "https://numbers.example",
        "domain": "meetings.example",
        "dialInNumbers": [number | {"country": country}],
        "externalUserInfo": {
            "userId": "u",
            "accountId": "a",
            "userType": 2,
            "userToken": "token-of-the-user",
            "hostKey": "654321",
            "personalMeetingId": "4155550101",
            "personalLink": "https://meetings.example/my/robin",
            "personalLinkName": "robin",
            "usePmiForInstantMeetings": False,
        },
    }


def a_page(*meetings: dict[str, Any]) -> dict[str, Any]:
    return {"records": list(meetings), "paging": {"page": 1, "totalPages": 1, "perPage": 100}, "navigation": {}}


def a_past_meeting(**fields: Any) -> dict[str, Any]:
    """A past meeting as RingCentral Video shows one, with everything in it."""
    person = {
        "id": "p-1",
        "accountId": "1",
        "extensionId": "11",
        "displayName": "Robin",
        "callerId": "+1",
        "type": "User",
    }
    recording = {
        "id": "r",
        "startTime": 1_795_000_000_000,
        "url": "https://media.ringcentral.com/1",
        "metadata": {},
        "status": "Processed",
        "availabilityStatus": "Alive",
        "longSummary": "l",
        "shortSummary": "s",
        "keywords": ["k"],
    }
    return {
        "id": PAST_ID,
        "shortId": "123",
        "bridgeId": "iad41-c04-ndb1",
        "startTime": "2026-11-18T20:00:00Z",
        "displayName": "Budget",
        "hostInfo": {"accountId": "1", "extensionId": "11", "displayName": "Robin"},
        "duration": 1_800,
        "type": "Meeting",
        "status": "Done",
        "rights": ["download"],
        "participants": [person],
        "recordings": [recording],
        "transcriptions": [{"id": "t", "type": "LiveTranscription"}],
        "notes": [{"id": "n", "type": "GeneratedNotes", "status": "Processed"}],
        "summary": "They agreed.",
        "longSummary": "l",
        "shortSummary": "s",
        "keywords": ["k"],
        "chatUrl": "https://app.ringcentral.com/messages/1",
    } | fields


def insights(*lines: str, name: str = "Robin", **more: Any) -> dict[str, Any]:
    """What RingSense heard in a recording, as the platform shows it."""
    said = [{"speakerId": "p-1", "text": text, "start": n * 5.0, "end": n + 1.0} for n, text in enumerate(lines)]
    found = {"Transcript": said, "Summary": [{"value": "Sum.", "start": 0, "end": 1}], "NextSteps": []}
    return {"speakerInfo": [{"speakerId": "p-1", "name": name}], "insights": found | more}
