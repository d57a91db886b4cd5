"""Pairs of a training's and a service's features: each known way to let them drift apart, and pairs that only look so.

All are asked about the same table of orders. A pair's ``make`` returns fresh sides, so that a service which keeps state
starts without any.
"""

from __future__ import annotations

import calendar
import math
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pytest_mlgate.tables.contract import parse_contract

Side = Callable[[pd.DataFrame], Any]
Row = Any  # one row of a frame: a namedtuple of itertuples

CITIES = ("Oslo", "Berlin", "Zürich", "lyon", "São Paulo")
PLANS = ("basic", "plus", "pro")

CONTRACT = parse_contract(
    """
    columns:
      placed: datetime
      due: datetime
      city: {dtype: string, nullable: true}
      plan: string
      active: {dtype: string, checks: {isin: ["True", "False"]}}
      recent: {dtype: string, checks: {str_matches: "^[01]{0,10}$"}}
      amount: {dtype: number, nullable: true, checks: {in_range: [0, 1000000]}}
      temperature: {dtype: number, checks: {in_range: [-60, 60]}}
      items: {dtype: integer, checks: {in_range: [0, 100000]}}
      balance: {dtype: integer, checks: {in_range: [-100000, 100000]}}
      account: {dtype: integer, checks: {in_range: [0, 9223372036854775807]}}
      member: boolean
    """
)


def orders(seed: int = 0, n: int = 120) -> pd.DataFrame:
    """Raw rows as they are asked: a few years, some amounts and cities missing, accounts that no float holds."""
    rng = np.random.default_rng(seed)
    day = pd.to_timedelta(rng.integers(0, 3 * 365, n), unit="D")
    second = pd.to_timedelta(rng.integers(0, 86400, n), unit="s")
    return pd.DataFrame(
        {
            "placed": (pd.Timestamp("2022-06-01", tz="UTC") + day + second).astype("datetime64[us, UTC]"),
            "due": (pd.Timestamp("2022-06-10") + day).astype("datetime64[us]"),
            "city": pd.Series(rng.choice(CITIES, n)).where(rng.random(n) > 0.05),
            "plan": rng.choice(PLANS, n, p=[0.7, 0.25, 0.05]),
            "active": rng.choice(["True", "False"], n),
            "recent": ["".join(rng.choice(["0", "1"], rng.integers(0, 10))) for _ in range(n)],
            "amount": np.where(rng.random(n) < 0.1, np.nan, rng.gamma(2.0, 60.0, n).round(2)),
            "temperature": rng.normal(10, 8, n).round(1),
            "items": rng.integers(1, 30, n),
            "balance": rng.integers(-500, 500, n),
            "account": rng.integers(2**60, 2**61, n),
            "member": rng.random(n) < 0.4,
        }
    )


@dataclass(frozen=True, kw_only=True)
class Skewed:
    """A pair that differs.

    Attributes
    ----------
    make : callable
        Returns train and serve.
    telling : tuple of str
        Columns one of which must have kept a value that is not typical; empty where any row shows it.
    shows : callable
        Whether the smallest rows show the cause: it gets the frame.
    rows : int
        How many rows the defect needs at most.
    """

    name: str
    make: Callable[[], tuple[Side, Side]]
    telling: tuple[str, ...] = ()
    shows: Callable[[pd.DataFrame], bool] = lambda rows: True
    rows: int = 1


@dataclass(frozen=True, kw_only=True)
class Equivalent:
    """A pair that never differs, however different it looks."""

    name: str
    make: Callable[[], tuple[Side, Side]]


def column(of: Callable[[pd.DataFrame], Any]) -> Side:
    """A side that returns one feature."""
    return lambda rows: pd.DataFrame({"x": np.asarray(of(rows))})


def pair(train: Callable[[pd.DataFrame], Any], serve: Callable[[pd.DataFrame], Any]) -> Any:
    return lambda: (column(train), column(serve))


def each(name: str, compute: Callable[[Any], Any]) -> Callable[[pd.DataFrame], Any]:
    """One feature of one column, a value at a time."""
    return lambda rows: [compute(value) for value in rows[name]]


def only(name: str, holds: Callable[[Any], bool]) -> Callable[[pd.DataFrame], bool]:
    """Whether some value of the smallest rows is such."""
    return lambda rows: any(holds(value) for value in rows[name])


def text(rows: pd.DataFrame) -> pd.Series:
    return rows["city"].fillna("")


# time


