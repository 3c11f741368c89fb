"""What the replicas of a host share, behind small protocols: in Redis or Valkey, or in the memory of one process.

Nothing here knows of tools, products or requests; stdio and the server on loopback import none of it.
"""

from ringcentral_meetings.store.grants import Grants
from ringcentral_meetings.store.keys import KeyRing, UnsafeKeys
from ringcentral_meetings.store.leases import Leases
from ringcentral_meetings.store.limits import UserLimits
from ringcentral_meetings.store.noted_leases import NotedLeases
from ringcentral_meetings.store.notes import NoteRecord, Notes
from ringcentral_meetings.store.records import (
    CodeRecord,
    Ended,
    Grant,
    Issued,
    Lease,
    LeaseTaken,
    Note,
    Opened,
    Resealed,
    Room,
    Rotated,
    Session,
    StoreDown,
    Throttle,
    UnsafeStore,
)
from ringcentral_meetings.store.sessions import Renewal, Sessions
from ringcentral_meetings.store.shared import Store, memory_store, open_store
from ringcentral_meetings.store.steps import NoteChange

__all__ = [
    "CodeRecord",
    "Ended",
    "Grant",
    "Grants",
    "Issued",
    "KeyRing",
    "Lease",
    "LeaseTaken",
    "Leases",
    "Note",
    "NoteChange",
    "NoteRecord",
    "NotedLeases",
    "Notes",
    "Opened",
    "Renewal",
    "Resealed",
    "Room",
    "Rotated",
    "Session",
    "Sessions",
    "Store",
    "StoreDown",
    "Throttle",
    "UnsafeKeys",
    "UnsafeStore",
    "UserLimits",
    "memory_store",
    "open_store",
]
