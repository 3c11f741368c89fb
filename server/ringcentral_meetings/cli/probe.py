"""Questions that RingCentral's documentation leaves open, asked of a real account by reads alone.

The answers hold no id, name, topic or secret. What RingCentral sends is described by the names of its fields, by words
of closed sets, by counts, and by the shape of its values.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import anyio
import click
import httpx

from ringcentral_meetings import PROGRAM, __version__, errors, logs
from ringcentral_meetings.connection import connected
from ringcentral_meetings.platform.api.history import HISTORY, RECORDINGS
from ringcentral_meetings.platform.api.meetings import EXTENSION, MEETING, MEETINGS, OWN, TIME_ZONES
from ringcentral_meetings.platform.api.video import BRIDGE, BRIDGES, DELEGATORS
from ringcentral_meetings.platform.client import PlatformClient
from ringcentral_meetings.platform.limits import Clock, LoopClock, RateLimits
from ringcentral_meetings.settings import Settings

SECONDS: Final = 45.0
CANNOT_TELL: Final = "cannot tell"
WORDS: Final = re.compile(
    r"RC(Meetings|Video)|None|Paid|Free|NotStarted|Started|Finished|Instant|(Scheduled)?(Recurring)?|Meetings|"
    r"([Ll]ight|[Mm]edium|[Hh]eavy|[Aa]uth)|(Etc/)?(GMT|UTC)|(meeting|extension|account)Id|"
    r"[Gg]oogle|[Oo]ffice365|[Mm]icrosoft|[Ee]xchange|[Aa]pple|[Ii][Cc]loud"
)

Facts = Mapping[str, str]
"""By the way in which values are described: their paths in an answer. `*` is each item, `a|b` whichever is there."""


class Read(NamedTuple):
    """A read to make, and what to describe of its answer."""

    question: str
    path: str
    facts: Facts = MappingProxyType({})
    query: Mapping[str, str] | None = None
    ids: Mapping[str, str] = MappingProxyType({})


class Account:
    """The account that is asked, and the rate-limit headers of its answers."""

    def __init__(self, client: PlatformClient, account_id: str) -> None:
        self.client, self.account_id = client, account_id
        self.headers: set[str] = set()

    async def get(self, path: str, query: Mapping[str, str] | None = None, **values: str) -> tuple[str, Any]:
        """Read; return `answers` or the refusal in short, and the JSON of a success."""
        own = {"accountId": self.account_id, "extensionId": OWN, **values}
        try:
            return "answers", (await self.client.request("GET", path, values=own, query=query, group="light")).data
        except errors.MeetingsError as problem:
            return outcome(problem), None

    async def note_headers(self, response: httpx.Response) -> None:
        """Remember the names of rate-limit headers, and each plan group's limit."""
        self.headers.update(name for name in response.headers if name.startswith("x-rate-limit-"))
        if (group := response.headers.get("x-rate-limit-group")) is not None:
            limit = response.headers.get("x-rate-limit-limit", "")
            self.headers.add(f"{words([group])} {limit if limit.isdigit() else CANNOT_TELL}")


def run(settings: Settings, *, as_json: bool) -> int:
    """Ask and print; return 1 if nobody is signed in, else 0."""
    logs.configure("CRITICAL", settings.log_format, settings.secrets())
    answers = anyio.run(probe, settings)
    text = "\n".join(f"- {question}: {answer}" for question, answer in answers.items())
    body = json.dumps({"version": __version__, "answers": answers}, separators=(",", ":"))
    print(body if as_json else f"{PROGRAM} {__version__}, probe by reads alone\n{text}")  # noqa: T201
    if list(answers) != ["sign-in"]:
        return 0
    click.echo(f"{PROGRAM}: nothing could be asked without a sign-in; `{PROGRAM} doctor` says how to mend it", err=True)
    return 1


