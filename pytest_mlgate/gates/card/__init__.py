"""The card gate: what a model card says, judged by its evidence and by what was measured.

Its names are imported when they are first asked for: a hook that judges a card alone needs no settings and no gate, and
the library that checks settings costs a hook more time than a card does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_mlgate.gates.card.gate import GATE, check_card
    from pytest_mlgate.gates.card.settings import Settings

__all__ = ["GATE", "Settings", "check_card"]


def __getattr__(name: str) -> Any:
    """Import a name of the gate."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pytest_mlgate.gates.card import gate

    return getattr(gate, name)
