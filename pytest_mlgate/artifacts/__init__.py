"""Model files: loaded and asked in a fresh process (``model``), and the record of where that was (``environment``).

Names are resolved on first use, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.errors import ModelError as ModelError
    from pytest_mlgate.artifacts.features import select_features as select_features
    from pytest_mlgate.artifacts.model import Model as Model
    from pytest_mlgate.artifacts.model import as_model as as_model
    from pytest_mlgate.artifacts.model import dummy_model as dummy_model
    from pytest_mlgate.artifacts.model import load_model as load_model
    from pytest_mlgate.artifacts.model import wrap_model as wrap_model
    from pytest_mlgate.artifacts.predictions import load_predictions as load_predictions

_HOMES = {
    "Model": "model",
    "ModelError": "errors",
    "as_model": "model",
    "dummy_model": "model",
    "load_model": "model",
    "load_predictions": "predictions",
    "select_features": "features",
    "wrap_model": "model",
}

__all__ = [
    "Model",
    "ModelError",
    "as_model",
    "dummy_model",
    "load_model",
    "load_predictions",
    "select_features",
    "wrap_model",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
