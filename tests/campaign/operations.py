"""What one person does to meetings, one call after the other."""

from functools import partial
from typing import Any

from campaign.ledger import mark
from campaign.meetings import (
    COUNT,
    IS_RUNNING,
    KEPT,
    MINUTES,
    RUNNING,
    SERIES,
    SINGLE,
    START,
    WAITING_ROOM,
    date_of,
    dates_from,
)
from campaign.people import NOT_FOUND, OUTCOME_UNKNOWN, Answer, Judge, Person
from campaign.possibilities import EXISTS, TOPIC, Deed, Fate, Story


async def begin_running(person: Person) -> None:
    """Somebody starts a meeting in the app."""
    story = person.ledger.story(person.number, RUNNING, KEPT[RUNNING], {})
    topic = f"{story.mark} first"
    start = person.simulator.moment().strftime("%Y-%m-%dT%H:%M:00Z")
    schedule = {"startTime": start, "durationInMinutes": 600, "timeZone": {"name": "Europe/Berlin"}}
    story.meeting_id = person.simulator.put_meeting(
        topic=topic,
        meetingType="Scheduled",
        schedule=schedule,
        started=True,
        enableWaitingRoom=True,
        host={"id": person.host},
    )
    values = {TOPIC: topic, WAITING_ROOM: True, MINUTES: 600, IS_RUNNING: True, EXISTS: True}
    story.facts |= {name: {value} for name, value in values.items()}
    publish(person, story)


def publish(person: Person, story: Story) -> None:
    """Let everybody act on a meeting, and remember all of it that nobody will ask to change."""
    found = person.found(story.meeting_id)
    if found is not None:
        story.rest, story.names = found.rest, found.names
    story.published = True


async def read(person: Person) -> None:
    if story := person.pick():
        await look(person, story, "get")


async def look(person: Person, story: Story, purpose: str) -> Answer:
    """Read a meeting and hold what is shown against its story."""
    answer, deed = await person.do(story, purpose, "get_meeting")
    note_absence(person, story, answer, deed)
    if answer.done and not answer.trace.misled:
        for name, value in {EXISTS: True, **person.product.shown(story.kind, answer.body)}.items():
            person.ledger.complain(story.shown(deed, name, value))
    return answer


async def search(person: Person) -> None:
    """Look a meeting up in the list, where it has to be."""
    story = person.pick(SINGLE)
    if story is None:
        return
    end = f"{person.simulator.moment().year + 1}-12-31"
    deed = story.begin(Deed(person.server, {}))
    answer = await person.call("list", "list_meetings", query=story.mark, window_end=end)
    story.end(deed, Fate.NOTHING)
    if not answer.done:
        return
    rows = [row for row in answer.body["meetings"] if mark(row["topic"]) == story.mark]
    if any(row["meeting_id"] != story.meeting_id for row in rows) and not story.spare:
        person.ledger.complain(f"{story.mark}: listed as {rows}")
    if rows or not answer.body.get("incomplete"):
        person.ledger.complain(story.shown(deed, EXISTS, bool(rows)))


async def update(person: Person) -> None:
    if story := person.pick():
        names = sorted(story.kept)
        await change(person, story, "update", *person.chance.sample(names, person.chance.randint(1, len(names))))


async def change(person: Person, story: Story, purpose: str, *names: str) -> None:
    """Update some facts of a meeting."""
    writes = {name: person.product.some_value(person, story.mark, name) for name in names}
    arguments: dict[str, Any] = {}
    for name, value in writes.items():
        for argument, given in person.product.as_argument(name, value).items():
            nested = {**arguments.get(argument, {}), **given} if isinstance(given, dict) else given
            arguments[argument] = nested
    answer, deed = await person.do(
        story,
        purpose,
        "update_meeting",
        writes=writes,
        whole=person.product.whole,
        judge=_as_applied(person, story),
        **arguments,
    )
    note_absence(person, story, answer, deed)
    if answer.done and not answer.trace.misled:
        person.ledger.complain(story.shown(deed, EXISTS, True))
        _check_changed(person, story, answer, deed)


def _as_applied(person: Person, story: Story) -> Judge:
    def judge(answer: Answer, deed: Deed) -> Fate:
        if not (answer.done and answer.body.get("not_applied")):
            return answer.fate
        if not person.product.interfering(deed):
            person.ledger.complain(f"{story.mark}: not applied {answer.body['not_applied']}")
        return Fate.OPEN

    return judge


def _check_changed(person: Person, story: Story, answer: Answer, deed: Deed) -> None:
    if answer.body.get("changed_unasked") and not person.product.interfering(deed):
        person.ledger.complain(f"{story.mark}: changed unasked {answer.body['changed_unasked']}")
    shown = {TOPIC: answer.body["meeting"]["topic"], MINUTES: answer.body["meeting"].get("duration_minutes")}
    for name, value in shown.items():
        if name in deed.writes and value != deed.writes[name] and not answer.body.get("not_applied"):
            person.ledger.complain(f"{story.mark}: {name} shown as {value!r} after {deed.writes[name]!r} was asked")
        elif name in story.kept - deed.writes.keys() and value not in deed.saw[name]:
            person.ledger.complain(f"{story.mark}: {name} shown as {value!r}, which nobody asked for")


async def delete(person: Person) -> None:
    if story := person.pick():
        await remove(person, story, "delete a series" if story.kind == SERIES else "delete")


