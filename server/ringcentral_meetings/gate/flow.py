"""A sign-in under way: what is kept of it while the person is at RingCentral."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ringcentral_meetings.gate.records import AuthorizationRequest


@dataclass(frozen=True, slots=True)
class Flow:
    """What a person has approved, for which client (its short name), and our PKCE verifier."""

    asked: AuthorizationRequest
    client: str
    verifier: str = field(repr=False)

    @property
    def text(self) -> str:
        """The form in which it is stored."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> "Flow":
        """Return the flow that was stored so."""
        stored: dict[str, Any] = json.loads(text)
        return cls(asked_of(stored["asked"]), stored["client"], stored["verifier"])


def asked_of(fields: Mapping[str, Any]) -> AuthorizationRequest:
    """Return the request whose fields were written as JSON."""
    return AuthorizationRequest(**{**fields, "scopes": tuple(fields["scopes"])})
