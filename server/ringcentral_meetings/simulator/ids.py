"""Made-up ids, secrets and digests: the same for the same seed, so that a run can be repeated."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from itertools import count

ACCESS_TOKEN = "SIMA"  # noqa: S105  (what the simulator's tokens begin with)
MEETING_STEP = 742_938_287
MEETING_SPAN = 9_000_000_000
MEETING_FLOOR = 1_000_000_000


class Ids:
    """Makes the ids of one simulator, none of them twice."""

    def __init__(self, seed: int, next_number: Callable[[str], int]) -> None:
        """`next_number` counts up from 1 for each name, across restarts."""
        self._seed = seed
        self._next_number = next_number

    def meeting(self) -> str:
        """Return a ten-digit meeting number."""
        number = self._next_number("meeting") * MEETING_STEP + self._seed
        return str(MEETING_FLOOR + number % MEETING_SPAN)

    def bridge(self) -> str:
        """Return the id of a bridge, in the form recorded from the platform."""
        return f"iad41-c04-ndb{self._digest('bridge')[:26]}"

    def held_meeting(self) -> str:
        """Return the id of a meeting in the history of RingCentral Video.

        It is a UUID and the places that served the meeting, as recorded from the platform.
        """
        text = self._digest("held")
        uuid = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))
        return f"{uuid}!us-11-pdx10@us-11"

    def request(self) -> str:
        """Return the id of a request, as the header RCRequestId carries it."""
        return self._digest("request")[:32]

    def secret(self, kind: str) -> str:
        """Return a token, code or session id of a kind; it begins with `SIM`, an access token with `ACCESS_TOKEN`."""
        return f"SIM{kind[0].upper()}{self._digest(kind)[:40]}"

    def _digest(self, kind: str) -> str:
        return digest(self._seed, kind, self._next_number(kind))


def digest(*parts: object) -> str:
    """Return 64 hexadecimal digits that depend on nothing but the parts."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()


def digits(number: int, *parts: object) -> str:
    """Return that many decimal digits that depend on nothing but the parts."""
    return str(int(digest(*parts), 16))[-number:]


def engine_uuid(*parts: object) -> str:
    """Return a universally unique id in the form of the meeting engine: base64 holding `/`, `+` and `=`."""
    digests = (hashlib.sha256(":".join(map(str, (*parts, n))).encode()).digest()[:16] for n in count())
    candidates = (b64encode(made).decode() for made in digests)
    return next(text for text in candidates if "/" in text and "+" in text)
