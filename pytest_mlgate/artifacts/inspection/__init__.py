"""What a model file needs and whether it may be loaded, found out without importing or calling anything it names."""

from __future__ import annotations

from pytest_mlgate.artifacts.inspection.inspecting import inspect_artifact, inspect_held
from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.report import Finding, Inspection
from pytest_mlgate.artifacts.inspection.trust import Trust

__all__ = ["Finding", "Inspection", "Limits", "Trust", "inspect_artifact", "inspect_held"]
