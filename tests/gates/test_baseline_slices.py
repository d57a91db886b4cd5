"""The baseline gate in slices: large ones, small ones, and all of them together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.checks import InputError, Outcome, Severity
from pytest_mlgate.gates.baseline import check_baseline
from pytest_mlgate.gates.baseline.slices import find_slices


def flights(flips: dict[str, tuple[int, int]], n: int = 1000):
    """``n`` rows an airport, half of them late; (fixed, broken) rows by airport."""
    frames = []
    for origin, (fixed, broken) in flips.items():
        truth = np.arange(n) % 2
        candidate, baseline = truth.copy(), truth.copy()
        baseline[:fixed] = 1 - baseline[:fixed]
        candidate[fixed : fixed + broken] = 1 - candidate[fixed : fixed + broken]
        frames.append(pd.DataFrame({"origin": origin, "y": truth, "candidate": candidate, "baseline": baseline}))
    return pd.concat(frames, ignore_index=True)


def judged(frame, columns=("origin",), **options):
    options = {"metric": "accuracy", "margin": 0.02, **options}
    result = check_baseline(frame["y"], frame["candidate"], frame["baseline"], slices=frame[list(columns)], **options)
    return result, {check.subject: check for check in result.checks if check.subject != "trivial"}


def test_a_candidate_that_is_worse_at_one_airport_only_is_blocked_there():
    result, checks = judged(flights({"EWR": (40, 10), "JFK": (40, 10), "LGA": (0, 60)}))

    assert {name: check.outcome.value for name, check in checks.items()} == {
        "": "pass",
        "origin=EWR": "pass",
        "origin=JFK": "pass",
        "origin=LGA": "fail",
    }
    assert result.outcome is Outcome.FAIL
    assert checks["origin=LGA"].code == "MLG102"
    assert checks["origin=LGA"].severity is Severity.BLOCK
    assert checks["origin=LGA"].n == 1000


def test_a_slice_that_is_not_settled_warns_unless_slices_must_pass():
    frame = flights({"EWR": (40, 10), "LGA": (20, 30)})
    lax, checks = judged(frame)
    strict, must = judged(frame, slices_must_pass=True)

    assert checks["origin=LGA"].outcome is Outcome.INCONCLUSIVE
    assert (checks["origin=LGA"].severity, lax.outcome) == (Severity.WARN, Outcome.PASS)
    assert (must["origin=LGA"].severity, strict.outcome) == (Severity.BLOCK, Outcome.INCONCLUSIVE)


def test_holm_adjusts_the_fail_side_only():
    """One slice of ten is below the margin by its own limit, not after adjustment."""
    frame = flights({f"S{i}": (10, 10) for i in range(9)} | {"S9": (10, 44)})
    _, many = judged(frame)
    _, alone = judged(frame[frame["origin"] == "S9"].reset_index(drop=True))
    nine = many["origin=S9"]

    assert alone["origin=S9"].outcome is Outcome.FAIL
    assert alone["origin=S9"].p == alone["origin=S9"].p_adjusted == nine.p
    assert nine.interval == alone["origin=S9"].interval
    assert nine.p_adjusted == pytest.approx(10 * nine.p)
    assert nine.outcome is Outcome.INCONCLUSIVE
    assert "not after adjustment" in nine.message
    assert all(check.outcome == "pass" for name, check in many.items() if name not in ("", "origin=S9"))


def test_small_slices_are_named_and_judged_together():
    frame = pd.concat([flights({"EWR": (40, 10)}), flights({"HNL": (0, 9), "ANC": (0, 9)}, n=150)], ignore_index=True)
    result, checks = judged(frame)

    for name in ("origin=HNL", "origin=ANC"):
        assert (checks[name].outcome, checks[name].severity) == (Outcome.INCONCLUSIVE, Severity.WARN)
        assert "150 rows, fewer than min_rows = 200" in checks[name].message
    assert checks["(small slices)"].n == 300
    assert checks["(small slices)"].observed == pytest.approx(-18 / 300)
    assert checks["(small slices)"].outcome is Outcome.FAIL
    assert {checks[name].code for name in ("(small slices)", "origin=HNL")} == {"MLG103"}
    assert result.outcome is Outcome.FAIL


def test_small_slices_block_where_that_is_asked_for():
    frame = pd.concat([flights({"EWR": (40, 10)}), flights({"HNL": (2, 0)}, n=150)], ignore_index=True)

    assert judged(frame)[0].outcome is Outcome.PASS
    assert judged(frame, small_slices="block")[0].outcome is Outcome.INCONCLUSIVE


def test_a_slice_short_of_one_class_is_small():
    frame = flights({"EWR": (5, 5)})
    frame["daytime"] = np.where((frame["y"] == 1) & (frame.index > 40), "noon", "night")
    _, checks = judged(frame, columns=["daytime"])

    assert "0 rows of one class, fewer than min_class_rows = 30" in checks["daytime=noon"].message
    assert "20 rows of one class" in checks["daytime=night"].message
    assert checks["(small slices)"].n == 1000


def test_a_slice_of_one_class_is_pooled_where_the_metric_needs_two():
    frame = flights({"EWR": (5, 5)})
    frame["y"], frame["kind"] = frame.index % 3, np.where(frame.index % 3 == 0, "a", "b")
    frame["candidate"] = frame["baseline"] = frame["y"]
    _, checks = judged(frame, columns=["kind"], metric="balanced_accuracy")

    assert checks["kind=a"].outcome is Outcome.INCONCLUSIVE
    assert "one label 0" in checks["kind=a"].message


def test_rows_of_two_small_slices_are_pooled_once():
    frame = pd.concat([flights({"EWR": (5, 5)}), flights({"HNL": (2, 2)}, n=100)], ignore_index=True)
    frame["carrier"] = np.where(frame["origin"] == "HNL", "HA", "UA")
    _, checks = judged(frame, columns=["origin", "carrier"])

    assert checks["(small slices)"].n == 100


def test_small_slices_that_cannot_be_judged_even_together_say_so():
    frame = flights({"EWR": (5, 5)})
    frame["odd"] = np.where(frame.index == 7, "lonely", "rest")
    result, checks = judged(frame, columns=["odd"])

    assert checks["(small slices)"].outcome is Outcome.INCONCLUSIVE
    assert checks["(small slices)"].severity is Severity.WARN
    assert result.outcome is Outcome.PASS


def test_missing_values_are_a_level_of_their_own():
    frame = flights({"EWR": (5, 5), "JFK": (5, 5)})
    frame.loc[frame["origin"] == "JFK", "origin"] = None
    _, checks = judged(frame)

    assert set(checks) == {"", "origin=EWR", "origin=(missing)"}


@pytest.mark.parametrize(
    "values", [[1, 2], [1.5, 2.5], [True, False], pd.Categorical(["a", "b"], categories=["a", "b", "c"])]
)
def test_levels_of_any_type_have_a_name(values):
    frame = flights({"EWR": (5, 5), "JFK": (5, 5)})
    frame["level"] = pd.Series(values).repeat(1000).reset_index(drop=True)
    _, checks = judged(frame, columns=["level"])

    assert set(checks) == {"", *(f"level={value}" for value in list(values))}


def test_a_wider_margin_may_be_set_for_slices():
    frame = flights({"EWR": (40, 10), "LGA": (10, 30)})
    _, checks = judged(frame, slice_margin=0.05)

    assert checks[""].limit == -0.02
    assert checks["origin=LGA"].limit == -0.05
    assert checks["origin=LGA"].outcome is Outcome.PASS


def test_a_slice_column_that_is_missing_is_an_error_with_the_nearest_name():
    with pytest.raises(InputError, match="no column 'orgin'") as caught:
        find_slices(flights({"EWR": (5, 5)}), ["orgin"], None, min_rows=200, min_class_rows=30)

    assert "'origin'" in caught.value.fix


def test_a_column_that_names_each_row_is_refused_as_a_slice():
    frame = flights({"EWR": (5, 5)})
    frame["id"] = frame.index
    result, _ = judged(frame, columns=["id"])

    assert "1000 levels, more than 500" in result.checks[0].message


def test_a_slice_that_cannot_be_computed_is_an_error_of_its_own():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"origin": ["EWR", "LGA"] * 500, "y": rng.normal(size=1000)})
    frame.loc[frame["origin"] == "LGA", "y"] = 1.5
    frame["candidate"], frame["baseline"] = frame["y"] + 0.1, frame["y"] + 0.2
    result, checks = judged(frame, metric="r2")

    assert result.outcome is Outcome.ERROR
    assert checks["origin=LGA"].outcome is Outcome.ERROR
    assert "r2 is nan" in checks["origin=LGA"].message
    assert checks["origin=EWR"].outcome is Outcome.PASS


def test_a_slice_without_weight_is_not_judged():
    frame = flights({"EWR": (40, 10), "LGA": (40, 10)})
    _, checks = judged(frame, weights=(frame["origin"] == "EWR").astype(float))

    assert checks["origin=EWR"].outcome is Outcome.PASS
    assert checks["origin=LGA"].outcome is Outcome.INCONCLUSIVE
    assert "weight 0" in checks["origin=LGA"].message
    assert checks["(small slices)"].outcome is Outcome.INCONCLUSIVE
