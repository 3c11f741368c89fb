"""Questions that RingCentral's documentation leaves open, asked of a real account by reads alone.

The answers hold no id, name, topic or secret: what RingCentral sends is told by the names of its fields, by words of
closed sets, and by counts. All else is shown by its form.
"""

import json
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import anyio
import httpx

from ringcentral_meetings import __version__, errors, logs
from ringcentral_meetings.connection import connected
from ringcentral_meetings.platform.api.history import HISTORY, RECORDINGS
from ringcentral_meetings.platform.api.meetings import EXTENSION, MEETING, MEETINGS, OWN, TIME_ZONES
from ringcentral_meetings.platform.api.video import BRIDGE, BRIDGES, DELEGATORS
from ringcentral_meetings.platform.client import PlatformClient
from ringcentral_meetings.platform.limits import Clock, LoopClock, RateLimits
from ringcentral_meetings.settings import Settings

UNKNOWN_MEETING: Final = "1"
SECONDS: Final = 45.0
CANNOT_TELL: Final = "cannot tell"
MANY: Final = "1000"

_WORDS: Final = frozenset(
    {"RCMeetings", "RCVideo", "None", "Paid", "Free", "NotStarted", "Started", "Finished"}
    | {"Instant", "Scheduled", "ScheduledRecurring", "Recurring", "light", "medium", "heavy", "auth"}
    | {"Light", "Medium", "Heavy", "Auth", "Meetings", "GMT", "UTC", "Etc/GMT", "Etc/UTC"}
    | {"meetingId", "extensionId", "accountId"}
)
_SIGNED_OUT: Final = frozenset({"not_signed_in", "session_expired"})
_SIZES: Final = ("perPage", "totalPages", "totalElements")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]{0,40}")
_CODE = re.compile(r"[A-Z]{3}-\d{3}")


@dataclass(frozen=True, slots=True)
class Read:
    """What came back: the JSON of a success, or what an error said."""

    data: Any = None
    problem: errors.MeetingsError | None = None

    @property
    def outcome(self) -> str:
        """`answers`, or the status and codes of the refusal."""
        if self.problem is None:
            return "answers"
        upstream = self.problem.upstream
        if upstream is None:
            return self.problem.code
        code = upstream.error_code
        named = f", parameterName {word(upstream.parameter)}" if upstream.parameter else ""
        shown = "none" if code is None else code if _CODE.fullmatch(code) else "another form"
        return f"HTTP {upstream.http_status}, errorCode {shown}{named}"

    @property
    def records(self) -> list[dict[str, Any]]:
        """The objects of a list."""
        records = self.data.get("records") if isinstance(self.data, dict) else None
        return [record for record in records if isinstance(record, dict)] if isinstance(records, list) else []


@dataclass(slots=True)
class Asked:
    """The answers so far, and what the questions lean on."""

    client: PlatformClient
    account_id: str
    answers: dict[str, str] = field(default_factory=dict)
    meetings: list[dict[str, Any]] = field(default_factory=list)
    headers: set[str] = field(default_factory=set)

    async def get(self, path: str, query: Mapping[str, str] | None = None, **values: str) -> Read:
        """Read; an answer in any case."""
        own = {"accountId": self.account_id, "extensionId": OWN, **values}
        try:
            answer = await self.client.request("GET", path, values=own, query=query, group="light")
        except errors.MeetingsError as problem:
            return Read(problem=problem)
        return Read(answer.data)


def run(settings: Settings, *, as_json: bool) -> int:
    """Ask and print; 1 if nobody is signed in, else 0."""
    logs.configure("CRITICAL", settings.log_format, settings.secrets())
    answers = anyio.run(probe, settings)
    if as_json:
        sys.stdout.write(json.dumps({"version": __version__, "answers": answers}, separators=(",", ":")) + "\n")
    else:
        lines = [f"- {question}: {answer}" for question, answer in answers.items()]
        sys.stdout.write("\n".join([f"ringcentral-meetings-mcp {__version__}, probe by reads alone", *lines]) + "\n")
    return 1 if list(answers) == ["sign-in"] else 0


async def probe(
    settings: Settings, transport: httpx.AsyncBaseTransport | None = None, clock: Clock | None = None
) -> dict[str, str]:
    """The answers, by question; the sign-in alone where that fails. `transport` stands in for the network."""
    clock = clock or LoopClock()
    limits = RateLimits(settings.plan_limits, clock)
    with anyio.move_on_after(SECONDS):
        async with connected(settings, limits, clock, transport) as http:
            asked = Asked(PlatformClient(http, limits, clock=clock, read_timeout=10.0), settings.account_id)
            http.event_hooks = {"response": [_heed(asked.headers)]}
            return await _ask_all(asked)
    return {"sign-in": f"no end within {SECONDS:g} s"}


async def _ask_all(asked: Asked) -> dict[str, str]:
    try:
        await asked.client.token()
    except errors.MeetingsError as problem:
        return {"sign-in": Read(problem=problem).outcome}
    first = await asked.get(MEETINGS)
    if first.problem is not None and first.problem.code in _SIGNED_OUT:
        return {"sign-in": first.outcome}
    await _list(asked, first)
    for question in QUESTIONS:
        await question(asked)
    return asked.answers


