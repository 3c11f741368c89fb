"""The parameters of a request, in its query or its body.

Facts: RFC 6749 section 3.1 and 3.2 (one without a value counts as left out, none may be given twice) and RFC 8707
section 2 (`resource` may).
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

import anyio
from starlette.requests import ClientDisconnect, Request

from ringcentral_meetings.gate.records import OAuthError

FORM: Final = "application/x-www-form-urlencoded"
MOST_BYTES: Final = 16_384
BODY_SECONDS: Final = 20.0
MOST_FIELDS: Final = 64
REPEATABLE: Final = frozenset({"resource"})


@dataclass(frozen=True, slots=True)
class Parameters:
    """Names and values in their order, of which those without a value are left out."""

    pairs: tuple[tuple[str, str], ...] = field(repr=False)

    @classmethod
    def of_text(cls, text: bytes) -> "Parameters":
        """Return the parameters of a query or a form. Raises `OAuthError` where they are not UTF-8, or too many."""
        try:
            pairs = parse_qsl(text.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        except ValueError:
            raise OAuthError("invalid_request", "The parameters cannot be read.") from None
        return cls(tuple(pair for pair in pairs if pair[1]))

    def get(self, name: str) -> str | None:
        """Return the value of a parameter; None where it is left out. Of several it is the first."""
        return next((value for given, value in self.pairs if given == name), None)

    def values(self, name: str) -> list[str]:
        """Return all values of a parameter."""
        return [value for given, value in self.pairs if given == name]

    def check_each_once(self) -> None:
        """Raise `OAuthError` where one that may not be repeated is."""
        if any(count > 1 for name, count in Counter(name for name, _ in self.pairs).items() if name not in REPEATABLE):
            raise OAuthError("invalid_request", "A parameter is given more than once.")


async def read_form(request: Request) -> Parameters:
    """Return the parameters of a form of 16 kB at most. Raises `OAuthError`."""
    if media_type(request) != FORM:
        raise OAuthError("invalid_request", f"The body must be {FORM}.", 415)
    form = Parameters.of_text(await read_body(request))
    form.check_each_once()
    return form


async def read_body(request: Request, seconds: float = BODY_SECONDS) -> bytes:
    """Return a body of 16 kB at most that comes in time, and read no more of another. Raises `OAuthError`."""
    body = bytearray()
    try:
        with anyio.fail_after(seconds):
            async for piece in request.stream():
                body += piece
                if len(body) > MOST_BYTES:
                    raise OAuthError("invalid_request", f"The body is longer than {MOST_BYTES} bytes.", 413)
    except TimeoutError:
        raise OAuthError("invalid_request", "The body did not come in time.", 408) from None
    except ClientDisconnect:
        raise OAuthError("invalid_request", "The body ended early.") from None
    return bytes(body)


def media_type(request: Request) -> str:
    """Return the media type of a body, without its parameters; empty where several are named."""
    given = request.headers.getlist("content-type")
    return given[0].partition(";")[0].strip().lower() if len(given) == 1 else ""
