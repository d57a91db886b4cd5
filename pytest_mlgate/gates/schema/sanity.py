"""Questions that need no schema: whether tables leak into each other, and rows and labels are what they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.gates.schema.codes import FIX

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.base import Facts, Inputs

Question = Literal[
    "shared_ids",
    "shared_rows",
    "near_duplicates",
    "time_overlap",
    "single_feature",
    "label_format",
    "row_order",
    "known_later",
]


class SanitySettings(BaseModel):
    """What is asked of the tables beside the schema."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    exclude: tuple[Question, ...] = ()
    """Questions that are not asked."""
    max_shared_ids: float = Field(default=0.0, ge=0, le=1)
    """Share of holdout rows whose id may be one of train."""
    max_shared_rows: float = Field(default=0.01, ge=0, le=1)
    """Share of holdout rows that may be rows of train, above the share of honest repetition; less is warned of."""
    max_time_overlap: float = Field(default=0.0, ge=0, le=1)
    """Share of holdout rows that may be older than the newest row of train."""
    max_auc: float = Field(default=0.98, gt=0.5, le=1)
    """Area under the ROC curve that no single column may be above for certain."""
    max_r2: float = Field(default=0.98, gt=0, le=1)
    """The same of a number's squared correlation with the label; warned of only."""
    expected: tuple[str, ...] = ()
    """Columns that honestly tell the label."""
    known_later: tuple[str, ...] = ()
    """Columns that are known only after the fact: none may be a feature of the candidate."""
    planned: tuple[str, ...] = ()
    """Moments that are known ahead, and so may lie after the row's time."""

    @property
    def asks_candidate(self) -> bool:
        """Whether the candidate's features are looked at."""
        return bool(self.known_later) and "known_later" not in self.exclude


def check_sanity(
    settings: SanitySettings, inputs: Inputs, tables: Mapping[str, pd.DataFrame], examples: int
) -> list[Check]:
    """Return the checks of all questions that the given tables allow.

    Parameters
    ----------
    settings : SanitySettings
    inputs : Inputs
        With a candidate where ``known_later`` names columns.
    tables : Mapping of str to pandas.DataFrame
        By name, all with rows.
    examples : int
        How many rows a check names.
    """
    asked = (
        ("shared rows", _pair),
        ("moments", _moments),
        ("label", _label),
        ("row order", _order),
        ("features known later", _known_later),
    )
    checks: list[Check] = []
    for what, question in asked:
        try:
            checks += question(settings, inputs, tables, examples)
        except InputError as error:  # one question that has no answer must not hide the others'
            checks.append(
                Check(
                    code="MLG209",
                    subject=f"sanity.{what.replace(' ', '_')}",
                    outcome=Outcome.ERROR,
                    message=f"{what}: {error.message}",
                    fix=error.fix or FIX["MLG209"],
                )
            )
    return checks


def _features(facts: Facts, *tables: pd.DataFrame) -> list[str]:
    """The columns that may be features: those configured, else all but label, id and weight; of all tables."""
    first, *others = tables
    aside = {facts.target, facts.id, facts.weight}
    names = [name for name in facts.features or first.columns if name not in aside]
    return [name for name in names if all(name in table.columns for table in (first, *others))]


def _pair(
    settings: SanitySettings, inputs: Inputs, tables: Mapping[str, pd.DataFrame], examples: int
) -> Iterator[Check]:
    from pytest_mlgate.gates.schema.duplicates import near_duplicates, shared_ids, shared_rows

    facts = inputs.facts
    if "train" not in tables or "holdout" not in tables:
        return
    train, holdout = tables["train"], tables["holdout"]
    features = _features(facts, train, holdout)
    if "shared_ids" not in settings.exclude and facts.id in train.columns and facts.id in holdout.columns:
        yield shared_ids(train, holdout, str(facts.id), features, settings.max_shared_ids)
    # A row that was copied keeps its moment.
    timed = facts.time is not None and all(facts.time in table.columns for table in (train, holdout))
    columns = [*features, *([str(facts.time)] if timed and facts.time not in features else [])]
    if columns and "shared_rows" not in settings.exclude:
        yield shared_rows(train, holdout, columns, settings.max_shared_rows, examples)
    if len(columns) > 2 and "near_duplicates" not in settings.exclude:
        yield near_duplicates(train, holdout, columns, settings.max_shared_rows, examples, facts.seed)


