"""Parses answers into wire models."""

from typing import TypeVar

from ringcentral_meetings import errors
from ringcentral_meetings.platform.api.meetings_wire import Body, Page
from ringcentral_meetings.platform.client import Answer

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


def unreadable(answer: Answer, why: str) -> errors.Unanswered:
    """Return the error for an answer that is not what was asked for."""
    return errors.unreadable_answer(errors.Upstream(answer.status, request_id=answer.request_id), why)
