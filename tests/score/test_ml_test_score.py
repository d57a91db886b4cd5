"""The ML Test Score: the paper's 28 tests, points by evidence only, and the least of four sums."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from pytest_mlgate.checks import Check
from pytest_mlgate.cli import app
from pytest_mlgate.codes import all_codes
from pytest_mlgate.config import load_config
from pytest_mlgate.gates import gate_names
from pytest_mlgate.problems import ConfigError
from pytest_mlgate.score.rubric import BANDS, SECTIONS, RubricTest, Source, rubric
from pytest_mlgate.score.scoring import Result, Score, json_schema, score_of
from pytest_mlgate.sections import SCORED
from pytest_mlgate.verdict import Verdict, write_verdict

ROOT = Path(__file__).parents[2]
TITLES = """\
Feature expectations are captured in a schema.
All features are beneficial.
No feature's cost is too much.
Features adhere to meta-level requirements.
The data pipeline has appropriate privacy controls.
New features can be added quickly.
All input feature code is tested.
Model specs are reviewed and submitted.
Offline and online metrics correlate.
All hyperparameters have been tuned.
The impact of model staleness is known.
A simpler model is not better.
Model quality is sufficient on important data slices.
The model is tested for considerations of inclusion.
Training is reproducible.
Model specs are unit tested.
The ML pipeline is integration tested.
Model quality is validated before serving.
The model is debuggable.
Models are canaried before serving.
Serving models can be rolled back.
Dependency changes result in notification.
Data invariants hold for inputs.
Training and serving are not skewed.
Models are not too stale.
Models are numerically stable.
Computing performance has not regressed.
Prediction quality has not regressed.
""".splitlines()
"""Tables I to IV of the paper."""

CONFIG = """\
[model]
name = "late"
stage = "production"
candidate = "model.bin"

[[gates.baseline]]
metric = "roc_auc"
margin = 0.01
slices = ["origin"]

[gates.schema]
schema = "schema.yaml"

[gates.parity]
train = "shop:build"
serve = "shop:serve"

[gates.drift]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(b"model")
    (tmp_path / "mlgate.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def check(code: str, subject: str = "", outcome: str = "pass", message: str = "said") -> Check:
    return Check(code=code, gate="gate", subject=subject, outcome=outcome, message=message)  # type: ignore[arg-type]


def ran(folder: Path, *checks: Check, **changes: Any) -> Score:
    """The score after a run with these checks of what lies in the folder."""
    config = load_config(folder / "mlgate.toml")
    digest = hashlib.sha256(b"model").hexdigest()
    values: dict[str, Any] = {
        "model": "late",
        "stage": "production",
        "decision": "promote",
        "checks": checks,
        "identity": {
            "inputs": {"candidate": {"digest": digest, "source": "model.bin"}},
            "configuration": config.digest,
            "policy": config.policies.at("production").digest,
        },
        "started": "",
        "finished": datetime.now(UTC).isoformat(),
    }
    (folder / ".mlgate").mkdir(exist_ok=True)
    write_verdict(Verdict(**{**values, **changes}), folder / ".mlgate" / "verdict.json")
    return now(folder)


def now(folder: Path) -> Score:
    return score_of(load_config(folder / "mlgate.toml", may_lack=("model.candidate",)))


def how(score: Score) -> Mapping[str, str]:
    return {one.test.id: one.how for one in score.results if one.how != "none"}


def test_the_tests_are_those_of_the_paper() -> None:
    found = list(rubric())

    assert [test.title for test in found] == TITLES
    assert tuple(test.id for test in found) == SCORED
    assert {test.section for test in found} == set(SECTIONS)
    assert all(sum(test.section == name for test in found) == 7 for name in SECTIONS)


def test_every_code_and_every_gate_that_the_rubric_names_exists() -> None:
    sources = [source for test in rubric() for source in (*test.automated, *test.manual)]
    ways = " ".join(test.way for test in rubric())

    assert {code for source in sources for code in source.codes} <= set(all_codes())
    assert set(re.findall(r"\[gates\.(\w+)", ways)) <= set(gate_names())
    assert all(test.way for test in rubric())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "more of a research project"),
        (0.5, "not totally untested"),
        (1.0, "not totally untested"),
        (1.5, "a first pass"),
        (2.5, "reasonably tested"),
        (3.0, "reasonably tested"),
        (3.5, "strong levels"),
        (5.0, "strong levels"),
        (5.5, "exceptional levels"),
        (7.0, "exceptional levels"),
    ],
)
def test_a_score_means_what_the_paper_says(value: float, words: str) -> None:
    results = tuple(_worth(test, value) for test in rubric())

    assert Score(model="late", results=results).value == value
    assert Score(model="late", results=results).meaning.startswith(words)
    assert [most for most, _ in BANDS] == [0, 1, 2, 3, 5, 7]


