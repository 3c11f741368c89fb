"""Logging to stderr, with every secret removed from messages and tracebacks."""

import json
import logging
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

REDACTED = "[redacted]"

_NAMES = (
    "access_token",
    "refresh_token",
    "client_secret",
    "assertion",
    "code",
    "zpk",
    "zak",
    "pwd",
    "pw",
    "tk",
    "h323password",
    "hostkey",
    "usertoken",
    "password",
    "jwt",
)
_RULES = (
    (("bearer", "basic"), re.compile(r"(?i)\b(bearer|basic)\s+[\w~+/.=-]{6,}"), rf"\1 {REDACTED}"),
    (
        _NAMES,
        re.compile(rf"""(?ix) \b({"|".join(_NAMES)}) (["']?\s*[=:]\s*["']?) [^\s"'&,}}]+"""),
        rf"\1\2{REDACTED}",
    ),
    (("rcm_",), re.compile(r"\brcm_[a-z]{2}_[\w-]{20,}"), REDACTED),
    (("eyj",), re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.?[\w-]*"), REDACTED),
)
"""Words, a pattern, its replacement. The pattern is searched for only if one of the words occurs.

Searched for every time, the patterns take half of the time of a log line.
"""


class Redactor:
    """Replaces known secret values, and what looks like a secret, in a text."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        folded = text.casefold()
        for words, pattern, instead in _RULES:
            if any(word in folded for word in words):
                text = pattern.sub(instead, text)
        return text


class _TextFormatter(logging.Formatter):
    def __init__(self, redact: Redactor, marks: Sequence[str] = ()) -> None:
        shown = "".join(f" {name}=%({name})s" for name in marks)
        super().__init__(f"%(asctime)s %(levelname)s{shown} %(name)s: %(message)s")
        self._redact = redact
        self._marks = marks

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))


class _JsonFormatter(_TextFormatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            **{name: getattr(record, name) for name in self._marks},
            "message": self._redact(record.getMessage()),
        }
        if record.exc_info:
            fields["exception"] = self._redact(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False)


class Marks(Protocol):
    """Gives each record attributes that go with every line, and names them."""

    @property
    def names(self) -> Sequence[str]: ...

    def filter(self, record: logging.LogRecord, /) -> bool: ...


def configure(level: str, style: Literal["text", "json"], secrets: Iterable[str], marks: Marks | None = None) -> None:
    """Log to stderr alone. Call it before the MCP server is built, which otherwise sets up logging itself.

    `marks` says what else each line holds. httpx and httpcore2 stay at WARNING: at lower levels they log URLs and the
    headers of answers, and a URL, such as that of a redirect, may hold a code or token.
    """
    redact = Redactor(secrets)
    handler = logging.StreamHandler(sys.stderr)
    names = marks.names if marks is not None else ()
    handler.setFormatter((_TextFormatter if style == "text" else _JsonFormatter)(redact, names))
    if marks is not None:
        handler.addFilter(marks.filter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "httpcore2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
