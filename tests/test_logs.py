"""Logs: on stderr, in two forms, and never with a secret in them."""

import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest

from ringcentral_meetings import logs
from ringcentral_meetings.hosting import requests

SECRET = 'canary "quoted" secret\\77'
SHORT = "abc"
LEAKS = [
    "Authorization: Bearer canary.bearer-token",
    "Authorization: Basic Y2FuYXJ5OmNhbmFyeQ==",
    "GET https://example.com/j/1?pwd=canary-pwd&zpk=canary-zpk",
    "GET https://example.com/s/1?zak=canary-zak",
    '{"access_token": "canary-access", "refresh_token":"canary-refresh"}',
    "{'hostKey': 'canary-host', 'h323Password': 'canary-h323', 'userToken': 'canary-user'}",
    "assertion=canary-assertion&grant_type=jwt-bearer",
    "client_secret=canary-client",
    "password: canary-password",
    f"given rcm_at_{'0' * 32}_canary{'x' * 37}_01234567 by a client",
    "token eyJhbGciOiJIUzI1NiJ9.Y2FuYXJ5.c2lnbmF0dXJl",
]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore2")}
    yield
    root.handlers[:], root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def written(
    capsys: pytest.CaptureFixture[str], style: Literal["text", "json"], message: str, fault: Exception | None = None
) -> str:
    logs.configure("DEBUG", style, [SECRET, SHORT, ""])
    logger = logging.getLogger("ringcentral_meetings.test")
    if fault is None:
        logger.warning(message)
    else:
        try:
            raise fault
        except type(fault):
            logger.exception("It failed with %s", message)
    out, err = capsys.readouterr()
    assert out == ""
    return err


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("leak", [*LEAKS, f"the secret is {SECRET}"])
def test_no_secret_is_in_a_line(leak: str, style: Literal["text", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    line = written(capsys, style, leak)
    assert logs.REDACTED in line
    assert "canary" not in line
    assert "Y2FuYXJ5" not in line


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("leak", [*LEAKS, f"the secret is {SECRET}"])
def test_no_secret_is_in_a_traceback(
    leak: str, style: Literal["text", "json"], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = written(capsys, style, "nothing", RuntimeError(leak))
    assert "RuntimeError" in shown
    assert logs.REDACTED in shown
    assert "canary" not in shown
    assert "Y2FuYXJ5" not in shown


def test_json_is_one_object_a_line_and_says_what_text_says(capsys: pytest.CaptureFixture[str]) -> None:
    shown = written(capsys, "json", "the answer", ValueError("two\nlines"))
    assert shown.count("\n") == 1
    fields = json.loads(shown)
    assert fields["level"] == "ERROR"
    assert fields["logger"] == "ringcentral_meetings.test"
    assert fields["message"] == "It failed with the answer"
    assert "ValueError: two\nlines" in fields["exception"]


def test_words_that_are_no_secrets_stay(capsys: pytest.CaptureFixture[str]) -> None:
    line = written(capsys, "text", "Tool get_meeting answered not_found, abc, code CMN-102")
    assert "WARNING ringcentral_meetings.test: Tool get_meeting answered not_found, abc, code CMN-102" in line


def test_the_http_client_does_not_print_urls(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("DEBUG", "text", [])
    for name in ("httpx", "httpcore2.connection"):
        logging.getLogger(name).info("GET https://example.com/?anything")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("style", ["text", "json"])
def test_the_lines_of_a_host_name_the_request_the_person_and_the_client(
    capsys: pytest.CaptureFixture[str], style: Literal["text", "json"]
) -> None:
    logs.configure("INFO", style, [], requests.InboundMarks())
    logger = logging.getLogger("ringcentral_meetings.test")
    logger.info("outside")
    with requests.answering("balancer-12345") as inbound:
        requests.name("digest-of-somebody", "A client\nuser=another")
        assert inbound.user == "digest-of-somebody"
        logger.info("within")
    outside, within = capsys.readouterr().err.splitlines()
    if style == "json":
        told = [json.loads(line) for line in (outside, within)]
        assert [(line["request"], line["user"], line["client"]) for line in told] == [
            ("-", "-", "-"),
            ("balancer-12345", "digest-of-somebody", "A_client_user_another"),
        ]
    else:
        assert " INFO request=- user=- client=- ringcentral_meetings.test: outside" in outside
        marks = "request=balancer-12345 user=digest-of-somebody client=A_client_user_another"
        assert f" INFO {marks} ringcentral_meetings.test: within" in within
