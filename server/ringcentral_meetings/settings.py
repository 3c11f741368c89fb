"""Every setting, from the environment and from a .env file that was named.

A .env file in the working directory is not read: clients start servers inside project folders, and a file that comes
with a project must not send someone's token elsewhere.
"""

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

from ringcentral_meetings.domain import timing
from ringcentral_meetings.platform.limits import DEFAULT_LIMITS, PlanGroup
from ringcentral_meetings.platform.signin.token_stores import TokenStoreSetting

ENV_FILE = "RINGCENTRAL_ENV_FILE"
PLACEHOLDER = "..."
"""What stands for a value in the examples that `config` and the README show. Read as a value, it counts as unset."""
_PREFIX = "RINGCENTRAL_"


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


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _named(*names: str) -> AliasChoices:
    return AliasChoices(*names)


Limit = Annotated[int, Field(ge=1, le=1_000_000)]


class Settings(BaseSettings):
    """What the server runs with. The environment variable of a field is `RINGCENTRAL_` and its name.

    The names in the code samples of RingCentral's developer guide, such as `RC_APP_CLIENT_ID`, are read too. Empty
    values count as unset, and so does "...".
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    server_url: Annotated[
        str,
        AfterValidator(_server_url),
        Field(validation_alias=_named("RINGCENTRAL_SERVER_URL", "RC_SERVER_URL")),
    ] = "https://platform.ringcentral.com"
    client_id: Annotated[str | None, Field(validation_alias=_named("RINGCENTRAL_CLIENT_ID", "RC_APP_CLIENT_ID"))] = None
    client_secret: Annotated[
        SecretStr | None, Field(validation_alias=_named("RINGCENTRAL_CLIENT_SECRET", "RC_APP_CLIENT_SECRET"))
    ] = None
    jwt: Annotated[SecretStr | None, Field(validation_alias=_named("RINGCENTRAL_JWT", "RC_USER_JWT"))] = None
    access_token: SecretStr | None = None
    profile: Annotated[str, AfterValidator(_profile)] = "default"
    token_store: TokenStoreSetting = "auto"  # noqa: S105  (a choice, not a secret)
    account_id: str = "~"
    host_id: str = "~"
    product: Annotated[Literal["auto", "meetings", "video"], BeforeValidator(_lower)] = "auto"
    time_zone: Annotated[str, AfterValidator(_zone)] | None = None
    read_only: bool = False
    confirm: Literal["auto", "always", "never"] = "auto"
    reveal_start_link: bool = False
    simulator: bool = False
    simulator_data: Path | None = None
    plan_limits: Annotated[dict[PlanGroup, Limit], NoDecode, BeforeValidator(_plan_limits)] = Field(
        default_factory=lambda: dict(DEFAULT_LIMITS)
    )
    proxy: Annotated[str, AfterValidator(_proxy)] | None = None
    timeout: Annotated[float, Field(ge=1, le=30)] = 20.0
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  (pydantic-settings calls this by name)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the usual sources without values that are still a `PLACEHOLDER`."""
        for source in (env_settings, dotenv_settings):
            if isinstance(source, EnvSettingsSource):
                given = source.env_vars.items()
                source.env_vars = {name: value for name, value in given if (value or "").strip() != PLACEHOLDER}
        return init_settings, env_settings, dotenv_settings, file_secret_settings

    def secrets(self) -> Iterator[str]:
        """Yield every secret value that is set, for redaction."""
        for secret in (self.client_secret, self.jwt, self.access_token):
            if secret is not None:
                yield secret.get_secret_value()
        if password := urlsplit(self.proxy or "").password:
            yield from (password, unquote(password))


def load(env_file: str | Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings: from `overrides`, else the environment, else the .env file, else the default.

    The .env file is `env_file`, or the one that RINGCENTRAL_ENV_FILE names; without either none is read.

    Raises:
        SettingsError: If the file cannot be read, or a value is invalid.
    """
    path = env_file or os.environ.get(ENV_FILE) or None
    if path is not None and not Path(path).is_file():
        raise SettingsError(f"{'--env-file' if env_file else ENV_FILE}: there is no file {path}")
    try:
        return Settings(_env_file=path, _env_file_encoding="utf-8", **(overrides or {}))
    except ValidationError as invalid:
        raise SettingsError(_one_line(invalid)) from None
    except UnicodeDecodeError as broken:
        raise SettingsError(f"{ENV_FILE}: {path} is not UTF-8 text") from broken
    except OSError as unreadable:
        raise SettingsError(f"{ENV_FILE}: {path} cannot be read ({unreadable.strerror})") from unreadable


def _one_line(invalid: ValidationError) -> str:
    first = invalid.errors(include_input=False, include_url=False)[0]
    name, *inner = [str(part) for part in first["loc"]]
    setting = name if name.isupper() else _PREFIX + name.upper()
    where = f" ({'.'.join(part for part in inner if part != '[key]')})" if inner else ""
    problem = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{setting}{where}: {problem[0].lower()}{problem[1:]}"
