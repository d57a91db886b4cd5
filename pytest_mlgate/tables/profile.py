"""Profiles: what is kept of a reference so that drift can be judged without its rows."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.stats.cells import CELLS, MIN_ROWS
from pytest_mlgate.tables.files import nearest, read_regular_file
from pytest_mlgate.tables.sketches import ColumnProfile, column_from_json, column_to_json, merge_columns

SCHEMA_VERSION = 1
_FORMAT = "mlgate profile"
_AGAIN = "write it again with `mlgate profile`"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Source:
    """A table that was profiled: its digest, its name and its rows."""

    digest: str
    name: str
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Profile:
    """What is kept of a table: for each column its kind, how much is missing, and a sketch of its values.

    No value of a single row is in it. A profile is made by :func:`pytest_mlgate.profile_table`, added to others by
    :func:`merge_profiles`, and stands for its table in :func:`pytest_mlgate.check_drift`.

    Attributes
    ----------
    sources : tuple of Source
        The tables, sorted.
    rows : int
    period : tuple of str or None
        First and last day of the time column, as ``2013-01-31``; None where none is known.
    time : str or None
        The time column.
    min_rows : int
        Rows that share whatever is kept.
    cells : int
        Cells that each sketch aims at.
    version : str
        The package that wrote it.
    columns : tuple of ColumnProfile
        In the table's order.
    """

    sources: tuple[Source, ...]
    rows: int
    period: tuple[str, str] | None = None
    time: str | None = None
    min_rows: int = MIN_ROWS
    cells: int = CELLS
    version: str
    columns: tuple[ColumnProfile, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hexadecimal."""
        text = json.dumps(self._content(), sort_keys=True, ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def column(self, name: str) -> ColumnProfile:
        """Return one column; KeyError where there is none of that name."""
        found = next((column for column in self.columns if column.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the profile as plain builtins; :meth:`from_json` reads it back."""
        return {**self._content(), "digest": self.digest}

    def _content(self) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "schema_version": SCHEMA_VERSION,
            "version": self.version,
            "sources": [{"name": s.name, "digest": s.digest, "rows": s.rows} for s in self.sources],
            "rows": self.rows,
            "time": self.time,
            "period": None if self.period is None else list(self.period),
            "min_rows": self.min_rows,
            "cells": self.cells,
            "columns": [column_to_json(column) for column in self.columns],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Profile:
        """Build a profile from what :meth:`to_json` returned; KeyError, TypeError or ValueError where it did not."""
        period = record["period"]
        return cls(
            sources=tuple(Source(**source) for source in record["sources"]),
            rows=record["rows"],
            period=None if period is None else (period[0], period[1]),
            time=record["time"],
            min_rows=record["min_rows"],
            cells=record["cells"],
            version=record["version"],
            columns=tuple(column_from_json(column) for column in record["columns"]),
        )

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the profile as JSON, one column a line; folders are made, and the file is there whole or not at all."""
        target = Path(path)
        record = self.to_json()
        columns = ",\n".join(json.dumps(column, ensure_ascii=False) for column in record.pop("columns"))
        head = json.dumps(record, ensure_ascii=False, allow_nan=False)[:-1]
        text = f'{head}, "columns": [\n{columns}\n]}}\n'
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(text, encoding="utf-8", errors="surrogatepass")
            os.replace(part, target)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink()
            raise InputError(
                f"profile {os.fspath(path)!r} cannot be written: {error.strerror}", fix="check the path and its rights"
            ) from None
        return target

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Profile:
        """Read a profile.

        Raises
        ------
        InputError
            The file is missing, is no profile, is damaged or edited, or was written by a newer version.
        """
        name = os.fspath(path)
        data = read_regular_file(name, what="profile")
        try:
            record = json.loads(data.decode("utf-8", "surrogatepass"))
        except ValueError as error:
            if not data.lstrip().startswith(b"{"):
                raise InputError(
                    f"{name!r} is no profile: it is not JSON", fix="name a file that `mlgate profile` wrote"
                ) from None
            raise InputError(f"profile {name!r} is damaged: {str(error)[:200]}", fix=_AGAIN) from None
        if not isinstance(record, dict) or record.get("format") != _FORMAT:
            raise InputError(f"{name!r} is no profile", fix="name a table, or a file that `mlgate profile` wrote")
        version = record.get("schema_version")
        if not isinstance(version, int) or version != SCHEMA_VERSION:
            raise InputError(
                f"profile {name!r} has schema_version {version!r}; this package reads {SCHEMA_VERSION}",
                fix=f"update pytest-mlgate, or {_AGAIN}",
            )
        try:
            found = cls.from_json(record)
            digest = found.digest
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise InputError(f"profile {name!r} is damaged ({type(error).__name__})", fix=_AGAIN) from None
        if digest != record.get("digest"):
            raise InputError(
                f"profile {name!r} is damaged or was edited: its digest is not that of its content", fix=_AGAIN
            )
        return found


def merge_profiles(*profiles: Profile) -> Profile:
    """Return the profile of all the tables' rows together, as of days or partitions.

    Counts add. Sketches with the same edges add exactly; with others, bounds add, and :attr:`ColumnProfile.accuracy`
    says how far apart they stand. Merging many at once is more accurate than one after the other. The order in which
    profiles are given does not matter.

    Parameters
    ----------
    *profiles : Profile
        At least one; of different tables with the same columns.

    Raises
    ------
    InputError
        The columns differ in name or type, or a table is in two of the profiles.
    """
    if not profiles:
        raise InputError("there is no profile to merge", fix="give one or more")
    parts = sorted(profiles, key=lambda part: (part.sources, part.digest))
    sources = sorted(source for part in parts for source in part.sources)
    _refuse_twice(sources)
    names = parts[0].names
    for part in parts[1:]:
        _refuse_other_columns(names, part.names)
    times = {part.time for part in parts}
    periods = [part.period for part in parts if part.period is not None]
    cells = max(part.cells for part in parts)
    return Profile(
        sources=tuple(sources),
        rows=sum(part.rows for part in parts),
        period=(min(p[0] for p in periods), max(p[1] for p in periods)) if len(periods) == len(parts) else None,
        time=times.pop() if len(times) == 1 else None,
        min_rows=min(part.min_rows for part in parts),
        cells=cells,
        version=max(part.version for part in parts),
        columns=tuple(merge_columns([part.column(name) for part in parts], cells=cells) for name in names),
    )


def _refuse_twice(sources: Iterable[Source]) -> None:
    seen: dict[str, str] = {}
    for source in sources:
        if source.digest and source.digest in seen:
            raise InputError(
                f"the table {source.name!r} is in two of the profiles (also as {seen[source.digest]!r}):"
                " its rows would count twice",
                fix="merge each table once",
            )
        seen[source.digest] = source.name


def _refuse_other_columns(names: tuple[str, ...], others: tuple[str, ...]) -> None:
    odd = sorted(set(names) ^ set(others))
    if odd:
        known = [name for name in (*names, *others) if name != odd[0]]
        raise InputError(
            f"column {odd[0]!r} is in one profile and not in another{nearest(odd[0], known)}",
            fix="profile tables that have the same columns",
        )
