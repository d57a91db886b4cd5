"""Whether a card is true: its numbers against measured ones, itself, the stage that is asked for, files around it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlgate.cards.form import Number, Span
from pytest_mlgate.cards.measured import Measured, from_checks, from_numbers
from pytest_mlgate.cards.reading import card_of
from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.card.claims import matches, wanted
from pytest_mlgate.gates.card.codes import CODES
from pytest_mlgate.gates.card.consistency import Surroundings, consistency_checks
from pytest_mlgate.gates.card.identity import dates_in
from pytest_mlgate.gates.card.matrices import implied
from pytest_mlgate.gates.card.outside import is_licence

TODAY = dt.date(2027, 1, 31)
GROUPS = {"origin": ("EWR", "JFK", "LGA")}


def judged(text: str, measured: Measured | dict[Any, float] | None = None, **around: Any) -> dict[str, Check]:
    """The checks of a card by subject; a mapping is what was measured."""
    known = from_numbers(measured) if isinstance(measured, dict) else measured
    settings = Surroundings(**{"measured": known, "today": TODAY, **around})
    checks = list(consistency_checks(card_of(text, source="MODEL_CARD.md"), settings))
    assert len({check.subject for check in checks}) == len(checks)
    assert {check.code for check in checks} <= {code.code for code in CODES}
    assert all(check.fix for check in checks if check.outcome is not Outcome.PASS)
    return {check.subject: check for check in checks}


def state(check: Check) -> str:
    return check.outcome.value if check.outcome is Outcome.PASS else f"{check.outcome.value}/{check.severity.value}"


# --- (1) metrics


def test_a_number_that_was_not_measured_blocks_with_its_line_and_both_values() -> None:
    check = judged("# m\n\n## Metrics\n\nROC AUC: 0.741\n", {"roc_auc": 0.731})["roc_auc"]

    assert state(check) == "fail/block"
    assert check.message == "MODEL_CARD.md:5: roc_auc 0.741 in the card, 0.731 measured (measured)"
    assert check.details["line"] == 5
    assert "mlgate card update" in check.fix


@pytest.mark.parametrize(
    ("printed", "value", "agrees"),
    [
        ("0.731", 0.7314, True),
        ("0.731", 0.73151, False),
        ("0.73", 0.7314, True),
        ("0.7", 0.7314, True),
        (".731", 0.731, True),
        ("73.1 %", 0.7314, True),
        ("73.1%", 0.7321, False),
        ("73 %", 0.7314, True),
        ("73.1", 0.7314, True),
        ("0,731", 0.7314, True),
        ("74.1", 0.731, False),
        ("0.741", 0.731, False),
    ],
)
def test_half_a_unit_of_the_last_digit_is_the_tolerance_in_either_notation(
    printed: str, value: float, agrees: bool
) -> None:
    check = judged(f"# m\n\n## Metrics\n\nAccuracy: {printed}\n", {"accuracy": value})["accuracy"]

    assert (check.outcome is Outcome.PASS) is agrees


@given(st.floats(0.001, 0.999), st.integers(1, 6))
def test_what_is_rounded_is_recognised(value: float, digits: int) -> None:
    printed = f"{value:.{digits}f}"
    span = Span(line=1, column=1, end_line=1, end_column=2)
    number = Number(value=float(printed), printed=printed, digits=digits, metric="f1", metric_text="F1", span=span)
    percent = f"{100 * value:.{digits}f}"
    other = Number(
        value=float(percent), unit="percent", printed=percent, digits=digits, metric="f1", metric_text="F1", span=span
    )

    assert matches(number, value)
    assert matches(other, value)
    assert not matches(number, value + 1.02 * 10.0**-digits)


def test_a_loss_is_the_number_that_is_printed_and_not_the_score() -> None:
    found = judged("# m\n\n## Metrics\n\n| | value |\n|-|-|\n| Brier score | 0.18 |\n| RMSE | 12.5 |\n", {
        "neg_brier_score": -0.1759, "neg_root_mean_squared_error": -12.46,
    })  # fmt: skip

    assert {subject: state(check) for subject, check in found.items()} == {"brier": "pass", "rmse": "pass"}


def test_other_rows_other_models_goals_and_thresholds_are_not_compared() -> None:
    text = (
        "# m\n\n## Metrics\n\n| | train | validation | test |\n|-|-|-|-|\n| accuracy | 0.99 | 0.80 | 0.75 |\n\n"
        "The baseline has an accuracy of 0.70. The goal is an accuracy of at least 0.72.\n\n"
        "### Training results\n\nAccuracy: 0.98\n"
    )

    check = judged(text, {"accuracy": 0.75})["accuracy"]

    assert state(check) == "pass"
    assert [place["printed"] for place in check.details["places"]] == ["0.75"]


def test_settings_and_plans_in_the_rows_of_a_table_are_no_results() -> None:
    text = (
        "# m\n\n## Model details\n\n| | |\n|-|-|\n| hyperparameters | `loss = log_loss`, `max_bins = 255` |\n"
        "\n## Operation\n\n| | |\n|-|-|\n| retraining | every 180 days; ROC AUC of a month below 0.70 |\n"
    )

    assert judged(text, {"log_loss": 0.53, "roc_auc": 0.76}) == {}


def test_a_second_value_beside_the_true_one_only_warns() -> None:
    found = judged(
        "# m\n\n## Metrics\n\nAccuracy: 0.75\n\n## Limitations\n\nIn August the accuracy is 0.71.\n", {"accuracy": 0.75}
    )

    assert state(found["accuracy"]) == "fail/warn"
    assert "line 5 has the measured value" in found["accuracy"].message


def test_a_number_at_a_threshold_of_its_own_only_warns_until_the_gate_is_told() -> None:
    text = "# m\n\n## Metrics\n\nAt a decision threshold of 0.3, recall: 0.81\n"

    assert state(judged(text, {"recall": 0.5})["recall"]) == "fail/warn"
    assert state(judged(text, {"recall": 0.5}, threshold=0.3)["recall"]) == "fail/block"
    assert state(judged(text, {"recall": 0.81}, threshold=0.3)["recall"]) == "pass"


def test_any_way_of_averaging_will_do_where_the_card_says_none() -> None:
    measured = from_numbers({"f1_macro": 0.62, "f1_weighted": 0.71, "f1": 0.66})

    for printed, expected in (("0.62", "pass"), ("0.71", "pass"), ("0.66", "pass"), ("0.80", "fail/block")):
        assert state(judged(f"# m\n\n## Metrics\n\nF1: {printed}\n", measured)["f1"]) == expected


def test_what_could_not_be_compared_is_no_pass() -> None:
    text = "# m\n\n## Metrics\n\nROC AUC: 0.74\n\nBLEU: 31.2\n"

    found = judged(text, {"roc_auc": 0.74})
    assert state(found["not_compared"]) == "inconclusive/warn"
    assert "MODEL_CARD.md:7 bleu" in found["not_compared"].message
    assert state(judged(text, None, in_run=True)["not_compared"]) == "inconclusive/block"
    assert judged(text, None) == {}  # a card alone


# --- (3) groups

BY_ORIGIN = "# m\n\n## Metrics by origin\n\n| origin | accuracy |\n|-|-|\n| EWR | {} |\n| {} | 0.73 |\n"


@pytest.mark.parametrize(("value", "expected"), [("0.75", "pass"), ("0.79", "fail/block")])
def test_the_value_of_a_group_is_compared_with_that_of_the_group(value: str, expected: str) -> None:
    measured = {("accuracy", "origin", "EWR"): 0.75, ("accuracy", "origin", "JFK"): 0.73, "accuracy": 0.79}

    check = judged(BY_ORIGIN.format(value, "JFK"), measured)["accuracy:origin=EWR"]

    assert state(check) == expected
    assert check.code == "MLG622"


def test_a_group_that_the_data_do_not_have_is_named_with_those_they_have() -> None:
    measured = Measured(
        values=from_numbers({("accuracy", "origin", "EWR"): 0.75}).values, groups=GROUPS, all_groups=True
    )

    found = judged(BY_ORIGIN.format("0.75", "PHL"), measured)

    check = found["group:origin=PHL:accuracy"]
    assert state(check) == "fail/warn"
    assert check.message == "MODEL_CARD.md:8: no row of the holdout has origin = 'PHL' (there are 'EWR', 'JFK', 'LGA')"


def test_what_has_to_be_measured_is_what_the_card_says() -> None:
    card = card_of(BY_ORIGIN.format("0.75", "JFK") + "\nROC AUC: 0.74\n")

    assert set(wanted(card)) == {("accuracy", "origin", "EWR"), ("accuracy", "origin", "JFK"), ("roc_auc", "", "")}


def test_a_verdict_knows_what_its_baseline_gate_measured() -> None:
    def check(metric: str, candidate: float, subject: str = "", code: str = "MLG101") -> Check:
        return Check(
            code=code, gate="baseline", entry=metric, subject=subject, outcome="pass", message="m", n=9,
            details={"metric": metric, "candidate": candidate},
        )  # fmt: skip

    measured = from_checks([
        check("roc_auc", 0.76), check("neg_brier_score", -0.18), check("roc_auc", 0.72, "origin=LGA", "MLG102"),
        check("roc_auc", 0.5, "(small slices)", "MLG102"), Check(code="X", outcome="pass", message="m"),
    ])  # fmt: skip

    assert {(v.metric, v.column, v.group, v.value) for v in measured.values} == {
        ("roc_auc", "", "", 0.76),
        ("brier", "", "", 0.18),
        ("roc_auc", "origin", "LGA", 0.72),
    }


# --- (2) the card and itself

MATRIX = """# m

