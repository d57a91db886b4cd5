"""Questions without a schema: each has a pair of tables that fails it, and a clean neighbour that passes."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.checks import Outcome, Severity
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.schema import GATE, Settings

SCHEMA = pa.DataFrameSchema({"x": pa.Column(required=False)}, strict=False)
PASS, FAIL = Outcome.PASS, Outcome.FAIL
BLOCK, WARN = Severity.BLOCK, Severity.WARN


def table(n, seed, start=0):
    """Numbers and text that know a little of the label, an id, and a time that goes on."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return pd.DataFrame(
        {
            "id": np.arange(start, start + n) * 7,
            "at": pd.Timestamp(2024, 1, 1) + pd.to_timedelta(np.arange(start, start + n), unit="h"),
            "x": x,
            "z": x / 2 + rng.normal(size=n),
            "place": rng.choice(["EWR", "JFK", "LGA"], n),
            "late": (x + rng.normal(size=n) > 0).astype(int),
        }
    )


TRAIN, HOLDOUT = table(1000, 0), table(400, 1, start=1000)
FACTS = Facts(target="late", id="id", time="at")


def ask(train=TRAIN, holdout=HOLDOUT, facts=FACTS, sanity=None, **others):
    values = {"train": train, "holdout": holdout, **others}
    asked = Settings(schema=SCHEMA, sanity={} if sanity is None else sanity)
    result = run_gate(GATE, asked, Inputs(facts=facts, values=values))
    return {check.subject: check for check in result.checks if check.code not in ("MLG201",)}


def said(check):
    return check.code, check.outcome, check.severity


def test_clean_tables_pass_every_question():
    found = ask()

    assert {name: check.outcome for name, check in found.items()} == dict.fromkeys(
        (
            "holdout.shared_ids",
            "holdout.shared_rows",
            "holdout.near_duplicates",
            "holdout.time_overlap",
            "sanity.label_format",
            "train.single_feature",
            "sanity.row_order",
        ),
        PASS,
    )


@pytest.mark.parametrize("seed", range(20))
def test_small_discrete_tables_that_repeat_honestly_pass(seed):
    rng = np.random.default_rng(seed)
    levels = rng.integers(2, 12, size=4)
    size = int(rng.integers(50, 800))
    train, holdout = (pd.DataFrame({f"c{i}": rng.integers(0, k, n) for i, k in enumerate(levels)}) for n in (size, 100))

    found = ask(train, holdout, Facts(target="late"))

    assert {found[f"holdout.{name}"].outcome for name in ("shared_rows", "near_duplicates")} == {PASS}


@pytest.mark.parametrize("other", ["nothing", "a constant", "its copy"])
def test_one_rounded_column_that_repeats_honestly_does_not_block(other):
    def rows(n, seed):
        x = np.random.default_rng(seed).normal(size=n).round(3)
        return pd.DataFrame({"x": x} | {"nothing": {}, "a constant": {"k": 1}, "its copy": {"k": x * 2}}[other])

    assert not ask(rows(900, 0), rows(500, 1), Facts(target="late"))["holdout.shared_rows"].blocks


@pytest.mark.parametrize(("copied", "outcome", "severity"), [(0, PASS, BLOCK), (12, FAIL, WARN), (60, FAIL, BLOCK)])
def test_rows_of_train_in_the_holdout_are_counted_against_the_limit(copied, outcome, severity):
    rows = TRAIN.iloc[:copied].assign(id=-np.arange(copied) - 1.0)
    check = ask(holdout=pd.concat([HOLDOUT, rows], ignore_index=True), sanity={"max_shared_rows": 0.05})[
        "holdout.shared_rows"
    ]

    assert said(check) == ("MLG213", outcome, severity)
    assert check.details["shared"] == copied
    assert check.details["rows"] == list(range(400, 400 + min(copied, 5)))


def test_rows_that_were_multiplied_before_the_split_are_warned_of():
    rows = pd.concat([TRAIN.drop(columns=["id", "at"])] * 3).sample(frac=1, random_state=0).reset_index(drop=True)

    check = ask(rows.iloc[:2000], rows.iloc[2000:].reset_index(drop=True), Facts(target="late"))["holdout.shared_rows"]

    assert said(check) == ("MLG213", FAIL, WARN)
    assert "multiplied" in check.message


