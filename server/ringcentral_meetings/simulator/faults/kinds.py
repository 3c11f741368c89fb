"""The kinds of faults that the simulator knows, and the details that each of them takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LOST_AS = ("protocol", "read", "timeout")


@dataclass(frozen=True)
class Kind:
    """A kind of fault: what it does, its details with their defaults, and the detail that `kind=value` sets."""

    effect: str
    defaults: Mapping[str, Any]
    main: str | None = None


@dataclass(frozen=True)
class Fault:
    """A fault that strikes one call: its kind, and its details with the defaults filled in."""

    kind: str
    detail: Mapping[str, Any]


KINDS: dict[str, Kind] = {
    "latency": Kind("Answer after some seconds.", {"seconds": 1.0}, "seconds"),
    "rate_limit": Kind(
        "Answer 429; retry_after is the header, none leaves it out.", {"retry_after": 60}, "retry_after"
    ),
    "status": Kind(
        "Answer with an error status; with lands the request is carried out all the same.",
        {"status": 500, "code": "", "message": "", "retry_after": None, "lands": False},
        "status",
    ),
    "html": Kind("Answer with an HTML page, as a proxy does.", {"status": 502, "lands": False}, "status"),
    "gate": Kind(
        "Redirect clients that are no browser by their User-Agent, as tenants of Microsoft 365 do.",
        {"location": "/owa/auth/errorfe.aspx?msg=OwaBasicUnsupportedException"},
        "location",
    ),
    "not_modified": Kind("Answer 304.", {}),
    "empty": Kind("Answer without a body.", {"status": None}, "status"),
    "malformed": Kind("Answer with JSON that is cut off.", {}),
    "content_type": Kind("Answer under another content type.", {"type": "text/plain"}, "type"),
    "truncated": Kind("Break the connection within the body, by default halfway.", {"bytes": None}, "bytes"),
    "cut_off": Kind("Answer with a part of the body as if it were all, by default half.", {"bytes": None}, "bytes"),
    "refused": Kind("Refuse the connection.", {}),
    "drop_before": Kind(
        "Break the connection before the request is carried out; error is protocol, read or timeout.",
        {"error": "protocol"},
        "error",
    ),
    "drop_after": Kind(
        "Carry the request out and break the connection; error is protocol, read or timeout.",
        {"error": "protocol"},
        "error",
    ),
    "late": Kind(
        "Break the connection, or answer with an error status, and carry the request out some seconds later.",
        {"seconds": 2.0, "status": None, "error": "protocol"},
        "seconds",
    ),
    "token_expired": Kind("Expire the access token of the request.", {}),
    "token_revoked": Kind("Revoke the access token of the request.", {}),
    "permission_withdrawn": Kind(
        "Answer as if the user did not have a permission.", {"permission": "Meetings"}, "permission"
    ),
    "clock_skew": Kind("Set the platform's clock wrong by some seconds.", {"seconds": 300.0}, "seconds"),
    "huge": Kind("Answer with a very long body.", {"megabytes": 50}, "megabytes"),
    "gzip_bomb": Kind("Answer with a small body that unpacks to a very long one.", {"megabytes": 200}, "megabytes"),
    "drip": Kind("Send the body byte by byte, with a pause before each.", {"seconds": 1.0}, "seconds"),
    "deep": Kind("Answer with deeply nested JSON.", {"depth": 10_000}, "depth"),
    "wrong_types": Kind("Answer with values of other types.", {}),
    "echo_token": Kind("Answer with an error that quotes the Authorization header.", {"status": 400}, "status"),
    "redirect": Kind("Answer 302.", {"location": "https://elsewhere.example/restapi"}, "location"),
}


def fault_of(kind: str, given: Mapping[str, Any]) -> Fault:
    """Return a fault with the given details, the others at their defaults.

    Raises ValueError for an unknown kind or detail, and for a value that does not fit.
    """
    defaults = kind_of(kind).defaults
    if unknown := sorted(given.keys() - defaults.keys()):
        raise ValueError(f"{kind} takes no {unknown[0]!r} (it takes {', '.join(defaults) or 'nothing'})")
    for name, value in given.items():
        if not _fits(name, value, defaults[name]):
            raise ValueError(f"{kind}: invalid value for {name}: {value!r}")
    return Fault(kind, {**defaults, **given})


def kind_of(name: str) -> Kind:
    """Return a kind by its name; raises ValueError for an unknown one."""
    if name not in KINDS:
        raise ValueError(f"unknown fault: {name!r} (known: {', '.join(KINDS)})")
    return KINDS[name]


def _fits(name: str, value: Any, default: Any) -> bool:
    if name == "error":
        return value in LOST_AS
    if name == "retry_after":
        return value is None or isinstance(value, (int, str))
    if default is None:
        return value is None or isinstance(value, int)
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, (int, float)):
        return isinstance(value, (int, float))
    return isinstance(value, str)
