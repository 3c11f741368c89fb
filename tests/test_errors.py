"""Errors as a model reads them: a closed set of codes, always short, never more than three fields."""

import json
from typing import Any, get_args
from unicodedata import category

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ringcentral_meetings import errors
from ringcentral_meetings.errors import FieldProblem, MeetingsError, Refused, Unanswered, Upstream

stable = settings(derandomize=True, deadline=None, max_examples=300)

texts = st.text(max_size=60) | st.sampled_from(['"' * 500, "\\" * 500, "x" * 5_000, "\N{WATERMELON}" * 400, "\n" * 99])
upstreams = st.builds(
    Upstream,
    http_status=st.integers(100, 599),
    error_code=st.none() | texts,
    request_id=st.none() | texts,
    parameter=st.none() | texts,
    permission=st.none() | texts,
    retry_after_seconds=st.none() | st.floats(0, 1e9),
)
problems = st.builds(
    MeetingsError,
    code=st.sampled_from(get_args(errors.Code)),
    message=texts,
    next_step=texts,
    retryable=st.booleans(),
    retry_after_seconds=st.none() | st.floats(0, 1e9),
    fields=st.lists(st.builds(FieldProblem, texts, texts), max_size=6),
    upstream=st.none() | upstreams,
)
WORST = MeetingsError(
    "user_permission_missing",
    '"' * 900,
    '"' * 900,
    retry_after_seconds=1e9,
    fields=[FieldProblem('"' * 300, '"' * 900)] * 9,
    upstream=Upstream(503, '"' * 300, '"' * 300),
)


def body(error: MeetingsError) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(errors.as_json(error))["error"]
    return found


@stable
@given(problems)
@example(WORST)
def test_an_error_is_one_short_json_object_whatever_it_holds(error: MeetingsError) -> None:
    text = errors.as_json(error)
    assert len(text) <= errors.MAX_ERROR_CHARS
    told = body(error)
    assert {"code", "message", "next_step", "retryable"} <= set(told)
    assert told["code"] == error.code
    assert len(told.get("fields", [])) == min(len(error.fields), 3)
    assert told.get("more_fields", 0) == max(0, len(error.fields) - 3)


@stable
@given(texts)
def test_a_value_given_by_somebody_else_is_quoted_short_and_on_one_line(value: str) -> None:
    quoted = errors.quoted(value)
    assert len(quoted) <= errors.MAX_ECHO_CHARS
    assert not {"Cc", "Co", "Cs", "Zl", "Zp"} & {category(char) for char in quoted}


def test_absent_facts_are_left_out() -> None:
    assert body(Refused("conflict", "taken", "choose another")) == {
        "code": "conflict",
        "message": "taken",
        "next_step": "choose another",
        "retryable": False,
    }
    told = body(errors.refusal(Upstream(503, retry_after_seconds=2.1)))
    assert told["retry_after_seconds"] == 3
    assert told["ringcentral"] == {"http_status": 503}


def test_three_fields_are_told_and_the_others_counted() -> None:
    told = body(errors.invalid_arguments(*[FieldProblem(f"f{n}", "is wrong") for n in range(5)]))
    assert [field["name"] for field in told["fields"]] == ["f0", "f1", "f2"]
    assert told["more_fields"] == 2
    alone = body(errors.invalid_arguments(FieldProblem("f", "is wrong")))
    assert alone["message"] == "f: is wrong"
    assert "fields" not in alone


