"""The measured parts of a card, each from the facts to the lines between its markers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_mlgate.documents.facts import ModelFacts, TableFacts
from pytest_mlgate.documents.wording import cell, code, grouped, label, metric_label, share, table, with_interval

_MOST_FEATURES = 40
_MOST_LABELS = 20
_MOST_PARAMETERS = 40


def model(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield what the file says of the model itself."""
    rows = [
        ["name", cell(facts.name)],
        ["version", cell(facts.version or "")],
        ["kind", code(facts.kind)],
        ["task", cell(facts.task)],
        ["positive", code(facts.positive)],
        ["input columns", ", ".join(map(code, facts.features[:_MOST_FEATURES])) + _more(facts.features)],
        ["hyperparameters", _hyperparameters(facts.hyperparameters)],
        ["artifact", code(facts.source)],
        ["format", cell(facts.format)],
        ["size", f"{grouped(facts.size)} B" if facts.size is not None else ""],
        ["digest", code(facts.digest)],
    ]
    yield from _two_columns(rows, language)


def _hyperparameters(given: Mapping[str, Any]) -> str:
    """Return the numbers and words among them; of a pipeline's parts and of what was left open nothing is said."""
    shown = [
        code(f"{name} = {value}")
        for name, value in given.items()
        if isinstance(value, int | float) or (isinstance(value, str) and ":" not in value)
    ]
    more = f", + {len(shown) - _MOST_PARAMETERS}" if len(shown) > _MOST_PARAMETERS else ""
    return ", ".join(shown[:_MOST_PARAMETERS]) + more


def _more(features: tuple[str, ...]) -> str:
    rest = len(features) - _MOST_FEATURES
    return f", + {rest}" if rest > 0 else ""


def _two_columns(rows: list[list[str]], language: str) -> Iterator[str]:
    shown = [[label(name, language), value] for name, value in rows if value]
    yield from table(["", ""], shown)


