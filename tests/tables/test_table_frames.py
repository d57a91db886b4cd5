"""One kind of frame, whatever a user hands in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables import as_frame, read_table

FRAME = pd.DataFrame({"a": [1, 2], "": ["x", "y"], "🛫 שלום": [0.5, 1.5]})


class LikePolars:
    """Has the one method of other libraries' frames that is used."""

    def to_pandas(self) -> pd.DataFrame:
        return FRAME


def test_a_frame_passes_through_uncopied() -> None:
    assert as_frame(FRAME, name="holdout") is FRAME


@pytest.mark.parametrize(
    "value",
    [pa.Table.from_pandas(FRAME), FRAME.to_dict(orient="list"), LikePolars(), FRAME.set_index(pd.Index([5, 5]))],
    ids=["arrow", "dict", "to_pandas", "odd index"],
)
def test_other_tables_become_the_same_frame(value: Any) -> None:
    pd.testing.assert_frame_equal(as_frame(value, name="holdout"), FRAME)


def test_paths_and_reads_are_unwrapped(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    FRAME.to_parquet(path)

    for value in (path, str(path), read_table(path)):
        pd.testing.assert_frame_equal(as_frame(value, name="holdout"), FRAME)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (pd.Series([1]), "table 'holdout' is a Series, not a table"),
        ([1, 2], "table 'holdout' is a list, not a table"),
        (None, "table 'holdout' is a NoneType, not a table"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "more than one column named 'a'"),
        (pd.DataFrame([[1, 2]], columns=["a", 7]), r"a column named 7 \(int\), which is not text"),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "columns with 2 levels"),
        ({"a": [1, 2], "b": [1]}, "a dict that is no table: .*same length"),
        (pa.table([[1], [2]], names=["a", "a"]), "more than one column named 'a'"),
    ],
)
def test_what_is_no_table_is_named(value: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        as_frame(value, name="holdout")

    assert caught.value.fix