def test_copies_are_found_whatever_dtype_carries_them():
    rows = TRAIN.iloc[:100].astype({"place": "category", "late": "Int64", "x": "Float64"})

    assert ask(holdout=rows)["holdout.shared_rows"].details["shared"] == 100


def test_ids_of_train_in_the_holdout_block_and_a_limit_allows_some():
    holdout = HOLDOUT.assign(id=HOLDOUT["id"].where(HOLDOUT.index > 3, TRAIN["id"].iloc[0]))

    assert said(ask(holdout=holdout)["holdout.shared_ids"]) == ("MLG213", FAIL, BLOCK)
    assert ask(holdout=holdout, sanity={"max_shared_ids": 0.01})["holdout.shared_ids"].outcome is PASS


def test_ids_that_count_anew_in_each_table_are_warned_of():
    train, holdout = (frame.assign(id=range(len(frame))) for frame in (TRAIN, HOLDOUT))

    check = ask(train, holdout)["holdout.shared_ids"]

    assert said(check) == ("MLG213", FAIL, WARN)
    assert "counted anew" in check.message


def test_rows_that_differ_in_the_fourth_digit_or_in_one_column_are_near():
    noisy = TRAIN.iloc[:80].assign(x=lambda rows: rows["x"] * (1 + 1e-9), place="EWR", id=range(80))
    found = ask(holdout=pd.concat([HOLDOUT, noisy], ignore_index=True))

    assert said(found["holdout.near_duplicates"]) == ("MLG213", FAIL, WARN)
    assert found["holdout.near_duplicates"].details["shared"] >= 75  # a rounding edge may lie between two
    assert found["holdout.shared_rows"].details["shared"] == 0


def test_a_holdout_older_than_train_is_warned_of():
    mixed = TRAIN.sample(frac=1, random_state=0).reset_index(drop=True)

    check = ask(mixed.iloc[:700], mixed.iloc[700:].reset_index(drop=True))["holdout.time_overlap"]

    assert said(check) == ("MLG214", FAIL, WARN)
    assert check.observed == pytest.approx((mixed["at"][700:] < mixed["at"][:700].max()).mean())


@pytest.mark.parametrize("form", ["text", "number", "zoned"])
def test_time_may_be_text_a_number_or_zoned(form):
    def as_form(frame):
        time = frame["at"]
        forms = {
            "text": time.dt.strftime("%Y-%m-%d %H:%M"),
            "number": (time - pd.Timestamp(2024, 1, 1)).dt.total_seconds(),
        }
        return frame.assign(at=time.dt.tz_localize("UTC") if form == "zoned" else forms[form])

    assert ask(as_form(TRAIN), as_form(HOLDOUT))["holdout.time_overlap"].outcome is PASS
    assert ask(as_form(HOLDOUT), as_form(TRAIN))["holdout.time_overlap"].observed == 1.0


def test_times_that_cannot_be_compared_are_inconclusive():
    check = ask(holdout=HOLDOUT.assign(at="soon"))["holdout.time_overlap"]

    assert said(check) == ("MLG214", Outcome.INCONCLUSIVE, WARN)


def leaks():
    label = TRAIN["late"]
    rng = np.random.default_rng(5)
    return {
        "a number": label + rng.normal(size=1000) / 10,
        "a falling number": 5 - label + rng.normal(size=1000) / 10,
        "a level": label.map({0: "punctual", 1: "delayed"}),
        "a missing value": label.where(label == 1),
        "a bump": np.where(label == 1, rng.normal(size=1000) / 10, rng.choice([-5, 5], 1000)),
    }


@pytest.mark.parametrize("leak", sorted(leaks()))
def test_a_column_that_tells_the_label_is_named_and_blocks_where_it_is_a_feature(leak):
    train = TRAIN.assign(leak=leaks()[leak])

    unknown = ask(train)["train.leak.single_feature"]
    feature = ask(train, facts=Facts(target="late", features=("x", "leak")))["train.leak.single_feature"]

    assert said(unknown) == ("MLG215", FAIL, WARN)
    assert said(feature) == ("MLG215", FAIL, BLOCK)
    assert unknown.interval.low > 0.98


