"""Join links are told apart by host and path, unwrapped by parsing, and found in whatever was copied around them."""

import base64
import string
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringcentral_meetings.domain.links import (
    MAX_LINK_CHARS,
    BrokenLink,
    ForeignLink,
    JoinLink,
    Name,
    NoName,
    PageLink,
    PlainName,
    SeveralLinks,
    UnknownHost,
    find_links,
    read_link,
    read_name,
)

PIN = "018209241352"
HASH = "0123456789abcdef0123456789abcdef"
ROOM = JoinLink("video", PIN, HASH)
LINK = f"https://v.ringcentral.com/join/{PIN}?pw={HASH}"
MEETING = JoinLink("meetings", "2401136018")


def safelinks(link: str) -> str:
    return f"https://nam02.safelinks.protection.outlook.com/?url={quote(link, safe='')}&data=05%7C02%7C&reserved=0"


def defended_v2(link: str) -> str:
    hidden = quote(link, safe="").replace("_", "%5F").replace("%2F", "_").replace("-", "%2D").replace("%", "-")
    return f"https://urldefense.proofpoint.com/v2/url?u={hidden}&d=DwMFaQ&c=abc&e="


def defended_v3(link: str) -> str:
    return f"https://urldefense.com/v3/__{link}__;!!LIr3w8kk_Xxm!abc-def$"


def redirected(link: str) -> str:
    return f"https://www.google.com/url?q={quote(link, safe='')}&sa=D&source=calendar"


WRAPPERS = (safelinks, defended_v2, defended_v3, redirected)


@pytest.mark.parametrize(
    "host",
    [
        "v.ringcentral.com",
        "video.ringcentral.com",
        "app.ringcentral.com",
        "verizon.v.ringcentral.com",
        "meetings.officeathand.att.com",
        "video.unifyoffice.com",
        "video-atos.ringcentral.com",
        "video.cloudoffice.avaya.com",
        "video.rainbowoffice.com",
        "video.cloudwork.bt.com",
        "video.businessconnect.telus.com",
        "video.vodafonebusiness.ringcentral.com",
        "V.RingCentral.com",
        "v.ringcentral.com.",
        "v.ringcentral.com:443",
    ],
)
def test_the_rooms_of_every_brand_are_recognised(host: str) -> None:
    assert read_link(f"https://{host}/join/{PIN}?pw={HASH}") == ROOM
    assert read_link(f"https://{host}/conf/on/{PIN}") == JoinLink("video", PIN)
    assert read_name(f"{host}/join/robin.ashdown-2_x") == JoinLink("video", "robin.ashdown-2_x")


@pytest.mark.parametrize(
    "host",
    [
        "meetings.ringcentral.com",
        "meetings-officeathand.att.com",
        "meetings.btcloudphone.bt.com",
        "meetings.businessconnect.telus.com",
    ],
)
def test_the_meetings_of_every_brand_are_recognised(host: str) -> None:
    for path in ("j/2401136018?pwd=0a1b2c", "join?mid=2401136018", "join?jid=2401136018", "s/2401136018?zpk=x"):
        assert read_link(f"https://{host}/{path}") == MEETING, path


