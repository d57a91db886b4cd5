"""The example's own code: what a flight is told of the past, one place for features, and the variants."""

from __future__ import annotations

import io
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pandas as pd
import pandera.errors
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from example_project import features, flights, train
from example_project.contract import Flights

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

PROJECT = Path(train.__file__).parent


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Small models are fitted here: threads that wait for one another would cost more than they save."""
    with threadpool_limits(1):
        yield


def at(clock: str) -> pd.Timestamp:
    return pd.Timestamp(f"2013-07-04 {clock}", tz="UTC")


def board(*lines: tuple[str, str, str, str, int]) -> pd.DataFrame:
    """Return flights of (carrier, origin, scheduled departure, landing, late)."""
    rows = pd.DataFrame(lines, columns=["carrier", "origin", "departs", "landed", "late"])
    return rows.assign(departs=rows["departs"].map(at), landed=rows["landed"].map(at))


def test_no_flight_is_told_of_one_that_had_not_landed() -> None:
    rows = board(
        ("UA", "EWR", "06:00", "08:00", 1),
        ("UA", "EWR", "07:00", "08:30", 0),  # the first is still in the air
        ("UA", "EWR", "08:00", "10:00", 1),  # the first lands this very minute: not yet known
        ("UA", "EWR", "08:01", "09:00", 1),
        ("UA", "EWR", "09:30", "12:00", 0),  # the third is still in the air, the fourth is not
    )

    assert flights.recent_landings(rows).tolist() == ["", "", "", "1", "101"]


def test_a_flight_is_told_only_of_its_own_carrier_at_its_own_airport() -> None:
    rows = board(
        ("UA", "EWR", "06:00", "07:00", 1),
        ("UA", "LGA", "06:00", "07:00", 0),
        ("DL", "EWR", "06:00", "07:00", 0),
        ("UA", "EWR", "09:00", "10:00", 0),
    )

    assert flights.recent_landings(rows).tolist() == ["", "", "", "1"]


def test_the_newest_landings_are_kept_and_come_last() -> None:
    rows = board(
        ("UA", "EWR", "01:00", "05:00", 1),  # departs first and lands last
        ("UA", "EWR", "02:00", "03:00", 0),
        ("UA", "EWR", "02:10", "03:10", 0),
        ("UA", "EWR", "06:00", "07:00", 0),
    )

    assert flights.recent_landings(rows, count=2).iloc[-1] == "01"


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["UA", "DL"]),
            st.sampled_from(["EWR", "JFK"]),
            st.integers(0, 200),
            st.integers(0, 90),
            st.integers(0, 1),
        ),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 5),
)
def test_recent_landings_are_those_that_a_plain_loop_finds(lines: list[tuple[Any, ...]], count: int) -> None:
    rows = pd.DataFrame(lines, columns=["carrier", "origin", "leaves", "takes", "late"])
    rows["departs"] = at("00:00") + pd.to_timedelta(rows["leaves"], unit="min")
    rows["landed"] = rows["departs"] + pd.to_timedelta(rows["takes"], unit="min")
    expected = []
    for _, row in rows.iterrows():
        same = rows[(rows["carrier"] == row["carrier"]) & (rows["origin"] == row["origin"])]
        known = same[same["landed"] < row["departs"]].sort_values("landed", kind="stable")
        expected.append("".join(map(str, known["late"].tolist()[-count:])))

    assert flights.recent_landings(rows, count).tolist() == expected


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder of the source's layout: four flights, one of them cancelled."""
    head = (
        "year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,"
        "origin,dest,air_time,distance,hour,minute,time_hour"
    )
    rows = [
        # Leaves New York at 20:00, lands at 23:05 in Los Angeles, which is 02:05 in New York and 06:05 in UTC.
        "2013,7,4,2000,2000,0,2305,2245,20,UA,1,N1,EWR,LAX,340,2454,20,0,2013-07-05T00:00:00Z",
        # Phoenix keeps no summer time: 22:00 there is 05:00 in UTC.
        "2013,7,4,1930,1930,0,2200,2200,0,UA,2,N2,EWR,PHX,310,2133,19,30,2013-07-04T23:00:00Z",
        "2013,7,4,NA,2100,NA,NA,2200,NA,UA,3,N3,EWR,BOS,NA,200,21,0,2013-07-05T01:00:00Z",
        "2013,7,5,210,205,5,300,300,0,UA,4,N4,EWR,BOS,40,200,2,5,2013-07-05T06:00:00Z",
        "2013,7,5,206,206,0,300,300,0,UA,5,N5,EWR,BOS,40,200,2,6,2013-07-05T06:00:00Z",
    ]
    with zipfile.ZipFile(tmp_path / "flights.csv.zip", "w") as archive:
        archive.writestr("flights.csv", "\n".join([head, *rows]))
    (tmp_path / "airports.csv").write_text("faa,tz,dst\nLAX,-8,A\nPHX,-7,N\nBOS,-5,A\n")
    (tmp_path / "weather.csv").write_text(
        "origin,temp,dewp,humid,wind_speed,precip,pressure,visib,time_hour\n"
        "EWR,70,60,50,10,0,1010,10,2013-07-04T23:00:00Z\n"
        "EWR,99,60,50,10,0,1010,10,2013-07-05T00:00:00Z\n"
    )
    return tmp_path


