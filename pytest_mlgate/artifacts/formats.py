"""The formats of model files: how they are called, what reads them, and what they promise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One format of model files.

    Attributes
    ----------
    name : str
        As an inspection names it.
    suffixes : tuple of str
        Ends of file names that it usually has, the most usual first; content decides, never the name.
    needs : tuple of str
        Packages that read it, besides the core's.
    install : str
        What to install for them.
    exact : bool
        Whether it keeps a model bit for bit.
    """

    name: str
    suffixes: tuple[str, ...]
    needs: tuple[str, ...] = ()
    install: str = ""
    exact: bool = True


FORMATS = {
    known.name: known
    for known in (
        Format(name="joblib", suffixes=(".joblib",)),
        Format(name="pickle", suffixes=(".pkl", ".pickle")),
        Format(name="cloudpickle", suffixes=(".cloudpickle", ".pkl"), needs=("cloudpickle",), install="cloudpickle"),
    )
}
"""Every format that a model is loaded from."""
