"""The rows that a candidate broke, as a CSV file beside the verdict for each entry that knows some."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_mlgate.tables.writing import write_atomically

_NAME = "broken-rows-{}.csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(evidence: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write one file for each check with broken rows, and remove those of an older run.

    Parameters
    ----------
    evidence : Mapping
        The evidence of each check by its id, as ``evidence.json`` has it under ``checks``.
    folder : Path
        Where the verdict lies.

    Returns
    -------
    list of Path
        The files written: ``broken-rows-baseline-roc_auc.csv`` for the check ``baseline[roc_auc]``.
    """
    written: dict[Path, str] = {}
    for check, found in sorted(evidence.items()):
        table = found.get("broken_rows") if isinstance(found, Mapping) else None
        if table and table["rows"]:
            written[_path(folder, check, written)] = render(table)
    for old in sorted(folder.glob(_NAME.format("*"))):
        if old not in written:
            old.unlink(missing_ok=True)
    for path, text in written.items():
        write_atomically(path, text)
    return list(written)


def render(table: Mapping[str, Any]) -> str:
    """Return a table of ``columns`` and ``rows`` as CSV; text that a spreadsheet would run gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([[_cell(cell) for cell in row] for row in (table["columns"], *table["rows"])])
    return text.getvalue()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _path(folder: Path, check: str, taken: Mapping[Path, str]) -> Path:
    stem = re.sub(r"[^A-Za-z0-9_.]+", "-", check).strip("-.")[:80] or "check"
    names = (_NAME.format(f"{stem}{suffix}") for suffix in ("", *(f"-{i}" for i in range(2, len(taken) + 3))))
    return next(folder / name for name in names if folder / name not in taken)
