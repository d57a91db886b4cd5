"""Golden baselines: a table of predictions kept in git, and the record beside it that says why it is what it is.

``golden/late.parquet`` has its record in ``golden/late.golden.json``. The record names the table by its digest, so that
a table that was changed by any other way than ``mlgate golden update`` is told from one that was accepted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError, Interval
from pytest_mlgate.problems import short
from pytest_mlgate.tables.writing import write_atomically

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.model import Model

SCHEMA_VERSION = 1
EXTENSION = ".parquet"
SUFFIX = ".golden.json"

_UPDATE = 'mlgate golden update --reason "..." --author "..."'


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What one baseline entry found of the golden answers on the holdout.

    Attributes
    ----------
    metric : str
        Its name; higher is better.
    value : float
    interval : Interval or None
        Limits of the value itself, not of a difference.
    """

    metric: str
    value: float
    interval: Interval | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GoldenRecord:
    """Why a golden table is what it is.

    Attributes
    ----------
    table, table_digest : str
        The file's name, beside the record, and the SHA-256 of its bytes.
    source, source_digest : str
        The model that answered, and the SHA-256 of its file; empty where it has none.
    holdout_digest : str
        SHA-256 of the table that it was asked about.
    holdout_rows : int
    metrics : Mapping of str to Measured
        By the name of the baseline entry.
    reason, author : str
    time : str
        UTC, ISO 8601.
    accepted_worse : tuple of str
        Entries in which it is worse than the table before it, accepted with the reason.
    new_holdout : bool
        Whether it could not be compared with the table before it, which had no answer for some rows.
    history : tuple of GoldenRecord
        Those before it, newest first, each without a history of its own.
    """

    table: str
    table_digest: str
    source: str
    source_digest: str
    holdout_digest: str
    holdout_rows: int
    metrics: Mapping[str, Measured]
    reason: str
    author: str
    time: str
    accepted_worse: tuple[str, ...] = ()
    new_holdout: bool = False
    history: tuple[GoldenRecord, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain builtins."""
        return {**self._alone(), "history": [earlier._alone() for earlier in self.history]}

    def _alone(self) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "table": {"path": self.table, "digest": self.table_digest},
            "source": {"path": self.source, "digest": self.source_digest},
            "holdout": {"digest": self.holdout_digest, "rows": self.holdout_rows},
            "metrics": {entry: asdict(found) for entry, found in self.metrics.items()},
            "reason": self.reason,
            "author": self.author,
            "time": self.time,
            "accepted_worse": list(self.accepted_worse),
            "new_holdout": self.new_holdout,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> GoldenRecord:
        """Build a record from what :meth:`to_json` returned.

        Raises
        ------
        ValueError
            Where it is of another version, lacks something, or has no reason or author.
        """
        if record.get("schema_version") != SCHEMA_VERSION:
            raise ValueError(f"schema_version is {record.get('schema_version')!r}; this version reads {SCHEMA_VERSION}")
        for key in ("reason", "author"):
            if not isinstance(record.get(key), str) or not record[key].strip():
                raise ValueError(f"it has no {key}")
        return cls(
            table=_text(record["table"]["path"]),
            table_digest=_text(record["table"]["digest"]),
            source=_text(record["source"]["path"]),
            source_digest=_text(record["source"]["digest"]),
            holdout_digest=_text(record["holdout"]["digest"]),
            holdout_rows=int(record["holdout"]["rows"]),
            metrics={entry: _measured(found) for entry, found in record["metrics"].items()},
            reason=record["reason"],
            author=record["author"],
            time=_text(record["time"]),
            accepted_worse=tuple(map(_text, record["accepted_worse"])),
            new_holdout=record["new_holdout"] is True,
            history=tuple(cls.from_json(earlier) for earlier in record.get("history", ())),
        )


def _measured(found: Mapping[str, Any]) -> Measured:
    interval = found["interval"]
    return Measured(
        metric=_text(found["metric"]),
        value=float(found["value"]),
        interval=None
        if interval is None
        else Interval(
            low=_limit(interval["low"]),
            high=_limit(interval["high"]),
            level=float(interval["level"]),
            method=_text(interval["method"]),
        ),
    )


def _limit(value: Any) -> float | None:
    return None if value is None else float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} should be a text")
    return value


def record_path(table: Path) -> Path:
    """Return where the record of a golden table lies: ``late.parquet`` has ``late.golden.json``."""
    return table.with_name(table.name.removesuffix(EXTENSION) + SUFFIX)


def read_record(table: Path) -> GoldenRecord | None:
    """Return the record beside a table; None where there is none, and the table is an ordinary one.

    Raises
    ------
    InputError
        Where there is one that cannot be read, lacks a reason or an author, or is that of another table.
    """
    path = record_path(table)
    if table.suffix != EXTENSION or not path.exists():
        return None
    fix = f"restore both files from git; change a golden baseline with `{_UPDATE}` only"
    try:
        record = GoldenRecord.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise InputError(f"{short(path)}: is no record of a golden baseline: {error}", fix=fix) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{short(path)}: is no record of a golden baseline: {error!r}", fix=fix) from error
    if record.table != table.name:
        raise InputError(f"{short(path)}: is the record of {record.table!r}, not of {table.name!r}", fix=fix)
    return record


def vouch(model: Model, table: Path) -> None:
    """Check that a table of predictions with a record beside it is the one that was accepted, and say so.

    ``model.provenance["golden"]`` then has reason, author and time; a table without a record stays as it is.

    Parameters
    ----------
    model : Model
        The handle over the table; its ``digest`` is that of the bytes that were read.
    table : Path

    Raises
    ------
    InputError
        Where the table is not the record's, or the record is none.
    """
    record = read_record(table)
    if record is not None:
        check_digest(record, table, model.digest)
        said = {"reason": record.reason, "author": record.author, "time": record.time}
        model.provenance["golden"] = {**said, "accepted_worse": list(record.accepted_worse)}


def check_digest(record: GoldenRecord, table: Path, digest: str) -> None:
    """Raise :class:`InputError` where a golden table's bytes are not those that its record names."""
    if digest == record.table_digest:
        return
    if record.history and record.history[0].table_digest == digest:
        raise InputError(
            f"{short(table)}: this is the golden baseline before the one that its record names: the update of "
            f"{record.time} by {record.author} ended halfway, or the table alone was put back",
            fix=f"restore both files from git, and run `{_UPDATE}` again",
        )
    raise InputError(
        f"{short(table)}: this golden baseline was changed without a reason: its SHA-256 is {digest[:12]}..., and the "
        f"record of {record.time} by {record.author} names {record.table_digest[:12]}...",
        fix=f"restore it from git; change it with `{_UPDATE}`",
    )


def write_golden(table: Path, content: bytes, record: GoldenRecord) -> None:
    """Write a golden table and its record, each atomically, the record first.

    Where the table cannot be written, the old record is put back. Two files cannot be replaced at once: killed between
    them, the old table stands beside a record that names another one and has the old one first in its history, so
    that whoever reads it blocks and can say what happened.

    Raises
    ------
    OSError
        Where either cannot be written.
    """
    path = record_path(table)
    before = path.read_text(encoding="utf-8") if path.exists() else None
    text = json.dumps(record.to_json(), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    write_atomically(path, text + "\n")
    try:
        write_atomically(table, content)
    except BaseException:
        if before is None:
            path.unlink()
        else:
            write_atomically(path, before)
        raise
