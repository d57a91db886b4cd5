"""An inferred schema fits its own rows and fresh ones, and refuses a catalogue of what goes wrong with data."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from example_project.flights import load
from pytest_mlgate.checks import InputError, Outcome, describe
from pytest_mlgate.gates.schema import check_schema
from pytest_mlgate.tables.contract import parse_contract
from pytest_mlgate.tables.contract_pandera import from_pandera
from pytest_mlgate.tables.inference import infer
from pytest_mlgate.tables.text_patterns import checks_of_texts

N = 20_000


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    """All flights, with the columns that a catalogue needs and the timetable has not."""
    found = load()
    found["weekday"] = found["scheduled"].dt.day_of_week
    found["booked"] = found["scheduled"].dt.tz_localize("UTC") - pd.Timedelta(30, "D")
    found["flight_id"] = np.arange(len(found)) + 10**6
    found["delayed"] = found["dep_delay"] > 15
    found["share_full"] = np.random.default_rng(0).beta(5, 2, len(found))
    cities = np.array(["São Paulo", "Zürich", "Québec", "Malmö", "Kraków", "Cádiz"])
    codes = np.random.default_rng(1).integers(0, 6 * 90, len(found))
    found["hotel"] = [f"{cities[code % 6]} {code // 6}" for code in codes]
    found["tail"] = [f"N{100 + code}{'ABCDEFGH'[code % 8]}" for code in codes]
    return found


@pytest.fixture(scope="module")
def rows(flights: pd.DataFrame) -> pd.DataFrame:
    return sample(flights, 0)


def sample(flights: pd.DataFrame, seed: int, n: int = N) -> pd.DataFrame:
    found = flights.sample(n, random_state=seed).sort_values("scheduled", kind="stable")
    return found.reset_index(drop=True)


OPTIONS = {"target": "late", "time": "scheduled"}


@pytest.fixture(scope="module", params=["yaml", "python"])
def schema(request: pytest.FixtureRequest, rows: pd.DataFrame) -> object:
    found = infer([rows], **OPTIONS)  # type: ignore[arg-type]
    if request.param == "yaml":
        return parse_contract(found.to_yaml())
    namespace: dict[str, object] = {}
    exec(compile(found.to_python(), "schema.py", "exec"), namespace)
    return namespace["schema"]


def refused(frame: pd.DataFrame, schema: object) -> set[str]:
    checks = check_schema(frame, schema).checks
    return {check.subject.removeprefix("table.") for check in checks if check.outcome is not Outcome.PASS}


def test_it_fits_its_own_rows_and_fresh_samples(flights: pd.DataFrame, rows: pd.DataFrame, schema: object) -> None:
    fresh = [refused(sample(flights, seed), schema) for seed in range(1, 6)]

    assert refused(rows, schema) == set()
    assert fresh == [set()] * 5


Corruption = Callable[[pd.DataFrame], pd.DataFrame]


def change(name: str, how: Callable[[pd.Series], object]) -> Corruption:
    return lambda frame: frame.assign(**{name: how(frame[name])})


def swap(one: str, other: str) -> Corruption:
    return lambda frame: frame.rename(columns={one: other, other: one})


def rotate(*names: str) -> Corruption:
    return lambda frame: frame.assign(**{a: frame[b] for a, b in zip(names, (*names[1:], names[0]), strict=True)})


CATALOGUE: dict[str, tuple[Corruption, str]] = {
    "unit changed, x 1000": (change("pressure", lambda s: s * 1000), "pressure.in_range"),
    "unit changed, / 1000": (change("pressure", lambda s: s / 1000), "pressure.in_range"),
    "Fahrenheit as Kelvin": (change("temp", lambda s: (s - 32) / 1.8 + 273.15), "temp.in_range"),
    "sign flipped": (change("distance", lambda s: -s), "distance.in_range"),
    "share as percent": (change("share_full", lambda s: s * 100), "share_full.in_range"),
    "numbers as text": (change("temp", lambda s: s.astype(str)), "temp.dtype"),
    "numbers with a comma": (change("dewp", lambda s: s.map("{:,}".format)), "dewp.dtype"),
    "one number as text": (
        change("distance", lambda s: s.astype(object).where(s.index != 7, "1,024")),
        "distance.dtype",
    ),
    "all missing": (change("origin", lambda s: None), "origin.nullable"),
    "all missing where some may": (change("temp", lambda s: np.nan), "temp"),
    "one missing": (change("origin", lambda s: s.where(s.index != 7)), "origin.nullable"),
    "two columns swapped": (swap("distance", "share_full"), "share_full.in_range"),
    "columns' values rotated": (rotate("temp", "pressure", "humid"), "temp.in_range"),
    "column lost": (lambda f: f.drop(columns="humid"), "humid.required"),
    "column renamed": (lambda f: f.rename(columns={"origin": "Origin"}), "origin.required"),
    "ids that repeat": (change("flight_id", lambda s: s // 2), "flight_id.unique"),
    "rows twice": (lambda f: pd.concat([f, f.tail(1)], ignore_index=True), "flight_id.unique"),
    "time backwards": (lambda f: f.iloc[::-1].reset_index(drop=True), "scheduled.not_decreasing"),
    "rows shuffled": (lambda f: f.sample(frac=1, random_state=0, ignore_index=True), "scheduled.not_decreasing"),
    "another spelling": (change("origin", lambda s: s.str.lower()), "origin.isin"),
    "space around": (change("origin", lambda s: s + " "), "origin.isin"),
    "code cut short": (change("dest", lambda s: s.str[:2]), "dest.str_matches"),
    "code in lower case": (change("dest", lambda s: s.str.lower()), "dest.str_matches"),
    "line end kept": (change("dest", lambda s: s + "\n"), "dest.str_matches"),
    "dates of 1970": (
        change("scheduled", lambda s: pd.to_datetime(s.astype("datetime64[s]").astype("int64"), unit="us")),
        "scheduled.greater_than_or_equal_to",
    ),
    "dates as text": (change("scheduled", lambda s: s.astype(str)), "scheduled.dtype"),
    "UTF-8 read as Latin-1": (
        change("hotel", lambda s: s.map(lambda text: text.encode().decode("latin-1"))),
        "hotel.str_matches",
    ),
    "letters that could not be read": (
        change("hotel", lambda s: s.map(lambda text: text.encode("latin-1").decode(errors="replace"))),
        "hotel.str_matches",
    ),
    "stuck sensor": (change("pressure", lambda s: 1013.0), "pressure.not_constant"),
    "category constant, and unknown": (change("origin", lambda s: "N/A"), "origin.isin"),
    "codes off by one": (change("weekday", lambda s: s + 1), "weekday.in_range"),
    "label off by one": (change("late", lambda s: s + 1), "late.isin"),
    "fractions for whole numbers": (change("distance", lambda s: s * 1.609), "distance.dtype"),
    "booleans as text": (change("delayed", lambda s: s.astype(str)), "delayed.dtype"),
    "booleans as numbers": (change("delayed", lambda s: s.astype(int)), "delayed.dtype"),
    "infinite": (change("share_full", lambda s: s.where(s.index != 7, np.inf)), "share_full.in_range"),
    "sentinel": (change("temp", lambda s: s.where(s.index != 7, -999.0)), "temp.in_range"),
    "empty text": (change("tail", lambda s: s.where(s.index != 7, "")), "tail.str_matches"),
    "empty category": (change("origin", lambda s: s.where(s.index != 7, "")), "origin.isin"),
    "time zone dropped": (change("booked", lambda s: s.dt.tz_localize(None)), "booked.greater_than_or_equal_to"),
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_it_refuses(rows: pd.DataFrame, schema: object, name: str) -> None:
    corrupt, reason = CATALOGUE[name]

    found = refused(corrupt(rows), schema)

    assert any(subject == reason or subject.startswith(f"{reason}.") for subject in found), found


@pytest.mark.parametrize("load_table", ["load_iris", "load_wine", "load_breast_cancer", "load_diabetes"])
@pytest.mark.parametrize("seed", range(3))
def test_a_half_of_a_real_table_fits_the_schema_of_the_other(load_table: str, seed: int) -> None:
    frame = getattr(datasets, load_table)(as_frame=True).frame.sample(frac=1, random_state=seed, ignore_index=True)
    half = len(frame) // 2
    found = parse_contract(infer([frame[:half]], target="target").to_yaml())

    result = check_schema(frame[half:], found)

    assert result.outcome is Outcome.PASS, "\n".join(map(describe, result.checks))


@pytest.mark.parametrize("load_table", ["load_iris", "load_wine", "load_breast_cancer"])
def test_each_column_of_a_real_table_in_another_unit_is_refused(load_table: str) -> None:
    frame = getattr(datasets, load_table)(as_frame=True).frame
    found = parse_contract(infer([frame], target="target").to_yaml())
    columns = [name for name in frame.columns if name != "target"]

    passed = [name for name in columns if not refused(frame.assign(**{name: frame[name] * 1000}), found)]

    assert passed == []


def test_a_long_tail_of_levels_is_left_open_and_the_comment_says_how_much_is_unseen(flights: pd.DataFrame) -> None:
    rows = sample(flights, 0, 2000)
    text = infer([rows[["carrier", "dest", "origin"]]]).to_yaml()
    carrier, dest, origin = parse_contract(text).columns
    once = int((rows["dest"].value_counts() == 1).sum())

    assert "isin" not in {*carrier.checks, *dest.checks}
    assert origin.checks == {"isin": (["EWR", "JFK", "LGA"],)}
    # Good (1953), equation 9: the unseen share is estimated by the levels seen once, over the rows.
    assert f"Good-Turing: {once / 2000:.2g} of rows have a level not seen yet" in text


@pytest.mark.parametrize(
    ("rarest", "n", "closed"), [(20, 2000, True), (19, 1900, False), (20, 2001, False), (200, 10**5, True)]
)
def test_the_rarest_level_decides_by_its_count_and_its_share(rarest: int, n: int, closed: bool) -> None:
    spec = infer([pd.DataFrame({"plan": ["a"] * (n - rarest) + ["b"] * rarest})]).spec

    assert ("isin" in spec.columns[0].checks) is closed


@pytest.mark.slow
def test_closed_sets_hold_for_a_fresh_sample_of_real_levels(flights: pd.DataFrame) -> None:
    """Carriers, airports, hours, weekdays, months and days of flights: 5 sizes, 20 pairs of disjoint samples each."""
    time = flights["scheduled"].dt
    table = flights[["carrier", "origin", "dest"]].assign(
        hour=time.hour, weekday=time.day_of_week, month=time.month, day=time.day
    )
    closed = wrong = 0
    for n in (200, 1000, 5000, 20_000, 100_000):
        for seed in range(20):
            order = np.random.default_rng(seed).permutation(len(table))
            for column in infer([table.iloc[order[:n]]]).spec.columns:
                if {"isin", "in_range"} & set(column.checks):
                    closed += 1
                    only = parse_contract(infer([table.iloc[order[:n]][[column.name]]]).to_yaml())
                    wrong += bool(refused(table.iloc[order[n : 2 * n]][[column.name]], only))

    assert closed > 300
    assert wrong == 0


def test_nothing_of_a_sensitive_column_is_written(rows: pd.DataFrame) -> None:
    secret = [f"Ada{i % 40}x{i % 7}" for i in range(len(rows))]
    frame = rows.assign(
        name=secret, age=rows["distance"] + 0.123, seen=rows["scheduled"], kin=["Grace", "Alan"] * (N // 2)
    )
    found = infer([frame], sensitive=["name", "age", "seen", "kin"])

    for text in (found.to_yaml(), found.to_python()):
        parts = re.split(r'^ {2,8}"?(name|age|seen|kin)"?:', text, flags=re.M)
        described = dict(zip(parts[1::2], (part.split("\n", 1)[1] for part in parts[2::2]), strict=True))
        assert set(described) == {"name", "age", "seen", "kin"}
        assert "Ada" not in text
        assert "Grace" not in text
        assert ".123" not in text
    for column in found.spec.columns[-4:]:
        assert column.checks == {}
        assert column.dtype != "any"


def test_several_tables_are_partitions_of_one() -> None:
    one = pd.DataFrame({"day": pd.date_range("2020-01-01", periods=60), "x": range(60), "late": [None] * 60})
    other = pd.DataFrame({"day": pd.date_range("2019-01-01", periods=60), "x": np.arange(60) + 0.5, "new": ["a"] * 60})
    spec = infer([one, other], time="day").spec
    day, x, late, new = spec.columns

    assert "not_decreasing" in day.checks
    assert x.dtype == "number"
    assert (late.dtype, late.nullable, late.required, new.required) == ("any", True, False, False)
    for part in (one, other):
        assert check_schema(part, spec).outcome is not Outcome.FAIL


def test_time_that_once_runs_backwards_is_not_asked_to_be_in_order() -> None:
    days = pd.Series(pd.date_range("2020-01-01", periods=100))
    days.iloc[50] = days.iloc[3]

    assert "not_decreasing" not in infer([pd.DataFrame({"day": days})], time="day").spec.columns[0].checks


def test_whole_numbers_with_a_gap_are_integers() -> None:
    frame = pd.DataFrame({"stops": [np.nan, *np.arange(99.0)]})

    assert infer([frame]).spec.columns[0].dtype == "integer"


@pytest.mark.parametrize("option", ["target", "id_column", "time", "sensitive"])
def test_a_column_that_is_named_and_is_not_there_is_an_error(option: str) -> None:
    value = ["tempp"] if option == "sensitive" else "tempp"

    with pytest.raises(InputError, match="has no column 'tempp'") as error:
        infer([pd.DataFrame({"temp": [1.0, 2.0]})], **{option: value})  # type: ignore[arg-type]

    assert error.value.fix == "did you mean 'temp'?"


@pytest.mark.parametrize(
    ("texts", "pattern"),
    [
        ([f"{i:03d}-{chr(65 + i % 26)}" for i in range(60)], r"[0-9]{3}\-[A-Z]\Z"),
        ([f"N{i}" for i in range(60)], r"[0-9A-Z]*\Z"),
        ([f"word {i}" for i in range(60)], None),
        ([f"caf\N{LATIN SMALL LETTER E WITH ACUTE} {'x' * i}" for i in range(60)], r"(?!"),
    ],
)
def test_texts_keep_what_they_have_in_common(texts: list[str], pattern: str | None) -> None:
    checks, _ = checks_of_texts(texts)
    found = checks.get("str_matches", (None,))[0]

    assert found == pattern or str(found).startswith(str(pattern))
    assert found is None or all(re.match(str(found), text) for text in texts)


def test_both_forms_say_the_same(rows: pd.DataFrame) -> None:
    found = infer([rows], **OPTIONS)  # type: ignore[arg-type]
    namespace: dict[str, object] = {}
    exec(compile(found.to_python(), "schema.py", "exec"), namespace)
    read, left = from_pandera(namespace["schema"])

    assert left == ()
    assert [(c.name, c.dtype, c.nullable, c.unique, dict(c.checks)) for c in read.columns] == [
        (c.name, c.dtype, c.nullable, c.unique, dict(c.checks)) for c in found.spec.columns
    ]


def test_categories_and_objects_fit_the_schema_inferred_from_them() -> None:
    n = 120
    days = [f"2021-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(n)]
    moments = [pd.Timestamp(day, tz="UTC" if i % 2 else None) for i, day in enumerate(days)]
    frame = pd.DataFrame(
        {
            "codes": pd.Categorical([i % 3 for i in range(n)]),
            "many": pd.Categorical(range(n)),
            "days": pd.Categorical(days),
            "moments": pd.Categorical(pd.to_datetime(days)),
            "zones": pd.Series(moments, dtype=object),
            "texts": pd.Categorical([f"code {i}" for i in range(n)]),
            "flags": pd.Categorical([i % 2 == 0 for i in range(n)]),
            "bytes": [b"x"] * n,
        }
    )
    for time in (None, *frame.columns):
        found = infer([frame], time=time)

        assert refused(frame, parse_contract(found.to_yaml())) == set()
    assert found.spec.columns[0].checks == {"isin": ([0, 1, 2],)}


@pytest.mark.parametrize(("offset", "asked"), [("", True), ("+01:00", False)])
def test_dates_as_text_are_asked_to_be_in_order_where_text_sorts_as_time(offset: str, asked: bool) -> None:
    days = pd.date_range("2020-01-01", periods=100).strftime("%Y-%m-%dT%H:%M:%S") + offset
    spec = infer([pd.DataFrame({"day": days})], time="day").spec

    assert ("not_decreasing" in spec.columns[0].checks) is asked
