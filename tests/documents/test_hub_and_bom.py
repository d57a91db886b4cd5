"""What others read: the front matter in huggingface_hub, the bill of materials in CycloneDX' own schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from huggingface_hub import ModelCard
from typer.testing import CliRunner

from pytest_mlgate.cards.reading import card_of
from pytest_mlgate.cli import app
from pytest_mlgate.documents.bom import as_json, bill_of_materials
from pytest_mlgate.documents.facts import ModelFacts
from tests.documents.test_card_writing import written

if TYPE_CHECKING:
    import pytest

FILLED = """
## Limitations

- Wrong when it snows: recall falls by half.
- TODO(limitations): what else?

## Intended use

A desk looks first at flights that are likely to be late.
"""


def test_the_hub_loads_the_front_matter_with_the_measured_values(facts: ModelFacts) -> None:
    card = ModelCard(written(facts).replace("license: TODO(license) an SPDX identifier", "license: apache-2.0"))

    results = {result.metric_type: result.metric_value for result in card.data.eval_results}
    expected = {v.metric: round(v.value, 4) for v in facts.measured.values if not v.variant and not v.column}
    assert results == expected
    assert card.data.model_name == "delays"
    assert card.data.license == "apache-2.0"
    (first, *_) = card.data.eval_results
    assert (first.task_type, first.dataset_split) == ("tabular-classification", "holdout")
    assert first.dataset_revision == facts.tables["holdout"].digest


def test_front_matter_and_text_have_the_same_numbers(facts: ModelFacts) -> None:
    text = written(facts)
    front = yaml.safe_load(text.split("---")[1])
    (entry,) = front["model-index"]
    indexed = {metric["type"]: metric["value"] for metric in entry["results"][0]["metrics"]}

    told = {n.metric: n.value for n in card_of(text).numbers if not n.group and n.subject.startswith("value")}
    assert told == indexed


def document(facts: ModelFacts, text: str = "") -> dict[str, Any]:
    return bill_of_materials(facts, card_of(text) if text else None)


def test_the_schema_of_cyclonedx_accepts_it(facts: ModelFacts) -> None:
    text = written(facts).replace("license: TODO(license) an SPDX identifier", "license: apache-2.0") + FILLED

    for found in (document(facts), document(facts, text)):
        error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(as_json(found))
        assert error is None, error


def test_the_schema_would_refuse_what_is_wrong(facts: ModelFacts) -> None:
    wrong = document(facts)
    wrong["components"][0]["modelCard"]["quantitativeAnalysis"]["performanceMetrics"][0]["value"] = 0.5

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(as_json(wrong)) is not None


def test_the_bill_names_model_rows_libraries_and_what_the_card_says(facts: ModelFacts) -> None:
    text = written(facts).replace("license: TODO(license) an SPDX identifier", "license: apache-2.0") + FILLED
    model, train, holdout, *libraries = document(facts, text)["components"]

    assert (model["type"], model["name"], model["version"]) == ("machine-learning-model", "delays", "2.1")
    assert model["hashes"] == [{"alg": "SHA-256", "content": facts.digest}]
    assert model["licenses"] == [{"expression": "Apache-2.0"}]
    assert [part["hashes"][0]["content"] for part in (train, holdout)] == [
        facts.tables[name].digest for name in ("train", "holdout")
    ]
    assert train["data"][0]["sensitiveData"] == ["secret"]
    assert {"scikit-learn", "numpy"} <= {library["name"] for library in libraries}
    considerations = model["modelCard"]["considerations"]
    assert considerations["technicalLimitations"] == ["Wrong when it snows: recall falls by half."]
    assert considerations["useCases"] == ["A desk looks first at flights that are likely to be late."]
    assert "TODO" not in json.dumps(document(facts, text))


def test_metrics_and_groups_are_those_that_were_measured(facts: ModelFacts) -> None:
    metrics = document(facts)["components"][0]["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]

    told = {(metric["type"], metric.get("slice", "")): float(metric["value"]) for metric in metrics}
    expected = {
        (v.metric, f"{v.column}={v.group}" if v.column else ""): round(v.value, 4)
        for v in facts.measured.values
        if not v.variant
    }
    assert told == expected


def test_the_same_facts_give_the_same_bill(facts: ModelFacts) -> None:
    assert as_json(document(facts)) == as_json(document(facts))


def test_the_command_writes_the_bill(facts: ModelFacts, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_mlgate.documents.gathering.gather", lambda config: facts)
    monkeypatch.chdir(project)
    (project / "MODEL_CARD.md").write_text(written(facts) + FILLED, encoding="utf-8")

    done = CliRunner().invoke(app, ["card", "export", "--output", "bom.json"])

    assert (done.exit_code, done.output) == (0, "wrote bom.json\n")
    assert json.loads((project / "bom.json").read_text(encoding="utf-8"))["bomFormat"] == "CycloneDX"
    printed = CliRunner().invoke(app, ["card", "export"])
    assert json.loads(printed.stdout)["specVersion"] == "1.6"