def _moments(
    settings: SanitySettings, inputs: Inputs, tables: Mapping[str, pd.DataFrame], examples: int
) -> Iterator[Check]:
    from pytest_mlgate.gates.schema.leakage import later_moments
    from pytest_mlgate.gates.schema.order import time_overlap

    facts = inputs.facts
    time = facts.time
    if time is None:
        return
    pair = [tables[name] for name in ("train", "holdout") if name in tables and time in tables[name].columns]
    if "time_overlap" not in settings.exclude and len(pair) == 2:
        train, holdout = pair
        yield time_overlap(train, holdout, time, settings.max_time_overlap, hidden=time in facts.sensitive)
    if "known_later" in settings.exclude:
        return
    for name, table in tables.items():
        if time in table.columns:
            columns = [column for column in _features(facts, table) if column not in (time, *settings.planned)]
            yield from later_moments(name, table, time, columns, facts.features)


def _label(
    settings: SanitySettings, inputs: Inputs, tables: Mapping[str, pd.DataFrame], examples: int
) -> Iterator[Check]:
    from pytest_mlgate.gates.schema.labels import label_format

    facts = inputs.facts
    target = facts.target
    labelled = {
        name: table for name, table in tables.items() if target in table.columns and table[target].notna().any()
    }
    if target is None or not labelled:
        return
    if "label_format" not in settings.exclude:
        columns = {name: table[target] for name, table in labelled.items()}
        yield from label_format(columns, hidden=target in facts.sensitive)
    name = next((name for name in ("train", "holdout") if name in labelled), None)
    if "single_feature" not in settings.exclude and name is not None:
        yield from _single(settings, facts, name, labelled[name], target)


def _single(settings: SanitySettings, facts: Facts, name: str, frame: pd.DataFrame, target: str) -> list[Check]:
    from pytest_mlgate.gates.baseline.evaluation import find_task
    from pytest_mlgate.gates.schema.leakage import single_features
    from pytest_mlgate.tables.kinds import kind_of

    labels = frame[target].dropna()
    numeric = kind_of(labels) in ("integer", "number", "boolean")
    task = facts.task or (find_task(labels.to_numpy(dtype=float), None) if numeric else "multiclass")
    if task in ("regression", "ranking") and not numeric:
        return []  # text where numbers are due: the label's format, or the schema, says so
    columns = [column for column in _features(facts, frame) if column not in (facts.time, *settings.expected)]
    return single_features(
        name,
        frame,
        target,
        columns,
        task=task,
        max_auc=settings.max_auc,
        max_r2=settings.max_r2,
        known=facts.features,
        seed=facts.seed,
    )


def _order(
    settings: SanitySettings, inputs: Inputs, tables: Mapping[str, pd.DataFrame], examples: int
) -> Iterator[Check]:
    from pytest_mlgate.gates.schema.order import sorted_alone
    from pytest_mlgate.tables.kinds import kind_of

    if "row_order" in settings.exclude or not tables:
        return
    facts = inputs.facts
    first = next(iter(tables.values()))
    columns = [column for column in _features(facts, first) if column != facts.time]
    # Time goes with the order of a log whatever was done to a column.
    beside = [name for name in columns if kind_of(first[name]) != "datetime"]
    beside += [facts.target] if facts.target is not None else []
    yield from sorted_alone(tables, columns, beside)


def _known_later(
    settings: SanitySettings, inputs: Inputs, tables: Mapping[str, pd.DataFrame], examples: int
) -> Iterator[Check]:
    from pytest_mlgate.gates.schema.leakage import known_later

    if not settings.asks_candidate:
        return
    features, source = _asked_with(inputs, tables)
    yield known_later(features, settings.known_later, source)


def _asked_with(inputs: Inputs, tables: Mapping[str, pd.DataFrame]) -> tuple[list[Any], str]:
    """The model's features: as configured, as it was fitted on, or else every column it is handed."""
    facts = inputs.facts
    if facts.features is not None:
        return list(facts.features), "as configured"
    names = inputs.model("candidate").feature_names_in_
    if names is not None:
        return list(names), "that the candidate was fitted on"
    table = next((tables[name] for name in ("holdout", "train") if name in tables), None)
    if table is None:
        raise InputError(
            "nothing says which features the candidate has", fix="set `features` in [data], or give a holdout"
        )
    return _features(facts, table), "all columns of the table, since the candidate names none"
