"""The command `agenda`: the person's week in a browser, drawn by the view that hosts of MCP Apps show.

The command is the host: its page holds the view in a sandboxed frame and passes its calls to a server in this process.
"""

import secrets
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Final

import anyio
import click
from mcp import Client
from mcp.server.transport_security import TransportSecurityMiddleware
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from ringcentral_meetings import logs, views
from ringcentral_meetings.app import build_server
from ringcentral_meetings.protocol import http
from ringcentral_meetings.settings import Settings

COOKIE: Final = "agenda"
CLOSED_AFTER_SECONDS: Final = 5.0
"""How long nobody may look before the command ends: reloading the page closes and opens its stream."""

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
VIEW_POLICY: Final = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
TYPES: Final = {"host.css": "text/css", "host.js": "text/javascript"}


class Agenda:
    """The pages and the calls of one browser. `entry` is the path that lets it in, once."""

    def __init__(self, client: Client, security: TransportSecurityMiddleware) -> None:
        self._client = client
        self._security = security
        self._secret: str | None = secrets.token_urlsafe(32)
        self._session = secrets.token_urlsafe(32)
        self._watching = 0
        self._left = anyio.Event()
        self.entry = f"/open/{self._secret}"

    def app(self) -> Starlette:
        """Return the application to serve."""
        return Starlette(
            routes=[
                Route("/open/{secret}", self._let_in),
                Route("/", self._own(self._page)),
                Route("/view", self._own(self._view)),
                Route("/call", self._own(self._call), methods=["POST"]),
                Route("/watching", self._own(self._watch)),
                *(Route(f"/{name}", self._own(self._file)) for name in TYPES),
            ]
        )

    async def until_closed(self) -> None:
        """Wait until somebody has looked and nobody has for some seconds."""
        while True:
            await self._left.wait()
            self._left = anyio.Event()
            await anyio.sleep(CLOSED_AFTER_SECONDS)
            if self._watching == 0:
                return

    async def _let_in(self, request: Request) -> Response:
        if (refused := await self._security.validate_request(request)) is not None:
            return refused
        if self._secret is None or not secrets.compare_digest(request.path_params["secret"], self._secret):
            return PlainTextResponse("This address worked once. Run the command again for another.", 410)
        self._secret = None
        answer = RedirectResponse("/", 303, headers={"Referrer-Policy": "no-referrer"})
        answer.set_cookie(COOKIE, self._session, httponly=True, samesite="strict")
        return answer

    def _own(self, handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
        """Answer only the browser that was let in, under this server's own name."""

        async def checked(request: Request) -> Response:
            refused = await self._security.validate_request(request, is_post=request.method == "POST")
            if refused is not None:
                return refused
            if not secrets.compare_digest(request.cookies.get(COOKIE, ""), self._session):
                return PlainTextResponse("Open the address that the command printed.", 403)
            answer: Response = await handler(request)
            answer.headers["Cache-Control"] = "no-store"
            answer.headers["X-Content-Type-Options"] = "nosniff"
            return answer

        return checked

    async def _page(self, _: Request) -> Response:
        headers = {"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "no-referrer"}
        return Response(views.host_file("host.html"), media_type="text/html", headers=headers)

    async def _view(self, _: Request) -> Response:
        return Response(views.page(), media_type="text/html", headers={"Content-Security-Policy": VIEW_POLICY})

    async def _file(self, request: Request) -> Response:
        name = request.url.path.removeprefix("/")
        return Response(views.host_file(name), media_type=TYPES[name])

    async def _call(self, request: Request) -> Response:
        match await _json(request):
            case {"name": str(name), "arguments": dict(arguments)}:
                answer = await self._client.call_tool(name, arguments)
                return JSONResponse(answer.model_dump(mode="json", by_alias=True, exclude_none=True))
            case _:
                return PlainTextResponse("A call is JSON with name and arguments.", 400)

    async def _watch(self, _: Request) -> Response:
        async def stream() -> AsyncIterator[bytes]:
            self._watching += 1
            try:
                yield b": hello\n\n"
                await anyio.sleep_forever()  # cancelled when the browser goes
            finally:
                self._watching -= 1
                self._left.set()

        return StreamingResponse(stream(), media_type="text/event-stream")


async def _json(request: Request) -> Any:
    with suppress(ValueError):
        return await request.json()


def run(settings: Settings, *, browser: bool) -> int:
    """Show the agenda until its page is closed (return 0) or a signal comes (128 and its number)."""
    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    listeners = http.listen(http.Address("127.0.0.1", 0))
    try:
        return anyio.run(_serve, settings, listeners, browser)
    finally:
        for listener in listeners:
            listener.close()


async def _serve(settings: Settings, listeners: list[Any], browser: bool) -> int:
    async with Client(build_server(settings)) as client, anyio.create_task_group() as group:
        agenda = Agenda(client, TransportSecurityMiddleware(http.own_security(listeners)))
        url = f"http://127.0.0.1:{listeners[0].getsockname()[1]}{agenda.entry}"

        def announce() -> None:
            click.echo(f"Your week: {url}\nThe address works once. Ctrl-C or closing the page ends it.", err=True)
            if browser:
                webbrowser.open(url)

        server = http.Server(http.quiet_config(agenda.app()), announce)

        async def end_with_page() -> None:
            await agenda.until_closed()
            server.should_exit = True

        group.start_soon(end_with_page)
        await server.serve(sockets=listeners)
        group.cancel_scope.cancel()
    return 128 + server.received if server.received else 0
