"""Where a schema comes from: an object, an import path or a YAML file; always a pandera schema in the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.importing import import_object
from pytest_mlgate.gates.schema.polars_tables import is_polars_schema

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.tables.contract import TableSpec

_FORMS = "a pandera DataFrameSchema or DataFrameModel, its import path `package.module:Name`, or a .yaml file"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """A schema made ready for one frame.

    Attributes
    ----------
    schema : pandera.DataFrameSchema
        A copy of our own, whose options cannot hide a failure.
    wrong : Mapping of str to str
        Columns whose values are of another kind, to the kind that was asked for; their checks are left out.
    """

    schema: Any
    wrong: Mapping[str, str] = field(default_factory=dict)


def load_contract(reference: Any, import_roots: tuple[str, ...] = ()) -> TableSpec | Any:
    """Return the schema that ``reference`` means: a :class:`TableSpec`, or a pandera ``DataFrameSchema``.

    Parameters
    ----------
    reference : object or str
        A schema, or where it is found.
    import_roots : tuple of str
        Folders looked in first for an import path; a YAML file is relative to the first.

    Raises
    ------
    InputError
        What was named is not there, does not import, or is no schema.
    """
    if isinstance(reference, Path) or (isinstance(reference, str) and reference.lower().endswith((".yaml", ".yml"))):
        from pytest_mlgate.tables.contract import read_contract

        return read_contract(Path(import_roots[0], reference) if import_roots else Path(reference))
    if isinstance(reference, str):
        return _as_schema(import_object(reference, import_roots, key="schema", forms=_FORMS), f"`{reference}`")
    return _as_schema(reference, "`schema`")


def name_of(contract: TableSpec | Any, reference: Any) -> str:
    """Return what messages call a schema: its file, its import path, or just that."""
    from pytest_mlgate.tables.contract import TableSpec

    if isinstance(contract, TableSpec) and isinstance(reference, str | Path):
        return f"the schema {Path(contract.source).name}"
    return f"the schema `{reference}`" if isinstance(reference, str) else "the schema"


def _as_schema(value: Any, name: str) -> Any:
    import pandera.pandas as pa

    from pytest_mlgate.tables.contract import TableSpec

    if isinstance(value, TableSpec):
        return value
    polars = is_polars_schema(value)
    if isinstance(value, type) and (polars or issubclass(value, pa.DataFrameModel)):
        model = value
        try:
            value = value.to_schema()  # type: ignore[attr-defined, unused-ignore]
        except Exception as error:  # the user's own class: whatever it raises is the answer
            raise InputError(
                f"{name}: its `to_schema` raised {type(error).__name__}: {error}", fix="correct the model"
            ) from error
        value = _with_metadata(value, getattr(getattr(model, "Config", None), "metadata", None))
    if not (isinstance(value, pa.DataFrameSchema) or (polars and hasattr(value, "columns"))):
        kind = f"the class {value.__module__}.{value.__qualname__}" if isinstance(value, type) else _type_of(value)
        raise InputError(f"{name} is {kind}, not a schema for pandas or polars data frames", fix=f"give {_FORMS}")
    if not (value.columns or value.checks or getattr(value, "index", None) or value.unique or value.dtype):
        raise InputError(f"{name} states nothing: no column, index or check", fix="declare the columns")
    return value


def _with_metadata(schema: Any, metadata: Any) -> Any:
    """A model's schema with the metadata of its ``Config``, which pandera leaves out."""
    import copy

    if metadata is None or schema.metadata is not None:
        return schema
    schema = copy.copy(schema)
    schema.metadata = metadata
    return schema


def _type_of(value: Any) -> str:
    return f"of type {type(value).__module__}.{type(value).__qualname__}"


def bind(contract: TableSpec | Any, frame: pd.DataFrame) -> Bound:
    """Make a schema ready for one frame.

    Parameters
    ----------
    contract : TableSpec or pandera.DataFrameSchema
        What :func:`load_contract` returned.
    frame : pandas.DataFrame
        One without columns for a look at the schema itself.
    """
    from pytest_mlgate.tables.contract import TableSpec

    return _from_spec(contract, frame) if isinstance(contract, TableSpec) else _from_pandera(contract)


def stated(contract: TableSpec | Any) -> Any:
    """Return what a schema states, to be looked at and not to validate: a contract's without pandera."""
    from pytest_mlgate.tables.contract import TableSpec

    return _spec_stated(contract) if isinstance(contract, TableSpec) else _from_pandera(contract).schema