@pytest.mark.parametrize(
    ("link", "is_"),
    [
        (f"https://zoom.us/j/{2401136018}", JoinLink("zoom", "2401136018")),
        ("https://us02web.zoom.us/j/2401136018?pwd=QUJD", JoinLink("zoom", "2401136018")),
        ("https://acme.meetzoom.us/wc/2401136018/join", JoinLink("zoom", "2401136018")),
        ("https://zoom.us/w/2401136018", ForeignLink("Zoom")),
        ("https://zoom.us/my/robin", ForeignLink("Zoom")),
        ("https://zoom.com/j/2401136018", ForeignLink("Zoom")),
        ("zoommtg://zoom.us/join?confno=2401136018", ForeignLink("Zoom")),
        ("https://meet.google.com/abc-defg-hij", ForeignLink("Google Meet")),
        ("meet.google.com", ForeignLink("Google Meet")),
        ("https://teams.microsoft.com/l/meetup-join/19%3ameeting_x", ForeignLink("Microsoft Teams")),
        ("https://teams.live.com/meet/9312345678901", ForeignLink("Microsoft Teams")),
        ("msteams:/l/meetup-join/19", ForeignLink("Microsoft Teams")),
        ("https://acme.webex.com/meet/robin", ForeignLink("Webex")),
        ("https://acme.webex.com/acme/j.php?MTID=m018209241352", ForeignLink("Webex")),
        ("https://v.ringcentral.com/teleconference", PageLink("dial_in")),
        ("https://meetings.ringcentral.com/teleconference", PageLink("dial_in")),
        ("https://v.ringcentral.com/welcome/meetings/recordings/recording/018209241352", PageLink("recording")),
        (f"https://v.ringcentral.com/w/join/{PIN}", PageLink("webinar")),
        (f"https://v.ringcentral.com/w/a/join/{PIN}", PageLink("webinar")),
        ("https://meetings.ringcentral.com/my/robin", PageLink("personal")),
        ("https://v.ringcentral.com/", PageLink("other")),
        ("v.ringcentral.com", PageLink("other")),
        ("https://v.ringcentral.com/join/", PageLink("other")),
        (f"https://v.ringcentral.com/login/join/{PIN}", PageLink("other")),
        ("https://v.ringcentral.com/join/a%2Fb", BrokenLink()),
        ("https://v.ringcentral.com/join/..", PageLink("other")),
        ("https://v.ringcentral.com/join/%2e%2e", BrokenLink()),
        (f"https://v.ringcentral.com.evil.example/join/{PIN}", UnknownHost("v.ringcentral.com.evil.example")),
        (f"https://evil.example/v.ringcentral.com/join/{PIN}", UnknownHost("evil.example")),
        (f"https://notzoom.us/j/{PIN}", UnknownHost("notzoom.us")),
        (f"https://ringcentral.com/join/{PIN}", UnknownHost("ringcentral.com")),
        (f"https://v.ringcentral.com:8443/join/{PIN}", UnknownHost("v.ringcentral.com:8443")),
        (f"https://v.ringcentral.com@evil.example/join/{PIN}", BrokenLink()),
        (f"https://evil.example\\@v.ringcentral.com/join/{PIN}", BrokenLink()),
        (f"ftp://v.ringcentral.com/join/{PIN}", BrokenLink()),
        (f"javascript://v.ringcentral.com/join/{PIN}", BrokenLink()),
        ("https://[", BrokenLink()),
        ("https://v.ringcentral.com:x/join/1", BrokenLink()),
        (f"https:/v.ringcentral.com/join/{PIN}", JoinLink("video", PIN)),
        (f"http://v.ringcentral.com//join//{PIN}", JoinLink("video", PIN)),
        (f"rcvdt://join/{PIN}?pw={HASH}", ROOM),
        (f"rcapp://join/{PIN}", JoinLink("video", PIN)),
        (f"{PIN}.123456@sip.rcv.com", JoinLink("video", PIN)),
        (f"sip:{PIN}@sip.rcv.com", JoinLink("video", PIN)),
        (f"{LINK}&amp;x=1#fragment", ROOM),
        (f"{LINK.replace('?', '?x=1&amp;')}", ROOM),
    ],
)
def test_host_and_path_decide_what_a_link_is(link: str, is_: Name) -> None:
    assert read_name(link) == is_


@pytest.mark.parametrize(
    "copied",
    [
        LINK,
        f" {LINK}\n",
        f"<{LINK}>",
        f"({LINK})",
        f"[{LINK}]",
        f'"{LINK}"',
        f"\u201c{LINK}\u201d.",
        f"{LINK}.",
        f"{LINK},",
        f"{LINK}).",
        f"<({LINK})>;",
        f"Join: {LINK}",
        f"Join here <{LINK}>!",
        f"[the call]({LINK})",
        LINK.removeprefix("https://"),
        f'<a href="{LINK}">Join</a>',
        f"\u200b{LINK}\u200b",
        f"Please join:\n{LINK}\nOr dial +1 (650) 419-1505, ID {PIN}#\nNumbers: https://v.ringcentral.com/teleconference",
    ],
)
def test_a_link_is_found_in_what_was_copied_around_it(copied: str) -> None:
    assert read_name(copied) == ROOM


@pytest.mark.parametrize(
    ("given", "is_"),
    [
        ("Meeting ID: 123 456 789", PlainName("123456789")),
        ("Meeting ID 123-456-789", PlainName("123456789")),
        ("meeting_id: 123456789", PlainName("123456789")),
        ("meeting_id=iad41-c04-ndb0a", PlainName("iad41-c04-ndb0a")),
        ("ID de réunion : 123 456 789", PlainName("123456789")),
        ("Meeting-ID: 123\u00a0456\u00a0789.", PlainName("123456789")),
        ("PIN: 0182 0924 1352#", PlainName(PIN)),
        ("(123 456 789)", PlainName("123456789")),
        ("<123-456-789>", PlainName("123456789")),
        ("123\u2013456\u2013789,", PlainName("123456789")),
        ("iad41-c04-ndb2ec61", PlainName("iad41-c04-ndb2ec61")),
        ("robin.ashdown", PlainName("robin.ashdown")),
        ("id-123", PlainName("id-123")),
        ("the Tuesday standup", NoName()),
        ("Password: 123 456", NoName()),
        ("+1 650 419 1505", NoName()),
        ("+16504191505,,018209241352#", NoName()),
        ("2026-11-24", NoName()),
        ("2026-11-24T15:00", NoName()),
        ("tomorrow at 15:00", NoName()),
        ("a/b", NoName()),
        ("../admin", NoName()),
        ("..", NoName()),
        ("", NoName()),
        ("<>", NoName()),
        ("%2e%2e", NoName()),
        ("9" * 21, NoName()),
        ("see mailto://nobody", NoName()),
    ],
)
def test_an_id_is_read_as_people_copy_it_and_nothing_else_is_one(given: str, is_: Name) -> None:
    assert read_name(given) == is_