def _worth(test: RubricTest, value: float) -> Result:
    number = int(test.id[-1])
    return Result(test=test, how="automated" if number <= value else "manual" if number - 0.5 == value else "none")


def test_the_score_is_the_least_of_the_four_sums(folder: Path) -> None:
    score = ran(folder, check("MLG201", "train"), check("MLG101"), check("MLG107"), check("MLG301"), check("MLG654"))

    assert score.sums == {"data": 1.0, "model": 1.0, "infra": 1.5, "monitor": 1.0}
    assert score.value == 1.0
    assert ran(folder, check("MLG201", "train"), check("MLG107"), check("MLG101")).value == 0.0


def test_a_gate_that_is_only_configured_gives_no_point(folder: Path) -> None:
    score = now(folder)

    assert how(score) == {}
    assert score.uncounted == ("there is no verdict yet",)


@pytest.mark.parametrize("outcome", ["pass", "fail"])
def test_a_check_that_gave_an_answer_is_evidence_and_one_that_says_no_is_named(folder: Path, outcome: str) -> None:
    (result,) = [one for one in ran(folder, check("MLG301", outcome=outcome)).results if one.how != "none"]

    assert (result.test.id, result.points, result.evidence) == ("monitor-3", 1.0, ("gate",))
    assert result.failing == (("gate",) if outcome == "fail" else ())


@pytest.mark.parametrize("outcome", ["inconclusive", "error", "skip"])
def test_a_check_that_gave_no_answer_is_none_and_said(folder: Path, outcome: str) -> None:
    score = ran(folder, check("MLG301", outcome=outcome), check("MLG001", outcome="error"))

    assert how(score) == {}
    assert [one.note for one in score.results if one.note] == [f"gate is {outcome}: no answer"]


def test_data_invariants_of_inputs_are_those_of_tables_from_production(folder: Path) -> None:
    assert how(ran(folder, check("MLG201", "train"))) == {"data-1": "automated"}
    assert how(ran(folder, check("MLG201", "current"))) == {"data-1": "automated", "monitor-2": "automated"}
    assert "monitor-2" in how(ran(folder, check("MLG206", "serving.late.isin", "fail")))


@pytest.mark.parametrize(("strategy", "counts"), [("canary", True), ("shadow", True), ("blue-green", False)])
def test_only_a_release_by_degrees_is_a_canary(folder: Path, strategy: str, counts: bool) -> None:
    assert ("infra-6" in how(ran(folder, check("MLG656", "release", message=f"{strategy}: 10 %")))) == counts


def test_what_is_stated_is_half_a_point_and_a_check_outranks_it(folder: Path) -> None:
    stated = '[score]\ndata-5 = "docs/privacy.md, 2026-05"\ndata-1 = "by eye, 2026-05"\n'
    (folder / "mlgate.toml").write_text(CONFIG + stated, encoding="utf-8")

    assert how(now(folder)) == {"data-1": "manual", "data-5": "manual"}
    score = ran(folder, check("MLG201", "train"))
    assert how(score) == {"data-1": "automated", "data-5": "manual"}
    assert score.results[4].evidence == ("docs/privacy.md, 2026-05",)


def test_what_governance_finds_wrong_is_not_stated(folder: Path) -> None:
    assert how(ran(folder, check("MLG654", "rollback", "fail"))) == {}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('data-8 = "x"', "mlgate.toml:20: unknown key `score.data-8`; did you mean"),
        ("data-5 = true", "mlgate.toml:20: `score.data-5` = True: should be a text"),
        ('data-5 = " "', "mlgate.toml:20: `score.data-5` is empty"),
        ('data-5 = "TODO"', "`score.data-5` is 'TODO', which says nothing; name the evidence"),
    ],
)
def test_a_statement_that_states_nothing_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, table: str, says: str
) -> None:
    monkeypatch.chdir(folder)
    (folder / "mlgate.toml").write_text(f"{CONFIG}[score]\n{table}\n", encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_config(folder / "mlgate.toml")

    assert says in str(caught.value)


GOOD = check("MLG301")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"finished": (datetime.now(UTC) - timedelta(days=400)).isoformat()}, "400.0 days old"),
        ({"finished": (datetime.now(UTC) + timedelta(days=2)).isoformat()}, "which is yet to come"),
        ({"model": "another"}, "it is of 'another', not of 'late'"),
        ({"identity": {}}, "configuration: is not the one that was judged by"),
    ],
)
def test_a_verdict_of_something_else_or_too_old_gives_nothing(folder: Path, changes: dict[str, Any], says: str) -> None:
    aged = CONFIG + "[policy.production]\nmax_age_days = 30\n"
    (folder / "mlgate.toml").write_text(aged, encoding="utf-8")
    assert how(ran(folder, GOOD)) == {"monitor-3": "automated"}

    score = ran(folder, GOOD, **changes)

    assert how(score) == {}
    assert any(says in why for why in score.uncounted), score.uncounted


