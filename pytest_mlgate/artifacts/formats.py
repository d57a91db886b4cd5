"""The formats of model files: how they are called, what reads them, and what they promise."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


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
    converter : str
        The package that writes it, where that is another one.
    install : str
        What to install for them.
    exact : bool
        Whether it keeps a model bit for bit.
    """

    name: str
    suffixes: tuple[str, ...]
    needs: tuple[str, ...] = ()
    converter: str = ""
    install: str = ""
    exact: bool = True


FORMATS = {
    known.name: known
    for known in (
        Format(name="joblib", suffixes=(".joblib",)),
        Format(name="pickle", suffixes=(".pkl", ".pickle")),
        Format(name="cloudpickle", suffixes=(".cloudpickle", ".pkl"), needs=("cloudpickle",), install="cloudpickle"),
        Format(name="skops", suffixes=(".skops",), needs=("skops",), install="pytest-mlgate[skops]"),
        Format(
            name="onnx",
            suffixes=(".onnx",),
            needs=("onnx", "onnxruntime"),
            converter="skl2onnx",
            install="pytest-mlgate[onnx]",
            exact=False,
        ),
        Format(name="xgboost-json", suffixes=(".json",), needs=("xgboost",), install="xgboost"),
        Format(name="xgboost-ubj", suffixes=(".ubj",), needs=("xgboost",), install="xgboost"),
        Format(name="lightgbm", suffixes=(".txt",), needs=("lightgbm",), install="lightgbm"),
    )
}
"""Every format that a model is loaded from."""


def lacking(form: str, *, convert: bool = False) -> str:
    """Return the first package that a format needs and that is not installed; empty where none is lacking.

    Parameters
    ----------
    form : str
        A name of :data:`FORMATS`.
    convert : bool
        Whether a model is to be written in the format, and not only read.
    """
    known = FORMATS[form]
    needs = (*known.needs, *((known.converter,) if convert and known.converter else ()))
    return next((name for name in needs if find_spec(name) is None), "")


def alike(form: str) -> tuple[str, ...]:
    """Return the formats that a file's content alone may not tell from one: joblib and cloudpickle write pickles."""
    pickles = ("joblib", "pickle", "cloudpickle")
    return pickles if form in pickles else (form,)
