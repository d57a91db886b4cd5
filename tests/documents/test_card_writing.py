"""A card that is written: measured parts true and read back as they were measured, blanks refused, text untouched."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pytest_mlgate.cards.form import Card
from pytest_mlgate.cards.judging import Reading
from pytest_mlgate.cards.reading import card_of, read_card
from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.cli import app
from pytest_mlgate.config import Config
from pytest_mlgate.documents import templates
from pytest_mlgate.documents.facts import ModelFacts
from pytest_mlgate.documents.markers import parts
from pytest_mlgate.documents.updating import NAMES, PLOTS, prepare, update, write
from pytest_mlgate.gates.card.consistency import Surroundings, consistency_checks

RUN = CliRunner()


def written(facts: ModelFacts, language: str = "en", path: Path = Path("MODEL_CARD.md")) -> str:
    """A new card with its measured parts, plots left out."""
    text = templates.card(
        language, name="delays", pipeline="tabular-classification", groups=True, baseline=True, findings=[]
    ).encode()
    found = [part for part in parts(text, file="card", known=NAMES) if part.name != PLOTS]
    return update(text, found, facts, path, before=b"").after.decode()


def consistent(card: Card, facts: ModelFacts, **around: object) -> dict[str, Check]:
    settings = {"measured": facts.measured, "today": dt.date(2027, 1, 1), **around}
    return {check.subject: check for check in consistency_checks(card, Surroundings(**settings))}  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_written_is_read_back_as_the_numbers_that_were_measured(facts: ModelFacts, language: str) -> None:
    card = card_of(written(facts, language))

    read = {
        (n.metric, n.group): (n.value, n.low, n.high)
        for n in card.numbers
        if n.role == "measured" and n.subject not in ("difference", "diferencia", "candidate", "candidato")
    }
    expected = {
        (v.metric, v.group): tuple(None if x is None else round(x, 4) for x in (v.value, v.low, v.high))
        for v in facts.measured.values
        if not v.variant
    }
    assert len(expected) == 8 + 3 * 5
    assert read == expected


def test_the_markers_of_the_front_matter_do_not_hide_its_end(facts: ModelFacts) -> None:
    card = card_of(written(facts))

    assert card.notes == ()
    assert set(card.front_matter) == {"license", "pipeline_tag", "model-index"}


def test_every_claim_of_a_new_card_agrees_with_the_run(facts: ModelFacts) -> None:
    found = consistent(card_of(written(facts)), facts)

    assert {subject for subject, check in found.items() if check.outcome is not Outcome.PASS} == {"licence"}
    assert {"roc_auc", "accuracy:place=EWR", "version", "digest:train", "digest:candidate", "model-index:f1"} <= set(
        found
    )
    assert "not_compared" not in found


def test_a_number_that_was_changed_by_hand_blocks_and_update_mends_it(facts: ModelFacts) -> None:
    text = written(facts)
    value = next(v.value for v in facts.measured.of("roc_auc") if not v.variant)
    wrong = text.replace(f"| ROC AUC | {value:.4f} [", f"| ROC AUC | {value + 0.01:.4f} [", 1)

    check = consistent(card_of(wrong), facts)["roc_auc"]
    assert check.outcome is Outcome.FAIL
    assert f"{value + 0.01:.4f} in the card, {value:.4f} measured" in check.message
    raw = wrong.encode()
    found = [part for part in parts(raw, file="card", known=NAMES) if part.name != PLOTS]
    mended = update(raw, found, facts, Path("MODEL_CARD.md"), before=raw).after
    assert consistent(card_of(mended), facts)["roc_auc"].outcome is Outcome.PASS


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_blanks_of_a_new_card_are_refused(facts: ModelFacts, language: str) -> None:
    card = card_of(written(facts, language))
    asked = ("intended_use", "out_of_scope_use", "limitations", "ethical_considerations")

    reading = Reading(card)
    found = {name: reading.finding(name) for name in asked}

    assert {name: finding.state for name, finding in found.items()} == dict.fromkeys(asked, "placeholder")
    assert card.language == language


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_measured_is_evidence_that_the_gate_takes(facts: ModelFacts, language: str) -> None:
    asked = ("model_details", "metrics", "subgroup_metric", "owner", "rollback", "monitoring")

    reading = Reading(card_of(written(facts, language)))
    found = {name: reading.finding(name).state for name in asked}

    assert found == dict.fromkeys(asked, "present")


def test_sensitive_values_stand_nowhere(facts: ModelFacts) -> None:
    text = written(facts) + templates.datasheet("en", name="d")
    raw = text.encode()
    after = update(
        raw, [p for p in parts(raw, file="c", known=NAMES) if p.name != PLOTS], facts, Path("c.md"), before=raw
    ).after.decode()

    assert "hidden-" not in after
    assert "| `secret` | text | 0.0 % |  | sensitive |" in after


HUMAN = st.text(alphabet="abc TODO.|#*`0123456789%,\r\n<>-é", max_size=80).filter(
    lambda text: "```" not in text and "---" not in text and "mlgate" not in text
)


@settings(max_examples=25)
@given(HUMAN, HUMAN, st.sampled_from(["\n", "\r\n"]), st.permutations(["metrics", "groups", "comparison", "model"]))
def test_update_is_idempotent_and_leaves_the_human_text(
    facts: ModelFacts, before: str, after: str, newline: str, names: list[str]
) -> None:
    pairs = "".join(f"<!-- mlgate:{n} -->{newline}<!-- /mlgate:{n} -->{newline}" for n in names)
    raw = f"{before}{newline}{pairs}{after}".encode()

    def updated(content: bytes) -> bytes:
        found = parts(content, file="card", known=NAMES)
        return update(content, found, facts, Path("c.md"), before=content).after

    once = updated(raw)

    assert updated(once) == once
    human = re.compile(rb"(<!-- mlgate:([a-z]+) -->).*?(<!-- /mlgate:\2 -->)", re.DOTALL)
    assert human.sub(rb"\1\3", once) == human.sub(rb"\1\3", raw)
    assert once.count(b"\r\n") == once.count(b"\n") or newline == "\n" or b"\n" in (before + after).encode()


# Old releases of matplotlib call what pyparsing has renamed since.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_plots_lie_beside_the_card_with_words_for_who_cannot_see_them(facts: ModelFacts, tmp_path: Path) -> None:
    path = tmp_path / "MODEL_CARD.md"
    path.write_text("# m\n\n<!-- mlgate:plots -->\n<!-- /mlgate:plots -->\n", encoding="utf-8")

    first = prepare(path, facts)
    files = write(first)

    names = {file.name for file in files}
    assert names == {"MODEL_CARD.md", "roc.svg", "calibration.svg", "by-place.svg"}
    text = path.read_text(encoding="utf-8")
    area = next(v.value for v in facts.measured.of("roc_auc") if not v.variant)
    assert f"![ROC curve on the holdout, area {area:.4f}: where 1 negative in 10" in text
    assert all((tmp_path / target).is_file() for target in re.findall(r"\]\((.+?)\)", text))
    assert consistent(read_card(path), facts, folder=tmp_path)["links"].outcome is Outcome.PASS
    assert "<title>" in (tmp_path / "model-card-plots" / "roc.svg").read_text(encoding="utf-8")
    assert prepare(path, facts).changed == []  # the same bytes for the same numbers


def test_a_file_without_markers_is_refused_and_left_as_it_is(facts: ModelFacts, tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    path.write_text("# m\n", encoding="utf-8")

    with pytest.raises(InputError, match="has no markers") as raised:
        prepare(path, facts)

    assert "<!-- mlgate:metrics -->" in raised.value.fix
    assert path.read_text(encoding="utf-8") == "# m\n"


# --- the command


@pytest.fixture
def known(facts: ModelFacts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts that were gathered once: the copies of the project are the same."""
    monkeypatch.setattr("pytest_mlgate.documents.gathering.gather", lambda config: facts)


