"""Rows as the JSON body of a request, and a response's JSON as what a side returned."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.parity.answers import SideError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.parity.services import Response

_QUOTED = 300


def to_objects(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON objects: what is missing is null, moments are ISO text.

    Raises
    ------
    InputError
        Where a value has no JSON form: an infinite number, bytes, any other object.
    """
    columns = {str(name): [_plain(str(name), value) for value in rows[name].tolist()] for name in rows.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(name: str, value: Any) -> Any:
    from datetime import date, time, timedelta
    from decimal import Decimal

    import numpy as np
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, float | Decimal):
        if math.isinf(value):
            raise _no_json(name, "an infinite number")
        return None if math.isnan(value) else float(value)
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, date | time):  # a Timestamp is a date
        return value.isoformat()
    if isinstance(value, timedelta):
        return pd.Timedelta(value).isoformat()
    if isinstance(value, list | tuple):
        return [_plain(name, item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(name, item) for key, item in value.items()}
    raise _no_json(name, f"a value of type {type(value).__qualname__}")


def _no_json(name: str, what: str) -> InputError:
    return InputError(
        f"parity: column {name!r} holds {what}, which JSON cannot carry to the service",
        fix="leave the column out with `send`, or set `request` to a function that makes the body",
    )


def to_body(value: Any) -> bytes:
    """Return what a request's body is made of as bytes; bytes and text are sent as they are."""
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else json.dumps(value, allow_nan=False).encode()


def read(response: Response, side: str) -> Any:
    """Return a response's JSON.

    Raises
    ------
    SideError
        Of kind ``refused`` (a status of 4xx), ``status`` (any other that is no success) or ``content``.
    """
    if not 200 <= response.status < 300:
        raise SideError(
            "refused" if 400 <= response.status < 500 else "status",
            f"{side} answered with status {response.status}",
            quoted=_start(response.body),
            fix=_STATUS.get(response.status, "look at the service's own log"),
        )
    try:
        return json.loads(response.body)
    except ValueError:
        raise SideError(
            "content",
            f"{side} answered with something else than JSON",
            quoted=_start(response.body),
            fix="return JSON; `path` names what is asked",
        ) from None


_STATUS = {
    404: "correct `path`",
    405: "correct `method`",
    422: "the service refuses these rows: `send` names the columns it is sent, `request` makes another body",
}


def _start(body: bytes) -> str:
    text = " ".join(body[: 4 * _QUOTED].decode("utf-8", "replace").split())
    return text if len(text) <= _QUOTED else text[: _QUOTED - 4] + " ..."
