"""`registry:production`: what serves now, by the ledger, is the baseline; and only as long as it serves."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_mlgate.artifacts.references import Place, is_reference
from pytest_mlgate.checks import InputError
from pytest_mlgate.config import load_config
from pytest_mlgate.lifecycle.ledger import Ledger
from pytest_mlgate.lifecycle.registry import resolve
from pytest_mlgate.lifecycle.requirements import moved_baseline
from pytest_mlgate.store import Store
from pytest_mlgate.verdict import Verdict
from tests.lifecycle.made import MODEL, after, digest_of, to_production, write


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A project of two versions: v1 went to production, then v2; each file's bytes are its version's name."""
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "mlgate-archive").mkdir()
    for version in ("v1", "v2"):
        (tmp_path / "artifacts" / f"{version}.joblib").write_text(version)
    place = Place(
        folder=tmp_path,
        model=MODEL,
        ledger=tmp_path / "mlgate-ledger.jsonl",
        archive=tmp_path / "mlgate-archive",
    )
    write(place.ledger, to_production(to_production(Ledger(path=place.ledger), "v1"), "v2"))
    return place


def ledger_of(place: Place, *, to: str) -> Ledger:
    """Return the ledger of the project after one more step."""
    ledger = to_production(to_production(Ledger(path=place.ledger), "v1"), "v2")
    return after(ledger, "rollback" if to == "production" else "promote", "v1" if to == "production" else "v2", to)


def test_what_serves_is_meant_and_a_rollback_moves_it(place: Place) -> None:
    assert resolve("production", place).read_text() == "v2"

    write(place.ledger, ledger_of(place, to="production"))

    assert resolve("production", place).read_text() == "v1"


def test_what_is_watched_still_serves(place: Place) -> None:
    write(place.ledger, ledger_of(place, to="monitoring"))

    assert resolve("production", place).read_text() == "v2"
    assert resolve("monitoring", place).read_text() == "v2"


@pytest.mark.parametrize("overwritten", [False, True])
def test_a_file_that_is_gone_or_was_overwritten_is_taken_from_the_archive(place: Place, overwritten: bool) -> None:
    lay = place.folder / "artifacts" / "v2.joblib"
    kept = place.archive / f"{digest_of('v2')}.joblib"
    shutil.copy(lay, kept)
    if overwritten:
        lay.write_text("the next training")
    else:
        lay.unlink()

    assert resolve("production", place) == kept


def test_a_file_that_is_nowhere_is_one_error(place: Place) -> None:
    (place.folder / "artifacts" / "v2.joblib").write_text("the next training")

    with pytest.raises(InputError, match=r"is neither artifacts/v2\.joblib nor in mlgate-archive/") as error:
        resolve("production", place)

    assert "restore it" in error.value.fix


def test_another_model_of_the_ledger_can_be_named(place: Place) -> None:
    elsewhere = replace(place, model="another")

    assert resolve(f"{MODEL}@production", elsewhere).read_text() == "v2"


def test_where_nothing_serves_the_error_has_the_way_to_a_first_version(place: Place) -> None:
    place.ledger.unlink()

    with pytest.raises(InputError, match=rf"no version of '{MODEL}' is in production yet") as error:
        resolve("production", place)

    assert 'baseline = "dummy"' in error.value.fix
    assert "--first-version" in error.value.fix


@pytest.mark.parametrize("rest", ["prodution", "@production", "v2"])
def test_what_is_no_stage_is_refused(place: Place, rest: str) -> None:
    with pytest.raises(InputError, match="names no stage"):
        resolve(rest, place)


def test_two_versions_in_a_stage_are_none_that_is_meant(place: Place) -> None:
    ledger = to_production(Ledger(path=place.ledger), "v1")
    for version in ("v2", "v3"):
        ledger = after(ledger, "promote", version, "validation")
    write(place.ledger, ledger)

    with pytest.raises(InputError, match=r"2 versions of 'flights-late' are in validation: v2, v3"):
        resolve("validation", place)


def test_a_ledger_that_was_changed_names_nothing(place: Place) -> None:
    place.ledger.write_bytes(place.ledger.read_bytes().replace(b"Ada", b"Eve", 1))

    with pytest.raises(InputError, match="was changed after it was written"):
        resolve("production", place)


# --- in a configuration, and in a promotion


def test_the_scheme_is_ours_and_the_ledger_is_the_configurations(place: Place) -> None:
    place.ledger.rename(place.folder / "releases.jsonl")
    (place.folder / "mlgate.toml").write_text(
        f'[model]\nname = "{MODEL}"\nbaseline = "registry:production"\n[lifecycle]\nledger = "releases.jsonl"\n'
    )

    config = load_config(place.folder / "mlgate.toml")

    assert is_reference("registry:production")
    assert resolve("production", config.place).read_text() == "v2"


def test_what_serves_is_inspected_as_any_model_file(place: Place) -> None:
    (place.folder / "mlgate.toml").write_text(f'[model]\nname = "{MODEL}"\nbaseline = "registry:production"\n')

    with pytest.raises(InputError, match=r"baseline = 'registry:production': .*v2\.joblib"):
        Store(config=load_config(place.folder / "mlgate.toml")).model("baseline")


def judged_against(version: str) -> Verdict:
    """Return a verdict whose baseline was what served when ``version`` did."""
    baseline = {"digest": digest_of(version), "source": f"artifacts/{version}.joblib"}
    identity = {"inputs": {"baseline": {**baseline, "reference": "registry:production"}}}
    moment = "2027-01-31T08:00:00+00:00"
    return Verdict(
        model=MODEL,
        stage="production",
        decision="promote",
        checks=(),
        identity=identity,
        started=moment,
        finished=moment,
    )


def test_a_verdict_against_what_serves_no_more_is_refused(place: Place) -> None:
    assert list(moved_baseline(judged_against("v2"), place)) == []

    (found,) = moved_baseline(judged_against("v1"), place)

    assert found.what == "baseline"
    assert "registry:production means another file than the one that was compared with" in found.message
    assert "mlgate check --stage production" in found.fix


def test_a_baseline_that_cannot_be_looked_at_again_is_missing_not_passed(place: Place) -> None:
    place.ledger.unlink()

    (found,) = moved_baseline(judged_against("v2"), place)

    assert found.what == "baseline"
    assert "is in production yet" in found.message