def test_landings_are_placed_in_time_across_zones_and_midnight(folder: Path) -> None:
    """The departure at 06:05 UTC does not know of the landing in the same minute; the one at 06:06 does."""
    rows = flights.load(folder)

    assert rows["dest"].tolist() == ["PHX", "LAX", "BOS", "BOS"]
    assert rows["late"].tolist() == [0, 1, 0, 0]
    assert rows["recent"].tolist() == ["", "", "0", "01"]


def test_the_weather_is_that_of_the_hour_before_the_scheduled_one(folder: Path) -> None:
    rows = flights.load(folder)

    assert rows.loc[rows["dest"] == "LAX", "temp"].tolist() == [70.0]
    assert rows.loc[rows["dest"] == "PHX", "temp"].isna().all()


def test_a_table_fits_the_contract_and_a_third_label_does_not(folder: Path) -> None:
    rows = flights.load(folder)
    fresh = features.build(rows).drop(columns=[*features.CATEGORIES, "distance", *flights.WEATHER])
    outcome = rows[list(flights.OUTCOME)]
    table = pd.concat([rows[list(flights.REQUEST)], fresh, outcome], axis="columns")

    Flights.validate(table, lazy=True)
    with pytest.raises(pandera.errors.SchemaErrors, match="late"):
        Flights.validate(table.assign(late=2), lazy=True)


def test_without_the_data_package_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "find_spec", lambda name: None)

    with pytest.raises(ModuleNotFoundError, match=r'pip install "pytest-mlgate\[example\]"'):
        flights.load()


def test_every_real_landing_is_later_than_its_time_in_the_air() -> None:
    """Between 5 and 235 minutes of each journey were spent on the ground: a wrong zone or day would show."""
    rows = pd.read_csv(flights.package_data() / "flights.csv.zip")
    rows = rows[rows["arr_delay"].notna()]
    hours = pd.to_datetime(rows["time_hour"], utc=True)
    rows = rows.assign(departs=hours + pd.to_timedelta(rows["minute"], unit="min"))
    landed = flights._landed(rows, pd.read_csv(flights.package_data() / "airports.csv"))
    ground = (landed - rows["departs"]).dt.total_seconds() / 60 - rows["dep_delay"] - rows["air_time"]

    assert len(rows) == 327_346  # 336 776 flights, less 8 255 cancelled and 1 175 diverted or unknown
    assert (ground.min(), ground.max()) == (5, 235)
    assert ground.quantile(0.999) < 140


@pytest.fixture
def requests(folder: Path) -> pd.DataFrame:
    return flights.load(folder)[list(flights.REQUEST)]


def test_features_are_what_they_say(requests: pd.DataFrame) -> None:
    last = features.build(requests).iloc[-1]

    assert (last["weekday"], last["hour"], last["arrival_hour"]) == (4, 2.1, 3.0)  # Friday, 02:06, 03:00
    assert last["late_history"] == 0.5


@pytest.mark.parametrize(("recent", "share"), [("1", 1.0), ("0", 0.0), ("0110", 0.5), ("0000000001", 0.1)])
def test_late_history_is_the_share_of_ones(recent: str, share: float) -> None:
    assert features.late_history(pd.Series([recent])).tolist() == [share]


def test_late_history_is_missing_where_nothing_landed() -> None:
    assert features.late_history(pd.Series([""])).isna().tolist() == [True]


