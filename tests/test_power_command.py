"""``mlgate power``: what rows can tell is said before a model is loaded, and agrees with what the gates say after."""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import accuracy_score, roc_auc_score
from typer.testing import CliRunner, Result

from pytest_mlgate import check_baseline
from pytest_mlgate.checks import Check, InputError
from pytest_mlgate.cli import app
from pytest_mlgate.gates.base import Facts, Inputs
from pytest_mlgate.gates.baseline import Settings
from pytest_mlgate.gates.baseline.power import Assumptions, entry_power
from pytest_mlgate.gates.baseline.retraining import refuse_copies
from pytest_mlgate.stats.ks import detectable_ks
from pytest_mlgate.stats.power import (
    auc_variance,
    cluster_design_effect,
    detectable_difference,
    paired_variance,
    rows_for_power,
    suggest_margin,
)
from pytest_mlgate.verdict import Verdict, decide, write_verdict

ROWS, POSITIVES = 4000, 1000
CONFIG = """
[model]
task = "binary"
candidate = "candidate.joblib"
baseline = "champion.joblib"

[data]
target = "late"
holdout = "holdout.parquet"
"""
SLICED = '[[gates.baseline]]\nmetric = "roc_auc"\nmargin = 0.01\nslices = ["origin"]\n'
ACCURACY = '[[gates.baseline]]\nmetric = "accuracy"\nmargin = 0.01\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a holdout and without models."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    origin = rng.choice(["EWR", "JFK", "LGA"], ROWS).astype(object)
    origin[:50] = "TEB"
    frame = pd.DataFrame(
        {
            "late": np.arange(ROWS) % (ROWS // POSITIVES) == 0,
            "origin": origin,
            "x": rng.normal(size=ROWS),
            "user": np.arange(ROWS) // 5,
        }
    )
    frame["late"] = frame["late"].astype(int)
    frame.to_parquet(tmp_path / "holdout.parquet")
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["power", *arguments])


def configured(folder: Path, gates: str, config: str = CONFIG) -> None:
    (folder / "mlgate.toml").write_text(config + gates, encoding="utf-8")


