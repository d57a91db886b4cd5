"""Why reading stops."""

from __future__ import annotations


class Refused(Exception):
    """The file cannot be read on, or must not be loaded whatever is trusted.

    Attributes
    ----------
    reason, message, fix : str
        As a :class:`~pytest_mlgate.artifacts.inspection.report.Finding` has them.
    position : int or None
        Byte of the (decompressed) stream; None: where reading stands.
    """

    def __init__(self, reason: str, message: str, *, fix: str = "", position: int | None = None) -> None:
        super().__init__(message)
        self.reason, self.message, self.position = reason, message, position
        self.fix = fix or "save the model again; do not load this file"


def shown(text: str, limit: int = 120) -> str:
    """Return foreign text as one printable line of at most ``limit`` characters."""
    cut = text if len(text) <= limit else f"{text[:limit]}..."
    return cut if cut.isprintable() else cut.encode("unicode_escape").decode("ascii")
