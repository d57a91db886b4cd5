"""The contract of the candidate's answers: each rule has a model that breaks it, and one that does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest

from pytest_mlgate.checks import Outcome, Severity
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.schema import GATE, Settings

ROWS = pd.DataFrame({"x": np.linspace(0, 1, 100), "late": [0, 1] * 50})
SCHEMA = pa.DataFrameSchema({"x": pa.Column(float)})


class Classifier:
    classes_ = np.array([0, 1])

    def __init__(self, score, label=lambda rows: (rows["x"] > 0.5).astype(int)):
        self.score, self.label = score, label

    def predict(self, rows):
        return np.asarray(self.label(rows))

    def predict_proba(self, rows):
        score = np.asarray(self.score(rows), dtype=float)
        return np.column_stack([1 - score, score])


def run(candidate, task=None, rows=ROWS, sensitive=(), train=None, **outputs):
    facts = Facts(target="late", task=task, sensitive=sensitive)
    values = {"holdout": rows, "candidate": candidate, "train": train}
    settings = Settings(schema=SCHEMA, outputs=outputs, sanity=False)
    result = run_gate(GATE, settings, Inputs(facts=facts, values=values))
    return {check.subject: check for check in result.checks if check.subject not in ("holdout", "train")}


def test_a_sound_classifier_passes_every_question():
    found = run(Classifier(lambda rows: rows["x"]))

    assert {name: (check.code, check.outcome) for name, check in found.items()} == {
        "outputs.holdout": ("MLG210", Outcome.PASS),
        "outputs.holdout.classes": ("MLG211", Outcome.PASS),
        "outputs.holdout.constant": ("MLG212", Outcome.PASS),
    }


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (lambda rows: rows["x"].where(rows["x"] > 0.5), "NaN"),
        (lambda rows: rows["x"] * 1.5, "outside [0, 1]"),
        (lambda rows: rows["x"].iloc[:-10], "90 answers for 100 rows"),
    ],
    ids=["not finite", "no probability", "rows lost"],
)
def test_an_answer_that_is_none_fails_and_says_why(score, said):
    check = run(Classifier(score))["outputs.holdout"]

    assert (check.code, check.outcome, check.severity) == ("MLG210", Outcome.FAIL, Severity.BLOCK)
    assert said in check.message


def test_probabilities_that_do_not_sum_to_one_fail():
    class Halves(Classifier):
        def predict_proba(self, rows):
            return super().predict_proba(rows) / 2

    assert "do not sum to 1" in run(Halves(lambda rows: rows["x"]))["outputs.holdout"].message


def test_a_model_that_raises_is_an_error():
    check = run(Classifier(lambda rows: rows["no such column"]))["outputs.holdout"]

    assert check.outcome is Outcome.ERROR


@pytest.mark.parametrize(("high", "outcome"), [(3.0, Outcome.PASS), (1.9, Outcome.FAIL)])
def test_predictions_stay_within_their_range(high, outcome):
    found = run(lambda rows: rows["x"] * 2, task="regression", low=0.0, high=high)
    check = found.get("outputs.holdout.range", found.get("outputs.holdout"))

    assert check.outcome is outcome
    assert outcome is Outcome.PASS or (check.observed, check.details["rows"]) == (0.05, [95, 96, 97, 98, 99])


def test_a_label_that_no_training_row_has_fails_and_a_listed_one_passes():
    model = Classifier(lambda rows: rows["x"], label=lambda rows: np.where(rows["x"] > 0.9, 2, 0))

    unknown, listed = run(model, train=ROWS), run(model, classes=[0, 1, 2])

    check = unknown["outputs.holdout.classes"]
    assert (check.outcome, check.observed) == (Outcome.FAIL, 0.1)
    assert "10 of 100 answers are 2, not among the 2 labels of the training rows (0, 1)" in check.message
    assert listed["outputs.holdout.classes"].outcome is Outcome.PASS


def test_the_right_label_of_another_type_is_not_known():
    model = Classifier(lambda rows: rows["x"], label=lambda rows: np.where(rows["x"] > 0.5, "1", "0"))

    assert run(model, train=ROWS)["outputs.holdout.classes"].outcome is Outcome.FAIL


def test_labels_of_a_sensitive_target_stay_out():
    model = Classifier(lambda rows: rows["x"], label=lambda rows: np.where(rows["x"] > 0.9, 77, 0))

    assert "77" not in run(model, train=ROWS, sensitive=("late",))["outputs.holdout.classes"].message


@pytest.mark.parametrize(("share", "outcome"), [(0.96, Outcome.FAIL), (0.94, Outcome.PASS)])
def test_one_answer_for_nearly_every_row_fails(share, outcome):
    check = run(Classifier(lambda rows: rows["x"].where(rows["x"] > share, 0.3)))["outputs.holdout.constant"]

    assert (check.code, check.outcome) == ("MLG212", outcome)


def test_labels_alone_fail_only_where_all_are_alike():
    rare = run(lambda rows: (rows["x"] > 0.985).astype(int), task="binary")["outputs.holdout.constant"]
    none = run(lambda rows: (rows["x"] > 2).astype(int), task="binary")["outputs.holdout.constant"]

    assert (rare.outcome, none.outcome) == (Outcome.PASS, Outcome.FAIL)


def test_few_rows_with_one_answer_are_inconclusive_and_a_limit_of_one_allows_it():
    few = run(Classifier(lambda rows: rows["x"] * 0), rows=ROWS.iloc[:10])["outputs.holdout.constant"]
    allowed = run(Classifier(lambda rows: rows["x"] * 0), max_constant_share=1.0)["outputs.holdout.constant"]

    assert (few.outcome, few.severity) == (Outcome.INCONCLUSIVE, Severity.WARN)
    assert allowed.outcome is Outcome.PASS


def test_both_tables_are_asked_and_neither_is_an_error():
    settings = Settings(schema=SCHEMA, outputs={}, sanity=False)
    model = Classifier(lambda rows: rows["x"])
    facts = Facts(target="late")

    both = run_gate(GATE, settings, Inputs(facts=facts, values={"holdout": ROWS, "current": ROWS, "candidate": model}))
    none = run_gate(GATE, settings, Inputs(facts=facts, values={"train": ROWS, "candidate": model}))
    nobody = run_gate(GATE, settings, Inputs(facts=facts, values={"holdout": ROWS}))

    assert {check.subject.split(".")[1] for check in both.checks if "outputs" in check.subject} == {
        "holdout",
        "current",
    }
    assert "no rows to ask the candidate with" in none.checks[-1].message
    assert "no candidate is configured" in nobody.checks[-1].message
    assert none.outcome is nobody.outcome is Outcome.ERROR


def test_the_candidate_is_wanted_only_where_it_is_asked():
    assert not Settings(schema="a:b").wants("candidate")
    assert Settings(schema="a:b", outputs={}).wants("candidate")
    assert Settings(schema="a:b", sanity={"known_later": ["x"]}).wants("candidate")
    assert Settings(schema="a:b", tables=["predictions"]).wants("candidate")
    assert Settings(schema="a:b").wants("holdout")


def test_a_range_upside_down_is_refused():
    with pytest.raises(ValueError, match="above high"):
        Settings(schema="a:b", outputs={"low": 1, "high": 0})
