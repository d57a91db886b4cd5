"""What a model file needs and whether it may be loaded, found out without importing or calling anything it names.

Names are resolved on first use: a configuration needs only what trust is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.inspection.inspecting import inspect_artifact as inspect_artifact
    from pytest_mlgate.artifacts.inspection.inspecting import inspect_held as inspect_held
    from pytest_mlgate.artifacts.inspection.limits import Limits as Limits
    from pytest_mlgate.artifacts.inspection.report import Finding as Finding
    from pytest_mlgate.artifacts.inspection.report import Inspection as Inspection
    from pytest_mlgate.artifacts.inspection.trust import Trust as Trust

_HOMES = {
    "Finding": "report",
    "Inspection": "report",
    "Limits": "limits",
    "Trust": "trust",
    "inspect_artifact": "inspecting",
    "inspect_held": "inspecting",
}

__all__ = ["Finding", "Inspection", "Limits", "Trust", "inspect_artifact", "inspect_held"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
