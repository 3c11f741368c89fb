"""Reads the lines of stdin: each holds a JSON-RPC message, or is broken and is answered with an error.

The MCP SDK drops a broken line without an answer, and the client waits until it gives up. JSON-RPC has errors for it:
https://www.jsonrpc.org/specification#error_object
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pydantic_core
from mcp_types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
)
from pydantic import ValidationError

MAX_LINE_BYTES = 4 * 1024 * 1024
"""The longest line that is accepted, as long as the body that the SDK accepts over HTTP."""

_HEAD_BYTES = 64 * 1024
_TAIL_BYTES = 256
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Possessive quantifiers (*+): what is matched here is broken input, which must not make the search backtrack.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]')
_ID = rb'("(?:[^"\\]|\\.)*+"|-?\d+)'
_MEMBER = re.compile(rb'"(id|method|result|error)"\s*:(?:\s*' + _ID + rb"\s*[,}])?")
_LAST_MEMBER = re.compile(rb',\s*"id"\s*:\s*' + _ID + rb"\s*}\s*\Z")

_PROBLEMS = {
    "jsonrpc": 'jsonrpc is not "2.0"',
    "id": "id is neither a string nor a whole number",
    "method": "method is not a string",
    "params": "params is not an object",
    "result": "result is not an object",
    "error": "error has no whole code and message",
}


class OverlongLine(NamedTuple):
    """What is kept of a line that is too long."""

    head: bytes
    tail: bytes


class BrokenLine(NamedTuple):
    """A line that is not a message. An error is due for each of `ids`, and none for a notification."""

    code: int
    problem: str
    ids: Sequence[Any] = (None,)

    def answers(self) -> bytes:
        """Return the lines to answer with. The SDK's model cannot write them: it allows no id such as 1.5."""
        error = {"code": self.code, "message": self.problem}
        messages = ({"jsonrpc": "2.0", "id": request_id, "error": error} for request_id in self.ids)
        return b"".join(pydantic_core.to_json(message, inf_nan_mode="null") + b"\n" for message in messages)


class LineSplitter:
    """Splits input into lines, in bounded memory."""

    def __init__(self) -> None:
        self._head = self._rest = b""

    def split(self, part: bytes) -> list[bytes | OverlongLine]:
        """Return the lines that end in `part`, and keep the rest of it."""
        *ended, rest = (self._rest + part).split(b"\n")
        lines = [self._completed(line) for line in ended]
        if self._head or len(rest) > MAX_LINE_BYTES:
            self._head, rest = self._head or rest[:_HEAD_BYTES], rest[-_TAIL_BYTES:]
        self._rest = rest
        return lines

    def _completed(self, line: bytes) -> bytes | OverlongLine:
        head, self._head = self._head, b""
        if not head and len(line) <= MAX_LINE_BYTES:
            return line
        return OverlongLine(head or line[:_HEAD_BYTES], line[-_TAIL_BYTES:])


def read(line: bytes | OverlongLine) -> JSONRPCMessage | BrokenLine | None:
    """Return what a line holds, or `None` if it is blank."""
    if isinstance(line, OverlongLine):
        return _invalid(f"the line is longer than {MAX_LINE_BYTES:,} bytes", _ids_within(*line))
    if not line or line.isspace():
        return None
    try:
        message = pydantic_core.from_json(line.removeprefix(_BYTE_ORDER_MARK), allow_inf_nan=False)
    except ValueError as unread:
        ids = _ids_within(line[:_HEAD_BYTES], line[-_TAIL_BYTES:])
        return BrokenLine(PARSE_ERROR, f"Parse error: {unread}", ids)
    if isinstance(message, list):
        requests = (one for one in message if isinstance(one, dict) and {"method", "id"} <= one.keys())
        return _invalid("batches are not supported: send each message on its own", [_id_of(one) for one in requests])
    return _validated(message) if isinstance(message, dict) else _invalid("the message is not an object")


def _validated(message: Mapping[str, Any]) -> JSONRPCMessage | BrokenLine:
    kind = _kind_of(message)
    if kind is None:
        return _invalid("the message has no method")
    try:
        return kind.model_validate(message)
    except ValidationError as invalid:
        names = dict.fromkeys(str(detail["loc"][0]) for detail in invalid.errors(include_url=False))
        problem = ", ".join(_PROBLEMS[name] for name in names)
    if kind is JSONRPCResponse or kind is JSONRPCError:
        return _failed_response(message, problem)
    unanswered = kind is JSONRPCNotification and isinstance(message["method"], str)
    return BrokenLine(INVALID_REQUEST, f"Invalid request: {problem}", () if unanswered else (_id_of(message),))


def _kind_of(message: Mapping[str, Any]) -> type[JSONRPCMessage] | None:
    if "method" in message:
        return JSONRPCRequest if "id" in message else JSONRPCNotification
    if "result" in message:
        return JSONRPCResponse
    return JSONRPCError if "error" in message else None


def _failed_response(message: Mapping[str, Any], problem: str) -> JSONRPCError:
    """Return an error for whoever waits for a broken response here; responses are never answered."""
    request_id = _id_of(message)
    error = ErrorData(code=INVALID_REQUEST, message=f"Invalid response: {problem}")
    return JSONRPCError(jsonrpc="2.0", id=request_id if isinstance(request_id, str | int) else None, error=error)


def _invalid(problem: str, ids: Sequence[Any] = ()) -> BrokenLine:
    return BrokenLine(INVALID_REQUEST, f"Invalid request: {problem}", ids or (None,))


def _id_of(message: Mapping[str, Any]) -> Any:
    """Return the id to answer to: any string or number, as JSON-RPC allows."""
    given = message.get("id")
    return given if isinstance(given, str | int | float) and not isinstance(given, bool) else None


def _ids_within(head: bytes, tail: bytes) -> Sequence[Any]:
    """Find the ids of the requests in text that is not JSON or was cut: several, if line ends are missing."""
    depth, names, found = 0, set[bytes](), list[bytes]()
    for token in _TOKEN.finditer(head):
        depth += (token[0] in b"[{") - (token[0] in b"]}")
        member = _MEMBER.match(head, token.start()) if depth == 1 else None
        if member is not None:
            names.add(member[1])
            found += [member[2]] if member[1] == b"id" and member[2] else []
    if b"method" not in names or names & {b"result", b"error"}:
        return (None,)
    return [one for raw in found or _LAST_MEMBER.findall(tail) for one in _read_id(raw)] or (None,)


def _read_id(raw: bytes) -> Sequence[Any]:
    try:
        return [pydantic_core.from_json(raw)]
    except ValueError:
        return []
