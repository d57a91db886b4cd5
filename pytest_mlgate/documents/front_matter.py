"""The front matter that model hubs read: the same measured values as in the text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_mlgate.documents.facts import ModelFacts
from pytest_mlgate.documents.wording import metric_label

# Types by which a hub knows a task.
PIPELINES = {
    "binary": "tabular-classification",
    "multiclass": "tabular-classification",
    "regression": "tabular-regression",
    "ranking": "other",
}
_DIGITS = 4


def model_index(facts: ModelFacts) -> list[dict[str, Any]]:
    """Return the ``model-index`` of a card: every metric on the holdout.

    Notes
    -----
    The form is that of the Hugging Face Hub, which follows Papers with Code: a dataset needs a type and a name. A
    holdout of one's own has no identifier on the hub, so that its type is ``local``.
    """
    holdout = facts.tables["holdout"]
    result = {
        "task": {"type": PIPELINES[facts.task]},
        "dataset": {"type": "local", "name": holdout.source, "split": "holdout", "revision": holdout.digest},
        "metrics": [
            {"type": metric, "name": metric_label(metric), "value": round(value.value, _DIGITS)}
            for metric in facts.metrics
            for value in facts.measured.of(metric)
            if not value.variant
        ],
    }
    return [{"name": facts.name, "results": [result]}]


def model_index_yaml(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield the lines of the front matter between the markers."""
    import yaml

    del language  # keys of YAML have none
    text: str = yaml.safe_dump(
        {"model-index": model_index(facts)}, sort_keys=False, allow_unicode=True, default_flow_style=False, width=4096
    )
    yield from text.rstrip("\n").split("\n")
