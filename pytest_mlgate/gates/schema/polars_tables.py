"""pandera's schemas of polars frames: the same questions, asked of a polars frame that holds its rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.schema.validation import Failure


def is_polars_schema(value: Any) -> bool:
    """Whether a value is a schema or model of ``pandera.polars``, without importing it."""
    kinds = value.__mro__ if isinstance(value, type) else type(value).__mro__
    return any(kind.__module__.startswith("pandera.api.polars") for kind in kinds)


def is_polars(value: Any) -> bool:
    """Whether a value is a polars frame, lazy or not, without importing polars."""
    kind = type(value)
    return kind.__module__.split(".")[0] == "polars" and kind.__name__ in ("DataFrame", "LazyFrame")


def collected(value: Any, name: str) -> Any:
    """Return a polars frame with its rows: of a lazy one pandera would look at names and types only."""
    if type(value).__name__ != "LazyFrame":
        return value
    try:
        return value.collect()
    except Exception as error:  # the user's own query runs here
        raise InputError(
            f"{name} is a polars LazyFrame, and collecting it raised {type(error).__name__}: {error}",
            fix="mend the query; `collect()` shows it",
        ) from error


def as_polars(frame: pd.DataFrame, name: str) -> Any:
    """Return a pandas frame as a polars one; a missing value is null."""
    try:
        import polars as pl
    except ImportError as error:
        raise InputError(
            "the schema is one for polars frames, and polars is not installed", fix="pip install pytest-mlgate[polars]"
        ) from error
    try:
        return pl.from_pandas(frame)
    except Exception as error:  # mixed columns, which polars does not have
        raise InputError(
            f"{name} cannot become a polars frame, which the schema is for: {error}",
            fix="give each column one type, or a schema for pandas frames",
        ) from error


def validate_polars(frame: Any, schema: Any) -> list[Failure]:
    """Return everything in which a polars frame does not fit a schema.

    Parameters
    ----------
    frame : polars.DataFrame
        Never changed: polars frames are immutable to a check.
    schema : pandera.polars.DataFrameSchema
    """
    import pandera.polars as pa

    from pytest_mlgate.gates.schema.validation import Failure

    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        return [_failure(error, frame) for error in errors.schema_errors]
    except pa.errors.SchemaError as error:
        return [_failure(error, frame)]
    except (Exception, SystemExit) as error:  # parsers and checks run the user's own code
        return [Failure(kind="raised", column=None, rule="schema", text=f"{type(error).__name__}: {error}")]
    return []


def _failure(error: Any, frame: Any) -> Failure:
    from pytest_mlgate.gates.schema.validation import ALL_ROWS, first_line, reason_of, typed_failure

    failure = typed_failure(error, whole=hasattr(error.schema, "columns"))
    cases, output = error.failure_cases, error.check_output
    if failure.kind in ("missing", "unexpected", "order"):
        return replace(failure, column=failure.column or str(cases), rows=ALL_ROWS)
    if failure.kind == "dtype":
        wanted = str(error.check).removeprefix("dtype('").removesuffix("')")
        if wanted.startswith("coerce_"):
            wanted = wanted.removeprefix("coerce_").removeprefix("dtype('").removesuffix("')")
            return replace(failure, rows=ALL_ROWS, text=f"cannot be converted to {wanted}")
        found = frame.schema.get(failure.column, "of another type")
        return replace(failure, rows=ALL_ROWS, text=f"is {found}, the schema asks for {wanted}")
    if failure.kind == "raised":
        return replace(failure, text=first_line(cases if isinstance(cases, str) else error))
    if not hasattr(output, "columns") and not hasattr(output, "collect"):
        return replace(failure, text=first_line(error) if failure.kind == "other" else reason_of(error.check))
    found = collected(output, "the check's answer")
    flags = found[found.columns[-1]]
    if len(flags) != len(frame):  # of an aggregate
        return replace(failure, text=reason_of(error.check))
    rows = [row for row, fits in enumerate(flags.to_list()) if fits is False]
    if failure.column is None or failure.column not in frame.columns:
        return replace(failure, rows=rows)
    return replace(failure, rows=rows, values=tuple(frame[failure.column].gather(rows).to_list()))
