"""Which gate is being asked, beside pytest's dots: a gate may take a minute, and a dot comes at its end."""

from __future__ import annotations

import os
import sys

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
        self._begun, self._shown = 0, 0

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Show the gate that begins; after pytest has written the file's name."""
        if not nodeid.startswith(self._prefix) or not is_watched(self._config):
            return
        self._begun += 1
        writer = self._config.get_terminal_writer()
        room = writer.fullwidth - writer.width_of_current_line - len(" [100%]") - 1
        text = f" {nodeid.removeprefix(self._prefix)} ({self._begun} of {self._count})"
        if text.isascii() and len(text) <= room:  # a line that wraps, or a wide sign, could not be taken back
            self._write(text + "\b" * len(text))
            self._shown = len(text)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take it back before pytest writes how the gate fared."""
        if report.when != "setup" or not report.passed:
            self._take_back()

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """Take it back where the run is stopped."""
        self._take_back()

    def _take_back(self) -> None:
        if self._shown:
            self._write(" " * self._shown + "\b" * self._shown)
            self._shown = 0

    def _write(self, text: str) -> None:
        # past pytest's writer, which reckons with the dots alone as it fills a line
        stream = self._config.get_terminal_writer()._file
        stream.write(text)
        stream.flush()


def is_watched(config: pytest.Config) -> bool:
    """Whether a person looks at pytest's dots on a terminal, and nobody else writes beside them."""
    from _pytest.terminal import TerminalReporter  # pytest 8.0 does not export it

    reporter = config.pluginmanager.get_plugin("terminalreporter")
    option = config.option
    return (
        type(reporter) is TerminalReporter
        and bool(getattr(reporter, "isatty", False))
        and option.verbose == 0
        and option.capture != "no"
        and not config.getini("log_cli")
        and getattr(option, "dist", "no") == "no"
        and sys.platform != "win32"  # whose console has its own ways with a cursor
        and not os.environ.get("CI")
        and os.environ.get("TERM") != "dumb"
    )
