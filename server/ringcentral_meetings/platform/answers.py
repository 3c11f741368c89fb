"""Reads RingCentral's HTTP answers: bodies, errors, waiting times, and why there is no answer.

Facts: RingCentral developer guide, "API errors" and "Rate limits". Any field may be missing or of any type.
"""

import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Final

import httpx

from ringcentral_meetings.errors import (
    MeetingsError,
    Upstream,
    no_answer,
    no_certificates,
    proxy_refused,
    unreachable,
    untrusted_certificate,
)
from ringcentral_meetings.platform.bodies import Unreadable, read_body
from ringcentral_meetings.platform.certificates import Untrusted, UnusableStore
from ringcentral_meetings.platform.network import ProxyRefused

# Held to their forms, since anything else in their place may be an echo of what was sent, tokens included.
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{1,100}")
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]]{0,63}")


LARGE_BYTES: Final = 1_000_000
"""Larger bodies are parsed in a thread of their own: parsing this much takes up to 10 ms."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came: `body` is decompressed; None, with the reason in `problem`, if it is unreadable."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    problem: str = ""

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300


async def read_reply(response: httpx.Response, max_bytes: int) -> Reply:
    """Read a streamed response, at most `max_bytes` after decompression, and close it.

    A body that cannot be decompressed or is too large is a `problem` of the reply. So is a connection lost
    within the body of an error, whose status says enough; for a success it raises the `httpx` error.
    """
    body: bytes | None = None
    problem = ""
    try:
        body = await read_body(response, max_bytes)
    except httpx.TransportError:
        if response.is_success:
            raise
        problem = "the connection was lost"
    except Unreadable as unreadable:
        problem = str(unreadable)
    finally:
        await response.aclose()
    return Reply(response.status_code, _headers(response), body, problem)


async def close_unread(response: httpx.Response) -> Reply:
    """Close a streamed response without reading its body; the reply has that as its `problem`."""
    await response.aclose()
    return Reply(response.status_code, _headers(response), None, "it was not read")


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def parse_body(reply: Reply) -> Any:
    """Return the JSON of a reply, None for an empty body. Raises `Unreadable`."""
    if reply.body is None:
        raise Unreadable(reply.problem)
    if not reply.body.strip():
        return None
    # A Python function between objects lets other threads run, which one call of the parser in C would not.
    hook = _unchanged if len(reply.body) > LARGE_BYTES else None
    try:
        data = json.loads(reply.body, parse_constant=_reject_constant, object_hook=hook)
        return _without_lone_surrogates(data) if _may_hold_surrogates(reply.body) else data
    except ValueError:
        raise Unreadable("it is not JSON") from None
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None


def _unchanged(members: dict[str, Any]) -> dict[str, Any]:
    return members


def _reject_constant(name: str) -> None:
    raise ValueError(name)


def _may_hold_surrogates(body: bytes) -> bool:
    escaped = b"\\ud" in body or b"\\uD" in body
    return escaped or (b"\xed" in body and _ENCODED_SURROGATE.search(body) is not None)


_ENCODED_SURROGATE = re.compile(rb"\xed[\xa0-\xbf]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _without_lone_surrogates(data: Any) -> Any:
    """Replace lone surrogates, which JSON can escape (`\\ud800`) and UTF-8 cannot encode."""
    if isinstance(data, str):
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", data)
    if isinstance(data, list):
        return [_without_lone_surrogates(item) for item in data]
    if isinstance(data, dict):
        return {_without_lone_surrogates(key): _without_lone_surrogates(value) for key, value in data.items()}
    return data


def upstream_of(reply: Reply) -> Upstream:
    """Return what RingCentral says of an error: `errors[0]` first, then the top level of the body."""
    objects = list(_error_objects(error_body(reply)))
    return Upstream(
        http_status=reply.status,
        error_code=_first_in_form(objects, "errorCode", _CODE),
        request_id=request_id(reply),
        parameter=_first_in_form(objects, "parameterName", _NAME),
        permission=_first_in_form(objects, "permissionName", _NAME),
        retry_after_seconds=retry_after(reply.headers),
    )


def request_id(reply: Reply) -> str | None:
    """Return RingCentral's id of the request, if it is in the form of one."""
    return _in_form(reply.headers.get("rcrequestid"), _REQUEST_ID)


def error_body(reply: Reply) -> dict[str, Any]:
    """Return the JSON object of an error's body; empty if it holds none."""
    try:
        data = parse_body(reply)
    except Unreadable:
        return {}
    return data if isinstance(data, dict) else {}


def _error_objects(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    listed = body.get("errors")
    first = listed[0] if isinstance(listed, list) and listed else listed
    if isinstance(first, dict):
        yield first
    yield body


def _first_in_form(objects: list[dict[str, Any]], name: str, form: re.Pattern[str]) -> str | None:
    return next((text for item in objects if (text := _in_form(item.get(name), form))), None)


def _in_form(value: object, form: re.Pattern[str]) -> str | None:
    text = value.strip() if isinstance(value, str) else ""
    return text if form.fullmatch(text) else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return seconds of `Retry-After` (RFC 9110, 10.2.3); a date in it is taken against the answer's own `Date`."""
    text = headers.get("retry-after", "").strip()
    seconds = _seconds(text)
    if seconds is None and (until := _date(text)) and (answered := _date(headers.get("date", ""))):
        seconds = max(0.0, (until - answered).total_seconds())
    return seconds


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if isfinite(seconds) and seconds >= 0 else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def transport_error(fault: httpx.TransportError, host: str) -> MeetingsError:
    """Return the error for a request that got no answer: `Refused` only if it was certainly never sent."""
    if isinstance(fault, Untrusted):
        return untrusted_certificate(host, fault.code, fault.why, fault.issuer)
    if isinstance(fault, UnusableStore):
        return no_certificates(fault.setting, fault.path, fault.why)
    if isinstance(fault, ProxyRefused):
        return proxy_refused(fault.proxy, fault.status, host)
    if reason := unsent_reason(fault):
        return unreachable(host, reason)
    return no_answer("timeout" if isinstance(fault, httpx.TimeoutException) else "connection lost")


def unsent_reason(fault: httpx.TransportError) -> str | None:
    """Return why the request was never sent, or None if it may have been."""
    if isinstance(fault, httpx.ConnectTimeout):
        return "connect timeout"
    if isinstance(fault, httpx.PoolTimeout):
        return "busy"
    if isinstance(fault, httpx.ConnectError | httpx.ProxyError | httpx.UnsupportedProtocol):
        return _connect_reason(fault)
    return None


def _connect_reason(fault: BaseException | None) -> str:
    while fault is not None:
        if isinstance(fault, ssl.SSLError):
            return "tls"
        if isinstance(fault, socket.gaierror):
            return "name not resolved"
        fault = fault.__cause__ or fault.__context__
    return "connection refused"