async def probe(
    settings: Settings, transport: httpx.AsyncBaseTransport | None = None, clock: Clock | None = None
) -> dict[str, str]:
    """Return the answers by question, or `sign-in` alone if that fails. `transport` stands in for the network."""
    clock = clock or LoopClock()
    limits = RateLimits(settings.plan_limits, clock)
    with anyio.move_on_after(SECONDS):
        async with connected(settings, limits, clock, transport) as connection:
            http = connection.http
            account = Account(PlatformClient(http, limits, clock=clock, read_timeout=10.0), settings.account_id)
            http.event_hooks = {"response": [account.note_headers]}
            return await _answers(account)
    return {"sign-in": f"not finished within {SECONDS:g} s"}


async def _answers(account: Account) -> dict[str, str]:
    try:
        await account.client.token()
    except errors.MeetingsError as problem:
        return {"sign-in": outcome(problem)}
    result, page = await account.get(MEETINGS)
    if result.startswith(("HTTP 401", "not_signed_in", "session_expired")):
        return {"sign-in": result}
    meetings = [meeting for meeting in at(page, "records.*") if isinstance(meeting, dict)]
    answers = {"meeting list": result} | described("list", page, LIST) | await _pages(account, meetings)
    answers |= await _read_again(account, meetings, "series", "recurrence|reccurence", SERIES)
    answers |= await _read_again(account, meetings, "scheduled", "schedule", SCHEDULED)
    for question, path, facts, query, ids in READS:
        result, data = await account.get(path, query, **ids)
        answers |= {question: result} | described(question, data, facts)
    return answers | {"rate-limit headers": ", ".join(sorted(account.headers)) or "none"}


async def _pages(account: Account, meetings: list[dict[str, Any]]) -> dict[str, str]:
    question, ids = "page and perPage of the list", at(meetings, "*.id")
    if len(ids) < 2:
        return {question: f"{CANNOT_TELL}: fewer than two meetings are listed"}
    reads = [await account.get(MEETINGS, {"page": page, "perPage": "1"}) for page in ("1", "2")]
    shown = [at(page, "records.*.id") for _, page in reads]
    verdict = "honoured" if shown == [ids[:1], ids[1:2]] else "ignored" if shown == [ids, ids] else "neither"
    return {question: f"{verdict}; {len(shown[0])} and {len(shown[1])} of {len(ids)} records"}


async def _read_again(
    account: Account, meetings: list[dict[str, Any]], kind: str, field: str, facts: Facts
) -> dict[str, str]:
    """Describe the first meeting that has the field, as it is listed and as it is read alone."""
    listed = next((meeting for meeting in meetings if any(at(meeting, field))), None)
    if listed is None:
        return {kind: f"{CANNOT_TELL}: none is listed"}
    _, alone = await account.get(MEETING, meetingId=str(listed.get("id")))
    return described(f"{kind} listed", listed, facts) | described(f"{kind} read", alone, facts)


def described(question: str, data: Any, facts: Facts) -> dict[str, str]:
    """Return the description of each fact; none if there is no data."""
    every = ((how, path) for how, paths in facts.items() for path in paths.split())
    return {} if data is None else {f"{question}, {how} of {path}": HOW[how](at(data, path)) for how, path in every}


def at(data: Any, path: str) -> list[Any]:
    """Return the values at a path; None for a field that is missing from its object."""
    values = [data]
    for part in filter(None, path.split(".")):
        if part == "*":
            values = [item for value in values if isinstance(value, list) for item in value]
        else:
            objects = [value for value in values if isinstance(value, dict)]
            values = [next((one[name] for name in part.split("|") if name in one), None) for one in objects]
    return values


def outcome(problem: errors.MeetingsError) -> str:
    """Return the HTTP status and codes of a refusal, or our own code if RingCentral did not answer."""
    upstream = problem.upstream
    if upstream is None:
        return problem.code
    code = upstream.error_code or "none"
    shown = code if re.fullmatch(r"none|[A-Z]{3}-\d{3}", code) else "another form"
    named = f", parameterName {words([upstream.parameter])}" if upstream.parameter else ""
    return f"HTTP {upstream.http_status}, errorCode {shown}{named}"


def words(values: Iterable[object]) -> str:
    """Return the different words among the values; those outside the closed set could be personal."""
    known = {
        value if isinstance(value, str) and WORDS.fullmatch(value) else "another word" for value in values if value
    }
    return ", ".join(sorted(known | ({"absent"} if None in values else set()))) or "none"


