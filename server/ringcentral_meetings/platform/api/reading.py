"""Parses answers into wire models."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import anyio.to_thread
from pydantic import ValidationError

from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import LARGE_BYTES, Reply
from ringcentral_meetings.platform.api.listed_wire import ListedMeeting, ListedPage
from ringcentral_meetings.platform.api.meetings_wire import Body, Meeting, Page, Paging
from ringcentral_meetings.platform.client import Answer, answer_of

AnyBody = TypeVar("AnyBody", bound=Body)
AnyPage = TypeVar("AnyPage", bound=Page)


def read(model: type[AnyBody], answer: Answer) -> AnyBody:
    """Return the resource that an answer holds. Raises `Unanswered` if it is not a JSON object."""
    if not isinstance(answer.data, dict):
        raise unreadable(answer, "it is not a JSON object")
    return model.model_validate(answer.data)


def read_page(model: type[AnyPage], answer: Answer) -> AnyPage:
    """Return a page. Raises `Unanswered` if it has no list of records: taken as empty, it would hide meetings.

    `{}` counts as empty, since RingCentral's own clients treat it so.
    """
    page = read(model, answer)
    nothing = "records" not in page.raw and (not page.raw or page.paging.total_elements == 0)
    if not nothing and not isinstance(page.raw.get("records"), list):
        raise unreadable(answer, "it is not a list")
    return page


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """A page of meetings, each read strictly or else tolerantly, and how many records it had."""

    records: list[ListedMeeting | Meeting]
    size: int
    paging: Paging
    next_uri: str | None


async def read_meetings(reply: Reply) -> MeetingPage:
    """Return a page of meetings. Raises as `read_page`.

    It is read in one pass from its bytes, unless it is large: one pass would hold up all else in the process.
    """
    if len(reply.body or b"") <= LARGE_BYTES:
        return _page_at_once(reply) or _page_by_record(await answer_of(reply))
    answer = await answer_of(reply)
    return await anyio.to_thread.run_sync(partial(_page_by_record, answer), abandon_on_cancel=True)


def _page_at_once(reply: Reply) -> MeetingPage | None:
    """Return a page whose frame is as documented; None for any other, and for what may not be JSON."""
    # Constants that are not JSON, which only Python's parser can refuse.
    if reply.body is None or b"NaN" in reply.body or b"Infinity" in reply.body:
        return None
    try:
        page = ListedPage.model_validate_json(reply.body)
    except ValidationError:
        return None
    return MeetingPage(_meetings(page.records), len(page.records), page.paging, page.next_uri)


def _page_by_record(answer: Answer) -> MeetingPage:
    page = read_page(Page, answer)
    records = page.raw.get("records", ())
    return MeetingPage(_meetings(map(_strict_or_raw, records)), len(records), page.paging, page.next_uri)


def _strict_or_raw(record: Any) -> Any:
    try:
        return ListedMeeting.model_validate(record)
    except ValidationError:
        return record


def _meetings(records: Iterable[Any]) -> list[ListedMeeting | Meeting]:
    """Read tolerantly what was not read strictly, and leave out what is no object at all."""
    return [
        record if isinstance(record, ListedMeeting) else Meeting.model_validate(record)
        for record in records
        if isinstance(record, ListedMeeting | dict)
    ]


def unreadable(answer: Answer, why: str) -> errors.Unanswered:
    """Return the error for an answer that is not what was asked for."""
    return errors.unreadable_answer(errors.Upstream(answer.status, request_id=answer.request_id), why)