@pytest.mark.usefixtures("known")
def test_the_command_writes_updates_and_checks(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)

    made = RUN.invoke(app, ["card", "init", "--no-plots"])
    assert made.exit_code == 0
    assert made.output.splitlines()[0] == "wrote MODEL_CARD.md"
    again = RUN.invoke(app, ["card", "init", "--no-plots"])
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    text = (project / "MODEL_CARD.md").read_bytes()
    assert RUN.invoke(app, ["card", "update", "--check", "--no-plots"]).exit_code == 0
    (project / "MODEL_CARD.md").write_bytes(text.replace(b"| 2.1 |", b"| 1.0 |"))
    checked = RUN.invoke(app, ["card", "update", "--check", "--no-plots"])
    assert (checked.exit_code, checked.output) == (1, "MODEL_CARD.md: would change\n")
    updated = RUN.invoke(app, ["card", "update", "--no-plots", "--output", "out/CARD.md"])
    assert (updated.exit_code, updated.output) == (0, "wrote out/CARD.md\n")
    assert (project / "out" / "CARD.md").read_bytes() == text
    assert (project / "MODEL_CARD.md").read_bytes() != text


@pytest.mark.usefixtures("known")
def test_the_datasheet_asks_what_nobody_can_count_and_counts_the_rest(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)

    assert RUN.invoke(app, ["card", "init", "--datasheet"]).exit_code == 0

    text = (project / "DATASHEET.md").read_text(encoding="utf-8")
    train = pd.read_parquet(project / "train.parquet")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings == [
        "Motivation", "Composition", "Collection process", "Preprocessing, cleaning, labelling", "Uses", "Distribution",
        "Maintenance",
    ]  # fmt: skip
    assert f"| `temp` | number | {100 * train['temp'].isna().mean():.1f} % |" in text
    assert f"| EWR | {(train['place'] == 'EWR').sum()} |" in text
    assert text.count("TODO(") >= 12


