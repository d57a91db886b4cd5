"""`mlgate history`: what happened, what was in a stage then, and how long things took; from the ledger alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.cli import app
from pytest_mlgate.lifecycle.events import VerdictSeen
from pytest_mlgate.lifecycle.ledger import Ledger
from tests.lifecycle.made import MODEL, after, digest_of, to_production, write
from tests.lifecycle.test_ledger_merge import merge

EMPTY = Ledger(path=Path("mlgate-ledger.jsonl"))


def at(hour: int) -> str:
    return f"2025-01-31T{hour:02}:00:00+00:00"


def verdict(stage: str, hour: int) -> VerdictSeen:
    return VerdictSeen(digest=digest_of("verdict"), decision="promote", stage=stage, finished=at(hour))


def a_day() -> Ledger:
    """v1 goes up at 1, 2 and 3 o'clock, v2 at 10, 11 and 12; at 20 one goes back to v1."""
    ledger = EMPTY
    for version, hour in (("v1", 1), ("v2", 10)):
        for step, stage in enumerate(("validation", "pre-production", "production")):
            ledger = after(ledger, "promote", version, stage, time=at(hour + step), verdict=verdict(stage, 0))
    return after(ledger, "rollback", "v1", "production", time=at(20), noticed=at(19), reason="drift of the label")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "mlgate-ledger.jsonl", a_day())


def run(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["history", "--ledger", str(path), *arguments])


def test_every_event_and_what_follows(path: Path) -> None:
    found = run(path)

    assert found.exit_code == 0
    assert "2025-01-31 20:00:00 rollback flights-late v1" in found.output
    assert "\n    reason: drift of the label\n" in found.output
    assert "flights-late: v1 serves, nothing to go back to\n  v1 production" in found.output
    assert found.output.count("promote") >= 6


def test_an_empty_ledger_says_so(tmp_path: Path) -> None:
    assert "no event yet; `mlgate promote` records the first" in run(tmp_path / "none").output


@pytest.mark.parametrize(
    ("moment", "serving"),
    [("2025-01-31T00:30", None), ("2025-01-31T05:00", "v1"), ("2025-01-31T15:00+00:00", "v2"), ("2025-01-31", "v1")],
)
def test_what_served_at_a_time(path: Path, moment: str, serving: str | None) -> None:
    found = run(path, "--at", moment, "--stage", "production")

    assert found.exit_code == 0
    marks = [version for version in ("v1", "v2") if f"{version} ({digest_of(version)[:12]}, serves)" in found.output]
    assert marks == ([serving] if serving else [])


def test_times_of_another_zone(path: Path) -> None:
    assert "v2 (" not in run(path, "--at", "2025-01-31T12:30:00+02:00", "--stage", "production").output
    assert "v2 (" in run(path, "--at", "2025-01-31T14:30:00+02:00", "--stage", "production").output


def test_a_clock_that_went_back_leaves_two_answers(tmp_path: Path) -> None:
    ledger = to_production(EMPTY, "v1", time=at(12))
    path = write(tmp_path / "l", to_production(ledger, "v2", time=at(9)))

    between = run(path, "--at", "2025-01-31T10:00", "--stage", "production").output
    later = run(path, "--at", "2025-01-31T13:00", "--stage", "production").output

    assert "the ledger has 2 answers" in between
    assert "\nno event yet\nor:\n" in between
    assert "v2 (" in between
    assert "answers" not in later
    assert "v2 (" in later


def test_between_two_branches_and_their_merge_there_are_two_answers(tmp_path: Path) -> None:
    start = to_production(EMPTY, "v1", time=at(1))
    ledger = merge(to_production(start, "v2", time=at(5)), to_production(start, "v3", time=at(6)), serving="v3")
    path = write(tmp_path / "l", ledger)

    found = run(path, "--at", "2025-01-31T07:00", "--stage", "production").output

    assert "the ledger has 2 answers" in found
    assert f"v2 ({digest_of('v2')[:12]}, serves)" in found
    assert f"v3 ({digest_of('v3')[:12]}, serves)" in found


def test_metrics(path: Path) -> None:
    lines = run(path, "--metrics").output.splitlines()

    assert lines == [
        "notice to rollback: median 60.0 min of 1; longest 60.0 min (flights-late v1, line 7)",
        "verdict to pre-production: median 6.5 h of 2; longest 11.0 h (flights-late v2, line 5)",
        "verdict to production: median 7.5 h of 2; longest 12.0 h (flights-late v2, line 6)",
    ]


def test_metrics_of_nothing(tmp_path: Path) -> None:
    found = run(tmp_path / "none", "--metrics").output

    assert "verdict to production: never yet" in found
    assert "no event says when its cause was noticed" in found


def test_json_lines_are_those_of_the_ledger(path: Path) -> None:
    found = run(path, "--json").output

    assert found == path.read_text()
    assert json.loads(found.splitlines()[0])["model"] == MODEL


def test_what_was_forced_shows_for_ever(tmp_path: Path) -> None:
    ledger = EMPTY
    for stage in ("validation", "pre-production", "production"):
        ledger = after(ledger, "promote", "v1", stage, verdict=None, forced=("no verdict",), reason="an outage")
    path = write(tmp_path / "l", to_production(ledger, "v2"))

    assert "FORCED: no verdict" in run(path).output
    assert "production, forced" not in run(path).output
    assert "forced)" in run(path, "--at", "2999-01-01").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--at", "soon"), "--at soon: is no time, such as 2027-01-31"),
        (("--stage", "production"), "--stage goes with --at"),
        (("--at", "2025-01-31", "--stage", "productoin"), "did you mean `production`?"),
        (("--model", "flights"), "no event is of model 'flights'; known are: flights-late"),
    ],
)
def test_a_question_that_cannot_be_answered(path: Path, arguments: tuple[str, ...], message: str) -> None:
    found = run(path, *arguments)

    assert found.exit_code == 2
    assert message in found.output


def test_a_broken_ledger_is_one_message_with_its_line(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"Ada", b"Eve", 1))

    found = run(path)

    assert found.exit_code == 1
    assert ":1: was changed after it was written" in found.output


def test_text_of_others_does_not_steer_the_terminal(tmp_path: Path) -> None:
    path = write(tmp_path / "l", after(EMPTY, "promote", "v1", "validation", reason="\x1b[31m\n::error::x"))

    assert "\x1b" not in run(path).output
    assert "\n::error" not in run(path).output


def test_the_configuration_says_where_the_ledger_is_and_its_files_need_not_be_there(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path.rename(tmp_path / "promotions.jsonl")
    (tmp_path / "mlgate.toml").write_text(
        '[model]\ncandidate = "gone.joblib"\n[data]\nholdout = "gone.csv"\n[lifecycle]\nledger = "promotions.jsonl"\n'
    )

    found = CliRunner().invoke(app, ["history"])

    assert found.exit_code == 0, found.output
    assert "v1 serves" in found.output


def test_it_loads_nothing_heavy(path: Path) -> None:
    code = (
        "import sys\nfrom pytest_mlgate.cli import app\n"
        f"app(['history', '--ledger', {str(path)!r}], standalone_mode=False)\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'scipy', 'joblib', 'pyarrow', 'pytest'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or None)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (found.returncode, found.stderr) == (0, "")
