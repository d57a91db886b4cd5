"""What a model did wrong, as one error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_mlgate.checks import InputError


class ModelError(InputError):
    """A model that could not be loaded or asked, or whose answer is not one.

    Parameters
    ----------
    message : str
        One sentence that names the model, what was asked and what happened.
    fix : str
        The way out.
    details : Mapping
        ``reason`` (a stable word), and where known ``traceback`` (the user's own frames) and ``stderr`` (last lines).
    """

    def __init__(self, message: str, *, fix: str = "", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, fix=fix)
        self.details: dict[str, Any] = dict(details or {})
