"""What a client says of itself, in its metadata document or its registration, and how much of it is believed.

Facts: RFC 7591, 2 (the members); draft-ietf-oauth-client-id-metadata-document, 4.1 (no shared secrets in a document).
"""

import json
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ringcentral_meetings.gate import redirects
from ringcentral_meetings.untrusted_text import clean_and_cut

LONGEST_NAME: Final = 80
MOST_REDIRECT_URIS: Final = 32

_Text = Annotated[str, Field(max_length=redirects.LONGEST)]


class InvalidMetadata(Exception):
    """Metadata that cannot be used: which member, and what is wrong with it. The text repeats no value."""

    def __init__(self, member: str, problem: str) -> None:
        super().__init__(f"{member}: {problem}" if member else problem)
        self.member = member


class Metadata(BaseModel):
    """The members that are read; all others are ignored. Each may be null, which counts as left out."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    client_id: _Text | None = None
    client_name: str | None = None
    client_uri: str | None = None
    redirect_uris: Annotated[list[str], Field(max_length=MOST_REDIRECT_URIS)] | None = None
    token_endpoint_auth_method: str | None = None
    token_endpoint_auth_methods_supported: list[str] | None = None
    jwks_uri: _Text | None = None
    jwks: dict[str, Any] | None = None
    client_secret: Any = None

    @property
    def name(self) -> str:
        """What the client calls itself, safe to show."""
        return clean_and_cut(self.client_name, LONGEST_NAME) or ""

    @property
    def uri(self) -> str:
        """The client's own page, empty where it names none on https."""
        uri = redirects.parsed(self.client_uri or "")
        return self.client_uri or "" if uri is not None and uri.scheme == "https" else ""

    def good_redirect_uris(self) -> tuple[str, ...]:
        """Return the redirect URIs that are accepted. Raises `InvalidMetadata` where none is."""
        if not self.redirect_uris:
            raise InvalidMetadata("redirect_uris", "is missing or empty")
        if not (good := redirects.good(self.redirect_uris)):
            raise InvalidMetadata("redirect_uris", "none of them is https, or http on loopback, without a fragment")
        return good


def read(body: bytes) -> Metadata:
    """Return the metadata in a JSON object. Raises `NotJson`, `InvalidMetadata`."""
    try:
        return Metadata.model_validate(read_object(body))
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
        raise InvalidMetadata(str(first["loc"][0]), "is of the wrong type, or too long") from None


class NotJson(InvalidMetadata):
    """A text that is no JSON object, or has a member twice: two readers could read it in two ways."""

    def __init__(self, problem: str) -> None:
        super().__init__("", problem)


def read_object(body: bytes) -> dict[str, Any]:
    """Return a JSON object. Raises `NotJson`."""
    try:
        found = json.loads(body.decode(), object_pairs_hook=_members, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise NotJson("it is not valid JSON") from None
    if not isinstance(found, dict):
        raise NotJson("it is not a JSON object")
    return found


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("a member is there twice")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(name)
