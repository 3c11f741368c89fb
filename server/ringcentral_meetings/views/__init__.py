"""The view for hosts that draw MCP Apps: an agenda, free slots, and a meeting, as one self-contained page.

The page is put together from the files beside this one at the first request. Source of the protocol: MCP Apps
specification, revision 2026-01-26 (SEP-1865).
"""

import hashlib
import re
from functools import cache
from importlib.resources import files

from ringcentral_meetings import __version__

MIME_TYPE = "text/html;profile=mcp-app"
"""The media type by which hosts recognise a view."""

URI_TEMPLATE = "ui://ringcentral-meetings/view-{digest}.html"
"""The addresses of the page. Each gives the present one: a chat from before an update still asks for an older one."""

META = {
    "ui": {
        "csp": {"connectDomains": [], "resourceDomains": []},
        "permissions": {"clipboardWrite": {}},
        "prefersBorder": False,
    }
}
"""What a host is to know of the page. It asks nobody for anything; some hosts draw no view that does not say so."""

_PART = re.compile(r"/\*\{([a-z]+\.[a-z]+)\}\*/")


@cache
def page() -> str:
    """Return the whole HTML document, with its style and script inside."""
    html = _PART.sub(lambda part: _text(part[1]), _text("view.html"))
    return html.replace("/*{version}*/", __version__)


def host_file(name: str) -> str:
    """Return one of the files of the page that shows the view in a browser: `host.html`, `host.css` or `host.js`."""
    return _text(name)


@cache
def uri() -> str:
    """Return the `ui://` address of the page; it holds a digest of it, since hosts keep views by address."""
    return URI_TEMPLATE.format(digest=hashlib.sha256(page().encode()).hexdigest()[:8])


def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
