"""``mlgate init``: what it writes is read back, says what it guessed, and never goes over a file that is there."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from pytest_mlgate.checks import InputError, Outcome
from pytest_mlgate.config import load_config
from pytest_mlgate.gates.schema import check_schema
from pytest_mlgate.scaffold import scaffold
from pytest_mlgate.scaffold_text import toml

FEATURES = ["distance", "hour"]


def flights(seed: int, n: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"distance": rng.normal(900, 300, n), "hour": rng.integers(5, 24, n)})
    frame["origin"] = rng.choice(["JFK", "LGA"], n)
    frame["late"] = (rng.random(n) < 0.3).astype(int)
    return frame


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A folder with a fitted classifier and three tables."""
    folder = tmp_path_factory.mktemp("template")
    train = flights(0).drop(columns="origin")
    joblib.dump(DecisionTreeClassifier(max_depth=2).fit(train[FEATURES], train["late"]), folder / "model.joblib")
    for seed, name in enumerate(("train", "test", "current")):
        table = flights(seed).drop(columns="origin")
        (table if name != "current" else table.drop(columns="late")).to_csv(folder / f"{name}.csv", index=False)
    return folder


@pytest.fixture
def project(template, tmp_path, monkeypatch):
    """A copy of the template, as the working directory."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def _model_in_this_process(request, monkeypatch):
    """Loading in a fresh process takes seconds; tests that ask for ``fresh_process`` have it, the others do without."""
    if "fresh_process" in request.fixturenames:
        return

    def load(ref, *, root, **_):
        model = joblib.load(Path(root, ref))
        methods = [name for name in ("predict", "predict_proba", "decision_function") if hasattr(model, name)]
        names = list(model.feature_names_in_)
        return SimpleNamespace(classes_=getattr(model, "classes_", None), feature_names_in_=names, methods=methods)

    monkeypatch.setattr("pytest_mlgate.artifacts.model.load_model", load)


@pytest.fixture
def fresh_process():
    """The model is loaded as a user's is."""


def read(folder: Path) -> dict:
    return tomllib.loads((folder / "mlgate.toml").read_text(encoding="utf-8"))


def test_it_writes_a_configuration_and_a_schema_that_are_read_back(project, fresh_process):
    written = scaffold("model.joblib", ["train.csv", "test.csv", "current.csv"])

    config = load_config(project / "mlgate.toml")

    assert written == [project / "mlgate.toml", project / "schema.yaml"]
    assert (config.model.stage, config.model.task, config.model.positive) == ("validation", "binary", 1)
    assert config.model.candidate == "model.joblib"
    assert (config.data.target, config.data.train, config.data.holdout) == ("late", "train.csv", "test.csv")
    assert config.data.current == "current.csv"
    assert [entry.name for entry in config.entries] == ["baseline[roc_auc]", "schema", "roundtrip", "drift"]
    assert re.search(r"\[gates.roundtrip\] .*\(found: (joblib|pickle)\)", (project / "mlgate.toml").read_text("utf-8"))


def test_formats_that_lie_beside_the_model_are_written(project, fresh_process):
    (project / "model.onnx").write_bytes(b"judged when the gates run")

    scaffold("model.joblib", ["train.csv", "test.csv"])

    assert read(project)["gates"]["roundtrip"] == {"formats": ["onnx"]}


def test_the_schema_fits_the_rows_it_came_from_and_the_other_tables(project):
    scaffold("model.joblib", ["train.csv", "test.csv", "current.csv"])

    for name in ("train", "test", "current"):
        result = check_schema(f"{name}.csv", "schema.yaml", target="late" if name == "current" else None)
        assert result.outcome is Outcome.PASS


def test_without_a_champion_it_says_dummy_and_shows_the_line_to_uncomment(project):
    scaffold("model.joblib", ["train.csv", "test.csv"])

    text = (project / "mlgate.toml").read_text()

    assert "baseline" not in read(project)["model"]
    assert "dummy" in text
    assert '# baseline = "champion.joblib"' in text


def test_a_champion_is_written(project):
    joblib.dump(joblib.load("model.joblib"), "champion.joblib")
    scaffold("model.joblib", ["train.csv", "test.csv"], baseline="champion.joblib")

    assert read(project)["model"]["baseline"] == "champion.joblib"