## Metrics

| | predicted no | predicted yes |
|-|-|-|
| actual no | 900 | 50 |
| actual yes | 25 | 75 |

{}
"""  # precision 75/125 = 0.6, recall 0.75, accuracy 975/1050 = 0.9286, F1 0.6667


@pytest.mark.parametrize(
    ("said", "subject", "expected"),
    [
        ("Precision: 0.60", "matrix:precision", "pass"),
        ("Precision: 0.97", "matrix:precision", "pass"),  # of the other class
        ("Precision: 0.85", "matrix:precision", "fail/block"),
        ("Recall: 75 %", "matrix:recall", "pass"),
        ("Recall: 0.57", "matrix:recall", "fail/block"),
        ("Accuracy: 0.93", "matrix:accuracy", "pass"),
        ("Accuracy: 0.95", "matrix:accuracy", "fail/block"),
        ("F1: 0.667", "matrix:f1", "pass"),
        ("F1: 0.75", "matrix:f1", "fail/block"),
        ("Specificity: 0.947", "matrix:specificity", "pass"),
    ],
)
def test_a_matrix_is_recomputed_and_held_against_its_card(said: str, subject: str, expected: str) -> None:
    check = judged(MATRIX.format(said))[subject]

    assert state(check) == expected
    if expected != "pass":
        assert check.details["line"] == 10
        assert "the confusion matrix of line 5" in check.message


@pytest.mark.parametrize("heads", ["pred. {}", "Predicted: {}", "{} (predicted)", "true {}"])
def test_a_matrix_is_found_however_its_sides_are_called(heads: str) -> None:
    text = MATRIX.replace("predicted no", heads.format("no")).replace("predicted yes", heads.format("yes"))

    assert state(judged(text.format("Accuracy: 0.95"))["matrix:accuracy"]) == "fail/block"


def test_where_two_matrices_stand_a_contradiction_only_warns() -> None:
    second = MATRIX.format("").partition("## Metrics\n")[2].replace("900", "800")

    found = judged(MATRIX.format("Accuracy: 0.5") + second)

    assert state(found["matrix:accuracy"]) == "fail/warn"


@given(
    st.lists(st.integers(0, 10_000), min_size=4, max_size=9).filter(lambda cells: len(cells) in (4, 9) and sum(cells))
)
def test_what_a_matrix_implies_is_what_scikit_learn_computes(cells: list[int]) -> None:
    import numpy as np
    from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

    size = int(len(cells) ** 0.5)
    counts = tuple(tuple(map(float, cells[k * size : (k + 1) * size])) for k in range(size))
    actual, said = np.divmod(np.arange(len(cells)), size)
    told: dict[str, list[float]] = {}
    for metric, value in implied(counts):
        told.setdefault(metric, []).append(value)

    def has(metric: str, value: float) -> bool:
        return bool(np.isclose(told[metric], value, atol=1e-12).any())

    options: dict[str, Any] = {"labels": list(range(size)), "sample_weight": cells, "zero_division": 0}
    assert has("accuracy", accuracy_score(actual, said, sample_weight=cells))
    for metric, function in (("f1", f1_score), ("precision", precision_score), ("recall", recall_score)):
        for average in ("macro", "weighted"):
            assert has(metric, function(actual, said, average=average, **options))
        assert all(has(metric, value) for value in function(actual, said, average=None, **options))


def test_one_metric_with_two_values_is_a_contradiction_unless_it_is_rounding() -> None:
    text = "# m\n\nAn accuracy of {} on the holdout.\n\n## Metrics\n\nAccuracy: 0.731\n"

    assert state(judged(text.format("0.741"))["twice:accuracy"]) == "fail/warn"
    assert judged(text.format("0.73")) == {}


INDEX = """---
model-index:
- name: m
  results:
  - task: {{type: tabular-classification}}
    dataset: {{type: local, name: holdout}}
    metrics:
    - type: roc_auc
      value: {}
