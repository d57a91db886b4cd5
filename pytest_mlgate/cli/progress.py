"""That work goes on, and for how long: only for a person who looks at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_mlgate.cli.common import is_quiet
from pytest_mlgate.reports.signs import is_watched
from pytest_mlgate.tables.scans import shown_by


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on the last line of the terminal what is done, how far it is and for how long, until it is done.

    On standard error, and nothing where that is no terminal, where a log is kept (``CI``), on a terminal that cannot
    move its cursor (``TERM=dumb``), and with ``--quiet``. Nothing else may be printed meanwhile.
    """
    if is_quiet() or not is_watched(isatty=sys.stderr is not None and sys.stderr.isatty()):
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
        task = shown.add_task(what, total=None)
        with shown_by(lambda far: shown.update(task, description=f"{what}: {far}" if far else what)):
            yield
