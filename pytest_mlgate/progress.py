"""Which gate is being asked, beside pytest's dots: a gate may take a minute, and a dot comes at its end."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator

import pytest


class GateProgress:
    """Writes the name of the gate that runs to the right of pytest's dots, and takes it back when it has run.

    For a person at a terminal only: never in a log (``CI``), under ``-v`` (which names each test itself), with
    ``-n`` or ``-s`` (others write then), or beside a reporter that is not pytest's own.

    Parameters
    ----------
    config : pytest.Config
    prefix : str
        What the node ids of gates begin with: ``mlgate.toml::``.
    count : int
        How many gates there are.
    """

    def __init__(self, config: pytest.Config, prefix: str, count: int) -> None:
        self._config, self._prefix, self._count = config, prefix, count
        self._begun, self._shown, self._room, self._name = 0, 0, 0, ""
        self._terminal: int | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Let the scans of a gate show how far they are."""
        from pytest_mlgate.tables.scans import shown_by

        with shown_by(self._show_scan):
            return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Show the gate that begins; after pytest has written the file's name."""
        if not nodeid.startswith(self._prefix) or not is_watched(self._config):
            return
        self._begun += 1
        writer = self._config.get_terminal_writer()
        self._room = writer.fullwidth - writer.width_of_current_line - len(" [100%]") - 1
        self._name = f" {nodeid.removeprefix(self._prefix)} ({self._begun} of {self._count})"
        if self._fits(self._name):
            writer._file.write(self._covered(self._name))  # past pytest's writer, which reckons with the dots alone
            writer._file.flush()
            with contextlib.suppress(OSError):  # no file is behind it
                self._terminal = os.dup(writer._file.fileno())  # while a test runs, its number leads to a capture

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take it back before pytest writes how the gate fared."""
        if report.when != "setup" or not report.passed:
            self._take_back()

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """Take it back where the run is stopped."""
        self._take_back()

    def _show_scan(self, far: str) -> None:
        """Show how far a scan is behind the gate's name; in any thread, and past the capture of the test's output."""
        text = f"{self._name}: {far}" if far else self._name
        if self._terminal is not None and self._fits(text):
            with contextlib.suppress(OSError):  # a terminal that was closed is no error of the table
                os.write(self._terminal, self._covered(text).encode())

    def _fits(self, text: str) -> bool:
        """Whether it can be taken back: a line that wraps, or a wide sign, could not."""
        return text.isascii() and len(text) <= self._room

    def _covered(self, text: str) -> str:
        """Return what writes a text over the one that is shown, with the cursor back behind the dots."""
        blank = max(self._shown - len(text), 0)
        self._shown = len(text)
        return text + " " * blank + "\b" * (len(text) + blank)

    def _take_back(self) -> None:
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None
        if self._shown:
            stream = self._config.get_terminal_writer()._file
            stream.write(self._covered(""))
            stream.flush()


def is_watched(config: pytest.Config) -> bool:
    """Whether a person looks at pytest's dots on a terminal, and nobody else writes beside them."""
    from _pytest.terminal import TerminalReporter  # pytest 8.0 does not export it

    from pytest_mlgate.reports import signs

    reporter = config.pluginmanager.get_plugin("terminalreporter")
    option = config.option
    return (
        type(reporter) is TerminalReporter
        and signs.is_watched(isatty=bool(getattr(reporter, "isatty", False)))
        and option.verbose == 0
        and option.capture != "no"
        and not config.getini("log_cli")
        and getattr(option, "dist", "no") == "no"
        and sys.platform != "win32"  # whose console has its own ways with a cursor
    )
