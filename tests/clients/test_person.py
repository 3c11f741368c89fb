"""What the person with a browser makes of pages."""

import httpx
import pytest

from clients.person import ALLOW, Page, Person, Unreadable, onward
from gate.shown_pages import SHOWN

CHOICE = '<form action="authorize"><select name="person"><option value="1">Ada Abbot, +1</option></select></form>'


def shown(name: str) -> str:
    return bytes(SHOWN[name]("https://elsewhere.example").body).decode()


def test_a_form_is_filled_in_as_the_page_has_it() -> None:
    [form] = Page(shown("consent")).forms
    assert (form.action, form.fields) == (
        "/consent",
        {"request": "sealed request", "nonce": "nonce of this page", "write": "on"},
    )
    assert ALLOW in form.buttons


def test_a_box_that_is_not_ticked_is_not_sent() -> None:
    [form] = Page(shown("consent").replace(" checked", "")).forms
    assert "write" not in form.fields


def test_a_page_that_leads_on_is_followed_and_another_is_not() -> None:
    request = httpx.Request("GET", "https://meetings.example.com/consent")
    assert onward(httpx.Response(200, text=shown("denied"), request=request)) == "https://elsewhere.example/nothing"
    assert onward(httpx.Response(200, text=shown("consent"), request=request)) is None
    back = httpx.Response(303, headers={"Location": "/connections"}, request=request)
    assert onward(back) == "https://meetings.example.com/connections"


def test_somebody_finds_themselves_among_people_by_their_whole_name() -> None:
    [form] = Page(CHOICE).forms
    assert Person("Ada Abbot", "", "").choice(form.choices["person"]) == "1"
    with pytest.raises(Unreadable):
        Person("Ada", "", "").choice(form.choices["person"])
