"""Checks: their JSON form, how they combine, and what blocks."""

from __future__ import annotations

import itertools
import json
import math
import pickle
from dataclasses import FrozenInstanceError, replace
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.checks import (
    Check,
    GateFailure,
    GateResult,
    InputError,
    Interval,
    Outcome,
    Severity,
    Waiver,
    combine,
    describe,
    failure_text,
    plain,
    worst_first,
)

WAIVER = Waiver(check="toy", reason="a reason", author="@me", expires="2027-01-31")


class Colour(Enum):
    RED = 1


class Text(str):
    pass


def a_check(outcome: str = "fail", severity: str = "block", **values: Any) -> Check:
    return Check(code="MLG101", outcome=outcome, severity=severity, message="a message", **values)


numbers = st.one_of(
    st.none(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.floats(width=32).map(np.float32),
    st.floats().map(np.float64),
    st.integers(-100, 100).map(np.int16),
    st.booleans().map(np.bool_),
    st.fractions(),
    st.decimals(),
    st.just(np.longdouble("1.5")),
)
leaves = st.one_of(
    numbers,
    st.booleans(),
    st.text(),
    st.binary(max_size=4),
    st.dates(),
    st.just(pd.NaT),
    st.just(pd.NA),
    st.just(Colour.RED),
    st.just(Outcome.SKIP),
    st.datetimes().map(pd.Timestamp),
    st.lists(st.floats(), max_size=3).map(np.array),
    st.lists(st.integers(0, 9), max_size=3).map(pd.Series),
    st.frozensets(st.integers(), max_size=3),
    st.just(np.array(["2013-09-01", "NaT"], dtype="datetime64[ns]")),
    st.just(np.array([[1.0, np.nan], [np.inf, 2.0]])),
    st.just(np.array([Colour.RED, None], dtype=object)),
)
keys = st.one_of(st.text(), st.integers(), st.none(), st.booleans(), st.tuples(st.integers()), st.just(np.str_("a")))
details = st.dictionaries(
    keys | st.just("not_finite"),
    st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=4
    ),
    max_size=2,
)
intervals = st.builds(
    Interval, low=numbers, high=numbers, level=st.just(np.float64(0.9)), method=st.sampled_from(["tango", "delong"])
)
checks = st.builds(
    Check,
    code=st.sampled_from(["MLG101", "MLG501"]),
    gate=st.sampled_from(["baseline", "drift"]),
    entry=st.text(max_size=3),
    subject=st.text(max_size=3) | st.text(max_size=3).map(np.str_),
    outcome=st.sampled_from(list(Outcome)),
    severity=st.sampled_from(list(Severity)),
    message=st.text(max_size=5),
    fix=st.text(max_size=5),
    observed=numbers,
    limit=numbers,
    p=numbers,
    p_adjusted=numbers,
    n=st.none() | st.integers(0) | st.integers(0, 10**9).map(np.int64),
    interval=st.none() | intervals,
    waiver=st.none() | st.just(WAIVER),
    details=details,
)


def only_builtins(value: Any) -> bool:
    if isinstance(value, dict):
        return all(type(key) is str and only_builtins(item) for key, item in value.items())
    if isinstance(value, list):
        return all(only_builtins(item) for item in value)
    return value is None or type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value))


@given(checks)
@settings(deadline=None, max_examples=100)
def test_a_check_survives_json_and_holds_finite_builtins_only(check: Check) -> None:
    record = check.to_json()

    assert only_builtins(record)
    assert Check.from_json(json.loads(json.dumps(record, allow_nan=False))) == check
    assert Check.from_json(record).to_json() == record


@given(checks)
@settings(deadline=None, max_examples=30)
def test_a_check_survives_pickling_and_copying(check: Check) -> None:
    assert pickle.loads(pickle.dumps(check)) == check
    assert replace(check, entry=check.entry) == check


@pytest.mark.parametrize("value", [math.nan, -math.inf, np.float64("nan"), np.float32("-inf"), Decimal("nan")])
@pytest.mark.parametrize("name", ["observed", "limit", "p", "p_adjusted", "n"])
def test_a_number_that_is_not_finite_is_null_and_named(name: str, value: Any) -> None:
    check = a_check(**{name: value})

    assert getattr(check, name) is None
    assert check.details == {"not_finite": {name: str(float(value))}}


