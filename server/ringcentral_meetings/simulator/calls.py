"""An authorized request as a handler sees it, and the description of an operation that a route is made from."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ringcentral_meetings.simulator.limits import Group
from ringcentral_meetings.simulator.people import PEOPLE
from ringcentral_meetings.simulator.replies import ApiError, Reply, invalid
from ringcentral_meetings.simulator.state import State

EXTENSION = "/restapi/v1.0/account/{account_id}/extension/{extension_id}"


@dataclass(frozen=True)
class Call:
    """One authorized request.

    `user` is the extension id of whoever is signed in, `extension` that of whom the path names. `base` is scheme
    and host of the request, for the links in the answer.
    """

    base: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    user: str
    extension: str


Handler = Callable[[State, Call], Reply]


@dataclass(frozen=True)
class Operation:
    """One operation of the API: its plan group, and the app scope and user permission that it requires."""

    method: str
    path: str
    group: Group
    scope: str | None
    permission: str | None
    handler: Handler


def extension_uri(call: Call) -> str:
    """Return the absolute address of the extension that the path names."""
    account = PEOPLE[call.extension].account
    return f"{call.base}/restapi/v1.0/account/{account}/extension/{call.extension}"


def whole_number(call: Call, name: str, default: int, most: int) -> int:
    """Return a query parameter from 1 to `most`.

    Raises ApiError CMN-101 naming the parameter.
    """
    given = call.query.get(name, str(default))
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= most):
        raise invalid(name)
    return int(given)


def json_object(call: Call) -> dict[str, Any]:
    """Return the JSON object in the body of a request.

    Raises ApiError: CMN-103 if the body is not JSON, CMN-104 if it is not an object.
    """
    try:
        value = json.loads(call.body)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "CMN-103", "JSON cannot be parsed") from error
    if not isinstance(value, dict):
        raise ApiError(400, "CMN-104", "Request cannot be parsed")
    return value
