"""Hyperparameters as JSON holds them: of an estimator with ``get_params``, or of a mapping."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pytest_mlgate.artifacts.masking import MASK, is_secret_setting, mask_text
from pytest_mlgate.checks import InputError, plain

_TEXT = 500
_ITEMS = 1000
_DEPTH = 8


def hyperparameters_of(value: Any) -> dict[str, Any]:
    """Return hyperparameters by name, as builtins that JSON holds.

    Parts of an estimator are named by their class, their own parameters by ``part__name``, as ``get_params`` has them.
    NaN and infinity become their names, functions and classes their import paths, large arrays their shape. Secrets are
    masked.

    Parameters
    ----------
    value : estimator or Mapping

    Raises
    ------
    InputError
        Where it is neither, or ``get_params`` raises.
    """
    if isinstance(value, Mapping):
        found: Mapping[Any, Any] = value
    elif callable(getattr(value, "get_params", None)) and not isinstance(value, type):
        try:
            found = dict(value.get_params(deep=True))
        except Exception as error:  # the user's own estimator
            raise InputError(
                f"get_params of {type(value).__name__} raised {type(error).__name__}: {error}",
                fix="give hyperparameters as a dictionary",
            ) from error
    else:
        raise InputError(
            f"hyperparameters are a dictionary, or an estimator with get_params, not a {type(value).__name__}",
            fix="give the fitted model, or a dictionary",
        )
    record: dict[str, Any] = _plain(dict(found), 0)
    return record


def _plain(value: Any, depth: int, name: str = "") -> Any:
    if isinstance(value, str):
        return MASK if is_secret_setting(name) else _short(mask_text(value))
    if value is None or isinstance(value, bool | int):
        return plain(value)
    if isinstance(value, float):
        return plain(value) if math.isfinite(value) else str(float(value))
    if depth > _DEPTH:
        return _short(repr(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1, str(key)) for key, item in list(value.items())[:_ITEMS]}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=repr) if isinstance(value, set | frozenset) else list(value)
        return [_plain(item, depth + 1) for item in items[:_ITEMS]]
    # a class such as numpy.float64 has them too
    if hasattr(value, "dtype") and hasattr(value, "tolist") and not isinstance(value, type):
        if getattr(value, "size", 0) > _ITEMS:
            return f"array of {value.dtype}, shape {tuple(value.shape)}"
        return _plain(value.tolist(), depth + 1)
    return _short(_named(value))


def _named(value: Any) -> str:
    """Return a class's or a function's import path, of an estimator its class's, and of anything else its text."""
    kinds = (value,) if hasattr(value, "__name__") else (value, type(value))
    for thing in kinds if hasattr(value, "get_params") or callable(value) else ():
        module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
        if isinstance(module, str) and isinstance(name, str):
            return f"{module}:{name}"
    if callable(value) and isinstance(name := getattr(value, "__name__", None), str):  # numpy's, before it says more
        return f"{type(value).__module__}:{name}"
    return mask_text(str(value))


def _short(text: str) -> str:
    return text if len(text) <= _TEXT else f"{text[:_TEXT]}..."