@pytest.mark.parametrize(
    "value", [np.float64(0.5), np.longdouble("0.5"), Decimal("0.5"), Fraction(1, 2), np.array(0.5)]
)
def test_every_kind_of_number_becomes_a_float(value: Any) -> None:
    check = a_check(observed=value, interval=Interval(low=value, high=value, level=value, method=np.str_("wald")))

    assert (type(check.observed), check.observed) == (float, 0.5)
    assert check.interval == Interval(low=0.5, high=0.5, level=0.5, method="wald")
    assert {type(check.interval.low), type(check.interval.level), type(check.interval.method)} == {float, str}


@pytest.mark.parametrize("value", [pd.NA, pd.NaT, Decimal("snan"), Fraction(10**400)])
def test_what_is_no_number_is_null_and_named(value: Any) -> None:
    check = a_check(observed=value)

    assert check.observed is None
    assert check.details == {"not_finite": {"observed": "nan"}}


def test_an_open_end_of_an_interval_is_null_and_named() -> None:
    check = a_check(interval=Interval(low=-math.inf, high=math.nan, level=0.9, method="score"))

    assert check.interval == Interval(low=None, high=None, level=0.9, method="score")
    assert check.details == {"not_finite": {"interval.low": "-inf", "interval.high": "nan"}}


def test_numbers_inside_details_are_named_by_their_place() -> None:
    check = a_check(details={"rates": {"a": [0.5, math.nan]}, "not_finite": {"x": math.inf}})

    assert check.details == {
        "rates": {"a": [0.5, None]},
        "not_finite": {"x": None, "details.rates.a[1]": "nan", "details.not_finite.x": "inf"},
    }


def test_a_detail_that_is_called_not_finite_does_not_break_the_check() -> None:
    assert a_check(observed=math.nan, details={"not_finite": 3}).details == {"not_finite": {"observed": "nan"}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.str_("a"), "a"),
        (Text("a"), "a"),
        (Outcome.FAIL, "fail"),
        (Colour.RED, "Colour.RED"),
        ((1, (2,)), [1, [2]]),
        ({3, 1, 2}, [1, 2, 3]),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array(["a"]), ["a"]),
        ({np.int64(1): np.bool_(True), None: Path("a/b")}, {"1": True, "None": "a/b"}),
        (pd.Timestamp("2013-09-01"), "2013-09-01 00:00:00"),
        (np.datetime64("2013-09-01", "ns"), "2013-09-01T00:00:00.000000000"),
        (np.array(["2013-09-01"], dtype="datetime64[ns]"), ["2013-09-01T00:00:00.000000000"]),
        (pd.Series(pd.to_datetime(["2013-09-01"])), ["2013-09-01"]),
        (pd.NA, "<NA>"),
        (pd.NaT, "NaT"),
        (b"\xff", "b'\\xff'"),
    ],
)
def test_plain_values(value: Any, expected: Any) -> None:
    actual = plain(value)

    assert actual == expected
    assert type(actual) is type(expected)


def test_text_fields_hold_str_and_nothing_derived_from_it() -> None:
    check = a_check(subject=np.str_("temp"), gate=np.str_("drift"), fix=Text("x"))

    assert [type(text) for text in (check.subject, check.gate, check.fix, check.id)] == [str] * 4


@pytest.mark.parametrize(
    ("gate", "entry", "subject", "expected"),
    [
        ("drift", "", "", "drift"),
        ("drift", "", "temp", "drift:temp"),
        ("baseline", "roc_auc", "", "baseline[roc_auc]"),
        ("baseline", "roc_auc", "origin=LGA", "baseline[roc_auc]:origin=LGA"),
    ],
)
def test_ids(gate: str, entry: str, subject: str, expected: str) -> None:
    assert a_check(gate=gate, entry=entry, subject=subject).id == expected


def test_a_check_is_frozen_and_refuses_unknown_words() -> None:
    with pytest.raises(FrozenInstanceError):
        a_check().outcome = Outcome.PASS  # type: ignore[misc]  # this is what is refused
    with pytest.raises(ValueError, match="'passed' is not a valid Outcome"):
        a_check("passed")
    with pytest.raises(ValueError, match="'high' is not a valid Severity"):
        a_check("fail", "high")


# DESIGN: "what an outcome does": a pass goes on, an error blocks at every severity, the rest at severity block.
BLOCKS = {
    (outcome, severity): outcome != "pass" and severity == "block" for outcome in Outcome for severity in Severity
}
BLOCKS |= {("error", severity): True for severity in Severity}


@pytest.mark.parametrize(("outcome", "severity"), BLOCKS)
def test_what_blocks(outcome: str, severity: str) -> None:
    assert a_check(outcome, severity).blocks is BLOCKS[outcome, severity]
    assert a_check(outcome, severity, waiver=WAIVER).blocks is False


