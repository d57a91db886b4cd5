"""The question a search asks, its budget, and how much of that was used."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_mlgate.gates.parity.facts import TableFacts, permits

if TYPE_CHECKING:
    import pandas as pd


class Spent(BaseException):
    """The budget is spent. No ``Exception``: Hypothesis would take that for what it looks for."""


class Asker:
    """The question, its budget, and what was asked so far. It lives as long as one search.

    Attributes
    ----------
    asked, rows : int
        Questions so far, and rows in them.
    time_up : bool
        Whether a question was left out for want of time.
    error : Exception or None
        What the question raised, which ends the search.
    """

    def __init__(self, differs: Callable[[pd.DataFrame], bool], facts: TableFacts, *, seconds: float) -> None:
        self._differs = differs
        self._facts = facts
        self._started = time.monotonic()
        self._seconds = seconds
        self.asked = 0
        self.rows = 0
        self.time_up = False
        self._until = self._started
        self._questions = 0
        self.error: Exception | None = None

    @property
    def seconds(self) -> float:
        """How long the search has taken so far."""
        return time.monotonic() - self._started

    def allow(self, *, share: float, questions: int) -> None:
        """Grant a share of the whole time, from its start, and a number of further questions."""
        self._until = self._started + share * self._seconds
        self._questions = self.asked + questions

    @property
    def spent(self) -> bool:
        """Whether nothing more may be asked; where that is for want of time, it is noted."""
        if self.error is not None or self.asked >= self._questions:
            return True
        over = time.monotonic() >= self._until
        self.time_up |= over
        return over

    def ask(self, rows: pd.DataFrame, *, real: bool = False) -> bool:
        """Return whether rows differ; False for rows that may not be, and once the budget is spent."""
        if self.spent or not (real or permits(self._facts, rows)):
            return False
        self.asked += 1
        self.rows += len(rows)
        try:
            return bool(self._differs(rows.copy()))
        except Exception as error:  # kept until Hypothesis is left, which would take it for what it looks for
            self.error = error
            return False
