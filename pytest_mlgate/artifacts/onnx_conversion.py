"""From a scikit-learn model to ONNX, by skl2onnx. In the model's process only."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.asking import Refusal
from pytest_mlgate.artifacts.onnx_model import CLASSES, COLUMNS

if TYPE_CHECKING:
    import pandas as pd

_LONGEST = 300


def convert(model: Any, rows: pd.DataFrame) -> bytes:
    """Return a model as an ONNX file.

    Parameters
    ----------
    model : estimator
    rows : DataFrame
        As it is asked with. Where all columns are numbers, the file asks for one matrix of single precision; where some
        are text, or the model selects columns by name, for one input a column.

    Raises
    ------
    Refusal
        Where skl2onnx has no converter for a step, or fails.
    """
    columns = [str(name) for name in rows.columns]
    ways: list[tuple[list[Any], list[str] | None]] = [(_by_column(rows), None)]
    if all(rows[name].dtype.kind in "fiub" for name in columns):
        ways.insert(0, (_matrix(len(columns)), columns))
    failure: BaseException | None = None
    for types, names in ways:
        for plain in (True, False):
            try:
                return _written(_converted(model, types, plain=plain), model, names)
            except Exception as error:  # a converter may fail in any way
                failure = failure or error
    raise Refusal("conversion", by="skl2onnx", text=_short(failure)) from failure


def _matrix(width: int) -> list[Any]:
    from skl2onnx.common.data_types import FloatTensorType

    return [("X", FloatTensorType([None, width]))]


def _by_column(rows: pd.DataFrame) -> list[Any]:
    from skl2onnx.common.data_types import BooleanTensorType, FloatTensorType, Int64TensorType, StringTensorType

    types = {"f": FloatTensorType, "i": Int64TensorType, "u": Int64TensorType, "b": BooleanTensorType}
    return [(str(name), types.get(rows[name].dtype.kind, StringTensorType)([None, 1])) for name in rows.columns]


def _converted(model: Any, types: list[Any], *, plain: bool) -> Any:
    import skl2onnx

    # A matrix of probabilities, and not one mapping a row; models without probabilities know no such option.
    options = {id(model): {"zipmap": False}} if plain and hasattr(model, "predict_proba") else None
    with _whole_numbers():
        return skl2onnx.convert_sklearn(model, initial_types=types, options=options)


@contextlib.contextmanager
def _whole_numbers() -> Iterator[None]:
    """Make integers of truth values among those of a node: onnx refuses them, and skl2onnx 1.20 writes some."""
    import numpy as np
    from skl2onnx.common import _container

    make_node = _container.make_node

    def made(*arguments: Any, **attributes: Any) -> Any:
        whole = (bool, np.bool_, np.integer)
        for name, value in attributes.items():
            if isinstance(value, list):
                attributes[name] = [int(item) if isinstance(item, whole) else item for item in value]
        return make_node(*arguments, **attributes)

    _container.make_node = made
    try:
        yield
    finally:
        _container.make_node = make_node


def _written(converted: Any, model: Any, columns: list[str] | None) -> bytes:
    from pytest_mlgate.artifacts.asking import classes_of

    classes = classes_of(model)
    said = {COLUMNS: columns, CLASSES: None if classes is None else classes.tolist()}
    for key, value in said.items():
        if value is not None:
            entry = converted.metadata_props.add()
            entry.key, entry.value = key, json.dumps(value)
    content: bytes = converted.SerializeToString()
    return content


def _short(error: BaseException | None) -> str:
    """The first line of an error, and that of what it was raised from: converters print whole trees."""
    links = [link for link in (error, getattr(error, "__cause__", None)) if link is not None]
    parts = [f"{type(link).__name__}: {next(iter(str(link).strip().splitlines()), '')}"[:_LONGEST] for link in links]
    return "; from ".join(parts)
