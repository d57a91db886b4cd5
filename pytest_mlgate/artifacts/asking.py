"""Asking a model object, wherever it lives: in its own process or, for an override, in this one.

What goes wrong is a :class:`Refusal`, a record of builtins that crosses the process boundary; ``answers.py`` turns
it into words.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

METHODS = ("predict", "predict_proba", "decision_function")
_TEXT = 2000
# A model fitted on arrays is asked with frames all the same; that is our choice and not the user's mistake.
_FITTED_ON_ARRAYS = "X has feature names, but .* was fitted without feature names"


class Refusal(Exception):
    """Why a model gave no answer: ``record["reason"]`` and what belongs to it, all builtins."""

    def __init__(self, reason: str, **record: Any) -> None:
        super().__init__(reason)
        self.record: dict[str, Any] = {"reason": reason, **record}


class NetworkRefused(PermissionError):
    """A model reached for the network and was refused: an ``OSError``, which libraries take for a fault of the line."""


def type_name(value: Any) -> str:
    """Return the full name of a value's type; builtins without their module."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def describe(model: Any) -> dict[str, Any]:
    """Return what can be known of a model without asking it; its ``classes_`` stay with the caller.

    Raises
    ------
    Refusal
        Where the value is no model: it has no ``predict`` and friends and cannot be called, or is a class.
    """
    if isinstance(model, type):
        raise Refusal("class", kind=model.__qualname__)
    methods = [name for name in METHODS if callable(_get(model, name))]
    if not methods and callable(model):
        # A plain function answers `predict`, whatever it returns: what it returns is not known before it is asked.
        methods = ["predict"]
    if not methods:
        keys = [str(key) for key in list(model)[:10]] if isinstance(model, dict) else []
        inner = [str(key) for key, item in model.items() if hasattr(item, "predict")] if isinstance(model, dict) else []
        raise Refusal("no model", kind=type_name(model), keys=keys, inner=inner)
    names = _get(model, "feature_names_in_")
    return {
        "kind": type_name(model),
        "methods": methods,
        "feature_names": None if names is None else [str(name) for name in names],
        "versions": versions(),
    }


def classes_of(model: Any) -> NDArray[Any] | None:
    """Return ``classes_`` as an array of numbers or text, or None where there is none of that kind."""
    values = _get(model, "classes_")
    if values is None or isinstance(values, list):  # a list holds one array for each of several outputs
        return None
    try:
        return to_array(values)
    except Refusal:
        return None


def _get(model: Any, name: str) -> Any:
    try:
        return getattr(model, name, None)
    except Exception:  # a property of the user's may raise anything; then the model does not have it
        return None


def versions() -> dict[str, str]:
    """Return the versions of the packages that the model uses here, of those already imported."""
    names = {"scikit-learn": "sklearn", "numpy": "numpy", "pandas": "pandas", "xgboost": "xgboost"}
    found = {label: getattr(sys.modules.get(module), "__version__", None) for label, module in names.items()}
    return {"python": sys.version.split()[0], **{label: str(version) for label, version in found.items() if version}}


def ask_twice(model: Any, method: str, fresh: Callable[[], pd.DataFrame]) -> tuple[NDArray[Any], list[str]]:
    """Ask a model the same twice, each time with its own copy of the rows.

    Parameters
    ----------
    model : object
        With ``method``, or a callable that is asked for ``predict``.
    method : {"predict", "predict_proba", "decision_function"}
    fresh : callable
        Returns a new copy of the rows.

    Returns
    -------
    answer : ndarray
        The first answer.
    notes : list of str
        What is odd, but changes no answer.

    Raises
    ------
    Refusal
        Where it raised, returned no array, or answered differently the second time. Numbers count as the same
        within 64 units in the last place of their type: threads add in any order.
    """
    function = getattr(model, method, None) or model
    rows = fresh()
    first = to_array(_call(function, rows))
    second = to_array(_call(function, fresh()))
    difference = _difference(first, second)
    if difference is not None:
        raise Refusal("differs", **difference)
    return first, [] if _same_frame(rows, fresh()) else [f"{method} changes the rows it is given"]


def time_calls(model: Any, method: str, fresh: Callable[[], pd.DataFrame], repeats: int) -> list[float]:
    """Ask a model the same again and again, and return the seconds that each call took.

    Reading the rows is not counted; an answer that is computed only when it is read is.

    Parameters
    ----------
    model, method, fresh
        As :func:`ask_twice` takes them.
    repeats : int
        Calls, at least 1.

    Raises
    ------
    Refusal
        Where it raised.
    """
    import numpy as np

    function = getattr(model, method, None) or model
    seconds = []

    def timed(rows: pd.DataFrame) -> None:
        start = time.perf_counter()
        np.asarray(function(rows))
        seconds.append(time.perf_counter() - start)

    for _ in range(repeats):
        _call(timed, fresh())
    tick = time.get_clock_info("perf_counter").resolution  # a call that is shorter took no less
    return [max(elapsed, tick) for elapsed in seconds]


