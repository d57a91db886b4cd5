"""Quality gates for machine-learning models, in pytest.

The gates as plain functions: :func:`check_baseline`, :func:`check_behaviour`, :func:`check_card`,
:func:`check_drift`, :func:`check_fairness`, :func:`check_parity`, :func:`check_predictions`,
:func:`check_roundtrip` and :func:`check_schema` take arrays, data frames and paths, read no configuration, and
return a :class:`GateResult`. :func:`record_environment` is for training scripts.

(``PYTEST_DONT_REWRITE``: the command imports this package before pytest runs, which is not worth a warning.)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.recording import record_environment
    from pytest_mlgate.checks import Check, GateFailure, GateResult, Interval, Outcome, Severity
    from pytest_mlgate.gates.baseline import check_baseline
    from pytest_mlgate.gates.baseline.folds import check_baseline_folds
    from pytest_mlgate.gates.baseline.predictions import check_predictions
    from pytest_mlgate.gates.behaviour import check_behaviour
    from pytest_mlgate.gates.card import check_card
    from pytest_mlgate.gates.drift import check_drift
    from pytest_mlgate.gates.drift.profiling import profile_table
    from pytest_mlgate.gates.fairness import check_fairness
    from pytest_mlgate.gates.parity import check_parity
    from pytest_mlgate.gates.roundtrip import check_roundtrip
    from pytest_mlgate.gates.schema import check_schema
    from pytest_mlgate.tables.profile import Profile, merge_profiles

__all__ = [
    "Check",
    "GateFailure",
    "GateResult",
    "Interval",
    "Outcome",
    "Profile",
    "Severity",
    "check_baseline",
    "check_baseline_folds",
    "check_behaviour",
    "check_card",
    "check_drift",
    "check_fairness",
    "check_parity",
    "check_predictions",
    "check_roundtrip",
    "check_schema",
    "merge_profiles",
    "profile_table",
    "record_environment",
]


def __getattr__(name: str) -> Any:
    """Import a public name, or find out the version, when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("pytest-mlgate")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = f"gates.{name.removeprefix('check_')}" if name.startswith("check_") else "checks"
    if name == "check_baseline_folds":
        home = "gates.baseline.folds"
    if name == "check_predictions":
        home = "gates.baseline.predictions"
    home = {
        "Profile": "tables.profile",
        "merge_profiles": "tables.profile",
        "profile_table": "gates.drift.profiling",
        "record_environment": "artifacts.recording",
    }.get(name, home)
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
