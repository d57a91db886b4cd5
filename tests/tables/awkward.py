"""Tables of one column that engines could answer differently: what each is called, and its values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

_RNG = np.random.default_rng(7)
_NAN, _INF = float("nan"), float("inf")
_DAY = dt.datetime(2024, 3, 10, 1, 59, 59, 999_999)


def _moments(*values: Any, unit: str = "us", zone: str | None = None) -> pa.Array:
    return pa.array(values, pa.int64()).cast(pa.timestamp(unit, zone))


TABLES: dict[str, pa.Array] = {
    "floats": pa.array(_RNG.normal(size=40)),
    "ties": pa.array(np.repeat([0.0, 1.0, 2.5], [100, 50, 7])),
    "NaN and null": pa.array([1.0, _NAN, None, 3.0, _NAN, None, None]),
    "only NaN": pa.array([_NAN, _NAN]),
    "only null": pa.nulls(4, pa.float64()),
    "null type": pa.nulls(4),
    "infinities": pa.array([_INF, -_INF, _INF, 1.0, None, _NAN]),
    "only infinities": pa.array([_INF, -_INF]),
    "minus zero": pa.array([-0.0, 0.0, -0.0, 5e-324, -5e-324]),
    "subnormal and huge": pa.array([5e-324, 1.7976931348623157e308, -1.7e308, 2.2e-308]),
    "heavy tail": pa.array(_RNG.pareto(0.4, 40)),
    "float32": pa.array(np.array([0.1, 0.2, 16777217.0, np.nan], dtype=np.float32)),
    "int8": pa.array([-128, 127, None, 0], pa.int8()),
    "int64 beyond 2^53": pa.array([2**53, 2**53 + 1, 2**53 + 3, -(2**53) - 1, 2**63 - 1, -(2**63)], pa.int64()),
    "uint64": pa.array([0, 2**63, 2**64 - 1, 2**53 + 1], pa.uint64()),
    "decimals": pa.array([Decimal("0.10"), Decimal("0.07"), None, Decimal("-1.15"), Decimal("99.99")]),
    "long decimals": pa.array(
        [Decimal("12345678901234567890.123456789"), Decimal("0.000000001"), None, Decimal("9007199254740993")],
        pa.decimal128(38, 9),
    ),
    "booleans": pa.array([True, False, None, True, True]),
    "text": pa.array(["b", "a", None, "a", "", " a", "A", "null", "NaN", "None"]),
    "unicode": pa.array(["é", "e\u0301", "ß", "日本", "\U0001f600", "'; --", '"', "%", "\\"]),
    "dictionary": pa.array(["x", "y", None, "x"]).dictionary_encode(),
    "unused level": pa.DictionaryArray.from_arrays(pa.array([0, 0, None], pa.int8()), ["used", "never"]),
    "moments": _moments(0, -1, None, 1_700_000_000_000_001, -8_520_336_000_000_001),
    "moments in ns": _moments(-1, -1000, -1001, 1_700_000_000_000_000_999, None, unit="ns"),
    "moments in ms": _moments(-1, 1_700_000_000_001, unit="ms"),
    "moments in seconds": _moments(-1, 1_700_000_000, unit="s"),
    "zoned": pa.array([_DAY, None, _DAY + dt.timedelta(hours=1)], pa.timestamp("us", "America/New_York")),
    "end of time": _moments(253_402_300_799_999_999, 253_402_300_799_999_968),
    "dates": pa.array([dt.date(1969, 12, 31), dt.date(1970, 1, 1), None, dt.date(2222, 2, 22), dt.date(1700, 2, 28)]),
    "durations": pa.array([dt.timedelta(microseconds=1), None, -dt.timedelta(days=3, seconds=0.1)], pa.duration("us")),
    "no rows": pa.array([], pa.float64()),
    "no rows of text": pa.array([], pa.string()),
}
"""By name, the column ``value`` of a table."""
