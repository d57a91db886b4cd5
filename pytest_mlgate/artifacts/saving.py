"""Saving a model in a format: in its own process, or in this one for a model that lives here."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.asking import Refusal, raised
from pytest_mlgate.artifacts.loading import refuse_lacking

if TYPE_CHECKING:
    import pandas as pd


def save(model: Any, form: str, rows: pd.DataFrame | None = None) -> bytes:
    """Return a model as the bytes of a file.

    Parameters
    ----------
    model : object
    form : str
        A name of :data:`~pytest_mlgate.artifacts.formats.FORMATS`.
    rows : DataFrame or None
        Rows as the model is asked with; ONNX needs their columns and types.

    Raises
    ------
    Refusal
        Where it cannot be saved in that format, or what writes it is not installed.
    """
    refuse_lacking(form, convert=True)
    try:
        return _WRITERS[form](model, rows)
    except (Refusal, KeyboardInterrupt):  # in the run's own process the latter is the user's
        raise
    except BaseException as error:  # a model's own way of saving itself may do anything
        raise raised(error) from error


def _joblib(model: Any, _: pd.DataFrame | None) -> bytes:
    import joblib

    stream = io.BytesIO()
    joblib.dump(model, stream)
    return stream.getvalue()


def _pickle(model: Any, _: pd.DataFrame | None) -> bytes:
    return pickle.dumps(model)


def _cloudpickle(model: Any, _: pd.DataFrame | None) -> bytes:
    import cloudpickle

    content: bytes = cloudpickle.dumps(model)
    return content


def _skops(model: Any, _: pd.DataFrame | None) -> bytes:
    import skops.io

    content: bytes = skops.io.dumps(model)
    return content


def _onnx(model: Any, rows: pd.DataFrame | None) -> bytes:
    from pytest_mlgate.artifacts.onnx_conversion import convert

    assert rows is not None
    return convert(model, rows)


def _xgboost(form: str) -> Callable[[Any, pd.DataFrame | None], bytes]:
    def write(model: Any, _: pd.DataFrame | None) -> bytes:
        booster = model.get_booster() if hasattr(model, "get_booster") else model
        if not hasattr(booster, "save_raw"):
            raise Refusal("other", kind=type(model).__name__, format=f"xgboost-{form}")
        return bytes(booster.save_raw(raw_format=form))

    return write


def _lightgbm(model: Any, _: pd.DataFrame | None) -> bytes:
    booster = getattr(model, "booster_", model)
    if not hasattr(booster, "model_to_string"):
        raise Refusal("other", kind=type(model).__name__, format="lightgbm")
    text: str = booster.model_to_string()
    return text.encode()


_WRITERS: dict[str, Callable[[Any, pd.DataFrame | None], bytes]] = {
    "joblib": _joblib,
    "pickle": _pickle,
    "cloudpickle": _cloudpickle,
    "skops": _skops,
    "onnx": _onnx,
    "xgboost-json": _xgboost("json"),
    "xgboost-ubj": _xgboost("ubj"),
    "lightgbm": _lightgbm,
}
