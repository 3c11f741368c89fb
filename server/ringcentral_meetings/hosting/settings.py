"""The settings of `host`: those of the server that many people share, and which of one person's are refused."""

import ipaddress
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ringcentral_meetings.environment import PREFIX, expanded, inspect
from ringcentral_meetings.gate.admission import Admission
from ringcentral_meetings.gate.records import READ, SCOPES
from ringcentral_meetings.settings import NAMES, Settings, SettingsError, env_file_path, first_problem, load

MEMORY: Final = "memory:"
"""The store of a development host that is one process alone."""

NO_DOCUMENTS: Final = "none"
"""The word for no hosts of metadata documents."""

STORE_SCHEMES: Final = ("redis", "rediss", "unix")

PERSONAL: Final = (
    "jwt",
    "access_token",
    "calendars",
    "calendar_emails",
    "calendar_user_agent",
    "host_id",
    "account_id",
    "time_zone",
    "profile",
)
"""The settings that are one person's."""

_HOST_NAME: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


def _public_url(value: str) -> str:
    url = urlsplit(value)
    loopback = is_loopback(url.hostname)
    if url.scheme != "https" and not (url.scheme == "http" and loopback):
        raise ValueError("must be an https:// address (http:// only for loopback)")
    if not url.hostname or url.username or url.password or url.query or url.fragment or url.path.strip("/"):
        raise ValueError("must be a scheme and a host, with a port if need be, and nothing else")
    return f"{url.scheme}://{url.netloc.lower()}"


def _store_url(value: SecretStr) -> SecretStr:
    url = urlsplit(value.get_secret_value())
    if value.get_secret_value() == MEMORY:
        return value
    if url.scheme not in STORE_SCHEMES:
        raise ValueError("must be a redis://, rediss:// or unix:// address")
    if url.scheme != "unix" and not url.hostname:
        raise ValueError("must name a host")
    return value


def _proxies(value: str) -> str:
    for one in words_of(value):
        ipaddress.ip_network(one, strict=False)
    return ",".join(words_of(value))


def _admitted(value: str) -> str:
    Admission.of_text(value)
    return value


def _document_hosts(value: str) -> str:
    hosts = words_of(value)
    if hosts == [NO_DOCUMENTS]:
        return ""
    if "*" in hosts and len(hosts) > 1:
        raise ValueError("must be * alone, or a list without it")
    for host in hosts:
        if host != "*" and not _HOST_NAME.fullmatch(host):
            raise ValueError(f"must be the names of hosts, such as claude.ai, or *, or {NO_DOCUMENTS}")
    return ",".join(hosts)


def _origins(value: str) -> str:
    for one in words_of(value):
        url = urlsplit(one)
        if url.scheme != "https" or not url.hostname or one != f"https://{url.netloc}" or "@" in url.netloc:
            raise ValueError("must be origins, such as https://chat.example.com, without a path")
    return ",".join(words_of(value))


def _scopes(value: str) -> str:
    scopes = words_of(value)
    if READ not in scopes or not set(scopes) <= set(SCOPES):
        raise ValueError(f"must be {READ}, or {' and '.join(SCOPES)}")
    return " ".join(scope for scope in SCOPES if scope in scopes)


def words_of(value: str) -> list[str]:
    """Return the words of a list that is parted by commas or spaces."""
    return [word for word in re.split(r"[\s,]+", value.strip()) if word]


def _trimmed(value: object) -> object:
    return value.strip() or None if isinstance(value, str) else value


def is_loopback_url(url: str) -> bool:
    """Return whether an address leads to this machine alone."""
    return is_loopback(urlsplit(url).hostname)