@pytest.mark.parametrize("wrap", WRAPPERS)
@pytest.mark.parametrize("around", [(), WRAPPERS[:1], WRAPPERS[:2]])
def test_protecting_links_are_taken_off_up_to_three_deep(wrap: object, around: tuple[object, ...]) -> None:
    link = LINK
    for put in (wrap, *around):
        link = put(link)  # type: ignore[operator]
    assert read_name(f"<{link}>") == ROOM
    assert find_links(f"Join {link} now") == (ROOM,)


def test_a_fourth_layer_and_a_link_around_itself_end_the_unwrapping() -> None:
    link = LINK
    for _ in range(4):
        link = safelinks(link)
    assert read_name(link) == BrokenLink()
    assert read_name(safelinks("")) == BrokenLink()
    assert read_name(LINK + "&x=" + "a" * MAX_LINK_CHARS) == BrokenLink()


def test_a_wrapped_link_of_another_service_is_named_as_that() -> None:
    assert read_name(safelinks("https://meet.google.com/abc-defg-hij")) == ForeignLink("Google Meet")
    assert read_name(safelinks(f"https://evil.example/join/{PIN}")) == UnknownHost("evil.example")


def test_the_characters_that_url_defense_keeps_apart_are_put_back() -> None:
    kept = base64.urlsafe_b64encode(b"=%%%").decode().rstrip("=")
    link = f"https://urldefense.com/v3/__https://v.ringcentral.com/join/{PIN}?pw*{HASH}&x=**B__;{kept}!!LI!abc$"
    assert read_link(link) == ROOM
    unreadable = f"https://urldefense.com/v3/__https://v.ringcentral.com/join/{PIN}?pw*{HASH}__;_w!!LI!abc$"
    assert read_link(unreadable) == BrokenLink()


def test_a_host_is_the_accounts_own_where_it_is_said_to_be() -> None:
    link = f"https://video.brand.example/join/{PIN}?pw={HASH}"
    assert read_name(link) == UnknownHost("video.brand.example")
    assert read_name(link, {"video.brand.example"}) == ROOM
    assert read_name("https://video.brand.example/j/2401136018", {"video.brand.example"}) == MEETING
    assert read_name("https://video.brand.example/teleconference", {"video.brand.example"}) == PageLink("dial_in")


def test_several_rooms_in_one_text_are_not_chosen_between() -> None:
    other = "https://v.ringcentral.com/join/111222333"
    assert read_name(f"{LINK} or {other}") == SeveralLinks((ROOM, JoinLink("video", "111222333")))
    assert read_name(f"{LINK} and again {LINK}") == ROOM


DOMAINS = st.lists(
    st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=12), min_size=1, max_size=4
)
PATHS = st.sampled_from(
    [f"/join/{PIN}", f"/j/{PIN}", f"/conf/on/{PIN}", f"/join?mid={PIN}", "/v.ringcentral.com/join/1234"]
)


@given(st.text(max_size=400))
@example("https://[::1]:99999999/")
@example("https://v.ringcentral.com\u2100/join/1")
@example("id:" * 100)
def test_no_text_makes_the_reader_raise(text: str) -> None:
    for given_text in (
        text,
        f"https://{text}",
        f"https://v.ringcentral.com/{text}",
        safelinks(text),
        defended_v3(text),
    ):
        read_name(given_text)
        read_link(given_text)
        find_links(given_text)


@given(DOMAINS, PATHS, st.lists(st.sampled_from(WRAPPERS), max_size=3), st.sampled_from(["", "<", "Meeting ID: "]))
def test_no_foreign_host_ever_gives_an_id(labels: list[str], path: str, wraps: list[object], before: str) -> None:
    link = f"https://{'.'.join(labels)}.example{path}"
    for wrap in wraps:
        link = wrap(link)  # type: ignore[operator]
    assert isinstance(read_name(before + link), UnknownHost | BrokenLink | NoName)
    assert find_links(f"text {link} text") == ()


@given(
    st.from_regex(r"[0-9]{9,12}", fullmatch=True),
    st.sampled_from(["{}", "<{}>", "({})", "{}.", " {} ", "Join {} now", "[x]({})"]),
    st.lists(st.sampled_from(WRAPPERS), max_size=3),
)
def test_the_pin_of_every_room_survives_wrapping_and_copying(pin: str, around: str, wraps: list[object]) -> None:
    link = f"https://v.ringcentral.com/join/{pin}?pw={HASH}"
    for wrap in wraps:
        link = wrap(link)  # type: ignore[operator]
    assert read_name(around.format(link)) == JoinLink("video", pin, HASH)
