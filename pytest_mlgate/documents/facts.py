"""What a document says of a model and its tables: found in the files themselves, and measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_mlgate.cards.measured import Measured

if TYPE_CHECKING:
    from pytest_mlgate.sections import GovernanceSection


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnFacts:
    """One column of a table.

    Attributes
    ----------
    name, kind : str
    missing : float
        Share of rows.
    distinct : int or None
        Levels; None where they were not counted.
    sensitive : bool
    low, high : str
        Smallest and largest value, as text; empty where there is none to show.
    """

    name: str
    kind: str
    missing: float
    distinct: int | None = None
    sensitive: bool = False
    low: str = ""
    high: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TableFacts:
    """One table.

    Attributes
    ----------
    source : str
        As the configuration names it.
    digest : str
        SHA-256 of the file.
    rows : int
    columns : tuple of ColumnFacts
    first, last : str
        The period, where the configuration names a column of times.
    labels : Mapping of str to float
        Share of each label; of a regression or ranking ``mean``, ``min`` and ``max`` of the target.
    duplicates : int
        Rows that stand in it more than once, beyond the first.
    queries : int or None
        Of a ranking.
    groups : Mapping of str to Mapping of str to int
        Rows by level of each column of groups that is not sensitive, the largest first.
    """

    source: str
    digest: str
    rows: int
    columns: tuple[ColumnFacts, ...]
    first: str = ""
    last: str = ""
    labels: Mapping[str, float] = field(default_factory=dict)
    duplicates: int = 0
    queries: int | None = None
    groups: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One metric of both models on the same rows, as the gate baseline compares them; losses are positive."""

    metric: str
    candidate: float
    baseline: float
    delta: float
    low: float | None
    high: float | None
    level: float | None
    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelFacts:
    """Everything that the measured parts of a document say.

    Attributes
    ----------
    name : str
    version : str or None
    task : str
        ``binary``, ``multiclass``, ``regression``, ``ranking``.
    positive : str
        The label that counts as positive; empty elsewhere.
    kind : str
        The class of the fitted object.
    source, digest, format : str
        Of the model's file; digest and format are empty where there is none.
    size : int or None
        Bytes.
    features : tuple of str
        That it asks for; empty where it does not say.
    hyperparameters : Mapping
        From the record beside the model's file; empty where there is none.
    environment : Mapping
        ``python`` and ``packages``.
    trained_here : bool
        Whether that is where it was measured: there is no record of where it was fitted.
    commit, run, command : str
        Of the code, of the run that fitted it, and its command; empty where they are not known.
    tables : Mapping of str to TableFacts
        ``train`` and ``holdout``, as far as they are configured.
    metrics : tuple of str
        In the order of a card.
    group_metrics : tuple of str
    measured : Measured
    compared : tuple of Compared
    governance : GovernanceSection
    curves : Mapping
        Points of curves, as the gate baseline keeps them.
    """

    name: str
    version: str | None = None
    task: str
    positive: str = ""
    kind: str
    source: str
    digest: str = ""
    format: str = ""
    size: int | None = None
    features: tuple[str, ...] = ()
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    trained_here: bool = True
    commit: str = ""
    run: str = ""
    command: str = ""
    tables: Mapping[str, TableFacts] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    group_metrics: tuple[str, ...] = ()
    measured: Measured = field(default_factory=Measured)
    compared: tuple[Compared, ...] = ()
    governance: GovernanceSection
    curves: Mapping[str, Any] = field(default_factory=dict)
