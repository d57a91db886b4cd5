"""What a model did wrong, as one error."""

from __future__ import annotations

from pytest_mlgate.checks import InputError


class ModelError(InputError):
    """A model that could not be loaded or asked, or whose answer is not one.

    ``details`` has ``reason`` (a stable word) and, where known, ``traceback`` (the user's own frames) and ``stderr``
    (last lines).
    """
