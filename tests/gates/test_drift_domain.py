"""All columns together: a classifier that tries to tell current rows from reference rows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.drift import check_drift, domain
from pytest_mlgate.gates.drift.encoding import encode


def rows(n: int = 1200, sign: int = 1, seed: int = 0) -> pd.DataFrame:
    """Two columns that go together, or against each other, with equal margins; and two that do nothing."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=n)
    return pd.DataFrame(
        {
            "height": common + 0.5 * rng.normal(size=n),
            "weight": sign * common + 0.5 * rng.normal(size=n),
            "city": rng.choice(["Bonn", "Ulm", "Kiel"], size=n),
            "noise": rng.normal(size=n),
        }
    )


def judged(reference: pd.DataFrame, current: pd.DataFrame, **settings: Any) -> Check:
    result = check_drift(reference, current, domain_classifier=True, **settings)
    return next(check for check in result.checks if check.code == "MLG516")


def test_a_flipped_correlation_is_found_though_no_column_drifts() -> None:
    result = check_drift(rows(), rows(sign=-1, seed=1), domain_classifier=True, max_auc=0.6)
    columns, check = result.checks[:-1], result.checks[-1]

    assert {column.outcome for column in columns} == {Outcome.PASS}
    assert (check.id, check.code, check.outcome, check.severity) == (
        "drift:domain classifier",
        "MLG516",
        Outcome.FAIL,
        Severity.BLOCK,
    )
    assert check.interval.low > 0.6
    assert set(list(check.details["drivers"])[:2]) == {"height", "weight"}
    assert "driven by" in check.message


def test_rows_of_one_kind_cannot_be_told_apart() -> None:
    check = judged(rows(), rows(seed=1))

    assert (check.outcome, check.severity, check.limit) == (Outcome.PASS, Severity.NOTE, None)
    assert check.interval.low < 0.5 < check.interval.high
    assert check.details["drivers"] == {}
    assert "cannot tell" in check.message


def test_without_a_limit_it_is_a_note() -> None:
    check = judged(rows(), rows(sign=-1, seed=1))

    assert (check.outcome, check.severity) == (Outcome.FAIL, Severity.NOTE)


def test_a_limit_is_judged_three_ways() -> None:
    reference, current = rows(2000), rows(2000, seed=1)
    current["noise"] += 0.3
    area = judged(reference, current)
    middle = area.observed

    assert judged(reference, current, max_auc=area.interval.low - 0.005).outcome is Outcome.FAIL
    assert judged(reference, current, max_auc=middle).outcome is Outcome.INCONCLUSIVE
    assert judged(reference, current, max_auc=area.interval.high + 0.005).outcome is Outcome.PASS
    assert "not settled" in judged(reference, current, max_auc=middle).message


def test_too_few_rows_are_inconclusive() -> None:
    noted, blocking = judged(rows(150), rows(150, seed=1)), judged(rows(150), rows(seed=1), max_auc=0.6)

    assert (noted.outcome, noted.severity) == (Outcome.INCONCLUSIVE, Severity.NOTE)
    assert (blocking.outcome, blocking.severity) == (Outcome.INCONCLUSIVE, Severity.BLOCK)
    assert "the sample is too small" in blocking.message


def test_what_tells_any_two_tables_apart_is_left_out() -> None:
    reference, current = rows(400), rows(400, seed=1)
    for k, frame in enumerate((reference, current)):
        frame["row"] = np.arange(400) + 400 * k
        frame["token"] = [f"{k}-{i}" for i in range(400)]
        frame["at"] = pd.date_range(f"202{k}-01-01", periods=400)
        frame["seen"] = (pd.Timestamp(f"202{k}-01-01") + pd.to_timedelta(np.arange(400), "D")).strftime("%Y-%m-%d")
        frame["late"] = k
        frame["gone"] = [float(k)] * 400 if k else ["x"] * 400
        frame["key"] = k
        frame["skipped"] = k
    check = judged(reference, current, target="late", id="key", exclude=["skipped"])

    assert check.details["columns"] == ["height", "weight", "city", "noise"]
    assert check.details["left_out"] == {"at": "timestamps", "seen": "timestamps"}
    assert check.observed is not None
    assert check.observed < 0.6  # with any of the others it would be 1


def test_only_the_columns_that_are_asked_for_are_looked_at() -> None:
    check = judged(rows(), rows(sign=-1, seed=1), columns=["height", "noise"])

    assert check.details["columns"] == ["height", "noise"]
    assert check.outcome is Outcome.PASS


