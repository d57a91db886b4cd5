"""A found row as a test of the user's own, which builds it again exactly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.parity.search import Found

# Of the arguments in one line of a test.
_WIDTH = 70


def as_regression_test(
    found: Found, *, train: str | None, serve: str | None, name: str = "", settings: dict[str, Any] | None = None
) -> str:
    """Return a pytest module that asks the same rows again.

    Parameters
    ----------
    found : Found
        What the search found. Its values stand in the text, those of sensitive columns too: do not write it down for a
        table that has any.
    train, serve : str or None
        Import paths, or for ``serve`` what else :func:`pytest_mlgate.check_parity` takes as text. None: what has no
        name; the text then has a line in which to import it, and fails until it is filled in.
    name : str
        What the test is named after; default the columns that matter.
    settings : dict, optional
        Further keyword arguments of ``check_parity``: builtins, or ``...`` for what has no name.

    Returns
    -------
    str
        Python source. The frame it builds has the values, dtypes, time zones and missing values of ``found.rows``.
    """
    words = "_".join(re.findall(r"[a-z0-9]+", (name or " ".join(found.telling[:3])).lower())) or "the_typical_row"
    named = {"train": train or ..., "serve": serve or ..., **(settings or {})}
    nameless = [key for key, value in named.items() if value is ...]
    texts = {key: key if key in nameless else repr(value) for key, value in named.items()}
    arguments = [texts.pop("train"), texts.pop("serve"), "rows", *(f"{key}={text}" for key, text in texts.items())]
    to_fill_in = "".join(f"{key} = ...  # has no import path: import or build it here\n" for key in nameless)
    return (
        f'"""The smallest row on which service and training differed: a {found.source}, seed {found.seed}."""\n\n'
        "import pandas as pd\n\n"
        "from pytest_mlgate import check_parity\n\n"
        f"{to_fill_in}{chr(10) * (2 if nameless else 1)}"
        f"def test_service_and_training_agree_on_{words}():\n"
        f"    rows = {frame_literal(found.rows, indent=4)}\n"
        f"    check_parity({_listed(arguments)}).raise_for_outcome()\n"
    )


def _listed(arguments: list[str]) -> str:
    """Return arguments in one line, or a line each where that would be too long."""
    line = ", ".join(arguments)
    return line if len(line) <= _WIDTH else "\n" + "".join(f"        {one},\n" for one in arguments) + "    "


def frame_literal(frame: pd.DataFrame, *, indent: int = 0) -> str:
    """Return an expression over ``pd`` that builds a frame again: one line a column.

    Parameters
    ----------
    frame : DataFrame
        With the index 0, 1, ...; cells are numbers, text, booleans, times, time spans, missing values, or anything
        whose representation is Python.
    indent : int
        Of the closing bracket, in blanks.
    """
    edge = " " * indent
    lines = [f"{edge}        {name!r}: {_series(frame[name])},\n" for name in frame.columns]
    return f"pd.DataFrame(\n{edge}    {{\n{''.join(lines)}{edge}    }}\n{edge})"


def _series(column: pd.Series[Any]) -> str:
    import pandas as pd

    values = ", ".join(map(_value, column.astype(object)))
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels = column.dtype.categories
        levels_text = f"pd.Index([{', '.join(map(_value, levels.astype(object)))}], dtype={str(levels.dtype)!r})"
        kind = f"pd.CategoricalDtype({levels_text}, ordered={bool(column.dtype.ordered)})"
    else:
        kind = repr(str(column.dtype))
    return f"pd.Series([{values}], dtype={kind})"


def _value(value: Any) -> str:
    import math

    import numpy as np
    import pandas as pd

    if value is pd.NaT:
        return "pd.NaT"
    if value is pd.NA:
        return "pd.NA"
    if isinstance(value, pd.Timestamp):
        # In a zone, the offset makes an hour that comes twice exact; the zone itself stands in the dtype.
        zone = f".tz_convert({str(value.tz)!r})" if value.tz is not None else ""
        return f"pd.Timestamp({value.isoformat()!r}){zone}"
    if isinstance(value, pd.Timedelta):
        return f"pd.Timedelta({value.isoformat()!r})"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