def _heed(headers: set[str]) -> Callable[[httpx.Response], Awaitable[None]]:
    async def heed(response: httpx.Response) -> None:
        for name in response.headers:
            if name.startswith("x-rate-limit-"):
                headers.add(name)
        group = response.headers.get("x-rate-limit-group")
        if group is not None:
            limit = response.headers.get("x-rate-limit-limit", "")
            headers.add(f"{word(group)} {limit if limit.isdigit() else CANNOT_TELL}")

    return heed


async def _list(asked: Asked, read: Read) -> None:
    asked.meetings = read.records
    asked.answers["meeting list"] = read.outcome
    if read.problem is not None:
        return
    asked.answers["fields of the list"] = fields([read.data])
    asked.answers["fields of its paging"] = fields([read.data.get("paging")])
    asked.answers["fields of its navigation"] = fields([read.data.get("navigation")])
    asked.answers["meetings in it"] = _about(len(asked.meetings))
    asked.answers["fields of a listed meeting"] = fields(asked.meetings)
    asked.answers["types listed"] = words(one.get("meetingType") for one in asked.meetings)
    asked.answers["a running meeting is listed"] = _running(asked.meetings)


async def _pages(asked: Asked) -> None:
    ids = [record.get("id") for record in asked.meetings]
    if len(ids) < 2:
        asked.answers["page and perPage of the list"] = f"{CANNOT_TELL}: fewer than two meetings are listed"
        return
    first = await asked.get(MEETINGS, {"page": "1", "perPage": "1"})
    second = await asked.get(MEETINGS, {"page": "2", "perPage": "1"})
    shown = [[record.get("id") for record in read.records] for read in (first, second)]
    honoured = shown == [ids[:1], ids[1:2]]
    ignored = shown == [ids, ids]
    verdict = "honoured" if honoured else "ignored" if ignored else "neither honoured nor ignored"
    counts = f"{len(shown[0])} and {len(shown[1])} of {len(ids)} records" if not (honoured or ignored) else ""
    asked.answers["page and perPage of the list"] = f"{verdict} {counts}".strip()


async def _series(asked: Asked) -> None:
    series = next((one for one in asked.meetings if _rule(one)), None)
    if series is None or not isinstance(series.get("id"), str):
        asked.answers["recurrence"] = f"{CANNOT_TELL}: no series is listed"
        return
    read = await asked.get(MEETING, meetingId=series["id"])
    alone = read.data if isinstance(read.data, dict) else {}
    for where, meeting in (("the list", series), ("a read", alone)):
        rule = _rule(meeting) or {}
        asked.answers[f"recurrence in {where}"] = f"spelt {_spelling(meeting)}; fields {fields([rule])}"
        asked.answers[f"weeklyByDays in {where}"] = form(rule.get("weeklyByDays", rule.get("weeklyByDay")))
        asked.answers[f"monthlyByWeekDay in {where}"] = form(rule.get("monthlyByWeekDay"))
        asked.answers[f"occurrences in {where}"] = form(meeting.get("occurrences"))


async def _one(asked: Asked) -> None:
    listed = next((one for one in asked.meetings if isinstance(one.get("schedule"), dict)), None)
    if listed is None or not isinstance(listed.get("id"), str):
        asked.answers["schedule"] = f"{CANNOT_TELL}: no meeting with a time is listed"
        return
    read = await asked.get(MEETING, meetingId=listed["id"])
    alone = read.data if isinstance(read.data, dict) else {}
    asked.answers["fields of a read meeting"] = fields([alone])
    for where, meeting in (("the list", listed), ("a read", alone)):
        schedule = meeting.get("schedule") or {}
        asked.answers[f"schedule.timeZone in {where}"] = fields([schedule.get("timeZone")])
        asked.answers[f"schedule.startTime in {where}"] = form(schedule.get("startTime"))
        for name in ("usePersonalMeetingId", "pmi", "id", "uuid"):
            asked.answers[f"{name} in {where}"] = form(meeting.get(name))


async def _unknown(asked: Asked) -> None:
    read = await asked.get(MEETING, meetingId=UNKNOWN_MEETING)
    asked.answers["an unknown meeting id"] = read.outcome


async def _dictionary(asked: Asked) -> None:
    read = await asked.get(TIME_ZONES)
    asked.answers["time zone dictionary"] = read.outcome
    if isinstance(read.data, dict):
        asked.answers["size of the dictionary"] = f"{len(read.records)} on the first page; {_sizes(read.data)}"
        asked.answers["zone of dictionary id 1"] = words(
            record.get("name") for record in read.records if str(record.get("id")) == "1"
        )


def _sizes(page: Mapping[str, Any]) -> str:
    paging = page.get("paging")
    told = paging.items() if isinstance(paging, dict) else ()
    numbers = [f"{name} {value}" for name, value in told if name in _SIZES and isinstance(value, int)]
    return ", ".join(numbers) or "no paging"


