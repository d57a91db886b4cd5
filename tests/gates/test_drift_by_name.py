"""Drift judged by a statistic that was asked for by name."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from pytest_mlgate.checks import Check, GateResult, Outcome, Severity
from pytest_mlgate.gates.base import Facts
from pytest_mlgate.gates.drift import Settings, check_drift
from pytest_mlgate.gates.drift.limits import HALF_DEVIATION

OF_COUNTS = ("total_variation", "chi2", "cramers_v", "jensen_shannon", "hellinger")
OF_ORDER = ("ks", "wasserstein", "energy")
EVERY = (*OF_COUNTS, *OF_ORDER)


def one(result: GateResult, subject: str = "x") -> Check:
    return next(check for check in result.checks if check.subject == subject)


def normal(n: int, shift: float = 0.0, seed: int = 0) -> pd.DataFrame:
    return pd.DataFrame({"x": np.random.default_rng(seed).normal(shift, size=n)})


def levels(**counts: int) -> pd.DataFrame:
    return pd.DataFrame({"x": [level for level, count in counts.items() for _ in range(count)]})


# what each says


@pytest.mark.parametrize("judge", EVERY)
def test_a_large_shift_blocks(judge: Any) -> None:
    check = one(check_drift(normal(1000), normal(1000, 0.75, seed=1), judge=judge))

    assert (check.outcome, check.severity, check.limit) == (Outcome.FAIL, Severity.BLOCK, HALF_DEVIATION[judge])
    assert check.details["judge"] == judge
    assert "current values are higher" in check.message


@pytest.mark.parametrize("judge", EVERY)
def test_half_a_standard_deviation_is_warned_of_or_blocked(judge: Any) -> None:
    assert one(check_drift(normal(1000), normal(1000, 0.5, seed=1), judge=judge)).outcome is Outcome.FAIL


@pytest.mark.parametrize("judge", EVERY)
def test_the_same_distribution_passes_with_what_chance_expects_beside_it(judge: Any) -> None:
    check = one(check_drift(normal(5000), normal(5000, seed=1), judge=judge))

    assert check.outcome is Outcome.PASS
    expected = check.details["expected"] if judge == "ks" else check.details["judged"]["expected"]
    assert check.observed < 2.5 * expected
    assert 0 < expected < check.details["smallest_detectable"] < 3 * expected
    assert check.p_adjusted == pytest.approx(check.p)
    assert judge == "ks" or "by chance" in check.message
    assert "PSI" in check.message


@pytest.mark.parametrize(
    ("judge", "shift_of_half"),
    [
        ("ks", 0.197),
        ("total_variation", 0.197),
        ("jensen_shannon", 0.205),
        ("hellinger", 0.171),
        ("cramers_v", 0.238),
        ("chi2", 0.238),
        ("wasserstein", 0.5),
        ("energy", 0.374),
    ],
)
def test_half_a_standard_deviation_lies_where_the_documentation_says(judge: Any, shift_of_half: float) -> None:
    check = one(check_drift(normal(100_000), normal(100_000, 0.5, seed=1), judge=judge))

    assert check.observed == pytest.approx(shift_of_half, abs=0.012)


def test_the_details_hold_all_that_defines_a_statistic() -> None:
    def judged(judge: Any) -> Any:
        return one(check_drift(normal(1000), normal(1000, seed=1), judge=judge)).details["judged"]

    assert judged("jensen_shannon") | {"value": 0, "expected": 0} == {
        "name": "jensen_shannon",
        "value": 0,
        "expected": 0,
        "bins": 10,
        "smoothing": 0,
        "log_base": 2,
    }
    assert {"chi_square", "v_of_the_table", "bins"} <= judged("chi2").keys()
    assert {"undivided", "standard_deviation", "of_the_middle"} <= judged("wasserstein").keys()


@pytest.mark.parametrize("judge", OF_COUNTS)
def test_statistics_of_counts_judge_levels(judge: Any) -> None:
    before = levels(a=500, b=300, c=200)

    apart = one(check_drift(before, levels(a=100, b=300, c=600), judge=judge))
    alike = one(check_drift(before, levels(a=510, b=285, c=205), judge=judge))

    assert (apart.outcome, apart.severity, apart.details["judged"]["levels"]) == (Outcome.FAIL, Severity.BLOCK, 3)
    assert alike.outcome is Outcome.PASS


@pytest.mark.parametrize("judge", OF_COUNTS)
def test_rare_levels_that_no_test_can_tell_apart_are_not_a_pass(judge: Any) -> None:
    before, after = (pd.DataFrame({"x": ["a"] * 700 + [f"{side}{i}" for i in range(300)]}) for side in "pq")

    check = one(check_drift(before, after, judge=judge))

    assert check.outcome is Outcome.INCONCLUSIVE
    assert "too rare to be compared" in check.message


@pytest.mark.parametrize("judge", OF_ORDER)
def test_levels_have_no_order_and_fall_back_on_total_variation_with_a_word(judge: Any) -> None:
    check = one(check_drift(levels(a=600, b=400), levels(a=200, b=800), judge=judge))

    assert (check.outcome, check.limit, check.details["judge"]) == (Outcome.FAIL, 0.2, "distance")
    assert f"{judge} is not defined for levels: judged by TV" in check.message


@pytest.mark.parametrize("judge", ["wasserstein", "energy"])
@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        pytest.param([3.0] * 500, [4.0] * 500, "are one value", id="constant"),
        pytest.param([0.0] * 999 + [5.0], [1.0] * 1000, "are one value", id="hardly ever another value"),
        pytest.param([0.0, 1.0] * 300 + [np.inf], [9.0, 8.0] * 300, "infinite values", id="infinite"),
        pytest.param([0.0, 1.0] * 300 + [1e300], [9.0, 8.0] * 300, "overflows", id="overflow"),
        pytest.param([0.0, 1.0] * 300, [9.0, 8.0] * 300 + [1e308, -1e308], "overflows", id="overflow of current"),
    ],
)
def test_a_unit_that_is_none_falls_back_on_ks_with_a_word(judge: Any, before: Any, after: Any, why: str) -> None:
    check = one(check_drift(pd.DataFrame({"x": before}), pd.DataFrame({"x": after}), judge=judge))

    assert (check.outcome, check.details["judge"], check.limit) == (Outcome.FAIL, "distance", 0.2)
    assert why in check.message
    assert "judged by D" in check.message


@pytest.mark.parametrize("judge", OF_COUNTS)
def test_too_few_rows_for_two_bins_are_no_pass(judge: Any) -> None:
    check = one(check_drift(normal(80), normal(80, seed=1), judge=judge))

    assert check.outcome is Outcome.INCONCLUSIVE
    assert "do not fill two bins" in check.message


@pytest.mark.parametrize("judge", ["wasserstein", "energy"])
def test_too_few_rows_for_a_distance_say_how_many_would_do(judge: Any) -> None:
    check = one(check_drift(normal(30), normal(30, seed=1), judge=judge))

    assert check.outcome is Outcome.INCONCLUSIVE
    needed = check.details["rows_needed"]
    more = one(check_drift(normal(2 * needed), normal(2 * needed, seed=1), judge=judge))
    assert check.limit / 2 < more.details["smallest_detectable"] <= check.limit


@pytest.mark.parametrize("judge", EVERY)
def test_missing_values_keep_their_own_check_by_share(judge: Any) -> None:
    before, after = normal(1000), normal(1000, seed=1)
    after.loc[:399, "x"] = np.nan

    check = one(check_drift(before, after, judge=judge), "x:missing")

    assert (check.outcome, check.limit, check.details["judge"]) == (Outcome.FAIL, 0.2, "distance")


def test_no_figure_in_the_unit_of_a_sensitive_column_is_told() -> None:
    check = one(check_drift(normal(1000), normal(1000, 1, seed=1), judge="wasserstein", sensitive=["x"]))

    assert not {"undivided", "standard_deviation"} & check.details["judged"].keys()


# one wild value


def wild(shift: float, *, seed: int, value: float | None = 1e8) -> pd.DataFrame:
    frame = normal(10_001, shift, seed=seed)
    if value is not None:
        frame.loc[0, "x"] = value
    return frame


@pytest.mark.parametrize("side", ["both", "current", "reference"])
@pytest.mark.parametrize("judge", ["distance", "psi", "ks", *OF_COUNTS])
def test_one_wild_value_hides_no_shift_from_ranks_and_bins(judge: Any, side: str) -> None:
    before = wild(0, seed=0, value=None if side == "current" else 1e8)
    after = wild(0.5, seed=1, value=None if side == "reference" else 1e8)

    assert one(check_drift(before, after, judge=judge)).outcome is Outcome.FAIL


@pytest.mark.parametrize("side", ["both", "current", "reference"])
@pytest.mark.parametrize("judge", ["wasserstein", "energy"])
def test_one_wild_value_makes_no_pass_of_a_shift_in_its_unit_and_is_said(judge: Any, side: str) -> None:
    before = wild(0, seed=0, value=None if side == "current" else 1e8)
    after = wild(0.5, seed=1, value=None if side == "reference" else 1e8)

    check = one(check_drift(before, after, judge=judge))

    assert check.outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE)
    assert check.p < 1e-100
    assert "wild values inflate the standard deviation" in check.message
    assert check.details["judged"]["of_the_middle"] == pytest.approx(HALF_DEVIATION[judge], rel=0.1)


@pytest.mark.parametrize("judge", ["wasserstein", "energy"])
def test_one_wild_value_alone_does_not_fail(judge: Any) -> None:
    check = one(check_drift(wild(0, seed=0, value=None), wild(0, seed=1), judge=judge))

    assert check.outcome is Outcome.INCONCLUSIVE
    assert "a few values, too few to be tested" in check.message
    assert "wild values" in check.fix


# limits


@pytest.mark.parametrize(
    ("setting", "subject", "judge", "limits"),
    [
        ({"judge": "wasserstein"}, "x", "wasserstein", (0.5, 0.25)),
        ({"judge": "hellinger"}, "x", "hellinger", (0.17, 0.085)),
        ({"judge": "wasserstein", "max_distance": 2}, "x", "wasserstein", (2, 1)),
        # what is judged by another statistic has the limit in proportion to the defaults
        ({"judge": "wasserstein", "max_distance": 1}, "x", "distance", (0.4, 0.2)),
        ({"judge": "wasserstein", "max_distance": 9}, "x:missing", "distance", (1, 0.5)),
        ({"max_distance": 0.1, "columns": {"x": {"judge": "wasserstein"}}}, "x", "wasserstein", (0.25, 0.125)),
        ({"columns": {"x": {"judge": "energy", "max_distance": 3}}}, "x", "energy", (3, 1.5)),
        ({"columns": {"x": {"judge": "wasserstein", "max_distance": 1}}}, "x", "distance", (0.4, 0.2)),
        (
            {"judge": "wasserstein", "columns": {"x:missing": {"max_distance": 0.3}}},
            "x:missing",
            "distance",
            (0.3, 0.15),
        ),
        ({"judge": "psi"}, "x:missing", "distance", (0.2, 0.1)),
    ],
)
def test_a_limit_is_on_the_scale_of_its_statistic(
    setting: dict[str, Any], subject: str, judge: Any, limits: tuple[float, float]
) -> None:
    found = Settings(**setting).limits(subject, judge)

    assert (found.block, found.warn) == pytest.approx(limits)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"judge": "hellinger", "max_distance": 1.5}, "at most 1"),
        ({"judge": "wasserstein", "max_distance": 0}, "above 0"),
        ({"judge": "wasserstein", "columns": {"x": {"judge": "ks", "max_distance": 2}}}, "at most 1"),
        ({"columns": {"x:missing": {"judge": "psi"}}}, "columns.x:missing: the share of missing values"),
        ({"columns": {"x": {"judge": "js"}}}, "'jensen_shannon'"),
        ({"importance": {}}, "a table by column"),
        ({"importance": {"x": -1}}, "the importance of 'x' should be a number of at least 0, not -1"),
        ({"importance": {"x": True}}, "not True"),
        ({"importance": {"x": float("nan")}}, "not nan"),
        ({"importance": {"x": 0}}, "no importance is above 0"),
    ],
)
def test_a_wrong_setting_is_refused(setting: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**setting)

    assert words in refused.value.errors()[0]["msg"]


def test_a_column_may_have_a_statistic_of_its_own() -> None:
    before, after = (pd.DataFrame({"x": normal(1000, seed=i)["x"], "y": normal(1000, seed=9 - i)["x"]}) for i in (1, 2))

    result = check_drift(before, after, judge="hellinger", columns={"y": {"judge": "wasserstein"}})

    assert [check.details["judge"] for check in result.checks] == ["hellinger", "wasserstein"]
    assert [check.limit for check in result.checks] == [0.17, 0.5]


# patterns


def test_an_exact_name_wins_over_patterns_and_the_longest_pattern_over_shorter_ones() -> None:
    settings = Settings(
        columns={
            "*": {"max_distance": 0.9},
            "lag_*": {"max_distance": 0.3},
            "lag_1*": {"max_distance": 0.4},
            "lag_12": {"max_distance": 0.5},
            "lag_*:missing": {"max_distance": 0.6},
        }
    )

    limits = {name: settings.limits(name, "distance").block for name in ("temp", "lag_2", "lag_1", "lag_12")}
    assert limits == {"temp": 0.9, "lag_2": 0.3, "lag_1": 0.4, "lag_12": 0.5}
    assert settings.limits("lag_2:missing", "distance").block == 0.6
    assert settings.limits("temp:missing", "distance").block == 0.2


def test_a_pattern_sets_limits_of_a_group_and_does_not_name_its_columns() -> None:
    rng = np.random.default_rng(0)
    before = pd.DataFrame({"lag_1": rng.normal(size=500), "lag_2": rng.normal(size=500), "lag_id": range(500)})
    after = pd.DataFrame({"lag_1": rng.normal(1, size=500), "lag_2": rng.normal(size=500), "lag_id": range(500)})

    result = check_drift(before, after, columns={"lag_*": {"max_distance": 0.9, "reason": "they lag"}})

    assert "limit of its own: they lag" in one(result, "lag_1").message
    assert one(result, "lag_1").outcome is Outcome.PASS
    assert one(result, "lag_id").code == "MLG506"


@pytest.mark.parametrize("key", ["leg_*", "x?", "lag_*:missing"])
def test_a_pattern_without_a_column_is_an_error(key: str) -> None:
    result = check_drift(normal(200), normal(200), columns={key: {"max_distance": 0.9}})

    assert result.outcome is Outcome.ERROR
    assert f"columns: {key!r}" in result.checks[0].message


# importance


def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(0)
    names = ["most", "half", "little", "absent"]
    return tuple(pd.DataFrame({name: rng.normal(shift, size=1000) for name in names}) for shift in (0, 0.75))  # type: ignore[return-value]


def test_less_important_columns_may_move_farther_and_absent_ones_may_not() -> None:
    result = check_drift(*frames(), importance={"most": 10, "half": 5, "little": 0})

    limits = {check.subject: (check.details["max"], check.details["warn"]) for check in result.checks}
    assert limits == {"most": (0.2, 0.1), "half": (0.4, 0.2), "little": (1.0, 0.5), "absent": (0.2, 0.1)}
    outcomes = {check.subject: (check.outcome, check.severity) for check in result.checks}
    assert outcomes["most"] == outcomes["absent"] == (Outcome.FAIL, Severity.BLOCK)
    assert outcomes["half"] == (Outcome.FAIL, Severity.WARN)
    assert outcomes["little"] == (Outcome.PASS, Severity.BLOCK)
    assert "limit of its own: its importance is 0.5 of the largest" in one(result, "half").message
    assert "importance" not in one(result, "most").message + one(result, "absent").message


def test_a_columns_own_limit_wins_over_its_importance() -> None:
    settings = Settings(importance={"a": 1, "b": 0.1}, columns={"b": {"max_distance": 0.25, "reason": "known"}})

    assert (settings.limits("b", "distance").block, settings.limits("b", "distance").reason) == (0.25, "known")


@pytest.mark.parametrize(
    ("setting", "judge", "block"),
    [
        ({"judge": "wasserstein"}, "wasserstein", 1.0),
        ({"judge": "wasserstein", "max_distance": 4}, "wasserstein", 4 / 0.5 * 0.5),
        ({"judge": "psi"}, "psi", 0.5),
        ({"max_distance": 0.8}, "distance", 1.0),
    ],
)
def test_importance_loosens_every_scale_and_tightens_none(setting: dict[str, Any], judge: Any, block: float) -> None:
    assert Settings(importance={"a": 1, "b": 0.5}, **setting).limits("b", judge).block == pytest.approx(block)


def test_importance_says_nothing_about_missing_values() -> None:
    assert Settings(importance={"a": 1, "b": 0.1}).limits("b:missing", "distance").block == 0.2


def test_importance_may_be_a_json_file(tmp_path) -> None:
    path = tmp_path / "importance.json"
    path.write_text(json.dumps({"most": 2, "half": 1}))

    result = check_drift(*frames(), importance=str(path))

    assert one(result, "half").details["max"] == 0.4


@pytest.mark.parametrize("text", [None, "{", "[1]", '{"x": "much"}', '{"x": -1}', '{"x": 0}'])
def test_a_bad_importance_file_is_an_error_that_names_it(tmp_path, text: str | None) -> None:
    path = tmp_path / "importance.json"
    if text is not None:
        path.write_text(text)

    result = check_drift(normal(200), normal(200), importance=str(path))

    assert result.outcome is Outcome.ERROR
    assert "importance.json" in result.checks[0].message
    assert result.checks[0].fix


def test_a_path_is_looked_up_beside_the_configuration(tmp_path) -> None:
    from pytest_mlgate.gates.drift.importance import with_importance

    (tmp_path / "weights.json").write_text('{"x": 1, "y": 0.5}')

    settings = with_importance(Settings(importance="weights.json"), Facts(import_roots=(str(tmp_path),)))

    assert settings.importance == {"x": 1.0, "y": 0.5}


def test_an_importance_of_an_unknown_column_is_an_error() -> None:
    result = check_drift(*frames(), importance={"most": 1, "hald": 2})

    assert result.outcome is Outcome.ERROR
    assert "importance: 'hald' (did you mean 'half'?)" in result.checks[0].message
