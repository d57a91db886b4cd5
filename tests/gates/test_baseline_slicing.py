"""Slices by more than one column: crossed, in bins, by a function."""

from __future__ import annotations

import sys

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from pytest_mlgate.checks import InputError, Outcome, Severity
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.baseline import GATE, Settings, check_baseline
from pytest_mlgate.gates.baseline.slices import partitions
from pytest_mlgate.gates.baseline.slicing import Column, Cross, Function, parse_slice


def table(n: int = 1200) -> pd.DataFrame:
    row = np.arange(n)
    return pd.DataFrame(
        {
            "origin": np.array(["EWR", "JFK", "LGA"])[row % 3],
            "carrier": np.array(["AA", "UA"])[row // 3 % 2],
            "distance": (row * 7919 % n).astype(float),
        }
    )


def levels(frame, *by, roots=()):
    return [level for part in partitions(frame, by, roots) for level in part.levels]


def test_two_columns_are_crossed():
    frame = table()
    (part,) = partitions(frame, [["origin", "carrier"]])

    assert part.levels[:2] == ("origin=EWR, carrier=AA", "origin=EWR, carrier=UA")
    assert len(part.levels) == 6
    expected = "origin=" + frame["origin"] + ", carrier=" + frame["carrier"]
    assert np.array(part.levels)[part.codes].tolist() == expected.tolist()


def test_only_crossings_that_occur_are_slices():
    frame = pd.DataFrame({"a": ["x", "y"], "b": ["1", "2"]})

    assert levels(frame, ["a", "b"]) == ["a=x, b=1", "a=y, b=2"]


def test_a_number_is_binned_at_given_edges_and_each_edge_belongs_to_the_bin_above():
    frame = pd.DataFrame({"distance": [499.9, 500, 999, 1000, np.nan, np.inf, -np.inf]})
    (part,) = partitions(frame, [{"column": "distance", "bins": [500, 1000]}])

    assert [part.levels[code] for code in part.codes] == [
        "distance=(-inf, 500)",
        "distance=[500, 1000)",
        "distance=[500, 1000)",
        "distance=[1000, inf)",
        "distance=(missing)",
        "distance=[1000, inf)",
        "distance=(-inf, 500)",
    ]


def test_quantile_bins_hold_a_quarter_of_the_rows_each():
    (part,) = partitions(table(), [{"column": "distance", "bins": 4}])

    assert np.bincount(part.codes).tolist() == [299, 300, 300, 301]


def test_tied_values_give_fewer_quantile_bins():
    frame = pd.DataFrame({"delay": [0.0] * 90 + [5.0] * 10})

    assert levels(frame, {"column": "delay", "bins": 4}) == ["delay=(-inf, inf)"]
    assert levels(frame, {"column": "delay", "bins": 20}) == ["delay=(-inf, 5)", "delay=[5, inf)"]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=1, max_size=40),
    st.one_of(st.integers(2, 10), st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6, unique=True).map(sorted)),
)
def test_every_row_is_in_exactly_one_bin_whose_bounds_hold_it(values, bins):
    (part,) = partitions(pd.DataFrame({"x": np.array(values, dtype=float)}), [{"column": "x", "bins": bins}])

    assert len(part.codes) == len(values)
    assert set(part.codes.tolist()) == set(range(len(part.levels)))  # no empty slice
    for level in range(len(part.levels)):
        inside = np.array(values)[part.codes == level]
        outside = np.array(values)[part.codes != level]
        assert np.isnan(inside).all() or not ((outside > inside.min()) & (outside < inside.max())).any()


def test_a_function_of_the_table_gives_labels_and_cannot_change_the_table():
    frame = table()

    def haul(rows):
        long = rows["distance"] > 600
        rows["distance"] = 0
        return np.where(long, "long", "short")

    assert levels(frame, haul) == ["haul=long", "haul=short"]
    assert levels(frame, ["origin", {"function": haul}])[0] == "origin=EWR, haul=long"
    assert frame["distance"].max() > 0


def test_a_function_is_found_by_its_import_path(tmp_path):
    (tmp_path / "own_slices_q2.py").write_text("def side(rows):\n    return rows['origin'].str[0]\n")
    try:
        found = levels(table(), {"function": "own_slices_q2:side"}, roots=(str(tmp_path),))
        with pytest.raises(InputError, match="did you mean `side`"):
            levels(table(), {"function": "own_slices_q2:sides"}, roots=(str(tmp_path),))
    finally:
        sys.modules.pop("own_slices_q2", None)

    assert found == ["side=E", "side=J", "side=L"]


def short(rows):
    return ["x"]


def broken(rows):
    raise KeyError("hour")


