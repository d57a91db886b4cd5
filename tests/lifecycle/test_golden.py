"""Golden baselines: changed with a reason only, and only for the better."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.svm import LinearSVC

from pytest_mlgate.artifacts import Model, load_predictions
from pytest_mlgate.checks import InputError, Interval
from pytest_mlgate.config import load_config
from pytest_mlgate.lifecycle import golden as module
from pytest_mlgate.lifecycle.golden import GoldenRecord, Measured, read_record, record_path, vouch
from pytest_mlgate.lifecycle.ratchet import Step
from pytest_mlgate.store import Store
from tests.lifecycle.conftest import ROWS, Project

# --- the record

finite = st.floats(allow_nan=False, allow_infinity=False)
limits = st.none() | finite
intervals = st.builds(Interval, low=limits, high=limits, level=st.floats(0.5, 0.99), method=st.text())
measured = st.builds(Measured, metric=st.text(), value=finite, interval=st.none() | intervals)
said = st.text(min_size=1).filter(str.strip)
alone = st.builds(
    GoldenRecord,
    **dict.fromkeys(("table", "table_digest", "source", "source_digest", "holdout_digest", "time"), st.text()),
    holdout_rows=st.integers(0),
    metrics=st.dictionaries(st.text(), measured, max_size=3),
    reason=said,
    author=said,
    accepted_worse=st.lists(st.text(), max_size=2).map(tuple),
    new_holdout=st.booleans(),
    history=st.just(()),
)


@given(alone, st.lists(alone, max_size=2).map(tuple))
def test_a_record_survives_its_file(record: GoldenRecord, history: tuple[GoldenRecord, ...]) -> None:
    record = replace(record, history=history)

    assert GoldenRecord.from_json(json.loads(json.dumps(record.to_json()))) == record


def test_a_record_lies_beside_its_table() -> None:
    assert record_path(Path("golden/late.v2.parquet")) == Path("golden/late.v2.golden.json")


def test_a_table_without_a_record_is_an_ordinary_one(golden: Project) -> None:
    golden.record.unlink()
    model = load_predictions(golden.table, id="flight")

    vouch(model, golden.table)

    assert read_record(golden.table) is None
    assert model.provenance == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda record: "", "is no record of a golden baseline: Expecting value"),
        (lambda record: "[]", "is no record of a golden baseline: AttributeError"),
        (lambda record: {**record, "schema_version": 2}, "schema_version is 2; this version reads 1"),
        (lambda record: {**record, "reason": " "}, "it has no reason"),
        (lambda record: {**record, "author": None}, "it has no author"),
        (lambda record: {key: value for key, value in record.items() if key != "metrics"}, "KeyError('metrics')"),
        (lambda record: {**record, "metrics": []}, "is no record of a golden baseline: AttributeError"),
        (lambda record: {**record, "history": [{}]}, "schema_version is None"),
        (lambda record: {**record, "time": 3}, "3 should be a text"),
        (lambda record: {**record, "table": {"path": "other.parquet", "digest": ""}}, "the record of 'other.parquet'"),
    ],
)
def test_a_record_that_is_none_blocks_and_says_why(golden: Project, change: Any, message: str) -> None:
    changed = change(golden.json())
    golden.record.write_text(changed if isinstance(changed, str) else json.dumps(changed))

    with pytest.raises(InputError, match=r"late\.golden\.json") as error:
        Store(config=load_config(golden.path / "mlgate.toml")).model("baseline")

    assert message in error.value.message
    assert "restore both files from git" in error.value.fix


# --- the first one


def test_the_first_golden_baseline_holds_the_candidates_answers_and_what_they_are_worth(project: Project) -> None:
    result = project.update()

    assert result.exit_code == 0, result.output
    table, record = pd.read_parquet(project.table), project.json()
    late = pd.read_parquet("holdout.parquet")["late"]
    assert list(table.columns) == ["flight", "prediction", "probability_0", "probability_1"]
    assert record["table"] == {"path": "late.parquet", "digest": hashlib.sha256(project.table.read_bytes()).hexdigest()}
    assert record["source"]["path"] == "candidate.parquet"
    assert record["holdout"]["rows"] == ROWS
    assert record["holdout"]["digest"] == hashlib.sha256(Path("holdout.parquet").read_bytes()).hexdigest()
    # scikit-learn on the table that was written
    assert record["metrics"]["accuracy"]["value"] == pytest.approx(accuracy_score(late, table["prediction"]))
    assert record["metrics"]["roc_auc"]["value"] == pytest.approx(roc_auc_score(late, table["probability_1"]))
    found = record["metrics"]["accuracy"]
    assert found["interval"]["low"] < found["value"] < found["interval"]["high"]
    assert (record["reason"], record["author"], record["accepted_worse"]) == ("a first one", "R. Viewer", [])
    assert (record["history"], record["new_holdout"]) == ([], False)


def test_a_record_is_written_so_that_it_diffs_well(golden: Project) -> None:
    text = golden.record.read_text()

    assert text.endswith("}\n")
    assert text == json.dumps(golden.json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("baseline", ['"dummy"', '"champion.joblib"'])
def test_a_baseline_that_is_no_table_needs_a_name_to_write_to(project: Project, baseline: str) -> None:
    Path("champion.joblib").touch()
    project.configure(baseline=baseline)

    unnamed, named = project.update(), project.update("--to", "golden/late.parquet")

    assert unnamed.exit_code == 2
    assert unnamed.stderr == (
        f"mlgate: `[model] baseline` = {baseline.replace(chr(34), chr(39))} is no .parquet table; "
        "name one: --to golden/baseline.parquet\n"
    )
    assert named.exit_code == 0
    assert 'next: under [model] in mlgate.toml: baseline = "golden/late.parquet"' in named.stdout
    assert set(project.files()) == {"late.golden.json", "late.parquet"}


@pytest.mark.parametrize(
    ("estimator", "columns"),
    [
        (LinearSVC(), []),
        (LogisticRegression(), ["probability_punctual", "probability_late"]),
    ],
    ids=["score only", "probabilities too"],
)
def test_a_score_is_kept_larger_for_the_positive_label(project: Project, estimator: Any, columns: list[str]) -> None:
    rows = pd.DataFrame({"flight": np.arange(ROWS), "late": np.where(project.late, "late", "punctual")})
    rows["x"] = project.late + project.noise
    rows.to_parquet("holdout.parquet")
    joblib.dump(estimator.fit(rows[["x"]], rows["late"]), "model.joblib")  # its score speaks for "punctual"
    project.configure(candidate='"model.joblib"', positive='"late"')

    result = project.update()

    assert result.exit_code == 0, result.output
    table = pd.read_parquet(project.table)
    assert list(table.columns) == ["flight", "prediction", "score", *columns]
    expected = roc_auc_score(rows["late"] == "late", table["score"])
    assert project.json()["metrics"]["roc_auc"]["value"] == pytest.approx(expected)
    assert expected > 0.5


# --- the ratchet


def test_a_better_one_takes_its_place_and_the_history_grows(golden: Project) -> None:
    first = golden.json()

    for noise, reason in ((0.8, "second"), (0.6, "third")):
        golden.candidate(noise)
        assert golden.update(reason=reason, author="S. Econd").exit_code == 0

    third = golden.json()
    assert [record["reason"] for record in third["history"]] == ["second", "a first one"]
    assert third["history"][1] == {key: value for key, value in first.items() if key != "history"}
    assert all("history" not in record for record in third["history"])
    assert third["accepted_worse"] == []


def test_a_worse_one_is_refused_by_name_and_the_old_files_stay_byte_for_byte(golden: Project) -> None:
    before, old = golden.files(), golden.json()["metrics"]
    golden.candidate(1.01)  # within the margin of the gate, which passes it

    result = golden.update(reason="a little worse")

    assert result.exit_code == 1
    assert golden.files() == before
    assert f"    roc_auc: {old['roc_auc']['value']:.6g} before, " in result.stderr
    assert "--accept-worse" in result.stderr
    assert result.stdout == ""


def test_accepting_a_worse_one_is_recorded(golden: Project) -> None:
    golden.candidate(2.0)

    result = golden.update("--accept-worse", reason="the old one knew the answer")

    assert result.exit_code == 0
    assert golden.json()["accepted_worse"] == ["accuracy", "roc_auc"]
    assert golden.json()["reason"] == "the old one knew the answer"
    assert "(worse, accepted)" in result.stdout


def test_ten_small_losses_do_not_add_up(golden: Project) -> None:
    best = golden.json()["metrics"]["roc_auc"]["value"]
    for step in range(1, 11):
        golden.candidate(1 + step / 50)
        golden.update()

    assert golden.json()["metrics"]["roc_auc"]["value"] == best


@given(finite, finite)
def test_worse_is_below_by_more_than_rounding(new: float, old: float) -> None:
    step = Step(entry="e", new=Measured(metric="m", value=new), old=old)
    back = Step(entry="e", new=Measured(metric="m", value=old), old=new)

    assert not (step.worse and back.worse)
    assert not step.worse or new < old
    assert step.worse or new >= old or np.isclose(new, old, rtol=1e-8, atol=0)
    assert not Step(entry="e", new=Measured(metric="m", value=new), old=new).worse


def test_deleting_the_record_does_not_get_round_the_ratchet(golden: Project) -> None:
    golden.record.unlink()
    golden.candidate(2.0)

    assert golden.update().exit_code == 1


def test_rows_that_the_golden_table_has_never_seen_are_an_error_with_a_way_out(golden: Project) -> None:
    before = golden.files()
    golden.more_rows()

    for options in ((), ("--accept-worse",)):
        result = golden.update(*options)
        assert result.exit_code == 1
        assert "golden/late.parquet has no row for 10 of 410 rows of holdout" in result.stderr
        assert "--new-holdout" in result.stderr
        assert golden.files() == before


def test_a_new_holdout_is_recorded_as_not_compared(golden: Project) -> None:
    golden.more_rows()

    result = golden.update("--new-holdout", reason="July")

    assert result.exit_code == 0, result.output
    assert golden.json()["new_holdout"] is True
    assert golden.json()["accepted_worse"] == []
    assert len(golden.json()["history"]) == 1


def test_a_holdout_that_can_be_compared_is_no_new_one(golden: Project) -> None:
    before = golden.files()
    golden.candidate(2.0)

    result = golden.update("--new-holdout")

    assert result.exit_code == 2
    assert "answers every row of this holdout" in result.stderr
    assert golden.files() == before


def test_an_entry_that_cannot_be_computed_is_no_reason_to_skip_it(golden: Project) -> None:
    before = golden.files()
    golden.configure(metric='"neg_mean_squared_error"')

    result = golden.update("--accept-worse")

    assert result.exit_code == 1
    assert "baseline[neg_mean_squared_error]: metric = 'neg_mean_squared_error' does not fit" in result.stderr
    assert golden.files() == before


# --- usage


@pytest.mark.parametrize(("option", "value"), [("reason", ""), ("reason", " \n"), ("author", "\t")])
def test_a_blank_reason_or_author_is_refused(project: Project, option: str, value: str) -> None:
    result = project.update(**{option: value})

    assert result.exit_code == 2
    assert f"--{option} is blank" in result.stderr
    assert not project.table.exists()


def test_reason_and_author_have_no_default(project: Project) -> None:
    assert project.run("update", "--author", "x").exit_code == 2
    assert project.run("update", "--reason", "x").exit_code == 2


@pytest.mark.parametrize("column", ["id", "target"])
def test_a_sensitive_column_is_not_kept_in_git(project: Project, column: str) -> None:
    name = {"id": "flight", "target": "late"}[column]
    project.configure(target=f'"late"\nsensitive = ["{name}"]')

    result = project.update()

    assert result.exit_code == 2
    assert f"`[data] {column}` is sensitive" in result.stderr
    assert not project.table.exists()


@pytest.mark.parametrize(("key", "section"), [("candidate", "model"), ("holdout", "data"), ("target", "data")])
def test_what_an_update_needs_and_is_not_there_is_named(project: Project, key: str, section: str) -> None:
    text = (project.path / "mlgate.toml").read_text()
    (project.path / "mlgate.toml").write_text(text.replace(f"{key} =", f"#{key} ="))

    result = project.update()

    assert result.exit_code == 2
    assert f"needs `[{section}] {key}`" in result.stderr


def test_an_entry_that_compares_a_judges_score_is_refused(project: Project) -> None:
    text = (project.path / "mlgate.toml").read_text()
    (project.path / "mlgate.toml").write_text(text.replace('metric = "roc_auc"', 'score = "helpfulness"'))

    result = project.update()

    assert result.exit_code == 2
    assert "baseline[helpfulness] compares a `score` column" in result.stderr


def test_a_holdout_without_the_id_is_one_message(project: Project) -> None:
    project.configure(id='"flght"')

    result = project.update()

    assert result.exit_code == 1
    assert "flght" in result.stderr
    assert "did you mean 'flight'?" in result.stderr


def test_without_a_baseline_gate_there_is_nothing_to_measure_by(project: Project) -> None:
    text = (project.path / "mlgate.toml").read_text()
    (project.path / "mlgate.toml").write_text(text.partition("[[gates")[0] + "[gates.drift]\n")

    result = project.update()

    assert result.exit_code == 2
    assert "no [[gates.baseline]] is configured" in result.stderr


@pytest.mark.parametrize(
    ("to", "message"),
    [("golden/late.csv", "is a .parquet file"), ("other.parquet", "`[model] baseline` names golden/late.parquet")],
)
def test_where_it_is_written_has_to_be_what_is_compared_with(project: Project, to: str, message: str) -> None:
    result = project.update("--to", to)

    assert result.exit_code == 2
    assert message in result.stderr


def test_a_table_that_holds_no_predictions_is_not_overwritten(project: Project) -> None:
    project.configure(baseline='"dummy"')
    before = (project.path / "holdout.parquet").read_bytes()

    result = project.update("--to", "holdout.parquet")

    assert result.exit_code == 1
    assert (project.path / "holdout.parquet").read_bytes() == before


# --- reading


def test_show_tells_the_record_and_its_history(golden: Project) -> None:
    golden.candidate(2.0)
    golden.update("--accept-worse", reason="the old one knew the answer", author="S. Econd")
    old, new = golden.json()["history"][0], golden.json()

    result = golden.run("show")

    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0].startswith("late.parquet: what candidate.parquet (")
    assert lines[1] == f"{new['time']}  S. Econd: the old one knew the answer"
    assert lines[2].startswith(f"  accuracy  {new['metrics']['accuracy']['value']:.6g} [")
    assert lines[2].endswith("  (worse than before, accepted)")
    assert lines[4] == f"{old['time']}  R. Viewer: a first one"


def test_show_of_what_is_no_golden_baseline(project: Project) -> None:
    project.table.parent.mkdir()
    project.table.touch()
    ordinary = project.run("show")
    project.configure(baseline='"dummy"')
    dummy = project.run("show")

    assert (ordinary.exit_code, dummy.exit_code) == (2, 2)
    assert "golden/late.parquet has no record" in ordinary.stderr
    assert "`[model] baseline` = 'dummy' is no golden baseline" in dummy.stderr


def tamper(golden: Project) -> None:
    """Make the golden table worse by hand, so that a candidate looks better."""
    frame = pd.read_parquet(golden.table)
    frame.loc[:50, "prediction"] = 1 - frame.loc[:50, "prediction"]
    frame.to_parquet(golden.table)


def test_a_table_that_was_changed_by_hand_blocks_whoever_reads_it(golden: Project) -> None:
    tamper(golden)
    before = golden.files()

    with pytest.raises(InputError, match="changed without a reason") as error:
        Store(config=load_config(golden.path / "mlgate.toml")).model("baseline")

    assert "restore it from git" in error.value.fix
    assert "mlgate golden update" in error.value.fix
    for result in (golden.update(), golden.run("show")):
        assert result.exit_code == 1
        assert "changed without a reason" in result.stderr
    assert golden.files() == before


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("fails", [str, bytes], ids=["record", "table"])
def test_a_write_that_fails_leaves_both_files_as_they_were(
    project: Project, monkeypatch: pytest.MonkeyPatch, first: bool, fails: type[str | bytes]
) -> None:
    if not first:
        project.update()
    before, real = project.files(), module.write_atomically

    def full_disk(path: Path, content: str | bytes) -> None:
        if isinstance(content, fails) and path.name not in before:
            raise OSError(28, "No space left on device")
        if isinstance(content, fails) and content != before[path.name].decode(errors="replace"):
            raise OSError(28, "No space left on device")
        real(path, content)

    monkeypatch.setattr(module, "write_atomically", full_disk)
    project.candidate(0.5)
    result = project.update(reason="half")

    assert result.exit_code == 1
    assert "late.parquet: cannot be written" in result.stderr
    assert project.files() == before


def test_a_kill_between_the_two_writes_is_told_and_blocks(golden: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real, order = golden.files(), module.write_atomically, []

    def write(path: Path, content: str | bytes) -> None:
        order.append(path.name)
        real(path, content)

    monkeypatch.setattr(module, "write_atomically", write)
    golden.candidate(0.5)
    golden.update(reason="half")
    golden.table.write_bytes(before["late.parquet"])  # what a kill after the first of the writes leaves
    model = load_predictions(golden.table, id="flight")

    assert order == ["late.golden.json", "late.parquet"]
    with pytest.raises(InputError, match=r"the update of .* by R\. Viewer ended halfway"):
        vouch(model, golden.table)
    assert golden.update().exit_code == 1
    golden.record.write_bytes(before["late.golden.json"])  # the way out that the message names
    assert golden.update(reason="whole").exit_code == 0


def test_a_table_that_is_gone_is_no_first_one(golden: Project) -> None:
    golden.table.unlink()

    result = golden.update()

    assert result.exit_code == 1
    assert "late.parquet: is gone, and its record is there" in result.stderr


def test_what_vouches_for_a_handle_is_on_it(golden: Project) -> None:
    model: Model = Store(config=load_config(golden.path / "mlgate.toml")).model("baseline")

    found = model.provenance["golden"]
    assert (found["reason"], found["author"], found["accepted_worse"]) == ("a first one", "R. Viewer", [])


# --- in a run of the gates


def check(golden: Project) -> tuple[int, dict[str, Any]]:
    code = "from pytest_mlgate.cli import main; main()"
    arguments = ["check", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
    command = [sys.executable, "-c", code, *arguments]
    run = subprocess.run(command, cwd=golden.path, env=surroundings, capture_output=True, text=True, check=False)
    file = golden.path / ".mlgate" / "verdict.json"
    assert file.is_file(), run.stdout + run.stderr
    return run.returncode, json.loads(file.read_text())


@pytest.mark.slow
def test_the_verdict_says_that_the_baseline_is_golden_and_why(golden: Project) -> None:
    golden.candidate(0.8)

    code, verdict = check(golden)

    main = verdict["checks"][0]
    assert code == 0
    assert main["details"]["golden"]["reason"] == "a first one"
    assert main["message"].endswith(f"baseline: golden since {golden.json()['time'][:10]}, R. Viewer")
    assert verdict["identity"]["inputs"]["baseline"]["golden"]["author"] == "R. Viewer"
    assert verdict["identity"]["inputs"]["baseline"]["digest"] == golden.json()["table"]["digest"]


def test_a_run_with_a_tampered_golden_baseline_blocks(golden: Project) -> None:
    tamper(golden)

    code, verdict = check(golden)

    assert code == 1
    assert {found["outcome"] for found in verdict["checks"]} == {"error"}
    assert all("changed without a reason" in found["message"] for found in verdict["checks"])