@pytest.mark.parametrize(
    ("status", "error_code", "code", "kind"),
    [
        (400, "CMN-101", "invalid_arguments", Refused),
        (403, "CMN-101", "user_permission_missing", Refused),
        (400, "CMN-102", "not_found", Refused),
        (404, "CMN-102", "not_found", Refused),
        (404, None, "not_found", Refused),
        (400, "CMN-103", "invalid_arguments", Refused),
        (400, "CMN-108", "invalid_arguments", Refused),
        (403, "CMN-109", "feature_unavailable", Refused),
        (404, "CMN-120", "feature_unavailable", Refused),
        (501, "CMN-202", "feature_unavailable", Refused),
        (500, "CMN-201", "upstream_unavailable", Unanswered),
        (500, "CMN-203", "upstream_unavailable", Unanswered),
        (503, "CMN-211", "upstream_unavailable", Unanswered),
        (502, None, "upstream_unavailable", Unanswered),
        (504, None, "upstream_unavailable", Unanswered),
        (429, "CMN-301", "rate_limited", Refused),
        (429, None, "rate_limited", Refused),
        (403, "CMN-401", "app_permission_missing", Refused),
        (403, "CMN-402", "user_permission_missing", Refused),
        (403, "CMN-404", "user_permission_missing", Refused),
        (403, "CMN-408", "user_permission_missing", Refused),
        (400, "CMN-408", "user_permission_missing", Refused),
        (403, None, "user_permission_missing", Refused),
        (401, "CMN-405", "session_expired", Refused),
        (401, "AGW-402", "session_expired", Refused),
        (401, "OAU-129", "session_expired", Refused),
        (409, None, "conflict", Refused),
        (418, "NEW-999", "invalid_arguments", Refused),
        (302, None, "upstream_unavailable", Refused),
        (100, None, "upstream_unavailable", Refused),
    ],
)
def test_each_answer_of_the_platform_has_its_code(
    status: int, error_code: str | None, code: str, kind: type[MeetingsError]
) -> None:
    error = errors.refusal(Upstream(status, error_code, "request-1"))
    assert (error.code, type(error)) == (code, kind)
    assert body(error)["ringcentral"]["request_id"] == "request-1"
    assert error.retryable is (code == "rate_limited" or kind is Unanswered)


def test_a_limit_without_a_time_is_taken_for_a_minute() -> None:
    assert body(errors.refusal(Upstream(429)))["retry_after_seconds"] == 60
    told = body(errors.refusal(Upstream(429, retry_after_seconds=7)))
    assert (told["retry_after_seconds"], "7 s" in told["message"]) == (7, True)


def test_the_permission_and_the_parameter_that_are_named_are_told() -> None:
    assert "Meetings" in errors.refusal(Upstream(403, "CMN-408", permission="Meetings")).message
    assert "Meetings" in errors.refusal(Upstream(403, "CMN-401", permission="Meetings")).message
    assert "schedule" in errors.refusal(Upstream(400, "CMN-101", parameter="schedule")).message
    assert "meetingId" in errors.refusal(Upstream(404, "CMN-102", parameter="meetingId")).message


@pytest.mark.parametrize(
    ("error_code", "oauth_error", "code", "setting"),
    [
        ("CMN-408", None, "user_permission_missing", "administrator"),
        ("OAU-153", None, "not_signed_in", "RINGCENTRAL_CLIENT_ID"),
        (None, "invalid_client", "not_signed_in", "RINGCENTRAL_CLIENT_SECRET"),
        (None, "unauthorized_client", "app_permission_missing", "JWT"),
        ("OAU-251", None, "app_permission_missing", "JWT"),
        ("OAU-211", "invalid_grant", "session_expired", "RINGCENTRAL_JWT"),
    ],
)
def test_a_refused_sign_in_names_what_to_set(
    error_code: str | None, oauth_error: str | None, code: str, setting: str
) -> None:
    error = errors.sign_in_refused(Upstream(400, error_code), oauth_error)
    assert error.code == code
    assert setting in error.next_step


@pytest.mark.parametrize("kind", ["Scheduled", "Instant", "Recurring"])
def test_a_contradiction_names_the_field_and_the_type_that_would_do(kind: str) -> None:
    assert "ScheduledRecurring" in errors.contradiction("recurrence", kind).next_step
    assert '"Scheduled"' in errors.contradiction("start_time", kind).next_step


def test_several_conflicts_are_counted() -> None:
    assert "and 2 more" in errors.conflict(["A", "B", "C"]).message
    assert "more" not in errors.conflict(["A"]).message
