"""Switches and the account's attributes as text."""

import re
from typing import Any

import pytest

from ringcentral_meetings.simulator import Simulator
from ringcentral_meetings.simulator.options import help_text, parse, set_account
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.switches import Switches


def reachable(name: str) -> bool:
    """Whether some value can be given to a name."""
    for value in ("yes", "7", "a,b", "RCVideo", "empty", "never", "304921004:RCVideo", "304921004:Europe/Berlin"):
        try:
            parse([f"{name}={value}"])
        except ValueError:
            continue
        return True
    return False


def test_every_switch_and_attribute_can_be_set_and_is_described(simulator: Simulator) -> None:
    names = {*Switches.__annotations__, *State.__annotations__} - {"calls"}
    assert [name for name in names if not reachable(name)] == []
    shown = help_text(simulator)
    assert set(re.findall(r"^([a-z_]+)=", shown, re.MULTILINE)) == names
    told = re.findall(r"^[a-z_]+=.*\n((?:    .+\n?)+)", shown, re.MULTILINE)
    assert len(told) == len(names)
    assert all(len(line) <= 80 for line in shown.splitlines() if line.startswith(" "))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("pin_ignored=yes", True),
        ("list_page_size=7", 7),
        ("cancelled_dates_kept=never", "never"),
        ("zones_without=Europe/Berlin,Europe/Paris", frozenset({"Europe/Berlin", "Europe/Paris"})),
    ],
)
def test_a_switch_takes_values_of_its_type(text: str, value: Any) -> None:
    switches, account = parse([text])
    assert getattr(switches, text.partition("=")[0]) == value
    assert account == {}


def test_attributes_of_the_account_are_replaced_and_those_of_users_added(simulator: Simulator) -> None:
    texts = ["permissions=", "super_admin=yes", "provider=None", "redirect_uris=any", "providers=304921005:RCVideo"]
    switches, account = parse([*texts, "zones=304921005:Asia/Tokyo"])
    assert switches == Switches()
    set_account(simulator, account)
    assert simulator.permissions == set()
    assert simulator.super_admin is True
    assert simulator.provider == "None"
    assert simulator.redirect_uris is None
    assert simulator.providers == {"304921005": "RCVideo"}
    assert simulator.zones["304921005"] == "Asia/Tokyo"
    assert simulator.zones["304921004"] == "America/New_York"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pin_ignored", "not the name of a switch and its value: 'pin_ignored'"),
        ("pin_forgotten=yes", "not the name of a switch and its value: 'pin_forgotten=yes'"),
        ("calls=", "not the name of a switch"),
        ("pin_ignored=perhaps", "pin_ignored is one of yes, true, no, false, not 'perhaps'"),
        ("list_page_size=0", "list_page_size is a number from 1 up, not '0'"),
        ("list_page_size=many", "list_page_size is a number"),
        ("cancelled_dates_kept=some", "cancelled_dates_kept is one of by_start, by_day, never, not 'some'"),
        ("provider=Zoom", "provider is one of RCMeetings, RCVideo, None, not 'Zoom'"),
        (
            "providers=1:RCVideo",
            "providers: '1:RCVideo' does not begin with an extension id such as 304921004 and a colon",
        ),
        ("zones=304921004:Mars/Olympus", "unknown time zone: 'Mars/Olympus'"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        parse([text])