def is_loopback(host: str | None) -> bool:
    """Return whether a host name or address is this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


class HostSettings(BaseSettings):
    """What the processes of a host have in common. The environment variable of a field is `RINGCENTRAL_` and its name.

    `user_calls` is how many requests a minute a person may send, `client_requests` how many one MCP client for all its
    people, and `address_requests` how many come from one client address, behind which may be many people.
    `admitted_accounts` is who may sign in (`Admission.of_text`); without it nobody can. `client_documents` are the
    hosts of metadata documents by which clients name themselves, and `clients` is a file of those that need none.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    public_url: Annotated[str, BeforeValidator(_trimmed), AfterValidator(_public_url)] | None = None
    store_url: Annotated[SecretStr, BeforeValidator(_trimmed), AfterValidator(_store_url)] | None = None
    key_ring: Annotated[Path, AfterValidator(expanded)] | None = None
    trusted_proxies: Annotated[str, AfterValidator(_proxies)] = "127.0.0.1"
    user_calls: Annotated[int, Field(ge=1, le=1_000_000)] = 240
    address_requests: Annotated[int, Field(ge=1, le=100_000_000)] = 12_000
    client_requests: Annotated[int, Field(ge=1, le=100_000_000)] = 3_000
    admitted_accounts: Annotated[str, BeforeValidator(_trimmed), AfterValidator(_admitted)] | None = None
    client_documents: Annotated[str, AfterValidator(_document_hosts)] = "*"
    client_registration: bool = True
    clients: Annotated[Path, AfterValidator(expanded)] | None = None
    allowed_origins: Annotated[str, AfterValidator(_origins)] = ""
    default_scopes: Annotated[str, AfterValidator(_scopes)] = " ".join(SCOPES)
    access_seconds: Annotated[int, Field(ge=60, le=86_400)] = 3_600
    refresh_days: Annotated[int, Field(ge=1, le=30)] = 30
    grant_days: Annotated[int, Field(ge=1, le=366)] = 90
    drain_seconds: Annotated[float, Field(ge=0, le=300)] = 5.0

    @property
    def in_memory(self) -> bool:
        """Whether there is no store but this process."""
        return self.store_url is not None and self.store_url.get_secret_value() == MEMORY

    @property
    def admission(self) -> Admission | None:
        """Who may sign in; None where nobody can."""
        return Admission.of_text(self.admitted_accounts) if self.admitted_accounts is not None else None

    def secrets(self) -> Iterator[str]:
        """Yield every secret value that is set, for redaction."""
        if self.store_url is not None and not self.in_memory:
            yield self.store_url.get_secret_value()
            if password := urlsplit(self.store_url.get_secret_value()).password:
                yield from (password, unquote(password))


def load_host(env_file: str | Path | None = None) -> tuple[Settings, HostSettings]:
    """Return the settings of a host, from the environment and the .env file.

    Raises:
        SettingsError: One is invalid, or is one person's.
    """
    common = load(env_file)
    for name in PERSONAL:
        if name in common.model_fields_set:
            raise SettingsError(f"{PREFIX}{name.upper()}: is one person's setting, and a host serves many; unset it")
    if common.simulator:
        raise SettingsError(f"{PREFIX}SIMULATOR: a host has no simulator of its own; use `host --demo`, or `simulate`")
    try:
        return common, HostSettings(_env_file=env_file_path(env_file), _env_file_encoding="utf-8")
    except ValidationError as invalid:
        raise SettingsError(first_problem(invalid)) from None


def warnings(env_file: str | Path | None = None) -> Iterator[str]:
    """Yield what is worth a warning about the environment and the file that `load_host` reads without an error."""
    known = NAMES | {PREFIX + name.upper() for name in HostSettings.model_fields}
    yield from inspect(os.environ, env_file_path(env_file), known).lines()


def check_complete(common: Settings, host: HostSettings, *, signs_in: bool = True) -> None:
    """Raise SettingsError where something is missing that a host needs; `signs_in` if it has people who sign in.

    It says what the first is for, and names the others.
    """
    missing = list(_missing(common, host, signs_in=signs_in))
    if not missing:
        return
    (first, what), *others = missing
    names = [PREFIX + name for name, _ in others]
    also = f"; also needed: {', '.join(names)}" if names else ""
    raise SettingsError(f"{PREFIX}{first}: is needed: {what}{also}")


def _missing(common: Settings, host: HostSettings, *, signs_in: bool) -> Iterator[tuple[str, str]]:
    """Yield the name of each setting that is missing, and what it is."""
    if host.public_url is None:
        yield "PUBLIC_URL", "the https:// address under which people reach this host (`host --demo` needs no setting)"
    if common.client_id is None:
        yield "CLIENT_ID", "the client id of the app of RingCentral's developer console"
    if host.store_url is None:
        yield "STORE_URL", "the redis:// or rediss:// address of what replicas share"
    if host.key_ring is None and not host.in_memory:
        yield "KEY_RING", "the file of keys; `host --new-key-ring PATH` makes one"
    if signs_in and host.admitted_accounts is None:
        yield "ADMITTED_ACCOUNTS", "the ids of the RingCentral accounts whose people may sign in, or * for all"
