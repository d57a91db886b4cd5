"""What a gate answers: checks, their outcomes, and how they combine.

Everything here is plain Python, so a result can cross a process boundary, be written as JSON, or be read by a
tool that has no numerical library installed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What the evidence says of one check."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    SKIP = "skip"


class Severity(StrEnum):
    """What a check that is not a pass does to the decision."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


# The worst first: the order in which results are reported and combined.
_RANK = {Outcome.ERROR: 0, Outcome.FAIL: 1, Outcome.INCONCLUSIVE: 2, Outcome.SKIP: 3, Outcome.PASS: 4}
_SEVERITY_RANK = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.NOTE: 2}


class InputError(ValueError):
    """A check could not be computed because of what it was given.

    Parameters
    ----------
    message : str
        One sentence that names the file, the key or column, and the value.
    fix : str
        The way out, one sentence.
    details : Mapping
        What helps to find the cause, kept with the check: a model's own traceback, its last output.
    """

    def __init__(self, message: str, *, fix: str = "", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.details = dict(details or {})


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A pair of one-sided limits, labelled with its two-sided level and its method.

    ``low`` or ``high`` is None where the limit is not finite (an interval open at that end).
    """

    low: float | None
    high: float | None
    level: float
    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """A named, dated decision to go on in spite of a check."""

    check: str
    reason: str
    author: str
    expires: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One question about one subject, with its answer and evidence.

    Values are converted to plain builtins on construction (numpy scalars and arrays included), and a number that
    is not finite becomes None with its name and value under ``details["not_finite"]``.

    Attributes
    ----------
    code : str
        The stable code of this kind of check (``MLG101``).
    subject : str
        What was asked about: a column, a slice (``origin=LGA``), a table. Empty for the gate's main question.
    outcome, severity : Outcome, Severity
        What the evidence says, and what a result other than ``pass`` does to the decision.
    message : str
        One sentence: what, where, by how much, how sure.
    fix : str
        What to do about it; empty for a pass.
    gate, entry : str
        The gate and the name of its entry in the configuration; stamped by the runner.
    observed, limit : float or None
        The value that was judged and what it was judged against.
    interval : Interval or None
        The limits that are known about ``observed``.
    p, p_adjusted : float or None
        Raw p-value and the one adjusted for the other checks of the gate.
    n : int or None
        Rows that the check was computed on.
    waiver : Waiver or None
        Set where a waiver of the configuration covers this check.
    details : Mapping
        Everything else, JSON-ready.
    evidence : Mapping
        What is too much for the verdict and wanted beside it (curves, tables of rows), JSON-ready; kept in
        the verdict's side file and not in :meth:`to_json`.
    """

    code: str
    subject: str = ""
    outcome: Outcome
    severity: Severity = Severity.BLOCK
    message: str
    fix: str = ""
    gate: str = ""
    entry: str = ""
    observed: float | None = None
    limit: float | None = None
    interval: Interval | None = None
    p: float | None = None
    p_adjusted: float | None = None
    n: int | None = None
    waiver: Waiver | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        not_finite: dict[str, str] = {}
        for name in ("observed", "limit", "p", "p_adjusted", "n"):
            object.__setattr__(self, name, _finite(_number(getattr(self, name)), not_finite, name))
        for name in ("code", "subject", "message", "fix", "gate", "entry"):
            object.__setattr__(self, name, str(plain(getattr(self, name))))
        if self.interval is not None:
            ends = {
                end: _finite(_number(getattr(self.interval, end)), not_finite, f"interval.{end}")
                for end in ("low", "high")
            }
            level, method = _number(self.interval.level), str(plain(self.interval.method))
            object.__setattr__(self, "interval", replace(self.interval, **ends, level=level, method=method))
        details: dict[str, Any] = _finite(plain(self.details), not_finite, "details")
        if not_finite:
            earlier = details.get("not_finite", {})  # of a check that was read back, or copied
            details["not_finite"] = {**(earlier if isinstance(earlier, dict) else {}), **not_finite}
        object.__setattr__(self, "details", details)
        object.__setattr__(self, "evidence", _finite(plain(self.evidence), {}, "evidence"))
        object.__setattr__(self, "outcome", Outcome(self.outcome))
        object.__setattr__(self, "severity", Severity(self.severity))

    @property
    def id(self) -> str:
        """The one name of this check: ``gate[entry]:subject``."""
        name = f"{self.gate}[{self.entry}]" if self.entry else self.gate
        return f"{name}:{self.subject}" if self.subject else name

    @property
    def blocks(self) -> bool:
        """Whether this check alone stops a promotion."""
        if self.waiver is not None or self.outcome is Outcome.PASS:
            return False
        return self.outcome is Outcome.ERROR or self.severity is Severity.BLOCK

    def to_json(self) -> dict[str, Any]:
        """Return the check as plain builtins; :meth:`from_json` reads it back."""
        record: dict[str, Any] = {"id": self.id}
        for f in fields(self):
            value = getattr(self, f.name)
            if f.name == "evidence":
                continue
            if isinstance(value, StrEnum):
                value = value.value
            elif isinstance(value, Interval | Waiver):
                value = {part.name: getattr(value, part.name) for part in fields(value)}
            record[f.name] = value
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Check:
        """Build a check from what :meth:`to_json` returned."""
        values = {key: value for key, value in record.items() if key != "id"}
        if values.get("interval") is not None:
            values["interval"] = Interval(**values["interval"])
        if values.get("waiver") is not None:
            values["waiver"] = Waiver(**values["waiver"])
        return cls(**values)


_NUMBERS = frozenset((bool, float))  # an int can be too large for `isfinite`
_PLAIN = _NUMBERS | {int, str, type(None)}


def plain(value: Any) -> Any:
    """Return ``value`` as builtins: numpy scalars and arrays, tuples, sets and enums converted, the rest as text."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, list | tuple):
        if _PLAIN.issuperset(map(type, value)):  # a curve of a thousand points, several times a check
            return list(value)
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key if type(key) is str else str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if getattr(getattr(value, "dtype", None), "kind", "") in ("m", "M") and hasattr(value, "astype"):
        value = value.astype(str)  # `tolist` would make bare integers of moments to the nanosecond
    if hasattr(value, "tolist"):  # numpy scalars and arrays, without importing numpy
        converted = value.tolist()
        return plain(converted) if type(converted) is not type(value) else str(value)
    for builtin in (bool, int, float, str):
        if isinstance(value, builtin):
            return builtin(value)
    return str(value)


def _number(value: Any) -> Any:
    converted = plain(value)
    if not isinstance(converted, str) or isinstance(value, str):
        return converted
    try:  # such as numpy.longdouble, Decimal and Fraction, which `plain` knows only as text
        return float(value)
    except (TypeError, ValueError, OverflowError):  # such as pandas.NA
        return math.nan


def _finite(value: Any, not_finite: dict[str, str], path: str) -> Any:
    """Return what :func:`plain` made, with None for numbers that JSON has none for; these are noted by their path."""
    if _is_finite(value):  # nearly always: no path needs to be spelled out, and nothing to be copied
        return value
    if isinstance(value, dict):
        return {key: _finite(item, not_finite, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item, not_finite, f"{path}[{i}]") for i, item in enumerate(value)]
    not_finite[path] = str(value)
    return None


def _is_finite(value: Any) -> bool:
    kind = type(value)
    if kind is float:
        return math.isfinite(value)
    if kind is dict:
        return all(map(_is_finite, value.values()))
    if kind is list:
        if _NUMBERS.issuperset(map(type, value)):
            return all(map(math.isfinite, value))
        return all(map(_is_finite, value))
    return True


def worst_first(checks: Iterable[Check]) -> list[Check]:
    """Sort checks so that what blocks comes first, then by outcome and severity; ties keep their order."""
    return sorted(checks, key=lambda c: (not c.blocks, _RANK[c.outcome], _SEVERITY_RANK[c.severity]))


def combine(checks: Iterable[Check]) -> Outcome:
    """Return the worst outcome among the checks that block; ``pass`` where none does.

    No check at all is an ``error``: a question that was never asked has no good answer. Where nothing blocks and
    every check was skipped, the whole is a ``skip``.
    """
    found = list(checks)
    if not found:
        return Outcome.ERROR
    blocking = [check.outcome for check in found if check.blocks]
    if blocking:
        return min(blocking, key=_RANK.__getitem__)
    return Outcome.SKIP if all(check.outcome is Outcome.SKIP for check in found) else Outcome.PASS


@dataclass(frozen=True, kw_only=True, slots=True)
class GateResult:
    """All checks of one gate entry.

    Attributes
    ----------
    gate : str
        Name of the gate.
    entry : str
        Name of the entry, empty where the gate has only one.
    checks : tuple of Check
        In the order in which the gate asked.
    """

    gate: str
    entry: str = ""
    checks: tuple[Check, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst outcome among the checks that block."""
        return combine(self.checks)

    def raise_for_outcome(self) -> None:
        """Raise :class:`GateFailure` where any check blocks, or where there is no check."""
        __tracebackhide__ = True
        text = failure_text(self)
        if text is not None:
            raise GateFailure(text, self)


class GateFailure(AssertionError):
    """A gate that blocks; ``result`` carries its checks."""

    def __init__(self, message: str, result: GateResult) -> None:
        super().__init__(message)
        self.result = result

    def __reduce__(self) -> tuple[type[GateFailure], tuple[str, GateResult]]:
        return type(self), (str(self), self.result)


def failure_text(result: GateResult) -> str | None:
    """Return what blocks, the worst first, a paragraph each; None where nothing does."""
    if not result.checks:
        return f"{result.gate}: made no check"
    lines = [describe(check) for check in worst_first(result.checks) if check.blocks]
    return "\n".join(lines) or None


def describe(check: Check) -> str:
    """Return one check as a line or two of text: name, outcome, message and what to do."""
    label = f"{check.id}  {check.outcome.value}"
    if check.severity is not Severity.BLOCK:
        label += f" ({check.severity.value})"
    if check.waiver is not None:
        label += " (waived)"
    text = f"{label}: {check.message} [{check.code}]"
    return f"{text}\n    fix: {check.fix}" if check.fix and check.outcome is not Outcome.PASS else text
