"""A card against the run that judges it: its numbers, its groups, its digests, and the stage that is asked for."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pytest_mlgate import check_card
from pytest_mlgate.cli import app
from pytest_mlgate.config import load_config
from pytest_mlgate.documents.facts import ModelFacts
from pytest_mlgate.documents.gathering import gather
from tests.documents.conftest import CONFIGURATION, make
from tests.documents.test_card_writing import written
from tests.plugin.conftest import Project

PROSE = {
    "TODO(license) an SPDX identifier": "Apache-2.0",
    "TODO(intended_use): which decision does it support, whose is it, and at which moment?": "Rank the flights of the "
    "next hours by their chance to land late, for the desk.",
    "TODO(out_of_scope_use): for what must it not be used, though somebody might?": "It must not be used for crews.",
    "TODO(limitations): under which conditions is it wrong, and how would one notice?": "Storms are rare in the rows: "
    "recall falls when whole airports stop.",
}
GATE = '\n[gates.card]\npath = "MODEL_CARD.md"\n'


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ModelFacts]:
    """A model with its tables, and what is measured of it, once for this file."""
    folder = make(tmp_path_factory.mktemp("carded"))
    return folder, gather(load_config(folder / "mlgate.toml"))


@pytest.fixture
def carded(project: Project, source: tuple[Path, ModelFacts]) -> tuple[Project, str]:
    """A project whose card was written by the tool, and the gate that judges it."""
    folder, facts = source
    for name in ("model.joblib", "old.joblib", "train.parquet", "holdout.parquet"):
        shutil.copy(folder / name, project.path / name)
    text = written(facts)
    for blank, prose in PROSE.items():
        text = text.replace(blank, prose)
    project.write("MODEL_CARD.md", text)
    project.write("mlgate.toml", CONFIGURATION.partition("[[gates.baseline]]")[0] + GATE)
    return project, text


def states(project: Project) -> dict[str, str]:
    return {check.id: check.outcome.value for check in project.verdict().checks if check.gate == "card"}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_card_that_the_tool_wrote_is_true_to_the_run(carded: tuple[Project, str], workers: tuple[str, ...]) -> None:
    project, _ = carded

    project.run(*workers)

    found = states(project)
    wanted = ("roc_auc", "accuracy:place=EWR", "version", "digest:candidate", "digest:train", "digest:holdout")
    assert {name: found[f"card:{name}"] for name in wanted} == dict.fromkeys(wanted, "pass")
    assert "card:not_compared" not in found


def test_a_number_that_was_not_measured_blocks_with_its_line(carded: tuple[Project, str], source: object) -> None:
    project, text = carded
    row = next(line for line in text.splitlines() if line.startswith("| ROC AUC | 0."))
    number = row.split()[4]
    wrong = f"{float(number) + 0.01:.4f}"
    project.write("MODEL_CARD.md", text.replace(row, row.replace(number, wrong, 1)))

    project.run()

    check = next(check for check in project.verdict().checks if check.id == "card:roc_auc")
    line = text.splitlines().index(row) + 1
    assert check.message.startswith(f"MODEL_CARD.md:{line}: roc_auc {wrong} in the card, {number} measured (this run)")


def test_the_card_gate_alone_measures_by_itself(carded: tuple[Project, str]) -> None:
    project, text = carded
    row = next(line for line in text.splitlines() if line.startswith("| F1 | 0."))
    project.write("MODEL_CARD.md", text.replace(row, row.replace(row.split()[3], "0.9999", 1)))

    result = project.run("--mlgate-only=card", "mlgate.toml")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*card:f1*fail*0.9999 in the card*"])


def test_another_model_than_the_card_is_about_blocks(carded: tuple[Project, str]) -> None:
    project, _ = carded
    shutil.copy(project.path / "old.joblib", project.path / "model.joblib")

    project.run()

    assert states(project)["card:digest:candidate"] == "fail"


def test_a_card_that_forbids_production_blocks_a_promotion_to_it(carded: tuple[Project, str]) -> None:
    project, text = carded
    project.write("MODEL_CARD.md", f"{text}\n## Status\n\nThis model is not intended for production use.\n")

    project.run("--mlgate-stage=production")
    blocking = {check.id for check in project.verdict().checks if check.blocks}
    assert "card:permission" in blocking
    project.run("--mlgate-stage=validation")
    assert "card:permission" not in states(project)


@pytest.mark.parametrize(("stage", "severity"), [("validation", "warn"), ("production", "block")])
def test_numbers_that_nothing_is_compared_with_are_no_pass(
    carded: tuple[Project, str], stage: str, severity: str
) -> None:
    project, _ = carded
    project.write("mlgate.toml", GATE)

    project.run(f"--mlgate-stage={stage}")

    check = next(check for check in project.verdict().checks if check.id == "card:not_compared")
    assert (check.outcome, check.severity) == ("inconclusive", severity)


def test_a_candidate_that_cannot_be_asked_is_an_error(carded: tuple[Project, str]) -> None:
    project, _ = carded
    text = CONFIGURATION.partition("[[gates.baseline]]")[0].replace('target = "late"', 'target = "lat"')
    project.write("mlgate.toml", text + GATE)

    project.run()

    assert states(project)["card:not_compared"] == "error"


def test_a_stored_verdict_serves_as_what_was_measured(carded: tuple[Project, str]) -> None:
    project, text = carded
    gate = '[[gates.baseline]]\nmetric = "roc_auc"\nmargin = 0.5\n'
    project.write("mlgate.toml", CONFIGURATION.partition("[[gates.baseline]]")[0] + gate)
    project.run()

    for measured in (project.verdict_file, project.verdict()):
        result = check_card(text.encode(), measured=measured)
        assert next(check for check in result.checks if check.subject == "roc_auc").outcome == "pass"
    wrong = check_card(text.encode(), measured={"roc_auc": 0.5})
    assert next(check for check in wrong.checks if check.subject == "roc_auc").outcome == "fail"

    (place,) = next(check for check in result.checks if check.subject == "roc_auc").details["places"][:1]
    lines = text.splitlines()
    lines[place["line"] - 1] = lines[place["line"] - 1].replace(place["printed"], "0.123")
    (project.path / "WRONG.md").write_text("\n".join(lines), encoding="utf-8")
    (project.path / "RIGHT.md").write_text(text, encoding="utf-8")
    linted = {name: lint(project.path / name, project.verdict_file) for name in ("RIGHT.md", "WRONG.md")}
    assert f"WRONG.md:{place['line']}: " in linted["WRONG.md"].output
    assert "0.123" in linted["WRONG.md"].output
    assert f"RIGHT.md:{place['line']}: " not in linted["RIGHT.md"].output
    verdict = project.verdict_file.read_text(encoding="utf-8")
    project.verdict_file.write_text(verdict.replace('"seed": 0', '"seed": 1'), encoding="utf-8")
    changed = lint(project.path / "RIGHT.md", project.verdict_file)
    assert (changed.exit_code, "it was changed after it was written" in changed.output) == (2, True)


def lint(card: Path, verdict: Path) -> Any:
    return CliRunner().invoke(app, ["card", "lint", str(card), "--verdict", str(verdict)])


@pytest.mark.parametrize("measured", [3, {"roc_auc": "0.7"}, {("roc_auc", "origin"): 0.7}, "nowhere.json"])
def test_what_is_no_measurement_is_an_error(measured: object) -> None:
    (check,) = check_card(b"# Model card: m\n\n## Metrics\n\nAccuracy: 0.5\n", measured=measured).checks

    assert check.outcome == "error"
    assert check.fix
