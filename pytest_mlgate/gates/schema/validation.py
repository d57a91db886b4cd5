"""One frame against one pandera schema: every failure at once, in words and numbers of ours."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.schema.polars_tables import validate_polars

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.schema.contracts import Bound

_COPIES_ON_WRITE = re.compile(r"([3-9]|\d\d)\.")
"""Versions of pandas in which writing into a copy, also a shallow one, never changes the original."""

ALL_ROWS = "all"
"""``Failure.rows`` of a failure that concerns the column and not single rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A rule that a table does not fit.

    Attributes
    ----------
    kind : str
        ``missing``, ``unexpected``, ``order``, ``dtype``, ``nullable``, ``unique``, ``value``, ``raised`` or ``other``.
    column : str or None
        None for a rule about the whole table.
    rule : str
        The rule's name, part of the check's id: ``in_range``, ``dtype``, ... A column's second check of one name is
        ``in_range#2``, by its place in the schema and not among the failures, so that a waiver stays with its rule.
    stated : str
        The rule with its arguments, for messages: ``in_range(0, 120)``.
    rows : list, ``"all"`` or None
        Labels of the offending rows; None where the rule does not go by rows.
    values : list
        The offending values, one a row, where the rule is about one column.
    text : str
        The reason, where there is more to say than the rule.
    warned : bool
        The schema wants this as a warning only.
    own : str
        Which rule it is that is told in words of its own: ``not_constant``, ``not_decreasing``, ``row_count``, or
        pandera's ``unique_values_eq``; "" for any other.
    given : Mapping
        The arguments of that rule.
    count : int or None
        How many rows offend, where ``rows`` are only the first of them.
    """

    kind: str
    column: str | None
    rule: str
    stated: str = ""
    rows: Any = None
    values: tuple[Any, ...] = ()
    text: str = ""
    warned: bool = False
    own: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    count: int | None = None


_KINDS = {
    "COLUMN_NOT_IN_DATAFRAME": ("missing", "required"),
    "ADD_MISSING_COLUMN_NO_DEFAULT": ("missing", "required"),
    "INVALID_COLUMN_NAME": ("missing", "required"),  # a regular expression that matches no column
    "COLUMN_NOT_IN_SCHEMA": ("unexpected", "strict"),
    "DUPLICATE_COLUMN_LABELS": ("unexpected", "unique_column_names"),
    "COLUMN_NOT_ORDERED": ("order", "ordered"),
    "WRONG_DATATYPE": ("dtype", "dtype"),
    "DATATYPE_COERCION": ("dtype", "dtype"),
    "SERIES_CONTAINS_NULLS": ("nullable", "nullable"),
    "SERIES_CONTAINS_DUPLICATES": ("unique", "unique"),
    "DUPLICATES": ("unique", "unique"),
    "DATAFRAME_CHECK": ("value", ""),
    "CHECK_ERROR": ("raised", ""),
    "PARSER_ERROR": ("raised", "parser"),
    "SCHEMA_COMPONENT_PARSER": ("raised", "parser"),
    "DATAFRAME_PARSER": ("raised", "parser"),
}


def validate(frame: pd.DataFrame, bound: Bound, native: Any = None) -> list[Failure]:
    """Return everything in which a frame does not fit a schema; an empty list is a fit.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n_rows, n_columns)
        Never changed: a copy is judged. Where the schema says nothing of the index, rows are labelled 0 to n - 1.
    bound : Bound
        From :func:`pytest_mlgate.gates.schema.contracts.bind`.
    native : polars.DataFrame or None
        The same rows, where the schema is one for polars.
    """
    from pandera.config import ValidationDepth, config_context

    # An environment variable can switch pandera off, which would turn every table into a pass.
    switched_on = config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA)
    found = [_wrong_kind(frame, column, kind) for column, kind in bound.wrong.items()]
    with switched_on, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if native is None:
            return _merged(found + _validate_pandas(frame, bound))
        return _merged(found + validate_polars(native, bound.schema))


def _validate_pandas(frame: pd.DataFrame, bound: Bound) -> list[Failure]:
    import pandas as pd
    import pandera.pandas as pa

    # A shallow copy has columns and an index of its own. What writes into its values is kept from the caller's by
    # copy-on-write, which pandas 3 always has; before, pandera's own copy (inplace=False) keeps it.
    copy = frame.copy(deep=False)
    if bound.schema.index is None:
        copy.index = pd.RangeIndex(len(copy))
    in_place = _COPIES_ON_WRITE.match(pd.__version__) is not None and bound.schema.strict != "filter"
    try:
        bound.schema.validate(copy, lazy=True, inplace=in_place)
    except pa.errors.SchemaErrors as errors:
        return [_failure(error, frame) for error in errors.schema_errors]
    except pa.errors.SchemaError as error:
        return [_failure(error, frame)]
    except (Exception, SystemExit) as error:  # parsers, custom dtypes and backends run the user's own code
        return [Failure(kind="raised", column=None, rule="schema", text=f"{type(error).__name__}: {error}")]
    return []


def rule_names(schema: Any) -> list[str]:
    """Return every rule that a schema states, as ids spell them: ``temp.in_range``, ``unique``."""
    names = [name for name in ("unique", "strict", "ordered", "unique_column_names") if getattr(schema, name, False)]
    names += _check_names(schema.checks)
    for key, column in schema.columns.items():
        # A kind of value is asked for beside pandera, so that a column without a dtype may have one.
        said = (("required", column.required), ("dtype", True), ("nullable", not column.nullable))
        own = [name for name, stated in (*said, ("unique", column.unique)) if stated]
        names += [f"{key}.{name}" for name in (*own, *_check_names(column.checks))]
    return names


def _check_names(checks: Any) -> list[str]:
    names: list[str] = []
    for check in checks or ():
        word = _word(check)
        alike = 1 + sum(name.split("#")[0] == word for name in names)
        names.append(word if alike == 1 else f"{word}#{alike}")
    return names


def _wrong_kind(frame: pd.DataFrame, column: Any, kind: str) -> Failure:
    from pytest_mlgate.tables.kinds import kind_of

    series = frame[column]
    found = kind_of(series)
    text = f"is {series.dtype} ({'mixed or other values' if found == 'any' else found}), the schema asks for {kind}"
    return Failure(kind="dtype", column=str(column), rule="dtype", rows=ALL_ROWS, text=text)


def _failure(error: Any, frame: pd.DataFrame) -> Failure:
    import pandera.pandas as pa

    whole = isinstance(error.schema, pa.DataFrameSchema)
    failure = typed_failure(error, whole=whole)
    kind, cases = failure.kind, error.failure_cases
    if kind in ("missing", "unexpected", "order"):
        column = failure.column
        if column is None and cases is not None:
            column = str(cases if not hasattr(cases, "columns") else ", ".join(map(str, cases.iloc[:, -1])))
        return replace(failure, column=column, rows=ALL_ROWS, text=_looked_for(kind, column, error, frame))
    if kind == "dtype":
        return _mistyped(replace(failure, rows=ALL_ROWS), error, frame)
    if kind == "raised":
        return replace(failure, text=first_line(cases if isinstance(cases, str) else error))
    if kind == "other":
        return replace(failure, text=first_line(error))
    return _with_cases(failure, error)


def _looked_for(kind: str, column: str | None, error: Any, frame: pd.DataFrame) -> str:
    """What else to say of a column that is missing or out of order."""
    names = [str(name) for name in frame.columns]
    if kind == "order" and column in names:
        wanted = ", ".join(str(name) for name in list(error.schema.columns)[:12])
        return f"it is the table's column {names.index(column) + 1}, and the schema's order is {wanted}"
    return "regular expression" if kind == "missing" and getattr(error.schema, "regex", False) else ""


def typed_failure(error: Any, *, whole: bool) -> Failure:
    """Return what kind of failure an error of pandera is, and of which rule; its rows are still to be found.

    Parameters
    ----------
    error : pandera.errors.SchemaError
    whole : bool
        Whether the rule is about the whole table.
    """
    from pytest_mlgate.tables.rules import own_rule

    reason = getattr(error.reason_code, "name", str(error.reason_code))
    kind, rule = _KINDS.get(reason, ("other", reason.lower()))
    own = own_rule(error.check) or ("unique_values_eq" if _is_set_of_values(error.check) else "")
    return Failure(
        kind=kind,
        column=None if whole else str(_column_name(error)),
        rule=rule or _rule(error),
        stated=rule or _stated(error.check),
        warned=getattr(error.check, "warns_only", False),
        own=own,
        given=dict(error.check.statistics or {}) if own else {},
    )


def _is_set_of_values(check: Any) -> bool:
    return getattr(check, "name", None) == "unique_values_eq" and "values" in (check.statistics or {})


def _column_name(error: Any) -> Any:
    # The schema of a column given by a regular expression is shared, and is named after the last column it met.
    name = getattr(error, "column_name", None)
    name = getattr(error.schema, "name", None) if name is None else name
    return "index" if name is None else name  # an index need have no name


def _with_cases(failure: Failure, error: Any) -> Failure:
    cases, output = error.failure_cases, error.check_output
    if not hasattr(cases, "columns") or "index" not in cases.columns:
        return replace(failure, text=reason_of(error.check))
    if failure.column is not None:
        return replace(failure, rows=list(cases["index"]), values=tuple(cases["failure_case"]))
    rows = list(dict.fromkeys(cases["index"]))
    if hasattr(output, "index") and getattr(output, "ndim", 0) == 1:
        # The cases of a whole row leave out its missing values, and so a row of nothing else.
        failed = list(output.index[~output.fillna(False).astype(bool)])
        rows = failed if len(failed) >= len(rows) else rows
    return replace(failure, rows=rows)


def _mistyped(failure: Failure, error: Any, frame: pd.DataFrame) -> Failure:
    wanted = str(error.check).removeprefix("coerce_").removeprefix("dtype('").removesuffix("')")
    if str(error.check).startswith("coerce_"):
        return _with_cases(replace(failure, text=f"cannot be converted to {wanted}"), error)
    name = _column_name(error)
    found = frame[name].dtype if name in frame.columns else error.failure_cases
    told = replace(failure, text=f"is {found}, the schema asks for {wanted}")
    # A dtype of Python objects is judged value by value; any other is wrong for the column as a whole.
    single = hasattr(error.failure_cases, "columns") and len(error.failure_cases) < len(frame)
    return _with_cases(replace(told, text=f"are not {wanted}"), error) if single else told


def _rule(error: Any) -> str:
    """Return a rule's name as part of an id: one word that a shell takes as it is, and no argument."""
    name = _word(error.check)
    alike = [check for check in getattr(error.schema, "checks", None) or () if _word(check) == name]
    place = next((place for place, check in enumerate(alike, start=1) if check is error.check), 1)
    return name if place == 1 else f"{name}#{place}"


