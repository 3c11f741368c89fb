"""Every setting, from the environment and from a .env file that was named.

A .env file in the working directory is not read: clients start servers inside project folders, and a file that comes
with a project must not send someone's token elsewhere.
"""

import base64
import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from ringcentral_meetings.calendars.addresses import read_addresses, secret_parts
from ringcentral_meetings.domain import timing
from ringcentral_meetings.environment import PREFIX, Findings, expanded, inspect, is_placeholder
from ringcentral_meetings.platform.limits import DEFAULT_LIMITS, PlanGroup
from ringcentral_meetings.platform.signin.token_stores import TokenStoreSetting

ENV_FILE = "RINGCENTRAL_ENV_FILE"


class SettingsError(Exception):
    """A setting that is invalid. Its text is one line that names the setting and never shows a secret."""


def _server_url(value: str) -> str:
    url = urlsplit(value)
    if url.username or url.password or "@" in url.netloc:
        raise ValueError("must not hold credentials")
    if url.query or url.fragment:
        raise ValueError("must not have a query or fragment")
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(url.hostname)):
        raise ValueError("must be an https:// address (http:// only for loopback)")
    _check_address(url)
    return value.rstrip("/")


def _proxy(value: str) -> str:
    url = urlsplit(value)
    if url.scheme not in ("http", "https"):
        raise ValueError("must be an http:// or https:// address")
    _check_address(url)
    return value


