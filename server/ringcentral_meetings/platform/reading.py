"""From an answer to a wire model."""

from typing import TypeVar

from ringcentral_meetings import errors
from ringcentral_meetings.platform.client import Answer
from ringcentral_meetings.platform.wire import Body

AnyBody = TypeVar("AnyBody", bound=Body)


def read(model: type[AnyBody], answer: Answer) -> AnyBody:
    """The resource that an answer holds. Raises `Unanswered` where it is no JSON object."""
    if not isinstance(answer.data, dict):
        raise unreadable(answer, "it is no JSON object")
    return model.model_validate(answer.data)


def unreadable(answer: Answer, why: str) -> errors.Unanswered:
    """The error for an answer that is not what was asked for."""
    return errors.unreadable_answer(errors.Upstream(answer.status, request_id=answer.request_id), why)
