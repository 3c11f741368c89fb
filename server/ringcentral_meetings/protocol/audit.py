"""The audit log: one JSON line per tool call, with who, what and when, and nothing of the content.

A line never holds a topic, an argument other than the id of a meeting that was to be changed, a link or a token.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import anyio
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult, InputRequiredResult
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.protocol.audit_file import opened
from ringcentral_meetings.untrusted_text import clean, truncated

MAX_CLIENT_CHARS = 80
CANCELLED = "cancelled"
ASKED = "asked"
"""The outcome of a call that is to be repeated with the person's answer (protocol 2026-07-28)."""

_MEETING_ID = re.compile(r"(?=\S*\d)[A-Za-z0-9_-]{1,64}", re.ASCII)

logger = logging.getLogger(__name__)


class LastRequest(Protocol):
    """Holds RingCentral's id of the last request of a call."""

    request_id: str | None


@dataclass(slots=True)
class Entry:
    """A line of the log in the making, written when its call has ended."""

    tool: Tool | None
    arguments: Mapping[str, Any]
    outcome: str = CANCELLED
    meeting_id: str | None = None
    request_id: str | None = None

    def answered(self, result: CallToolResult | InputRequiredResult) -> None:
        """Take the outcome from a result."""
        self.outcome = ASKED if isinstance(result, InputRequiredResult) else "ok"
        meeting = (getattr(result, "structured_content", None) or {}).get("meeting")
        if isinstance(meeting, dict):
            self.meeting_id = meeting.get("meeting_id")

    def failed(self, error: errors.MeetingsError) -> None:
        """Take the outcome from an error."""
        self.outcome = error.code
        if error.upstream is not None:
            self.request_id = error.upstream.request_id

    @property
    def writes(self) -> bool:
        """Whether the tool is one that changes something."""
        hints = self.tool.annotations if self.tool is not None else None
        return hints is not None and not hints.read_only_hint

    def changed_meeting(self) -> str | None:
        """Return the id of the meeting to change; None for links and names, which are not logged."""
        if not self.writes:
            return None
        given = str(self.arguments.get("meeting_id", "")).strip()
        return self.meeting_id or (given if _MEETING_ID.fullmatch(given) else None)


class CallRecord(Protocol):
    """Whoever records calls of tools."""

    def entry(
        self, tool: Tool | None, arguments: Mapping[str, Any], context: Context[Any, Any] | None
    ) -> AbstractContextManager[Entry]:
        """Return an entry, which is recorded as it is when the block ends."""
        ...


def _nobody() -> None:
    return None


@dataclass(slots=True)
class AuditLog:
    """Writes the lines to a file, or to stderr. `who` returns the name of the caller, if there are many.

    `follow` returns an object that will hold the id of the call's last request. A line that cannot be written does not
    fail its call, which has been carried out by then: the failure is logged, once until a line can be written again.
    """

    place: Path | Literal["stderr"]
    now: Callable[[], Instant]
    follow: Callable[[], LastRequest]
    common_fields: Mapping[str, Any] = field(default_factory=dict)
    who: Callable[[], str | None] = _nobody
    _failing: bool = False
    _cut: bool = False

    @contextmanager
    def entry(
        self, tool: Tool | None, arguments: Mapping[str, Any], context: Context[Any, Any] | None
    ) -> Iterator[Entry]:
        """Write the entry when the call within has ended, however it ended."""
        entry, began, last = Entry(tool, arguments), anyio.current_time(), self.follow()
        try:
            yield entry
        finally:
            seconds = anyio.current_time() - began
            self._record({"user": self.who(), **_facts(entry, context, seconds, last.request_id)})

    def _record(self, facts: Mapping[str, Any]) -> None:
        stamped = {"time": self.now().round("millisecond").format_iso(), **self.common_fields, **facts}
        known = {name: value for name, value in stamped.items() if value is not None}
        line = json.dumps(known, separators=(",", ":")) + "\n"  # ASCII alone: no other line ends, no surrogates
        try:
            self._write(line)
        except (OSError, ValueError) as failed:  # a ValueError is a stream that was closed
            if not self._failing:
                logger.error("A line of RINGCENTRAL_AUDIT_LOG could not be written: %s", failed)  # noqa: TRY400
            self._failing = True
        else:
            self._failing = False

    def _write(self, line: str) -> None:
        if self.place == "stderr":
            sys.stderr.write(line)
            sys.stderr.flush()
            return
        # Opened for each line, so that the file may be moved away; one write, so that processes may share it.
        file = opened(self.place)
        try:
            data = ("\n" + line if self._cut else line).encode("ascii")
            self._cut = 0 < os.write(file, data) < len(data)
        finally:
            os.close(file)
        if self._cut:
            raise OSError("only a part of it was written")


def _facts(
    entry: Entry, context: Context[Any, Any] | None, seconds: float, request_id: str | None
) -> Mapping[str, Any]:
    return {
        "tool": entry.tool.name if entry.tool is not None else "unknown",
        "access": "write" if entry.writes else "read",
        "outcome": entry.outcome,
        "duration_ms": round(seconds * 1000),
        "product": contract.noted_product(),
        "meeting_id": entry.changed_meeting(),
        "client": _client(context),
        "protocol": context.protocol_version if context is not None else None,
        "ringcentral_request_id": entry.request_id or request_id,
    }


def _client(context: Context[Any, Any] | None) -> str | None:
    params = context.session.client_params if context is not None else None
    if params is None:
        return None
    return truncated(clean(f"{params.client_info.name} {params.client_info.version}"), MAX_CLIENT_CHARS)
