"""What duckdb is asked in its own SQL: where that alone is exact, or takes one pass where others take several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

EDGES = 1024
"""Edges of one histogram, which looks each row up among them."""
_TRUE = {
    "rows": "count(*)",
    '"null"': "count_if(number IS NULL)",
    "nan": "count_if(isnan(number))",
    "below": "count_if(number = CAST('-inf' AS DOUBLE))",
    "above": "count_if(number = CAST('inf' AS DOUBLE))",
    "low": "min(number) FILTER (isfinite(number))",
    "high": "max(number) FILTER (isfinite(number))",
}


def floats(name: str) -> str:
    """Return a column of floats as numbers of 64 bits.

    duckdb answers ``x <= 5`` and ``isnan(x)`` from a Parquet file's statistics, which leave NaN out, and so takes NaN
    for a number (2.0.1). No statistics come through a list.
    """
    return f"list_sum([CAST({quoted(name)} AS DOUBLE)])"


def ticks(name: str, arrow: pa.DataType) -> str:
    """Return timestamps and dates in microseconds since 1970-01-01 UTC, rounded down."""
    column = quoted(name)
    if not str(arrow).startswith("timestamp[ns"):
        return f"CAST(epoch_us({column}) AS DOUBLE)"
    # A remainder takes the sign of what is divided: before 1970 it is brought above 0 first.
    down = f"epoch_ns({column}) - (epoch_ns({column}) % 1000 + 1000) % 1000"
    return f"CAST(({down}) // 1000 AS DOUBLE)"


def counted(numbers: Any, edges: NDArray[Any]) -> Any:
    """Return a relation of one row: how many numbers there are of each kind, their ends, and those in each cell.

    Parameters
    ----------
    numbers : DuckDBPyRelation
        Of one column, ``number``.
    edges : ndarray of shape (k,)
        Finite and strictly increasing.

    Returns
    -------
    DuckDBPyRelation
        Of ``rows``, ``null``, ``nan``, ``below``, ``above``, ``low``, ``high``, and ``cells``: a list of the finite
        numbers in ``(-inf, e_1], (e_1, e_2], ..., (e_{k-1}, e_k]``; null where there is no edge or no finite number.
    """
    asked = [f"{answer} AS {name}" for name, answer in _TRUE.items()]
    if edges.size:
        # By way of text: a literal of many digits is a decimal first, which is divided by an inexact power of ten.
        at = ", ".join(f"'{edge!r}'" for edge in edges.tolist())
        finite = "CASE WHEN isfinite(number) THEN number END"
        asked.append(f"map_values(histogram({finite}, CAST([{at}] AS DOUBLE[])))[1:{edges.size}] AS cells")
    return numbers.aggregate(", ".join(asked))


def interrupt(relation: Any, connection: Any) -> None:
    """End the query of a relation; without its connection that of duckdb's own one, which ``duckdb.sql`` uses.

    A relation has a connection, and no public name for it; some versions have none at all.
    """
    import duckdb

    (connection or getattr(relation, "_con", None) or duckdb).interrupt()


def quoted(name: str) -> str:
    """Return a column's name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'
