"""doctor on what lies in between: the proxy, the certificates, and what is said where one of them refuses."""

from pathlib import Path

import pytest

from authorities import Proxy, Site, authority, listening, serving_context
from cli.test_doctor import examined, platform, settings_for, states
from ringcentral_meetings.cli import doctor
from ringcentral_meetings.cli.checks import Check, examine
from ringcentral_meetings.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


async def examined_for_real(settings: Settings) -> dict[str, Check]:
    async with doctor.doctor_context(settings) as context:
        return {check.name: check async for check in examine(context)}


async def test_an_https_proxy_that_is_not_used_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:canary@proxy.example:3128")
    check = (await examined(platform(), settings_for(server_url="https://127.0.0.1:9")))["proxy"]
    assert check.state == "warn"
    assert "HTTPS_PROXY is set (proxy.example:3128) and is not used" in check.detail
    assert "RINGCENTRAL_PROXY" in check.fix
    assert "canary" not in check.detail + check.fix


async def test_an_https_proxy_that_would_not_be_used_for_this_server_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert (await examined(platform(), settings_for()))["proxy"].state == "skip"


async def test_the_proxy_that_is_used_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://other.example:3128")
    check = (await examined(platform(), settings_for(proxy="http://me:canary@127.0.0.1:3128")))["proxy"]
    assert (check.state, check.detail) == ("ok", "127.0.0.1:3128, from RINGCENTRAL_PROXY")


async def test_which_certificates_are_trusted_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(server_url="https://127.0.0.1:9")
    check = (await examined(platform(), settings))["certificates"]
    assert check.state == "ok"
    assert "the operating system's" in check.detail or "certifi's" in check.detail
    file = tmp_path / "authority.pem"
    authority().cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    assert f"SSL_CERT_FILE ({file})" in (await examined(platform(), settings))["certificates"].detail


async def test_a_setting_that_names_no_certificates_fails_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all.pem")
    checks = await examined(platform(), settings_for(server_url="https://127.0.0.1:9"))
    assert states(checks, "fail") == {"certificates"}
    assert "SSL_CERT_FILE" in checks["certificates"].fix
    assert checks["TLS"].state == "skip"


async def test_an_untrusted_certificate_is_shown_with_its_issuer_and_the_way_out() -> None:
    async with listening(Site().talk, serving_context(authority())) as port:
        check = (await examined_for_real(settings_for(server_url=f"https://127.0.0.1:{port}")))["TLS"]
    assert check.state == "fail"
    assert "Example Inspection CA" in check.detail
    assert "SSL_CERT_FILE" in check.fix


async def test_a_proxy_that_refuses_is_shown_with_its_status() -> None:
    proxy = Proxy(status=407)
    async with listening(proxy.talk) as port:
        settings = settings_for(server_url="https://platform.example", proxy=f"http://127.0.0.1:{port}")
        check = (await examined_for_real(settings))["connection"]
    assert check.state == "fail"
    assert "status 407" in check.detail
    assert "RINGCENTRAL_PROXY" in check.fix