def _spec_stated(spec: TableSpec) -> Any:
    """What pandera's schema of a contract would have as attributes."""
    from types import SimpleNamespace

    rows = [SimpleNamespace(name="row_count", statistics={}, error=None)] if spec.rows is not None else []
    columns = {
        column.name: SimpleNamespace(
            checks=[_check_stated(word, given) for word, given in column.checks.items()],
            nullable=column.nullable,
            unique=column.unique,
            required=column.required,
            regex=False,
            metadata={"places": column.places} if column.places else None,
        )
        for column in spec.columns
    }
    places = {"places": {name: place.said() for name, place in spec.places.items()}} if spec.places else None
    unique = list(spec.unique) or None
    return SimpleNamespace(columns=columns, checks=rows, strict=spec.strict, unique=unique, metadata=places)


def _check_stated(word: str, given: Sequence[Any]) -> Any:
    from types import SimpleNamespace

    from pytest_mlgate.tables.places import IDS

    name, statistics = IDS.get(word, word), {}
    if word in ("isin", "notin"):
        statistics = {"allowed_values" if word == "isin" else "forbidden_values": list(given[0])}
    elif word == "in_range":
        statistics = {"min_value": given[0], "max_value": given[1]}
    elif word in ("ge", "gt"):
        statistics = {"min_value": given[0]}
    elif word in ("le", "lt"):
        statistics = {"max_value": given[0]}
    return SimpleNamespace(name=name, statistics=statistics, error=f"{name}({', '.join(map(str, given))})")


def loosen(
    bound: Bound, columns: Collection[Any], *, required: Collection[str], optional: Collection[str]
) -> list[str]:
    """Make columns of a bound schema required or not, and return those that may be absent and are.

    A rule that several columns are unique together waits until all of them are there: fewer need not be.

    Parameters
    ----------
    bound : Bound
        Changed in place.
    columns : collection of str
        Of the table.
    required, optional : collection of str
    """
    schema = bound.schema
    absent = [name for name in sorted(optional) if name not in columns]
    for name in required:
        if name in schema.columns:
            schema.columns[name].required = True
    for name in absent:
        if name in schema.columns:
            schema.columns[name].required = False
    groups = unique_groups(schema)
    if any(name in group for name in absent for group in groups):
        schema.unique = [group for group in groups if not set(absent) & set(group)]
    return absent


def unique_groups(schema: Any) -> list[list[Any]]:
    """Return the groups of columns that no two rows may agree in."""
    unique = schema.unique or []
    if not unique:
        return []
    if not isinstance(unique, list | tuple):
        return [[unique]]
    return [list(group) for group in unique] if isinstance(unique[0], list | tuple) else [list(unique)]


def _from_pandera(schema: Any) -> Bound:
    """Copy a user's schema without the options that turn a failing row into no failure."""
    import copy

    schema = copy.deepcopy(schema)
    whole = getattr(schema, "index", None)  # polars frames have none
    index = getattr(whole, "indexes", None) or ([whole] if whole is not None else [])
    for part in (schema, whole, *index, *schema.columns.values()):
        if part is None:
            continue
        part.drop_invalid_rows = False
        for check in part.checks or ():
            check.n_failure_cases = None  # it would cap the counts
            if getattr(check, "raise_warning", False):
                check.raise_warning = False
                check.warns_only = True  # on the check itself: pandera copies checks, and an attribute goes along
    return Bound(schema=schema)


def _from_spec(spec: TableSpec, frame: pd.DataFrame) -> Bound:
    import pandera.pandas as pa

    from pytest_mlgate.tables.contract import KINDS
    from pytest_mlgate.tables.kinds import is_of_kind
    from pytest_mlgate.tables.rules import pandera_check

    present = {str(name): name for name in frame.columns}
    columns, wrong = {}, {}
    for column in spec.columns:
        name = present.get(column.name, column.name)
        kind = column.dtype if column.dtype in KINDS else "any"
        fits = column.name not in present or is_of_kind(frame[name], kind)
        if not fits:
            wrong[name] = kind
        columns[name] = pa.Column(
            None if column.dtype in KINDS else column.dtype,
            checks=[pandera_check(check, given) for check, given in column.checks.items()] if fits else [],
            nullable=column.nullable,
            unique=column.unique,
            required=column.required,
            description=column.description or None,
            metadata={"places": column.places} if column.places else None,
        )
    unique = [present.get(name, name) for name in spec.unique] or None
    rows = [pandera_check("row_count", spec.rows)] if spec.rows is not None else []
    places = {"places": {name: place.said() for name, place in spec.places.items()}} if spec.places else None
    schema = pa.DataFrameSchema(columns, rows, strict=spec.strict, unique=unique, metadata=places)
    return Bound(schema=schema, wrong=wrong)
