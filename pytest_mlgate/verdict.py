"""Checks and policy become one verdict: its decision, its JSON, and the file it is kept in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pytest_mlgate.checks import Check, Outcome, worst_first
from pytest_mlgate.tables.writing import digest_of, has_own_digest, write_atomically

SCHEMA_VERSION = 1
Decision = Literal["promote", "block"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """All checks of a run, the stage asked for, the decision, and the identity of everything judged.

    Attributes
    ----------
    model, stage : str
    decision : {"promote", "block"}
    reasons : tuple of str
        Why it blocks, the worst first; empty for a promotion.
    checks : tuple of Check
        In the order of the configuration, then of the handwritten tests.
    identity : Mapping
        Digests of artifacts, tables, configuration and policy; the code's commit and whether the tree was clean.
    environment : Mapping
        Python, platform and package versions.
    notes : tuple of str
        What a reader has to know beside the checks: no baseline, waivers that are over or cover nothing.
    seed : int
    started, finished : str
        UTC, ISO 8601.
    """

    model: str
    stage: str
    decision: Decision
    reasons: tuple[str, ...] = ()
    checks: tuple[Check, ...]
    identity: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    owner: str | None = None
    seed: int = 0
    started: str
    finished: str

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain builtins, with the digest of its own content."""
        record: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        for f in fields(self):
            record[f.name] = getattr(self, f.name)
        record["checks"] = [check.to_json() for check in self.checks]
        record |= {name: list(record[name]) for name in ("reasons", "notes")}
        return {**record, "digest": digest_of(record)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Verdict:
        """Build a verdict from what :meth:`to_json` returned.

        Raises
        ------
        ValueError
            Where the record is of another version, or its digest is not that of its content.
        """
        if record.get("schema_version") != SCHEMA_VERSION:
            raise ValueError(f"schema_version is {record.get('schema_version')!r}; this version reads {SCHEMA_VERSION}")
        if not has_own_digest(record):
            raise ValueError("its digest is not that of its content: it was changed after it was written")
        values = {key: value for key, value in record.items() if key not in ("digest", "schema_version")}
        values["checks"] = tuple(Check.from_json(check) for check in values["checks"])
        values |= {name: tuple(values[name]) for name in ("reasons", "notes")}
        return cls(**values)


def decide(checks: Sequence[Check]) -> tuple[Decision, tuple[str, ...]]:
    """Return the decision that follows from the checks, and its reasons, the worst first.

    A run without a single check blocks.
    """
    blocking = [check for check in worst_first(checks) if check.blocks]
    if not checks:
        return "block", ("no gate made any check",)
    reasons = tuple(f"{check.id}: {check.outcome.value}: {check.message}" for check in blocking)
    return ("block" if blocking else "promote"), reasons


def not_run(gate: str, entry: str, why: str) -> Check:
    """Return the check that stands for a required gate of which nothing was heard."""
    return Check(
        code="MLG001",
        gate=gate,
        entry=entry,
        outcome=Outcome.ERROR,
        message=f"not run: {why}",
        fix="run the whole configuration: `mlgate check`; a partial run is never a verdict",
    )


def json_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) that every verdict file fits."""
    file = resources.files("pytest_mlgate").joinpath("verdict.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def write_verdict(verdict: Verdict, path: Path) -> None:
    """Write a verdict so that a reader sees the old file or the new one, never half of one."""
    text = json.dumps(verdict.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(path, text + "\n")


def write_evidence(verdict: Verdict, evidence: Mapping[str, Any], path: Path) -> None:
    """Write the verdict's side file: curves and tables of rows by the id of their check.

    Where there is none, an older run's file is removed: it would speak of another verdict.
    """
    if not evidence:
        path.unlink(missing_ok=True)
        return
    record = {"schema_version": SCHEMA_VERSION, "verdict": verdict.to_json()["digest"], "checks": dict(evidence)}
    write_atomically(path, json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")


def read_verdict(path: Path) -> Verdict:
    """Read a verdict file.

    Raises
    ------
    OSError
        Where the file cannot be read.
    ValueError
        Where it is no verdict, or was changed after it was written.
    """
    try:
        return Verdict.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"is no verdict: {error!r}") from error


def read_evidence(path: Path, digest: str) -> dict[str, Any] | None:
    """Read a verdict's side file.

    Parameters
    ----------
    path : Path
    digest : str
        Of the verdict.

    Returns
    -------
    dict or None
        The evidence by the id of its check; empty where there is no file, None where it is of another verdict.

    Raises
    ------
    OSError
        Where the file is there and cannot be read.
    ValueError
        Where it is no such file.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    if not isinstance(record, dict) or not isinstance(record.get("checks"), dict):
        raise ValueError("is no evidence of a verdict: it has no `checks`")
    return record["checks"] if record.get("verdict") == digest else None


def unresolved(checks: Iterable[Check]) -> list[Check]:
    """Return the checks that are not a pass and yet do not block, the worst first."""
    return [check for check in worst_first(checks) if check.outcome is not Outcome.PASS and not check.blocks]