def as_json(*arguments: str) -> Any:
    result = call("--json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(*arguments: str) -> str:
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.stderr
    return result.stderr


def a_verdict(folder: Path, *checks: Check) -> None:
    decision, reasons = decide(checks)
    times = {"started": "2027-01-31T10:00:00+00:00", "finished": "2027-01-31T10:00:01+00:00"}
    verdict = Verdict(model="m", stage="validation", decision=decision, reasons=reasons, checks=checks, **times)
    write_verdict(verdict, folder / ".mlgate" / "verdict.json")


# --- before a model is loaded


def test_no_model_is_loaded_and_no_process_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    for name in ("candidate", "champion"):
        (folder / f"{name}.joblib").write_bytes(b"no model at all")
    configured(folder, SLICED + ACCURACY)
    for where in ("subprocess.Popen.__init__", "os.fork", "os.posix_spawn", "pytest_mlgate.artifacts.model.load_model"):
        monkeypatch.setattr(where, never)

    assert call().exit_code == 0


def test_it_answers_before_there_are_models(folder: Path) -> None:
    configured(folder, ACCURACY)

    result = call()

    assert result.exit_code == 0
    assert result.stdout == (
        "baseline[accuracy]: accuracy, margin 0.01\n"
        "          rows  positives  by                       shows margin  rows needed\n"
        "  (all)  4 000      1 000  3 % of the rows differ         0.0068        1 860  enough\n"
        "                           10 % of the rows differ        0.0124        6 190  too few\n"
        "  4 000 rows: an equal candidate passes margin 0.01 with at least 80 %: not always; where 10 % of the rows "
        "differ it needs about 6 190 rows, and margin 0.013 could be shown.\n"
    )


def test_assumptions_can_be_replaced(folder: Path) -> None:
    configured(folder, ACCURACY)
    (entry,) = as_json("--discordance", "0.05", "--power", "0.9")["baseline"]
    (answer,) = entry["parts"][0]["answers"]

    assert answer["detectable"] == pytest.approx(detectable_difference(0.05, ROWS, power=0.9))
    assert answer["rows_needed"] == pytest.approx(rows_for_power(0.05, 0.01, power=0.9), rel=0.01)


def test_an_area_goes_by_the_rows_of_both_classes(folder: Path) -> None:
    configured(folder, SLICED)
    (entry,) = as_json("--auc", "0.7", "--correlation", "0.8")["baseline"]
    (answer,) = entry["parts"][0]["answers"]
    variance = paired_variance(auc_variance(0.7, POSITIVES, ROWS - POSITIVES), 0.8)

    assert answer["basis"] == "AUC 0.7, correlation 0.8"
    assert answer["detectable"] == pytest.approx(detectable_difference(ROWS * variance, ROWS))


def test_slices_are_those_of_the_gate_and_small_ones_are_named(folder: Path) -> None:
    configured(folder, SLICED)
    frame = pd.read_parquet("holdout.parquet")
    scores = frame["late"] + np.random.default_rng(1).normal(size=ROWS)
    gate = check_baseline(frame["late"], scores, scores, metric="roc_auc", margin=0.01, slices=frame[["origin"]])
    (entry,) = as_json()["baseline"]
    small = {part["rows"]["subject"]: part["rows"]["small"] for part in entry["parts"] if part["rows"]["small"]}
    told = {check.subject: check for check in gate.checks if check.subject != "trivial"}

    assert {part["rows"]["subject"]: part["rows"]["rows"] for part in entry["parts"]} == {
        subject: check.n for subject, check in told.items()
    }
    assert {subject: f"too small to judge by itself: {why}" for subject, why in small.items()} == {
        subject: check.message for subject, check in told.items() if "too small" in check.message
    }
    assert set(small) == {"origin=TEB"}
    assert "Too small to judge by themselves: origin=TEB." in call().stdout


def test_a_slice_has_its_own_margin(folder: Path) -> None:
    configured(folder, SLICED + "slice_margin = 0.05\n")
    (entry,) = as_json()["baseline"]

    assert {part["margin"] for part in entry["parts"][1:]} == {0.05}
    short = [part for part in entry["parts"] for answer in part["answers"] if not answer["enough"]]
    assert [part["rows"]["subject"] for part in short] == ["(small slices)"]


def test_losses_are_told_in_units_of_their_own_spread(folder: Path) -> None:
    configured(folder, '[[gates.baseline]]\nmetric = "neg_brier_score"\nmargin = 0.005\n')
    (entry,) = as_json()["baseline"]
    (answer,) = entry["parts"][0]["answers"]

    assert (answer["unit"], answer["enough"]) == ("sd", None)
    assert answer["detectable"] == pytest.approx(detectable_difference(2 * (1 - 0.9), ROWS))
    assert answer["detectable"] * answer["largest_sd"] == pytest.approx(0.005)
    assert "where the loss or score of a row has a standard deviation of 0.28 at most" in entry["conclusion"]


def test_a_score_a_row_is_told_of_from_the_candidates_table(folder: Path) -> None:
    table = pd.DataFrame({"id": range(400), "grade": np.linspace(0, 1, 400), "topic": ["law", "tax"] * 200})
    table.to_parquet("candidate.parquet")
    table.iloc[::-1].to_parquet("baseline.parquet")
    model = '[model]\ncandidate = "candidate.parquet"\nbaseline = "baseline.parquet"\n[data]\nid = "id"\n'
    configured(folder, '[[gates.baseline]]\nscore = "grade"\nslices = ["topic"]\n', model)
    (entry,) = as_json()["baseline"]

    assert (entry["name"], entry["kind"], entry["notes"]) == ("baseline[grade]", "loss", [])
    assert [part["rows"]["rows"] for part in entry["parts"]] == [400, 200, 200]


@pytest.mark.parametrize("metric", ["f1", "average_precision", "neg_expected_calibration_error"])
def test_of_other_metrics_only_a_verdict_can_tell(folder: Path, metric: str) -> None:
    configured(folder, f'[[gates.baseline]]\nmetric = "{metric}"\n')
    result = call()

    assert result.exit_code == 0
    assert "only a verdict can tell" in result.stdout
    assert "run `mlgate check` once" in result.stdout


def test_margin_nought_asks_for_an_improvement(folder: Path) -> None:
    configured(folder, ACCURACY.replace("0.01", "0"))

    assert "margin 0 asks for an improvement, which an equal candidate shows by chance only" in call().stdout


def test_rows_of_one_group_count_less(folder: Path) -> None:
    configured(folder, ACCURACY + 'cluster = "user"\n')
    (entry,) = as_json("--rho", "0.2", "--discordance", "0.1")["baseline"]
    rows = entry["parts"][0]["rows"]
    (answer,) = entry["parts"][0]["answers"]
    design = cluster_design_effect([5] * 800, 0.2)

    assert (rows["groups"], rows["design"]) == (800, pytest.approx(design))
    assert answer["detectable"] == pytest.approx(detectable_difference(0.1 * design, ROWS))
    assert "4 000 rows in 800 groups by 'user' count less: as about 2 222" in entry["notes"][0]


def test_rows_that_there_are_not_yet_are_like_those_at_hand(folder: Path) -> None:
    configured(folder, SLICED + 'cluster = "user"\n')
    once, twice, fewer = (
        as_json(*more)["baseline"][0]["parts"] for more in ([], ["--rows", "8000"], ["--rows", "300"])
    )

    assert [2 * part["rows"]["rows"] for part in once] == [part["rows"]["rows"] for part in twice]
    assert (twice[0]["rows"]["groups"], twice[0]["rows"]["positives"]) == (1600, 2000)
    assert all(part["rows"]["small"] for part in fewer[1:-1])


def test_the_same_numbers_stand_in_the_text_and_in_json(folder: Path) -> None:
    configured(folder, SLICED)
    text = call().stdout
    (entry,) = as_json()["baseline"]

    assert f"  {entry['conclusion']}\n" in text
    for part in entry["parts"]:
        for answer in part["answers"]:
            assert f"{answer['detectable']:.4f}" in text


def test_the_task_is_found_out_and_said(folder: Path) -> None:
    configured(folder, ACCURACY, CONFIG.replace('task = "binary"\n', ""))
    (entry,) = as_json()["baseline"]

    assert entry["notes"][0].startswith("the task is taken for binary, by the labels")


# --- after a verdict


def measured(folder: Path, **more: Any) -> Check:
    """Return the main check of two models that the gate has compared."""
    frame = pd.read_parquet(folder / "holdout.parquet")
    rng = np.random.default_rng(2)
    champion = frame["late"] + rng.normal(size=ROWS)
    result = check_baseline(frame["late"], champion + 0.2 * rng.normal(size=ROWS), champion, metric="roc_auc", **more)
    return next(check for check in result.checks if not check.subject)


def test_a_verdict_replaces_the_assumptions(folder: Path) -> None:
    configured(folder, SLICED)
    check = measured(folder)
    a_verdict(folder, check)
    whole, *slices = as_json()["baseline"][0]["parts"]
    (answer,) = whole["answers"]

    assert (answer["measured"], answer["basis"]) == (True, "measured 2027-01-31")
    assert answer["detectable"] == pytest.approx(check.details["detectable_difference"])
    assert answer["rows_needed"] == check.details["rows_for_equal_models"]
    assert not any(answer["measured"] for part in slices for answer in part["answers"])


def test_what_was_measured_is_scaled_to_the_rows_of_today(folder: Path) -> None:
    configured(folder, '[[gates.baseline]]\nmetric = "f1"\nmargin = 0.02\n')
    frame = pd.read_parquet("holdout.parquet")
    labels = frame["late"].where(np.arange(ROWS) % 9 > 0, 1)
    other = frame["late"].where(np.arange(ROWS) % 7 > 0, 1)
    (check, *_) = check_baseline(frame["late"], labels, other, metric="f1", margin=0.02).checks
    a_verdict(folder, check)
    (answer,) = as_json("--rows", "16000")["baseline"][0]["parts"][0]["answers"]

    assert answer["basis"] == "measured 2027-01-31 on 4 000 rows"
    assert answer["detectable"] == pytest.approx(check.details["detectable_difference"] / 2)


@pytest.mark.parametrize("change", ["metric", "dummy"])
def test_a_verdict_on_something_else_is_not_used(folder: Path, change: str) -> None:
    check = measured(folder)
    a_verdict(folder, check)
    if change == "metric":
        configured(folder, '[[gates.baseline]]\nmetric = "accuracy"\nname = "roc_auc"\n')
    else:
        configured(folder, SLICED, CONFIG.replace('baseline = "champion.joblib"', 'baseline = "dummy"'))

    assert not as_json()["baseline"][0]["parts"][0]["answers"][0]["measured"]


def test_a_verdict_that_was_changed_is_named_and_not_used(folder: Path) -> None:
    configured(folder, SLICED)
    a_verdict(folder, measured(folder))
    path = folder / ".mlgate" / "verdict.json"
    path.write_text(path.read_text(encoding="utf-8").replace("2027-01-31", "2027-02-01"), encoding="utf-8")
    result = call()

    assert result.exit_code == 0
    assert "its digest is not that of its content: it was changed after it was written; going by" in result.stderr
    assert "AUC 0.8" in result.stdout


# --- drift


def test_drift_is_told_by_rows_and_columns(folder: Path) -> None:
    frame = pd.read_parquet("holdout.parquet").drop(columns="user")
    frame.to_parquet("reference.parquet")
    frame.iloc[:1000].to_parquet("current.parquet")
    tables = 'reference = "reference.parquet"\ncurrent = "current.parquet"\n'
    configured(folder, "[gates.drift]\nmax_distance = 0.2\nwarn_distance = 0.05\n", CONFIG + tables)
    (drift,) = as_json()["drift"]
    found = {one["kind"]: one for one in drift["detectable"]}

    assert (drift["reference"], drift["current"], drift["columns"], drift["tests"]) == (4000, 1000, 3, 3)
    assert found["columns in order"]["distance"] == pytest.approx(detectable_ks(4000, 1000, alpha=0.05, tests=3))
    assert {one["limit"] for one in drift["blind"]} == {0.05}
    assert "Too few rows for the limits of" in call().stdout


# --- from numbers alone


def test_numbers_alone_need_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (entry,) = as_json("--rows", "5000", "--margin", "0.01")["baseline"]
    (area,) = as_json("--rows", "5000", "--margin", "0.01", "--metric", "roc_auc", "--positives", "500")["baseline"]

    assert [answer["enough"] for answer in entry["parts"][0]["answers"]] == [True, False]
    assert [answer["rows_needed"] for answer in entry["parts"][0]["answers"]] == [1860, 6190]
    assert area["parts"][0]["rows"]["positives"] == 500
    assert "only a verdict can tell" in call("--rows", "50", "--margin", "0.01", "--metric", "f1").stdout


@pytest.mark.parametrize("rows", [50, 731, 5000, 123_456])
def test_the_margin_and_the_rows_that_are_named_are_enough(rows: int) -> None:
    shares = ["--discordance", "0.07"]
    (entry,) = as_json("--rows", str(rows), "--margin", "0.0001", *shares)["baseline"]
    named = re.search(r"needs about ([\d ]+) rows, and margin (\S+) could be shown", entry["conclusion"])
    assert named is not None

    for again in ([named[1].replace(" ", ""), "--margin", "0.0001"], [str(rows), "--margin", named[2]]):
        assert call("--rows", *again, *shares).stdout.endswith("with at least 80 %: yes.\n")


# --- bad usage


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--margin", "0.01"], "--margin goes with --rows"),
        (["--margin", "0.01", "--rows", "9", "--retrained", "a"], "--margin needs no configuration and no models"),
        (["--margin", "inf", "--rows", "9"], "margin = inf is no margin"),
        (["--metric", "f1"], "--metric and --positives go with --rows and --margin"),
        (["--rows", "50", "--retrained", "a.joblib"], "--rows does nothing beside --retrained"),
        (["--rows", "50", "--margin", "0.01", "--metric", "roc_auc"], "give the positive ones: --positives"),
        (["--rows", "50", "--margin", "0.01", "--metric", "acuracy"], "did you mean accuracy"),
        (["--rows", "50", "--margin", "0.01", "--positives", "50"], "positives = 50 of rows = 50"),
        (
            ["--discordance", "10"],
            "discordance = 10 is out of range\n    fix: give a share above 0, at most 1 (10 % is",
        ),
        (["--discordance", "0"], "discordance = 0 is out of range"),
        (["--auc", "1"], "auc = 1 is out of range"),
        (["--correlation", "1"], "correlation = 1 is out of range"),
        (["--rho", "-0.1"], "rho = -0.1 is out of range"),
        (["--power", "0.3"], "power = 0.3 is out of range"),
        (["--power", "nan"], "power = nan is out of range"),
        (["--rows", "999999999"], "rows = 999999999 for a configured holdout"),
        (["--config", "no.toml"], "no.toml: cannot be read"),
    ],
    ids=str,
)
def test_bad_usage_is_2_and_named(folder: Path, arguments: list[str], message: str) -> None:
    configured(folder, ACCURACY)

    assert message in refused(*arguments)