def test_a_verdict_of_another_configuration_or_model_file_gives_nothing(folder: Path) -> None:
    ran(folder, GOOD)
    (folder / "mlgate.toml").write_text(CONFIG + "# changed\n", encoding="utf-8")
    assert (how(now(folder)), now(folder).uncounted[0][:13]) == ({}, "configuration")

    ran(folder, GOOD)
    (folder / "model.bin").write_bytes(b"another")
    assert (how(now(folder)), now(folder).uncounted[0][:20]) == ({}, "candidate: model.bin")


def test_a_verdict_that_was_edited_gives_nothing(folder: Path) -> None:
    ran(folder, check("MLG301", outcome="error"))
    path = folder / ".mlgate" / "verdict.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"outcome": "error"', '"outcome": "pass"'))

    score = now(folder)

    assert how(score) == {}
    assert "was changed after it was written" in score.uncounted[0]


def test_the_command_prints_each_test_with_its_evidence_and_the_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    ran(folder, GOOD, check("MLG654", "rollback"))
    text = CliRunner().invoke(app, ["score"])

    assert text.exit_code == 0
    assert all(title in text.output for title in TITLES)
    below = f"\n{' ' * 18}"
    assert f"monitor-3  1    Training and serving are not skewed.{below}automated: gate\n" in text.output
    assert f"infra-7    0.5  Serving models can be rolled back.{below}manual: gate:rollback\n" in text.output
    assert "more: [gates.schema] with a `schema`" in text.output
    assert text.output.endswith("the four: more of a research project than a productionized system\n")


def test_the_command_as_json(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    ran(folder, GOOD)

    record = json.loads(CliRunner().invoke(app, ["score", "--format", "json"]).output)

    jsonschema.Draft202012Validator(json_schema()).validate(record)
    assert record["sections"] == {"data": 0.0, "model": 0.0, "infra": 0.0, "monitor": 1.0}
    assert len(record["tests"]) == 28
    assert len(record["verdict"]) == 64
    assert CliRunner().invoke(app, ["score", "--format", "xml"]).exit_code == 2


def test_the_published_schema_requires_and_knows_every_key_that_is_written(folder: Path) -> None:
    schema, record = json_schema(), score_of(load_config(folder / "mlgate.toml")).to_json()

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(record)  # without a verdict
    assert set(schema["required"]) == set(schema["properties"]) == set(record)
    for part, written in (("sections", record["sections"]), ("test", record["tests"][0])):
        of = schema["properties"].get(part) or schema["$defs"][part]
        assert set(of["required"]) == set(of["properties"]) == set(written)
    for wrong in ({"score": 8}, {"verdict": "abc"}, {"tests": record["tests"][:27]}, {"more": 1}):
        assert not jsonschema.Draft202012Validator(schema).is_valid({**record, **wrong})


def test_a_source_matches_code_subject_and_message() -> None:
    source = Source(codes=("MLG201",), subject="serving*", says=("a: ",))

    assert source.matches(check("MLG201", "serving.x", message="a: b"))
    assert not source.matches(check("MLG202", "serving.x", message="a: b"))
    assert not source.matches(check("MLG201", "train", message="a: b"))
    assert not source.matches(check("MLG201", "serving.x", message="b"))


def test_the_page_says_of_every_test_what_the_code_does() -> None:
    page = (ROOT / "docs" / "ml-test-score.md").read_text(encoding="utf-8")
    rows = {cells[0]: cells[1:] for cells in _rows(page)}

    assert list(rows) == list(SCORED)
    for test in rubric():
        title, automated, manual = rows[test.id]
        assert title == test.title.rstrip(".")
        assert _codes(automated) == {code for source in test.automated for code in source.codes}
        assert _codes(manual) == {code for source in test.manual for code in source.codes}


def test_the_page_has_the_papers_bands() -> None:
    page = (ROOT / "docs" / "ml-test-score.md").read_text(encoding="utf-8")

    assert all(f"| {words} |" in page for _, words in BANDS)


def _rows(page: str) -> list[list[str]]:
    lines = [line for line in page.splitlines() if re.match(r"\| \w+-\d \|", line)]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def _codes(cell: str) -> set[str]:
    """The codes in a cell: `MLG201` to `MLG207` are all of them."""
    found = set(re.findall(r"MLG\d{3}", cell))
    for first, last in re.findall(r"MLG(\d{3}) to MLG(\d{3})", cell):
        found |= {f"MLG{number}" for number in range(int(first), int(last) + 1)}
    return found
