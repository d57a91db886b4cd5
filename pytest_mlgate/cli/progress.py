"""That work goes on, and for how long: only for a person who looks at a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytest_mlgate.cli.common import is_quiet


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on the last line of the terminal what is done, and the time that it takes, until it is done.

    On standard error, and nothing where that is no terminal, where a log is kept (``CI``), on a terminal that cannot
    move its cursor (``TERM=dumb``), and with ``--quiet``. Nothing else may be printed meanwhile.
    """
    if is_quiet() or not _is_watched(sys.stderr):
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    shown = Progress(
        SpinnerColumn("line"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,  # what stays on the screen is what the command has to say
        redirect_stdout=False,  # else that would go to standard error, too
        redirect_stderr=False,
    )
    with shown:
        shown.add_task(what, total=None)
        yield


def _is_watched(stream: Any) -> bool:
    return stream is not None and stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