def fields(values: Iterable[object]) -> str:
    """Return the names of the fields of all objects among the values."""
    names = {name for value in values if isinstance(value, dict) for name in value}
    shown = {name if re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,40}", name) else "(another form)" for name in names}
    return " ".join(sorted(shown, key=lambda name: (name[0] == "(", name))) or "none"


def forms(values: Iterable[object]) -> str:
    """Return the types and shapes of the values, without the values."""
    return " or ".join(sorted({_form(value) for value in values})) or "nothing"


def _form(value: object) -> str:
    if isinstance(value, bool):
        return f"boolean {str(value).lower()}"
    if isinstance(value, list):
        return f"array of {forms(value)}"
    if isinstance(value, str):
        digits = re.sub(r"\d", "0", value[:40])
        shape = digits if re.fullmatch(r"[\d:.+TZ-]+", value) else re.sub(r"[^\W\d_]+", "a", digits)
        return f"text of the form {shape!a}{'...' if len(value) > 40 else ''}"
    return "absent" if value is None else f"object {fields([value])}" if isinstance(value, dict) else "number"


def _numbers(values: Iterable[object]) -> str:
    sizes = (len(value) if isinstance(value, list) else value for value in values)
    return ", ".join(str(size) if isinstance(size, int) else "absent" for size in sizes)


def _zone_1(records: Iterable[object]) -> str:
    return words(record.get("name") for record in records if isinstance(record, dict) and str(record.get("id")) == "1")


def _order(values: Iterable[object]) -> str:
    starts = [str(value) for value in values]
    if len(set(starts)) < 2:
        return f"{CANNOT_TELL}: fewer than two are listed"
    return "newest first" if starts == sorted(starts, reverse=True) else "another one"


HOW: Final[Mapping[str, Callable[[list[Any]], str]]] = {
    "fields": fields,
    "words": words,
    "form": forms,
    "number": _numbers,
    "name with id 1": _zone_1,
    "order": _order,
}
LIST: Final = {"fields": ". paging navigation records.*", "words": "records.*.meetingType records.*.status"}
SERIES: Final = {
    "fields": ". recurrence|reccurence",
    "form": "recurrence|reccurence.weeklyByDays|weeklyByDay recurrence|reccurence.monthlyByWeekDay occurrences",
}
SCHEDULED: Final = {
    "fields": ". schedule.timeZone",
    "form": "schedule.startTime usePersonalMeetingId pmi id uuid",
}
ZONES: Final = {
    "number": "records paging.perPage paging.totalPages paging.totalElements",
    "name with id 1": "records.*",
}
HELD: Final = {"number": "meetings", "fields": "meetings.*", "order": "meetings.*.startTime"}
CLOUD_CALENDARS: Final = {"number": "records", "words": "records.*.providerId", "fields": "records.*"}
PERMISSION: Final = {"permissionId": "Meetings"}
READS: Final = (
    Read("unknown meeting id", MEETING, ids={"meetingId": "1"}),
    Read("time zone dictionary", TIME_ZONES, ZONES),
    Read("service info", f"{MEETINGS}/service-info", {"fields": ". externalUserInfo dialInNumbers.*"}),
    Read("personal room", f"{BRIDGES}/default", {"fields": ". pins security preferences"}),
    Read("unknown room id", BRIDGE, ids={"bridgeId": "1"}),
    Read("delegators", DELEGATORS, {"form": "."}),
    Read("history of meetings", HISTORY, HELD, {"perPage": "1000"}),
    Read("recordings of RingCentral Meetings", RECORDINGS),
    Read("video configuration", f"{EXTENSION}/video-configuration", {"words": "provider"}),
    Read("permission check", f"{EXTENSION}/authz-profile/check", {"form": "successful"}, PERMISSION),
    Read("calendars that RingCentral is connected with", f"{EXTENSION}/cloud-calendars/ucc", CLOUD_CALENDARS),
    Read("people the user may schedule for", f"{EXTENSION}/meetings-configuration/assisted", {"fields": "."}),
)
