"""What faults do to the calls that they strike."""

import gzip
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from ringcentral_meetings.simulator.faults.kinds import Fault
from ringcentral_meetings.simulator.limits import rate_exceeded
from ringcentral_meetings.simulator.replies import JSON_TYPE, ApiError, ConnectionLost, LostAs, Reply
from ringcentral_meetings.simulator.state import State

MEGABYTE = 1_048_576
CODES = {
    500: ("CMN-203", "Internal server error"),
    501: ("CMN-202", "Unsupported operation"),
    502: ("CMN-201", "Service temporarily unavailable"),
    503: ("CMN-201", "Service temporarily unavailable"),
    504: ("CMN-201", "Service temporarily unavailable"),
}
HTML = b"<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1><hr>nginx</body></html>"
NO_ANSWER = "Server disconnected without sending a response."
INSTEAD = ("rate_limit", "status", "html", "echo_token", "redirect", "gate", "not_modified")
BROWSERS = "Mozilla/"
"""What the User-Agent of every browser begins with."""

LOST_BEFORE, LOST_LATE, LOST_AFTER = ("refused", "drop_before"), ("late",), ("drop_after",)


@dataclass
class Damage:
    """The faults of one call, sorted by when they strike.

    `instead` is an answer that replaces the real one, and `lands` says whether the call is carried out all
    the same; `late` is after how many seconds it is carried out, if it is put off; `skew` is by how many seconds
    the clock is wrong; `withdrawn` holds user permissions.
    """

    faults: Sequence[Fault]
    instead: Reply | None = None
    lands: bool = False
    late: float | None = None
    skew: float = 0.0
    withdrawn: set[str] = field(default_factory=set)

    def strike_before(self) -> None:
        """Raise ConnectionLost if the call is not to arrive."""
        _lose(self.faults, LOST_BEFORE)

    def strike_late(self) -> None:
        """Raise ConnectionLost if the call is carried out late and not answered before."""
        if self.instead is None:
            _lose(self.faults, LOST_LATE)

    def strike_after(self, reply: Reply) -> Reply:
        """Return the damaged answer.

        Raises ConnectionLost if it is not to arrive.
        """
        _lose(self.faults, LOST_AFTER)
        for fault in self.faults:
            reply = _damaged(reply, fault.kind, fault.detail)
        return reply


def damage_for(state: State, faults: Sequence[Fault], headers: Mapping[str, str]) -> Damage:
    """Return what the faults do to a call; those that expire or revoke its token do so at once."""
    damage = Damage(faults)
    authorization = headers.get("authorization", "")
    token = authorization.partition(" ")[2]
    for fault in faults:
        if fault.kind == "gate" and headers.get("user-agent", "").startswith(BROWSERS):
            continue
        if fault.kind in INSTEAD:
            damage.instead = _instead(fault, authorization)
            damage.lands = bool(fault.detail.get("lands", False))
        elif fault.kind == "late":
            damage.late = fault.detail["seconds"]
            damage.instead = _error(fault.detail["status"]).reply() if fault.detail["status"] else None
        elif fault.kind == "permission_withdrawn":
            damage.withdrawn.add(fault.detail["permission"])
        elif fault.kind == "clock_skew":
            damage.skew += fault.detail["seconds"]
        elif fault.kind == "token_expired":
            state.store.run("UPDATE tokens SET expires = 0 WHERE token = ?", token)
        elif fault.kind == "token_revoked":
            state.store.run("UPDATE tokens SET revoked = 1 WHERE token = ?", token)
    return damage


def _lose(faults: Sequence[Fault], kinds: Sequence[str]) -> None:
    for fault in faults:
        if fault.kind in kinds:
            lost_as: LostAs = "refused" if fault.kind == "refused" else fault.detail["error"]
            raise ConnectionLost(lost_as, NO_ANSWER)


def _instead(fault: Fault, authorization: str) -> Reply:
    detail = fault.detail
    if fault.kind == "html":
        return Reply(detail["status"], HTML, {"content-type": "text/html"})
    if fault.kind == "not_modified":
        return Reply(304)
    if fault.kind in {"redirect", "gate"}:
        return Reply(302, b"", {"location": detail["location"]})
    if fault.kind == "echo_token":
        text = f"Parameter [Authorization: {authorization}] value is invalid"
        return ApiError(detail["status"], "CMN-101", text).reply()
    error = rate_exceeded() if fault.kind == "rate_limit" else _status_error(detail)
    if detail["retry_after"] is not None:
        error.headers["Retry-After"] = str(detail["retry_after"])
    return error.reply()


def _status_error(detail: Mapping[str, Any]) -> ApiError:
    return _error(detail["status"], detail["code"], detail["message"])


def _error(status: int, code: str = "", message: str = "") -> ApiError:
    usual_code, usual_message = CODES.get(status, ("CMN-101", "Request failed"))
    return ApiError(status, code or usual_code, message or usual_message)


def _damaged(reply: Reply, kind: str, detail: Mapping[str, Any]) -> Reply:
    if kind == "latency":
        return replace(reply, delay=reply.delay + detail["seconds"])
    if kind == "empty":
        return replace(reply, status=detail["status"] or reply.status, body=b"")
    if kind == "content_type":
        return replace(reply, headers={**reply.headers, "content-type": detail["type"]})
    if kind == "truncated":
        kept = len(reply.body) // 2 if detail["bytes"] is None else detail["bytes"]
        return replace(reply, cut=kept)
    if kind == "cut_off":
        return replace(reply, body=reply.body[: len(reply.body) // 2 if detail["bytes"] is None else detail["bytes"]])
    if kind == "drip":
        return replace(reply, pace=detail["seconds"])
    return _with_other_body(reply, kind, detail)


def _with_other_body(reply: Reply, kind: str, detail: Mapping[str, Any]) -> Reply:
    headers = {**reply.headers, "content-type": JSON_TYPE}
    if kind == "malformed":
        return replace(reply, body=b'{"records": [{"id": "15', headers=headers)
    if kind == "wrong_types":
        return replace(reply, body=_wrong_types(reply.body))
    if kind == "deep":
        body = b'{"a":' * detail["depth"] + b"1" + b"}" * detail["depth"]
        return replace(reply, body=body, headers=headers)
    if kind == "huge":
        return replace(reply, body=b" " * MEGABYTE, repeat=detail["megabytes"], headers=headers)
    if kind == "gzip_bomb":
        packed = _bomb(detail["megabytes"])
        return replace(reply, body=packed, piece=1024, headers={**headers, "content-encoding": "gzip"})
    return reply


@cache
def _bomb(megabytes: int) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as writer:
        for _ in range(megabytes):
            writer.write(b" " * MEGABYTE)
    return packed.getvalue()


def _wrong_types(body: bytes) -> bytes:
    """Return the JSON with values of other types; a body that another fault has broken already stays as it is."""
    try:
        return json.dumps(_otherwise(json.loads(body))).encode()
    except ValueError:
        return body


def _otherwise(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _records(item) if name == "records" else _other(item) for name, item in value.items()}
    return _other(value)


def _records(value: Any) -> Any:
    return [_otherwise(item) for item in value] if isinstance(value, list) else _other(value)


def _other(value: Any) -> Any:
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return {"0": value}
    return 7 if isinstance(value, str) else {"value": value}
