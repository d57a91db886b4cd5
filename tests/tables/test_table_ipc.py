"""Frames survive the way to another process, and their digest depends on content alone."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables import frame_digest, from_ipc, to_ipc

NAN = float("nan")
COLUMNS: dict[str, Any] = {
    "int8": np.array([1, -2, 3], dtype="int8"),
    "uint64": np.array([1, 2, 2**64 - 1], dtype="uint64"),
    "float32": np.array([0.1, np.nan, np.inf], dtype="float32"),
    "float64": [0.1, np.nan, -0.0],
    "bool": [True, False, True],
    "nullable int": pd.array([1, None, 3], dtype="Int64"),
    "nullable float": pd.array([1.5, None, 3], dtype="Float64"),
    "nullable bool": pd.array([True, None, False], dtype="boolean"),
    "string": pd.array(["a", None, "c"], dtype="string"),
    "arrow string": pd.array(["a", None, "c"], dtype="string[pyarrow]"),
    "inferred text": pd.Series(["a", "b", "c"]),
    "object text": pd.Series(["a", "b", "c"], dtype=object),
    "object text with NaN": pd.Series(["a", NAN, "c"], dtype=object),
    "object text with None": pd.Series(["a", None, "c"], dtype=object),
    "object text with several": pd.Series([pd.NA, NAN, None], dtype=object),
    "object bool": pd.Series([True, None, False], dtype=object),
    "object int": pd.Series([1, None, 3], dtype=object),
    "object float": pd.Series([1.5, NAN, 3.5], dtype=object),
    "object dates": pd.Series([datetime.date(2013, 1, 1)] * 3, dtype=object),
    "object decimals": pd.Series([Decimal("1.10"), None, Decimal("2.25")], dtype=object),
    "object lists": pd.Series([[1, 2], [], [3]], dtype=object),
    "all None": pd.Series([None, None, None], dtype=object),
    "category": pd.Categorical(["b", None, "b"], categories=["c", "b", "a"]),
    "ordered category": pd.Categorical(["lo", "hi", "lo"], categories=["lo", "mid", "hi"], ordered=True),
    "integer category": pd.Categorical([3, 1, 3], categories=[3, 2, 1]),
    "timestamp": pd.to_datetime(["2013-01-01", None, "2013-01-03 04:05:06.000000007"], format="ISO8601"),
    "timestamp with zone": pd.to_datetime(["2013-01-01", None, "2013-01-03"]).tz_localize("America/New_York"),
    "timedelta": pd.to_timedelta([1, 2, 3], unit="s"),
    "arrow int": pd.array([1, None, 3], dtype="int64[pyarrow]"),
}


def rows_equal(left: pd.Series, right: pd.Series) -> bool:
    pd.testing.assert_series_equal(left, right)
    kinds = [[type(value) for value in series] for series in (left, right)]
    return kinds[0] == kinds[1]


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back_with_its_dtype_and_its_missing_values(name: str) -> None:
    frame = pd.DataFrame({name: COLUMNS[name]})

    back = from_ipc(to_ipc(frame))

    assert rows_equal(frame[name], back[name])


def test_a_whole_frame_comes_back_in_order_and_writable() -> None:
    frame = pd.DataFrame(COLUMNS)

    back = from_ipc(to_ipc(frame))

    pd.testing.assert_frame_equal(frame, back)
    for name in ("int8", "float64", "bool", "object text"):
        back.loc[0, name] = frame[name].iloc[1]
    assert back["float64"].to_numpy()[0] != 0.1


def test_an_empty_frame_keeps_its_columns() -> None:
    frame = pd.DataFrame(COLUMNS).iloc[:0]

    assert from_ipc(to_ipc(frame)).dtypes.astype(str).tolist() == frame.dtypes.astype(str).tolist()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (pd.Series([1, "a"], dtype=object), "column 'bad' mixes types: int, str"),
        (pd.Series([True, 1.5, None], dtype=object), "column 'bad' mixes types: bool, float"),
        (pd.Series([{"a": 1}], dtype=object), "column 'bad' holds objects of type dict"),
        (pd.Series([1 + 2j]), "column 'bad' of type complex128 cannot be carried"),
        (pd.Series([2**70], dtype=object), "column 'bad' of type object cannot be carried"),
    ],
)
def test_what_no_stream_carries_is_refused_by_column_and_type(values: pd.Series, message: str) -> None:
    with pytest.raises(InputError, match=message):
        to_ipc(pd.DataFrame({"good": range(len(values)), "bad": values}))


def test_a_frame_without_columns_is_refused() -> None:
    with pytest.raises(InputError, match="no columns"):
        to_ipc(pd.DataFrame(index=range(3)))


@given(st.lists(st.tuples(st.floats(), st.none() | st.text()), min_size=1, max_size=20))
@settings(deadline=None, max_examples=50)
def test_any_floats_and_text_come_back(rows: list[tuple[float, str | None]]) -> None:
    frame = pd.DataFrame({"x": [x for x, _ in rows], "t": pd.Series([t for _, t in rows], dtype=object)})
    frame["t"] = frame["t"].map(lambda t: t if t is None else t.encode("utf-8", "ignore").decode()).astype(object)

    back = from_ipc(to_ipc(frame))

    assert back["x"].to_numpy().tobytes() == frame["x"].to_numpy().tobytes() or frame["x"].isna().any()
    pd.testing.assert_frame_equal(frame, back)


def test_a_digest_does_not_depend_on_block_layout_index_or_slicing() -> None:
    frame = pd.DataFrame(COLUMNS)
    split = pd.concat([frame[[name]] for name in frame.columns], axis=1)
    part = pd.concat([frame, frame]).iloc[3:].set_index(pd.Index([4, 4, 4]))

    assert frame_digest(frame) == frame_digest(split) == frame_digest(part) == frame_digest(from_ipc(to_ipc(frame)))


def test_what_lies_below_a_missing_value_does_not_count() -> None:
    mask = np.array([False, True])
    one, two = (pd.DataFrame({"a": pd.arrays.IntegerArray(np.array([1, x]), mask)}) for x in (5, 6))

    assert frame_digest(one) == frame_digest(two)


def test_text_is_text_whatever_holds_it() -> None:
    frames = [
        pd.DataFrame({"a": pd.Series(["x", None], dtype=dtype)}) for dtype in (object, "string", "string[pyarrow]")
    ]

    assert len({frame_digest(frame) for frame in frames}) == 1


def test_every_change_of_content_changes_the_digest() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", None]})
    changed = [
        frame.rename(columns={"a": "c"}),
        frame[["b", "a"]],
        frame.iloc[[1, 0, 2]],
        frame.iloc[:2],
        frame.assign(a=[1, 2, 4]),
        frame.assign(a=frame["a"].astype(float)),
        frame.assign(b=["x", "y", ""]),
        frame.assign(b=["x", None, "y"]),
        frame.assign(b=frame["b"].astype("category")),
    ]

    digests = {frame_digest(frame), *(frame_digest(other) for other in changed)}

    assert len(digests) == 1 + len(changed)


def test_a_digest_is_the_same_in_every_process_and_version() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan], "c": ["x", None]})

    assert frame_digest(frame) == "f4b22b259ff60f8deaac172026b6a1882635a961f8fce67db6833551ef2d3b8b"