def elapsed_since_midnight(rows: pd.DataFrame) -> Any:
    local = rows["placed"].dt.tz_convert("Europe/Berlin")
    return ((local - local.dt.normalize()).dt.total_seconds() // 3600).astype(float)


def clock_hour(rows: pd.DataFrame) -> Any:
    return rows["placed"].dt.tz_convert("Europe/Berlin").dt.hour.astype(float)


def changes_clocks(moment: pd.Timestamp) -> bool:
    local = moment.tz_convert("Europe/Berlin")
    return local.normalize().utcoffset() != local.utcoffset()


_BEFORE = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])


def day_of_a_common_year(rows: pd.DataFrame) -> Any:
    return _BEFORE[rows["due"].dt.month - 1] + rows["due"].dt.day


def cut_to_28(moment: pd.Timestamp) -> pd.Timestamp:
    year, month = (moment.year, moment.month + 1) if moment.month < 12 else (moment.year + 1, 1)
    return moment.replace(year=year, month=month, day=min(moment.day, 28))


def month_later(moment: pd.Timestamp) -> pd.Timestamp:
    return moment + pd.DateOffset(months=1)


# text and categories

_CODES = {plan: code for code, plan in enumerate(PLANS)}
_REGION = {city: number for number, city in enumerate(CITIES)}


