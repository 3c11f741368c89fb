"""Join links: whose they are, and which room or meeting they lead to. Reads text alone; nothing is requested.

Hosts and paths: RingCentral's own scheduling widgets (ringcentral/ringcentral-js-widgets, `MeetingCalendarHelper`)
and the hosts of its brands. The same hosts serve pages that are not meetings (webinars, recordings, telephone numbers),
and other services put numbers of the same form into their links: both host and path decide.
"""

import html
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final, Literal
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from ringcentral_meetings.domain.wrapped_links import query_of, under_domain, unwrapped
from ringcentral_meetings.untrusted_text import clean

Service = Literal["video", "meetings", "zoom"]
"""`zoom` is a host of Zoom, on which RingCentral Meetings runs too: the number may be of either."""

Page = Literal["webinar", "recording", "dial_in", "personal", "other"]
"""What RingCentral's hosts serve beside meetings; `personal` is a personal meeting of RingCentral Meetings."""

MAX_LINK_CHARS: Final = 8_192
MAX_WRAPPERS: Final = 3
MAX_SEARCHED_CHARS: Final = 65_536
MAX_NAME_CHARS: Final = 64
MAX_ID_DIGITS: Final = 20


@dataclass(frozen=True, slots=True)
class JoinLink:
    """A link into a room or meeting: `name` is its PIN, number or personal name.

    `password_hash` is what a link of RingCentral Video has in `pw`. `url` is the link without what a mail filter put
    around it; None for one that no browser opens, and for one that starts a meeting as its host.
    """

    service: Service
    name: str
    password_hash: str | None = None
    url: str | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ForeignLink:
    """A link of another service, such as `Google Meet`."""

    service: str


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page on one of RingCentral's hosts that is not a meeting."""

    page: Page


@dataclass(frozen=True, slots=True)
class UnknownHost:
    """A link on a host that this module does not know."""

    host: str


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """Text that looks like a link and cannot be read as one, or a link that hides its host."""


@dataclass(frozen=True, slots=True)
class SeveralLinks:
    """A text with links into several rooms or meetings."""

    links: tuple[JoinLink, ...]


@dataclass(frozen=True, slots=True)
class PlainName:
    """An id, PIN or personal name that was given by itself."""

    text: str


@dataclass(frozen=True, slots=True)
class NoName:
    """Text that does not have the form of an id, PIN, name or link."""


Link = JoinLink | ForeignLink | PageLink | UnknownHost | BrokenLink
Name = Link | SeveralLinks | PlainName | NoName

_APP_SCHEMES: Final = ("rcvdt", "rcapp")
"""RingCentral's own schemes, whose host is the first part of the path."""

_VIDEO_HOSTS: Final = frozenset(
    {
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
    }
)
_MEETINGS_HOSTS: Final = frozenset(
    {
        "meetings.ringcentral.com",
        "meetings-officeathand.att.com",
        "meetings.btcloudphone.bt.com",
        "meetings.businessconnect.telus.com",
    }
)
_MENTIONED: Final = (*sorted(_VIDEO_HOSTS | _MEETINGS_HOSTS), "zoom.us", "meetzoom.us", *_APP_SCHEMES)
_SHARED_DOMAINS: Final = ("zoom.us", "meetzoom.us")
_FOREIGN_DOMAINS: Final = {
    "zoom.us": "Zoom",
    "meetzoom.us": "Zoom",
    "zoom.com": "Zoom",
    "zoomgov.com": "Zoom",
    "meet.google.com": "Google Meet",
    "hangouts.google.com": "Google Meet",
    "teams.microsoft.com": "Microsoft Teams",
    "teams.microsoft.us": "Microsoft Teams",
    "teams.live.com": "Microsoft Teams",
    "webex.com": "Webex",
    "meet.goto.com": "GoTo Meeting",
    "gotomeeting.com": "GoTo Meeting",
    "gotomeet.me": "GoTo Meeting",
    "chime.aws": "Amazon Chime",
    "meet.jit.si": "Jitsi Meet",
    "whereby.com": "Whereby",
    "bluejeans.com": "BlueJeans",
}
_FOREIGN_SCHEMES: Final = {"zoommtg": "Zoom", "zoomus": "Zoom", "msteams": "Microsoft Teams", "webex": "Webex"}
_PAGES: Final[tuple[tuple[str, Page], ...]] = (
    ("w/", "webinar"),
    ("webinar", "webinar"),
    ("welcome/meetings/recordings", "recording"),
    ("rec/", "recording"),
    ("recording", "recording"),
    ("teleconference", "dial_in"),
    ("my/", "personal"),
)

