"""Reads the lines of stdin: each holds a message, or a broken frame that is due an error.

The MCP SDK drops a broken frame without an answer, and the client waits until it gives up. JSON-RPC has errors for it:
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


class Overlong(NamedTuple):
    """What is kept of a line that is too long."""

    head: bytes
    tail: bytes


class Broken(NamedTuple):
    """A frame that is not a message. An error is due for each of `ids`, and none for a notification."""

    code: int
    problem: str
    ids: Sequence[Any] = (None,)

    def answers(self) -> bytes:
        """Return the lines to answer with. The SDK's model cannot write them: it allows no id such as 1.5."""
        error = {"code": self.code, "message": self.problem}
        frames = ({"jsonrpc": "2.0", "id": one, "error": error} for one in self.ids)
        return b"".join(pydantic_core.to_json(frame, inf_nan_mode="null") + b"\n" for frame in frames)


class Lines:
    """Cuts input into lines, in bounded memory."""

    def __init__(self) -> None:
        self._head = self._rest = b""

    def cut(self, part: bytes) -> list[bytes | Overlong]:
        """Return the lines that end in `part`, and keep the rest of it."""
        *ended, rest = (self._rest + part).split(b"\n")
        lines = [self._whole(line) for line in ended]
        if self._head or len(rest) > MAX_LINE_BYTES:
            self._head, rest = self._head or rest[:_HEAD_BYTES], rest[-_TAIL_BYTES:]
        self._rest = rest
        return lines

    def _whole(self, line: bytes) -> bytes | Overlong:
        head, self._head = self._head, b""
        if not head and len(line) <= MAX_LINE_BYTES:
            return line
        return Overlong(head or line[:_HEAD_BYTES], line[-_TAIL_BYTES:])


def read(line: bytes | Overlong) -> JSONRPCMessage | Broken | None:
    """Return what a line holds, or `None` if it is blank."""
    if isinstance(line, Overlong):
        return _invalid(f"the line is longer than {MAX_LINE_BYTES:,} bytes", _ids_within(*line))
    if not line or line.isspace():
        return None
    try:
        frame = pydantic_core.from_json(line.removeprefix(_BYTE_ORDER_MARK), allow_inf_nan=False)
    except ValueError as unread:
        ids = _ids_within(line[:_HEAD_BYTES], line[-_TAIL_BYTES:])
        return Broken(PARSE_ERROR, f"Parse error: {unread}", ids)
    if isinstance(frame, list):
        requests = (one for one in frame if isinstance(one, dict) and {"method", "id"} <= one.keys())
        return _invalid("batches are not supported: send each message on its own", [_id_of(one) for one in requests])
    return _message(frame) if isinstance(frame, dict) else _invalid("the message is not an object")


def _message(frame: Mapping[str, Any]) -> JSONRPCMessage | Broken:
    kind = _kind_of(frame)
    if kind is None:
        return _invalid("the message has no method")
    try:
        return kind.model_validate(frame)
    except ValidationError as invalid:
        names = dict.fromkeys(str(detail["loc"][0]) for detail in invalid.errors(include_url=False))
        problem = ", ".join(_PROBLEMS[name] for name in names)
    if kind is JSONRPCResponse or kind is JSONRPCError:
        return _failed_response(frame, problem)
    unanswered = kind is JSONRPCNotification and isinstance(frame["method"], str)
    return Broken(INVALID_REQUEST, f"Invalid request: {problem}", () if unanswered else (_id_of(frame),))


def _kind_of(frame: Mapping[str, Any]) -> type[JSONRPCMessage] | None:
    if "method" in frame:
        return JSONRPCRequest if "id" in frame else JSONRPCNotification
    if "result" in frame:
        return JSONRPCResponse
    return JSONRPCError if "error" in frame else None


def _failed_response(frame: Mapping[str, Any], problem: str) -> JSONRPCError:
    """Return an error for whoever waits for a broken response here; responses are never answered."""
    one = _id_of(frame)
    error = ErrorData(code=INVALID_REQUEST, message=f"Invalid response: {problem}")
    return JSONRPCError(jsonrpc="2.0", id=one if isinstance(one, str | int) else None, error=error)


def _invalid(problem: str, ids: Sequence[Any] = ()) -> Broken:
    return Broken(INVALID_REQUEST, f"Invalid request: {problem}", ids or (None,))


def _id_of(frame: Mapping[str, Any]) -> Any:
    """Return the id to answer to: any string or number, as JSON-RPC allows."""
    one = frame.get("id")
    return one if isinstance(one, str | int | float) and not isinstance(one, bool) else None


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
