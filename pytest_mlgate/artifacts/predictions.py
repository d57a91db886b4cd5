"""A table of predictions as a model: it answers by looking rows up by their id."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.backends import Answer, Description
from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.artifacts.model import Model
from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.tables.engines import Engine

PREDICTION, SCORE, PROBABILITY = "prediction", "score", "probability"
COLUMNS = f"`{PREDICTION}`, `{SCORE}`, `{PROBABILITY}`, or `{PROBABILITY}_<label>` one a class"
KIND = "table of predictions"
_EXACT = 2**53  # below it every whole number has a floating-point number of its own
_PREFIX = f"{PROBABILITY}_"
_SHOWN = 5


class PredictionTable:
    """Answers by id, as a backend of :class:`~pytest_mlgate.artifacts.handle.Model`.

    Parameters
    ----------
    rows : DataFrame or Engine
        The table; of one whose rows stay where they are nothing is read before ``frame`` or an answer is asked for.
    collect : callable, optional
        How such a table becomes a frame; default: within the bound of :func:`~pytest_mlgate.tables.engines.frame_of`.

    Attributes
    ----------
    engine : Engine or None
        What is asked for the rows, where they stay where they are.
    id : str
        The column that names a row, each value once and none missing.
    source : str
        The path, or the model's role, for messages.
    sensitive : bool
        Whether no id may be shown.
    answers : Mapping of str to tuple of str
        The columns that each method is answered from.
    """

    place = "this process"

    def __init__(
        self,
        rows: pd.DataFrame | Engine,
        *,
        id: str,  # noqa: A002 # the key's name
        source: str,
        sensitive: bool = False,
        collect: Callable[[], pd.DataFrame] | None = None,
    ) -> None:
        self._rows, self._collect = rows, collect
        self.id, self.source, self.sensitive = id, source, sensitive
        engine: Any = None if hasattr(rows, "iloc") else rows
        self.engine: Engine | None = engine
        self._check_column(id, "id")
        if self.engine is None:
            self._look_up  # noqa: B018 # ids that name no row are said at once
        elif not self.engine.rows:
            raise self._no_rows()
        self.answers = _answers([name for name in self.names if name != id], source)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in the table's order."""
        return tuple(map(str, self.frame.columns)) if self.engine is None else tuple(self.engine.types)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All columns of the table; InputError where it stays where it is, and is too large to be collected."""
        from pytest_mlgate.tables import as_frame
        from pytest_mlgate.tables.engines import frame_of

        if self.engine is None:
            return as_frame(self._rows, name=self.source)
        engine = self.engine
        found = frame_of(engine, name=self.source) if self._collect is None else self._collect()
        return as_frame(found, name=self.source)

    @cached_property
    def _look_up(self) -> tuple[pd.Index[Any], str]:
        """The ids in one type, and what kind of values they are; InputError where they name no row."""
        found, kind = id_keys(self.values(self.id, what="id"), f"{self.source}: column {self.id!r}")
        self._check_ids(found)
        return found, kind

    def describe(self) -> Description:
        """Return its methods, and its classes where columns name them."""
        probabilities = self.answers.get("predict_proba", ())
        named = probabilities != (PROBABILITY,)
        return Description(
            kind=KIND,
            methods=tuple(self.answers),
            classes=_labels(probabilities, text=self._predicts_text()) if probabilities and named else None,
            feature_names=(self.id,),
            versions={},
        )

    def _predicts_text(self) -> bool:
        import pandas as pd

        if PREDICTION not in self.names:
            return False
        if self.engine is not None:
            return self.engine.types[PREDICTION].kind == "text"
        return bool(pd.api.types.infer_dtype(self.frame[PREDICTION], skipna=True) == "string")

    def carry(self, frame: pd.DataFrame) -> bytes | None:
        """Return None: looking rows up again costs less than to keep the answer by a digest of them."""
        return None

    def ask(self, method: str, frame: pd.DataFrame, content: bytes | None) -> Answer:
        """Look the rows up; ModelError where one is not there, or has no answer."""
        import numpy as np

        rows = self.rows_of(frame)
        columns = self.answers[method]
        if method == "predict":
            values = self._labels(columns[0], rows)
        else:
            values = np.column_stack([self._finite(column, rows) for column in columns])
            values = values[:, 0] if method == "decision_function" else values
        if columns == (PROBABILITY,):
            values = np.column_stack([1 - values, values])
        unasked = len(self.frame) - len(rows)
        notes = [f"{self.source}: {_count(unasked)} of {len(self.frame)} predictions are of rows that were not asked"]
        return Answer(values=values, notes=tuple(notes if unasked else ()))

    def time(self, method: str, frame: pd.DataFrame, content: bytes | None, repeats: int) -> list[float]:
        """Refuse: how long a look-up takes says nothing of the model that made the predictions."""
        raise ModelError(
            f"{self.source} is a table of predictions, and cannot be timed",
            fix="give the model itself, or leave `max_latency` out",
            details={"reason": "no model"},
        )

    def save(self, form: str, rows: pd.DataFrame | None) -> bytes:
        """Raise ModelError: there is no model behind a table."""
        raise ModelError(
            f"{self.source} is a table of predictions, and no model that could be saved",
            fix="name a model's file as `candidate`",
            details={"reason": "no model"},
        )

    def close(self) -> None:
        """Nothing to give up."""

    def rows_of(self, frame: pd.DataFrame, name: str = "holdout") -> NDArray[np.intp]:
        """Return the number of the row here for each row of a table.

        Parameters
        ----------
        frame : DataFrame
            Has the id column.
        name : str
            The table's role, for messages.

        Raises
        ------
        InputError
            Where it lacks the id column, ids are missing, of another type or there twice, or have no row here.
        """
        import pandas as pd

        if self.id not in frame.columns:
            raise InputError(
                f"{name} has no column {self.id!r}, which the predictions in {self.source} are joined on",
                fix="name the column of row ids, which both tables have: `id` in [data]",
            )
        keys, kind = id_keys(frame[self.id], f"{name} column {self.id!r}")
        known, own_kind = self._look_up
        if kind != own_kind:
            raise InputError(
                f"column {self.id!r} holds {kind} in {name} and {own_kind} in {self.source}: no row would match",
                fix="write the ids with the same type in both (1 is not '1')",
            )
        rows: NDArray[np.intp] = known.get_indexer(keys)
        absent = rows < 0
        if absent.any():
            count = int(absent.sum())
            raise ModelError(
                f"{self.source} has no row for {_count(count)} of {len(keys)} rows of {name} "
                f"({100 * count / len(keys):.3g} %){self._first(keys[absent])}",
                fix="predict every row: a model is not judged on the rows that it chose to answer",
                details={"reason": "rows", "missing": count},
            )
        twice = pd.Series(rows).duplicated().to_numpy()  # numbers: much quicker than ids
        if twice.any():
            raise InputError(
                f"{name} column {self.id!r} names {_count(int(twice.sum()))} of {len(keys)} rows a second time"
                f"{self._first(keys[twice])}",
                fix="give each row an id of its own",
            )
        return rows

    def values(self, column: str, *, what: str) -> pd.Series[Any]:
        """Return a column; InputError with the nearest spelling where there is none."""
        self._check_column(column, what)
        return self.frame[column]

    def numbers(self, column: str, rows: NDArray[np.intp], *, what: str) -> NDArray[np.float64]:
        """Return finite numbers of some rows; an error with count and first ids of those that are none."""
        self.values(column, what=what)
        return self._finite(column, rows)

    def shown(self, rows: Iterable[int]) -> list[Any]:
        """Return the first ids of some rows as builtins; none where ids are sensitive."""
        first = list(rows)[:_SHOWN]
        return [] if self.sensitive else [_plain(value) for value in self.frame[self.id].iloc[first]]

    def _labels(self, column: str, rows: NDArray[np.intp]) -> NDArray[Any]:
        import numpy as np

        from pytest_mlgate.artifacts.answers import refusal_error
        from pytest_mlgate.artifacts.asking import Refusal, to_array

        found = self.frame[column].iloc[rows]
        absent = np.asarray(found.isna(), dtype=bool)
        if absent.any():
            raise self._no_value(column, rows[absent], len(rows), "missing")
        try:
            return to_array(found)
        except Refusal as refusal:
            doing = f"column {column!r}"
            raise refusal_error(refusal.record, source=self.source, doing=doing, roots=(), stderr="") from None

    def _finite(self, column: str, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        import numpy as np
        import pandas as pd

        found = self.frame[column].iloc[rows]
        if not pd.api.types.is_numeric_dtype(found):
            raise ModelError(
                f"{self.source}: column {column!r} is of type {found.dtype}, and has to hold numbers",
                fix="write numbers, or give the column another name",
                details={"reason": "text"},
            )
        values = found.to_numpy(dtype=float, na_value=np.nan)
        bad = ~np.isfinite(values)
        if bad.any():
            raise self._no_value(column, rows[bad], len(rows), "missing, NaN or infinite")
        return values

    def _no_value(self, column: str, bad: NDArray[np.intp], rows: int, what: str) -> ModelError:
        shown = self.shown(bad.tolist())
        return ModelError(
            f"{self.source}: column {column!r} is {what} on {_count(len(bad))} of {rows} rows{_ids(shown)}",
            fix="find out why these rows have no value; nothing was compared",
            details={"reason": "missing", "missing": len(bad)},
        )

    def _check_column(self, column: str, what: str) -> None:
        from pytest_mlgate.tables.files import nearest

        if column not in self.names:
            raise InputError(
                f"{self.source} has no column {column!r} ({what}){nearest(column, list(self.names))}",
                fix=f"its columns are {', '.join(self.names[:20])}",
            )

    def _no_rows(self) -> InputError:
        return InputError(f"{self.source} has no rows", fix="write one row a prediction")

    def _check_ids(self, keys: pd.Index[Any]) -> None:
        if not len(keys):
            raise self._no_rows()
        twice = keys.duplicated()
        if twice.any():
            raise InputError(
                f"{self.source}: column {self.id!r} names {_count(int(twice.sum()))} of {len(twice)} rows a second "
                f"time{self._first(keys[twice])}",
                fix="give each row one prediction; which of several counts cannot be guessed",
            )

    def _first(self, keys: pd.Index[Any]) -> str:
        return "" if self.sensitive else _ids([_plain(key) for key in keys[:_SHOWN]])


def load_predictions(
    table: Any,
    *,
    id: str,  # noqa: A002 # the key's name
    source: str | None = None,
    sensitive: bool = False,
    rows_in_memory: int | None = None,
) -> Model:
    """Return a handle on a table of predictions, which answers by looking rows up by their id.

    The column `prediction` answers ``predict``; `score` ``decision_function``, larger for the positive class;
    `probability` ``predict_proba`` of a binary task, whose two labels are those of the target: it speaks of the
    positive one (``[model] positive``, else the larger). Columns `probability_<label>`, one a class, answer
    ``predict_proba`` and name the classes. Other columns are kept, and answer nothing.

    Parameters
    ----------
    table : path-like, DataFrame, or what :func:`~pytest_mlgate.tables.as_frame` takes
        One row a prediction. Of a table whose rows stay where they are nothing is read before it is asked for.
    id : str
        The column that names a row, in this table and in the one that it is asked about.
    source : str, optional
        What it is called in messages; default: the path.
    sensitive : bool
        Whether ids are kept out of messages.
    rows_in_memory : int or None
        Rows of a Parquet file up to which it is read at once; None: 10 000 000.

    Returns
    -------
    Model
        With ``table`` set, and with the digest of the bytes where there are files, or of what is counted where a
        setting names the rows; an object has none. Without any of the columns
        above it has no method, and its other columns can be compared all the same.

    Raises
    ------
    InputError
        Where the table cannot be read, has no rows, lacks the id column or has nothing beside it, or ids are missing
        or there twice.
    """
    from pytest_mlgate.tables import TableRead, as_frame, read_table

    elsewhere = _stays(table, id=id, source=source, sensitive=sensitive, rows_in_memory=rows_in_memory)
    if elsewhere is not None:
        return elsewhere
    read = read_table(table) if isinstance(table, str | os.PathLike) else table
    digest, name = (read.digest, str(read.path)) if isinstance(read, TableRead) else ("", "the table of predictions")
    source = source or name
    backend = PredictionTable(as_frame(read, name=source), id=id, source=source, sensitive=sensitive)
    return Model(backend, backend.describe(), source=source, digest=digest, table=backend)


def _stays(
    table: Any,
    *,
    id: str,  # noqa: A002 # the key's name
    source: str | None,
    sensitive: bool,
    rows_in_memory: int | None,
) -> Model | None:
    """Return a handle on a table whose rows stay where they are; None for any other."""
    from pytest_mlgate.tables import read_table
    from pytest_mlgate.tables.engines import ROWS_IN_MEMORY
    from pytest_mlgate.tables.engines.opening import engine_of, judged_digest
    from pytest_mlgate.tables.engines.parquet import open_files
    from pytest_mlgate.tables.parquet import open_parquet

    engine, collect = engine_of(table), None
    if engine is None and isinstance(table, str | os.PathLike):
        opened = open_parquet(table)
        if opened is None or opened.rows <= (ROWS_IN_MEMORY if rows_in_memory is None else rows_in_memory):
            return None
        path = opened.path
        engine, collect = open_files(path), lambda: read_table(path).frame
    if engine is None:
        return None
    name = source or engine.source or f"the {engine.name} table of predictions"
    backend = PredictionTable(engine, id=id, source=name, sensitive=sensitive, collect=collect)
    digest = judged_digest(engine) if engine.source and collect is None else ""
    if collect is not None:
        from pytest_mlgate.tables.files import file_digest

        digest = file_digest(engine.source, what="table")[0]
    model = Model(backend, backend.describe(), source=name, digest=digest, table=backend)
    model.provenance["engine"] = engine.name
    if collect is None and engine.source:
        model.provenance |= {"read_from": engine.source, "rows": engine.rows}
    return model


def _answers(names: list[str], source: str) -> Mapping[str, tuple[str, ...]]:
    """Return the columns that each method is answered from; ``names`` are all but the id's."""
    by_class = tuple(name for name in names if name.startswith(_PREFIX) and name != _PREFIX)
    if PROBABILITY in names and by_class:
        raise InputError(
            f"{source} has a column {PROBABILITY!r} and a column {by_class[0]!r}: which is meant cannot be guessed",
            fix=f"keep `{PROBABILITY}` (of the positive class), or one column a class",
        )
    if len(by_class) == 1:
        raise InputError(
            f"{source} has a column {by_class[0]!r} and none of another class",
            fix=f"write one column a class, or name it `{PROBABILITY}` (of the positive class)",
        )
    if not names:
        raise InputError(f"{source} has ids and no prediction", fix=f"add {COLUMNS}")
    found = {"predict": (PREDICTION,), "decision_function": (SCORE,), "predict_proba": by_class or (PROBABILITY,)}
    return {method: columns for method, columns in found.items() if set(columns) <= set(names)}