@pytest.mark.parametrize(
    ("by", "said"),
    [
        (short, r"short returned shape \(1,\) for 1200 rows"),
        (broken, "broken raised KeyError: 'hour'"),
        ({"function": "no_such_module_q2:f"}, "does not import"),
        ({"column": "origin", "bins": 3}, "'origin' is of type .* and cannot be binned"),
        ({"column": "distanc", "bins": 3}, "holdout has no column 'distanc'"),
        ("distance", "column 'distance' has 1200 levels, more than 500"),
        (["origin", "distance"], "column 'distance' has 1200 levels"),
        (["tens", "row"], "'tens, row' has 1200 levels"),
    ],
)
def test_what_cannot_be_sliced_by_is_an_error(by, said):
    with pytest.raises(InputError, match=said):
        partitions(table().assign(tens=np.arange(1200) // 30, row=np.arange(1200) % 30), [by])


def test_the_number_of_slices_is_capped_in_all():
    frame = pd.DataFrame({name: [f"{i}" for i in range(400)] for name in "abc"})

    assert len(levels(frame, "a", "b")) == 800
    with pytest.raises(InputError, match=r"1200 in all, more than 1000 \(a: 400, b: 400, c: 400\)"):
        partitions(frame, ["a", "b", "c"])


def test_two_slices_of_one_name_are_an_error_and_one_item_twice_counts_once():
    frame = table().assign(short="x")

    assert levels(frame, "origin", "origin") == ["origin=EWR", "origin=JFK", "origin=LGA"]
    with pytest.raises(InputError, match="two slices are called 'short=x'"):
        partitions(frame, ["short", named_short])


def named_short(rows):
    return ["x"] * len(rows)


named_short.__name__ = "short"


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"colum": "a"}, "unknown key 'colum'; did you mean 'column'?"),
        ({"bins": 3}, "should be a column's name"),
        ({"column": "a", "bins": True}, "bins = True"),
        ({"column": "a", "bins": "3"}, "bins = '3'"),
        ({"column": "a", "bins": 1}, "from 2 to 100"),
        ({"column": "a", "bins": [2, 1]}, "in rising order"),
        ({"column": "a", "bins": [1, 1]}, "in rising order"),
        ({"column": "a", "bins": []}, "in rising order"),
        ({"column": "a", "bins": [float("nan")]}, "inner edges"),
        ({"column": "a", "function": "m:f"}, "should be a column's name"),
        ({"function": "no colon"}, "should be an import path"),
        (["a"], "crosses two columns or more"),
        (["a", "a"], "crosses different columns"),
        (["a", ["b", "c"]], "not nested"),
        (3, "should be a column's name"),
        ("", "should be a column's name"),
    ],
)
def test_a_wrong_item_of_slices_is_refused_with_its_reason(item, said):
    with pytest.raises(ValidationError) as caught:
        Settings(slices=[item])

    assert said in str(caught.value)


def test_every_form_is_read():
    assert parse_slice("a") == Column(column="a")
    assert parse_slice(["a", {"column": "b", "bins": [1, 2]}]) == Cross(
        parts=(Column(column="a"), Column(column="b", bins=(1.0, 2.0)))
    )
    assert parse_slice({"function": "m:f"}) == Function(function="m:f")
    assert Settings(slices=["a", ["a", "b"]]).slices == (parse_slice("a"), parse_slice(["a", "b"]))


class Recorded:
    """A model that answers what a column of the table says."""

    def __init__(self, column):
        self.column = column

    def fit(self, rows, y=None):
        return self

    def predict(self, rows):
        return rows[self.column].to_numpy()


def test_a_fall_in_one_crossing_is_found_there_and_its_small_crossings_are_pooled():
    frame = table(6000)
    frame = frame[~((frame["origin"] == "EWR") & (frame["carrier"] == "UA")) | (frame.index < 300)]
    frame = frame.reset_index(drop=True)
    y = np.arange(len(frame)) // 6 % 2
    worse = (frame["origin"] == "LGA") & (frame["carrier"] == "UA") & (frame["distance"] % 5 == 0)
    rows = frame.assign(y=y, good=y, bad=np.where(worse, 1 - y, y))
    facts = Facts(target="y", features=("good", "bad"))
    values = {"candidate": Recorded("bad"), "baseline": Recorded("good"), "holdout": rows}
    rule = Settings(metric="accuracy", margin=0.05, slices=[["origin", "carrier"]])
    checks = {check.subject: check for check in run_gate(GATE, rule, Inputs(facts=facts, values=values)).checks}

    assert checks["origin=LGA, carrier=UA"].outcome is Outcome.FAIL
    assert checks["origin=LGA, carrier=AA"].outcome is Outcome.PASS
    small = checks["origin=EWR, carrier=UA"]
    assert (small.outcome, small.severity, small.code) == (Outcome.INCONCLUSIVE, Severity.WARN, "MLG103")
    assert checks["(small slices)"].n == small.n == 50


def test_holm_counts_the_slices_of_all_items():
    frame = table(1200)
    y = np.arange(1200) // 6 % 2
    candidate = np.where(np.arange(1200) % 97 == 0, 1 - y, y)
    result = check_baseline(
        y, candidate, y, metric="accuracy", margin=0, slices=frame, slice_by=["origin", ["origin", "carrier"]]
    )
    family = [check for check in result.checks if check.code == "MLG102"]

    assert len(family) == 9
    assert min(check.p_adjusted for check in family) == pytest.approx(9 * min(check.p for check in family))