@given(st.lists(checks, min_size=1, max_size=6), st.randoms())
@settings(deadline=None, max_examples=40)
def test_what_blocks_never_combines_to_a_pass_and_order_does_not_matter(found: list[Check], random: Any) -> None:
    shuffled = random.sample(found, len(found))
    outcome = combine(found)

    assert combine(shuffled) is outcome
    if any(check.blocks for check in found):
        assert outcome in {check.outcome for check in found if check.blocks}
        assert outcome is not Outcome.PASS
    else:
        assert outcome in (Outcome.PASS, Outcome.SKIP)
    assert combine(found * 2) is outcome


@given(st.lists(checks, max_size=6), checks)
@settings(deadline=None, max_examples=40)
def test_one_more_blocking_check_makes_nothing_better(found: list[Check], check: Check) -> None:
    order = [Outcome.ERROR, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.SKIP, Outcome.PASS]
    if found and check.blocks:
        assert order.index(combine([*found, check])) <= order.index(combine(found))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], "error"),
        ([("skip", "note")], "skip"),
        ([("skip", "block")], "skip"),
        ([("skip", "note"), ("pass", "block")], "pass"),
        ([("fail", "warn"), ("pass", "block")], "pass"),
        ([("error", "note"), ("fail", "block")], "error"),
        ([("inconclusive", "block"), ("fail", "block")], "fail"),
        ([("inconclusive", "block"), ("skip", "block")], "inconclusive"),
    ],
)
def test_combined_outcomes(found: list[tuple[str, str]], expected: str) -> None:
    assert combine([a_check(*pair) for pair in found]) == expected


def test_the_worst_comes_first_and_ties_keep_their_order() -> None:
    pairs = list(itertools.product(Outcome, Severity))
    found = [a_check(*pair, subject=subject) for pair in pairs for subject in ("1", "2")]
    ordered = [(check.outcome.value, check.severity.value, check.subject) for check in worst_first(found)]

    blocking = ["error block", "error warn", "error note", "fail block", "inconclusive block", "skip block"]
    rest = ["fail warn", "fail note", "inconclusive warn", "inconclusive note", "skip warn", "skip note"]
    expected = [*blocking, *rest, "pass block", "pass warn", "pass note"]
    assert [f"{outcome} {severity}" for outcome, severity, _ in ordered[::2]] == expected
    assert [subject for *_, subject in ordered] == ["1", "2"] * len(pairs)


def test_a_gate_without_a_check_is_a_failure() -> None:
    result = GateResult(gate="toy", checks=())

    assert result.outcome is Outcome.ERROR
    with pytest.raises(GateFailure, match=r"^toy: made no check$"):
        result.raise_for_outcome()


@pytest.mark.parametrize(("outcome", "severity"), BLOCKS)
def test_a_gate_raises_exactly_where_a_check_blocks(outcome: str, severity: str) -> None:
    result = GateResult(gate="toy", checks=(a_check("pass"), a_check(outcome, severity)))

    if BLOCKS[outcome, severity]:
        with pytest.raises(AssertionError, match="a message") as raised:
            result.raise_for_outcome()
        assert raised.value.result is result
    else:
        result.raise_for_outcome()
        assert failure_text(result) is None


def test_a_failure_names_what_blocks_the_worst_first_and_nothing_else() -> None:
    found = (
        a_check("pass", gate="toy"),
        a_check("fail", gate="toy", subject="b", fix="do this"),
        a_check("fail", "warn", gate="toy", subject="w"),
        a_check("error", "note", gate="toy", subject="a"),
    )

    text = failure_text(GateResult(gate="toy", checks=found))

    assert text == (
        "toy:a  error (note): a message [MLG101]\n"
        "toy:b  fail: a message [MLG101]\n"
        "    fix: do this"
    )  # fmt: skip


def test_a_description_says_what_is_waived() -> None:
    check = a_check("fail", gate="toy", waiver=WAIVER, fix="do this")

    assert describe(check) == "toy  fail (waived): a message [MLG101]\n    fix: do this"
    assert describe(a_check("pass", gate="toy", fix="do this")) == "toy  pass: a message [MLG101]"


def test_exceptions_cross_a_process_boundary_whole() -> None:
    result = GateResult(gate="toy", checks=(a_check(details={"a": 1}),))
    failure = pickle.loads(pickle.dumps(GateFailure("why", result)))
    error = pickle.loads(pickle.dumps(InputError("what", fix="how")))

    assert (type(failure), str(failure), failure.result) == (GateFailure, "why", result)
    assert (type(error), str(error), error.message, error.fix) == (InputError, "what", "what", "how")