_PERSONAL_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._~-]{{0,{MAX_NAME_CHARS - 1}}}")
_NUMBER = re.compile(rf"[0-9]{{4,{MAX_ID_DIGITS}}}")
_HASH = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SIP = re.compile(r"(?:sips?:)?([0-9]{4,20})(?:\.[^@\s]{0,64})?@sip\.rcv\.com", re.IGNORECASE)

_MEETING_PATHS: Final = ("/join", "/conf/on/", "/j/", "/s/", "%2fjoin", "%2fconf%2fon%2f", "%2fj%2f", "%2fs%2f")
"""Every link whose path could be a meeting's has one of these in it, even inside the link of a mail filter."""

_VIDEO_PATH = re.compile(r"(?:join|conf/on)/([^/]+)")
_MEETING_PATH = re.compile(r"[js]/([0-9]{4,20})")
_ZOOM_PATH = re.compile(r"(?:[js]/([0-9]{9,12})|wc/([0-9]{9,12})/(?:join|start)|wc/join/([0-9]{9,12}))")
_JOIN_BY_QUERY: Final = ("mid", "jid")

_WHOLE_LINK = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]{0,20}:/{1,2}|(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\.?(?::[0-9]+)?[/?#])\S*"
)
_LINK_IN_TEXT = re.compile(
    r"(?:(?:https?|rcvdt|rcapp)://|(?<![\w.@/-])(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}/)[^\s<>\"'`()\[\]{}|\\^\x00-\x1f]+",
    re.IGNORECASE,
)
_PLAIN_ID = re.compile(r"[A-Za-z0-9][\w.~!@:=+-]{0,199}", re.ASCII)
_LABEL = re.compile(r"[^\d:=#]{0,40}?(?:\b|_)(?:id|pin)\b(?:\s[^\d:=#]{0,20})?(?P<sign>[:=#\uff1a])?\s*", re.IGNORECASE)
_DASHES_AND_SPACES = re.compile(r"[ \u00a0\u2000-\u200a\u2010-\u2015\u202f-]+")
_GROUPED = re.compile(r"[0-9]+(?:[ \u00a0\u2000-\u200a\u2010-\u2015\u202f-]{1,3}[0-9]+)*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[T ].*)?|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}")

_BRACKETS: Final = dict(zip("<([{\"'`“\u2018«", ">)]}\"'`”\u2019»", strict=True))
_TRAILING: Final = ".,;:!?…>)]}\"'`”\u2019»*#"
_LEADING: Final = "<([{\"'`“\u2018«*"


def read_name(text: str, own_hosts: Collection[str] = ()) -> Name:
    """Return what a text names: an id, PIN, personal name, join link, or a line copied from an invitation.

    `own_hosts` are the account's own hosts, beside those known to be RingCentral's.
    """
    plain = _without_brackets(clean(text))
    if _is_link(plain):
        return read_link(plain, own_hosts)
    if "://" in plain or "/" in plain:
        return _read_links(plain, own_hosts)
    if (sip := _SIP.fullmatch(plain)) is not None:
        return JoinLink("video", sip[1])
    return _read_plain(plain)


def read_link(text: str, own_hosts: Collection[str] = ()) -> Link:
    """Return what one link leads to, after removing up to `MAX_WRAPPERS` links that others put around it."""
    link = _without_brackets(text)
    for _ in range(MAX_WRAPPERS + 1):
        split = _split(link)
        if split is None:
            return BrokenLink()
        inner = unwrapped(split, link)
        if inner is None:
            return _with_url(_read_split(split, own_hosts), split)
        link = inner
    return BrokenLink()


def _with_url(link: Link, split: SplitResult) -> Link:
    starts = split.path.startswith("/s/") or split.path.endswith("/start")
    if not isinstance(link, JoinLink) or starts or split.scheme.casefold() not in {"http", "https"}:
        return link
    return replace(link, url=urlunsplit(("https", split.netloc, split.path, split.query, "")))


def find_links(text: str, own_hosts: Collection[str] = ()) -> tuple[JoinLink, ...]:
    """Return the different links to rooms and meetings in a text, in order.

    Only the first `MAX_SEARCHED_CHARS` characters are read.
    """
    found: dict[tuple[Service, str], JoinLink] = {}
    for match in _LINK_IN_TEXT.finditer(text[:MAX_SEARCHED_CHARS]):
        link = read_link(html.unescape(match[0]), own_hosts)
        if isinstance(link, JoinLink):
            found.setdefault((link.service, link.name), link)
    return tuple(found.values())


def mentions_meetings(text: str, own_hosts: Collection[str] = ()) -> bool:
    """Return whether `find_links` may find anything: a quick check that spares most texts the search."""
    small = text.casefold()
    return any(word in small for word in (*_MENTIONED, *own_hosts))


def supposed_hosts(text: str) -> frozenset[str]:
    """Return the unknown hosts in a text whose links would lead to a meeting if the host were the account's own."""
    if not any(part in text.casefold() for part in _MEETING_PATHS):
        return frozenset()
    links = [html.unescape(match[0]) for match in _LINK_IN_TEXT.finditer(text[:MAX_SEARCHED_CHARS])]
    unknown = {link: read.host for link in links if isinstance(read := read_link(link), UnknownHost)}
    return frozenset(host for link, host in unknown.items() if isinstance(read_link(link, {host}), JoinLink))


def host_of(link: str | None) -> str | None:
    """Return the host of a web link, or None."""
    split = _split(link or "")
    return _host(split) or None if split is not None and split.scheme in {"http", "https"} else None


def _read_links(text: str, own_hosts: Collection[str]) -> Name:
    """Return what a text with links names: the one room or meeting in it, else what its first link leads to."""
    links = find_links(text, own_hosts)
    if len(links) > 1:
        return SeveralLinks(links)
    if links:
        return links[0]
    first = _LINK_IN_TEXT.search(text)
    return read_link(html.unescape(first[0]), own_hosts) if first is not None else NoName()


def _read_plain(text: str) -> PlainName | NoName:
    if (label := _LABEL.match(text)) is not None:
        bare = _without_brackets(text[label.end() :])
        text = bare if label["sign"] or _GROUPED.fullmatch(bare) else text
    if _DATE.fullmatch(text):
        return NoName()
    if _GROUPED.fullmatch(text):
        text = _DASHES_AND_SPACES.sub("", text)
        return PlainName(text) if len(text) <= MAX_ID_DIGITS else NoName()
    return PlainName(text) if _PLAIN_ID.fullmatch(text) else NoName()


def _is_link(text: str) -> bool:
    if _WHOLE_LINK.fullmatch(text):
        return True
    host = text.casefold().rstrip(".")
    return _is_ours(host) or _foreign(host) is not None


def _without_brackets(text: str) -> str:
    """Return the text without what surrounds a copied link or number: spaces, brackets, quotes, final punctuation."""
    before = None
    while text != before:
        before = text
        text = text.strip()
        if len(text) > 1 and _BRACKETS.get(text[0]) == text[-1]:
            text = text[1:-1]
        text = text.lstrip(_LEADING).rstrip(_TRAILING)
    return text


def _split(link: str) -> SplitResult | None:
    """Return the parts of a link; None if it cannot be split, or if programs differ on which host it names."""
    if not link or len(link) > MAX_LINK_CHARS or any(ord(char) <= 0x20 for char in link):
        return None
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):(/{1,2}|$)", link)
    if scheme is None:
        link = f"https://{link}"
    elif scheme[2] == "/":
        link = f"{scheme[1]}:/{link[scheme.end() - 1 :]}"
    try:
        split = urlsplit(link)
        _ = split.port
    except ValueError:
        return None
    return None if "@" in split.netloc else split


