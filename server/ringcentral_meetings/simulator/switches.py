"""The facts about RingCentral that nobody could check, each one a switch."""

from dataclasses import dataclass


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
    """RingCentral Video: the caller may choose the web PIN of a bridge."""
    zones_without: frozenset[str] = frozenset()
    """IANA names missing in the time zone dictionary."""
    schedule_zone_has_name: bool = True
    """`schedule.timeZone` of an answer carries `name` and `description` beside `id`."""
    old_zone_ids: bool = False
    """The time zone dictionary is numbered in another order."""
    withdrawn: bool = False
    """The Meetings endpoints are gone: 404 CMN-120."""