def _check_address(url: SplitResult) -> None:
    if not url.hostname:
        raise ValueError("must name a host")
    if url.port == 0:
        raise ValueError("must not have port 0")


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _plan_limits(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    pairs = (entry.partition("=") for entry in value.split(",") if entry.strip())
    return {name.strip().lower(): number.strip() for name, _, number in pairs}


def _zone(value: str) -> str:
    return timing.zone(value, "RINGCENTRAL_TIME_ZONE")


def _profile(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", value):
        raise ValueError("must be a name of letters, digits, dots, hyphens and underscores, 40 at most")
    return value


def _trimmed(value: Any) -> Any:
    """Take off the blanks and line ends that come with a copied secret; nothing but those counts as unset."""
    return value.strip() or None if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _feeds(value: SecretStr) -> SecretStr:
    read_addresses(value.get_secret_value())
    return value


def _user_agent(value: str) -> str:
    if not re.fullmatch(r"[\x20-\x7e]{1,300}", value):
        raise ValueError("must be one line of ASCII characters, 300 at most")
    return value


def _named(*names: str) -> AliasChoices:
    return AliasChoices(*names)


Limit = Annotated[int, Field(ge=1, le=1_000_000)]


SIMULATED_APPS = frozenset({"simulator-client-id", "simulator-public-client-id"})
SIMULATED_TOKEN = "SIMA"  # noqa: S105  (what the simulator's access tokens begin with)
"""What `simulator.people` and `simulator.ids` have too, repeated since importing the simulator takes long."""


class Settings(BaseSettings):
    """What the server runs with. The environment variable of a field is `RINGCENTRAL_` and its name.

    The names in the code samples of RingCentral's developer guide, such as `RC_APP_CLIENT_ID`, are read too. Empty
    values count as unset, and so do placeholders that were not filled in.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    server_url: Annotated[
        str,
        AfterValidator(_server_url),
        Field(validation_alias=_named("RINGCENTRAL_SERVER_URL", "RC_SERVER_URL")),
    ] = "https://platform.ringcentral.com"
    client_id: Annotated[
        str | None,
        BeforeValidator(_trimmed),
        Field(validation_alias=_named("RINGCENTRAL_CLIENT_ID", "RC_APP_CLIENT_ID")),
    ] = None
    client_secret: Annotated[
        SecretStr | None,
        BeforeValidator(_trimmed),
        Field(validation_alias=_named("RINGCENTRAL_CLIENT_SECRET", "RC_APP_CLIENT_SECRET")),
    ] = None
    jwt: Annotated[
        SecretStr | None, BeforeValidator(_trimmed), Field(validation_alias=_named("RINGCENTRAL_JWT", "RC_USER_JWT"))
    ] = None
    access_token: Annotated[SecretStr | None, BeforeValidator(_trimmed)] = None
    profile: Annotated[str, AfterValidator(_profile)] = "default"
    token_store: TokenStoreSetting = "auto"  # noqa: S105  (a choice, not a secret)
    account_id: str = "~"
    host_id: str = "~"
    product: Annotated[Literal["auto", "meetings", "video"], BeforeValidator(_lower)] = "auto"
    time_zone: Annotated[str, AfterValidator(_zone)] | None = None
    calendars: Annotated[SecretStr, AfterValidator(_feeds)] | None = None
    calendar_emails: str | None = None
    calendar_user_agent: Annotated[str, AfterValidator(_user_agent)] | None = None
    read_only: bool = False
    confirm: Literal["auto", "always", "never"] = "auto"
    reveal_start_link: bool = False
    simulator: bool = False
    simulator_data: Annotated[Path, AfterValidator(expanded)] | None = None
    plan_limits: Annotated[dict[PlanGroup, Limit], NoDecode, BeforeValidator(_plan_limits)] = Field(
        default_factory=lambda: dict(DEFAULT_LIMITS)
    )
    proxy: Annotated[str, AfterValidator(_proxy)] | None = None
    timeout: Annotated[float, Field(ge=1, le=30)] = 20.0
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)] = "INFO"
    log_format: Literal["text", "json"] = "text"
    audit_log: Annotated[Path, AfterValidator(expanded)] | Literal["stderr"] | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  (pydantic-settings calls this by name)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the usual sources, without values that are unfilled placeholders."""
        for source in (env_settings, dotenv_settings):
            if isinstance(source, EnvSettingsSource):
                given = source.env_vars.items()
                source.env_vars = {name: value for name, value in given if not is_placeholder(value)}
        return init_settings, env_settings, dotenv_settings, file_secret_settings

    @property
    def feeds(self) -> tuple[str, ...]:
        """The addresses of the person's calendars; secrets."""
        return read_addresses(self.calendars.get_secret_value()) if self.calendars is not None else ()

    @property
    def own_emails(self) -> frozenset[str]:
        """The person's own e-mail addresses in small letters."""
        return frozenset(re.split(r"[\s,;]+", (self.calendar_emails or "").strip().lower())) - {""}

    @property
    def server_is_local(self) -> bool:
        """Whether `server_url` names this machine."""
        return _is_loopback(urlsplit(self.server_url).hostname)

    @property
    def is_simulated(self) -> bool:
        """Whether the meetings are made up: those of the simulator here, or of `simulate` on this machine.

        The settings alone decide it, so that no answer can pass real meetings off as made up: RingCentral knows neither
        the simulator's apps nor its tokens, and elsewhere than on this machine they count for nothing.
        """
        if self.simulator or not self.server_is_local:
            return self.simulator
        if self.access_token is not None:
            return self.access_token.get_secret_value().startswith(SIMULATED_TOKEN)
        return self.client_id in SIMULATED_APPS

    def secrets(self) -> Iterator[str]:
        """Yield every secret value that is set, for redaction."""
        for secret in (self.client_secret, self.jwt, self.access_token):
            if secret is not None:
                yield secret.get_secret_value()
        if self.client_id is not None and self.client_secret is not None:
            pair = f"{self.client_id}:{self.client_secret.get_secret_value()}"
            yield base64.b64encode(pair.encode(errors="replace")).decode()
        if password := urlsplit(self.proxy or "").password:
            yield from (password, unquote(password))
        if self.calendars is not None:
            yield from self.calendars.get_secret_value().split()
        for address in self.feeds:
            yield from secret_parts(address)


def load(env_file: str | Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings: from `overrides`, else the environment, else the .env file, else the default.

    The .env file is `env_file`, or the one that RINGCENTRAL_ENV_FILE names; without either none is read.

    Raises:
        SettingsError: If the file cannot be read or has a broken line, a value is invalid, or a name is close to
            that of a safety setting.
    """
    path, named_by = _file(env_file)
    if path is not None and not path.is_file():
        raise SettingsError(f"{named_by}: there is no file {path}")
    try:
        _refuse_misspelt_safety(path)
        return Settings(_env_file=path, _env_file_encoding="utf-8", **(overrides or {}))
    except ValidationError as invalid:
        raise SettingsError(first_problem(invalid)) from None
    except UnicodeDecodeError as broken:
        raise SettingsError(f"{named_by}: {path} is not UTF-8 text") from broken
    except ValueError as broken:
        raise SettingsError(f"{named_by}: {path}: {broken}") from None
    except OSError as unreadable:
        raise SettingsError(f"{named_by}: {path} cannot be read ({unreadable.strerror})") from unreadable


def harmless() -> Settings:
    """Return the defaults in read-only mode, whatever the environment says: for a server that refuses every call."""
    return Settings.model_construct(read_only=True)


def findings(env_file: str | Path | None = None) -> Findings:
    """Return what is worth a warning about the environment and the file that `load` reads without an error."""
    return _inspect(_file(env_file)[0])


def env_file_path(env_file: str | Path | None) -> Path | None:
    """Return the path of the .env file that is read, if one is."""
    return _file(env_file)[0]


def _refuse_misspelt_safety(path: Path | None) -> None:
    """Refuse a name that is close to a safety setting: ignored, it would leave the meetings unprotected."""
    found = _inspect(path)
    for name in found.misspelt_safety:
        raise SettingsError(f"{name}: is not a setting; did you mean {found.unknown[name]}?")


def _file(env_file: str | Path | None) -> tuple[Path | None, str]:
    """Return the path of the env-file, if one is given, and what names it."""
    path = env_file or os.environ.get(ENV_FILE)
    return expanded(path) if path else None, "--env-file" if env_file else ENV_FILE


def _inspect(path: Path | None) -> Findings:
    return inspect(os.environ, path, NAMES)


def _names(field: str, alias: Any) -> list[str]:
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else [PREFIX + field.upper()]


NAMES = frozenset(
    {ENV_FILE}
    | {name for field, info in Settings.model_fields.items() for name in _names(field, info.validation_alias)}
)
"""Every name that a setting is read under."""


_PLAIN = {
    "bool_parsing": "must be true or false",
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
}
"""What is wrong with a value, where pydantic's words are those of a parser."""


def first_problem(invalid: ValidationError) -> str:
    """Return a line that names the first setting that is invalid, and no secret."""
    first = invalid.errors(include_input=False, include_url=False)[0]
    name, *inner = [str(part) for part in first["loc"]]
    setting = name if name.isupper() else PREFIX + name.upper()
    where = f" ({'.'.join(part for part in inner if part != '[key]')})" if inner else ""
    said = _PLAIN.get(first["type"], first["msg"])
    problem = said.removeprefix("Value error, ").removeprefix("Input ")
    return f"{setting}{where}: {problem[0].lower()}{problem[1:]}"
