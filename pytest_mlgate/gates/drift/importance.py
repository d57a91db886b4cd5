"""How important the columns are to the model, as the configuration gives it: a table, or a JSON file of one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.drift.settings import Settings


def weights(given: object) -> dict[str, float]:
    """Return a table of importances, each at least 0 and one above; ValueError else."""
    if not isinstance(given, Mapping) or not given:
        raise ValueError(
            "should be a table by column, such as {temp = 0.4, hour = 0.1}, or a path to a JSON file of it"
        )
    table: dict[str, float] = {}
    for name, weight in given.items():
        if isinstance(weight, bool) or not isinstance(weight, Real) or not 0 <= float(weight) < math.inf:
            raise ValueError(f"the importance of {name!r} should be a number of at least 0, not {weight!r}")
        table[str(name)] = float(weight)
    if not any(table.values()):
        raise ValueError("no importance is above 0, so no column is the most important one")
    return table


def with_importance(settings: Settings, facts: Facts) -> Settings:
    """Return settings that hold the table of importances, where they hold a path to it.

    Raises
    ------
    InputError
        Where there is no such file, or it holds no such table.
    """
    if not isinstance(settings.importance, str):
        return settings
    path = Path(*facts.import_roots[:1], settings.importance)
    try:
        table = weights(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:  # what is no JSON or no text is a ValueError
        why = f"cannot be read ({type(error).__name__})" if isinstance(error, OSError) else str(error)
        raise InputError(
            f"importance: {settings.importance}: {why}",
            fix='write a JSON object of weights by column, such as {"temp": 0.4, "hour": 0.1}',
        ) from error
    return settings.model_copy(update={"importance": table})