def test_no_column_to_look_at_is_an_error() -> None:
    frame = pd.DataFrame({"at": pd.date_range("2020-01-01", periods=300)})

    assert judged(frame, frame).outcome is Outcome.ERROR


def test_missing_values_that_go_together_are_found() -> None:
    rng = np.random.default_rng(0)
    frames = []
    for together in (False, True):
        frame = rows(1500, seed=2 + together)
        first = rng.uniform(size=1500) < 0.5
        second = first if together else rng.uniform(size=1500) < 0.5
        frame.loc[first, "height"] = np.nan
        frame.loc[second, "city"] = None
        frames.append(frame)
    check = judged(*frames, max_auc=0.6)

    assert check.outcome is Outcome.FAIL
    assert set(list(check.details["drivers"])[:2]) == {"height", "city"}


def test_of_many_rows_a_seeded_sample_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, "MOST_ROWS", 300)
    checks = [judged(rows(), rows(sign=-1, seed=1), seed=7) for _ in range(2)]

    assert checks[0] == checks[1]
    assert checks[0].n == 600
    assert "300 reference and 300 current rows, drawn with seed 7" in checks[0].message
    assert judged(rows(), rows(sign=-1, seed=1), seed=8).observed != checks[0].observed


def test_a_sensitive_column_is_told_by_its_name_only() -> None:
    reference, current = rows(), rows(seed=1)
    current["city"] = current["city"].where(current["noise"] > 0, "Secretville")
    check = judged(reference, current, sensitive=["city"])

    assert "city" in check.details["drivers"]
    assert "Secretville" not in json.dumps(check.to_json())


def test_a_column_of_its_name_keeps_it() -> None:
    frames = [frame.rename(columns={"noise": "domain classifier"}) for frame in (rows(300), rows(300, seed=1))]

    assert judged(*frames).subject == "(domain classifier)"


@pytest.mark.parametrize("limit", [0.5, 1.0, 60, "0.6", True])
def test_a_limit_is_an_area_above_chance(limit: Any) -> None:
    with pytest.raises(ValidationError, match="max_auc"):
        check_drift(rows(300), rows(300), domain_classifier=True, max_auc=limit)


def test_a_limit_without_a_classifier_is_refused() -> None:
    with pytest.raises(ValidationError, match="domain_classifier = true"):
        check_drift(rows(300), rows(300), max_auc=0.6)


# what the classifier is given


@given(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=4, max_size=40), st.randoms())
@settings(deadline=None, max_examples=50)
def test_codes_do_not_depend_on_the_order_of_rows(levels: list[str | None], random: Any) -> None:
    frame = pd.DataFrame({"c": pd.Series([*levels, "a"], dtype=object)})
    shuffled = list(range(len(frame)))
    random.shuffle(shuffled)
    one, other = encode(frame, frame), encode(frame, frame.iloc[shuffled].reset_index(drop=True))
    n = len(frame)

    assert np.array_equal(one.values[n:][shuffled], other.values[n:], equal_nan=True)
    assert np.array_equal(np.isnan(one.values[:n, 0]), frame["c"].isna())


def test_rare_levels_share_the_last_code() -> None:
    frame = pd.DataFrame({"c": [f"L{i}" for i in range(400)] + ["often"] * 10})
    encoded = encode(frame, frame)

    assert encoded.values.max() == 254
    assert encoded.values[-1, 0] == 0
    assert encoded.categorical == (True,)


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1, 2, None], dtype="Int64"),
        pd.Series([1, 2, None], dtype="float32"),
        pd.Series([True, False, None], dtype="boolean"),
        pd.Series([1.5, np.inf, None]),
        pd.Series(pd.to_timedelta([1, 2, None], "h")),
        pd.Series([1, 2, None], dtype="int64[pyarrow]"),
        pd.Series([__import__("decimal").Decimal("1.5"), __import__("decimal").Decimal("2"), None]),
        pd.Series(["a", "b", None], dtype="string"),
        pd.Series(["a", "b", None], dtype="category"),
    ],
    ids=lambda values: str(values.dtype),
)
def test_every_kind_of_column_becomes_numbers_with_its_missing_values(values: pd.Series[Any]) -> None:
    frame = values.to_frame("x")
    found = encode(frame, frame).values[:, 0]

    assert np.isnan(found).tolist() == [False, False, True] * 2
    assert np.isfinite(found[[0, 1]]).all()
    assert found[0] != found[1]
