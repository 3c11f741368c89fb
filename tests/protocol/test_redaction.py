"""Secrets are found wherever they stand in a result, and a text is passed only if it holds none."""

import json
from typing import Any

import pydantic_core
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringcentral_meetings.protocol.redaction import may_hold_secrets, redacted

SECRETS = ("canary-secret-1", 'quoted"and\\é\nsecret', "long-" * 20, "kürzel-geheim")
NAMED = (
    *("Authorization: Bearer abcdefgh", 'host_key="12345678"', "HOST KEY: 12345678", "h323Password=12345678"),
    *(
        "User-Token: abcdefgh",
        "acce\N{LATIN SMALL LETTER LONG S}s_token=abcdefgh",
        "hostKey=12345678",
        "refresh_token: 1",
        "client_secret='x'",
    ),
    *("eyJhbGciOiJ.eyJzdWIi.abc", "EYJhbGciOiJ"),
)
texts = st.text(max_size=8)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | texts
    | st.tuples(texts, st.sampled_from(SECRETS + NAMED), texts).map("".join),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_no_text_is_passed_of_which_anything_would_be_taken_out(value: Any) -> None:
    for text in (pydantic_core.to_json(value).decode(), json.dumps(value)):
        if redacted(value, SECRETS) != value:
            assert may_hold_secrets(text, SECRETS)


@pytest.mark.parametrize("secret", [*SECRETS, *NAMED[:-1]])
def test_each_kind_of_secret_is_taken_out_after_any_escape(secret: str) -> None:
    for before in ("", "\n", '"', " "):
        value = {"topic": f"{before}{secret} and more"}
        assert redacted(value, SECRETS) != value
        assert may_hold_secrets(json.dumps(value), SECRETS)


def test_an_ordinary_answer_is_passed() -> None:
    answer = json.dumps({"meeting": {"topic": "Weekly review", "join_url": "https://x.example/j/1?pwd=2"}})
    assert not may_hold_secrets(answer, SECRETS)
