"""The handle of a model: what gates ask, wherever the model lives."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.answers import check_answer
from pytest_mlgate.artifacts.backends import Answer, Backend, Description
from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.artifacts.inspection import Inspection, Trust
from pytest_mlgate.artifacts.launch import Launch

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.predictions import PredictionTable

_KEPT_ANSWERS = 64


class Model:
    """A model that can be asked; answers are checked, and each question is put once a process.

    Made by the functions of :mod:`pytest_mlgate.artifacts.model`, and by
    :func:`~pytest_mlgate.artifacts.predictions.load_predictions`.

    Attributes
    ----------
    classes_ : ndarray or None
        Labels in the order of probability columns.
    feature_names_in_ : list of str or None
        Columns that it was fitted on, where it knows.
    methods : frozenset of str
        Those of ``predict``, ``predict_proba`` and ``decision_function`` that it has. A plain function has
        ``predict`` only.
    kind : str
        Its type, such as ``sklearn.pipeline.Pipeline``.
    digest : str
        SHA-256 of the file's bytes in hexadecimal; empty where there is no file.
    size : int or None
        Bytes of the file as it is shipped; None where there is no file.
    source : str
        The path or import path, for messages.
    path : Path or None
        The file, absolute; None where it is loaded from none.
    format : str
        Of that file, such as ``joblib``; empty where there is none.
    launch : Launch
        How its process was started; another one for it is started alike.
    seconds : float or None
        What loading took in its process; None where it lives here.
    is_dummy : bool
        Whether it stands in for a baseline that there is not yet.
    table : PredictionTable or None
        The rows it answers from, where it is a table of predictions.
    versions : dict of str to str
        What runs it here, and under ``"scikit-learn (trained)"`` what it was saved with where that differs.
    provenance : dict
        How it came to be this model, builtins only: the ``reference`` that named it, the ``golden`` record of its
        answers.
    inspection : Inspection or None
        What was found in its file before it was loaded.
    trust : Trust
        What was trusted for that; nothing where there is no file.
    """

    def __init__(
        self,
        backend: Backend,
        description: Description,
        *,
        source: str,
        digest: str = "",
        size: int | None = None,
        path: Path | None = None,
        format: str = "",  # noqa: A002 # the field's own word
        launch: Launch | None = None,
        is_dummy: bool = False,
        table: PredictionTable | None = None,
    ) -> None:
        self.source, self.digest, self.size, self.is_dummy = source, digest, size, is_dummy
        self.path, self.format, self.launch = path, format, launch or Launch()
        self.seconds: float | None = description.seconds
        self.table = table
        self.classes_: NDArray[Any] | None = description.classes
        names = description.feature_names
        self.feature_names_in_: list[str] | None = None if names is None else list(names)
        self.methods: frozenset[str] = frozenset(description.methods)
        self.kind: str = description.kind
        self.versions: dict[str, str] = dict(description.versions)
        self.provenance: dict[str, Any] = {}
        self.inspection: Inspection | None = None
        self.trust = Trust()
        self._notes: list[str] = list(description.notes)
        self._backend = backend
        self._kept: dict[tuple[str, str], NDArray[Any] | ModelError] = {}

    def __repr__(self) -> str:
        return f"Model({self.source!r}, kind={self.kind!r}, methods={sorted(self.methods)})"

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd about the model and changes no answer: other versions, rows that it writes into."""
        return tuple(dict.fromkeys(self._notes))

    @property
    def place(self) -> str:
        """Where it lives and is timed: this process, or one of its own."""
        return self._backend.place

    def predict(self, X: pd.DataFrame) -> NDArray[Any]:
        """Return one prediction a row, shape (n_rows,); ModelError where the model gives none."""
        return self._ask("predict", X)

    def predict_proba(self, X: pd.DataFrame) -> NDArray[Any]:
        """Return one probability a row and class, shape (n_rows, n_classes); ModelError where there is none."""
        return self._ask("predict_proba", X)

    def decision_function(self, X: pd.DataFrame) -> NDArray[Any]:
        """Return scores, shape (n_rows,) or (n_rows, n_classes); ModelError where there are none."""
        return self._ask("decision_function", X)

    def time(self, method: str, X: pd.DataFrame, *, repeats: int) -> list[float]:
        """Return the seconds that each of ``repeats`` calls took, measured where the model lives.

        Neither the way of the rows to its process nor kept answers count.

        Parameters
        ----------
        method : {"predict", "predict_proba", "decision_function"}
        X : DataFrame of shape (n_rows, n_features)
            At least one row.
        repeats : int
            Calls, at least 1.

        Raises
        ------
        ModelError
            Where it has no such method, raised, or took longer than its timeout for all calls together.
        """
        frame = self._askable(method, X)
        return self._backend.time(method, frame, self._backend.carry(frame), repeats)

    def ask_again(self, method: str, X: pd.DataFrame) -> NDArray[Any]:
        """Put a question whatever was answered before, and keep no answer; as :meth:`predict` and its like else."""
        frame = self._askable(method, X)
        return self._answer(method, frame, self._backend.carry(frame))

    def save(self, form: str, rows: pd.DataFrame | None = None) -> bytes:
        """Return the model, saved where it lives, as the bytes of a file.

        Parameters
        ----------
        form : str
            A name of :data:`~pytest_mlgate.artifacts.formats.FORMATS`.
        rows : DataFrame or None
            Rows as it is asked with; a conversion to ONNX needs them.

        Raises
        ------
        ModelError
            Where it cannot be saved so.
        """
        return self._backend.save(form, rows)

    def close(self) -> None:
        """End the model's process, where it has one; it cannot be asked afterwards."""
        self._kept.clear()
        self._backend.close()

    def _askable(self, method: str, X: pd.DataFrame) -> pd.DataFrame:
        from pytest_mlgate.tables import as_frame

        if method not in self.methods:
            raise ModelError(
                f"{self.source}: the model ({self.kind}) has no {method}",
                fix=f"it has {', '.join(sorted(self.methods))}; choose a metric that needs no other",
                details={"reason": "no method"},
            )
        frame = as_frame(X, name="rows")
        if not len(frame):
            raise ModelError(
                f"{self.source}: {method} was asked about no rows",
                fix="give a table with rows",
                details={"reason": "empty"},
            )
        return frame

    def _ask(self, method: str, X: pd.DataFrame) -> NDArray[Any]:
        frame = self._askable(method, X)
        content = self._backend.carry(frame)
        if content is None:
            return self._answer(method, frame, None)
        key = (method, hashlib.sha256(content).hexdigest())
        if key not in self._kept:
            while len(self._kept) >= _KEPT_ANSWERS:
                del self._kept[next(iter(self._kept))]
            try:
                self._kept[key] = self._answer(method, frame, content)
            except ModelError as error:  # a model that raised or hung is not asked the same again
                self._kept[key] = error
        kept = self._kept[key]
        if isinstance(kept, ModelError):
            raise kept.with_traceback(None)
        return kept.copy()

    def _answer(self, method: str, frame: pd.DataFrame, content: bytes | None) -> NDArray[Any]:
        answer: Answer = self._backend.ask(method, frame, content)
        self._notes += answer.notes
        return check_answer(answer.values, method=method, rows=len(frame), classes=self.classes_, source=self.source)
