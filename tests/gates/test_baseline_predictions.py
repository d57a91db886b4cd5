"""The baseline gate on tables of predictions, and on one score a row."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy import stats
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

from pytest_mlgate import check_baseline, check_predictions
from pytest_mlgate.artifacts.model import dummy_model
from pytest_mlgate.checks import Check, GateResult, Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.baseline import GATE, Settings
from pytest_mlgate.stats.proportions import tango_interval

N = 600
RNG = np.random.default_rng(0)
LATE = RNG.integers(0, 2, N)
HOLDOUT = pd.DataFrame(
    {
        "id": [f"f{i}" for i in range(N)],
        "late": LATE,
        "x": LATE + RNG.normal(size=N),
        "origin": RNG.choice(["A", "B"], N),
    }
)
GOOD, POOR = LATE * 0.4 + RNG.random(N) * 0.6, LATE * 0.2 + RNG.random(N) * 0.8
RATED = pd.DataFrame(
    {
        "id": np.arange(N),
        "question": [f"question {i}" for i in range(N)],
        "judge": "judge-1",
        "prompt": "Answer.",
        "topic": np.where(np.arange(N) % 2, "law", "code"),
        "helpfulness": RNG.integers(1, 6, N).astype(float),
        "solved": RNG.integers(0, 2, N),
    }
)


def ids(**columns: Any) -> pd.DataFrame:
    return HOLDOUT[["id"]].assign(**columns)


def ask(candidate: Any, baseline: Any, facts: dict[str, Any] | None = None, **settings: Any) -> GateResult:
    known = Facts(**{"target": "late", "id": "id", **(facts or {})})
    values = {"candidate": candidate, "baseline": baseline, "holdout": HOLDOUT}
    return run_gate(GATE, Settings(**settings), Inputs(facts=known, values=values))


def rated(candidate: pd.DataFrame, baseline: pd.DataFrame = RATED, **settings: Any) -> GateResult:
    return check_predictions(candidate, baseline, **{"id": "id", "score": "helpfulness", **settings})


def only(result: GateResult) -> Check:
    (check,) = result.checks
    assert check.outcome is Outcome.ERROR
    assert not check.message.startswith("baseline raised")
    return check


def error(result: GateResult) -> str:
    check = only(result)
    return f"{check.message} | {check.fix}"


def named(result: GateResult, subject: str) -> Check:
    return next(check for check in result.checks if check.subject == subject)


# --- predictions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "columns"),
    [
        ("roc_auc", lambda p: {"probability": p}),
        ("roc_auc", lambda p: {"score": p}),
        ("neg_log_loss", lambda p: {"probability": p}),
        ("neg_brier_score", lambda p: {"probability_0": 1 - p, "probability_1": p}),
        ("accuracy", lambda p: {"prediction": (p > 0.5).astype(int)}),
    ],
)
def test_tables_are_judged_as_the_same_arrays_are(metric: str, columns: Any) -> None:
    tables = [ids(**columns(p)).sample(frac=1, random_state=1) for p in (GOOD, POOR)]
    arrays = [(p > 0.5).astype(int) if metric == "accuracy" else p for p in (GOOD, POOR)]
    found = ask(*tables, metric=metric, margin=0.02, slices=["origin"])
    expected = check_baseline(LATE, *arrays, metric=metric, margin=0.02, slices=HOLDOUT[["origin"]])

    assert [(c.id, c.message, c.outcome) for c in found.checks] == [
        (c.id, c.message, c.outcome) for c in expected.checks
    ]


def test_the_probability_is_that_of_the_positive_label() -> None:
    tables = [ids(probability=1 - p) for p in (GOOD, POOR)]
    found = ask(*tables, {"positive": 0}, metric="neg_log_loss").checks[0]
    expected = ask(ids(probability=GOOD), ids(probability=POOR), metric="neg_log_loss").checks[0]

    assert found.message == expected.message


def test_classes_regressions_and_rankings_work_from_tables() -> None:
    labels = np.where(LATE == 1, "late", RNG.choice(["early", "on time"], N))
    wrong = np.roll(labels, 1)
    frame = HOLDOUT.assign(late=labels, y=HOLDOUT["x"], q=np.arange(N) // 10)
    several = check_predictions(ids(prediction=labels), ids(prediction=wrong), id="id", target="late", holdout=frame)
    values = [ids(prediction=frame["x"] + noise) for noise in (0.1 * GOOD, POOR)]
    number = check_predictions(*values, id="id", target="y", holdout=frame)
    scores = [ids(score=p) for p in (GOOD, POOR)]
    order = check_predictions(
        *scores, id="id", target="late", holdout=frame.assign(late=LATE), metric="ndcg", query="q"
    )

    assert [r.checks[0].outcome for r in (several, number, order)] == [Outcome.PASS] * 3
    assert [r.checks[0].details["metric"] for r in (several, number, order)] == ["accuracy", "r2", "ndcg"]


def test_a_model_and_a_table_are_compared() -> None:
    model = LogisticRegression().fit(HOLDOUT[["x"]], LATE)
    as_table = ids(probability=model.predict_proba(HOLDOUT[["x"]])[:, 1])
    for pair in ((model, as_table), (as_table, model)):
        check = ask(*pair, {"features": ("x",)}, metric="roc_auc").checks[0]
        assert check.observed == 0


def test_two_tables_without_a_holdout_are_enough() -> None:
    tables = [ids(late=LATE, origin=HOLDOUT["origin"], probability=p) for p in (GOOD, POOR)]
    found = check_predictions(*tables, id="id", target="late", slices=["origin"], segments=True)
    expected = ask(*tables, slices=["origin"])

    assert found.checks[0].message == expected.checks[0].message
    assert named(found, "origin=A").message == named(expected, "origin=A").message
    assert named(found, "(weak segments)").details["columns"] == ["origin"]
    assert named(found, "same:late").outcome is Outcome.PASS


def test_a_dummy_stands_in_for_a_baseline_table() -> None:
    dummy = dummy_model(LATE, task="binary")
    values = {"candidate": ids(late=LATE, probability=GOOD), "baseline": dummy}
    found = run_gate(GATE, Settings(), Inputs(facts=Facts(target="late", id="id"), values=values))

    assert found.outcome is Outcome.PASS
    assert found.checks[0].message.startswith("no baseline")


def test_rows_that_the_candidate_left_out_are_never_forgotten() -> None:
    ours, theirs = ids(late=LATE, probability=GOOD).iloc[3:], ids(late=LATE, probability=POOR)
    with_holdout = error(ask(ours, theirs))
    without = error(check_predictions(ours, theirs, id="id", target="late"))
    other_way = error(check_predictions(theirs, ours, id="id", target="late"))

    assert (
        "the candidate's table has no row for 3 of 600 rows of holdout (0.5 %) (first ids: 'f0', 'f1'" in with_holdout
    )
    assert "the candidate's table has no row for 3 of 600 rows of the baseline's table (first ids: 'f0'" in without
    assert "the baseline's table has no row for 3 of 600 rows of the candidate's table (0.5 %)" in other_way


def test_predictions_beyond_the_holdout_are_noted() -> None:
    more = pd.concat([ids(probability=GOOD), pd.DataFrame({"id": ["a", "b"], "probability": [0.1, np.nan]})])
    check = ask(more, ids(probability=POOR)).checks[0]

    assert check.outcome is Outcome.PASS
    assert check.details["notes"] == ["the candidate's table: 2 of 602 predictions are of rows that were not asked"]


@pytest.mark.parametrize(
    ("candidate", "facts", "settings", "expected"),
    [
        (ids(probability=GOOD), {"id": None}, {}, "candidate is a table of predictions, and no column of row ids"),
        (ids(other=GOOD), {}, {}, "the candidate's table has no prediction of the candidate (its columns: id, other)"),
        (ids(prediction=LATE), {}, {"metric": "roc_auc"}, "the candidate's table of predictions has none"),
        (ids(probability=GOOD), {}, {"same": ["gone"]}, "the candidate's table has no column 'gone' (same)"),
        (ids(probability=GOOD), {}, {"prompt": "gone"}, "the candidate's table has no column 'gone' (prompt)"),
    ],
)
def test_a_table_that_cannot_answer_is_an_error(
    candidate: pd.DataFrame, facts: dict[str, Any], settings: dict[str, Any], expected: str
) -> None:
    assert expected in error(ask(candidate, ids(probability=POOR), facts, **settings))


def test_a_holdout_is_asked_for_where_it_is_needed() -> None:
    model = DummyClassifier().fit(HOLDOUT[["x"]], LATE)
    tables = {"candidate": ids(probability=GOOD), "baseline": ids(probability=POOR)}
    facts = Facts(target="late", id="id")

    def without(**values: Any) -> str:
        return error(run_gate(GATE, Settings(), Inputs(facts=facts, values={**tables, **values})))

    assert without(candidate=model).startswith("no holdout is configured: set `[data] holdout` in mlgate.toml")
    assert "no holdout is configured, and the candidate's table has no column 'late'" in without()
    assert GATE.inputs == ("candidate", "baseline")
    assert GATE.optional == ("holdout",)


def test_labels_that_differ_between_the_tables_are_an_error() -> None:
    flipped = LATE.copy()
    flipped[:2] = 1 - flipped[:2]
    check = only(check_predictions(ids(late=LATE, score=GOOD), ids(late=flipped, score=POOR), id="id", target="late"))

    assert (check.code, check.subject) == ("MLG115", "same:late")
    assert "late differs between both tables on 2 of 600 rows (first ids: 'f0', 'f1')" in check.message


def test_one_file_twice_is_refused(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        ids(late=LATE, score=GOOD).to_csv(tmp_path / name, index=False)

    said = error(check_predictions(tmp_path / "a.csv", tmp_path / "b.csv", id="id", target="late"))
    assert "are the same table: the answer means nothing" in said


def test_what_asks_a_model_again_is_refused_for_tables() -> None:
    result = ask(ids(probability=GOOD), ids(probability=POOR), importance=True, max_latency=1.0)

    assert named(result, "(importance)").outcome is Outcome.ERROR
    assert "a table of predictions cannot be asked" in named(result, "(importance)").message
    assert "cannot be timed" in named(result, "latency").message


# --- one score a row --------------------------------------------------------------------------------------------------


def test_scores_are_judged_by_the_paired_t_of_their_differences() -> None:
    better = RATED["helpfulness"] + RNG.normal(0.2, 0.5, N)
    check = rated(RATED.assign(helpfulness=better).sample(frac=1, random_state=2), margin=0.1).checks[0]
    low, high = stats.ttest_rel(better, RATED["helpfulness"]).confidence_interval(0.9)

    assert check.interval is not None
    np.testing.assert_allclose((check.interval.low, check.interval.high), (low, high), rtol=1e-9)
    assert check.id == "baseline[helpfulness]"
    assert check.interval.method == "paired t"
    assert check.details["candidate"] == pytest.approx(better.mean())


@pytest.mark.parametrize("smaller_is_better", [False, True])
def test_scores_of_0_and_1_are_judged_by_tangos_interval(smaller_is_better: bool) -> None:
    hits = RATED["solved"].to_numpy()
    ours = np.where(np.arange(N) < 40, 1, hits)
    fixed, broken = int((ours > hits).sum()), int((ours < hits).sum())
    expected = tango_interval(fixed, broken, N)
    flip = (lambda values: 1 - values) if smaller_is_better else (lambda values: values)
    direction = {"greater_is_better": False, "floor": -0.9} if smaller_is_better else {"floor": 0.1}
    result = rated(RATED.assign(solved=flip(ours)), RATED.assign(solved=flip(hits)), score="solved", **direction)
    check, floor = result.checks[0], named(result, "floor")

    assert check.interval is not None
    assert (check.interval.low, check.interval.high, check.interval.method) == (expected.low, expected.high, "Tango")
    assert check.details["flips"] == {"fixed": fixed, "broken": broken}
    assert check.details["candidate"] == pytest.approx(ours.mean() - smaller_is_better)
    assert floor.observed == pytest.approx(check.details["candidate"])
    assert floor.interval is not None
    assert floor.interval.method == "Wilson"


def test_smaller_is_better_turns_the_scores_round() -> None:
    worse = RATED.assign(helpfulness=RATED["helpfulness"] + 0.5 + 0.1 * RNG.random(N))
    up, down = rated(worse).checks[0], rated(worse, greater_is_better=False).checks[0]

    assert (up.outcome, down.outcome) == (Outcome.PASS, Outcome.FAIL)
    assert down.id == "baseline[neg_helpfulness]"
    assert up.observed == pytest.approx(-(down.observed or 0))


def test_everything_else_of_the_gate_works_on_scores() -> None:
    ours = RATED.assign(helpfulness=RATED["helpfulness"] + RNG.normal(0.3, 0.5, N))
    result = rated(
        ours, slices=["topic"], floor=1.0, cap=2.0, improvement=0.1, equivalence=0.9, segments=True, min_rows=50
    )
    outcomes = {check.subject: check.outcome.value for check in result.checks}

    assert outcomes == {
        "": "pass",
        "improvement": "pass",
        "equivalence": "pass",
        "floor": "pass",
        "cap": "pass",
        "trivial": "skip",
        "topic=code": "pass",
        "topic=law": "pass",
        "(weak segments)": "pass",
    }
    assert result.outcome is Outcome.PASS
    grouped = rated(ours.assign(group=np.arange(N) // 5), cluster="group").checks[0]
    assert grouped.interval is not None
    assert grouped.interval.method == "bootstrap over 120 groups"
    weighted = rated(ours.assign(w=RNG.random(N)), weight="w").checks[0]
    assert weighted.interval is not None
    assert weighted.interval.method == "paired t, weighted"


@pytest.mark.parametrize("name", ["accuracy", "mrr", "neg_log_loss", "roc_auc"])
def test_a_column_of_scores_may_be_called_like_a_metric(name: str) -> None:
    ours, theirs = (RATED.rename(columns={"helpfulness": name}).assign(**{name: values}) for values in (GOOD, POOR))
    check = rated(ours, theirs, score=name).checks[0]

    assert check.id == f"baseline[{name}]"
    assert check.observed == pytest.approx(GOOD.mean() - POOR.mean())
    assert check.interval is not None
    assert check.interval.method == "paired t"


@pytest.mark.parametrize(
    ("candidate", "settings", "expected"),
    [
        (RATED.assign(helpfulness=np.where(RATED["id"] < 2, np.nan, 1.0)), {}, "on 2 of 600 rows (first ids: 0, 1)"),
        (RATED.assign(helpfulness="good"), {}, "column 'helpfulness' is of type"),
        (RATED.drop(columns="helpfulness"), {}, "the candidate's table has no column 'helpfulness'"),
        (RATED.iloc[7:], {}, "no row for 7 of 600 rows of the baseline's table (first ids: 0, 1, 2, 3, 4)"),
        (RATED.assign(solved=1), {"score": "solved", "margin": 5.0}, "margin = 5 for a score that is 0 or 1"),
        (RATED, {"importance": True, "holdout": RATED[["id"]].iloc[:0]}, "holdout has no rows"),
    ],
)
def test_scores_that_cannot_be_compared_are_an_error(
    candidate: pd.DataFrame, settings: dict[str, Any], expected: str
) -> None:
    assert expected in error(rated(candidate, **settings))


def test_a_model_has_no_score_a_row() -> None:
    model = DummyClassifier().fit(HOLDOUT[["x"]], LATE)

    assert "score = 'x' is a column of two tables, and the baseline is a model" in error(ask(HOLDOUT, model, score="x"))
    assert "call check_predictions" in error(check_baseline(LATE, GOOD, POOR, score="x"))


@pytest.mark.parametrize("other", [{"metric": "f1"}, {"threshold": 0.5}, {"query": "q"}, {"response": "predict"}])
def test_a_score_takes_the_place_of_a_metric(other: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=f"takes the place of a metric: take {next(iter(other))} out"):
        Settings(score="x", **other)


def test_a_sensitive_id_or_column_is_not_shown() -> None:
    ours = RATED.assign(judge="judge-2", prompt="Another.")
    hidden_id = error(rated(ours, same=["judge"], sensitive=["id"]))
    hidden_column = error(rated(ours, same=["judge"], sensitive=["judge"]))
    prompts = rated(ours, prompt="prompt", sensitive=["prompt"]).checks[0].details["prompts"]

    for said in (hidden_id, hidden_column):
        assert "judge differs between both tables on 600 of 600 rows: what stands" in said
    assert prompts["candidate"]["each"] == prompts["baseline"]["each"] == []


# --- what both must agree on, and the prompts behind them -------------------------------------------------------------


def test_columns_that_must_agree_are_compared_row_by_row() -> None:
    missing = RATED.assign(topic=RATED["topic"].where(RATED["id"] > 3))
    result = rated(missing, missing.sample(frac=1, random_state=0), same=["question", "judge", "topic"])

    assert [check.subject for check in result.checks[1:4]] == ["same:question", "same:judge", "same:topic"]
    assert {check.code for check in result.checks[1:4]} == {"MLG115"}
    assert result.outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("judge", np.where(RATED["id"] == 5, "judge-2", "judge-1"), "on 1 of 600 rows (first ids: 5): what"),
        ("topic", RATED["topic"].where(RATED["id"] > 1), "on 2 of 600 rows (first ids: 0, 1): what"),
        ("helpfulness", RATED["helpfulness"].where(RATED["id"] > 1), "on 2 of 600 rows (first ids: 0, 1): what"),
        ("solved", RATED["solved"].where(RATED["id"] != 7, 5), "on 1 of 600 rows (first ids: 7): what"),
        ("solved", RATED["solved"].astype(str), "on 600 of 600 rows (first ids: 0, 1, 2, 3, 4); its types are"),
    ],
)
def test_where_they_disagree_nothing_is_compared(column: str, values: Any, expected: str) -> None:
    result = rated(RATED.assign(**{column: values}), same=["question", column])

    assert result.outcome is Outcome.ERROR
    assert [check.subject for check in result.checks] == ["same:question", f"same:{column}"]
    assert f"{column} differs between both tables {expected}" in result.checks[1].message


def test_prompts_are_versioned_by_digest() -> None:
    several = RATED.assign(prompt=[f"Prompt {i % 7}" for i in range(N)])
    check = rated(several, prompt="prompt").checks[0]
    values = sorted({f"Prompt {i}" for i in range(7)})
    found = check.details["prompts"]

    def sha256(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    assert found["column"] == "prompt"
    assert found["candidate"] == {
        "distinct": 7,
        "sha256": sha256(json.dumps(values)),
        "each": [sha256(value) for value in values[:5]],
    }
    assert found["baseline"]["each"] == [sha256("Answer.")]
    assert "another prompt than the baseline's (SHA-256 " in check.message
    assert "prompt" not in rated(RATED.assign(solved=1), prompt="prompt").checks[0].message


def test_a_prompt_that_is_missing_is_an_error() -> None:
    said = error(rated(RATED.assign(prompt=RATED["prompt"].where(RATED["id"] > 3)), prompt="prompt"))

    assert "column 'prompt' (prompt) is missing on 4 of 600 rows" in said


def test_agreement_and_prompts_need_two_tables() -> None:
    model = LogisticRegression().fit(HOLDOUT[["x"]], LATE)

    assert "`same` and `prompt` name columns of two tables" in error(
        ask(model, ids(probability=POOR), {"features": ("x",)}, same=["x"])
    )
