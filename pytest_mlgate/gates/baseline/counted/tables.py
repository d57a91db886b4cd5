"""The tables of a comparison that are too long to be held: joined by their ids a part at a time.

Every table is read once a part, and of each batch the rows are kept whose id falls into the part by a hash. A part
holds all rows of its ids, so that what a join finds wrong with it (an id there twice, a row without a prediction, a
label that differs) is wrong with the whole, and nothing that is wrong with the whole is missed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.baseline import Settings
    from pytest_mlgate.tables.engines import Engine

MODELS = ("candidate", "baseline")
_MIX = 0x9E3779B97F4A7C15
_BATCH = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Source:
    """One table, wherever its rows are.

    Attributes
    ----------
    name : str
        ``candidate``, ``baseline`` or ``holdout``.
    said : str
        What messages call it.
    rows_are : Engine or DataFrame
    columns : tuple of str
        Those that are read.
    as_floats : tuple of str
        Whole numbers with gaps, which a frame holds as floats: in every part, or levels would have two names.
    """

    name: str
    said: str
    rows_are: Engine | pd.DataFrame
    columns: tuple[str, ...]
    as_floats: tuple[str, ...] = ()

    @property
    def engine(self) -> Engine | None:
        """What is asked for the rows; None where they are in memory."""
        found: Any = self.rows_are
        return None if hasattr(found, "iloc") else found

    @property
    def frame(self) -> pd.DataFrame:
        """The rows in memory, where no engine is asked for them."""
        return cast("pd.DataFrame", self.rows_are)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.frame) if self.engine is None else self.engine.rows

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(self.frame.columns) if self.engine is None else tuple(self.engine.types)

    def chunks(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Yield some columns of all rows, a batch at a time."""
        if self.engine is None:
            for start in range(0, len(self.frame), _BATCH):
                yield self.frame[list(columns)].iloc[start : start + _BATCH].reset_index(drop=True)
            return
        import pyarrow as pa

        for batch in self.engine.batches(columns):
            yield self._framed(pa.Table.from_batches([batch]))

    def part(self, id: str, part: int, parts: int) -> tuple[pd.DataFrame, NDArray[np.int64]]:  # noqa: A002 # the key's name
        """Return the rows whose ids fall into one of ``parts``, and their numbers in the whole table."""
        import numpy as np
        import pandas as pd

        what = f"{self.said}: column {id!r}"
        if self.engine is None:
            numbers = np.flatnonzero(_hashes(self.frame[id], what) % np.uint64(parts) == part)
            return self.frame[list(self.columns)].iloc[numbers].reset_index(drop=True), numbers
        import pyarrow as pa

        place, start, kept = self.columns.index(id), 0, []
        found = [np.empty(0, dtype=np.int64)]
        for batch in self.engine.batches(self.columns):
            own = np.flatnonzero(_hashes(batch.column(place).to_pandas(), what) % np.uint64(parts) == part)
            if own.size:
                kept.append(batch.take(pa.array(own)))
                found.append(own + start)
            start += len(batch)
        if not kept:
            return pd.DataFrame({name: [] for name in self.columns}), found[0]
        return self._framed(pa.Table.from_batches(kept)), np.concatenate(found)

    def _framed(self, table: Any) -> pd.DataFrame:
        import pyarrow as pa

        from pytest_mlgate.tables.reading import pandas_of

        for name in self.as_floats:
            if name in table.column_names:
                place = table.column_names.index(name)
                table = table.set_column(place, name, table.column(place).cast(pa.float64()))
        return pandas_of(self.said, table)


