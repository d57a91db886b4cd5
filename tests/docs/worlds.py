"""The folders that the documentation's commands run in: a small project on flights, and one whose model serves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from pytest_mlgate import profile_table
from pytest_mlgate.lifecycle.ledger import Ledger
from tests.lifecycle.made import MODEL, after, bytes_of, to_production
from tests.lifecycle.retired import promoted
from tests.lifecycle.world import World

CONTRACTS = Path(__file__).parents[1] / "tables" / "contracts"

_CONFIGURATION = """
[model]
name = "flights-late"
candidate = "artifacts/candidate.joblib"
baseline = "artifacts/champion.joblib"

[data]
target = "late"
id = "flight_id"
train = "data/train.parquet"
holdout = "data/holdout.parquet"
current = "data/current.parquet"

[[gates.baseline]]
metric = "roc_auc"
margin = 0.01

[gates.drift]
max_distance = 0.2
"""
_SCHEMA = """columns:
  temp:
    dtype: number
    checks:
      in_range: [0, {high}]
  origin:
    dtype: string
    checks:
      isin: [{levels}]
"""
_CARD = """# flights-late

## Model details

flights-late, a logistic regression, version 2, of 2013-07-01. Owner: Jo Martin, jo.martin@airline.aero.

## Intended use

To tell passengers at the gate whether their flight will land more than 15 minutes late.

## Training data

3 000 flights out of New York, January to June 2013, drawn at random.

## Evaluation data

The holdout: 3 000 other flights of the same months.

## Metrics

| metric | holdout | for flights from LGA |
| --- | --- | --- |
| roc_auc | 0.85 | 0.84 |
| recall | 0.80 | 0.79 |

## Limitations

[More Information Needed]

## Ethical considerations

Passengers of small carriers are told less reliably, since few of their flights are in the rows.

## Out-of-scope use

It must not be used to price tickets or to judge crews.
"""
_SERVICE = """from pydantic import BaseModel


class Request(BaseModel):
    distance: int
    origin: str
"""


def flights(rows: int, seed: int, first: int) -> pd.DataFrame:
    """Return flights with a label that follows from the hour and the temperature."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "flight_id": np.arange(first, first + rows),
            "scheduled": pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 86_400 * 180, rows), "s"),
            "distance": rng.integers(200, 2500, rows),
            "hour": rng.integers(6, 23, rows),
            "temp": rng.normal(60, 15, rows).round(1),
            "origin": rng.choice(["EWR", "JFK", "LGA"], rows),
            "carrier": rng.choice(["AA", "UA", "DL"], rows),
            "tail_number": rng.choice([f"N{i:03}" for i in range(200)], rows),
        }
    )
    late = 1 / (1 + np.exp(-(frame["hour"] - 15) / 3 - (frame["temp"] - 60) / 30))
    return frame.assign(late=(rng.uniform(size=rows) < late).astype(int))


def make_flights(folder: Path) -> None:
    """Make a project with two models, tables, schemas, a card and contracts of other tools, under git."""
    for name in ("data", "artifacts", "profiles", "gx/expectations", "model", "service"):
        (folder / name).mkdir(parents=True)
    tables = {name: flights(3000, i, 10_000 * i) for i, name in enumerate(("train", "holdout", "current"))}
    tables |= {f"2013-{i:02}": flights(500, 10 + i, 100_000 * i) for i in (1, 2)}
    for name, table in tables.items():
        table.to_parquet(folder / "data" / f"{name}.parquet")
    for month, name in ((1, "january"), (2, "february")):
        profile_table(folder / "data" / f"2013-{month:02}.parquet").write(folder / "profiles" / f"{name}.json")
    tables["holdout"].drop(columns=["flight_id", "scheduled", "tail_number"]).to_csv(
        folder / "holdout.csv", index=False
    )
    for name, columns in {"candidate": ["distance", "hour", "temp"], "champion": ["distance", "hour"]}.items():
        model = LogisticRegression(max_iter=1000).fit(tables["train"][columns], tables["train"]["late"])
        joblib.dump(model, folder / "artifacts" / f"{name}.joblib")
    joblib.dump(joblib.load(folder / "artifacts" / "candidate.joblib"), folder / "model.joblib", compress=3)
    shutil.copy(CONTRACTS / "great_expectations_1.24.json", folder / "gx" / "expectations" / "flights.json")
    shutil.copy(CONTRACTS / "MLmodel", folder / "model" / "MLmodel")
    (folder / "service" / "models.py").write_text(_SERVICE)
    (folder / "old.yaml").write_text(_SCHEMA.format(high=100, levels="EWR, JFK"))
    (folder / "schema.yaml").write_text(_SCHEMA.format(high=90, levels="EWR, JFK, LGA"))
    (folder / "MODEL_CARD.md").write_text(_CARD)
    (folder / "mlgate.toml").write_text(_CONFIGURATION)
    _commit(folder)


def make_new(folder: Path) -> None:
    """Make a model file and a table, and nothing else: what a first visit has at hand."""
    holdout = flights(3000, 1, 0).drop(columns=["flight_id", "scheduled", "tail_number", "carrier"])
    train = flights(3000, 2, 0)
    holdout.to_csv(folder / "holdout.csv", index=False)
    model = LogisticRegression(max_iter=1000).fit(train[["distance", "hour", "temp"]], train["late"])
    joblib.dump(model, folder / "model.joblib")


def make_empty(folder: Path) -> None:
    """Make nothing: the page writes all files itself."""


def make_toys(folder: Path) -> None:
    """Make a project whose only version is in production, with everything kept of it."""
    promoted(folder)


def make_serving(folder: Path) -> None:
    """Make a project whose v6 serves and whose v7 has all that production asks of it, and a ledger with two ends."""
    world = World(folder)
    settings = folder / "mlgate.toml"
    settings.write_text(settings.read_text().replace('"toys"', f'"{MODEL}"'))
    for c, version in enumerate(("v2", "v3", "v6", "v7"), 1):
        world.model(float(c))
        world.run("golden", "predictions", "--to", str(folder / "golden.json"), "--rows", "5")
        first = ["--first-version"] if version == "v2" else []
        for stage in ("validation", "pre-production", "production"):
            world.judged(stage, {"model": MODEL})
            if (version, stage) != ("v7", "production"):
                found = world.promote(stage, "--version", version, "--approver", "Grace", *first)
                assert found.exit_code == 0, found.output
    common = to_production(Ledger(path=folder / "forked.jsonl"), "v1")
    ours, theirs = to_production(common, "v2"), after(common, "promote", "v4", "validation")
    (folder / "forked.jsonl").write_bytes(bytes_of(ours) + bytes_of(theirs)[len(bytes_of(common)) :])


def _commit(folder: Path) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@flights.org"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-q", "-m", "all of it"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)


WORLDS = {"flights": make_flights, "new": make_new, "empty": make_empty, "toys": make_toys, "serving": make_serving}
