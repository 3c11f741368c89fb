"""What a request to the MCP server is answered that is not let in.

Facts: RFC 6750, section 3 (challenges of bearer tokens), RFC 9728, section 5.1 (`resource_metadata`), and the MCP
specification on authorization (`scope` in both challenges).
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Final

from starlette.responses import JSONResponse, Response

from ringcentral_meetings.gate.metadata import resource_metadata_url
from ringcentral_meetings.gate.records import Gate

REALM: Final = 'Bearer realm="ringcentral-meetings-mcp"'


class Refusal(Exception):
    """A request that is not let in: what is answered instead."""

    def __init__(self, status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "error_description": description}
        self.headers = headers

    def response(self) -> Response:
        """Return the answer."""
        return JSONResponse(self.body, self.status, self.headers)


def unauthorized(gate: Gate | None, error: str | None, description: str) -> Refusal:
    """Return 401, which says where people sign in, if they can; `error` is None where no token was given."""
    parts = [] if error is None else [f'error="{error}"', f'error_description="{description}"']
    scopes = gate.default_scopes if gate is not None else ()
    return Refusal(401, error or "unauthorized", description, _challenge(gate, parts, scopes))


def insufficient_scope(gate: Gate | None, scopes: Sequence[str]) -> Refusal:
    """Return 403 with all scopes that the operation needs."""
    description = f"This needs {' and '.join(scopes)}."
    parts = ['error="insufficient_scope"', f'error_description="{description}"']
    return Refusal(403, "insufficient_scope", description, _challenge(gate, parts, scopes))


def unavailable(description: str, seconds: float) -> Refusal:
    """Return 503: nothing was done, and nothing is said of the token."""
    return Refusal(503, "temporarily_unavailable", description, {"Retry-After": str(max(1, ceil(seconds)))})


def too_many(seconds: float) -> Refusal:
    """Return 429."""
    text = str(ceil(seconds))
    return Refusal(429, "too_many_requests", f"Try again in {text} s.", {"Retry-After": text})


def no_sessions() -> Refusal:
    """Return 405 for what reads from or ends a session."""
    return Refusal(405, "method_not_allowed", "This server has no sessions; use POST.", {"Allow": "POST"})


def _challenge(gate: Gate | None, parts: Sequence[str], scopes: Sequence[str]) -> dict[str, str]:
    where = [] if gate is None else [f'resource_metadata="{resource_metadata_url(gate)}"']
    named = [f'scope="{" ".join(scopes)}"'] if scopes else []
    return {"WWW-Authenticate": ", ".join([REALM, *parts, *named, *where])}
