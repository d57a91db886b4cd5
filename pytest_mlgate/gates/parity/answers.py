"""What one side returned for some rows, in one form: columns with a value for each row, in the order of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_FORMS = "return a data frame, an array, a list of objects or of numbers, with one entry a row"
ONLY = "answer"
"""The name of a single column that has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one side returned.

    Attributes
    ----------
    columns : Mapping of str to ndarray of shape (n_rows,)
        Numbers, truth values and moments as arrays of their type; all else as objects, None where missing.
    named : bool
        Whether the names are the side's own; else columns are known by their position.
    rows : int
        How many rows were answered.
    """

    columns: Mapping[str, NDArray[Any]]
    named: bool
    rows: int


class SideError(Exception):
    """A side gave no answer, or one that is none.

    Parameters
    ----------
    kind : {"raised", "timeout", "refused", "status", "content", "rows"}
    message : str
        What happened, without any value of the rows.
    quoted : str
        What the side said, which may hold values of the rows: never shown where a column is sensitive.
    fix : str
    """

    def __init__(self, kind: str, message: str, *, quoted: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.kind, self.message, self.quoted, self.fix = kind, message, quoted, fix


def to_answer(value: Any, *, rows: int, side: str) -> Answer:
    """Return what a side gave as an :class:`Answer`; nothing in it is shared with the side.

    Parameters
    ----------
    value : DataFrame, Series, array of shape (rows,) or (rows, k), sparse matrix, Mapping of columns, list, ...
        A list holds one object, number, text or list for each row. A key that only some objects have is missing in
        the others.
    rows : int
        How many rows were asked about.
    side : str
        ``train`` or ``serve``, for messages.

    Raises
    ------
    SideError
        Of kind ``rows`` where rows are lost, added or in another order, ``content`` where it is no table at all.
    """
    answer = _convert(value, side)
    if answer.rows != rows:
        raise SideError("rows", f"{side} returned {answer.rows} rows for {rows}", fix="return one answer for each row")
    if not answer.columns:
        raise SideError("content", f"{side} returned no column", fix=_FORMS)
    return answer


def join(answers: Sequence[Answer]) -> Answer:
    """Return the answers of several calls one below the other; a column that one call lacks is missing there."""
    import numpy as np

    if len(answers) == 1:
        return answers[0]
    names = list(dict.fromkeys(name for answer in answers for name in answer.columns))
    columns = {}
    for name in names:
        parts = [answer.columns.get(name) for answer in answers]
        filled = [
            np.full(answer.rows, None, dtype=object) if part is None else part
            for part, answer in zip(parts, answers, strict=True)
        ]
        kinds = {part.dtype.kind for part in filled}
        same = len(kinds) == 1 or kinds <= set("iuf")
        columns[name] = np.concatenate(filled if same else [_as_objects(part) for part in filled])
    rows = sum(answer.rows for answer in answers)
    return Answer(columns=columns, named=answers[0].named, rows=rows)


def take(answer: Answer, positions: NDArray[np.intp]) -> Answer:
    """Return the answer of some rows, in the order of the positions."""
    columns = {name: values[positions] for name, values in answer.columns.items()}
    return Answer(columns=columns, named=answer.named, rows=len(positions))


def without(answer: Answer, names: Sequence[str]) -> Answer:
    """Return the answer without some of its columns; those it has not are left alone."""
    columns = {name: values for name, values in answer.columns.items() if name not in names}
    return Answer(columns=columns, named=answer.named, rows=answer.rows)


def _convert(value: Any, side: str) -> Answer:
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return _from_frame(value, side)
    if isinstance(value, pd.Series):
        name = ONLY if value.name is None else str(value.name)
        return _from_frame(value.to_frame(name), side, named=value.name is not None)
    if callable(getattr(value, "to_pandas", None)):  # polars and Arrow
        return _convert(value.to_pandas(), side)
    if callable(getattr(value, "toarray", None)):  # sparse
        return _from_array(value.toarray(), side)
    if isinstance(value, Mapping):
        return _from_mapping(value, side)
    if isinstance(value, list | tuple):
        return _from_list(value, side)
    if hasattr(value, "__array__"):
        import numpy as np

        return _from_array(np.asarray(value), side)
    raise SideError("content", f"{side} returned {type(value).__qualname__}, which is no table", fix=_FORMS)


def _from_frame(frame: pd.DataFrame, side: str, *, named: bool = True) -> Answer:
    names = [str(name) for name in frame.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SideError("content", f"{side} returned two columns {twice!r}", fix="rename or drop one")
    _refuse_another_order(frame.index, side)
    columns = {name: column_of(frame.iloc[:, place]) for place, name in enumerate(names)}
    return Answer(columns=columns, named=named, rows=len(frame))


def _refuse_another_order(index: Any, side: str) -> None:
    """Rows are handed over with an index 0, 1, ...: one that comes back permuted tells that the rows were moved."""
    import numpy as np

    if index.nlevels > 1 or index.dtype.kind not in "iu" or index.is_monotonic_increasing:
        return
    if np.array_equal(np.sort(index.to_numpy()), np.arange(len(index))):
        raise SideError(
            "rows",
            f"{side} returned the rows in another order than they came (its index begins {list(index[:5])})",
            fix="return the rows in the order of the input: `.loc[rows.index]` at the end",
        )


def _from_array(array: NDArray[Any], side: str) -> Answer:
    if array.ndim == 1:
        return Answer(columns={ONLY: column_of(array)}, named=False, rows=len(array))
    if array.ndim != 2:
        raise SideError("content", f"{side} returned an array of shape {array.shape}", fix=_FORMS)
    columns = {_name(place, array.shape[1]): column_of(array[:, place]) for place in range(array.shape[1])}
    return Answer(columns=columns, named=False, rows=array.shape[0])


def _from_mapping(value: Mapping[Any, Any], side: str) -> Answer:
    if len(value) == 1:  # {"predictions": [...]}, {"rows": [{...}, ...]}
        (inner,) = value.values()
        if isinstance(inner, list) and inner and isinstance(inner[0], Mapping | list):
            return _from_list(inner, side)
    lengths = {str(key): len(inner) for key, inner in value.items() if hasattr(inner, "__len__")}
    scalar = next((str(key) for key, v in value.items() if str(key) not in lengths or isinstance(v, str | bytes)), None)
    if scalar is not None or len(set(lengths.values())) > 1 or not lengths:
        what = f"{scalar!r} holds one value" if scalar is not None else f"lists of {sorted(set(lengths.values()))}"
        raise SideError(
            "content",
            f"{side} returned an object that is no table of columns ({what})",
            fix=f"{_FORMS}; of a service, set `response` to a function that makes one of it",
        )
    columns = {str(key): column_of(inner) for key, inner in value.items()}
    return Answer(columns=columns, named=True, rows=next(iter(lengths.values())))


def _from_list(value: Sequence[Any], side: str) -> Answer:
    records = sum(isinstance(item, Mapping) for item in value)
    if records and records == len(value):
        names = dict.fromkeys(str(key) for item in value for key in item)
        texts = [{str(key): inner for key, inner in item.items()} for item in value]
        return Answer(
            columns={name: column_of([item.get(name) for item in texts]) for name in names}, named=True, rows=len(value)
        )
    widths = {len(item) if isinstance(item, list | tuple) else -1 for item in value}
    if records or len(widths) > 1:
        raise SideError("content", f"{side} returned a list whose entries are not alike", fix=_FORMS)
    (width,) = widths or {-1}
    if width < 0:
        return Answer(columns={ONLY: column_of(value)}, named=False, rows=len(value))
    columns = {_name(place, width): column_of([item[place] for item in value]) for place in range(width)}
    return Answer(columns=columns, named=False, rows=len(value))


def _name(place: int, width: int) -> str:
    return ONLY if width == 1 else f"column {place}"


def column_of(values: Any) -> NDArray[Any]:
    """Return one column in its plainest form: an array of its type, or objects with None where missing."""
    import numpy as np
    import pandas as pd

    series = values if isinstance(values, pd.Series) else pd.Series(_one_dimension(values))
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype if not series.isna().any() else object)
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "biufcmM":
        return np.array(series.to_numpy(), copy=True)
    objects = _objects(series.tolist())
    absent = np.fromiter((_is_missing(value) for value in objects), dtype=bool, count=len(objects))
    objects[absent] = None
    kinds = {type(value) for value in objects[~absent]}
    if kinds and kinds <= {int, float}:  # a list of numbers and None, as JSON gives it
        return np.array([np.nan if value is None else value for value in objects], dtype=float)
    return objects


def _one_dimension(values: Any) -> Any:
    """Keep lists in the cells as they are: pandas would take them apart, or not, by what is in them."""
    import numpy as np

    if isinstance(values, np.ndarray) and values.ndim == 1:
        return values
    cells = list(values)
    if not any(isinstance(cell, list | tuple | np.ndarray | Mapping) for cell in cells):
        return cells
    return _objects(cells)


def _objects(cells: list[Any]) -> NDArray[Any]:
    import numpy as np

    objects = np.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):  # at once, numpy would make a second dimension of lists of one length
        objects[place] = cell
    return objects


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def _as_objects(values: NDArray[Any]) -> NDArray[Any]:
    import pandas as pd

    return _objects(pd.Series(values).tolist())