def test_an_entry_that_cannot_be_told_of_takes_nothing_from_the_others(folder: Path) -> None:
    configured(folder, ACCURACY + SLICED.replace('"origin"', '"orign"'))
    result = call()

    assert result.exit_code == 2
    assert result.stdout.startswith("baseline[accuracy]: accuracy, margin 0.01\n")
    assert result.stderr == (
        "mlgate: baseline[roc_auc]: holdout has no column 'orign' (slices)\n    fix: did you mean 'origin'?\n"
    )


def test_nothing_to_tell_of_is_bad_usage(folder: Path) -> None:
    configured(folder, "")

    assert "no baseline and no drift gate is configured" in refused()
    assert "no baseline gate is configured" in refused("--retrained", "a.joblib")


def test_a_holdout_that_nobody_names(folder: Path) -> None:
    configured(folder, ACCURACY, CONFIG.replace('holdout = "holdout.parquet"', ""))

    assert "baseline[accuracy]: no holdout is configured" in refused()


@pytest.mark.parametrize("setting", [{"metric": "f2"}, {"metric": "r2"}, {"metric": "accuracy", "cluster": "usr"}])
def test_what_the_gate_refuses_is_refused_here(folder: Path, setting: dict[str, str]) -> None:
    configured(folder, "[[gates.baseline]]\n" + "".join(f'{key} = "{value}"\n' for key, value in setting.items()))

    assert refused().startswith("mlgate: baseline[")


