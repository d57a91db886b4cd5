"""``mlgate profile``: what it writes, says and refuses; and a run whose reference is a profile."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate import Profile
from pytest_mlgate.cli import app
from pytest_mlgate.config import load_config
from pytest_mlgate.problems import ConfigError


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["profile", *arguments])


def day(number: int, rows: int = 2000) -> pd.DataFrame:
    rng = np.random.default_rng(number)
    start = pd.Timestamp("2013-01-01") + pd.Timedelta(days=number)
    return pd.DataFrame(
        {
            "temp": rng.normal(size=rows),
            "origin": rng.choice(["EWR", "JFK"], rows),
            "scheduled": start + pd.to_timedelta(rng.integers(0, 86_400, rows), unit="s"),
            "person": rng.choice(["Ada", "Grace"], rows),
            "flight": np.arange(rows) + rows * number,
        }
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")  # the root of the project
    for number in range(3):
        day(number).to_parquet(tmp_path / f"day{number}.parquet")
    return tmp_path


def test_a_table_is_profiled(folder: Path) -> None:
    result = call("day0.parquet", "-o", "profiles/train.json", "--time", "scheduled", "--sensitive", "person")
    found = Profile.read(folder / "profiles" / "train.json")

    assert result.exit_code == 0, result.output
    assert result.output.startswith("wrote profiles/train.json: 2,000 rows, 5 columns,")
    assert found.column("person").kind == "sensitive"
    assert found.period == ("2013-01-01", "2013-01-01")
    assert found.sources[0].name == "day0.parquet"


def test_options_may_come_first_and_several_tables_are_partitions(folder: Path) -> None:
    assert call("-o", "all.json", "--cells", "64", "--min-rows", "5", "day0.parquet", "day1.parquet").exit_code == 0

    found = Profile.read(folder / "all.json")
    assert (found.rows, found.cells, found.min_rows, len(found.sources)) == (4000, 64, 5, 2)


def test_days_are_merged_in_any_order(folder: Path) -> None:
    for number in range(3):
        assert call(f"day{number}.parquet", "-o", f"day{number}.json", "--time", "scheduled").exit_code == 0
    assert call("merge", "day0.json", "day1.json", "day2.json", "-o", "one.json").exit_code == 0
    assert call("merge", "day2.json", "day0.json", "day1.json", "-o", "other.json").exit_code == 0

    assert (folder / "one.json").read_text() == (folder / "other.json").read_text()
    assert Profile.read(folder / "one.json").period == ("2013-01-01", "2013-01-03")


def test_a_profile_is_shown_in_words(folder: Path) -> None:
    call("day0.parquet", "-o", "p.json", "--time", "scheduled", "--sensitive", "person")
    result = call("show", "p.json")

    assert result.exit_code == 0
    for words in (
        "2,000 rows, 5 columns",
        "of day0.parquet: 2,000 rows, SHA-256",
        "from 2013-01-01 to 2013-01-01 by scheduled",
        "temp: number, 100 cells, shares known to within",
        "origin: text, 2 levels: ",
        "person: sensitive, no value is kept",
        "flight: an identifier, no value is kept",
    ):
        assert words in result.output


def test_the_configuration_says_what_is_sensitive(folder: Path) -> None:
    text = '[data]\nsensitive = ["person", "elsewhere"]\ntime = "scheduled"\nid = "flight"\nreference = "train.json"\n'
    (folder / "mlgate.toml").write_text(text)
    result = call("day0.parquet", "-o", "train.json")

    assert result.exit_code == 0, result.output
    text = (folder / "train.json").read_text()
    assert "Grace" not in text
    assert Profile.read(folder / "train.json").time == "scheduled"


def test_a_misspelt_sensitive_column_of_the_configuration_is_refused(folder: Path) -> None:
    (folder / "mlgate.toml").write_text('[data]\nsensitive = ["persons"]\n')
    result = call("day0.parquet", "-o", "train.json")

    assert result.exit_code == 2
    assert "'persons', which `[data] sensitive` names" in result.output
    assert not (folder / "train.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["day9.parquet", "-o", "p.json"], "'day9.parquet' does not exist"),
        (["day0.parquet", "-o", "p.json", "--sensitive", "persn"], "no column 'persn'; did you mean 'person'"),
        (["day0.parquet", "day0.parquet", "-o", "p.json"], "is in two of the profiles"),
        (["show", "day0.parquet"], "day0.parquet' is no profile: it is not JSON"),
        (["sho", "day0.parquet"], "No such command 'sho'"),
        (["day0.parquet", "-o", "p.txt"], "end it in .json"),
        (["show", "none.json"], "'none.json' does not exist"),
        (["day0.parquet"], "-o"),
        (["day0.parquet", "-o", "p.json", "--cells", "1"], "cells=1 is no whole number of at least 2"),
    ],
)
def test_what_cannot_be_done_is_one_message_and_exit_2(folder: Path, arguments: list[str], words: str) -> None:
    result = call(*arguments)

    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output


def test_only_a_profile_is_written_over(folder: Path) -> None:
    table, model = folder / "rows.json", folder / "model.json"
    table.write_text('{"temp": 1}\n')
    model.write_text("{}")
    call("day0.parquet", "-o", "day0.json")
    before = [path.read_bytes() for path in (table, model, folder / "day0.json")]

    refusals = [call("day0.parquet", "-o", str(path)) for path in (table, model)]
    refusals.append(call("merge", "day0.json", "-o", "day0.json"))

    assert [result.exit_code for result in refusals] == [2, 2, 2]
    assert "is already there, and is no profile" in refusals[0].output
    assert "is what is read, and would be written over" in refusals[2].output
    assert [path.read_bytes() for path in (table, model, folder / "day0.json")] == before
    assert call("day1.parquet", "-o", "day0.json").exit_code == 0  # a profile may be renewed


def test_only_reference_and_current_may_be_profiles(folder: Path) -> None:
    call("day0.parquet", "-o", "p.json")
    (folder / "mlgate.toml").write_text('[data]\ntrain = "p.json"\n')

    with pytest.raises(ConfigError, match=r"`data.train` = 'p.json': is a profile, which holds no rows"):
        load_config(folder / "mlgate.toml")


def test_a_run_with_a_profile_names_it_in_the_verdict(folder: Path, pytester: pytest.Pytester) -> None:
    profile = folder / "train.json"
    assert call(str(folder / "day0.parquet"), "-o", str(profile)).exit_code == 0
    tables = f'reference = "{profile}"\ncurrent = "{folder / "day1.parquet"}"'
    pytester.makefile(".toml", mlgate=f'[data]\n{tables}\n[gates.drift]\nexclude = ["scheduled"]\n')
    result = pytester.runpytest("--mlgate")
    verdict = json.loads((pytester.path / ".mlgate" / "verdict.json").read_text())
    reference = verdict["identity"]["inputs"]["reference"]

    assert result.ret == 0, result.stdout.str()
    assert reference["digest"] == Profile.read(profile).digest
    assert reference["profile_of"] == [Profile.read(profile).sources[0].digest]
    assert reference["rows"] == 2000


def test_a_profile_of_the_current_table_is_no_reference_for_it(folder: Path, pytester: pytest.Pytester) -> None:
    profile = folder / "train.json"
    call(str(folder / "day0.parquet"), "-o", str(profile))
    text = f'[data]\nreference = "{profile}"\ncurrent = "{folder / "day0.parquet"}"\n[gates.drift]\n'
    pytester.makefile(".toml", mlgate=text)
    result = pytester.runpytest("--mlgate")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*reference and current are the same table*"])


def test_a_handwritten_test_gets_the_profile(folder: Path, pytester: pytest.Pytester) -> None:
    profile = folder / "train.json"
    call(str(folder / "day0.parquet"), "-o", str(profile))
    pytester.makefile(".toml", mlgate=f'[data]\nreference = "{profile}"\ncurrent = "{folder / "day1.parquet"}"\n')
    pytester.makepyfile(
        """
        import pytest_mlgate

        def test_it(mlgate, mlgate_reference):
            assert isinstance(mlgate_reference, pytest_mlgate.Profile)
            assert mlgate.drift(only=["temp"]).outcome == "pass"
        """
    )

    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1)
