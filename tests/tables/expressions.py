"""Tables of ibis, for engines that tests ask."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any


def ibis_table(connection: Any, path: Path, **options: Any) -> Any:
    """Return an expression for a Parquet file, over a connection of duckdb."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ibis's own, of pandas and duckdb
        import ibis

        table = ibis.duckdb.from_connection(connection).read_parquet(str(path), **options)
        return table.filter(~ibis.literal(False))
