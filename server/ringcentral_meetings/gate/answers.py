"""How requests are answered: as JSON to clients, as a redirect or a page to browsers.

Facts: RFC 6749 sections 4.1.2 and 5; RFC 9207 (`iss`); RFC 9700 section 4.12 (303, so that no form is sent on).
"""

import logging
import string
from collections.abc import Awaitable, Callable, Mapping
from math import ceil
from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ringcentral_meetings.gate import pages
from ringcentral_meetings.gate.records import Gate, OAuthError
from ringcentral_meetings.store import StoreDown

NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
BUSY: Final = ("Please try again in a moment", "This server cannot answer now. Nothing was changed.")

UNAUTHORIZED: Final = 401
"""Asks a browser for a password, which is no way to answer a person."""

Handler = Callable[[Request], Awaitable[Response]]

logger = logging.getLogger(__name__)


class Refused(Exception):
    """A request of a browser that goes no further: what its page says, and the address at the client to go back to."""

    def __init__(self, status: int, title: str, text: str, back: str | None = None) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.text = text
        self.back = back


def answer_address(gate: Gate, redirect_uri: str, state: str | None, **answer: str) -> str:
    """Return the client's address with what it is answered; its own query stays as it is."""
    fields = {**answer, **({"state": state} if state is not None else {}), "iss": gate.issuer}
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(fields)}"


def error_address(gate: Gate, redirect_uri: str, state: str | None, problem: OAuthError) -> str:
    """Return the client's address with an error."""
    answer = {"error": problem.error, "error_description": problem.description}
    return answer_address(gate, redirect_uri, state, **answer)


def redirect(address: str) -> Response:
    """Return an answer that sends the browser on with a GET, and says nowhere where it came from."""
    headers = {"Location": quote(address, safe=string.punctuation), "Referrer-Policy": "no-referrer", **NO_STORE}
    return Response(status_code=303, headers=headers)


def json_answer(body: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer that nobody keeps."""
    return JSONResponse(dict(body), status, {**NO_STORE, **(headers or {})})


def for_clients(handler: Handler) -> Handler:
    """Return a handler whose errors are answered as JSON."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except OAuthError as problem:
            logger.info("%s was refused: %s", request.url.path, problem.error)
            body = {"error": problem.error, "error_description": problem.description}
            return json_answer(body, problem.status, problem.headers)
        except StoreDown as down:
            logger.warning("Not answered: %s", down)
            body = {"error": "temporarily_unavailable", "error_description": "This server cannot answer now."}
            return json_answer(body, 503, _retry(down.retry_after))

    return answered


def for_browsers(handler: Handler) -> Handler:
    """Return a handler whose errors are answered as pages."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as refused:
            logger.info("%s was refused: %s", request.url.path, refused.title)
            return pages.refusal(refused.status, refused.title, refused.text, back=refused.back)
        except OAuthError as problem:
            logger.info("%s was refused: %s", request.url.path, problem.error)
            status = 400 if problem.status == UNAUTHORIZED else problem.status
            page = pages.refusal(status, "This request cannot be answered", problem.description)
            page.headers.update(problem.headers)
            return page
        except StoreDown as down:
            logger.warning("Not answered: %s", down)
            page = pages.refusal(503, *BUSY)
            page.headers.update(_retry(down.retry_after))
            return page

    return answered


def _retry(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, ceil(seconds)))}
