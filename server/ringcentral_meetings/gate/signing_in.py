"""What comes back from RingCentral's sign-in."""

from typing import Final

from ringcentral_meetings.gate.parameters import Parameters
from ringcentral_meetings.gate.records import Declined, SignedInPerson, Upstream

CANCELLED: Final = "access_denied"

_STATUS: Final = {CANCELLED: 403, "temporarily_unavailable": 503}


async def signed_in(upstream: Upstream, answer: Parameters, verifier: str) -> SignedInPerson:
    """Return the person whom RingCentral's answer brings. Raises `Declined`, `StoreDown`."""
    error, code = answer.get("error"), answer.get("code")
    if error == CANCELLED:
        raise Declined(CANCELLED, "You did not sign in", "RingCentral says that you did not allow it.")
    if error == "temporarily_unavailable":
        raise Declined(error, "RingCentral is not available", "RingCentral cannot sign you in now. Try again later.")
    if error is not None or code is None:
        text = "RingCentral refused the sign-in. Whoever runs this server can find out why."
        raise Declined("server_error", "The sign-in failed", text)
    return await upstream.complete(code, verifier)


def status_of(declined: Declined) -> int:
    """Return the HTTP status of the page that says why nobody was signed in.

    It is no 502, in whose place a balancer may show a page of its own.
    """
    return _STATUS.get(declined.error, 400)
