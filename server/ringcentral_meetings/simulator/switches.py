"""The facts about RingCentral that nobody could check, each one a switch."""

from dataclasses import dataclass
from typing import Literal


@dataclass
class Switches:
    """How the simulated platform behaves where the documentation is silent or contradicts itself.

    Every attribute may be changed while the simulator runs; the next call sees the new value.
    """

    put_resets_omitted: bool = True
    """PUT: attributes left out fall back to their defaults (developer guide, "Methods")."""
    patch_supported: bool = True
    """PATCH exists on a meeting."""
    list_pages: bool = False
    """The list of meetings honours `page` and `perPage`; otherwise it is one page holding everything."""
    list_page_size: int = 100
    """Meetings on a page when the caller does not say."""
    list_includes_running: bool = True
    """A meeting in progress is still listed."""
    list_has_occurrences: bool = True
    """Answers about a series carry `occurrences`."""
    weekly_by_days_as_string: bool = False
    """Answers spell `weeklyByDays` comma-joined, as the API of 2021 did. Requests may use either form."""
    response_spells_reccurence: bool = False
    """Answers spell the field `reccurence`, as the API of 2021 did."""
    use_pmi_echoed: bool = True
    """Answers carry `usePersonalMeetingId`."""
    pin_may_be_chosen: bool = True
    """RingCentral Video: the caller may choose the PINs of a bridge; otherwise choosing one is 406."""
    pin_ignored: bool = False
    """RingCentral Video: a chosen PIN is taken without a word and another one given."""
    delegators_as_array: bool = True
    """RingCentral Video: the delegators are a bare array, as its own clients read them; otherwise `items`."""
    video_refusals: Literal["mixed", "empty", "text", "json"] = "mixed"
    """RingCentral Video: the body of a refusal, which is not documented. `mixed`: 404 empty, 403 text, else JSON."""
    bridge_type_refused: bool = False
    """RingCentral Video: PATCH with a `type` is 406; otherwise the type is ignored."""
    password_generated: bool = True
    """RingCentral Video: protection asked for without a password makes one up; otherwise it is 406."""
    waiting_room_wins: bool = True
    """RingCentral Video: a waiting room for everybody turns `joinBeforeHost` off; otherwise asking for both is 409."""
    instant_bridge_used_once: bool = False
    """RingCentral Video: an instant bridge is gone after its first meeting; otherwise three days after its creation."""
    other_product_answers: bool = True
    """The endpoints of the product that is not the user's answer all the same; otherwise 403. Dual mode has both."""
    zones_without: frozenset[str] = frozenset()
    """IANA names missing in the time zone dictionary."""
    schedule_zone_has_name: bool = True
    """`schedule.timeZone` of an answer carries `name` and `description` beside `id`."""
    old_zone_ids: bool = False
    """The time zone dictionary is numbered in another order."""
    withdrawn: bool = False
    """The Meetings endpoints are gone: 404 CMN-120."""
