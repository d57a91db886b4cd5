"""The machine-learning bill of materials: model, rows, libraries, and the card, as CycloneDX has them.

References
----------
CycloneDX 1.6 (ECMA-424), ``modelCard``: https://cyclonedx.org/docs/1.6/json/#components_items_modelCard
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pytest_mlgate.documents.facts import ModelFacts, TableFacts
from pytest_mlgate.documents.front_matter import PIPELINES
from pytest_mlgate.documents.wording import printed
from pytest_mlgate.tables.writing import digest_of

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card

SPEC = "1.6"
_NAMESPACE = uuid.UUID("5b8e0a4a-5f2f-4b8f-9a1c-6d6c67617465")
_MODEL = "model"
_ROLES = {"train": "training", "holdout": "evaluation"}


def bill_of_materials(facts: ModelFacts, card: Card | None = None) -> dict[str, Any]:
    """Return a CycloneDX document about the model.

    Parameters
    ----------
    facts : ModelFacts
    card : Card or None
        Whose prose goes into the considerations; blanks that nobody filled in are left out.

    Returns
    -------
    dict
        JSON-ready; the same facts give the same document, which has no time of its own for that reason.
    """
    libraries = list(_libraries(facts))
    content: dict[str, Any] = {
        "metadata": {
            "tools": {
                "components": [
                    {"type": "application", "name": "pytest-mlgate", "version": version("pytest-mlgate")},
                ]
            }
        },
        "components": [_model(facts, card), *(_data(name, facts.tables[name]) for name in facts.tables), *libraries],
        "dependencies": [{"ref": _MODEL, "dependsOn": [library["bom-ref"] for library in libraries]}],
    }
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, digest_of(content))}",
        "version": 1,
        **content,
    }


def as_json(document: Mapping[str, Any]) -> str:
    """Return a document as it is written to a file."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _model(facts: ModelFacts, card: Card | None) -> dict[str, Any]:
    component: dict[str, Any] = {"type": "machine-learning-model", "bom-ref": _MODEL, "name": facts.name}
    if facts.version:
        component["version"] = facts.version
    if facts.digest:
        component["hashes"] = [{"alg": "SHA-256", "content": facts.digest}]
    if facts.governance.owner:
        component["authors"] = [{"name": facts.governance.owner}]
    licence = _licence(card)
    if licence:
        component["licenses"] = [{"expression": licence}]
    properties = [("mlgate:file", facts.source), ("mlgate:commit", facts.commit), ("mlgate:run", facts.run)]
    component["properties"] = [{"name": name, "value": value} for name, value in properties if value]
    return {**component, "modelCard": _model_card(facts, card)}


def _licence(card: Card | None) -> str:
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    said = card.front_matter.get("license") if card is not None else None
    try:
        return str(canonicalize_license_expression(said)) if isinstance(said, str) else ""
    except InvalidLicenseExpression:
        return ""


def _model_card(facts: ModelFacts, card: Card | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "modelParameters": {
            "approach": {"type": "supervised"},
            "task": PIPELINES[facts.task],
            "modelArchitecture": facts.kind,
            "datasets": [{"ref": _ref(name)} for name in facts.tables],
            "inputs": [{"format": name} for name in facts.features],
            "outputs": [{"format": facts.task}],
        },
        "quantitativeAnalysis": {"performanceMetrics": list(_metrics(facts))},
    }
    considerations = {} if card is None else dict(_considerations(card))
    return {**found, "considerations": considerations} if considerations else found


def _metrics(facts: ModelFacts) -> Iterator[dict[str, Any]]:
    for value in facts.measured.values:
        if value.variant:
            continue
        metric: dict[str, Any] = {"type": value.metric, "value": printed(value.value)}
        if value.column:
            metric["slice"] = f"{value.column}={value.group}"
        if value.low is not None and value.high is not None:
            metric["confidenceInterval"] = {"lowerBound": printed(value.low), "upperBound": printed(value.high)}
        yield metric


def _considerations(card: Card) -> Iterator[tuple[str, Any]]:
    names = (
        ("useCases", "intended_use"),
        ("technicalLimitations", "limitations"),
        ("ethicalConsiderations", "ethical_considerations"),
    )
    for key, section in names:
        texts = list(_prose(card, section))
        if texts:
            yield key, [{"name": text} for text in texts] if key == "ethicalConsiderations" else texts


def _prose(card: Card, name: str) -> Iterator[str]:
    for section in card.about(name):
        if section.kind == "label":  # a row of a table
            continue
        for block in section.blocks:
            text = " ".join(block.text.plain.split())
            if block.kind in ("paragraph", "item") and text and not text.startswith("TODO"):
                yield text


def _ref(name: str) -> str:
    return f"data-{name}"


def _data(name: str, table: TableFacts) -> dict[str, Any]:
    sensitive = [column.name for column in table.columns if column.sensitive]
    period = f", {table.first} to {table.last}" if table.first else ""
    data: dict[str, Any] = {
        "type": "dataset",
        "name": table.source,
        "description": f"{_ROLES[name]} rows: {table.rows}{period}",
    }
    if sensitive:
        data["sensitiveData"] = sensitive
    return {
        "type": "data",
        "bom-ref": _ref(name),
        "name": table.source,
        "hashes": [{"alg": "SHA-256", "content": table.digest}],
        "data": [data],
    }


def _libraries(facts: ModelFacts) -> Iterator[dict[str, Any]]:
    for name, number in sorted(facts.environment.get("packages", {}).items()):
        purl = f"pkg:pypi/{name.lower().replace('_', '-')}@{number}"
        yield {"type": "library", "bom-ref": purl, "name": name, "version": number, "purl": purl}
