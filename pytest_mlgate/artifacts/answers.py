"""What an answer must be, and the words for one that is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Rounded and single-precision probabilities are probabilities still.
_RANGE_TOLERANCE = 1e-6
_SUM_TOLERANCE = 1e-3


def check_answer(
    answer: NDArray[Any], *, method: str, rows: int, classes: NDArray[Any] | None, source: str
) -> NDArray[Any]:
    """Return the answer in its usual shape, or raise.

    Parameters
    ----------
    answer : ndarray
        Booleans, integers, floats or text.
    method : {"predict", "predict_proba", "decision_function"}
    rows : int
        Rows that were asked about.
    classes : ndarray or None
        The model's ``classes_``.
    source : str
        The model's name in messages.

    Returns
    -------
    ndarray
        ``predict``: shape (rows,), a single column being flattened; ``predict_proba``: shape (rows, k);
        ``decision_function``: shape (rows,) or (rows, k).

    Raises
    ------
    ModelError
        Wrong number of rows or dimensions, text where numbers are due, NaN or infinity, probabilities outside
        [0, 1] (by more than 1e-6) or that do not sum to 1 (within 1e-3).
    """
    told = f"{source}: {method} returned"
    if answer.ndim == 2 and answer.shape[1] == 1 and method != "predict_proba":
        answer = answer[:, 0]
    if answer.ndim == 0 or len(answer) != rows:
        count = f"one value ({answer})" if answer.ndim == 0 else f"{len(answer)} answers"
        raise _shape_error(f"{told} {count} for {rows} rows", method)
    allowed = {"predict": (1,), "predict_proba": (2,), "decision_function": (1, 2)}[method]
    if answer.ndim not in allowed:
        dimensions = " or ".join(str(number) for number in allowed)
        raise _shape_error(
            f"{told} an array of shape {answer.shape}, which should have {dimensions} dimensions", method
        )
    if answer.dtype.kind in "OU":
        if method == "predict":
            return answer
        raise ModelError(f"{told} text, not numbers", fix=f"return numbers from {method}", details={"reason": "text"})
    _check_finite(answer, told)
    if method == "predict_proba":
        _check_probabilities(answer, classes, told)
    return answer


def _shape_error(message: str, method: str) -> ModelError:
    hint = ""
    if method == "predict":
        hint = "; a function is asked for predictions: to give probabilities, name an object with predict_proba"
    return ModelError(message, fix=f"return one answer a row from {method}{hint}", details={"reason": "shape"})


def _check_finite(answer: NDArray[Any], told: str) -> None:
    import numpy as np

    bad = ~np.isfinite(answer)
    if not bad.any():
        return
    kinds = [name for name, found in (("NaN", np.isnan(answer)), ("infinity", np.isinf(answer))) if found.any()]
    raise _rows_error(f"{told} {' and '.join(kinds)}", bad, answer, reason="not finite")


def _check_probabilities(answer: NDArray[Any], classes: NDArray[Any] | None, told: str) -> None:
    import numpy as np

    if classes is not None and classes.ndim == 1 and answer.shape[1] != len(classes):
        raise ModelError(
            f"{told} {answer.shape[1]} columns for {len(classes)} classes",
            fix="return one probability a class, in the order of classes_",
            details={"reason": "shape"},
        )
    outside = (answer < -_RANGE_TOLERANCE) | (answer > 1 + _RANGE_TOLERANCE)
    if outside.any():
        raise _rows_error(f"{told} probabilities outside [0, 1]", outside, answer, reason="probabilities")
    unequal = np.abs(answer.sum(axis=1) - 1) > _SUM_TOLERANCE
    if unequal.any():
        raise _rows_error(f"{told} probabilities that do not sum to 1", unequal, answer, reason="probabilities")


def _rows_error(message: str, bad: NDArray[np.bool_], answer: NDArray[Any], *, reason: str) -> ModelError:
    import numpy as np

    rows = np.unique(np.nonzero(bad)[0])
    first = ", ".join(str(row) for row in rows[:5])
    return ModelError(
        f"{message} in {len(rows)} of {len(answer)} rows (first: {first}; row {rows[0]}: {answer[rows[0]]})",
        fix="look at these rows, counted from 0; a model must answer every row",
        details={"reason": reason, "rows": rows[:5].tolist()},
    )


def refusal_error(
    record: dict[str, Any], *, source: str, doing: str, roots: tuple[str, ...], stderr: str
) -> ModelError:
    """Turn the record of a refusal, from this process or another, into an error in words.

    Parameters
    ----------
    record : dict
        As :class:`~pytest_mlgate.artifacts.asking.Refusal` holds it; each of its values may be anything.
    source, doing : str
        The model, and what it was doing (``"loading"``, ``"predict"``).
    roots : tuple of str
        Folders that import paths are resolved in.
    stderr : str
        The last that the process wrote there.
    """
    reason = str(record.get("reason"))
    words = _WORDS.get(reason, _unknown)
    message, fix = words(record, doing, roots)
    details = {"reason": reason, "traceback": _traceback(record), "stderr": stderr}
    return ModelError(f"{source}: {message}{quoted(stderr)}", fix=fix, details={k: v for k, v in details.items() if v})


def quoted(stderr: str) -> str:
    """Return the last lines of stderr as the end of a sentence; empty where there are none."""
    lines = [line.strip()[:200] for line in stderr.splitlines() if line.strip()][-3:]
    return f"; last lines of its stderr: {' | '.join(lines)}" if lines else ""


def _traceback(record: dict[str, Any]) -> str:
    return "\n".join(f'File "{f[0]}", line {f[1]}, in {f[2]}\n    {f[3]}' for f in _frames(record))


def _frames(record: dict[str, Any]) -> list[list[Any]]:
    frames = record.get("frames")
    return [f for f in frames if isinstance(f, list) and len(f) == 4] if isinstance(frames, list) else []


def _where(record: dict[str, Any]) -> str:
    frames = _frames(record)
    if not frames:
        return ""
    file, line, function, code = frames[-1]
    return f" ({os.path.basename(str(file))}:{line}, in {function}{f': {code}' if code else ''})"


def _raised(record: dict[str, Any], doing: str, roots: tuple[str, ...]) -> tuple[str, str]:
    kind, text = str(record.get("type")), str(record.get("text"))
    if "module" in record:
        module = str(record["module"])
        folders = ", ".join(repr(root) for root in dict.fromkeys(roots)) or "the configuration's folder"
        return (
            f"{doing} needs the module {module!r}, which cannot be imported{_where(record)}",
            f"install what provides {module!r} where the gates run; a module of your own is looked for in {folders}",
        )
    if kind == "AttributeError" and "__main__" in text:
        return (
            f"{doing} needs a class or function of the script that wrote the file: {text}",
            "move it to a module that can be imported, and save the model again",
        )
    if kind == "AttributeError" and "Can't get attribute" in text:
        return (f"{doing} failed: {text}", "restore that name in its module, or save the model again")
    return f"{doing} raised {kind}: {text}{_where(record)}", "mend the model or its input; the traceback is yours"


def _no_model(record: dict[str, Any], doing: str, roots: tuple[str, ...]) -> tuple[str, str]:
    kind, keys, inner = record.get("kind"), record.get("keys"), record.get("inner")
    message = f"holds a {kind}, not a model: it has no predict, predict_proba or decision_function"
    if keys:
        message += f" (keys: {', '.join(map(repr, keys))})"
    fix = f"save the value at {inner[0]!r} alone" if inner else "save the fitted estimator itself"
    return message, fix


def _differs(record: dict[str, Any], doing: str, roots: tuple[str, ...]) -> tuple[str, str]:
    where = "" if record.get("row") is None else f" in {record.get('count')} of {record.get('of')} rows"
    row = "" if record.get("row") is None else f"row {record['row']}: "
    return (
        f"{doing} gave another answer on the second call, with the same rows{where} "
        f"({row}first {record.get('first')}, then {record.get('second')})",
        "seed what is random, and keep no state from call to call",
    )


def _missing(record: dict[str, Any], doing: str, roots: tuple[str, ...]) -> tuple[str, str]:
    rows = record.get("rows")
    first = ", ".join(map(str, rows)) if isinstance(rows, list) else ""
    return (
        f"{doing} returned missing values in {record.get('count')} of {record.get('of')} rows (first: {first})",
        "a model must answer every row",
    )


def _damaged(record: dict[str, Any], doing: str, roots: tuple[str, ...]) -> tuple[str, str]:
    return (
        f"cannot be read as a joblib or pickle file: it is truncated, damaged or of another format "
        f"({record.get('type')}: {record.get('text')})",
        "save the model again with joblib.dump or pickle.dump",
    )


def _network(record: dict[str, Any], doing: str, roots: tuple[str, ...]) -> tuple[str, str]:
    return (
        f"{doing} opened {record.get('text')}, and was refused{_where(record)}",
        "a model answers from what is in its file; one that asks a service needs `network = true` under [model]",
    )


def _memory(record: dict[str, Any], doing: str, roots: tuple[str, ...]) -> tuple[str, str]:
    text, limit = str(record.get("text")), record.get("limit")
    bound = f"the {limit / 1024**3:.3g} GiB that it may use" if isinstance(limit, int) else "memory"
    said = f": {text}" if text else ""
    return f"{doing} ran out of {bound}{said}{_where(record)}", "mend the leak, or give it more: `memory` under [model]"


def _interpreter(record: dict[str, Any], doing: str, roots: tuple[str, ...]) -> tuple[str, str]:
    if "lacks" in record:
        lacking = record["lacks"]
        return f"{record.get('python')} has no {lacking}, which a model is asked with", f"install {lacking} there"
    version = record.get("version")
    return f"{record.get('python')} is Python {version}, and 3.11 or later is needed", "name a later interpreter"


def _lacking(record: dict[str, Any], doing: str, roots: tuple[str, ...]) -> tuple[str, str]:
    form, package, install = (record.get(key) for key in ("format", "package", "install"))
    return f"{doing} a {form} file needs {package}, which is not installed", f"pip install '{install}'"


def _unknown(record: dict[str, Any], doing: str, roots: tuple[str, ...]) -> tuple[str, str]:
    return f"{doing} failed: {record}", "please report this as a bug"


_WORDS: dict[str, Callable[[dict[str, Any], str, tuple[str, ...]], tuple[str, str]]] = {
    "raised": _raised,
    "exit": lambda r, doing, _: (f"{doing} called sys.exit({r.get('code')}){_where(r)}", "a model must return"),
    "no model": _no_model,
    "class": lambda r, *_: (f"is the class {r.get('kind')}, not a model", "name an instance, or a function"),
    "no array": lambda r, doing, _: (
        f"{doing} returned {r.get('kind')}, not an array of numbers or text",
        "return a numpy array with one answer a row",
    ),
    "missing": _missing,
    "network": _network,
    "memory": _memory,
    "interpreter": _interpreter,
    "lacking": _lacking,
    "untrusted": lambda r, doing, _: (
        f"{doing} needs types that are not trusted: {', '.join(map(str, r.get('names', ())))}",
        "look at what they are; trust what is your own by its exact name",
    ),
    "unseen": lambda r, doing, _: (
        f"{doing} asks for {r.get('name')}, which its inspection did not find",
        "do not load this file, and please report this as a bug",
    ),
    "other": lambda r, doing, _: (
        f"{doing}: a {r.get('kind')} cannot be written as {r.get('format')}",
        "leave that format out",
    ),
    "conversion": lambda r, doing, _: (
        f"{doing}: {r.get('by')} cannot convert it ({r.get('text')})",
        "leave that format out, register a converter for the step, or name a file that was made elsewhere",
    ),
    "differs": _differs,
    "damaged": _damaged,
    "attribute": lambda r, *_: (
        f"the module {r.get('module')!r} has no {r.get('attribute')!r}{r.get('near')}",
        "write it as package.module:attribute",
    ),
    "rows": lambda r, doing, _: (f"{doing} could not be asked: {r.get('text')}", "please report this as a bug"),
}
