"""Which scopes a request to the MCP server needs, and whether its token has them.

Tools that change something need `meetings.write`. All tools are listed for everybody, so that a model finds those that
change something and the client can ask the person for more, by the challenge that a call of one is answered with; a
tool that is not listed is never called, and a list may be kept by clients for longer than a grant stays as it is.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

import pydantic_core
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver.tools import Tool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringcentral_meetings import errors
from ringcentral_meetings.app import READ_TOOLS, WRITE_TOOLS
from ringcentral_meetings.gate.records import READ, WRITE, Gate
from ringcentral_meetings.hosting import challenges

CALL: Final = "tools/call"


@cache
def writing_tools() -> frozenset[str]:
    """Return the names of the tools that change something."""
    specs = (*READ_TOOLS, *WRITE_TOOLS)
    return frozenset(spec.fn.__name__ for spec in specs if not spec.annotations.read_only_hint)


class ReadOnly:
    """Serves `app` to somebody whose token lacks `meetings.write`, but for what needs it.

    The headers `Mcp-Method` and `Mcp-Name` and the body count, each for itself: whether they agree is for the SDK to
    check. `refused` counts the status of refusals. The body has to come in one message, as the SDK's
    `RequestBodyLimitMiddleware` gives it.
    """

    def __init__(self, app: ASGIApp, gate: Gate | None, refused: Callable[[int], None]) -> None:
        self._app, self._gate, self._refused = app, gate, refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        first = await receive()
        if not writing_tools().isdisjoint(_called(Headers(scope=scope), first.get("body", b""))):
            refusal = challenges.insufficient_scope(self._gate, (READ, WRITE))
            self._refused(refusal.status)
            await refusal.response()(scope, receive, send)
            return
        unread = [first]

        async def again() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, again, send)


def permit(tool: Tool) -> None:
    """Refuse a call of a tool for which the token of the request is not enough, whatever its body looked like before.

    Raises `Refused`.
    """
    token = get_access_token()
    if token is None or (WRITE not in token.scopes and tool.name in writing_tools()):
        raise errors.scope_not_granted(WRITE)


def _called(headers: Headers, body: bytes) -> Iterator[str]:
    """Yield the names of the tools that a request calls, by its headers and by its body."""
    if headers.get("mcp-method") == CALL:
        yield from headers.getlist("mcp-name")
    try:
        message: Any = pydantic_core.from_json(body)
    except ValueError:
        return
    for one in message if isinstance(message, list) else [message]:
        params = one.get("params") if isinstance(one, dict) and one.get("method") == CALL else None
        name = params.get("name") if isinstance(params, dict) else None
        if isinstance(name, str):
            yield name