def _call(function: Callable[[pd.DataFrame], Any], rows: pd.DataFrame) -> Any:
    home = os.getpid()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=_FITTED_ON_ARRAYS)
            return function(rows)
    except KeyboardInterrupt:  # in the run's own process it is the user's, not the model's
        raise
    except BaseException as error:
        raise raised(error) from error
    finally:
        if os.getpid() != home:  # the model forked, and this is the copy: it must not answer a second time
            os._exit(0)


def raised(error: BaseException) -> Refusal:
    """Return the refusal for an exception out of the user's code, with the frames that are theirs."""
    refused = next((link for link in _chain(error) if isinstance(link, NetworkRefused)), None)
    if refused is not None:
        return Refusal("network", text=str(refused), frames=user_frames(error))
    if isinstance(error, MemoryError):
        return Refusal("memory", text=str(error)[:_TEXT], limit=_memory_limit(), frames=user_frames(error))
    if isinstance(error, SystemExit):
        return Refusal("exit", code=str(error.code), frames=user_frames(error))
    record: dict[str, Any] = {
        "type": type_name(error).removeprefix("builtins."),
        "text": str(error)[:_TEXT],
        "frames": user_frames(error),
    }
    if isinstance(error, ModuleNotFoundError) and error.name:
        record["module"] = error.name
    return Refusal("raised", **record)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and those that it was raised from, or in the handling of."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _memory_limit() -> int | None:
    """Bytes that this process may use; None where nothing bounds it."""
    try:
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_DATA)
    except (ImportError, AttributeError, OSError):
        return None
    return None if soft == resource.RLIM_INFINITY else soft


def user_frames(error: BaseException) -> list[list[Any]]:
    """Return ``[file, line, function, source line]`` of the frames outside installed packages; the last two if none."""
    ours = os.path.dirname(os.path.abspath(__file__))
    frames = [
        [frame.filename, frame.lineno, frame.name, frame.line or ""]
        for frame in traceback.extract_tb(error.__traceback__)
        if not os.path.abspath(frame.filename).startswith(ours) and not frame.filename.startswith("<frozen")
    ]
    installed = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}", os.path.dirname(os.__file__))
    theirs = [frame for frame in frames if not any(part in str(frame[0]) for part in installed)]
    return (theirs or frames[-2:])[-5:]


def to_array(value: Any) -> NDArray[Any]:
    """Return an answer as an array of booleans, integers, floats or text.

    Raises
    ------
    Refusal
        Where it is something else, or holds missing values among objects.
    """
    import numpy as np
    import pandas as pd

    if value is None or isinstance(value, str | bytes | dict) or hasattr(value, "tocsr"):
        raise Refusal("no array", kind=type_name(value))
    try:
        array = np.asarray(value)
    except Exception as error:  # ragged lists, foreign tensors on a device
        raise Refusal("no array", kind=f"{type_name(value)} ({str(error)[:200]})") from error
    if array.dtype.kind == "O":
        array = _from_objects(array, np.asarray(pd.isna(array), dtype=bool))
    if array.dtype.kind not in "OUbiuf" or (array.dtype.itemsize > 8 and array.dtype.kind == "f"):
        raise Refusal("no array", kind=f"array of {array.dtype}")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _from_objects(array: NDArray[Any], absent: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    if absent.any():
        rows = np.unique(np.nonzero(absent)[0])
        raise Refusal("missing", count=len(rows), of=len(array), rows=rows[:5].tolist())
    types = {type(item) for item in array.ravel().tolist()}
    if types <= {str}:
        return array
    if all(issubclass(kind, bool | int | float | np.generic) for kind in types):
        return np.array(array.tolist())
    raise Refusal("no array", kind=f"array of objects ({', '.join(sorted(kind.__name__ for kind in types))})")


def _difference(first: NDArray[Any], second: NDArray[Any]) -> dict[str, Any] | None:
    import numpy as np

    if first.shape != second.shape or (first.dtype.kind in "OU") != (second.dtype.kind in "OU"):
        shapes = [f"shape {answer.shape}, {answer.dtype}" for answer in (first, second)]
        return {"count": None, "row": None, "first": shapes[0], "second": shapes[1]}
    if first.dtype.kind == "f" or second.dtype.kind == "f":
        close = 64 * float(np.finfo(np.result_type(first, second)).eps)
        same = np.isclose(first, second, rtol=close, atol=close, equal_nan=True)
    else:
        same = np.asarray(first == second)
    if same.all():
        return None
    rows = np.unique(np.nonzero(~same)[0])
    row = int(rows[0]) if same.ndim else 0
    return {
        "count": len(rows),
        "of": len(first),
        "row": row,
        "first": str(first[row])[:80],
        "second": str(second[row])[:80],
    }


def _same_frame(rows: pd.DataFrame, untouched: pd.DataFrame) -> bool:
    try:
        return bool(rows.equals(untouched))
    except Exception:  # a frame that was left half changed may not even compare
        return False
