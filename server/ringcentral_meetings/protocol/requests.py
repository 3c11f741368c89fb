"""Explains requests that the SDK refuses with "Invalid request parameters", whatever is wrong with them."""

from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS
from pydantic import ValidationError

from ringcentral_meetings import errors

_SDK_WORDS = "Invalid request parameters"
"""What the SDK says of requests before `initialize`, and of params that do not validate (mcp/server/runner.py)."""


async def explained(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Handle a request, as middleware of the server, and say what is missing or invalid if it is refused."""
    try:
        return await call_next(ctx)
    except ValidationError as invalid:
        found = invalid.errors(include_input=False, include_url=False)
        missing = [_dotted_name(problem["loc"]) for problem in found if problem["type"] == "missing"]
        wrong = [_dotted_name(problem["loc"]) for problem in found if problem["type"] != "missing"]
        raise _refused(errors.invalid_request(ctx.method, missing, wrong)) from None
    except MCPError as refused:
        if refused.error.code != INVALID_PARAMS or refused.error.message != _SDK_WORDS:
            raise
        raise _refused(errors.not_initialized(ctx.method)) from None


def _refused(error: errors.MeetingsError) -> MCPError:
    return MCPError(INVALID_PARAMS, errors.in_words(error))


def _dotted_name(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc)
