"""A verdict and its evidence as one HTML page: no network, no script, nothing beside it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from pytest_mlgate.reports import Run

_NEEDED = ("jinja2", "matplotlib")


def require() -> None:
    """Raise where a package that the page is made with is not installed.

    Raises
    ------
    InputError
        With the extra that brings it.
    """
    lacking = [name for name in _NEEDED if find_spec(name) is None]
    if lacking:
        verb = "is" if len(lacking) == 1 else "are"
        raise InputError(
            f"the HTML report needs {' and '.join(lacking)}, which {verb} not installed",
            fix="pip install 'pytest-mlgate[report]'",
        )


def render(run: Run, *, notes: tuple[str, ...] = ()) -> str:
    """Return the page.

    Parameters
    ----------
    run : Run
        Its verdict and evidence are shown.
    notes : tuple of str
        What a reader has to know of the page itself: that there was no evidence to show.

    Returns
    -------
    str
        The same for the same verdict and evidence.

    Raises
    ------
    InputError
        Where jinja2 or matplotlib are not installed.
    """
    require()
    from pytest_mlgate.reports.html.page import build
    from pytest_mlgate.reports.html.templating import fill

    return fill(build(run.verdict, run.evidence, notes=notes))
