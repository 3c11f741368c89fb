"""The answers of the simulated platform, replies and API errors, before they become HTTP."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Sleep = Callable[[float], Awaitable[None]]
LostAs = Literal["refused", "protocol", "read", "timeout"]

JSON_TYPE = "application/json;charset=utf-8"
SYMBOLIC_CODES = {"CMN-101": "InvalidParameter", "CMN-401": "InsufficientPermissions"}


@dataclass
class Reply:
    """One HTTP answer: `body` repeated `repeat` times, sent in pieces of `piece` bytes.

    `delay` is how many seconds pass before the answer begins, `pace` how many between two bytes of it;
    `cut` is after how many bytes the connection is lost.
    """

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    repeat: int = 1
    piece: int = 65_536
    delay: float = 0.0
    pace: float = 0.0
    cut: int | None = None


class ConnectionLost(Exception):
    """The connection breaks instead of an answer; `lost_as` says how the client should notice."""

    def __init__(self, lost_as: LostAs, message: str) -> None:
        super().__init__(message)
        self.lost_as: LostAs = lost_as


class ApiError(Exception):
    """An answer other than 2xx in the API's own form.

    `extra` holds further keys such as `parameterName`; they appear at the top level and in `errors[0]`.
    """

    def __init__(self, status: int, code: str, message: str, **extra: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.extra = extra
        self.headers: dict[str, str] = {}

    def reply(self) -> Reply:
        """Return this error as an answer with the API's JSON body."""
        return json_reply(self.status, error_body(self.code, self.message, self.extra), self.headers)


class OAuthError(ApiError):
    """An error of the token endpoint; `kind` is its name in RFC 6749."""

    def __init__(self, status: int, kind: str, code: str, message: str) -> None:
        super().__init__(status, code, message)
        self.kind = kind

    def reply(self) -> Reply:
        """Return this error as an answer in the form of the token endpoint."""
        errors = [{"errorCode": self.code, "message": self.message}]
        payload = {"error": self.kind, "error_description": self.message, "errors": errors}
        return json_reply(self.status, payload, self.headers)


def error_body(code: str, message: str, extra: Mapping[str, str]) -> dict[str, Any]:
    """Return an error body: `errors`, and the first of them again at the top level.

    Some codes are spelt as names at the top level, as recorded from the platform.
    """
    first = {"errorCode": code, "message": message, **extra}
    return {"errorCode": SYMBOLIC_CODES.get(code, code), "message": message, "errors": [first], **extra}


def json_reply(status: int, payload: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an answer with a JSON body."""
    body = json.dumps(payload, ensure_ascii=False).encode()
    return Reply(status, body, {"Content-Type": JSON_TYPE, **(headers or {})})


def invalid(parameter: str) -> ApiError:
    """Return 400 CMN-101 for a parameter of the request."""
    return ApiError(400, "CMN-101", f"Parameter [{parameter}] value is invalid", parameterName=parameter)


def missing(parameter: str) -> ApiError:
    """Return 404 CMN-102 for a resource that a parameter names."""
    message = f"Resource for parameter [{parameter}] is not found"
    return ApiError(404, "CMN-102", message, parameterName=parameter)


def feature_unavailable() -> ApiError:
    """Return 403 CMN-109 for a feature that the user's plan does not include."""
    return ApiError(403, "CMN-109", "Feature not available")


async def pieces(reply: Reply, sleep: Sleep) -> AsyncIterator[bytes]:
    """Yield the body of a reply as the wire would carry it.

    Raises ConnectionLost at the point where the reply is cut.
    """
    whole = reply.body if reply.cut is None else reply.body[: reply.cut]
    size = 1 if reply.pace else reply.piece
    for _ in range(reply.repeat):
        for start in range(0, len(whole), size):
            if reply.pace:
                await sleep(reply.pace)
            yield whole[start : start + size]
    if reply.cut is not None:
        raise ConnectionLost("protocol", "peer closed connection without sending complete message body")


def body_length(reply: Reply) -> int:
    """Return the content length in bytes that the answer announces."""
    return len(reply.body) * reply.repeat
