"""The consent page of the authorization code flow, and the codes that it issues.

Sources: RingCentral developer guide, "Authorization code flow" (a code of one minute, the redirect address the
same in both steps) and "Errors" (OAU-106 to OAU-110); RFC 6749, 4.1; RFC 7636. Which code a wrong PKCE verifier
gets is not documented; OAU-106 is assumed. Nobody needs a password here; where several people may sign in, the page
lets one choose who does.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode, urlsplit

from ringcentral_meetings.simulator.people import CLIENTS, OWNER, PEOPLE, Person
from ringcentral_meetings.simulator.replies import OAuthError, Reply
from ringcentral_meetings.simulator.state import State

CODE_SECONDS = 60
LOOPBACK = ("127.0.0.1", "localhost", "::1")
CARRIED = ("response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method", "prompt")

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body {{ font: 16px sans-serif; max-width: 32em; margin: 4em auto; }} button {{ font: inherit; }}</style>
</head><body><h1>{title}</h1>{body}</body></html>
"""

Form = Mapping[str, str]


def authorize(state: State, method: str, form: Form) -> Reply:
    """Answer the consent page: show it, or carry out the decision made on it."""
    if problem := _no_redirect(state, form):
        return _page(400, "This request cannot be answered", f"<p>{escape(problem)}</p>")
    if error := _error(form):
        return _back(form, error=error)
    if method == "GET":
        return _page(200, "Sign in to the RingCentral simulator", _question(state, form))
    if form.get("decision") != "allow":
        return _back(form, error="access_denied", error_description="The user denied access")
    if form.get("person", OWNER.id) not in {person.id for person in state.people}:
        return _page(400, "This request cannot be answered", "<p>There is no such person.</p>")
    return _back(form, code=_new_code(state, form), expires_in=str(CODE_SECONDS))


def code_user(state: State, code: str) -> Person:
    """Return who has consented to a code; the owner for one that is unknown."""
    rows = state.store.run("SELECT user FROM codes WHERE code = ?", code)
    return PEOPLE[rows[0]["user"]] if rows else OWNER


def redeem(state: State, form: Form, client: str) -> str:
    """Use up a code, which can be exchanged for a session only once, and return the extension id of its user.

    Raises OAuthError for a code that is unknown, used, expired or issued to another client, and for a wrong
    redirect URI or PKCE verifier.
    """
    rows = state.store.run("SELECT * FROM codes WHERE code = ?", form.get("code", ""))
    if not rows or rows[0]["used"]:
        raise _refused("OAU-106", "Invalid authorization code")
    row = rows[0]
    if row["client"] != client:
        raise _refused("OAU-110", "Authorization code was not issued for this application")
    if row["redirect_uri"] != form.get("redirect_uri"):
        raise _refused("OAU-109", "Redirect URIs do not match")
    if row["expires"] <= state.now():
        raise _refused("OAU-108", "Authorization code is expired")
    if row["challenge"] and _challenge(form.get("code_verifier", ""), row["method"]) != row["challenge"]:
        raise _refused("OAU-106", "Invalid authorization code")
    state.store.run("UPDATE codes SET used = 1 WHERE code = ?", row["code"])
    return str(row["user"])


def _no_redirect(state: State, form: Form) -> str | None:
    """Return why the browser must not be redirected back, None if it may be: RFC 6749, 4.1.2.1."""
    if form.get("client_id") not in CLIENTS:
        return "OAU-153: Invalid client id"
    address = form.get("redirect_uri", "")
    registered = state.redirect_uris
    known = address in registered if registered is not None else urlsplit(address).hostname in LOOPBACK
    return None if known else "OAU-109: Redirect URIs do not match"


def _error(form: Form) -> str | None:
    if form.get("response_type") != "code":
        return "unsupported_response_type"
    public = CLIENTS[form["client_id"]] is None
    if public and not form.get("code_challenge"):
        return "invalid_request"
    return None if form.get("code_challenge_method", "plain") in ("S256", "plain") else "invalid_request"


def _question(state: State, form: Form) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(form[name])}">' for name in CARRIED if name in form
    )
    scopes = "".join(f"<li>{escape(scope)}</li>" for scope in sorted(state.scopes))
    whom = OWNER.name if len(state.people) == 1 else "you"
    notice = "<p>It wants you to sign in again (prompt=login).</p>" if "login" in form.get("prompt", "").split() else ""
    return (
        f"{notice}<p>The application <b>{escape(form['client_id'])}</b> asks {escape(whom)} for access to:</p>"
        f'<ul>{scopes}</ul><form method="post" action="authorize">{hidden}{_choice(state.people)}'
        '<button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="deny">Deny</button></form>'
    )


def _choice(people: Sequence[Person]) -> str:
    if len(people) == 1:
        return ""
    options = "".join(
        f'<option value="{person.id}">{escape(person.name)}, {person.number}</option>' for person in people
    )
    return f'<p><label>You are <select name="person">{options}</select></label></p>'


def _new_code(state: State, form: Form) -> str:
    code = state.ids.secret("code")
    state.store.run(
        "INSERT INTO codes (code, client, redirect_uri, challenge, method, expires, user) VALUES (?, ?, ?, ?, ?, ?, ?)",
        code,
        form["client_id"],
        form["redirect_uri"],
        form.get("code_challenge", ""),
        form.get("code_challenge_method", "plain"),
        state.now() + CODE_SECONDS,
        form.get("person", OWNER.id),
    )
    return code


def _challenge(verifier: str, method: str) -> str:
    if method == "plain":
        return verifier
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _refused(code: str, message: str) -> OAuthError:
    return OAuthError(403, "invalid_grant", code, message)


def _back(form: Form, **answer: str) -> Reply:
    state = {"state": form["state"]} if "state" in form else {}
    address = form["redirect_uri"]
    joint = "&" if urlsplit(address).query else "?"
    return Reply(302, headers={"Location": f"{address}{joint}{urlencode({**answer, **state})}"})


def _page(status: int, title: str, body: str) -> Reply:
    text = PAGE.format(title=escape(title), body=body)
    return Reply(status, text.encode(), {"Content-Type": "text/html;charset=utf-8", "Cache-Control": "no-store"})
