"""Filling the template: everything of the data's own is escaped, and what would not show is written out."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Any

from pytest_mlgate.reports.html.parts import MOST_TEXT, cut
from pytest_mlgate.reports.text import visible

if TYPE_CHECKING:
    from markupsafe import Markup

    from pytest_mlgate.reports.html.view import Page


def fill(page: Page) -> str:
    """Return the page as HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("pytest_mlgate.reports.html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"settings": _settings, "thousands": _thousands}
    style = resources.files("pytest_mlgate.reports.html").joinpath("templates", "style.css").read_text(encoding="utf-8")
    return environment.get_template("report.html").render(page=page, style=Markup(style), drawing=Markup)


def _thousands(text: str) -> str:
    """Return text in which no line ends within a number: ``28 293`` is one."""
    return re.sub(r"(?<=\d) (?=\d{3}\b)", "\u00a0", text)


def _settings(text: str) -> Markup:
    """Return our own advice, escaped, what stands between backticks set as code."""
    from markupsafe import Markup, escape

    parts = re.split(r"`([^`\n]{1,80})`", _thousands(_shown(text)))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in enumerate(parts)
    )


def _shown(value: Any) -> Any:
    """Return text with control and direction characters as escapes; cut where far too long."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(cut(value, MOST_TEXT))
    return value