def one_hot(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({plan: (rows["plan"] == plan).astype(int) for plan in PLANS})


def frozen_codes(rows: pd.DataFrame) -> Any:
    return rows["plan"].map(_CODES).fillna(-1).astype(int)


# state, batches and labels


def counting() -> tuple[Side, Side]:
    seen: dict[str, int] = {}

    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        values = []
        for plan in rows["plan"]:
            values.append(seen.get(plan, 0))
            seen[plan] = values[-1] + 1
        return pd.DataFrame({"x": values})

    return column(lambda rows: rows.groupby("plan").cumcount() * 0), serve


def cached() -> tuple[Side, Side]:
    """A cache whose key forgets the plan."""
    kept: dict[Any, int] = {}

    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        keys = zip(rows["items"], frozen_codes(rows), strict=True)
        return pd.DataFrame({"x": [kept.setdefault(items, items * 10 + code) for items, code in keys]})

    return column(lambda rows: rows["items"] * 10 + frozen_codes(rows)), serve


def target_encoding() -> tuple[Side, Side]:
    """Training knows the row's own label, and mixes it into the mean of its city."""
    history = orders()
    late = dict(zip(history["account"], (history["account"] % 2).astype(float), strict=True))
    means = history.assign(late=history["account"] % 2).groupby("city")["late"].mean().to_dict()

    def train(rows: pd.DataFrame) -> Any:
        mean = rows["city"].map(means).astype(float).fillna(0.5)
        own = rows["account"].map(late).astype(float)
        return (9 * mean + own.fillna(mean)) / 10

    return column(train), column(lambda rows: rows["city"].map(means).astype(float).fillna(0.5))


def swapped() -> tuple[Side, Side]:
    names = ["items", "balance"]
    return (lambda rows: rows[names].to_numpy(float)), (lambda rows: rows[names[::-1]].to_numpy(float))


def without_duplicates() -> tuple[Side, Side]:
    return column(lambda rows: rows["items"]), lambda rows: rows[["items"]].drop_duplicates()


def sorted_inside() -> tuple[Side, Side]:
    return column(lambda rows: rows["items"]), column(lambda rows: rows.sort_values("items")["items"])


def own_levels() -> tuple[Side, Side]:
    return one_hot, lambda rows: pd.get_dummies(rows["plan"]).astype(int)


_CRC = zlib.crc32


def skewed_pairs() -> Iterator[Skewed]:
    """Every way to differ."""
    hour = pair(lambda rows: rows["placed"].dt.hour, lambda rows: rows["placed"].dt.tz_convert("Asia/Tokyo").dt.hour)
    yield Skewed(name="time zone", make=hour)
    yield Skewed(
        name="daylight saving",
        make=pair(clock_hour, elapsed_since_midnight),
        telling=("placed",),
        shows=only("placed", changes_clocks),
    )
    yield Skewed(
        name="leap year",
        make=pair(lambda rows: rows["due"].dt.day_of_year, day_of_a_common_year),
        telling=("due",),
        shows=only("due", lambda due: calendar.isleap(due.year) and due.month > 2),
    )
    yield Skewed(
        name="month-end arithmetic",
        make=pair(each("due", month_later), each("due", cut_to_28)),
        telling=("due",),
        shows=only("due", lambda due: due.day > 28),
    )
    yield Skewed(
        name="weekday numbering", make=pair(each("due", lambda d: d.weekday()), each("due", lambda d: d.isoweekday()))
    )
    yield Skewed(
        name="end of the month exclusive",
        make=pair(lambda rows: rows["due"].dt.is_month_end, lambda rows: rows["due"].dt.day == 30),
        telling=("due",),
    )
    yield Skewed(
        name="time before noon",
        make=pair(lambda rows: rows["placed"].dt.hour, lambda rows: rows["placed"].dt.strftime("%I").astype(int)),
        shows=only("placed", lambda placed: placed.hour > 12 or placed.hour == 0),
    )
    yield Skewed(
        name="category codes of the batch",
        make=pair(frozen_codes, lambda rows: rows["plan"].astype("category").cat.codes),
        telling=("plan",),
        shows=only("plan", lambda plan: plan != "basic"),
    )
    yield Skewed(name="one-hot of the batch's own levels", make=own_levels)
    yield Skewed(
        name="unseen category",
        make=pair(frozen_codes, lambda rows: rows["plan"].map(_CODES).fillna(0).astype(int)),
        telling=("plan",),
        shows=only("plan", lambda plan: plan not in PLANS),
    )
    yield Skewed(
        name="unseen category is an error",
        make=pair(frozen_codes, each("plan", lambda plan: _CODES[plan])),
        telling=("plan",),
        shows=only("plan", lambda plan: plan not in PLANS),
    )
    yield Skewed(
        name="blanks stripped",
        make=pair(lambda rows: text(rows).str.strip().map(_REGION), lambda rows: text(rows).map(_REGION)),
        telling=("city",),
        shows=only("city", lambda city: city != city.strip()),
    )
    lower = {city.lower(): number for city, number in _REGION.items()}
    yield Skewed(
        name="casing",
        make=pair(lambda rows: text(rows).str.lower().map(lower), lambda rows: text(rows).map(_REGION)),
        telling=("city",),
        shows=only("city", lambda city: city not in CITIES and city.lower() in lower),
    )
    yield Skewed(
        name="unicode form",
        make=pair(
            lambda rows: text(rows).map(lambda city: len(unicodedata.normalize("NFC", city))),
            lambda rows: text(rows).str.len(),
        ),
        telling=("city",),
        shows=only("city", lambda city: unicodedata.normalize("NFC", city) != city),
    )
    yield Skewed(
        name="empty text is missing",
        make=pair(
            lambda rows: rows["city"].fillna("none"),
            each("city", lambda city: "none" if pd.isna(city) else city or "none"),
        ),
        telling=("city",),
        shows=only("city", lambda city: city == ""),
    )
    yield Skewed(
        name="bytes and characters",
        make=pair(lambda rows: text(rows).str.len(), lambda rows: text(rows).map(lambda city: len(city.encode()))),
        shows=only("city", lambda city: not city.isascii()),
    )
    yield Skewed(
        name="text that is always true",
        make=pair(lambda rows: rows["active"] == "True", each("active", bool)),
        shows=only("active", lambda active: active == "False"),
    )
    yield Skewed(
        name="hash of the process",
        make=pair(
            lambda rows: text(rows).map(lambda city: _CRC(city.encode()) % 1009),
            lambda rows: text(rows).map(lambda city: hash(city) % 1009),
        ),
    )
    yield Skewed(
        name="window off by one",
        make=pair(
            each("recent", lambda recent: recent[-3:].count("1")), each("recent", lambda recent: recent[-4:].count("1"))
        ),
        shows=only("recent", lambda recent: len(recent) > 3 and recent[-4] == "1"),
    )
    yield Skewed(
        name="newest first",
        make=pair(each("recent", lambda recent: recent[-1:]), each("recent", lambda recent: recent[:1])),
        shows=only("recent", lambda recent: recent[:1] != recent[-1:]),
    )
    yield Skewed(
        name="default of a missing value",
        make=pair(lambda rows: rows["amount"].fillna(120.0), lambda rows: rows["amount"].fillna(0.0)),
        telling=("amount",),
        shows=only("amount", pd.isna),
    )
    yield Skewed(
        name="median of the batch",
        make=pair(
            lambda rows: rows["amount"].fillna(100.0), lambda rows: rows["amount"].fillna(rows["amount"].median())
        ),
        telling=("amount",),
        shows=only("amount", pd.isna),
    )
    yield Skewed(
        name="filled from the row before",
        make=pair(lambda rows: rows["amount"].fillna(0.0), lambda rows: rows["amount"].ffill().fillna(0.0)),
        telling=("amount",),
        shows=only("amount", pd.isna),
        rows=2,
    )
    yield Skewed(
        name="negated comparison",
        make=pair(lambda rows: ~(rows["amount"] > 100), lambda rows: rows["amount"] <= 100),
        telling=("amount",),
        shows=only("amount", pd.isna),
    )
    mean, deviation = 120.0, np.std([1.0, 2.0, 3.0], ddof=0)
    yield Skewed(
        name="n against n - 1",
        make=pair(
            lambda rows: (rows["amount"] - mean) / deviation,
            lambda rows: (rows["amount"] - mean) / np.std([1.0, 2.0, 3.0], ddof=1),
        ),
    )
    yield Skewed(
        name="least and greatest of the batch",
        make=pair(lambda rows: rows["items"] / 100, lambda rows: rows["items"] / max(rows["items"].max(), 1)),
    )
    yield Skewed(
        name="rank in the batch",
        make=pair(lambda rows: np.ones(len(rows)), lambda rows: rows["items"].rank(method="dense")),
        rows=2,
        shows=lambda rows: rows["items"].nunique() == 2,
    )
    yield Skewed(
        name="first row of the batch for all",
        make=pair(lambda rows: rows["items"], lambda rows: [rows["items"].iloc[0]] * len(rows)),
        rows=2,
        shows=lambda rows: rows["items"].nunique() == 2,
    )
    yield Skewed(name="state between calls", make=counting)
    yield Skewed(
        name="a cache whose key is too short", make=cached, rows=2, shows=lambda rows: rows["plan"].nunique() == 2
    )
    yield Skewed(name="target encoding with the own label", make=target_encoding)
    yield Skewed(name="column order", make=swapped)
    yield Skewed(name="duplicates dropped", make=without_duplicates, rows=2)
    yield Skewed(
        name="sorted inside the service", make=sorted_inside, rows=2, shows=lambda rows: rows["items"].nunique() == 2
    )
    epoch = lambda rows: (rows["placed"] - pd.Timestamp("1970-01-01", tz="UTC")).dt.total_seconds()  # noqa: E731
    yield Skewed(
        name="float32 epochs",
        make=pair(lambda rows: epoch(rows) % 60, lambda rows: epoch(rows).astype("float32") % 60),
    )
    yield Skewed(
        name="32-bit integers",
        make=pair(
            lambda rows: rows["items"] * 100_000,
            lambda rows: rows["items"].astype("int32").to_numpy() * np.int32(100_000),
        ),
        telling=("items",),
        shows=only("items", lambda items: items > 21_474),
    )
    yield Skewed(
        name="identifiers as floats",
        make=pair(lambda rows: rows["account"] % 1000, lambda rows: rows["account"].astype(float) % 1000),
        shows=only("account", lambda account: account > 2**53),
    )
    yield Skewed(
        name="half to even, half up",
        make=pair(lambda rows: rows["amount"].round(), lambda rows: np.floor(rows["amount"] + 0.5)),
        telling=("amount",),
        shows=only("amount", lambda amount: amount % 1 == 0.5),
    )
    yield Skewed(
        name="truncated cents",
        make=pair(lambda rows: (rows["amount"] * 100).round(), lambda rows: np.trunc(rows["amount"] * 100)),
        telling=("amount",),
    )
    yield Skewed(
        name="division of negatives",
        make=pair(lambda rows: rows["balance"] // 7, lambda rows: (rows["balance"] / 7).astype(int)),
        shows=only("balance", lambda balance: balance < 0 and balance % 7 != 0),
    )
    yield Skewed(
        name="numbers compared as text",
        make=pair(lambda rows: rows["items"] > 9, each("items", lambda items: str(items) > "9")),
        shows=only("items", lambda items: items > 9),
    )
    yield Skewed(
        name="logarithm of zero",
        make=pair(
            lambda rows: np.log1p(rows["items"]), each("items", lambda items: math.log1p(items) if items else -1.0)
        ),
        telling=("items",),
        shows=only("items", lambda items: items == 0),
    )
    yield Skewed(
        name="clipping forgotten",
        make=pair(lambda rows: rows["amount"].clip(upper=1000), lambda rows: rows["amount"]),
        telling=("amount",),
        shows=only("amount", lambda amount: amount > 1000),
    )
    yield Skewed(
        name="limit inclusive",
        make=pair(lambda rows: rows["items"] >= 50_000, lambda rows: rows["items"] >= 40_000),
        telling=("items",),
        shows=only("items", lambda items: 40_000 <= items < 50_000),
    )
    yield Skewed(
        name="degrees of another scale",
        make=pair(lambda rows: rows["temperature"], lambda rows: rows["temperature"] * 1.8 + 32),
    )
    yield Skewed(
        name="sign of a zero",
        make=pair(lambda rows: rows["temperature"] < 0, lambda rows: np.signbit(rows["temperature"].to_numpy())),
        telling=("temperature",),
        shows=only("temperature", lambda degrees: degrees == 0),
    )


def equivalent_pairs() -> Iterator[Equivalent]:
    """Every way to look different and be the same."""
    names = ["amount", "temperature", "items"]
    yield Equivalent(
        name="order of a sum",
        make=pair(
            lambda rows: 0.1 * rows["amount"] + 0.2 * rows["items"] + 0.3,
            lambda rows: 0.3 + (0.2 * rows["items"] + 0.1 * rows["amount"]),
        ),
    )
    yield Equivalent(
        name="dtype only", make=pair(lambda rows: rows["items"], lambda rows: rows["items"].astype("int32"))
    )
    yield Equivalent(
        name="whole numbers as floats", make=pair(lambda rows: rows["items"], lambda rows: rows["items"].astype(float))
    )
    yield Equivalent(
        name="numbers that float32 holds",
        make=pair(lambda rows: rows["items"], lambda rows: rows["items"].astype("float32")),
    )
    yield Equivalent(
        name="named columns in another order", make=lambda: (lambda rows: rows[names], lambda rows: rows[names[::-1]])
    )
    yield Equivalent(name="a copy", make=lambda: (lambda rows: rows[names], lambda rows: rows[names].copy()))
    yield Equivalent(
        name="vectorised and a loop",
        make=pair(lambda rows: rows["balance"] // 7, lambda rows: [balance // 7 for balance in rows["balance"]]),
    )
    yield Equivalent(
        name="categories and text", make=pair(lambda rows: rows["plan"], lambda rows: rows["plan"].astype("category"))
    )
    yield Equivalent(
        name="the same instant in another zone",
        make=pair(
            lambda rows: (rows["placed"] - pd.Timestamp("1970-01-01", tz="UTC")).dt.total_seconds(),
            lambda rows: (
                rows["placed"].dt.tz_convert("Asia/Tokyo") - pd.Timestamp("1970-01-01", tz="UTC")
            ).dt.total_seconds(),
        ),
    )
    table = pd.DataFrame({"plan": PLANS, "x": [1.5, 2.5, 3.5]})
    yield Equivalent(
        name="merge and map",
        make=lambda: (
            lambda rows: rows[["plan"]].merge(table, on="plan", how="left")[["x"]],
            column(lambda rows: rows["plan"].map(dict(zip(PLANS, table["x"], strict=True))).astype(float)),
        ),
    )
    yield Equivalent(
        name="missing as None and NaN",
        make=pair(
            lambda rows: rows["amount"],
            lambda rows: rows["amount"].astype(object).where(rows["amount"].notna(), None),
        ),
    )
    yield Equivalent(
        name="fillna and where",
        make=pair(
            lambda rows: rows["amount"].fillna(7.0), lambda rows: np.where(rows["amount"].isna(), 7.0, rows["amount"])
        ),
    )
    yield Equivalent(
        name="nullable integers",
        make=pair(lambda rows: rows["items"], lambda rows: rows["items"].astype("Int64").to_numpy(object)),
    )
    yield Equivalent(
        name="booleans and 0 and 1", make=pair(lambda rows: rows["member"], lambda rows: rows["member"].astype(int))
    )
    yield Equivalent(
        name="logarithm of numpy and of math",
        make=pair(lambda rows: np.log1p(rows["items"]), lambda rows: [math.log1p(items) for items in rows["items"]]),
    )
    yield Equivalent(
        name="weekday by two names",
        make=pair(lambda rows: rows["due"].dt.day_of_week, each("due", lambda due: (due.isoweekday() - 1) % 7)),
    )
    yield Equivalent(
        name="scaled in two steps",
        make=pair(lambda rows: (rows["temperature"] - 10) / 8, lambda rows: rows["temperature"] / 8 - 1.25),
    )
