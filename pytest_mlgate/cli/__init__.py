"""The ``mlgate`` command: one file a subcommand."""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer

__all__ = ["app", "main"]

_SUBCOMMANDS = (
    *("bundle", "card", "card_write", "check", "comment", "config", "explain", "golden", "golden_predictions"),
    *("history", "init", "inspect", "ledger", "policy", "power", "profile", "promote", "registry", "replay"),
    *("report", "retire", "rollback", "schema", "schema_check", "score", "verdict"),
)
_ALONE: dict[tuple[str, ...], str] = {
    ("card", "lint"): "card",
    ("config", "check"): "config",
    ("inspect",): "inspect",
}
"""What hooks call: nothing else is loaded for it."""
_QUICK: dict[tuple[str, ...], str] = {("card", "lint"): "card_lint", ("config", "check"): "config_check"}
"""What is done without a parser of commands where that is plainly what is asked: the parser alone costs a tenth of a
second."""
_INTERRUPTED = 130
"""What some versions of typer end with at Ctrl-C, without a word."""


def main() -> None:
    """Run the command; Ctrl-C and SIGTERM end it with 1, and without a traceback."""
    from pytest_mlgate.interrupts import heeding_sigterm, leave_at_the_next

    with heeding_sigterm():
        try:
            _run()
        except KeyboardInterrupt as error:
            why = str(error) or "interrupted"
        except SystemExit as error:
            if error.code != _INTERRUPTED:
                raise
            why = "interrupted"
        leave_at_the_next()
        print(f"mlgate: {why}", file=sys.stderr)
        sys.exit(1)


def _run() -> None:
    _be_well_mannered()
    _answer_and_end(sys.argv[1:])
    alone = _ALONE.get(tuple(sys.argv[1:3])) or _ALONE.get(tuple(sys.argv[1:2]))
    _app(*([alone] if alone else _SUBCOMMANDS))()


def _be_well_mannered() -> None:
    """Let no sign that a stream cannot show end in a traceback, and no colour come that was not wished."""
    from pytest_mlgate.reports.signs import ERRORS, register

    register()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller: pytest needs one all the same, to the end of the process
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - open to the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS)
    if os.environ.get("PY_COLORS") == "0":  # pytest's word for none, which typer misreads
        del os.environ["PY_COLORS"]
        os.environ["NO_COLOR"] = "1"


def _answer_and_end(arguments: list[str]) -> None:
    """Do what hooks ask and end, where that is plainly what is asked; else come back, for a parser to look at it."""
    name = _QUICK.get(tuple(arguments[:2]))
    if name is None:
        return
    module = import_module(f"pytest_mlgate.cli.{name}")
    request = module.plain(arguments[2:])
    if request is None:
        return
    try:
        code = module.run(request)
        sys.stdout.flush()
    except BrokenPipeError:  # who read it, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for what Python still flushes as it ends
        code = 1
    sys.exit(code)


def _app(*subcommands: str) -> typer.Typer:
    """Return the command with these subcommands."""
    from pytest_mlgate.cli.common import app

    for name in subcommands:
        import_module(f"pytest_mlgate.cli.{name}")
    return app


def __getattr__(name: str) -> Any:
    """Load the whole command when it is first asked for."""
    if name == "app":
        return _app(*_SUBCOMMANDS)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
