"""Saving a model in a format: in its own process, or in this one for a model that lives here."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

from pytest_mlgate.artifacts.asking import raised


def save(model: Any, form: str) -> bytes:
    """Return a model as the bytes of a file.

    Parameters
    ----------
    model : object
    form : str
        ``joblib``, ``pickle`` or ``cloudpickle``.

    Raises
    ------
    Refusal
        Where it cannot be saved in that format.
    """
    try:
        return _WRITERS[form](model)
    except KeyboardInterrupt:  # in the run's own process it is the user's
        raise
    except BaseException as error:  # a model's own way of saving itself may do anything
        raise raised(error) from error


def _joblib(model: Any) -> bytes:
    import joblib

    stream = io.BytesIO()
    joblib.dump(model, stream)
    return stream.getvalue()


def _cloudpickle(model: Any) -> bytes:
    import cloudpickle

    content: bytes = cloudpickle.dumps(model)
    return content


_WRITERS: dict[str, Callable[[Any], bytes]] = {"joblib": _joblib, "pickle": pickle.dumps, "cloudpickle": _cloudpickle}