def test_one_table_is_the_holdout_and_the_file_says_what_that_means(project):
    Path("test.csv").rename("data.csv")
    scaffold("model.joblib", ["data.csv"])

    text = (project / "mlgate.toml").read_text()

    assert read(project)["data"]["holdout"] == "data.csv"
    assert "NOT fitted on" in text
    assert set(read(project)["gates"]) == {"baseline", "schema"}
    assert "# [gates.drift]" in text


def test_two_tables_without_a_hint_are_train_and_holdout(project):
    Path("train.csv").rename("a.csv")
    Path("test.csv").rename("b.csv")
    scaffold("model.joblib", ["a.csv", "b.csv"])

    assert (read(project)["data"]["train"], read(project)["data"]["holdout"]) == ("a.csv", "b.csv")


def test_what_is_said_goes_before_what_a_name_hints(project):
    Path("train.csv").rename("test_2.csv")
    scaffold("model.joblib", ["test.csv"], train="test_2.csv")

    assert (read(project)["data"]["train"], read(project)["data"]["holdout"]) == ("test_2.csv", "test.csv")


def test_the_reference_is_enough_for_drift(project):
    scaffold("model.joblib", ["test.csv", "current.csv"], reference="train.csv")

    assert "drift" in read(project)["gates"]
    assert "# inferred" in (project / "mlgate.toml").read_text()
    assert "from train.csv" in (project / "schema.yaml").read_text()


@pytest.mark.parametrize(
    ("tables", "options", "said"),
    [
        ([], {}, "no holdout table"),
        (["train.csv"], {}, "train.csv is taken for the train table"),
        (["train.csv", "test.csv", "x.csv", "y.csv"], {}, "cannot tell what x.csv, y.csv are"),
        (["test.csv", "holdout.csv"], {}, "both look like the holdout"),
        (["test.csv"], {"target": "lat"}, "no column 'lat'; it has distance, hour, late"),
        (["test.csv"], {"id": "row"}, "no column 'row'"),
        (["gone.csv"], {}, "gone.csv"),
        (["empty.csv"], {}, "empty.csv has no rows"),
        (["two.csv"], {}, "the target could be again, late (the model asks for none of them); left out: origin: other"),
        (["trian.csv", "x.csv", "y.csv"], {}, "trian.csv' does not exist; did you mean 'train.csv'"),
        (["test.csv", "./test.csv"], {}, "test.csv is given twice"),
        (["narrow.csv"], {}, "no column 'hour', which the model asks for"),
        (["unlabelled.csv"], {}, "no column is left for the target"),
    ],
)
def test_what_cannot_be_told_is_asked_for_and_nothing_is_written(project, tables, options, said):
    for name in ("x.csv", "y.csv", "holdout.csv"):
        flights(5).to_csv(name, index=False)
    flights(3).assign(again=lambda f: f["late"])[[*FEATURES, "origin", "again", "late"]].to_csv("two.csv", index=False)
    flights(3)[["distance", "late"]].to_csv("narrow.csv", index=False)
    flights(3)[FEATURES].to_csv("unlabelled.csv", index=False)
    flights(3).iloc[:0].to_csv("empty.csv", index=False)

    with pytest.raises(InputError) as caught:
        scaffold("model.joblib", tables, **options)

    assert said in caught.value.message
    assert caught.value.fix
    assert not (project / "mlgate.toml").exists()
    assert not (project / "schema.yaml").exists()


@pytest.mark.parametrize("name", ["mlgate.toml", "schema.yaml"])
def test_a_file_that_is_there_stays_and_nothing_else_is_written(project, name):
    (project / name).write_text("mine")

    with pytest.raises(InputError, match=f"{name} is already there"):
        scaffold("model.joblib", ["test.csv"])

    assert (project / name).read_text() == "mine"
    assert len([path for path in ("mlgate.toml", "schema.yaml") if Path(path).exists()]) == 1


def test_a_dangling_link_is_a_file_that_is_there(project):
    (project / "schema.yaml").symlink_to(project / "elsewhere.yaml")

    with pytest.raises(InputError, match="already there"):
        scaffold("model.joblib", ["test.csv"])

    assert not (project / "elsewhere.yaml").exists()


def test_a_configuration_in_pyproject_is_not_doubled(project):
    (project / "pyproject.toml").write_text("[tool.mlgate.model]\nname = 'a'\n")

    with pytest.raises(InputError, match=r"\[tool.mlgate\]"):
        scaffold("model.joblib", ["test.csv"])


