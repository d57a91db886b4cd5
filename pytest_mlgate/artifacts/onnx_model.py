"""An ONNX file as a model that is asked with data frames. In the model's process only."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

COLUMNS, CLASSES = "mlgate.columns", "mlgate.classes"
"""Keys of metadata that a conversion of ours leaves: the columns of the one matrix, and the labels."""

_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}
_LABELS = ("tensor(int64)", "tensor(int32)", "tensor(string)", "tensor(bool)")


class OnnxRegressor:
    """Answers with the first output.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
    columns : list of str or None
        Of the one matrix that the file asks for, in order; None: one input a column, or a file that does not say.
    """

    def __init__(self, session: Any, columns: list[str] | None) -> None:
        self._session = session
        self._inputs = [(each.name, each.type) for each in session.get_inputs()]
        wide = session.get_inputs()[0].shape[-1:] != [1]
        self._matrix = len(self._inputs) == 1 and (wide or columns is not None)
        names = columns if self._matrix else [name for name, _ in self._inputs]
        if names is not None:
            self.feature_names_in_ = names

    def predict(self, X: pd.DataFrame) -> Any:
        """Return the first output."""
        return self._run(X)[0]

    def _run(self, X: pd.DataFrame) -> list[Any]:
        answers: list[Any] = self._session.run(None, self._feed(X))
        return answers

    def _feed(self, X: pd.DataFrame) -> dict[str, NDArray[Any]]:
        if self._matrix:
            name, kind = self._inputs[0]
            columns = getattr(self, "feature_names_in_", None)
            return {name: _values(X if columns is None else X[columns], kind)}
        return {name: _values(X[[name]], kind) for name, kind in self._inputs}


class OnnxLabels(OnnxRegressor):
    """Answers with labels.

    Parameters
    ----------
    session, columns
        As :class:`OnnxRegressor` takes them.
    classes : list or None
        Labels in the order of probabilities.
    label : int
        The output that holds labels.
    """

    def __init__(self, session: Any, columns: list[str] | None, *, classes: list[Any] | None, label: int) -> None:
        super().__init__(session, columns)
        self._label = label
        if classes is not None:
            import numpy as np

            self.classes_ = np.array(classes)

    def predict(self, X: pd.DataFrame) -> Any:
        """Return the label of each row."""
        return self._run(X)[self._label]


class OnnxClassifier(OnnxLabels):
    """Answers with labels and probabilities."""

    def predict_proba(self, X: pd.DataFrame) -> Any:
        """Return one probability a row and class."""
        import numpy as np

        found = next(answer for at, answer in enumerate(self._run(X)) if at != self._label)
        if isinstance(found, list):  # one mapping a row, from label to probability
            return np.array([[row[label] for label in self.classes_.tolist()] for row in found], dtype=np.float32)
        return found


def onnx_model(payload: bytes) -> OnnxRegressor:
    """Return the model in an ONNX file."""
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(payload, options, providers=["CPUExecutionProvider"])
    said = session.get_modelmeta().custom_metadata_map
    columns = json.loads(said[COLUMNS]) if COLUMNS in said else None
    outputs = [(each.type, each.shape) for each in session.get_outputs()]
    label = next((at for at, (kind, _) in enumerate(outputs) if kind in _LABELS), None)
    if label is None:
        return OnnxRegressor(session, columns)
    classes = json.loads(said[CLASSES]) if CLASSES in said else _classes(onnx.load_from_string(payload).graph)
    scored = any(
        kind.startswith("seq(map") or len(shape or ()) == 2 for kind, shape in outputs[:label] + outputs[label + 1 :]
    )
    kind = OnnxClassifier if scored else OnnxLabels
    return kind(session, columns, classes=classes, label=label)


def _classes(graph: Any) -> list[Any] | None:
    """Return the labels that the last node which knows any has: a mapping's or a classifier's, not those of a stack."""
    for node in reversed(graph.node):
        for attribute in node.attribute:
            if attribute.name.startswith("classlabels_"):
                texts = [text.decode() for text in attribute.strings]
                return texts or list(attribute.ints)
    return None


def _values(columns: pd.DataFrame, kind: str) -> NDArray[Any]:
    dtype = _TYPES.get(kind)
    if dtype is None:
        raise TypeError(f"the file asks for an input of type {kind}, which no column of a table has")
    if dtype == "object":
        return columns.astype(str).to_numpy(dtype=object)
    return columns.to_numpy(dtype=dtype)
