"""Facts about RingCentral that could not be checked, each of them a switch."""

from dataclasses import dataclass
from typing import Literal


@dataclass
class Switches:
    """How the simulated platform behaves where the documentation is silent or contradictory.

    Every attribute may be changed while the simulator runs; the next call sees the new value.
    """

    put_resets_omitted: bool = True
    """PUT resets attributes that are left out to their defaults (developer guide, "Methods")."""
    patch_supported: bool = True
    """PATCH exists on a meeting."""
    list_pages: bool = False
    """The list of meetings honours `page` and `perPage`; otherwise it is one page holding everything."""
    list_page_size: int = 100
    """Meetings on a page by default."""
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
    cancelled_dates_kept: Literal["by_start", "by_day", "never"] = "by_start"
    """Which cancelled dates of a series stay cancelled when it changes: those whose start, or whose local day, is still
    a date of it, or none."""
    changed_count_includes_held: bool = False
    """The count of a series that got another start includes the dates held before; otherwise it counts from there."""
    past_start_moves_on: bool = False
    """A change of a series that started in the past makes its next date its start; otherwise the start stays."""
    pin_may_be_chosen: bool = True
    """RingCentral Video: the caller may choose the PINs of a bridge; otherwise choosing one is 406."""
    pin_ignored: bool = False
    """RingCentral Video: a chosen PIN is silently replaced by another one."""
    delegators_as_array: bool = True
    """RingCentral Video: the delegators are a bare array, as its own clients expect; otherwise in `items`."""
    video_refusals: Literal["mixed", "empty", "text", "json"] = "mixed"
    """RingCentral Video: the body of a refusal, which is not documented. `mixed`: 404 empty, 403 text, else JSON."""
    bridge_type_refused: bool = False
    """RingCentral Video: PATCH with a `type` is 406; otherwise the type is ignored."""
    password_generated: bool = True
    """RingCentral Video: asking for protection without a password generates one; otherwise it is 406."""
    waiting_room_wins: bool = True
    """RingCentral Video: a waiting room for everybody turns `joinBeforeHost` off; otherwise asking for both is 409."""
    instant_bridge_used_once: bool = False
    """RingCentral Video: an instant bridge is gone after its first meeting; otherwise three days after its creation."""
    other_product_answers: bool = True
    """The endpoints of a product that the user does not have answer too; otherwise 403. Dual mode has both."""
    zones_without: frozenset[str] = frozenset()
    """IANA names that the time zone dictionary lacks."""
    schedule_zone_has_name: bool = True
    """`schedule.timeZone` of an answer carries `name` and `description` beside `id`."""
    old_zone_ids: bool = False
    """The time zone dictionary is numbered in another order."""
    feed_months_ahead: int = 6
    """Calendar feeds of Microsoft 365: how far ahead they go; an administrator can set up to a year."""
    feed_months_back: int = 3
    """Calendar feeds of Microsoft 365: how far back they go."""
    feed_defines_zones: bool = False
    """Calendar feeds of Microsoft 365: the zones that Windows has names for are defined in them."""
    withdrawn: bool = False
    """The Meetings endpoints no longer exist: 404 CMN-120."""