def _hashes(ids: pd.Series[Any], what: str) -> NDArray[np.uint64]:
    """Return a number of each id, the same wherever the id stands; InputError where one is missing."""
    import numpy as np
    import pandas as pd

    from pytest_mlgate.artifacts.predictions import id_keys

    if not len(ids):
        return np.empty(0, dtype=np.uint64)
    keys, kind = id_keys(ids, what)
    if kind == "text":
        return pd.util.hash_array(keys.to_numpy(dtype=object))
    if kind != "whole numbers":
        raise InputError(
            f"{what} holds {kind}, and tables that are counted are joined on whole numbers or text",
            fix="write the ids as text, or raise `rows_in_memory`",
        )
    mixed = keys.to_numpy().astype(np.uint64) * np.uint64(_MIX)
    return np.asarray(mixed >> np.uint64(32))


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What is compared: both tables of predictions and the rows that count.

    Attributes
    ----------
    models : Mapping of str to Model
    sources : Mapping of str to Source
        ``candidate``, ``baseline`` where it is no dummy, ``holdout`` where there is one.
    parts : int
        In how many parts the rows are joined.
    """

    rule: Settings
    inputs: Inputs
    models: Mapping[str, Model]
    sources: Mapping[str, Source]
    parts: int

    @property
    def labelled(self) -> Source:
        """The table of the rows that count, with the target and what they are sliced by."""
        return self.sources.get("holdout", self.sources["candidate"])

    def each(self) -> Iterator[tuple[Inputs, NDArray[np.int64]]]:
        """Yield the inputs of the gate, a part at a time, and the numbers of its rows in :attr:`labelled`.

        Raises
        ------
        InputError
            What the gate would say of the whole; the message says in which part.
        """
        for part in range(self.parts):
            try:
                found = self._part(part)
            except InputError as error:
                raise self.within(error, part) from error
            if found is not None:
                yield found

    def within(self, error: InputError, part: int) -> InputError:
        """Return an error of a part as one of the whole."""
        where = f" (of part {part + 1} of {self.parts} by id)" if self.parts > 1 else ""
        return InputError(f"{error.message}{where}", fix=error.fix, details=error.details)

    def _part(self, part: int) -> tuple[Inputs, NDArray[np.int64]] | None:
        from pytest_mlgate.artifacts.model import Model
        from pytest_mlgate.artifacts.predictions import PredictionTable
        from pytest_mlgate.gates.baseline.joined import with_rows

        facts, read = self.inputs.facts, {}
        assert facts.id is not None
        for name, source in self.sources.items():
            read[name] = source.part(facts.id, part, self.parts)
        labelled = len(read[self.labelled.name][0])
        if not labelled and ("holdout" in read or not any(len(frame) for frame, _ in read.values())):
            return None
        for name, (frame, _) in read.items():
            if not len(frame):
                rows = labelled or max(len(frame) for frame, _ in read.values())
                raise InputError(
                    f"{self.sources[name].said} has no row for {rows} of {rows} rows of the others",
                    fix="predict every row: a model is not judged on the rows that it chose to answer",
                )
        values: dict[str, Any] = {}
        for name in MODELS:
            if name not in read:
                values[name] = self.models[name]  # a dummy
                continue
            said = self.sources[name].said
            table = PredictionTable(read[name][0], id=facts.id, source=said, sensitive=facts.id in facts.sensitive)
            values[name] = Model(table, table.describe(), source=said, table=table)
        if "holdout" in read:
            values["holdout"] = read["holdout"][0]
        inputs = with_rows(self.rule, replace(self.inputs, values=values))
        return inputs, read[self.labelled.name][1]


def open_tables(rule: Settings, inputs: Inputs) -> Tables | None:
    """Return the tables where one of them has more than ``rows_in_memory`` rows and all can be joined by parts.

    Parameters
    ----------
    rule : Settings
    inputs : Inputs
        With models as handles.

    Raises
    ------
    InputError
        A table cannot be opened, or both are the same.
    """
    from pytest_mlgate.gates.baseline.joined import refuse_same_file

    models = {name: inputs.model(name) for name in MODELS}
    tables = {name: model.table for name, model in models.items() if model.table is not None}
    elsewhere = [table.engine for table in tables.values() if table.engine is not None]
    holdout = _holdout_elsewhere(rule, inputs)
    most = max((engine.rows for engine in [*elsewhere, *([] if holdout is None else [holdout])]), default=0)
    if most <= rule.rows_in_memory or not (len(tables) == 2 or ("candidate" in tables and models["baseline"].is_dummy)):
        return None
    refuse_same_file(models)
    found: dict[str, tuple[str, Any]] = {
        name: (table.source, table.frame if table.engine is None else table.engine) for name, table in tables.items()
    }
    if inputs.given("holdout"):
        found["holdout"] = ("holdout", inputs.table("holdout") if holdout is None else holdout)
    sources = {name: Source(name=name, said=said, rows_are=rows, columns=()) for name, (said, rows) in found.items()}
    most = max(source.rows for source in sources.values())
    parts = -(-most * 5 // (4 * rule.rows_in_memory))  # by a hash: some parts are a little larger than others
    return Tables(rule=rule, inputs=inputs, models=models, sources=sources, parts=parts)


def _holdout_elsewhere(rule: Settings, inputs: Inputs) -> Engine | None:
    """Return what is asked for the rows that count, where they stay where they are."""
    from pytest_mlgate.tables.engines.opening import engine_of
    from pytest_mlgate.tables.engines.parquet import open_files
    from pytest_mlgate.tables.parquet import open_parquet

    value = inputs.values.get("holdout")
    engine = None if value is None else engine_of(value)
    if engine is None and isinstance(value, str | os.PathLike):
        opened = open_parquet(value)
        if opened is not None and opened.rows > rule.rows_in_memory:
            return open_files(opened.path)
    return engine