def test_without_a_holdout_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mlgate.toml").write_text('[model]\nname = "m"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    result = RUN.invoke(app, ["card", "init"])

    assert result.exit_code == 1
    assert "no [model] candidate is configured: there is nothing to measure" in result.stderr
    assert not (tmp_path / "MODEL_CARD.md").exists()


def test_what_the_last_verdict_left_open_is_asked_of_the_limitations() -> None:
    text = templates.card(
        "en", name="m", pipeline="p", groups=False, baseline=False, findings=["drift:temp is fail (D 0.63)"]
    )

    assert "TODO(limitations): what does it mean for users that drift:temp is fail (D 0.63)?" in text
    assert Reading(card_of(text)).finding("limitations").state == "placeholder"


def test_plots_need_matplotlib_and_say_which_extra_brings_it(facts: ModelFacts, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from pytest_mlgate.documents.plots import plots\n"
        "try:\n    plots(None)\nexcept ValueError as error:\n    print(error.message, '|', error.fix)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "matplotlib, which is not installed" in done.stdout
    assert "pytest-mlgate[report]" in done.stdout


def test_the_facts_are_those_of_the_files(facts: ModelFacts, config: Config) -> None:
    train = pd.read_parquet(config.folder / "train.parquet")
    table = facts.tables["train"]

    assert (table.rows, table.first, table.last) == (len(train), "2013-01-01", "2013-03-01")
    assert table.labels == {str(label): share for label, share in train["late"].value_counts(normalize=True).items()}
    assert dict(table.groups) == {"place": train["place"].value_counts().to_dict()}
    assert facts.compared
    assert {found.metric for found in facts.compared} == {"brier", "roc_auc"}
