"""What a contract may ask that pandera has no word for: kinds of value, and rules over the values of a column.

A contract written as Python imports these by name, so that it reads as pandera and means the same as the YAML form.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


@cache
def _kind_type() -> Any:
    # Made on first use: a class over one of pandera's costs its import.
    from pandera.engines import pandas_engine

    from pytest_mlgate.tables.kinds import is_of_kind

    class Kind(pandas_engine.DataType):
        word: str

        def __init__(self, word: str) -> None:
            object.__setattr__(self, "word", word)

        def check(self, pandera_dtype: Any, data_container: Any = None) -> bool:
            return data_container is None or is_of_kind(data_container, self.word)

        def __str__(self) -> str:
            return str(self.word)

        def __repr__(self) -> str:
            return f"kind({self.word!r})"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Kind) and other.word == self.word

        def __hash__(self) -> int:
            return hash(self.word)

    return Kind


def kind(word: str) -> Any:
    """Return a pandera dtype that accepts a kind of value, whatever dtype of pandas carries it.

    Parameters
    ----------
    word : str
        ``number``, ``integer``, ``string``, ``boolean`` or ``datetime``, as in a contract's YAML form.

    Raises
    ------
    ValueError
        Another word.

    Examples
    --------
    >>> import pandas as pd
    >>> import pandera.pandas as pa
    >>> schema = pa.DataFrameSchema({"hour": pa.Column(kind("integer"), pa.Check.in_range(0, 23), nullable=True)})
    >>> len(schema.validate(pd.DataFrame({"hour": [0.0, 23.0, None]})))
    3
    """
    from pytest_mlgate.tables.contract import KINDS

    if word not in KINDS or word == "any":
        raise ValueError(
            f"{word!r} is no kind of value; kinds are {', '.join(name for name in KINDS if name != 'any')}"
        )
    return _kind_type()(word)


def kind_word(dtype: Any) -> str | None:
    """Return the word that :func:`kind` was given; None for any other dtype."""
    return str(dtype) if isinstance(dtype, _kind_type()) else None


def not_constant(values: pd.Series, *, rows: int) -> bool:
    """Return whether ``rows`` values or more are not all the same; fewer may be."""
    return len(values) < rows or values.nunique() > 1


def not_decreasing(values: pd.Series) -> pd.Series:
    """Return for each value whether it is not below the one before it."""
    before = values.shift()
    return before.isna() | (values >= before)


def row_count(frame: pd.DataFrame, *, lowest: int | None, highest: int | None) -> bool:
    """Return whether a table has at least ``lowest`` and at most ``highest`` rows; None is no limit."""
    return (lowest is None or len(frame) >= lowest) and (highest is None or len(frame) <= highest)


OWN = {"not_constant": not_constant, "not_decreasing": not_decreasing, "row_count": row_count}


def own_rule(check: Any) -> str:
    """Return which of our rules a check of pandera asks; "" where it is none.

    Pandera tells the function only in private. A name can be the user's own, and pandera's ``==`` compares byte code
    without its constants: a rule with another number in it would be taken for ours.
    """
    asked = getattr(check, "_check_fn", None)
    return next((name for name, rule in OWN.items() if asked is rule), "")


def pandera_check(name: str, arguments: Sequence[Any]) -> Any:
    """Return a contract's check as pandera's.

    Parameters
    ----------
    name : str
        As the YAML form spells it.
    arguments : sequence
    """
    import pandera.pandas as pa

    if name == "not_constant":
        return pa.Check(not_constant, rows=arguments[0])
    if name == "not_decreasing":
        return pa.Check(not_decreasing)
    if name == "row_count":
        return pa.Check(row_count, lowest=arguments[0], highest=arguments[1])
    return getattr(pa.Check, name)(*arguments)
