"""Ours, each file with the trust that its line names after a tab: as a team would have configured it."""

from scanning import scan

from pytest_mlgate.artifacts.inspection import Trust, inspect_artifact


def judge(line):
    """Return the word for a file."""
    path, _, trusted = line.partition("\t")
    found = inspect_artifact(path, trust=Trust.of(trusted.split()))
    return "clean" if found.verdict == "accepted" else "flagged"


scan(judge)
