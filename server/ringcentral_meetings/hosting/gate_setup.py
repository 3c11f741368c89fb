"""The authorization server that the settings of a host describe, and the file of clients that the operator names."""

import hashlib
import json
import os
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from ringcentral_meetings.environment import PREFIX
from ringcentral_meetings.gate import redirects
from ringcentral_meetings.gate.records import Client, Gate
from ringcentral_meetings.hosting.settings import HostSettings, words_of
from ringcentral_meetings.settings import SettingsError

LEAST_SECRET_CHARS: Final = 32
LONGEST_FILE_BYTES: Final = 1_000_000
DAY_SECONDS: Final = 86_400

_NAME: Final = f"{PREFIX}CLIENTS"


class _Entry(BaseModel):
    """A client in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    redirect_uris: Annotated[list[str], Field(min_length=1, max_length=20)]
    secret: SecretStr | None = None

    def client(self) -> Client:
        secret = self.secret.get_secret_value() if self.secret is not None else None
        return Client(
            id=self.id,
            kind="fixed",
            name=self.name,
            host="",
            redirect_uris=tuple(self.redirect_uris),
            auth_method="none" if secret is None else "client_secret_basic",
            secret_digest="" if secret is None else hashlib.sha256(secret.encode()).hexdigest(),
        )


_ENTRIES: Final = TypeAdapter(list[_Entry])


def build_gate(host: HostSettings) -> Gate:
    """Return how the authorization server is set up.

    Raises:
        SettingsError: The file of clients cannot be read, or has something wrong in it.
    """
    if host.public_url is None:
        raise ValueError("a host needs a public address")
    return Gate(
        issuer=host.public_url,
        document_hosts=tuple(words_of(host.client_documents)),
        registration=host.client_registration,
        fixed=read_clients(host.clients) if host.clients is not None else (),
        allowed_origins=tuple(words_of(host.allowed_origins)),
        default_scopes=tuple(words_of(host.default_scopes)),
        access_seconds=host.access_seconds,
        refresh_seconds=host.refresh_days * DAY_SECONDS,
        absolute_seconds=host.grant_days * DAY_SECONDS,
        client_limit=host.client_requests,
    )


def read_clients(path: Path) -> tuple[Client, ...]:
    """Return the clients of a file: a JSON array of objects with `id`, `name`, `redirect_uris` and perhaps `secret`.

    Raises:
        SettingsError: It cannot be read, others can read the secrets in it, or something is wrong with it. One line,
            which repeats no secret.
    """
    text, is_open = _read(path)
    try:
        entries = _ENTRIES.validate_python(json.loads(text))
    except ValidationError as invalid:
        raise SettingsError(f"{_NAME}: {path}: {_first(invalid)}") from None
    except ValueError as invalid:
        raise SettingsError(f"{_NAME}: {path} is not JSON ({type(invalid).__name__})") from None
    if (problem := _problem(entries)) is not None:
        raise SettingsError(f"{_NAME}: {path}: {problem}")
    if is_open and any(entry.secret is not None for entry in entries):
        raise SettingsError(f"{_NAME}: {path}: everybody on this machine can read its secrets: chmod 600 {path}")
    return tuple(entry.client() for entry in entries)


def _read(path: Path) -> tuple[str, bool]:
    """Return the text of a file, and whether everybody on the machine can read it."""
    try:
        with path.open("rb") as file:
            is_open = os.name == "posix" and bool(os.fstat(file.fileno()).st_mode & 0o007)
            return file.read(LONGEST_FILE_BYTES).decode(), is_open
    except (OSError, UnicodeDecodeError) as unreadable:
        raise SettingsError(f"{_NAME}: {path} cannot be read ({type(unreadable).__name__})") from unreadable


def _problem(entries: list[_Entry]) -> str | None:
    seen = set[str]()
    for entry in entries:
        if entry.id in seen:
            return f"{entry.id} is there twice"
        seen.add(entry.id)
        if bad := [uri for uri in entry.redirect_uris if not redirects.is_good(uri)]:
            return f"{entry.id}: {bad[0]} is not a redirect URI that is accepted: https, or http on a loopback address"
        if entry.secret is not None and len(entry.secret.get_secret_value()) < LEAST_SECRET_CHARS:
            return f"{entry.id}: the secret has fewer than {LEAST_SECRET_CHARS} characters"
    return None


def _first(invalid: ValidationError) -> str:
    error: Any = invalid.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in error["loc"])
    return f"{where}: {error['msg']}" if where else str(error["msg"])
