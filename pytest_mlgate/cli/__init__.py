"""The ``mlgate`` command: one file a subcommand."""

from __future__ import annotations

import io
import os
import sys

from pytest_mlgate.cli import (
    card_write,
    check,
    explain,
    golden,
    golden_predictions,
    history,
    init,
    ledger,
    power,
    profile,
    schema,
)
from pytest_mlgate.cli.common import app

__all__ = [
    "app",
    "card_write",
    "check",
    "explain",
    "golden",
    "golden_predictions",
    "history",
    "init",
    "ledger",
    "main",
    "power",
    "profile",
    "schema",
]


def main() -> None:
    """Run the command."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller: pytest needs one all the same, to the end of the process
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - open to the end
        elif isinstance(stream, io.TextIOWrapper):  # a sign that it cannot show is no reason to end in a traceback
            stream.reconfigure(errors="backslashreplace")
    app()
