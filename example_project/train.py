"""Write the tables, fit the champion and the candidate: ``python -m example_project.train``."""

from __future__ import annotations

import argparse
import calendar
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits

from example_project import features, flights
from pytest_mlgate import record_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

Candidate = Literal["honest", "leaky", "worse-at-lga"]

HERE = Path(__file__).parent
SEED = 0
MONTHS = tuple(name.lower() for name in calendar.month_name[1:])
CHAMPION_UNTIL = 3
CANDIDATE_UNTIL = 6
HOLDOUT = 7


def year() -> pd.DataFrame:
    """Return all flights of 2013: each row holds the raw request, the features built from it, and the outcome."""
    rows = flights.load()
    built = features.build(rows)
    fresh = [column for column in built if column not in rows]
    return pd.concat([rows[list(flights.REQUEST)], built[fresh], rows[list(flights.OUTCOME)]], axis="columns")


def tables(current: int) -> dict[str, pd.DataFrame]:
    """Return all tables by name: train (January to June), holdout (July), reference (both) and current (a month)."""
    rows = year()
    month = rows["scheduled"].dt.month
    parts = {
        "train": month <= CANDIDATE_UNTIL,
        "holdout": month == HOLDOUT,
        "reference": month <= HOLDOUT,
        "current": month == current,
    }
    return {name: rows.loc[chosen].reset_index(drop=True) for name, chosen in parts.items()}


def fit(rows: pd.DataFrame, numbers: Sequence[str] = features.NUMBERS) -> Pipeline:
    """Return a classifier of late flights, fitted on rows that carry their features.

    It takes its columns by name and leaves the others alone, and consists of scikit-learn's own classes only: the saved
    file loads wherever scikit-learn is.
    """
    names = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = ColumnTransformer(
        [("names", names, list(features.CATEGORIES)), ("numbers", "passthrough", list(numbers))]
    )
    trees = HistGradientBoostingClassifier(
        learning_rate=0.08, max_iter=150, min_samples_leaf=100, early_stopping=False, random_state=SEED
    )
    return Pipeline([("columns", columns), ("trees", trees)]).fit(rows, rows["late"])


def fit_candidate(train: pd.DataFrame, variant: Candidate) -> Pipeline:
    """Return the candidate that was asked for.

    ``leaky`` is told the departure delay, which nobody knows at scheduled departure. ``worse-at-lga`` learned from
    labels that were mixed up at one airport (:func:`mix_up`).
    """
    if variant == "leaky":
        return fit(train, (*features.NUMBERS, "dep_delay"))
    return fit(mix_up(train, "LGA") if variant == "worse-at-lga" else train)


def mix_up(rows: pd.DataFrame, origin: str, share: float = 0.5) -> pd.DataFrame:
    """Return the rows with labels of one airport that belong to other flights of the same day.

    As if a job had joined some of that airport's outcomes with the day's list upside down: each flight is hit with
    probability ``share``, and then carries the answer of the flight at the mirrored place of the list, the first that
    of the last. The late share stays about what it was, which is why no drift of the label would tell.
    """
    here = rows["origin"] == origin
    labels = rows.loc[here, "late"]
    upside_down = labels.groupby(rows.loc[here, "scheduled"].dt.normalize()).transform(lambda day: day.to_numpy()[::-1])
    hit = np.random.default_rng(SEED).random(len(labels)) < share
    mixed = rows.copy()
    mixed.loc[here, "late"] = labels.where(~hit, upside_down)
    return mixed


def main(argv: Sequence[str] | None = None, folder: Path = HERE) -> None:
    """Write ``data/*.parquet`` and ``artifacts/*.joblib`` into a folder, and say what was done."""
    options = _options(argv)
    started = time.perf_counter()
    written = tables(MONTHS.index(options.current) + 1)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, rows in written.items():
        rows.to_parquet(folder / "data" / f"{name}.parquet", index=False)
        first, last = rows["scheduled"].min(), rows["scheduled"].max()
        print(f"{name:9}  {len(rows):7,} flights, {first:%d %b} to {last:%d %b}, {rows['late'].mean():.3f} late")
    train, holdout = written["train"], written["holdout"]
    (folder / "artifacts").mkdir(exist_ok=True)
    # One thread is as fast on tables of this size, and several times faster on a machine that is busy otherwise.
    with threadpool_limits(1, user_api="openmp"):
        models = {
            "champion": fit(train[train["scheduled"].dt.month <= CHAMPION_UNTIL]),
            "candidate": fit_candidate(train, options.candidate),
        }
        for name, model in models.items():
            file = folder / "artifacts" / f"{name}.joblib"
            joblib.dump(model, file)
            record_environment(
                file, data={"train": folder / "data" / "train.parquet"}, seed=SEED, hyperparameters=model, code=HERE
            )
            print(f"{name:9}  ROC AUC {roc_auc_score(holdout['late'], model.predict_proba(holdout)[:, 1]):.4f} in July")
    if (folder / "mlgate.toml").is_file():
        write_golden_predictions(folder)
        write_card(folder)
    print(f"done in {time.perf_counter() - started:.0f} s; candidate: {options.candidate}; current: {options.current}")


def write_golden_predictions(folder: Path) -> None:
    """Write a hundred flights of the holdout and what each model answers, to know the model again by."""
    for configuration in ("champion.toml", "mlgate.toml"):
        _mlgate("golden", "predictions", "--config", str(folder / configuration))


def write_card(folder: Path) -> None:
    """Write the card that ships with the candidate: the text of ``MODEL_CARD.md``, the numbers of the new model."""
    card, configuration = folder / "MODEL_CARD.md", folder / "mlgate.toml"
    shipped = folder / "artifacts" / "MODEL_CARD.md"
    _mlgate("card", "update", str(card), "--config", str(configuration), "--output", str(shipped))


def _mlgate(*arguments: str) -> None:
    """Run the command ``mlgate`` here; where it ends with an exit code, this ends with it."""
    from pytest_mlgate.cli import app

    if code := app(arguments, standalone_mode=False):
        raise SystemExit(code)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m example_project.train", description=__doc__)
    parser.add_argument("--candidate", choices=get_args(Candidate), default="honest", help="default: %(default)s")
    parser.add_argument("--current", choices=MONTHS[HOLDOUT:], default="august", help="default: %(default)s")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
