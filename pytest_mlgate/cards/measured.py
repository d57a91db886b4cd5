"""What was measured of a model: what a card's numbers are compared with, and what is written into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_mlgate.checks import Check

# What a loss is called in a card, where it is printed as the positive number that it is.
_LOSSES = {
    "neg_brier_score": "brier",
    "neg_log_loss": "log_loss",
    "neg_mean_absolute_error": "mae",
    "neg_mean_squared_error": "mse",
    "neg_root_mean_squared_error": "rmse",
    "neg_median_absolute_error": "median_absolute_error",
    "neg_mean_absolute_percentage_error": "mape",
    "neg_mean_pinball_loss": "pinball",
    "neg_expected_calibration_error": "ece",
}
_NAMES = {"matthews_corrcoef": "mcc", "cohen_kappa": "kappa"}
_AVERAGES = re.compile(r"(f1|precision|recall|roc_auc)_(macro|micro|weighted|ovr|ovo)(?:_weighted)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One value of one metric.

    Attributes
    ----------
    metric : str
        As cards have it (``roc_auc``, ``brier``): losses are positive.
    variant : str
        How classes were averaged (``macro``, ``weighted``, ...), where there are several ways; else empty.
    column, group : str
        The subgroup's attribute and value; empty for all rows.
    value : float
    low, high, level : float or None
        Its interval.
    method : str
        Of the interval.
    n : int or None
        Rows.
    """

    metric: str
    variant: str = ""
    column: str = ""
    group: str = ""
    value: float
    low: float | None = None
    high: float | None = None
    level: float | None = None
    method: str = ""
    n: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What a run, or a verdict of one, knows of a model.

    Attributes
    ----------
    source : str
        Where it was measured, in words: ``this run``.
    values : tuple of Value
    groups : Mapping of str to tuple of str
        Values of the columns of groups, of the rows that were measured on.
    all_groups : bool
        Whether these are all that there are; of a verdict only those are known that it speaks of.
    missing : Mapping of (str, str, str) to str
        Why a metric, on a column's group, could not be measured.
    digests : Mapping of str to str
        SHA-256 by input: ``candidate``, ``train``, ``holdout``.
    version : str or None
        Of the model.
    measured : bool
        Whether anything was measured at all; digests and a version may be known all the same.
    """

    source: str = "this run"
    values: tuple[Value, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    all_groups: bool = False
    missing: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    version: str | None = None
    measured: bool = True

    def of(self, metric: str, column: str = "", group: str = "") -> list[Value]:
        """Return every value of a metric on a group, one a variant; a group without its column is looked for in all."""
        key = folded(group)
        return [
            value
            for value in self.values
            if value.metric == metric
            and folded(value.group) == key
            and (not group or not column or folded(value.column) == folded(column))
        ]


def folded(text: str) -> str:
    """Return a name as it is compared: case, blanks and the signs between words do not count."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip() or text.strip().casefold()


def canonical(metric: str) -> tuple[str, str, int]:
    """Return how cards have a scorer: metric, variant, and -1 where they print the negative of the score."""
    if metric in _LOSSES:
        return _LOSSES[metric], "", -1
    averaged = _AVERAGES.fullmatch(metric)
    if averaged:
        return averaged.group(1), averaged.group(2), 1
    return _NAMES.get(metric, metric.removeprefix("neg_")), "", -1 if metric.startswith("neg_") else 1


def from_numbers(numbers: Mapping[Any, float], source: str = "measured") -> Measured:
    """Return what a mapping says.

    Parameters
    ----------
    numbers : Mapping
        Values by metric (``{"roc_auc": 0.731}``), and by metric, column and group
        (``{("roc_auc", "origin", "LGA"): 0.72}``). Names of scikit-learn's scorers are taken too.
    source : str
    """
    values = []
    for key, number in numbers.items():
        metric, column, group = (key, "", "") if isinstance(key, str) else key
        name, variant, sign = canonical(metric)
        values.append(Value(metric=name, variant=variant, column=column, group=group, value=sign * float(number)))
    return Measured(source=source, values=tuple(values), groups=_groups(values))


def from_checks(
    checks: Iterable[Check], identity: Mapping[str, Any] | None = None, source: str = "the verdict"
) -> Measured:
    """Return what the checks of the gate baseline say of the candidate.

    Parameters
    ----------
    checks : iterable of Check
        Of a result or a verdict; other gates' are passed over.
    identity : Mapping, optional
        The verdict's.
    source : str
    """
    values = list(_of_checks(checks))
    inputs = (identity or {}).get("inputs", {})
    digests = {name: evidence["digest"] for name, evidence in inputs.items() if evidence.get("digest")}
    return Measured(source=source, values=tuple(values), groups=_groups(values), digests=digests)


def _of_checks(checks: Iterable[Check]) -> Iterator[Value]:
    seen = set()
    for check in checks:
        metric, number = check.details.get("metric"), check.details.get("candidate")
        whole_or_slice = check.code in ("MLG101", "MLG102")
        if not whole_or_slice or not isinstance(metric, str) or not isinstance(number, int | float):
            continue
        column, _, group = check.subject.partition("=")
        name, variant, sign = canonical(metric)
        value = Value(
            metric=name, variant=variant, column=column if group else "", group=group, value=sign * number, n=check.n
        )
        if (check.subject and not group) or ", " in column or value in seen:  # of a search, of columns crossed
            continue
        seen.add(value)
        yield value


def _groups(values: Iterable[Value]) -> dict[str, tuple[str, ...]]:
    """Return the groups that values are about; a mapping or a verdict need not know all that there are."""
    found: dict[str, tuple[str, ...]] = {}
    for value in values:
        if value.column and value.group not in found.get(value.column, ()):
            found[value.column] = (*found.get(value.column, ()), value.group)
    return found
