"""How a verdict looks: at the terminal, as Markdown, as HTML, as annotations on a pull request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_mlgate.verdict import Verdict

KINDS = {"markdown": "report.md", "html": "report.html"}
"""Kinds of report, with the name of the file that each is written to."""


def require(kind: str) -> None:
    """Raise where a kind of report needs packages that are not installed.

    Raises
    ------
    InputError
        With the extra that brings them.
    """
    if kind == "html":
        from pytest_mlgate.reports import html

        html.require()


def render(kind: str, verdict: Verdict, evidence: Mapping[str, Any]) -> str:
    """Return a report of one kind; ``evidence`` is what is kept beside the verdict, by the id of its check."""
    from pytest_mlgate.reports import html, markdown

    return html.render(verdict, evidence) if kind == "html" else markdown.render(verdict)
