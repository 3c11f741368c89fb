"""Every page that a person may come to see, for the tests, a browser and its pictures."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from ringcentral_meetings.gate import pages
from ringcentral_meetings.gate.records import READ, SCOPES, Client

CLAUDE = Client(
    id="https://claude.ai/oauth/mcp-oauth-client-metadata",
    kind="document",
    name="Claude",
    host="claude.ai",
    redirect_uris=("https://claude.ai/api/mcp/auth_callback",),
)
CODE = Client(
    id="https://claude.ai/oauth/claude-code-client-metadata",
    kind="document",
    name="Claude Code",
    host="claude.ai",
    redirect_uris=("http://localhost/callback",),
)
CURSOR = Client(
    id="sealed-registration",
    kind="registered",
    name="Cursor",
    host="",
    redirect_uris=("cursor://anysphere.cursor-mcp/oauth/callback",),
)
REGISTERED = Client(
    id="another-registration",
    kind="registered",
    name="",
    host="",
    redirect_uris=("https://www.cursor.com/agents/mcp/oauth/callback",),
)
FIXED = Client(
    id="our-own",
    kind="fixed",
    name="Meeting planner",
    host="",
    redirect_uris=("https://planner.example/callback",),
    auth_method="client_secret_basic",
)
LONG = Client(
    id=f"https://{'very-long.' * 20}example/client.json",
    kind="document",
    name="W" * 80,
    host=f"{'very-long.' * 20}example",
    redirect_uris=(f"https://{'very-long.' * 20}example:44344/callback",),
)


@dataclass(frozen=True)
class Grant:
    id: str
    client_id: str
    client: str
    scopes: tuple[str, ...]
    began: int


GRANTS = (
    Grant("00000000000000000000000000000001", CLAUDE.id, "claude.ai", SCOPES, 1_795_858_200),
    Grant("00000000000000000000000000000002", CURSOR.id, "Cursor", (READ,), 1_793_500_000),
)
PERSON = "Robin Ashdown"


def asking(client: Client, scopes: tuple[str, ...] = SCOPES, redirect_uri: str | None = None) -> pages.Asking:
    return pages.Asking(client, redirect_uri or client.redirect_uris[0], scopes, "sealed request", "nonce of this page")


SHOWN: dict[str, Callable[[str], Response]] = {
    "consent": lambda _: pages.consent(asking(CLAUDE)),
    "consent_to_read": lambda _: pages.consent(asking(CLAUDE, (READ,))),
    "consent_loopback": lambda _: pages.consent(asking(CODE, redirect_uri="http://localhost:3118/callback")),
    "consent_registered": lambda _: pages.consent(asking(CURSOR)),
    "consent_nameless": lambda _: pages.consent(asking(REGISTERED)),
    "consent_fixed": lambda _: pages.consent(asking(FIXED)),
    "consent_long": lambda _: pages.consent(asking(LONG)),
    "to_ringcentral": lambda elsewhere: pages.to_ringcentral(f"{elsewhere}/nothing"),
    "denied": lambda elsewhere: pages.denied(CURSOR, f"{elsewhere}/nothing"),
    "success": lambda _: pages.success(PERSON),
    "success_back": lambda elsewhere: pages.success(PERSON, back=f"{elsewhere}/nothing"),
    "refusal": lambda _: pages.refusal(
        403, "This account is not admitted", "Ask whoever runs this server to admit your RingCentral account."
    ),
    "refusal_back": lambda elsewhere: pages.refusal(
        400, "This page is too old", "Start again in the program that sent you here.", back=f"{elsewhere}/nothing"
    ),
    "connections": lambda _: pages.connections(PERSON, GRANTS, "nonce"),
    "connections_ended": lambda _: pages.connections(PERSON, GRANTS[:1], "nonce", "Access for “Cursor” has ended."),
    "connections_none": lambda _: pages.connections(PERSON, (), "nonce"),
}
"""By name; each is given an origin at which `/nothing` leaves the browser where it is."""
