"""The example from end to end, as the README tells it: an honest candidate, and three that must not pass."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_mlgate.verdict import read_verdict
from tests.docs.pages import ROOT, blocks_of
from tests.docs.shell import DECIMALS, Command, commands, compare
from tests.reports.browser import Browser, faults

pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "example_project"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("example")
    ignore = shutil.ignore_patterns("data", "artifacts", ".mlgate", "__pycache__")
    shutil.copytree(EXAMPLE, root / "example_project", ignore=ignore)
    return root


def _train(root: Path, *switches: str) -> None:
    subprocess.run([sys.executable, "-m", "example_project.train", *switches], cwd=root, check=True)


def _gates(root: Path, *options: str, shown: str = "", **environment: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "pytest", "example_project", "--mlgate", *options]
    run = subprocess.run(
        command, cwd=root, env={**os.environ, **environment}, check=False, stdout=subprocess.PIPE, text=True
    )
    code = run.returncode
    if shown:
        _is_what_the_readme_shows(shown, run.stdout)
    path = root / "example_project" / ".mlgate" / "verdict.json"
    read_verdict(path)  # whole, and unchanged since it was written
    verdict: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return code, verdict


def _is_what_the_readme_shows(variant: str, printed: str) -> None:
    """Compare a run with its block in README.md: ids, outcomes, counts and words; decimals are those of that day."""
    found = [block for block in blocks_of(ROOT / "README.md") if variant in block.source and block.mark == "run by"]
    (command,) = commands(found[0].source)
    compare(Command(command.text, (*command.shown, "...")), printed, DECIMALS)


def test_the_honest_candidate_is_promoted_xdist_changes_no_byte_of_the_checks_and_browsers_can_show_it(
    copy: Path, tmp_path: Path
) -> None:
    _train(copy)

    code, alone = _gates(copy, "--mlgate-report=html", shown="example_project.train && pytest")
    page = copy / "example_project" / ".mlgate" / "report.html"
    page.rename(copy / "honest.html")  # for a browser to look at, below
    code_2, spread = _gates(copy, "-n", "2")

    assert (code, code_2) == (0, 0)
    assert alone["decision"] == spread["decision"] == "promote"
    assert json.dumps(alone["checks"]) == json.dumps(spread["checks"])
    assert alone["identity"] == spread["identity"]
    assert (copy / "honest.html").stat().st_size < 1_500_000
    assert faults(Browser(tmp_path).look(copy / "honest.html")) == []


@pytest.mark.parametrize(
    ("switches", "blocking"),
    [
        (("--current", "september"), {"drift:late"}),
        (("--candidate", "leaky"), {"baseline[roc_auc]:cap", "behaviour:invariant:dep_delay"}),
        (("--candidate", "worse-at-lga"), {"baseline[roc_auc]:origin=LGA"}),
    ],
    ids=["september", "leaky", "worse-at-lga"],
)
def test_a_variant_is_blocked_for_its_own_reason_and_no_other(
    copy: Path, switches: tuple[str, ...], blocking: set[str]
) -> None:
    _train(copy, *switches)

    code, verdict = _gates(copy, shown=" ".join(switches))

    assert code == 1
    assert verdict["decision"] == "block"
    assert {reason.split(": ")[0] for reason in verdict["reasons"]} == blocking


def test_a_service_that_is_one_landing_behind_is_blocked_with_the_smallest_row_that_shows_it(copy: Path) -> None:
    _train(copy)

    code, verdict = _gates(copy, shown="LANDINGS_BEHIND", LANDINGS_BEHIND="1")

    assert code == 1
    assert {reason.split(": ")[0] for reason in verdict["reasons"]} == {"parity:late_history"}
    (check,) = (check for check in verdict["checks"] if check["id"] == "parity:late_history")
    (row,) = check["details"]["rows"]
    # Of several that are all alike, one less tells nothing.
    assert len(set(row["recent"])) > 1 or len(row["recent"]) == 1
    assert f'"recent": "{row["recent"]}"' in check["message"]