def test_a_folder_that_cannot_be_written_is_told(project):
    with pytest.raises(InputError, match="cannot write"):
        scaffold("model.joblib", ["test.csv"], folder="test.csv/below")


def test_a_write_that_fails_half_way_leaves_nothing(project, monkeypatch):
    monkeypatch.setattr("pytest_mlgate.scaffold._schema", lambda *_: "\ud800")

    with pytest.raises(InputError, match="cannot write"):
        scaffold("model.joblib", ["test.csv"])

    assert not (project / "mlgate.toml").exists()
    assert not (project / "schema.yaml").exists()


def test_paths_are_relative_to_the_configuration_and_survive_odd_names(project):
    odd = project / 'a "b" \\ ünï 🙂'
    odd.mkdir()
    for name in ("model.joblib", "test.csv"):
        (project / name).rename(odd / name)
    scaffold(odd / "model.joblib", [odd / "test.csv"], folder="conf/here")

    config = load_config(project / "conf" / "here" / "mlgate.toml")

    assert config.model.candidate == f"../../{odd.name}/model.joblib"
    assert config.resolve(config.data.holdout) == odd / "test.csv"
    assert "from ../../" in (project / "conf" / "here" / "schema.yaml").read_text()


@given(st.one_of(st.text(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)))
def test_any_value_survives_toml(value):
    assert tomllib.loads(f"x = {toml(value)}") == {"x": value}


@pytest.mark.parametrize(
    ("labels", "positive"), [(["no", "yes"], "yes"), ([False, True], True), ([-1, 1], 1), ([0.0, 1.0], 1.0)]
)
def test_the_larger_of_two_labels_is_the_positive_one(project, labels, positive):
    frame = flights(0).drop(columns="origin")
    frame["late"] = np.array(labels)[frame["late"]]
    joblib.dump(DecisionTreeClassifier(max_depth=2).fit(frame[FEATURES], frame["late"]), "model.joblib")
    frame.to_parquet("test.parquet")
    scaffold("model.joblib", ["test.parquet"])

    model = read(project)["model"]

    assert (model["task"], model["positive"], type(model["positive"])) == ("binary", positive, type(positive))


def test_more_labels_are_multiclass_and_no_labels_are_regression(project):
    frame = flights(0)
    joblib.dump(DecisionTreeClassifier().fit(frame[FEATURES], frame["hour"] % 3), "three.joblib")
    frame.assign(late=frame["hour"] % 3).drop(columns="origin").to_csv("three_test.csv", index=False)
    joblib.dump(LinearRegression().fit(frame[FEATURES], frame["distance"] * 2), "regress.joblib")
    frame.assign(delay=frame["distance"] * 2)[[*FEATURES, "delay"]].to_csv("regress_test.csv", index=False)

    scaffold("three.joblib", ["three_test.csv"], folder="three")
    scaffold("regress.joblib", ["regress_test.csv"], folder="regress")
    three, regress = read(project / "three"), read(project / "regress")

    assert (three["model"]["task"], three["gates"]["baseline"][0]["metric"]) == ("multiclass", "accuracy")
    assert regress["model"]["task"] == "regression"
    assert regress["gates"]["baseline"][0]["metric"] == "neg_mean_absolute_error"
    # 2 % of the mean distance from the median, about 2 * 300 * 0.8
    assert 8 <= regress["gates"]["baseline"][0]["margin"] <= 11
    assert "positive" not in three["model"]


def test_a_classifier_without_scores_is_asked_for_its_accuracy(project, fresh_process):
    Path("rules.py").write_text("def late(rows):\n    return [0] * len(rows)\n")
    scaffold("rules:late", ["test.csv"], target="late")
    config = read(project)

    assert config["model"]["candidate"] == "rules:late"
    assert (config["model"]["task"], config["gates"]["baseline"][0]["metric"]) == ("binary", "accuracy")


def test_a_decision_function_is_a_score(project, fresh_process):
    frame = flights(0)
    joblib.dump(LinearSVC().fit(frame[FEATURES], frame["late"]), "svc.joblib")
    scaffold("svc.joblib", ["test.csv"])

    assert read(project)["gates"]["baseline"][0]["metric"] == "roc_auc"


