"""What a model answered on the labelled rows, in one form for files, callables and arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.measures import Measure

# What a table of predictions calls it.
_COLUMNS = {
    "labels": "`prediction`",
    "probabilities": "`probability` (or `probability_<label>`, one a class)",
    "scores": "`score` or `probability`",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """The classes of a task: ``names[code]`` is a label; the positive one of a binary task has code 1."""

    names: tuple[Any, ...]

    def encode(self, values: NDArray[Any], what: str) -> NDArray[np.intp]:
        """Return the code of each label; ``what`` names the column or answer in the error on an unknown one."""
        import numpy as np

        codes = {name: code for code, name in enumerate(self.names)}
        found, inverse = np.unique(values, return_inverse=True) if values.dtype != object else _unique(values)
        unknown = [value for value in found.tolist() if value not in codes]
        if unknown:
            raise InputError(
                f"{what} has {_some(unknown)}, which is not among the classes {_some(self.names)}",
                fix="make labels and classes the same values of the same type (1 is not '1' and not '1.')",
            )
        return np.array([codes[value] for value in found.tolist()], dtype=np.intp)[inverse]


class Answers:
    """One model's answers on all rows, each asked for once and only when it is needed.

    Parameters
    ----------
    name : str
        ``candidate`` or ``baseline``, for messages.
    rows : int
        Rows that were asked about.
    ask : Mapping of str to callable
        The methods the model has (``predict``, ``predict_proba``, ``decision_function``), each without arguments.
    labels : Labels or None
        The classes of the task; None for a regression.
    classes : tuple or None
        The labels in the order of the columns of ``predict_proba``; None: the order of ``labels``.
    flip : bool
        Whether a larger ``decision_function`` speaks for the other label than the positive one.
    stored : bool
        Whether the answers are columns of a table of predictions, and there is no model to ask.
    """

    def __init__(
        self,
        *,
        name: str,
        rows: int,
        ask: Mapping[str, Callable[[], Any]],
        labels: Labels | None,
        classes: tuple[Any, ...] | None = None,
        flip: bool = False,
        stored: bool = False,
    ) -> None:
        self.name, self.rows, self.labels, self.classes, self.flip = name, rows, labels, classes, flip
        self._ask, self._stored = ask, stored
        self._known: dict[str, NDArray[Any]] = {}

    @property
    def methods(self) -> tuple[str, ...]:
        """How the model can be asked."""
        return tuple(self._ask)

    def has(self, method: str) -> bool:
        """Whether the model can be asked this way."""
        return method in self._ask

    def predict(self) -> NDArray[Any]:
        """Predicted values, or codes of the predicted labels, shape (n_rows,)."""
        if "codes" not in self._known:
            raw = self._answer("predict", 1)
            what = f"the {self.name}'s prediction"
            if self.labels is None:
                self._known["codes"] = numbers(raw, what)
            else:
                self._known["codes"] = self.labels.encode(self._label_like(raw), what)
        return self._known["codes"]

    def predict_proba(self) -> NDArray[np.float64]:
        """Probabilities, shape (n_rows, n_classes), one column a code."""
        import numpy as np

        if "proba" not in self._known:
            assert self.labels is not None
            raw = numbers(self._answer("predict_proba", 2), f"the {self.name}'s predict_proba")
            own = self.classes or self.labels.names
            if raw.shape[1] != len(own):
                raise InputError(
                    f"the {self.name}'s predict_proba has {raw.shape[1]} columns for {len(own)} classes {_some(own)}",
                    fix="give one column a class",
                )
            ordered = np.zeros((self.rows, len(self.labels.names)))
            ordered[:, [self.labels.names.index(label) for label in own]] = raw
            self._known["proba"] = ordered
        return self._known["proba"]

    def decision_function(self) -> NDArray[np.float64]:
        """Decision values, shape (n_rows,) in a binary task, larger for the positive class."""
        if "decision" not in self._known:
            values = numbers(self._answer("decision_function", None), f"the {self.name}'s decision_function")
            self._known["decision"] = -values if self.flip else values
        return self._known["decision"]

    def scores(self) -> NDArray[np.float64]:
        """Scores of a binary task, larger for positive: the decision function, else the probability."""
        if self.has("decision_function"):
            return self.decision_function()
        if self.has("predict_proba"):
            return self.predict_proba()[:, 1]
        raise self._lacks("decision_function or predict_proba", "scores")

    def at_threshold(self, threshold: float) -> Answers:
        """Return the same model, whose labels are positive where the probability is ``threshold`` or more."""
        import numpy as np

        labels = self.labels
        assert labels is not None

        def predict() -> NDArray[Any]:
            negative, positive = np.array(labels.names, dtype=object)[[0, -1]]
            said: NDArray[Any] = np.where(self.predict_proba()[:, -1] >= threshold, positive, negative)
            return said

        ask = {**self._ask, "predict": predict}
        return Answers(
            name=self.name,
            rows=self.rows,
            ask=ask,
            labels=labels,
            classes=self.classes,
            flip=self.flip,
            stored=self._stored,
        )

    def _answer(self, method: str, dimensions: int | None) -> NDArray[Any]:
        import numpy as np

        if not self.has(method):
            raise self._lacks(method, "labels" if method == "predict" else "probabilities")
        answer = np.asarray(self._ask[method]())
        if len(answer) != self.rows or (dimensions is not None and answer.ndim != dimensions):
            raise InputError(
                f"the {self.name}'s {method} has shape {answer.shape} for {self.rows} rows",
                fix=f"give one answer a row{' and one column a class' if dimensions == 2 else ''}",
            )
        return answer

    def _label_like(self, raw: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        assert self.labels is not None
        if raw.dtype.kind == "f":
            numbers(raw, f"the {self.name}'s prediction")
            if (raw != np.round(raw)).any():
                example = raw[raw != np.round(raw)][0]
                raise InputError(
                    f"the {self.name} gives scores such as {example:g}, and the metric judges labels",
                    fix="give predicted labels, or choose a metric of scores (roc_auc, neg_log_loss, ...)",
                )
        return raw

    def _lacks(self, method: str, what: str) -> InputError:
        if self._stored:
            return InputError(
                f"the metric needs {what}, and the {self.name}'s table of predictions has none",
                fix=f"add the column {_COLUMNS[what]} to the table, or choose a metric that needs less",
            )
        there = ", ".join(self._ask) or "nothing"
        return InputError(
            f"the metric needs {what}, and the {self.name} has no {method} (it has {there})",
            fix=f"give a model with {method}, or choose a metric that needs less",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """Labelled rows with both models' answers: all that the gate judges.

    ``y`` holds codes (see :class:`Labels`), or numbers in a regression; ``clusters`` the number of each row's group;
    ``queries`` that of each row's query, in a ranking;
    ``labels_only`` says that the answers are labels, though they could be read as scores; ``measure`` is what the
    settings say of the metric.
    """

    task: str
    y: NDArray[Any]
    labels: Labels | None
    candidate: Answers
    baseline: Answers
    weights: NDArray[np.float64] | None = None
    clusters: NDArray[np.intp] | None = None
    queries: NDArray[np.intp] | None = None
    slices: pd.DataFrame | None = None
    seed: int = 0
    no_baseline: bool = False
    labels_only: bool = False
    measure: Measure | None = None


def numbers(values: NDArray[Any], what: str) -> NDArray[np.float64]:
    """Return finite floats, or raise an error that names count and first rows of what is not finite."""
    import numpy as np

    try:
        found = values.astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} is not numeric: {error}", fix="give numbers, or say which task it is") from None
    bad = ~np.isfinite(found)
    if bad.any():
        rows = np.flatnonzero(bad if bad.ndim == 1 else bad.any(axis=1))
        raise InputError(
            f"{what} is NaN or infinite on {len(rows)} of {len(found)} rows (first rows: {_some(rows.tolist())})",
            fix="find out why these rows have no finite value; nothing was compared",
        )
    return found


def plain_values(values: Any, what: str) -> NDArray[Any]:
    """Return one column as a numpy array of one type without missing values, labels as they are."""
    import numpy as np
    import pandas as pd

    series = pd.Series(values).reset_index(drop=True)
    missing = np.flatnonzero(series.isna())
    if len(missing):
        raise InputError(
            f"{what} is missing on {len(missing)} of {len(series)} rows (first rows: {_some(missing.tolist())})",
            fix="remove the rows without a label, or find their labels",
        )
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    return _native(series)


def _native(series: pd.Series[Any]) -> NDArray[Any]:
    import numpy as np
    import pandas as pd

    array = series.to_numpy()
    if array.dtype != object:
        return array
    kind = pd.api.types.infer_dtype(series, skipna=True)
    natives = {"integer": np.int64, "floating": np.float64, "boolean": np.bool_, "mixed-integer-float": np.float64}
    return array.astype(natives[kind]) if kind in natives else array


def _unique(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Distinct labels of any type, which need not compare with each other."""
    import pandas as pd

    codes, found = pd.factorize(values)
    return found, codes


def _some(values: Any, limit: int = 5) -> str:
    shown = [repr(value.item() if hasattr(value, "item") else value) for value in list(values)[:limit]]
    return ", ".join(shown) + (", ..." if len(values) > limit else "")
