"""The example from end to end, as the README tells it: an honest candidate, and three that must not pass."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from pytest_mlgate.lifecycle.appending import read_ledger
from tests.docs.pages import ROOT, blocks_of
from tests.docs.shell import DECIMALS, Command, commands, compare
from tests.example.copies import EARLY, WAY_UP, copy_example, gates, mlgate, train
from tests.reports.browser import Browser, faults

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_example(tmp_path_factory.mktemp("example"))


def _gates(root: Path, *options: str, shown: str = "", **environment: str) -> tuple[int, dict[str, Any]]:
    code, verdict, printed = gates(root, *options, **environment)
    if shown:
        _is_what_the_readme_shows(shown, printed)
    return code, verdict


def _is_what_the_readme_shows(variant: str, printed: str) -> None:
    """Compare a run with its block in README.md: ids, outcomes, counts and words; decimals are those of that day."""
    found = [block for block in blocks_of(ROOT / "README.md") if variant in block.source and block.mark == "run by"]
    command = next(command for command in commands(found[0].source) if variant in command.text)
    compare(Command(command.text, (*command.shown, "...")), printed, DECIMALS)


def test_the_honest_candidate_is_promoted_xdist_changes_no_byte_of_the_checks_and_browsers_can_show_it(
    copy: Path, tmp_path: Path
) -> None:
    train(copy)

    for stage in WAY_UP:
        _as_shown(copy, f"mlgate promote --config champion.toml --to {stage} ")
    code, alone = _gates(copy, "--mlgate-report=html", shown="example_project.train && pytest")
    page = copy / "example_project" / ".mlgate" / "report.html"
    page.rename(tmp_path / "honest.html")  # for a browser to look at, below; in the copy it would make the tree unclean

    assert (code, alone["decision"]) == (0, "promote")
    _is_the_same(_goes_into_production_and_back(copy), alone)
    assert (tmp_path / "honest.html").stat().st_size < 1_500_000
    assert faults(Browser(tmp_path).look(tmp_path / "honest.html")) == []  # skips where there is no browser


def _is_the_same(verdict: dict[str, Any], alone: dict[str, Any]) -> None:
    """Compare two verdicts to the byte, but for what another stage changes: what it asks of people and of the card."""
    ids = [check["id"] for check in alone["checks"] if check["gate"] != "governance" and check["id"] != "card"]
    checks, same = ([check for check in one["checks"] if check["id"] in ids] for one in (verdict, alone))
    assert len(ids) > 190
    assert json.dumps(checks) == json.dumps(same)
    assert {**verdict["identity"], "policy": ""} == {**alone["identity"], "policy": ""}


def _goes_into_production_and_back(root: Path) -> dict[str, Any]:
    """What docs/promotion.md shows of the example; return the verdict for production, of gates spread over two workers.

    Pre-production asks for no verdict here, or it would take longer.
    """
    _as_shown(root, "mlgate promote --to validation")
    _as_shown(root, "mlgate promote --to pre-production", "--policy", str(root / EARLY))
    code, verdict = _gates(root, "-n", "2", "--mlgate-stage=production", shown="mlgate check --stage production")
    assert (code, verdict["decision"]) == (0, "promote")
    _as_shown(root, "mlgate promote --to production  ")
    _as_shown(root, "mlgate promote --to production --approver")
    _as_shown(root, "mlgate history")
    _as_shown(root, "mlgate rollback")
    ledger = read_ledger(root / "example_project" / "mlgate-ledger.jsonl").whole()
    forced = {name: bool(version.forced) for name, version in ledger.model("flights-late").versions.items()}
    assert forced == {"1": True, "2": False}
    return verdict


def _as_shown(root: Path, begins: str, *unseen: str) -> None:
    """Run the command of docs/promotion.md that begins so, and compare what it prints with what is shown there."""
    blocks = [block for block in blocks_of(ROOT / "docs" / "promotion.md") if block.mark == "run by"]
    known = [command for block in blocks for command in commands(block.source)]
    (command,) = (command for command in known if command.text.startswith(begins))
    words = shlex.split(command.text.replace("\\\n", " "), comments=True)
    code, printed = mlgate(root, *words[1:], *unseen)
    assert code == command.status, printed
    compare(command, printed)


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
    train(copy, *switches)

    code, verdict = _gates(copy, shown=" ".join(switches))

    assert code == 1
    assert verdict["decision"] == "block"
    assert {reason.split(": ")[0] for reason in verdict["reasons"]} == blocking


def test_a_service_that_is_one_landing_behind_is_blocked_with_the_smallest_row_that_shows_it(copy: Path) -> None:
    train(copy)

    code, verdict = _gates(copy, shown="LANDINGS_BEHIND", LANDINGS_BEHIND="1")

    assert code == 1
    assert {reason.split(": ")[0] for reason in verdict["reasons"]} == {"parity:late_history"}
    (check,) = (check for check in verdict["checks"] if check["id"] == "parity:late_history")
    (row,) = check["details"]["rows"]
    # Of several that are all alike, one less tells nothing.
    assert len(set(row["recent"])) > 1 or len(row["recent"]) == 1
    assert f'"recent": "{row["recent"]}"' in check["message"]
