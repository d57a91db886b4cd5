"""Reading rows: files and in-memory tables become one kind of pandas frame, with a digest of what was read.

Names are resolved on first use, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_mlgate.tables.files import read_regular_file as read_regular_file
    from pytest_mlgate.tables.frames import as_frame as as_frame
    from pytest_mlgate.tables.frames import check_columns as check_columns
    from pytest_mlgate.tables.ipc import frame_digest as frame_digest
    from pytest_mlgate.tables.ipc import from_ipc as from_ipc
    from pytest_mlgate.tables.ipc import to_ipc as to_ipc
    from pytest_mlgate.tables.reading import TableRead as TableRead
    from pytest_mlgate.tables.reading import read_table as read_table

_HOMES = {
    "TableRead": "reading",
    "as_frame": "frames",
    "check_columns": "frames",
    "frame_digest": "ipc",
    "from_ipc": "ipc",
    "read_regular_file": "files",
    "read_table": "reading",
    "to_ipc": "ipc",
}

__all__ = [
    "TableRead",
    "as_frame",
    "check_columns",
    "frame_digest",
    "from_ipc",
    "read_regular_file",
    "read_table",
    "to_ipc",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