def test_a_row_has_the_same_features_alone_and_among_others(requests: pd.DataFrame) -> None:
    untouched = requests.copy()
    whole = features.build(requests)
    alone = pd.concat([features.build(requests.iloc[[i]]) for i in range(len(requests))])
    backwards = features.build(requests.iloc[::-1]).iloc[::-1]

    pd.testing.assert_frame_equal(whole, alone)
    pd.testing.assert_frame_equal(whole, backwards)
    pd.testing.assert_frame_equal(requests, untouched)


def test_no_feature_is_known_only_after_the_fact(requests: pd.DataFrame) -> None:
    """Features can be built from a request alone, which holds no outcome."""
    assert set(flights.OUTCOME).isdisjoint(requests.columns)
    assert list(features.build(requests).columns) == list(features.FEATURES)
    assert set(flights.OUTCOME).isdisjoint(features.FEATURES)


@pytest.fixture(scope="module")
def labelled() -> pd.DataFrame:
    """Return 800 made-up flights of ten days with features and outcome."""
    rng = np.random.default_rng(7)
    n = 800
    table: dict[str, Any] = {name: rng.normal(size=n) for name in features.NUMBERS}
    table |= {"carrier": rng.choice(["UA", "DL"], n), "dest": rng.choice(["LAX", "BOS"], n)}
    table |= {"origin": rng.choice(["EWR", "LGA"], n), "dep_delay": rng.normal(size=n)}
    table["scheduled"] = pd.Timestamp(2013, 7, 1) + pd.to_timedelta(np.sort(rng.integers(0, 14_400, n)), unit="min")
    rows = pd.DataFrame(table)
    return rows.assign(late=(rows["dep_delay"] > 0.7).astype("int64"))


@pytest.fixture(scope="module")
def model(labelled: pd.DataFrame) -> Pipeline:
    return train.fit_candidate(labelled, "honest")


def test_only_the_leaky_candidate_answers_to_the_departure_delay(labelled: pd.DataFrame, model: Pipeline) -> None:
    other = labelled.assign(dep_delay=-labelled["dep_delay"])
    honest, leaky = model, train.fit_candidate(labelled, "leaky")

    np.testing.assert_array_equal(honest.predict_proba(labelled), honest.predict_proba(other))
    assert not np.allclose(leaky.predict_proba(labelled), leaky.predict_proba(other))


def test_a_saved_model_names_no_code_of_ours(model: Pipeline) -> None:
    file = io.BytesIO()
    joblib.dump(model, file)

    assert b"example_project" not in file.getvalue()
    assert b"__main__" not in file.getvalue()


def test_labels_are_mixed_up_at_one_airport_within_a_day(labelled: pd.DataFrame) -> None:
    before = labelled.copy()
    mixed = train.mix_up(labelled, "LGA", share=1.0)
    here = labelled["origin"] == "LGA"
    by_day = labelled["scheduled"].dt.date

    pd.testing.assert_frame_equal(labelled, before)
    pd.testing.assert_frame_equal(mixed[~here], labelled[~here])
    pd.testing.assert_frame_equal(mixed.drop(columns="late"), labelled.drop(columns="late"))
    for day in by_day.unique():
        chosen = here & (by_day == day)
        assert mixed.loc[chosen, "late"].tolist() == labelled.loc[chosen, "late"].tolist()[::-1]


def test_half_of_the_airport_is_mixed_up_by_default(labelled: pd.DataFrame) -> None:
    """About half of the labels that an upside-down list changes are changed."""
    everything = train.mix_up(labelled, "LGA", share=1.0)["late"] != labelled["late"]
    half = train.mix_up(labelled, "LGA")["late"] != labelled["late"]

    assert not (half & ~everything).any()
    assert 0.3 < half.sum() / everything.sum() < 0.7


def test_every_limit_that_is_a_column_s_own_gives_its_reason() -> None:
    drift = tomllib.loads((PROJECT / "mlgate.toml").read_text(encoding="utf-8"))["gates"]["drift"]

    assert drift["columns"]
    assert all(column["reason"] for column in drift["columns"].values())


def test_the_limits_between_carriers_give_their_reason() -> None:
    fairness = tomllib.loads((PROJECT / "mlgate.toml").read_text(encoding="utf-8"))["gates"]["fairness"]

    assert fairness["limits"]
    assert fairness["reason"]


def test_training_offers_the_three_variants() -> None:
    assert vars(train._options([])) == {"candidate": "honest", "current": "august"}
    assert train._options(["--current", "september"]).current == "september"
    assert train._options(["--candidate", "leaky"]).candidate == "leaky"
    assert train._options(["--candidate", "worse-at-lga"]).candidate == "worse-at-lga"
