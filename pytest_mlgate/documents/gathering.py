"""From a configuration to all that its documents say: files read, models asked."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.cards.measured import Measured, canonical
from pytest_mlgate.checks import InputError
from pytest_mlgate.documents.facts import Compared, ModelFacts, TableFacts
from pytest_mlgate.documents.tables import table_facts

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.artifacts.record import EnvironmentRecord
    from pytest_mlgate.config import Config
    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.store import Store

LEVEL = 0.95
"""Two-sided level of the intervals in a card."""

_METRICS = {
    "binary": ("roc_auc", "average_precision", "brier", "log_loss", "accuracy", "precision", "recall", "f1"),
    "multiclass": ("accuracy", "balanced_accuracy", "f1", "roc_auc", "log_loss"),
    "regression": ("mae", "rmse", "r2"),
    "ranking": ("ndcg@10", "mrr"),
}
_GROUP_METRICS = {
    "binary": ("roc_auc", "accuracy", "precision", "recall", "false_positive_rate"),
    "multiclass": ("accuracy", "f1"),
    "regression": ("mae", "rmse"),
    "ranking": ("ndcg@10", "mrr"),
}
_MOST_GROUPS = 40
RESAMPLES = 1000


def gather(config: Config) -> ModelFacts:
    """Return all that documents say of the configured candidate.

    Parameters
    ----------
    config : Config

    Raises
    ------
    InputError
        Where candidate, holdout or target are not configured, or cannot be read or asked.
    """
    from pytest_mlgate.store import Store

    store = Store(config=config)
    inputs, tables = _inputs(config, store)
    model = inputs.model("candidate")
    from pytest_mlgate.gates.card.measuring import evaluate, measured_on
    from pytest_mlgate.gates.card.own import query_of

    threshold = _threshold(config)
    ev = evaluate(inputs, threshold)
    metrics = tuple(dict.fromkeys((*_METRICS[ev.task], *_configured_metrics(config, ev.task))))
    group_metrics = _GROUP_METRICS[ev.task]
    wanted = [(metric, "", "") for metric in metrics]
    wanted += [
        (metric, column, group) for column, levels in _groups(inputs) for group in levels for metric in group_metrics
    ]
    query = query_of(config.facts) if ev.task == "ranking" else None
    record = _record(model)
    environment, trained_here = _environment(record)
    return ModelFacts(
        name=config.name,
        version=config.model.version,
        task=ev.task,
        positive=str(ev.labels.names[-1]) if ev.labels is not None and ev.task == "binary" else "",
        kind=model.kind,
        source=_relative(model.source, config),
        digest=model.digest,
        format=model.format,
        size=model.size,
        features=tuple(model.feature_names_in_ or config.facts.features or ()),
        hyperparameters=dict((record.hyperparameters if record else None) or {}),
        environment=environment,
        trained_here=trained_here,
        commit=_commit(record, config),
        run=_run(record, config),
        command=shlex.join(record.command) if record else "",
        tables={
            name: table_facts(frame, source=source, digest=digest, facts=config.facts, task=ev.task, query=query)
            for name, (frame, source, digest) in tables.items()
        },
        metrics=metrics,
        group_metrics=group_metrics,
        measured=_measured(measured_on(ev, inputs, wanted, level=LEVEL, version=config.model.version), metrics),
        compared=tuple(_compared(config, inputs, store)),
        governance=config.governance,
        curves=_curves(ev),
    )


def _measured(found: Measured, metrics: Iterable[str]) -> Measured:
    """Return what was measured; InputError where that is not a single metric of all rows."""
    reasons = dict.fromkeys(reason for (_, _, group), reason in found.missing.items() if not group)
    if not any(found.of(metric) for metric in metrics):
        raise InputError(f"no metric could be measured: {'; '.join(reasons)}", fix="see what the message asks for")
    return found


def _inputs(config: Config, store: Store) -> tuple[Inputs, dict[str, tuple[Any, str, str]]]:
    from pytest_mlgate.gates.base import Inputs

    for key, value in (("[model] candidate", config.model.candidate), ("[data] holdout", config.data.holdout)):
        if value is None:
            raise InputError(f"no {key} is configured: there is nothing to measure", fix=f"set {key} in mlgate.toml")
    tables: dict[str, tuple[Any, str, str]] = {}
    for name in ("train", "holdout"):
        source = getattr(config.data, name)
        if source is not None:
            frame = store.table(name)
            read = store.read_of(frame)
            tables[name] = (frame, source, "" if read is None else read.digest)
    candidate = store.model("candidate")
    identity = {name: {"digest": digest} for name, (_, _, digest) in tables.items()}
    identity["candidate"] = {"digest": candidate.digest}
    values = {"candidate": candidate, "holdout": tables["holdout"][0]}
    return Inputs(facts=config.facts, values=values, identity=identity), tables


def _threshold(config: Config) -> float | None:
    for entry in config.entries:
        if entry.gate.name == "card":
            threshold: float | None = getattr(entry.settings, "threshold", None)
            return threshold
    return None


def _configured_metrics(config: Config, task: str) -> Iterable[str]:
    """Yield the metrics of the gates baseline: what blocks stands in the card."""
    from pytest_mlgate.gates.card.own import own_metrics
    from pytest_mlgate.gates.card.values import knows

    yield from (name for name, _, _ in map(canonical, _scorers(config)) if knows(name, task))
    yield from own_metrics(config.facts)


def _groups(inputs: Inputs) -> Iterable[tuple[str, list[str]]]:
    frame = inputs.table("holdout")
    for column in inputs.facts.groups:
        if column in frame.columns and column not in inputs.facts.sensitive:
            counts = frame[column].value_counts()
            ordered = sorted(counts.items(), key=lambda item: (-int(item[1]), str(item[0])))
            yield column, [str(level) for level, _ in ordered[:_MOST_GROUPS]]


def _record(model: Model) -> EnvironmentRecord | None:
    from pytest_mlgate.artifacts.record import read_environment_record

    if model.path is None:
        return None
    record = read_environment_record(model.path)
    return record if record is not None and record.artifact.digest == model.digest else None


def _environment(record: EnvironmentRecord | None) -> tuple[dict[str, Any], bool]:
    from pytest_mlgate.artifacts.environment import environment

    if record is not None:
        return {"python": record.python, "packages": dict(record.packages)}, False
    here = environment()
    named = ("scikit-learn", "numpy", "pandas", "scipy", "xgboost", "lightgbm", "catboost", "torch", "onnxruntime")
    packages = {name: version for name, version in here["packages"].items() if name in named}
    return {"python": here["python"], "packages": packages}, True


def _commit(record: EnvironmentRecord | None, config: Config) -> str:
    if config.governance.lineage.commit:
        return config.governance.lineage.commit
    return str(record.code["commit"]) if record and record.code and record.code.get("clean") else ""


def _run(record: EnvironmentRecord | None, config: Config) -> str:
    if config.governance.lineage.run:
        return config.governance.lineage.run
    return (record.run.get("url") or record.run.get("id", "")) if record else ""


def _compared(config: Config, inputs: Inputs, store: Store) -> Iterable[Compared]:
    """Yield the metrics of the gates baseline for both models, where there is one to replace."""
    from dataclasses import replace

    import numpy as np

    from pytest_mlgate.gates.baseline import metrics
    from pytest_mlgate.gates.baseline.evaluation import from_inputs
    from pytest_mlgate.gates.card.own import query_of, task_of

    if config.model.baseline in (None, "dummy"):
        return
    facts = replace(inputs.facts, task=task_of(inputs.facts))
    both = replace(inputs, facts=facts, values={**inputs.values, "baseline": store.model("baseline")})
    ev = from_inputs(both, cluster=None, query=query_of(facts) if facts.task == "ranking" else None)
    rows = np.arange(len(ev.y))
    for scorer in dict.fromkeys((*_scorers(config), metrics.default_metric(ev))):
        try:
            metrics.check_metric(scorer, ev)
            found = metrics.compare(scorer, ev, rows, level=LEVEL, resamples=RESAMPLES)
        except InputError:  # the gate says why
            continue
        name, _, sign = canonical(scorer)
        ends = sorted((sign * found.delta.low, sign * found.delta.high))
        yield Compared(
            metric=name,
            candidate=sign * found.candidate,
            baseline=sign * found.baseline,
            delta=sign * found.delta.estimate,
            low=ends[0],
            high=ends[1],
            level=LEVEL,
            method=found.delta.method,
        )


def _scorers(config: Config) -> Iterable[str]:
    for entry in config.entries:
        metric = getattr(entry.settings, "metric", None)
        if entry.gate.name == "baseline" and isinstance(metric, str) and ":" not in metric:
            yield metric


def _relative(source: str, config: Config) -> str:
    path = Path(source)
    inside = path.is_absolute() and path.is_relative_to(config.folder)
    return path.relative_to(config.folder).as_posix() if inside else source


def _curves(ev: Evaluation) -> dict[str, Any]:
    from dataclasses import replace

    from pytest_mlgate.gates.baseline.curves import curve_evidence

    curves = curve_evidence(replace(ev, baseline=ev.candidate)).get("curves", {})
    found: dict[str, Any] = curves.get("candidate", {})
    return found


def train_rows(facts: ModelFacts) -> TableFacts:
    """Return what is known of the training rows; InputError where they are not configured."""
    if "train" not in facts.tables:
        raise InputError("no [data] train is configured: there are no rows to describe", fix="set it in mlgate.toml")
    return facts.tables["train"]