async def remove(person: Person, story: Story, purpose: str) -> None:
    """Delete a meeting, or a whole series."""
    echo = await echoed(person, story)
    if echo is None:
        return
    scope: dict[str, Any] = {"scope": "series"} if story.kind == SERIES else {}
    answer, deed = await person.do(story, purpose, "delete_meeting", writes={EXISTS: False}, **echo, **scope)
    note_absence(person, story, answer, deed)
    _check_gone(person, story, answer, deed)
    if answer.code == OUTCOME_UNKNOWN:
        await look(person, story, "get what may be deleted")


async def delete_date(person: Person) -> None:
    if story := person.pick(SERIES):
        await remove_date(person, story, "delete a date")


async def remove_date(person: Person, story: Story, purpose: str) -> None:
    """Delete one date of a series."""
    seen = await look(person, story, "get for an echo")
    upcoming = seen.body.get("upcoming", []) if seen.done else []
    dates = [date for date in upcoming if "occurrence_id" in date]
    if not dates:
        return
    date = person.chance.choice(dates)
    fact = date_of(date["occurrence_id"])
    echo = {"expected_topic": seen.body["meeting"]["topic"], "expected_start": date["start"]}
    one = {"scope": "occurrence", "occurrence_id": date["occurrence_id"]}
    answer, deed = await person.do(
        story,
        purpose,
        "delete_meeting",
        writes={fact: True},
        judge=_as_removed,
        shows=partial(_lists_dates, person, story),
        **echo,
        **one,
    )
    if answer.code == NOT_FOUND and not deed.met and not _may_lack(story, deed, date["occurrence_id"]):
        person.ledger.complain(f"{story.mark}: {fact} not found, and nothing was done to it")
    _check_gone(person, story, answer, deed)


def _as_removed(answer: Answer, deed: Deed) -> Fate:
    """A date that a shorter series does not have is called deleted too, and is back when the series grows again."""
    shortened = any(COUNT in other.writes for other in deed.met)
    return Fate.OPEN if answer.done and (shortened or answer.body.get("already_gone")) else answer.fate


def _lists_dates(person: Person, story: Story) -> bool:
    """Whether a date is left: a series that lists none may not list any."""
    meeting = person.simulator.meeting(story.meeting_id or "")
    return meeting is not None and bool(meeting["occurrences"])


def _may_lack(story: Story, deed: Deed, occurrence_id: str) -> bool:
    (start,) = story.facts[START]
    number = dates_from(start).index(occurrence_id)
    return False in deed.saw[EXISTS] or True in deed.saw[date_of(occurrence_id)] or number >= min(deed.saw[COUNT])


def _check_gone(person: Person, story: Story, answer: Answer, deed: Deed) -> None:
    if answer.done and answer.body.get("already_gone") and not (deed.met or answer.trace.misled):
        person.ledger.complain(f"{story.mark}: called gone already, and nobody else touched it")


async def end(person: Person) -> None:
    if story := person.pick():
        await stop(person, story, "end")


async def stop(person: Person, story: Story, purpose: str) -> None:
    """End a meeting for everybody, if it runs."""
    echo = await echoed(person, story)
    if echo is None:
        return
    answer, deed = await person.do(story, purpose, "end_meeting", writes={IS_RUNNING: False}, judge=_as_ended, **echo)
    note_absence(person, story, answer, deed)
    if not answer.done:
        return
    if answer.body.get("already_gone"):
        person.ledger.complain(story.shown(deed, EXISTS, False))
    elif not answer.body["ended"]:
        person.ledger.complain(story.shown(deed, IS_RUNNING, False))
    elif True not in deed.saw[IS_RUNNING]:
        person.ledger.complain(f"{story.mark}: called ended, and was not running")


def _as_ended(answer: Answer, _: Deed) -> Fate:
    nothing = answer.done and (not answer.body["ended"] or answer.body.get("already_gone"))
    return Fate.NOTHING if nothing else answer.fate


async def err(person: Person) -> None:
    """Name the wrong meeting, or a date that is not there: nothing may come of it."""
    story = person.pick()
    if story is None:
        return
    tool = person.chance.choice(("delete_meeting", "end_meeting"))
    arguments: dict[str, Any] = {"expected_topic": "another", "expected_start": "2026-01-01T00:00"}
    if story.kind == SERIES and tool == "delete_meeting":
        arguments |= {"scope": "occurrence", "occurrence_id": "1234567890000"}
    answer, deed = await person.do(
        story, f"{tool.split('_')[0]} another", tool, judge=lambda *_: Fate.NOTHING, **arguments
    )
    if answer.done:
        person.ledger.complain(f"{story.mark}: {tool} under a wrong name")
    if story.kind != SERIES:
        note_absence(person, story, answer, deed)


async def echoed(person: Person, story: Story) -> dict[str, Any] | None:
    """What a deletion or ending has to name, as just read."""
    answer = await look(person, story, "get for an echo")
    if not answer.done:
        return None
    meeting = answer.body["meeting"]
    start = {"expected_start": meeting["start"]} if "start" in meeting else {}
    return {"expected_topic": meeting["topic"], **start}


def note_absence(person: Person, story: Story, answer: Answer, deed: Deed) -> None:
    """A meeting that is not found has to have been deleted, unless its server was given the id of another."""
    if answer.code == NOT_FOUND and not answer.trace.misled:
        person.ledger.complain(story.shown(deed, EXISTS, False))