def _word(check: Any) -> str:
    # Without a name there is only the error's text, which may quote values.
    return _cut(re.sub(r"[^\w.:+-]+", "_", str(getattr(check, "name", None) or "check")).strip("_") or "check")


def _stated(check: Any) -> str:
    """Return ``in_range(0, 120)`` of pandera's built-in checks; of the user's own the name, and what it says."""
    name, error = getattr(check, "name", None), getattr(check, "error", None)
    if error and name and str(error).startswith(f"{name}("):
        return _cut(str(error))
    word, reason = str(name or error or check).replace("<lambda>", "lambda"), reason_of(check) if name else ""
    return _cut(f"{word}: {reason}" if reason else word)


def reason_of(check: Any) -> str:
    """Return what the author of a check says of it, where that is more than its name."""
    name, error = getattr(check, "name", None), getattr(check, "error", None)
    return _cut(str(error)) if error and not str(error).startswith(f"{name}(") else ""


def _cut(rule: str) -> str:
    """A rule is named in a message: a list of a hundred levels is not."""
    return rule if len(rule) <= 80 else f"{rule[:76]} ..."


def first_line(value: Any) -> str:
    """Return the first line of what was raised."""
    lines = str(value).strip().splitlines()
    return lines[0] if lines else type(value).__name__


def _merged(failures: Iterable[Failure]) -> list[Failure]:
    """One failure a column and rule; a check that could not run on a column of the wrong type is told with the type."""
    kept: dict[tuple[str | None, str], Failure] = {}
    found = list(failures)
    mistyped = {failure.column for failure in found if failure.kind == "dtype"}
    not_run: dict[str | None, list[str]] = {}
    for failure in found:
        if failure.kind == "raised" and failure.column in mistyped:
            not_run.setdefault(failure.column, []).append(failure.rule)
            continue
        key = (failure.column, failure.rule)
        # Two checks of one name (lambdas) are two findings; a type is told once.
        while key in kept and failure.kind != "dtype":
            key = (
                key[0],
                f"{key[1]}#2"
                if "#" not in key[1]
                else f"{key[1].rsplit('#', 1)[0]}#{int(key[1].rsplit('#', 1)[1]) + 1}",
            )
        if key not in kept:
            kept[key] = replace(failure, rule=key[1])
    for column, rules in not_run.items():
        failure = kept[column, "dtype"]
        kept[column, "dtype"] = replace(failure, text=f"{failure.text}; {', '.join(rules)} could not be asked of it")
    return list(kept.values())
