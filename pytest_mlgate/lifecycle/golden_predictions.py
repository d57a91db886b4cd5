"""Golden predictions are written where a model is promoted, and by ``mlgate golden predictions``."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_mlgate.artifacts.features import FeatureFacts, select_features
from pytest_mlgate.artifacts.golden_predictions import GoldenPredictions
from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from pytest_mlgate.artifacts.model import Model

ROWS = 100
MAX_ROWS = 10_000
"""More would make a file that nobody keeps in git."""


def take_golden_predictions(
    model: Model,
    frame: pd.DataFrame,
    facts: FeatureFacts,
    *,
    sensitive: Sequence[str] = (),
    source: str,
    digest: str,
    named: str | None = None,
    rows: int = ROWS,
    seed: int = 0,
) -> GoldenPredictions:
    """Ask a model about some rows of a table, and return rows and answers.

    Parameters
    ----------
    model : Model
        Each method that it has is asked.
    frame : DataFrame of shape (n_rows, n_columns)
    facts : FeatureFacts
        What says which columns the model is given.
    sensitive : sequence of str
        Columns that are never kept.
    source, digest : str
        Where the table is from, and its SHA-256.
    named : str, optional
        What the model's file is called there; default: as the model calls it.
    rows : int
        How many are chosen, at most; between 1 and 10 000.
    seed : int
        Of the choice.

    Raises
    ------
    InputError
        Where the model is given a sensitive column, does not answer, or there are no rows to choose from.
    ModelError
        Where it gives no answer.
    """
    import numpy as np

    if not 1 <= rows <= MAX_ROWS:
        raise InputError(f"rows = {rows}: golden predictions keep 1 to {MAX_ROWS} rows", fix="name such a number")
    if model.table is not None or model.is_dummy:
        raise InputError(
            f"{model.source} is no model whose answers could change: a table of predictions, or a dummy",
            fix="name a model file as `[model] candidate`",
        )
    if not len(frame):
        raise InputError(f"{source} has no rows to take golden predictions from", fix="give a table with rows")
    asked = select_features(model, frame, facts, name=source)
    kept = [str(column) for column in asked.columns if column in sensitive]
    if kept:
        raise InputError(
            f"the model is given the sensitive column {kept[0]!r}, and golden predictions would keep its values",
            fix="golden predictions are for models without sensitive features; compare with a table of predictions",
        )
    chosen = np.sort(np.random.default_rng(seed).choice(len(asked), min(rows, len(asked)), replace=False))
    sample = asked.iloc[chosen].reset_index(drop=True)
    return GoldenPredictions(
        artifact={"source": named or model.source, "digest": model.digest, "kind": model.kind},
        table={"source": source, "digest": digest, "rows": len(frame)},
        positions=tuple(chosen.tolist()),
        rows=sample,
        answers={method: getattr(model, method)(sample) for method in sorted(model.methods)},
        classes=model.classes_,
        environment={
            "python": platform.python_version(),
            "platform": platform.platform(),
            "machine": platform.machine(),
            "packages": {name: version for name, version in sorted(model.versions.items()) if name != "python"},
        },
        seed=seed,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
    )