def _labels(columns: tuple[str, ...], *, text: bool) -> NDArray[Any]:
    """Return the labels that columns name: numbers or truth values where all read so, and ``text`` is not predicted."""
    import numpy as np

    names = [column.removeprefix(_PREFIX) for column in columns]
    if text:
        return np.array(names)
    if all(name in ("True", "False") for name in names):
        return np.array([name == "True" for name in names])
    try:
        numbers = [int(name) for name in names]
    except ValueError:
        return np.array(names)
    return np.array(numbers) if [str(number) for number in numbers] == names else np.array(names)


def id_keys(ids: pd.Series[Any], what: str) -> tuple[pd.Index[Any], str]:
    """Return ids in one type that they can be matched in, and what kind of values they are."""
    import pandas as pd

    absent = int(ids.isna().sum())
    if absent:
        raise InputError(f"{what} is missing on {_count(absent)} of {len(ids)} rows", fix="give every row an id")
    if isinstance(ids.dtype, pd.CategoricalDtype):
        ids = ids.astype(ids.cat.categories.dtype)
    kind = pd.api.types.infer_dtype(ids, skipna=False)
    if kind == "floating" and not (ids % 1).any() and bool((ids.abs() < _EXACT).all()):
        kind, ids = "integer", ids.astype("int64")
    if kind == "integer":
        if str(ids.dtype).lower() not in _WHOLE:  # objects may hold integers beyond 64 bits
            narrow = pd.Series(ids.tolist())
            ids = narrow if narrow.dtype.kind in "iu" else narrow.astype(object)
        return pd.Index(ids.to_numpy()), "whole numbers"
    if kind == "string":
        return pd.Index(ids.astype(object)), "text"
    if kind not in _KINDS:
        raise InputError(f"{what} holds values of type {kind}, which name no row", fix="write all ids as text")
    return pd.Index(ids), _KINDS[kind]


_WHOLE = frozenset(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
_KINDS = {"floating": "numbers with decimals", "boolean": "truth values", "datetime64": "moments", "date": "dates"}


def _ids(shown: list[Any]) -> str:
    return f" (first ids: {', '.join(map(repr, shown))})" if shown else ""


def _plain(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    return plain if isinstance(plain, int | float | str) else str(plain)


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")