def test_a_column_that_tells_much_passes_and_is_named():
    strong = TRAIN.assign(strong=TRAIN["late"] * 2 + np.random.default_rng(3).normal(size=1000))
    check = ask(strong)["train.single_feature"]

    assert check.outcome is PASS
    assert "the best is strong" in check.message
    assert 0.85 < check.observed < 0.98


def test_an_id_like_column_and_an_expected_one_pass():
    train = TRAIN.assign(name=[f"row {i}" for i in range(1000)], petal=TRAIN["late"])

    assert ask(train, sanity={"expected": ["petal"]})["train.single_feature"].outcome is PASS


def test_a_column_that_tells_every_class_or_the_number_itself_is_found():
    rng = np.random.default_rng(2)
    classes = TRAIN.assign(late=rng.choice(["a", "b", "c"], 1000))
    number = TRAIN.assign(late=rng.lognormal(size=1000))

    told = ask(classes.assign(leak=classes["late"] + "!"))
    partly = ask(classes.assign(leak=classes["late"] == "a"))
    scaled = ask(number.assign(leak=number["late"] * 100), facts=Facts(target="late", features=("leak",)))

    assert told["train.leak.single_feature"].outcome is FAIL
    assert partly["train.single_feature"].outcome is PASS
    assert said(scaled["train.leak.single_feature"]) == ("MLG215", FAIL, WARN)