def training_data(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield which rows the model was fitted on."""
    yield from _rows_of(facts, "train", language)


def evaluation_data(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield which rows it was measured on."""
    yield from _rows_of(facts, "holdout", language)


def _rows_of(facts: ModelFacts, name: str, language: str) -> Iterator[str]:
    found = facts.tables.get(name)
    if found is None:
        yield f"TODO({name}): configure `[data] {name}`"
        return
    missing = [column for column in found.columns if column.missing > 0 and not column.sensitive]
    missing.sort(key=lambda column: -column.missing)
    rows = [
        ["file", code(found.source)],
        ["rows", grouped(found.rows)],
        ["queries", grouped(found.queries) if found.queries is not None else ""],
        ["period", _period(found, language)],
        ["target", _labels(found, facts.task)],
        ["missing", ", ".join(f"{code(column.name)} {share(column.missing)}" for column in missing[:10])],
        ["duplicates", grouped(found.duplicates) if found.duplicates else ""],
        ["digest", code(found.digest)],
    ]
    yield from _two_columns(rows, language)


def _period(found: TableFacts, language: str) -> str:
    return f"{found.first} {label('to', language)} {found.last}" if found.first else ""


def _labels(found: TableFacts, task: str) -> str:
    if task in ("regression", "ranking"):
        return ", ".join(f"{name} {value:.6g}" for name, value in found.labels.items())
    shown = list(found.labels.items())[:_MOST_LABELS]
    more = f", + {len(found.labels) - _MOST_LABELS}" if len(found.labels) > _MOST_LABELS else ""
    return ", ".join(f"{code(name)} {share(value)}" for name, value in shown) + more


def metrics(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield the candidate's metrics on the holdout, each with its interval."""
    rows = []
    for metric in facts.metrics:
        for value in facts.measured.of(metric):
            if not value.variant:
                name = metric_label(metric, language)
                rows.append([name, with_interval(value.value, value.low, value.high), value.method])
    head = [label("metric", language), f"{label('value', language)} [95 %]", label("interval by", language)]
    yield from table(head, rows)


def groups(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield the candidate's metrics by group, with the rows of each."""
    holdout = facts.tables["holdout"]
    columns = {value.column: None for value in facts.measured.values if value.column}
    left_out = {
        column: why for (_, column, _), why in facts.measured.missing.items() if column and column not in columns
    }
    for number, column in enumerate(columns):
        if number:
            yield ""
        yield f"**{label('by', language) if language == 'es' else 'By'} {cell(column)}**"
        yield ""
        head = [cell(column), label("rows", language), *(metric_label(name, language) for name in facts.group_metrics)]
        shown = {value.group for value in facts.measured.values if value.column == column}
        levels = [level for level in holdout.groups.get(column, {}) if level in shown]
        rows = [_group(facts, column, level, holdout.groups[column][level]) for level in levels]
        yield from table(head, rows)
    for column, why in left_out.items():
        yield ""
        yield f"{label('Not measured by', language)} {code(column)}: {cell(why)}"


def _group(facts: ModelFacts, column: str, level: str, count: int) -> list[str]:
    cells = [cell(level), grouped(count)]
    for metric in facts.group_metrics:
        found = [value for value in facts.measured.of(metric, column, level) if not value.variant]
        cells.append(with_interval(found[0].value, found[0].low, found[0].high) if found else "-")
    return cells


def comparison(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield candidate and baseline side by side, on the same rows."""
    rows = [
        [
            metric_label(found.metric, language),
            with_interval(found.candidate, None, None),
            with_interval(found.baseline, None, None),
            with_interval(found.delta, found.low, found.high),
            found.method,
        ]
        for found in facts.compared
    ]
    head = ["metric", "candidate", "previous model", "difference", "interval by"]
    yield from table([label(name, language) for name in head], rows)


def environment(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield the versions of what fitted the model, or else of what it was measured with."""
    key = "measured in" if facts.trained_here else "fitted in"
    rows = [[label(key, language), f"Python {facts.environment.get('python', '')}"]]
    rows += [[cell(name), cell(version)] for name, version in sorted(facts.environment.get("packages", {}).items())]
    yield from table([label("package", language), label("version", language)], rows)


def lineage(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield code, rows and run."""
    train = facts.tables.get("train")
    rows = [
        ["commit", code(facts.commit)],
        ["training rows", f"SHA-256 {code(train.digest)}" if train else ""],
        ["run", cell(facts.run or facts.command)],
        ["model", f"SHA-256 {code(facts.digest)}" if facts.digest else ""],
    ]
    yield from _two_columns(rows, language)


def governance(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield what the configuration says of who answers, who watches, and the way back."""
    said = facts.governance
    rollback = said.rollback
    back = code(rollback.target) if rollback.target else ""
    steps = "; ".join(cell(step) for step in rollback.steps)
    retraining = [said.retraining.calendar, said.retraining.drift, said.retraining.metric]
    release = f"{said.release.strategy}: {said.release.plan}" if said.release.strategy and said.release.plan else ""
    rows = [
        ["owner", cell(said.owner or "")],
        ["contact", cell(said.contact or "")],
        ["approvers", ", ".join(map(cell, said.approvers))],
        ["explanation", cell(said.explanation or "")],
        ["rollback", ": ".join(part for part in (back, steps) if part)],
        ["retraining", "; ".join(cell(text) for text in retraining if text)],
        ["release", cell(release)],
        ["retirement", cell(said.retirement.condition or "")],
    ]
    if any(value for _, value in rows):
        yield from _two_columns(rows, language)
    if said.monitoring:
        yield ""
        yield f"**{label('Monitoring', language)}**"
        yield ""
        signals = [
            [", ".join(signal.kind), cell(signal.signal or ""), cell(signal.threshold or ""), cell(signal.notify or "")]
            for signal in said.monitoring
        ]
        head = ["watched", "signal", "threshold", "notify"]
        yield from table([label(name, language) for name in head], signals)


Render = Callable[[ModelFacts, str], Iterator[str]]
CARD: dict[str, Render] = {
    "model": model,
    "training-data": training_data,
    "evaluation-data": evaluation_data,
    "metrics": metrics,
    "groups": groups,
    "comparison": comparison,
    "environment": environment,
    "lineage": lineage,
    "governance": governance,
}
"""The parts of a card that are text, by the name in their markers."""
