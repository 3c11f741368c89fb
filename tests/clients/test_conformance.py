"""How the results of the conformance suite are judged."""

from typing import Any

import pytest

from clients.conformance import EXPECTATIONS, Expectations, Tally


def check(name: str, status: str) -> dict[str, Any]:
    return {"id": name, "status": status, "description": "It does."}


def tallied(checks: list[dict[str, Any]], *failures: str) -> Tally:
    tally = Tally()
    tally.add("now", {"ping"}, {"ping": checks}, frozenset(("ping", name) for name in failures))
    return tally


def test_checks_that_pass_are_counted_and_those_that_do_not_apply_are_not() -> None:
    tally = tallied([check("a", "SUCCESS"), check("b", "SKIPPED"), check("c", "INFO")])

    assert (tally.passed, tally.problems) == (1, [])


@pytest.mark.parametrize("status", ["FAILURE", "WARNING"])
def test_a_check_that_fails_or_warns_is_a_problem(status: str) -> None:
    assert tallied([check("a", status)]).problems == ["now: ping: a: It does."]


def test_a_check_that_is_known_to_fail_is_none() -> None:
    assert tallied([check("a", "FAILURE")], "a").problems == []


def test_a_check_that_does_not_fail_any_more_has_to_leave_the_list() -> None:
    (problem,) = tallied([check("a", "SUCCESS")], "a").problems

    assert "a does not fail any more" in problem


def test_a_scenario_that_did_not_run_is_a_problem() -> None:
    tally = Tally()
    tally.add("now", {"ping"}, {}, frozenset())

    assert tally.problems == ["now: ping: did not run"]


def test_no_scenario_is_both_left_out_and_demonstrated() -> None:
    expected = Expectations.read(EXPECTATIONS)

    assert expected.demonstration
    assert not expected.demonstration & expected.does_not_apply
