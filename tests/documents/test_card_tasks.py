"""A card of each task: metrics with intervals, by group too, read back as they were measured; metrics of one's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import mean_absolute_error, ndcg_score

from pytest_mlgate.cards.reading import card_of
from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.config import load_config
from pytest_mlgate.documents import templates
from pytest_mlgate.documents.bom import bill_of_materials
from pytest_mlgate.documents.facts import ModelFacts
from pytest_mlgate.documents.front_matter import PIPELINES
from pytest_mlgate.documents.gathering import gather
from pytest_mlgate.documents.markers import parts
from pytest_mlgate.documents.updating import NAMES, PLOTS, update
from pytest_mlgate.gates.card.consistency import Surroundings, consistency_checks
from pytest_mlgate.gates.card.sources import knowing_own

OWN = """
def profit_per_row(y_true, y_pred):
    return float((50 * y_pred - 3 * abs(y_true - y_pred)).mean())


def cost_per_row(y_true, y_pred):
    return float(abs(y_true - y_pred).mean() * 7)
"""

TASKS: dict[str, tuple[Any, str]] = {
    "multiclass": (LogisticRegression(), '[[gates.baseline]]\nmetric = "neg_log_loss"\n'),
    "regression": (
        LinearRegression(),
        '[[gates.baseline]]\nmetric = "money:profit_per_row"\n'
        '[[gates.baseline]]\nmetric = "money:cost_per_row"\ngreater_is_better = false\n'
        '[[gates.baseline]]\nmetric = "neg_mean_pinball_loss"\nmetric_params = { alpha = 0.9 }\n',
    ),
    "ranking": (LinearRegression(), '[[gates.baseline]]\nmetric = "ndcg@5"\nquery = "query"\n'),
}


def rows(task: str, n: int = 600, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    frame["query"] = [f"q{i // 10}" for i in range(n)]
    frame["market"] = np.repeat(rng.choice(["de", "fr"], n // 10), 10)
    frame["device"] = rng.choice(["phone", "desk"], n)
    y = frame["x"] + rng.normal(size=n)
    if task == "multiclass":
        frame["y"] = pd.cut(y, [-9, -0.5, 0.5, 9], labels=["low", "middle", "high"]).astype(str)
    else:
        frame["y"] = y * 20 + 100 if task == "regression" else y.round().clip(0, 3)
    return frame


@pytest.fixture(scope="module")
def facts_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ModelFacts]:
    """What is gathered for a model of a task, once each."""
    found: dict[str, ModelFacts] = {}

    def of(task: str) -> ModelFacts:
        if task not in found:
            folder = tmp_path_factory.mktemp(task)
            model, gates = TASKS[task]
            train = rows(task, seed=1)
            rows(task).to_parquet(folder / "holdout.parquet", index=False)
            joblib.dump(model.fit(train[["x", "z"]], train["y"]), folder / "model.joblib")
            (folder / "money.py").write_text(OWN, encoding="utf-8")
            (folder / "mlgate.toml").write_text(
                f'[model]\nname = "m"\nversion = "1"\ntask = "{task}"\ncandidate = "model.joblib"\n'
                '[data]\ntarget = "y"\nholdout = "holdout.parquet"\nfeatures = ["x", "z"]\n'
                f'groups = ["market", "device"]\n{gates}',
                encoding="utf-8",
            )
            found[task] = gather(load_config(folder / "mlgate.toml"))
        return found[task]

    return of


def card(facts: ModelFacts, language: str = "en") -> bytes:
    """A new card with its measured parts, plots left out."""
    text = templates.card(
        language, name="m", pipeline=PIPELINES[facts.task], groups=True, baseline=False, findings=[]
    ).encode()
    found = [part for part in parts(text, file="card", known=NAMES) if part.name != PLOTS]
    return update(text, found, facts, Path("MODEL_CARD.md"), before=b"").after


def judged(raw: bytes, facts: ModelFacts) -> dict[str, Check]:
    around = Surroundings(measured=facts.measured, today=dt.date(2027, 1, 1))
    read = knowing_own(card_of(raw), facts.measured)
    return {check.subject: check for check in consistency_checks(read, around)}


@pytest.mark.parametrize(
    ("task", "metrics", "by_group"),
    [
        ("multiclass", ["accuracy", "balanced_accuracy", "f1", "log_loss"], ["accuracy", "f1"]),
        ("regression", ["mae", "rmse", "r2", "profit_per_row", "cost_per_row", "pinball"], ["mae", "rmse"]),
        ("ranking", ["ndcg@10", "mrr", "ndcg@5"], ["ndcg@10", "mrr"]),
    ],
)
def test_metrics_of_the_task_have_intervals_of_all_rows_and_of_groups(
    facts_of: Callable[[str], ModelFacts], task: str, metrics: list[str], by_group: list[str]
) -> None:
    facts = facts_of(task)
    bare = [
        (value.metric, value.group)
        for value in facts.measured.values
        if not value.variant and not (value.low is not None and value.high is not None)
    ]
    known = {(value.metric, value.group) for value in facts.measured.values}

    assert {(metric, "") for metric in metrics} <= known
    assert {(metric, group) for metric in by_group for group in ("de", "fr")} <= known
    assert set(bare) <= {("roc_auc", "")}  # of several classes
    assert all(value.low <= value.value <= value.high for value in facts.measured.values if value.low is not None)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("task", list(TASKS))
def test_what_is_written_agrees_with_the_run(facts_of: Callable[[str], ModelFacts], task: str, language: str) -> None:
    facts = facts_of(task)
    found = judged(card(facts, language), facts)
    compared = {subject.split(":")[0] for subject in found}

    assert {subject for subject, check in found.items() if check.outcome is not Outcome.PASS} == {"licence"}
    assert set(facts.metrics) <= compared
    assert any("market=de" in subject for subject in found)


@pytest.mark.parametrize("task", list(TASKS))
def test_the_bill_names_every_metric(facts_of: Callable[[str], ModelFacts], task: str) -> None:
    facts = facts_of(task)
    model = bill_of_materials(facts)["components"][0]["modelCard"]
    said = {metric["type"] for metric in model["quantitativeAnalysis"]["performanceMetrics"]}

    assert (model["modelParameters"]["task"], set(facts.metrics) - said) == (PIPELINES[task], set())


def test_values_are_those_of_scikit_learn_and_of_the_function(facts_of: Callable[[str], ModelFacts]) -> None:
    frame, train = rows("ranking"), rows("ranking", seed=1)
    said = LinearRegression().fit(train[["x", "z"]], train["y"]).predict(frame[["x", "z"]])
    frame = frame.assign(said=said)
    each = [ndcg_score([part["y"]], [part["said"]], k=10) for _, part in frame.groupby("query")]
    (ranked,) = facts_of("ranking").measured.of("ndcg@10")

    frame, train = rows("regression"), rows("regression", seed=1)
    said = LinearRegression().fit(train[["x", "z"]], train["y"]).predict(frame[["x", "z"]])
    (cost,) = facts_of("regression").measured.of("cost_per_row")

    assert ranked.value == pytest.approx(np.mean(each))
    assert cost.value == pytest.approx(7 * mean_absolute_error(frame["y"], said))


def test_a_group_that_cuts_through_queries_is_said_and_not_measured(facts_of: Callable[[str], ModelFacts]) -> None:
    facts = facts_of("ranking")
    text = card(facts).decode()

    assert "Not measured by `device`: " in text
    assert "a ranking cannot be cut" in text
    assert "| queries | 60 |" in text


def test_a_metric_of_ones_own_is_compared_under_its_name(facts_of: Callable[[str], ModelFacts]) -> None:
    facts = facts_of("regression")
    true = facts.measured.of("profit_per_row")[0].value
    text = f"# Model card: m\n\n## Metrics\n\nProfit per row: {true + 1:.2f}; cost per row {{}}.\n"
    cost = facts.measured.of("cost_per_row")[0].value

    found = judged(text.format(f"{cost:.3f}").encode(), facts)
    assert (found["profit_per_row"].outcome, found["profit_per_row"].blocks) == (Outcome.FAIL, True)
    assert f"{true + 1:.2f} in the card, {true:.2f} measured" in found["profit_per_row"].message
    assert found["cost_per_row"].outcome is Outcome.PASS


def test_the_value_at_another_rank_is_another_metric(facts_of: Callable[[str], ModelFacts]) -> None:
    facts = facts_of("ranking")
    at_5 = facts.measured.of("ndcg@5")[0].value

    found = judged(f"# Model card: m\n\n## Metrics\n\nnDCG@10: {at_5:.4f}; NDCG @ 5: {at_5:.4f}\n".encode(), facts)
    assert {name: found[name].outcome.value for name in ("ndcg@10", "ndcg@5")} == {"ndcg@10": "fail", "ndcg@5": "pass"}


def test_a_ranking_without_its_queries_is_refused(tmp_path: Path) -> None:
    frame = rows("ranking", n=100)
    frame.to_parquet(tmp_path / "holdout.parquet", index=False)
    joblib.dump(LinearRegression().fit(frame[["x", "z"]], frame["y"]), tmp_path / "model.joblib")
    (tmp_path / "mlgate.toml").write_text(
        '[model]\ntask = "ranking"\ncandidate = "model.joblib"\n[data]\ntarget = "y"\nholdout = "holdout.parquet"\n'
        'features = ["x", "z"]\n'
    )

    with pytest.raises(InputError, match="no metric could be measured: a metric of rankings needs to know which rows"):
        gather(load_config(tmp_path / "mlgate.toml"))