def _host(split: SplitResult) -> str:
    """Return the host, with a port that is not the scheme's own."""
    host = (split.hostname or "").rstrip(".")
    return host if split.port in {None, 80, 443} else f"{host}:{split.port}"


def _read_split(split: SplitResult, own_hosts: Collection[str]) -> Link:
    scheme, host = split.scheme.casefold(), _host(split)
    if scheme in _FOREIGN_SCHEMES:
        return ForeignLink(_FOREIGN_SCHEMES[scheme])
    if scheme in _APP_SCHEMES:
        return _video_link(split._replace(path=f"/{split.netloc}{split.path}"))
    if scheme not in {"http", "https"} or not host:
        return BrokenLink()
    if host in _VIDEO_HOSTS:
        return _video_link(split)
    if host in _MEETINGS_HOSTS:
        return _meeting_link(split)
    if under_domain(host, _SHARED_DOMAINS):
        return _zoom_link(split)
    if (service := _foreign(host)) is not None:
        return ForeignLink(service)
    return _own_link(split) if host in own_hosts else UnknownHost(host)


def _video_link(split: SplitResult) -> JoinLink | PageLink | BrokenLink:
    path = _path(split)
    match = _VIDEO_PATH.fullmatch(path)
    if match is None:
        return _page(path)
    name = unquote(match[1])
    if not _PERSONAL_NAME.fullmatch(name):
        return BrokenLink()
    given = next(iter(query_of(split).get("pw", ())), "")
    return JoinLink("video", name, given if _HASH.fullmatch(given) else None)


