"""The form of codes and tokens: whose they are can be read, and what was not given out costs no trip to the store."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringcentral_meetings.gate import tokens
from ringcentral_meetings.store import KeyRing

USER = KeyRing.new().user("platform.ringcentral.com", "1", "2")
KINDS: tuple[tokens.Kind, ...] = ("ac", "at", "rt")


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_says_whose_it_is(kind: tokens.Kind) -> None:
    token = tokens.new(kind, USER)
    assert tokens.user_of(kind, token) == USER
    assert re.fullmatch(rf"rcm_{kind}_{USER}_[A-Za-z0-9_-]{{43}}_[0-9a-f]{{8}}", token)


def test_each_token_is_another() -> None:
    assert len({tokens.new("at", USER) for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize("kind", KINDS)
def test_case_13_a_token_of_one_kind_is_none_of_another(kind: tokens.Kind) -> None:
    token = tokens.new(kind, USER)
    assert [other for other in KINDS if tokens.user_of(other, token)] == [kind]


def test_case_13_a_token_relabelled_as_another_kind_is_refused() -> None:
    token = tokens.new("rt", USER)
    assert tokens.user_of("at", token.replace("rcm_rt_", "rcm_at_")) is None


@given(st.integers(0, 500), st.sampled_from(string.ascii_letters + string.digits + "_-\n é"))
def test_case_22_a_token_with_one_character_changed_is_refused(position: int, other: str) -> None:
    token = tokens.new("at", USER)
    position %= len(token)
    changed = token[:position] + other + token[position + 1 :]
    assert tokens.user_of("at", changed) == (USER if changed == token else None)


@given(st.integers(0, 200))
def test_case_22_a_truncated_token_is_refused(length: int) -> None:
    token = tokens.new("at", USER)
    assert (tokens.user_of("at", token[:length]) is None) == (length < len(token))


@given(st.text())
def test_case_22_any_other_text_is_refused(text: str) -> None:
    assert tokens.user_of("at", text) is None


@pytest.mark.parametrize("added", ["\n", " ", "_", "\x00"])
def test_case_22_nothing_may_stand_around_a_token(added: str) -> None:
    token = tokens.new("at", USER)
    assert tokens.user_of("at", token + added) is None
    assert tokens.user_of("at", added + token) is None


def test_a_digest_is_the_sha_256_of_a_text() -> None:
    assert tokens.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(st.text(st.characters(codec=None)))
def test_any_text_has_a_digest(text: str) -> None:
    assert re.fullmatch("[0-9a-f]{64}", tokens.digest(text))
