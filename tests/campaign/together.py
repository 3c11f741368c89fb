"""Several calls about one meeting at once: of one server, or of several."""

from functools import partial

from campaign.meetings import KEPT, RUNNING, SERIES
from campaign.operations import change, remove, remove_date, stop
from campaign.people import Person, at_once


async def update_at_once(person: Person) -> None:
    """One person's assistant changes each field by a call of its own, all at once: nothing may be lost."""
    story = person.pick()
    if story is None:
        return
    names = sorted(story.kept)
    await at_once(*[partial(change, person, story, "update at once", name) for name in names])


async def update_apart(person: Person) -> None:
    """Two people change different fields at once."""
    story = person.pick()
    if story is None:
        return
    first, second = person.chance.sample(sorted(story.kept), 2)
    await at_once(
        partial(change, person, story, "update apart", first),
        partial(change, person.colleague(), story, "update apart", second),
    )


async def update_by_many(person: Person) -> None:
    """Everybody changes a field of one meeting, all at once."""
    story = person.pick()
    if story is None:
        return
    names = person.chance.sample(sorted(story.kept), len(story.kept))
    await at_once(
        *[
            partial(change, who, story, "update by many", name)
            for who, name in zip(person.party.people, names, strict=False)
        ]
    )


async def update_while_deleted(person: Person) -> None:
    """One changes what another deletes."""
    story = person.pick()
    if story is None:
        return
    other = person.chance.choice((person, person.colleague()))
    name = person.chance.choice(sorted(story.kept))
    await at_once(
        partial(change, person, story, "update while deleted", name),
        partial(remove, other, story, "delete while updated"),
    )


async def delete_twice(person: Person) -> None:
    """Two delete the same meeting."""
    if story := person.pick():
        other = person.chance.choice((person, person.colleague()))
        await at_once(*[partial(remove, who, story, "delete twice") for who in (person, other)])


async def delete_dates_at_once(person: Person) -> None:
    """Two delete dates of one series, which may be the same one, while a third changes the series."""
    if story := person.pick(SERIES):
        await at_once(
            partial(remove_date, person, story, "delete dates at once"),
            partial(remove_date, person.colleague(), story, "delete dates at once"),
            partial(change, person, story, "update with dates deleted", person.chance.choice(sorted(KEPT[SERIES]))),
        )


async def end_twice(person: Person) -> None:
    """Two end the same meeting."""
    if story := person.pick(RUNNING):
        other = person.chance.choice((person, person.colleague()))
        await at_once(*[partial(stop, who, story, "end twice") for who in (person, other)])