def _meeting_link(split: SplitResult) -> JoinLink | PageLink:
    path = _path(split)
    if (match := _MEETING_PATH.fullmatch(path)) is not None:
        return JoinLink("meetings", match[1])
    numbers = [number for name in _JOIN_BY_QUERY for number in query_of(split).get(name, ())]
    if path == "join" and numbers and _NUMBER.fullmatch(numbers[0]):
        return JoinLink("meetings", numbers[0])
    return _page(path)


def _zoom_link(split: SplitResult) -> JoinLink | ForeignLink:
    match = _ZOOM_PATH.fullmatch(_path(split))
    number = next((group for group in match.groups() if group), None) if match is not None else None
    return JoinLink("zoom", number) if number is not None else ForeignLink("Zoom")


def _own_link(split: SplitResult) -> Link:
    """Return a link on the account's own host, which may serve either product."""
    video = _video_link(split)
    return video if isinstance(video, JoinLink) else _meeting_link(split)


def _page(path: str) -> PageLink:
    return PageLink(next((page for start, page in _PAGES if path.startswith(start)), "other"))


def _path(split: SplitResult) -> str:
    """Return the path without empty parts: RingCentral's clients read doubled slashes too."""
    return "/".join(part for part in split.path.split("/") if part)


def _is_ours(host: str) -> bool:
    return host in _VIDEO_HOSTS or host in _MEETINGS_HOSTS


def _foreign(host: str) -> str | None:
    return next((service for domain, service in _FOREIGN_DOMAINS.items() if under_domain(host, (domain,))), None)
