"""A project with gates in pytester's folder, and its verdict, checked against the published schema each time."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_mlgate.verdict import Verdict, json_schema, read_verdict

# hypothesis' plugin imports hypothesis at the end of every session
QUICK = ("-p", "no:hypothesispytest", "-p", "no:cacheprovider")
# What a model in production owes, for tests that are about something else.
GOVERNED = """
[policy.every.gates]
baseline = "off"
schema = "off"
card = "off"
roundtrip = "off"
drift = "off"
[governance]
owner = "jo.martin@airline.aero"
approvers = ["ada.king@airline.aero"]
[[governance.monitoring]]
kind = ["performance", "inputs", "volume", "errors", "outputs"]
signal = "all that the service logs"
threshold = "1 alarm"
notify = "jo.martin@airline.aero"
[governance.rollback]
first_version = true
steps = ["take the service down"]
[governance.retraining]
calendar = "every 90 days"
[governance.release]
strategy = "canary"
plan = "1 % of the requests for a day"
[governance.retirement]
condition = "the service ends"
[governance.lineage]
commit = "0123abc"
run = "make train"
"""
GOVERNED_WITHOUT_ROWS = f'{GOVERNED}train = "{"0" * 64}"\n'  # where no training rows are configured
PASSING = '[[gates.toy]]\nname = "a"\n'


class Project:
    """A folder with a configuration, tests, and the verdict that a run leaves."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path

    def write(self, name: str, text: str) -> Path:
        """Write a file, its indentation removed and its folders made."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def configure(self, *answers: str, head: str = "", tail: str = "") -> None:
        """Write a configuration with one toy gate an answer, called a, b, c, ..."""
        gates = "".join(
            f'[[gates.toy]]\nname = "{name}"\nanswer = "{answer}"\n'
            for name, answer in zip("abcdefgh", answers, strict=False)
        )
        self.write("mlgate.toml", f"{textwrap.dedent(head)}\n{gates}{textwrap.dedent(tail)}")

    def run(self, *args: str) -> pytest.RunResult:
        """Run pytest with ``--mlgate`` in this process; with xdist's workers in another, as they take its path."""
        if "-n" in args:
            return self.spawn(*args)
        return self.pytester.runpytest_inprocess("--mlgate", *QUICK, *args)

    def plain(self, *args: str) -> pytest.RunResult:
        """Run pytest without ``--mlgate`` in this process."""
        return self.pytester.runpytest_inprocess(*QUICK, *args)

    def spawn(self, *args: str) -> pytest.RunResult:
        """Run pytest with ``--mlgate`` in a process of its own."""
        return self.pytester.runpytest_subprocess("--mlgate", *QUICK, *args, timeout=60)

    @property
    def verdict_file(self) -> Path:
        """Where the verdict is written."""
        return self.path / ".mlgate" / "verdict.json"

    def verdict(self) -> Verdict:
        """Return the verdict: a complete one, that fits its schema and its own digest."""
        record = json.loads(self.verdict_file.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(json_schema()).validate(record)
        return read_verdict(self.verdict_file)

    def checks(self) -> dict[str, str]:
        """Return ``{id: message}`` of the verdict's checks."""
        return {check.id: check.message for check in self.verdict().checks}


@pytest.fixture
def project(pytester: pytest.Pytester, toy_gate: Path) -> Project:
    """An empty project in which the gates ``toy`` and ``rows`` are installed."""
    return Project(pytester)


@pytest.fixture
def gated(project: Project) -> Project:
    """A project whose one gate passes, with a test that passes beside it."""
    project.configure("pass")
    project.write("tests/test_own.py", "def test_own():\n    pass\n")
    return project


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    """Return what the last line of a run counts."""
    found: dict[str, Any] = result.parseoutcomes()
    return {word: int(count) for word, count in found.items()}