@pytest.mark.parametrize(
    ("train", "holdout", "severity"),
    [
        (["yes", "no"], ["Yes", "no"], BLOCK),
        (["yes", "no", "yes "], ["yes", "no"], BLOCK),
        (["1", "0"], [1, 0], BLOCK),
        (["True", "False"], [True, False], BLOCK),
        (["1", "0"], ["1", "0"], WARN),
        (["yes", "no"], ["yes", "no"], None),
        ([1, 0], [1.0, 0.0], None),
        ([True, False], [1, 0], None),
    ],
)
def test_a_label_is_written_in_one_way(train, holdout, severity):
    def labelled(frame, labels):
        return frame.assign(late=pd.Series(labels * (len(frame) // len(labels) + 1))[: len(frame)])

    check = ask(labelled(TRAIN, train), labelled(HOLDOUT, holdout))["sanity.label_format"]

    assert check.code == "MLG216"
    assert (check.severity if check.outcome is FAIL else None) == severity


def test_a_column_sorted_without_its_rows_blocks_where_another_table_shows_what_it_went_with():
    torn = HOLDOUT.assign(x=np.sort(HOLDOUT["x"]))

    check = ask(holdout=torn)["holdout.x.row_order"]

    assert said(check) == ("MLG217", FAIL, BLOCK)
    assert "goes with" in check.message


def test_a_table_sorted_by_a_column_and_a_counter_pass_and_an_unrelated_column_is_warned_of():
    honest = HOLDOUT.sort_values("x").reset_index(drop=True)
    train, counted = TRAIN.assign(n=range(1000)), HOLDOUT.assign(n=range(400))
    alone = HOLDOUT.assign(noise=np.sort(np.random.default_rng(0).normal(size=400)))

    assert ask(holdout=honest)["sanity.row_order"].outcome is PASS
    assert ask(train, counted)["sanity.row_order"].outcome is PASS
    assert said(ask(TRAIN.assign(noise=0.0), alone)["holdout.noise.row_order"]) == ("MLG217", FAIL, WARN)


class Fitted:
    def __init__(self, names):
        self.feature_names_in_ = np.array(names, dtype=object)

    def predict(self, rows):
        return np.zeros(len(rows))


def test_a_feature_that_is_known_only_later_blocks():
    later = {"known_later": ["z"]}

    used = ask(candidate=Fitted(["x", "z"]), sanity=later)["sanity.known_later"]
    unused = ask(candidate=Fitted(["x"]), sanity=later)["sanity.known_later"]
    configured = ask(candidate=Fitted(["x", "z"]), sanity=later, facts=Facts(target="late", features=("x",)))
    nameless = ask(candidate=lambda rows: rows["x"], sanity=later)["sanity.known_later"]
    nobody = ask(sanity=later)["sanity.features_known_later"]

    assert said(used) == ("MLG218", FAIL, BLOCK)
    assert "z" in used.message
    assert (unused.outcome, configured["sanity.known_later"].outcome) == (PASS, PASS)
    assert nameless.outcome is FAIL
    assert nobody.outcome is Outcome.ERROR


def test_a_moment_after_the_rows_own_time_is_told_unless_it_is_planned():
    landed = HOLDOUT.assign(landed=HOLDOUT["at"] + pd.to_timedelta(1, unit="h"))
    before = HOLDOUT.assign(landed=HOLDOUT["at"] - pd.to_timedelta(1, unit="h"))

    assert said(ask(holdout=landed)["holdout.landed.later"]) == ("MLG218", FAIL, WARN)
    assert "holdout.landed.later" not in ask(holdout=before)
    assert "holdout.landed.later" not in ask(holdout=landed, sanity={"planned": ["landed"]})


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("shared_ids", "holdout.shared_ids"),
        ("shared_rows", "holdout.shared_rows"),
        ("near_duplicates", "holdout.near_duplicates"),
        ("time_overlap", "holdout.time_overlap"),
        ("single_feature", "train.single_feature"),
        ("label_format", "sanity.label_format"),
        ("row_order", "sanity.row_order"),
    ],
)
def test_each_question_can_be_left_out_by_name(question, subject):
    everything, fewer = ask(), ask(sanity={"exclude": [question]})

    assert set(everything) - set(fewer) == {subject}


def test_all_can_be_left_out_and_true_means_all():
    assert ask(sanity=False) == {}
    assert set(ask(sanity=True)) == set(ask())
    with pytest.raises(ValueError, match="shared_rows"):
        Settings(schema="a:b", sanity={"exclude": ["shared_row"]})


def test_one_table_alone_is_asked_what_it_can_answer():
    found = ask(holdout=None)

    assert set(found) == {"sanity.label_format", "train.single_feature", "sanity.row_order"}


def test_no_value_of_a_sensitive_column_is_told():
    train = TRAIN.assign(late=TRAIN["late"].map({0: "SECRET", 1: "secret "}), id=[f"PRIVATE{i}" for i in range(1000)])
    holdout = train.iloc[:200].assign(late="Secret")
    facts = Facts(target="late", id="id", time="at", sensitive=("late", "id", "at"))

    text = json.dumps([check.to_json() for check in ask(train, holdout, facts).values()])

    assert "secret" not in text.casefold()
    assert "PRIVATE" not in text
    assert "2024" not in text


@pytest.mark.parametrize(
    "column",
    [
        [[1, 2]] * 1000,
        [{"a": 1}] * 1000,
        [None] * 1000,
        [1, "a"] * 500,
        [pd.Timestamp("2024-01-01")] * 1000,
        [np.inf] * 1000,
    ],
    ids=["lists", "dicts", "nothing", "mixed", "moments", "infinite"],
)
def test_odd_columns_do_not_stop_the_other_questions(column):
    train = TRAIN.assign(odd=pd.Series(column))

    assert set(ask(train, train.iloc[:400].assign(id=-1))) >= {"holdout.shared_rows", "sanity.label_format"}


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), copied=st.integers(0, 60))
def test_the_order_of_rows_changes_nothing_of_what_is_shared(seed, copied):
    holdout = pd.concat([HOLDOUT, TRAIN.iloc[:copied]], ignore_index=True)
    names = ("shared_ids", "shared_rows", "near_duplicates", "time_overlap")

    def told(train, rows):
        found = ask(train, rows, sanity={"exclude": ["single_feature", "row_order", "label_format"]})
        return [(found[f"holdout.{name}"].observed, found[f"holdout.{name}"].outcome) for name in names]

    mixed = (frame.sample(frac=1, random_state=seed).reset_index(drop=True) for frame in (TRAIN, holdout))

    assert told(TRAIN, holdout) == told(*mixed)
