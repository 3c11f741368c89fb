"""A request as the handlers see it, and the table that says which handler answers which request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ringcentral_meetings.simulator.limits import Group
from ringcentral_meetings.simulator.replies import Reply, invalid

if TYPE_CHECKING:
    from ringcentral_meetings.simulator.simulator import Simulator


@dataclass(frozen=True)
class Call:
    """One authorized request.

    `user` and `extension` are extension ids: who is signed in, and whom the path names. `base` is scheme
    and host of the request, for the links in the answer.
    """

    base: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    user: str
    extension: str


@dataclass(frozen=True)
class Operation:
    """One operation of the API: its plan group, the app scope and the user permission it asks for."""

    method: str
    path: str
    group: Group
    scope: str | None
    permission: str | None
    handler: "Callable[[Simulator, Call], Reply]"


def whole_number(call: Call, name: str, default: int, most: int) -> int:
    """Return a query parameter from 1 to `most`.

    Raises ApiError CMN-101 naming the parameter.
    """
    given = call.query.get(name, str(default))
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= most):
        raise invalid(name)
    return int(given)
