"""The error answers of RingCentral Video.

Its API reference declares the status of an error but no body, so the body is a switch. Errors that come before the
product (token, scope, rate limit) keep the form of the platform.
"""

from http import HTTPStatus

from ringcentral_meetings.simulator.calls import Call, Handler
from ringcentral_meetings.simulator.people import may_act_for, same_account
from ringcentral_meetings.simulator.replies import ApiError, Reply
from ringcentral_meetings.simulator.state import State

CODES = {400: "CMN-101", 403: "CMN-404", 404: "CMN-102", 406: "CMN-101", 409: "CMN-406"}
MIXED = {403: "text", 404: "empty"}


class Refusal(Exception):
    """An error answer of the product; `parameter` names what it refuses."""

    def __init__(self, status: int, parameter: str) -> None:
        super().__init__(f"{status} {parameter}")
        self.status = status
        self.parameter = parameter


def refusing(handler: Handler) -> Handler:
    """Return a handler that answers a Refusal in the form that the switch selects."""

    def answer(state: State, call: Call) -> Reply:
        try:
            return handler(state, call)
        except Refusal as refusal:
            return _reply(refusal, state.switches.video_refusals)

    return answer


def extension(call: Call) -> str:
    """Return the extension id of `owner_id` in the path: the user's own, or that of somebody who delegates to the user.

    Raises Refusal: 404 for an unknown extension, 403 for anybody else's.
    """
    named = call.path["owner_id"]
    identifier = call.user if named == "~" else named
    if not same_account(call.user, identifier):
        raise Refusal(404, "extensionId")
    if not may_act_for(call.user, identifier):
        raise Refusal(403, "extensionId")
    return identifier


def _reply(refusal: Refusal, form: str) -> Reply:
    phrase = HTTPStatus(refusal.status).phrase
    form = MIXED.get(refusal.status, "json") if form == "mixed" else form
    if form == "empty":
        return Reply(refusal.status)
    if form == "text":
        return Reply(refusal.status, phrase.encode(), {"Content-Type": "text/plain"})
    message = f"{phrase}: [{refusal.parameter}]"
    return ApiError(refusal.status, CODES[refusal.status], message, parameterName=refusal.parameter).reply()
