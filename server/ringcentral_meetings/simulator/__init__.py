"""A RingCentral platform in one process: what stands in for the real one in tests and demonstrations.

It knows nothing of the rest of this package, so that the client is checked over the wire.
Serving it over HTTP is in `simulator.http`, apart, because a server takes long to import.
"""

from ringcentral_meetings.simulator.faults.plan import Faults
from ringcentral_meetings.simulator.limits import UNLIMITED
from ringcentral_meetings.simulator.people import CLIENT_ID, CLIENT_SECRET, JWT, PUBLIC_CLIENT_ID, REDIRECT_URIS
from ringcentral_meetings.simulator.simulator import Simulator
from ringcentral_meetings.simulator.state import Provider, RecordedCall
from ringcentral_meetings.simulator.switches import Switches

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "JWT",
    "PUBLIC_CLIENT_ID",
    "REDIRECT_URIS",
    "UNLIMITED",
    "Faults",
    "Provider",
    "RecordedCall",
    "Simulator",
    "Switches",
]