def test_a_file_that_is_no_model_is_told(project, fresh_process):
    Path("broken.joblib").write_bytes(b"no model")

    with pytest.raises(InputError, match=r"broken\.joblib"):
        scaffold("broken.joblib", ["test.csv"])


def test_comments_tell_what_was_guessed(project):
    flights(4).to_csv("test.csv", index=False)
    scaffold("model.joblib", holdout="test.csv", target="late")

    text = (project / "mlgate.toml").read_text()

    assert 'slices = ["origin"]' in text
    assert "# the label that is looked for; 0 is the other" in text
    assert "[governance]" in text


# Which column is the target.


def customers(n: int = 400, seed: int = 0) -> pd.DataFrame:
    """A table as people have them: an id, a date, and a column that nobody fitted on."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"customer_id": rng.permutation(n) + 1000, "distance": rng.normal(900, 300, n)})
    frame["hour"] = rng.integers(5, 24, n)
    frame["signup"] = (pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 400, n), unit="D")).astype(str)
    frame["plan"] = rng.choice(["basic", "pro"], n)
    frame["churn"] = rng.integers(0, 2, n)
    return frame


def test_a_classifiers_target_is_the_column_that_holds_its_classes(project):
    customers().to_csv("test.csv", index=True)
    scaffold("model.joblib", ["test.csv"])

    text = (project / "mlgate.toml").read_text()

    assert read(project)["data"]["target"] == "churn"
    assert "found: the one column left that holds the model's classes (0, 1)" in text
    assert '"Unnamed: 0": an index that to_csv wrote; index=False leaves it out' in text


def test_a_regressors_target_is_a_number_and_no_id_or_date(project):
    frame = customers().drop(columns="churn").assign(spent=lambda f: f["distance"] * 1.5)
    joblib.dump(LinearRegression().fit(frame[FEATURES], frame["spent"]), "regress.joblib")
    frame.to_csv("test.csv")
    scaffold("regress.joblib", ["test.csv"])

    assert read(project)["data"]["target"] == "spent"
    assert "and is numeric" in (project / "mlgate.toml").read_text()


def test_a_model_that_names_no_features_is_judged_by_all_columns(project, monkeypatch):
    told = SimpleNamespace(classes_=["no", "yes"], methods=["predict"])
    monkeypatch.setattr("pytest_mlgate.artifacts.model.load_model", lambda *_, **__: told)
    customers().assign(churn=lambda f: f["churn"].map({0: "no", 1: "yes"})).to_csv("test.csv", index=False)
    scaffold("model.joblib", ["test.csv"])

    assert read(project)["data"]["target"] == "churn"


def test_prices_that_all_differ_are_a_target_where_nothing_else_is(project):
    frame = customers().drop(columns="churn")
    frame["price"] = np.random.default_rng(3).choice(10**7, len(frame), replace=False)
    joblib.dump(LinearRegression().fit(frame[FEATURES], frame["price"]), "regress.joblib")
    frame.to_csv("test.csv", index=False)
    scaffold("regress.joblib", ["test.csv"])

    assert read(project)["data"]["target"] == "price"


def test_row_numbers_are_never_the_target(project):
    frame = customers()[FEATURES]
    joblib.dump(LinearRegression().fit(frame[FEATURES], frame["hour"]), "regress.joblib")
    frame.assign(row=range(len(frame))).to_csv("test.csv")

    with pytest.raises(InputError) as caught:
        scaffold("regress.joblib", ["test.csv"])

    assert "no column looks like the target" in caught.value.message
    assert "row: numbers the rows" in caught.value.message
    assert "Unnamed: 0: an index that to_csv wrote; index=False leaves it out" in caught.value.message


def test_several_plausible_targets_are_listed_with_why_the_others_are_left_out(project):
    customers().assign(active=lambda f: 1 - f["churn"]).to_csv("test.csv", index=False)

    with pytest.raises(InputError) as caught:
        scaffold("model.joblib", ["test.csv"])

    assert "the target could be churn, active" in caught.value.message
    assert "customer_id: named like an id" in caught.value.message
    assert "signup: dates" in caught.value.message
    assert "--target" in caught.value.fix


@pytest.mark.parametrize("options", [{}, {"target": "churn"}])
@pytest.mark.parametrize("labels", [["no", "yes"], ["0", "1"]])
def test_labels_that_the_model_does_not_answer_stop_it(project, options, labels):
    frame = customers().drop(columns="plan")
    frame["churn"] = np.array(labels)[frame["churn"]]
    frame.to_parquet("test.parquet")

    with pytest.raises(InputError) as caught:
        scaffold("model.joblib", ["test.parquet"], **options)

    said = f"the labels in column 'churn' are '{labels[0]}', '{labels[1]}'; the model answers 0, 1"
    assert caught.value.message == said
    assert "function" in caught.value.fix
    assert not (project / "mlgate.toml").exists()


# Time, roles and files.


def test_the_one_column_of_dates_is_the_time_and_several_are_asked_about(project):
    customers().to_csv("test.csv", index=False)
    customers().assign(until=lambda f: f["signup"]).to_csv("two_test.csv", index=False)
    scaffold("model.joblib", ["test.csv"], folder="one")
    scaffold("model.joblib", ["two_test.csv"], folder="two")

    assert read(project / "one")["data"]["time"] == "signup"
    assert "time" not in read(project / "two")["data"]
    assert '# time = "signup" or "until"' in (project / "two" / "mlgate.toml").read_text()


def test_how_each_role_is_known_is_said_and_written(project):
    lines: list[str] = []
    scaffold("model.joblib", ["train.csv", "current.csv"], holdout="test.csv", say=lines.append)

    text = (project / "mlgate.toml").read_text()

    assert lines == [
        "train.csv -> train (by its name)",
        "test.csv -> holdout (as said)",
        "current.csv -> current (by its name)",
    ]
    assert 'train = "train.csv"  # the rows that the model was fitted on (by its name)' in text
    assert 'holdout = "test.csv"  # labelled rows that no model was fitted on\n' in text


@pytest.mark.parametrize("copied", [True, False])
def test_the_training_rows_are_no_holdout(project, copied):
    if copied:
        pd.read_csv("train.csv").to_parquet("copy.parquet")

    with pytest.raises(InputError, match=r"train \(train\.csv\) and holdout \(.*\) hold the same rows"):
        scaffold("model.joblib", train="train.csv", holdout="copy.parquet" if copied else "train.csv")


@pytest.mark.parametrize("options", [{"model": "modle.joblib"}, {"baseline": "modle.joblib"}])
def test_a_misspelt_model_is_told_first(project, options):
    with pytest.raises(InputError, match=r"model 'modle\.joblib' does not exist; did you mean 'model\.joblib'"):
        scaffold(options.get("model", "model.joblib"), ["train.csv"], baseline=options.get("baseline"))


def predictions(rows: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    return rows[["customer_id"]].assign(**columns)


@pytest.mark.parametrize(
    ("columns", "metric"),
    [({"prediction": 1}, "accuracy"), ({"score": 0.5, "prediction": 1}, "roc_auc")],
    ids=["labels", "scores"],
)
def test_a_champion_that_is_a_table_is_joined_by_the_id_that_both_have(project, columns, metric):
    rows = customers()
    rows.to_csv("test.csv", index=False)
    predictions(rows, **columns).to_csv("old.csv", index=False)
    scaffold("model.joblib", ["test.csv"], baseline="old.csv")

    written = read(project)

    assert written["data"]["id"] == "customer_id"
    assert written["model"]["baseline"] == "old.csv"
    assert written["gates"]["baseline"][0]["metric"] == metric
    load_config(project / "mlgate.toml")


@pytest.mark.parametrize(
    ("champion", "said"),
    [
        ({"customer_id": [1000, 1000]}, "holds no predictions"),
        ({"row": [1, 2], "prediction": [0, 1]}, "no column that both have names each row"),
        ({"customer_id": [1000, 1000], "prediction": [0, 1]}, "no column that both have names each row"),
    ],
    ids=["no predictions", "no id", "an id that comes twice"],
)
def test_a_champions_table_that_cannot_be_joined_is_told_and_nothing_is_written(project, champion, said):
    customers().to_csv("test.csv", index=False)
    pd.DataFrame(champion).to_csv("old.csv", index=False)

    with pytest.raises(InputError, match=said):
        scaffold("model.joblib", ["test.csv"], baseline="old.csv")
    assert not (project / "mlgate.toml").exists()


def test_a_table_where_the_model_is_due_is_told(project):
    with pytest.raises(InputError, match=r"test\.csv is a table, and the model comes first"):
        scaffold("test.csv", ["train.csv"])
