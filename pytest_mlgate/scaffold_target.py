"""Which column holds the labels: found by what the model answers, or asked for with what there is to choose from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pandas as pd

_INDEX = re.compile(r"Unnamed: \d+")
_FEW_ROWS = 20  # so few whole numbers may differ by chance
_FEW_LABELS = 20
_REPEATS_EXPECTED = 10
_NO_CLASSES = "other values than the model's classes"
_SPARSE = "no value comes twice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What the model says of itself: its classes and features (None: it does not say), scores, and whether it is one.

    A plain ``function`` names neither classes nor features, and may answer numbers or labels. ``form`` is the format of
    its file by content; empty where there is no file.
    """

    classes: tuple[Any, ...] | None
    features: tuple[str, ...] | None
    scores: bool
    function: bool
    form: str = ""


def find_target(tables: Mapping[str, pd.DataFrame], told: Told, *, id_column: str | None) -> tuple[str, str]:
    """Return the one column that can be the target, and why it is that one.

    Parameters
    ----------
    tables : Mapping of str to DataFrame
        The labelled tables by role; ``holdout`` is one of them.
    told : Told
    id_column : str or None
        A column that is known to be none.

    Raises
    ------
    InputError
        No column can be, or several; the message names them, and why others cannot.
    """
    common = [
        str(name) for name in tables["holdout"].columns if all(name in frame.columns for frame in tables.values())
    ]
    left = [name for name in common if name not in (told.features or ()) and name != id_column]
    if not left:
        raise InputError("no column is left for the target: the model asks for every one", fix="add the labels' column")
    reasons = {name: _why_not(name, tables, told) for name in left}
    plausible = [name for name in left if not reasons[name]]
    if not plausible:  # prices may all differ: as the only numbers they are taken
        plausible = [name for name in left if reasons[name] == _SPARSE]
    if len(plausible) == 1:
        return plausible[0], _because(told, alone=len(left) == 1)
    if not plausible and told.classes is not None:
        labels = [name for name in left if reasons[name] == _NO_CLASSES and _few(name, tables)]
        if len(labels) == 1:
            check_labels(labels[0], tables, told, overlap=False)
    raise _not_found(plausible, {name: why for name, why in reasons.items() if name not in plausible}, told)


def check_labels(target: str, tables: Mapping[str, pd.DataFrame], told: Told, *, overlap: bool = True) -> None:
    """Refuse labels of which the model knows none (with ``overlap``), or any that it knows not all of."""
    if told.classes is None:
        return
    found = _distinct(target, tables)
    if overlap and any(value in told.classes for value in found):
        return
    raise InputError(
        f"the labels in column {target!r} are {_some(found)}; the model answers {_some(told.classes)}",
        fix="write the model's labels into that column (1 is not '1'), or give a function that asks the model and"
        " answers the column's labels: package.module:function",
    )


def index_columns(frame: pd.DataFrame) -> list[str]:
    """Columns that ``to_csv`` wrote from the index, as pandas names them."""
    return [str(name) for name in frame.columns if _INDEX.fullmatch(str(name))]


def _why_not(name: str, tables: Mapping[str, pd.DataFrame], told: Told) -> str:
    """Why a column cannot be the target, in a few words; empty where it can."""
    from pytest_mlgate.tables.dates import holds_dates
    from pytest_mlgate.tables.inference import named_like_an_id
    from pytest_mlgate.tables.kinds import kind_of

    column = tables["holdout"][name]
    if _INDEX.fullmatch(name):
        return "an index that to_csv wrote; index=False leaves it out"
    values = _distinct(name, tables)
    if not values:
        return "no values"
    if told.classes is not None:
        texts = {str(label) for label in told.classes}
        known = all(value in told.classes or (isinstance(value, str) and value in texts) for value in values)
        if known or _as_text(values, told.classes):
            return ""
    kind = kind_of(column)
    if kind == "datetime" or holds_dates(column):
        return "dates"
    if named_like_an_id(name):
        return "named like an id"
    if kind == "integer" and len(column) >= _FEW_ROWS and not column.duplicated().any():
        pairs = len(column) * (len(column) - 1) / 2
        dense = pairs / (int(column.max()) - int(column.min()) + 1) >= _REPEATS_EXPECTED
        return "numbers the rows" if dense else _NO_CLASSES if told.classes is not None else _SPARSE
    if told.classes is not None:
        return _NO_CLASSES
    return "" if told.function or kind in ("integer", "number", "boolean") else "not numeric"


def _as_text(values: list[Any], classes: tuple[Any, ...]) -> bool:
    """Whether a model of text labels meets numbers that are spelt so."""
    return all(isinstance(label, str) for label in classes) and all(str(value) in classes for value in values)


def _distinct(name: str, tables: Mapping[str, pd.DataFrame]) -> list[Any]:
    from pytest_mlgate.checks import plain

    found: dict[Any, None] = {}
    for frame in tables.values():
        if name in frame.columns:
            try:
                found.update(dict.fromkeys(plain(list(frame[name].dropna().unique()))))
            except TypeError:  # lists and such
                return []
    try:
        return sorted(found)
    except TypeError:
        return sorted(found, key=lambda value: (type(value).__name__, str(value)))


def _few(name: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    return len(_distinct(name, tables)) <= _FEW_LABELS


def _because(told: Told, *, alone: bool) -> str:
    if alone:
        return "the one column that the model does not ask for"
    if told.classes is not None:
        return f"the one column left that holds the model's classes ({_some(told.classes)})"
    return "the one column left that is no id and no date" + ("" if told.function else ", and is numeric")


def _not_found(plausible: list[str], others: Mapping[str, str], told: Told) -> InputError:
    why = "the model does not name its features" if told.features is None else "the model asks for none of them"
    out = "; ".join(f"{name}: {reason}" for name, reason in list(others.items())[:6])
    out += f"; and {len(others) - 6} more" if len(others) > 6 else ""
    classes = "" if told.classes is None else f" ({_some(told.classes)})"
    if plausible:
        message = f"the target could be {listed(plausible)} ({why})" + (f"; left out: {out}" if out else "")
        return InputError(message, fix="say which with --target")
    return InputError(
        f"no column looks like the target of this model{classes}: {out}",
        fix="say which it is with --target, or add the labels' column",
    )


def listed(names: Iterable[str]) -> str:
    """Return up to twelve names, and how many there are."""
    found = list(names)
    return ", ".join(found[:12]) + (f", ... ({len(found)} in all)" if len(found) > 12 else "")


def _some(values: Iterable[Any]) -> str:
    shown = [repr(value) for value in values]
    return ", ".join(shown[:5]) + (", ..." if len(shown) > 5 else "")