async def _service_info(asked: Asked) -> None:
    read = await asked.get(f"{MEETINGS}/service-info")
    asked.answers["service info"] = read.outcome
    if isinstance(read.data, dict):
        asked.answers["fields of the service info"] = fields([read.data])
        asked.answers["fields of externalUserInfo"] = fields([read.data.get("externalUserInfo")])
        numbers = read.data.get("dialInNumbers")
        asked.answers["fields of a dial-in number"] = fields(numbers if isinstance(numbers, list) else [])


async def _rest(asked: Asked) -> None:
    product = await asked.get(f"{EXTENSION}/video-configuration")
    told = product.data if isinstance(product.data, dict) else {}
    provider = f"; provider {words([told.get('provider')])}" if product.problem is None else ""
    asked.answers["video configuration"] = product.outcome + provider
    check = await asked.get(f"{EXTENSION}/authz-profile/check", {"permissionId": "Meetings"})
    held = check.data.get("successful") if isinstance(check.data, dict) else None
    asked.answers["permission check"] = f"{check.outcome}; successful {form(held)}"
    people = await asked.get(f"{EXTENSION}/meetings-configuration/assisted")
    asked.answers["people one may schedule for"] = f"{people.outcome}; fields {fields([people.data])}"
    asked.answers["rate-limit headers"] = ", ".join(sorted(asked.headers)) or "none"


async def _rooms(asked: Asked) -> None:
    room = await asked.get(f"{BRIDGES}/default")
    told = room.data if isinstance(room.data, dict) else {}
    asked.answers["personal room"] = f"{room.outcome}; fields {fields([told])}"
    for name in ("pins", "security", "preferences"):
        asked.answers[f"fields of its {name}"] = fields([told.get(name)])
    asked.answers["an unknown room id"] = (await asked.get(BRIDGE, bridgeId=UNKNOWN_MEETING)).outcome
    people = await asked.get(DELEGATORS)
    asked.answers["delegators"] = f"{people.outcome}; {form(people.data)}"


async def _history(asked: Asked) -> None:
    read = await asked.get(HISTORY, {"perPage": MANY})
    told = read.data if isinstance(read.data, dict) else {}
    listed = told.get("meetings")
    held = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    asked.answers["history of meetings"] = f"{read.outcome}; {len(held)} on a page of {MANY}; fields {fields(held)}"
    asked.answers["order of the history"] = _order([str(one.get("startTime")) for one in held])
    asked.answers["recordings of RingCentral Meetings"] = (await asked.get(RECORDINGS)).outcome


def _order(starts: list[str]) -> str:
    if len(set(starts)) < 2:
        return f"{CANNOT_TELL}: fewer than two meetings were held"
    return "newest first" if starts == sorted(starts, reverse=True) else "another one"


QUESTIONS: Final = (_pages, _series, _one, _unknown, _dictionary, _service_info, _rooms, _history, _rest)


def word(value: object) -> str:
    """A word of a closed set; anything else might be somebody's."""
    return value if isinstance(value, str) and value in _WORDS else "another word"


def words(values: Iterable[object]) -> str:
    """The different words among the values."""
    return ", ".join(sorted({"absent" if value is None else word(value) for value in values})) or "none"


def fields(objects: Iterable[object]) -> str:
    """The names of the fields of all objects."""
    names = {name for one in objects if isinstance(one, dict) for name in one}
    shown = sorted(name for name in names if _FIELD.fullmatch(name))
    more = [f"{len(names) - len(shown)} of another form"] if len(shown) < len(names) else []
    return " ".join([*shown, *more]) or "none"


def form(value: object) -> str:
    """What kind of value it is, without the value."""
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return f"boolean {str(value).lower()}"
    if isinstance(value, list):
        kinds = sorted({form(item) if not isinstance(item, dict) else f"object {fields([item])}" for item in value})
        return f"array of {' or '.join(kinds) if kinds else 'nothing'}"
    if isinstance(value, str):
        return f"text of the form {_shape(value)}"
    return "object" if isinstance(value, dict) else "number"


def _shape(text: str) -> str:
    """The text with 0 for each digit and a for each letter; T and Z of a date stay."""
    date = re.fullmatch(r"[\d:.+TZ-]+", text) is not None
    shape = re.sub(r"\d", "0", text[:40])
    return ascii(shape if date else re.sub(r"[^\W\d_]+", "a", shape)) + ("..." if len(text) > 40 else "")


def _rule(meeting: Mapping[str, Any]) -> dict[str, Any] | None:
    rule = meeting.get("recurrence", meeting.get("reccurence"))
    return rule if isinstance(rule, dict) and rule else None


def _spelling(meeting: Mapping[str, Any]) -> str:
    return " and ".join(name for name in ("recurrence", "reccurence") if name in meeting) or "neither way"


def _running(meetings: list[dict[str, Any]]) -> str:
    states = words(one.get("status") for one in meetings)
    return "yes" if "Started" in states.split(", ") else f"{CANNOT_TELL}, statuses listed: {states}"


def _about(count: int) -> str:
    return str(count) if count < 3 else "3 or more"
