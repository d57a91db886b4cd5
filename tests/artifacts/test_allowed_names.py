"""The list of allowed names: it covers what fitted models need, and nothing that runs what it is given."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from pytest_mlgate.artifacts.inspection.permissions import allowed_names
from pytest_mlgate.artifacts.inspection.rules import RULES
from tests.census.estimators import fitted, unfitted
from tests.census.holdings import holdings
from tests.census.names import census, lacking
from tests.census.skops_names import lacking_in_skops

# Estimators that no small table fits here.
# Its kernel is one of a single dimension: on rows of several it gives no matrix that can be factored.
NOT_FITTED = {"GaussianProcessRegressor ExpSineSquared"}


def test_each_name_has_a_use_and_a_rule_has_a_name() -> None:
    uses = allowed_names()

    assert {name for name in RULES if name not in uses} == set()
    assert len(uses) > 600


def test_names_are_exact() -> None:
    for name in allowed_names():
        module, _, qualname = name.partition(":")
        assert qualname.isidentifier(), name
        assert all(part.isidentifier() for part in module.split(".")), name


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_names_of_these_versions_are_what_they_are_said_to_be() -> None:
    """Classes, functions and pandas' NA: a module would lead to all that it has imported itself."""
    found = dict(_importable())

    others = {name for name, value in found.items() if not callable(value)}
    assert others <= {"pandas:NA", "pandas._libs.missing:NA"}
    assert len(found) > 400


def _importable() -> Iterator[tuple[str, Any]]:
    for name in allowed_names():
        module, _, qualname = name.partition(":")
        try:
            yield name, getattr(importlib.import_module(module), qualname)
        except (ImportError, AttributeError):  # of another version
            continue


def test_the_list_covers_what_models_hold() -> None:
    assert lacking(census(holdings())) == {}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_list_covers_fitted_estimators() -> None:
    assert lacking(census(fitted())) == {}
    assert set(unfitted()) == NOT_FITTED


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_list_covers_what_skops_writes_of_them() -> None:
    assert lacking_in_skops(fitted()) == {}
