"""Settings: what is read from where, under which names, and what is refused."""

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import AliasChoices, SecretStr

from ringcentral_meetings.platform.limits import DEFAULT_LIMITS
from ringcentral_meetings.settings import ENV_FILE, Settings, SettingsError, findings, load

EXAMPLE = Path(__file__).parents[1] / ".env.example"
CANARY = "canary-7c1f"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("RINGCENTRAL_", "RC_")):
            monkeypatch.delenv(name)


def names_of(field: str) -> list[str]:
    """Every name that a setting is read under, its own first."""
    alias = Settings.model_fields[field].validation_alias
    return (
        [str(choice) for choice in alias.choices]
        if isinstance(alias, AliasChoices)
        else [f"RINGCENTRAL_{field.upper()}"]
    )


def plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("server_url", "https://platform.example.com/", "https://platform.example.com"),
        ("client_id", "an-id", "an-id"),
        ("client_secret", CANARY, CANARY),
        ("jwt", CANARY, CANARY),
        ("access_token", CANARY, CANARY),
        ("account_id", "37439510", "37439510"),
        ("host_id", "304921004", "304921004"),
        ("time_zone", "europe/berlin", "Europe/Berlin"),
        ("calendars", f"https://calendar.example/{CANARY}.ics", f"https://calendar.example/{CANARY}.ics"),
        ("calendar_emails", "Robin@example.com", "Robin@example.com"),
        ("calendar_user_agent", "Mozilla/5.0", "Mozilla/5.0"),
        ("read_only", "true", True),
        ("confirm", "always", "always"),
        ("reveal_start_link", "1", True),
        ("simulator", "yes", True),
        ("simulator_data", "/tmp/platform.db", Path("/tmp/platform.db")),  # noqa: S108  (nothing is written there)
        ("plan_limits", "light=100, Heavy=20", {"light": 100, "heavy": 20}),
        ("proxy", "http://127.0.0.1:3128", "http://127.0.0.1:3128"),
        ("timeout", "7.5", 7.5),
        ("log_level", "debug", "DEBUG"),
        ("log_format", "json", "json"),
        ("audit_log", "stderr", "stderr"),
        ("audit_log", "/tmp/audit.jsonl", Path("/tmp/audit.jsonl")),  # noqa: S108  (nothing is written there)
    ],
)
def test_each_setting_is_read_from_the_environment(
    field: str, text: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in names_of(field):
        monkeypatch.setenv(name, text)
        assert plain(getattr(load(), field)) == value, name
        monkeypatch.delenv(name)


def test_the_names_of_ringcentrals_quick_starts_are_read_too() -> None:
    aliases = {name for field in Settings.model_fields for name in names_of(field)[1:]}
    assert aliases == {"RC_SERVER_URL", "RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"}


def test_the_own_name_goes_before_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RC_APP_CLIENT_ID", "other")
    monkeypatch.setenv("RINGCENTRAL_CLIENT_ID", "own")
    assert load().client_id == "own"


def test_empty_values_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        for name in names_of(field):
            monkeypatch.setenv(name, "")
    monkeypatch.setenv(ENV_FILE, "")
    assert load() == Settings()
    assert load().plan_limits == DEFAULT_LIMITS


def test_dots_that_nobody_replaced_count_as_unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        for name in names_of(field):
            monkeypatch.setenv(name, "...")
    assert load() == Settings()
    assert load().client_id is None
    file = tmp_path / "my.env"
    file.write_text("RINGCENTRAL_CLIENT_ID=mine\nRINGCENTRAL_JWT=...\n")
    assert load(file).client_id == "mine"
    assert load(file).jwt is None
    monkeypatch.setenv("RC_APP_CLIENT_ID", "theirs")
    assert load().client_id == "theirs"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("RINGCENTRAL_SERVER_URL", "http://platform.ringcentral.com", "must be an https:// address"),
        ("RINGCENTRAL_SERVER_URL", "ftp://127.0.0.1", "must be an https:// address"),
        ("RINGCENTRAL_SERVER_URL", f"https://user:{CANARY}@example.com", "must not hold credentials"),
        ("RINGCENTRAL_SERVER_URL", f"https://{CANARY}@example.com", "must not hold credentials"),
        ("RINGCENTRAL_SERVER_URL", f"https://example.com?key={CANARY}", "must not have a query or fragment"),
        ("RINGCENTRAL_SERVER_URL", f"https://example.com#{CANARY}", "must not have a query or fragment"),
        ("RINGCENTRAL_SERVER_URL", "https://", "must name a host"),
        ("RINGCENTRAL_SERVER_URL", "https://example.com:99999", "port out of range"),
        ("RINGCENTRAL_SERVER_URL", "https://example.com:0", "must not have port 0"),
        ("RINGCENTRAL_SERVER_URL", "https://[::", "invalid IPv6 URL"),
        ("RINGCENTRAL_TIME_ZONE", "Mars/Olympus", "is not an IANA time zone"),
        ("RINGCENTRAL_READ_ONLY", "perhaps", "must be true or false"),
        ("RINGCENTRAL_CONFIRM", "sometimes", "'auto', 'always' or 'never'"),
        ("RINGCENTRAL_PLAN_LIMITS", "lite=3", "(lite)"),
        ("RINGCENTRAL_PLAN_LIMITS", "light", "(light)"),
        ("RINGCENTRAL_PLAN_LIMITS", "light=0", "(light)"),
        ("RINGCENTRAL_PROXY", "proxy.example.com:3128", "must be an http:// or https:// address"),
        ("RINGCENTRAL_PROXY", f"socks5://user:{CANARY}@example.com", "must be an http:// or https:// address"),
        ("RINGCENTRAL_PROXY", "http://", "must name a host"),
        ("RINGCENTRAL_CALENDARS", f"ftp://calendar.example/{CANARY}", "must be https:// or webcal:// addresses"),
        ("RINGCENTRAL_CALENDARS", f"{CANARY}", "must be https:// or webcal:// addresses"),
        ("RINGCENTRAL_CALENDARS", f"https:///{CANARY}", "must name a host"),
        ("RINGCENTRAL_CALENDARS", f"https://me:{CANARY}@calendar.example/a", "must not hold credentials"),
        ("RINGCENTRAL_CALENDARS", f"http://calendar.example/{CANARY}", "http:// only for this machine"),
        ("RINGCENTRAL_CALENDARS", f"http://8.8.8.8/{CANARY}", "http:// only for this machine"),
        ("RINGCENTRAL_CALENDARS", f"https://a.example/{CANARY} http://b.example/", "http:// only for this machine"),
        ("RINGCENTRAL_CALENDARS", f"https://a.example:99999/{CANARY}", "port out of range"),
        ("RINGCENTRAL_CALENDARS", " ".join(f"https://a.example/{n}" for n in range(11)), "10 addresses at most"),
        ("RINGCENTRAL_CALENDAR_USER_AGENT", f"a\n{CANARY}", "must be one line"),
        ("RINGCENTRAL_TIMEOUT", "0.5", "greater than or equal to 1"),
        ("RINGCENTRAL_TIMEOUT", "31", "less than or equal to 30"),
        ("RINGCENTRAL_LOG_LEVEL", "chatty", "'DEBUG'"),
        ("RINGCENTRAL_LOG_FORMAT", "xml", "'text' or 'json'"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_setting_and_shows_no_secret(
    name: str, text: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(SettingsError) as wrong:
        load()
    line = str(wrong.value)
    assert line.startswith(name)
    assert told in line
    assert "\n" not in line
    assert CANARY not in line


@pytest.mark.parametrize("url", ["http://127.0.0.1:8910", "http://localhost:8910", "http://[::1]:8910"])
def test_plain_http_is_taken_for_loopback(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGCENTRAL_SERVER_URL", url)
    assert load().server_url == url


def test_calendars_are_several_addresses_and_webcal_is_https() -> None:
    given = "webcal://a.example/one.ics\n  https://b.example/two.ics http://192.168.1.4/dav http://nas.local/dav\n"
    settings = load(overrides={"calendars": given, "calendar_emails": " Robin@Example.com,r@example.org "})
    assert settings.feeds == (
        "https://a.example/one.ics",
        "https://b.example/two.ics",
        "http://192.168.1.4/dav",
        "http://nas.local/dav",
    )
    assert settings.own_emails == {"robin@example.com", "r@example.org"}


def test_the_address_of_a_calendar_is_secret_whole_and_in_parts() -> None:
    given = "webcal://calendar.google.com/calendar/ical/robin%40example.com/private-0123abcd/basic.ics?token=s-77777777"
    settings = load(overrides={"calendars": given})
    secrets = set(settings.secrets())
    assert {given, given.replace("webcal", "https")} <= secrets
    assert {"robin%40example.com", "robin@example.com", "private-0123abcd", "s-77777777"} <= secrets
    assert not {"calendar", "basic.ics", "calendar.google.com"} & secrets
    assert "0123abcd" not in repr(settings)


def test_overrides_go_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.env"
    path.write_text("RINGCENTRAL_HOST_ID=file\nRINGCENTRAL_ACCOUNT_ID=file\nRINGCENTRAL_TIMEOUT=9\nUNRELATED=1\n")
    monkeypatch.setenv("RINGCENTRAL_ACCOUNT_ID", "environment")
    monkeypatch.setenv("RINGCENTRAL_TIMEOUT", "8")
    found = load(path, {"timeout": 7})
    assert (found.host_id, found.account_id, found.timeout) == ("file", "environment", 7)


def test_a_file_is_read_where_its_path_was_given_and_not_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("RINGCENTRAL_HOST_ID=lying-about\n")
    assert load().host_id == "~"
    monkeypatch.setenv(ENV_FILE, str(tmp_path / ".env"))
    assert load().host_id == "lying-about"


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"^--env-file: there is no file /no/such/file$"):
        load("/no/such/file")
    monkeypatch.setenv(ENV_FILE, "/no/such/file")
    with pytest.raises(SettingsError, match=r"^RINGCENTRAL_ENV_FILE: there is no file /no/such/file$"):
        load()
    path = tmp_path / "latin.env"
    path.write_bytes("RINGCENTRAL_HOST_ID=caf\xe9\n".encode("latin-1"))
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        load(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_one_may_not_read_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "locked.env"
    path.touch(mode=0o000)
    with pytest.raises(SettingsError, match="cannot be read"):
        load(path)


def test_secrets_are_named_for_redaction_and_not_shown() -> None:
    given = {"client_secret": "s-1111", "jwt": "s-2222", "access_token": "s-3333", "proxy": "http://me:s%404444@host:1"}
    settings = load(overrides=given)
    assert set(settings.secrets()) == {"s-1111", "s-2222", "s-3333", "s%404444", "s@4444"}
    assert not [secret for secret in ("s-1111", "s-2222", "s-3333") if secret in repr(settings)]


def test_the_example_file_documents_every_setting_and_no_other() -> None:
    documented = re.findall(r"^# ?([A-Z][A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted(names_of(field)[0] for field in Settings.model_fields)


def test_the_example_file_shows_the_defaults() -> None:
    lines = re.findall(r"^# ?[A-Z][A-Z_]+=.*$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    shown = dict(line.removeprefix("#").strip().split("=", 1) for line in lines)
    assert [value for value in shown.values() if " #" in value] == []
    for field, info in Settings.model_fields.items():
        default = info.get_default(call_default_factory=True)
        if field == "plan_limits":
            default = ",".join(f"{group}={limit}" for group, limit in DEFAULT_LIMITS.items())
        elif isinstance(default, bool):
            default = str(default).lower()
        elif isinstance(default, float):
            default = f"{default:g}"
        assert shown[names_of(field)[0]] == ("" if default is None else default)


@pytest.mark.parametrize(
    "left", ["${user_config.jwt}", "${input:ringcentral-jwt}", "%RINGCENTRAL_JWT%", " ${JWT} ", "..."]
)
def test_a_placeholder_that_nobody_filled_in_counts_as_unset_and_is_named(
    left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGCENTRAL_JWT", left)
    assert load().jwt is None
    assert list(findings().lines()) == ["RINGCENTRAL_JWT is not filled in and counts as unset"]


@pytest.mark.parametrize("kept", ["a%b%c", "x${JWT}", "$JWT", "100%"])
def test_a_value_that_only_contains_such_a_sign_is_a_value(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGCENTRAL_JWT", kept)
    assert plain(load().jwt) == kept
    assert not list(findings().lines())


@pytest.mark.parametrize("field", ["client_id", "client_secret", "jwt", "access_token"])
def test_blanks_and_line_ends_around_credentials_are_taken_off(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(names_of(field)[0], f"  {CANARY}\r\n")
    assert plain(getattr(load(), field)) == CANARY
    monkeypatch.setenv(names_of(field)[0], " \n")
    assert getattr(load(), field) is None


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("RINGCENTRAL_READONLY", "RINGCENTRAL_READ_ONLY"),
        ("RINGCENTRAL_READ_ONLY_MODE", "RINGCENTRAL_READ_ONLY"),
        ("ringcentral_readonly", "RINGCENTRAL_READ_ONLY"),
        ("RINGCENTRAL_CONFIRMATION", "RINGCENTRAL_CONFIRM"),
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_name_close_to_a_safety_setting_is_refused(
    name: str, nearest: str, in_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.env"
    path.write_text(f"{name}=1\n" if in_file else "RINGCENTRAL_PROFILE=a\n")
    if not in_file:
        monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=f"^{name.upper()}: is not a setting; did you mean {nearest}\\?$"):
        load(path)


def test_another_unknown_name_is_worth_a_warning_with_the_nearest_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGCENTRAL_TIMEZONE", "Europe/Paris")
    monkeypatch.setenv("RINGCENTRAL_WEATHER", "fine")
    assert load().time_zone is None
    assert list(findings().lines()) == [
        "RINGCENTRAL_TIMEZONE is not a setting; did you mean RINGCENTRAL_TIME_ZONE?",
        "RINGCENTRAL_WEATHER is not a setting",
    ]


def test_the_tilde_of_a_path_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "settings.env").write_text("RINGCENTRAL_PROFILE=work\nRINGCENTRAL_SIMULATOR_DATA=~/platform.db\n")
    for settings in (load("~/settings.env"), _named_by_variable("~/settings.env", monkeypatch)):
        assert settings.profile == "work"
        assert settings.simulator_data == tmp_path / "platform.db"


def _named_by_variable(path: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv(ENV_FILE, path)
    return load()


@pytest.mark.parametrize("broken", ["RINGCENTRAL_JWT", "RINGCENTRAL_JWT='open", f"{CANARY} {CANARY}"])
def test_a_broken_line_of_a_file_is_named_with_file_and_line_and_not_shown(broken: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.env"
    path.write_text(f"# comment\nRINGCENTRAL_PROFILE=work\n\n{broken}\n")
    with pytest.raises(SettingsError) as refused:
        load(path)
    assert str(refused.value) == f"--env-file: {path}: line 4 is not NAME=value"


def test_a_file_without_any_setting_is_worth_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "settings.env"
    path.write_text("OTHER=1\n")
    load(path)
    assert list(findings(path).lines()) == [f"{path} holds no setting"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
@pytest.mark.parametrize(
    ("mode", "line", "warned"),
    [
        (0o600, "RINGCENTRAL_JWT=x", False),
        (0o644, "RINGCENTRAL_JWT=x", True),
        (0o640, "rc_user_jwt=x", True),
        (0o644, "RINGCENTRAL_CLIENT_ID=x", False),
    ],
)
def test_an_env_file_with_secrets_that_others_can_read_is_warned_of(
    mode: int, line: str, warned: bool, tmp_path: Path
) -> None:
    path = tmp_path / "mine.env"
    path.write_text(f"{line}\n")
    path.chmod(mode)
    expected = [f"{path} holds secrets, and others can read it: run chmod 600 on it"] if warned else []
    assert list(findings(path).lines()) == expected