---
# m

## Metrics

ROC AUC: 0.731
"""


def test_the_front_matter_says_what_run_and_text_say() -> None:
    for value, expected in ((0.741, "fail/warn"), (0.7312, "pass"), (0.731, "pass")):
        check = judged(INDEX.format(value))["model-index:roc_auc"]
        assert state(check) == expected
        assert check.details["line"] == 9
        assert state(judged(INDEX.format(value), {"roc_auc": 0.7312})["model-index:roc_auc"]) == expected


def test_results_on_several_datasets_are_benchmarks_and_not_judged() -> None:
    second = "  - dataset: {type: other}\n    metrics: [{type: roc_auc, value: 0.5}]\n---\n# m\n"
    text = INDEX.format(0.741).replace("---\n# m\n", second)

    assert "model-index:roc_auc" not in judged(text, {"roc_auc": 0.731})


def test_a_difference_is_no_value_of_the_model() -> None:
    head = "| | candidate | previous model | difference |\n|-|-|-|-|\n"
    text = f"# m\n\n## Metrics\n\n{head}| accuracy | 0.75 | 0.70 | 0.05 |\n"

    assert {name: state(check) for name, check in judged(text, {"accuracy": 0.75}).items()} == {"accuracy": "pass"}


def test_f1_above_its_parts_is_impossible() -> None:
    text = "# m\n\n## Metrics\n\n| precision | recall | F1 |\n|-|-|-|\n| 0.61 | 0.50 | {} |\n"

    assert [state(c) for s, c in judged(text.format("0.63")).items() if s.startswith("impossible")] == ["fail/warn"]
    assert judged(text.format("0.55")) == {}
    assert judged(text.format("0.30")) == {}  # macro averages can be as low as that


def test_parts_add_up_to_their_total() -> None:
    text = "# m\n\n## Data\n\n| airport | flights |\n|-|-|\n| EWR | 10 126 |\n| JFK | 9 757 |\n| total | {} |\n"

    found = judged(text.format("19 893"))
    assert [state(check) for check in found.values()] == ["fail/warn"]
    assert "add up to 19883, the total is 19893" in next(iter(found.values())).message
    assert judged(text.format("19 883")) == {}


# --- (4), (5) identity


@pytest.mark.parametrize(
    ("line", "kind", "code"),
    [
        ("| SHA-256 of the model file | `{}` |", "candidate", "MLG623"),
        ("Artifact: sha256:{}", "candidate", "MLG623"),
        ("Fitted on data/train.parquet, SHA-256 {}.", "train", "MLG624"),
        ("| Holdout | `{}` |", "holdout", "MLG624"),
    ],
)
def test_a_digest_is_that_of_what_was_judged(line: str, kind: str, code: str) -> None:
    digest = "0123456789abcdef" * 4
    text = (
        f"# m\n\n## Model details\n\n| | |\n|-|-|\n{line}\n"
        if line[0] == "|"
        else f"# m\n\n## Model details\n\n{line}\n"
    )
    for known, expected in ((digest, "pass"), ("f" * 64, "fail/block")):
        check = judged(text.format(digest), Measured(digests={kind: known}))[f"digest:{kind}"]
        assert (state(check), check.code) == (expected, code)
    assert judged(text.format(digest[:12] if "sha256:" in line else digest), Measured(digests={})) == {}


def test_a_shortened_digest_is_one_by_its_first_digits() -> None:
    text = "# m\n\n## Model details\n\nModel file: sha256:0123456789ab\n"

    assert state(judged(text, Measured(digests={"candidate": "0123456789ab" + "0" * 52}))["digest:candidate"]) == "pass"
    assert state(judged(text, Measured(digests={"candidate": "1" * 64}))["digest:candidate"]) == "fail/block"


@pytest.mark.parametrize(
    ("said", "version", "expected"),
    [
        ("2.1", "2.1", "pass"),
        ("v2.1", "2.1", "pass"),
        ("2.1 (May 2026)", "2.1", "pass"),
        ("2.10", "2.1", "fail/block"),
        ("2.1", "2.1.3", "fail/block"),
        ("1.0", "2.1", "fail/block"),
    ],
)
def test_the_version_is_that_which_is_judged(said: str, version: str, expected: str) -> None:
    text = f"# m\n\n## Model details\n\n- Version: {said}\n"

    assert state(judged(text, Measured(version=version))["version"]) == expected
    assert "version" not in judged(text, Measured())


# --- (6) permission


@pytest.mark.parametrize(
    "sentence",
    [
        "This model is not intended for production use.",
        "It must not be used in production.",
        "Do not deploy this model.",
        "The model is not ready for deployment in live systems.",
        "Production use is prohibited.",
        "For research purposes only.",
        "It may only be used for research.",
        "No debe usarse en producción.",
        "El modelo no está pensado para su uso en producción.",
        "Solo para investigación.",
        "Não deve ser usado em produção.",
    ],
)
def test_a_card_that_forbids_production_blocks_it_and_nothing_earlier(sentence: str) -> None:
    text = f"# m\n\n## Intended use\n\nA study of delays.\n\n{sentence}\n"

    for stage, expected in (
        ("production", "fail/block"),
        ("monitoring", "fail/block"),
        ("pre-production", "fail/warn"),
    ):
        check = judged(text, stage=stage)["permission"]
        assert state(check) == expected
        assert check.details["line"] == 7
    assert "permission" not in judged(text, stage="validation")


@pytest.mark.parametrize(
    "sentence",
    [
        "The model is used in production since May.",
        "It must not be used in production without a person who decides.",
        "Do not use it to plan the production of steel.",
        "Not available on weekends; the production model is another.",
        "It is not intended for decisions about safety.",
        "The data are not from production lines.",
        "Research on production systems motivated it.",
        "No debe usarse sin supervisión en producción.",
    ],
)
def test_a_condition_another_meaning_or_another_object_forbids_nothing(sentence: str) -> None:
    assert "permission" not in judged(f"# m\n\n## Intended use\n\n{sentence}\n", stage="production")


def test_a_use_that_is_listed_as_out_of_scope_is_forbidden() -> None:
    text = "# m\n\n## Out-of-scope use\n\n- Any deployed use of the model.\n- Surveillance.\n"

    assert judged(text, stage="production")["permission"].details["line"] == 5


# --- (7) to (10)


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ("Owner: the flights team", "fail/warn"),
        ("Owner: jo@example.com", "fail/warn"),
        ("Owner: Jo Martin", "fail/warn"),
        ("Owner: Jo Martin\n- Contact: jo@airline.aero", "pass"),
        ("Owner: @jo-martin", "pass"),
        ("Responsable: el equipo de datos", "fail/warn"),
    ],
)
def test_the_owner_of_a_card_is_somebody(owner: str, expected: str) -> None:
    assert state(judged(f"# m\n\n## Model details\n\n- {owner}\n")["owner"]) == expected


def test_a_handle_of_a_card_stands_in_codeowners_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_text("* @ada\n")

    assert state(judged("# m\n\n- Owner: @jo-martin\n", folder=tmp_path)["owner"]) == "fail/warn"


@pytest.mark.parametrize(
    ("line", "stage", "max_age", "expected"),
    [
        ("Date: 2026-12-01", "monitoring", None, "pass"),
        ("Date: 2025-12-01", "monitoring", None, "fail/warn"),
        ("Last updated: December 2026", "production", 60, "pass"),
        ("Última actualización: 3 de marzo de 2026", "production", 60, "fail/warn"),
        ("Version: 2.1 (2027-01-03)", "production", 60, "pass"),
        ("Name: m", "production", 60, "fail/warn"),
        ("Date: 2025-12-01", "production", None, None),
    ],
)
def test_a_card_is_stale_after_a_time(line: str, stage: str, max_age: int | None, expected: str | None) -> None:
    found = judged(f"# m\n\n## Model details\n\n- {line}\n", stage=stage, max_age=max_age)

    assert (state(found["age"]) if "age" in found else None) == expected


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("2026-03-04", [dt.date(2026, 3, 4)]),
        ("2026-02", [dt.date(2026, 2, 28)]),
        ("March 4, 2026", [dt.date(2026, 3, 4)]),
        ("4th of March 2026", [dt.date(2026, 3, 4)]),
        ("4 de marzo de 2026", [dt.date(2026, 3, 4)]),
        ("dezembro de 2026", [dt.date(2026, 12, 31)]),
        ("2026-13-40, soon 2026", []),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, dates: list[dt.date]) -> None:
    assert list(dates_in(text)) == dates


@given(st.text(alphabet="0123456789- /.,abcdefghijklmnopqrstuvwxyz", max_size=60))
def test_no_text_makes_the_search_for_dates_raise(text: str) -> None:
    list(dates_in(text))


@pytest.mark.parametrize("licence", ["Apache-2.0", "apache-2.0", "MIT", "mit OR Apache-2.0", "LicenseRef-ours"])
def test_an_spdx_expression_is_a_licence(licence: str) -> None:
    assert is_licence(licence)
    assert state(judged(f"---\nlicense: {licence}\n---\n# m\n")["licence"]) == "pass"


@pytest.mark.parametrize("licence", ["Apache 2", "free for research", "openrail", "TBD"])
def test_other_words_are_none(licence: str) -> None:
    check = judged(f"---\ntags: [a]\nlicense: {licence}\n---\n# m\n")["licence"]

    assert state(check) == "fail/warn"
    assert check.details["line"] == 3


def test_other_is_a_licence_with_its_name_and_link() -> None:
    named = "license: other\nlicense_name: ours\nlicense_link: LICENSE\n"

    assert state(judged(f"---\n{named}---\n# m\n")["licence"]) == "pass"
    assert state(judged("---\nlicense: other\n---\n# m\n")["licence"]) == "fail/warn"


def test_links_to_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "roc curve.svg").touch()
    text = (
        "# m\n\n![a curve](plots/roc%20curve.svg) [top](#m) [site](https://a.org/x) [mail](mailto:a@b.org)\n\n"
        "[data sheet](DATASHEET.md#size) and ![b](plots/none.svg), <jo.m@b.org>\n"
    )

    check = judged(text, folder=tmp_path)["links"]

    assert state(check) == "fail/warn"
    assert check.message == "no such file: MODEL_CARD.md:5 DATASHEET.md#size; MODEL_CARD.md:5 plots/none.svg"
    (tmp_path / "DATASHEET.md").touch()
    (tmp_path / "plots" / "none.svg").touch()
    assert state(judged(text, folder=tmp_path)["links"]) == "pass"
    assert "links" not in judged(text)


# --- all of it


def test_messages_are_spanish_where_they_are_asked_for() -> None:
    check = judged("# m\n\n## Métricas\n\nExactitud: 0,741\n", {"accuracy": 0.731}, language="es")["accuracy"]

    assert check.message == "MODEL_CARD.md:5: accuracy 0,741 en la tarjeta, 0.731 medido (measured)"


@given(st.text(max_size=300))
def test_no_text_makes_a_check_raise(text: str) -> None:
    judged(text, {"accuracy": 0.5}, stage="production", max_age=10, folder=Path())


def test_a_warning_never_blocks_and_nothing_else_is_contested() -> None:
    contested = {"MLG621", "MLG622", "MLG626", "MLG627", "MLG628", "MLG629"}
    found = judged(
        "---\nlicense: ours\n---\n# m\n\n- Owner: the team\n\nF1: 0.5, and F1: 0.6\n\n[x](gone.md)\n",
        {"f1": 0.5}, folder=Path(), max_age=1,
    )  # fmt: skip

    warned = [check for check in found.values() if check.outcome is Outcome.FAIL and check.code in contested]
    assert len(warned) >= 4
    assert all(check.severity is Severity.WARN for check in warned)
