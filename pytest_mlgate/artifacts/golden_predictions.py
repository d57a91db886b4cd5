"""Golden predictions: some rows and a model's answers to them, kept to tell whether it still answers the same."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.sealed import Kind
from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

KIND = Kind(
    format="mlgate golden predictions",
    version=1,
    what="file of golden predictions",
    again="restore it from git, or write it again with `mlgate golden predictions`",
    limit=256 * 1024**2,
)


@dataclass(frozen=True, kw_only=True)
class GoldenPredictions:
    """Rows of a table, and a model's answers to them, exactly.

    Attributes
    ----------
    artifact : Mapping
        The model's file: ``source``, ``digest`` (SHA-256; empty where there was no file) and ``kind``, its type.
    table : Mapping
        Where the rows are from: ``source``, ``digest`` and ``rows``, their number there.
    positions : tuple of int
        Which rows of the table these are, counted from 0.
    rows : DataFrame of shape (n_rows, n_features)
        As the model was asked about them: its features only.
    answers : Mapping of str to ndarray
        By method: ``predict``, ``predict_proba``, ``decision_function``; bit for bit what the model returned.
    classes : ndarray or None
        Labels in the order of probability columns.
    environment : Mapping
        What answered: ``python``, ``platform``, ``machine``, ``packages``.
    seed : int
        Of the choice of rows.
    time : str
        UTC, ISO 8601.
    """

    artifact: Mapping[str, str]
    table: Mapping[str, Any]
    positions: tuple[int, ...]
    rows: pd.DataFrame
    answers: Mapping[str, NDArray[Any]]
    classes: NDArray[Any] | None
    environment: Mapping[str, Any]
    seed: int
    time: str

    def to_json(self) -> dict[str, Any]:
        """Return them as plain builtins, sealed; rows as an Arrow stream in base64, which alone keeps every type.

        Raises
        ------
        InputError
            Where a column holds what Arrow does not carry.
        """
        from pytest_mlgate.tables import to_ipc

        return KIND.seal(
            {
                "artifact": dict(self.artifact),
                "table": dict(self.table),
                "positions": list(self.positions),
                "columns": {str(name): str(self.rows[name].dtype) for name in self.rows.columns},
                "rows": base64.b64encode(to_ipc(self.rows)).decode("ascii"),
                "answers": {method: _array_to_json(values) for method, values in self.answers.items()},
                "classes": None if self.classes is None else _array_to_json(self.classes),
                "environment": dict(self.environment),
                "seed": self.seed,
                "time": self.time,
            }
        )

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> GoldenPredictions:
        """Build them from what :meth:`to_json` returned.

        Raises
        ------
        ValueError
            Where it is another kind or version, was changed, or its parts do not fit together.
        """
        from pytest_mlgate.tables import from_ipc

        values = KIND.unseal(record)
        try:
            rows = from_ipc(base64.b64decode(values["rows"], validate=True))
            answers = {str(method): _array_from_json(said) for method, said in values["answers"].items()}
            classes = None if values["classes"] is None else _array_from_json(values["classes"])
            found = cls(
                artifact={str(key): str(value) for key, value in values["artifact"].items()},
                table=dict(values["table"]),
                positions=tuple(int(position) for position in values["positions"]),
                rows=rows,
                answers=answers,
                classes=classes,
                environment=dict(values["environment"]),
                seed=int(values["seed"]),
                time=str(values["time"]),
            )
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError) as error:
            raise ValueError(f"is damaged ({type(error).__name__}: {error})") from None
        if not answers or {len(values) for values in (found.positions, *answers.values())} != {len(rows)}:
            raise ValueError("is damaged: there is not one answer for each row")
        return found


def read_golden_predictions(path: str | os.PathLike[str]) -> GoldenPredictions:
    """Read golden predictions.

    Raises
    ------
    InputError
        Where the file is missing, is none, or was changed after it was written.
    """
    record = KIND.read(Path(path))
    try:
        return GoldenPredictions.from_json(record)
    except ValueError as error:
        raise InputError(f"{KIND.what} {os.fspath(path)!r} {error}", fix=KIND.again) from None


def write_golden_predictions(golden: GoldenPredictions, path: str | os.PathLike[str]) -> Path:
    """Write golden predictions, whole or not at all; older ones in the same file are replaced.

    Raises
    ------
    InputError
        Where another file has that name, a column cannot be kept, or it cannot be written.
    """
    target = Path(path)
    KIND.write(target, golden.to_json())
    return target


def _array_to_json(values: NDArray[Any]) -> dict[str, Any]:
    """Return an array as JSON holds it exactly: the shortest decimal of a float is read back as that float."""
    kind = "text" if values.dtype.kind in "OU" else values.dtype.name
    return {"type": kind, "shape": list(values.shape), "values": values.ravel().tolist()}


def _array_from_json(said: Mapping[str, Any]) -> NDArray[Any]:
    import numpy as np

    dtype: np.dtype[Any] = np.dtype(object if said["type"] == "text" else str(said["type"]))
    if dtype.kind not in "Obiuf" or dtype.itemsize > 8:
        raise TypeError(f"answers of type {said['type']!r}")
    values = said["values"]
    wanted: tuple[type, ...] = {"O": (str,), "b": (bool,), "f": (float, int)}.get(dtype.kind, (int,))
    if not all(isinstance(value, wanted) for value in values):
        raise TypeError(f"an answer that is no {said['type']}")
    return np.array(values, dtype=dtype).reshape([int(size) for size in said["shape"]])
