"""How a verdict looks: at the terminal, on a pull request, and in the forms that other tools read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_mlgate.reports.places import Place
    from pytest_mlgate.verdict import Verdict

KINDS = {
    "markdown": "report.md",
    "html": "report.html",
    "comment": "comment.md",
    "junit": "junit.xml",
    "sarif": "mlgate.sarif",
    "code-quality": "gl-code-quality-report.json",
    "metrics": "metrics.txt",
}
"""Kinds of report, with the name of the file that each is written to; the module of this name has its ``render``, and
``require`` where it needs packages of an extra."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run, as every kind of report is given it.

    Attributes
    ----------
    verdict : Verdict
    config : str
        The configuration's path from the root of the repository: it tells the models of one repository apart.
    places : Mapping
        Where each check stands, by its id.
    evidence : Mapping
        Curves and tables of rows, by the id of their check.
    url : str or None
        Of the job of continuous integration that this run is part of.
    """

    verdict: Verdict
    config: str = "mlgate.toml"
    places: Mapping[str, Place] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    url: str | None = None


def require(kind: str) -> None:
    """Raise where a kind of report needs packages that are not installed.

    Raises
    ------
    InputError
        With the extra that brings them.
    """
    needs = getattr(_module(kind), "require", None)
    if needs is not None:
        needs()


def render(kind: str, run: Run) -> str:
    """Return a report as text; ``kind`` is one of :data:`KINDS`."""
    text: str = _module(kind).render(run)
    return text


def _module(kind: str) -> ModuleType:
    return import_module(f"pytest_mlgate.reports.{kind.replace('-', '_')}")