def test_a_ranking_is_counted_in_queries() -> None:
    frame = pd.DataFrame({"gain": [0, 1, 2, 1] * 10, "query": np.arange(40) // 4})
    inputs = Inputs(facts=Facts(target="gain"), values={"holdout": frame})
    found = entry_power("b", Settings(metric="ndcg", query="query"), inputs, Assumptions())

    assert (found.kind, found.parts[0].rows.queries, found.parts[0].answers) == ("verdict", 10, ())


# --- retraining


@pytest.fixture
def trainings(folder: Path) -> list[str]:
    """Three forests of one recipe, each with a seed of its own; import paths would do as well."""
    rng = np.random.default_rng(3)
    frame = pd.read_parquet("holdout.parquet")
    columns = [f"x{i}" for i in range(4)]
    for i, column in enumerate(columns):
        frame[column] = frame["late"] * (i + 1) / 4 + rng.normal(size=ROWS)
    frame[["late", *columns]].iloc[:2000].to_parquet("holdout.parquet")
    train = frame.iloc[2000:]
    names = []
    for seed in range(3):
        model = ExtraTreesClassifier(5, max_depth=4, random_state=seed).fit(train[columns], train["late"])
        names.append(f"seed{seed}.joblib")
        joblib.dump(model, names[-1])
    return names


def retrained(names: list[str]) -> list[str]:
    return [part for name in names for part in ("--retrained", name)]


@pytest.mark.slow
def test_the_noise_of_retraining_is_that_of_the_metric(folder: Path, trainings: list[str]) -> None:
    configured(folder, '[[gates.baseline]]\nmetric = "roc_auc"\nmargin = 0.0001\n' + ACCURACY)
    area, accuracy = as_json(*retrained(trainings))["retraining"]
    frame = pd.read_parquet("holdout.parquet")
    models = [joblib.load(name) for name in trainings]
    rows = frame.drop(columns="late")
    areas = [roc_auc_score(frame["late"], model.predict_proba(rows)[:, 1]) for model in models]

    assert list(area["values"]) == trainings
    assert list(area["values"].values()) == pytest.approx(areas)
    assert list(accuracy["values"].values()) == pytest.approx(
        [accuracy_score(frame["late"], model.predict(rows)) for model in models]
    )
    assert area["spread"] == pytest.approx(statistics.stdev(areas))
    assert area["suggested"] == pytest.approx(suggest_margin(areas))
    assert 0 < area["detectable"] < 0.1
    assert area["conclusion"].startswith("WARNING: margin 0.0001 is inside the noise of retraining (")
    assert "These rows cannot show it" in area["conclusion"]


@pytest.mark.slow
def test_trainings_that_do_not_differ_say_nothing(folder: Path, trainings: list[str]) -> None:
    configured(folder, ACCURACY)
    model = joblib.load(trainings[0])
    for seed, name in enumerate(trainings):
        model.random_state = seed + 10  # other bytes, the same answers
        joblib.dump(model, name)
    result = call(*retrained(trainings))

    assert result.exit_code == 0
    assert "WARNING: all trainings have the same metric" in result.stdout


def test_too_few_trainings_or_one_twice_are_refused(folder: Path) -> None:
    configured(folder, ACCURACY)
    one, other = (SimpleNamespace(digest=digest) for digest in ("ab", "cd"))

    assert "2 trainings cannot show how trainings differ" in refused(*retrained(["a.joblib", "b.joblib"]))
    assert "a model is named twice" in refused(*retrained(["a", "b", "c", "a"]))
    assert "a.joblib" in refused(*retrained(["a.joblib", "b.joblib", "c.joblib"]))
    with pytest.raises(InputError, match="a and c are the same bytes"):
        refuse_copies({"a": one, "b": other, "c": one})  # type: ignore[dict-item]
