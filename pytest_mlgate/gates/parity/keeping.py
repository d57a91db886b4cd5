"""What a search found, kept for the next run in an example database of Hypothesis.

The rows themselves are kept and not the draws that led to them: they mean the same when the table, the contract or the
search has changed, and they are the shrunk ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# Each run asks all that was kept before anything else.
_MOST = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """Rows that differed in an earlier run, and how to forget them."""

    rows: pd.DataFrame
    forget: Callable[[], None]


def keep(rows: pd.DataFrame, folder: Path, *, key: str) -> None:
    """Keep rows; none that Arrow cannot carry, none once there are ten, and none in a folder that cannot be written."""
    from pytest_mlgate.checks import InputError
    from pytest_mlgate.tables.ipc import to_ipc

    try:
        content = to_ipc(rows)
    except InputError:
        return
    database = _database(folder)
    with suppress(OSError):  # what is kept saves time, and decides nothing
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        if len(set(database.fetch(_name(key)))) < _MOST:
            database.save(_name(key), content)


def recall(folder: Path, *, key: str) -> list[Kept]:
    """Return what was kept, the smallest first; what cannot be read is forgotten."""
    from pytest_mlgate.tables.ipc import from_ipc

    database = _database(folder)
    found = []
    contents: set[bytes] = set()
    with suppress(OSError):  # a folder that is not ours to read
        contents.update(database.fetch(_name(key)))
    for content in sorted(contents, key=lambda content: (len(content), content)):
        try:
            rows = from_ipc(content)
        except Exception:  # of another version, or cut short: Arrow raises many kinds
            database.delete(_name(key), content)
            continue
        found.append(Kept(rows=rows, forget=_forgetting(database, key, content)))
    return found


def _forgetting(database: Any, key: str, content: bytes) -> Callable[[], None]:
    return lambda: database.delete(_name(key), content)


def _database(folder: Path) -> Any:
    from hypothesis.database import DirectoryBasedExampleDatabase

    return DirectoryBasedExampleDatabase(Path(folder))


def _name(key: str) -> bytes:
    # Hypothesis may write a key down as it is, and a URL in it may hold a password.
    return f"mlgate parity {hashlib.sha256(key.encode()).hexdigest()}".encode()
