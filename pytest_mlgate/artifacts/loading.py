"""Loading a model in its own process, by the format of its file or by an import path."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from pytest_mlgate.artifacts.asking import Refusal, raised, type_name
from pytest_mlgate.artifacts.formats import FORMATS, lacking

_NOT_DAMAGE = (ImportError, AttributeError, MemoryError, RecursionError)
_READERS = ("pickle.py", "gzip.py", "bz2.py", "lzma.py", "_compression.py", "_streams.py", "zipfile.py")

# What skops makes of some nodes whatever the rest of the file says, and asks trust for all the same.
_PLAIN = (
    *("numpy.dtype", "collections.OrderedDict", "collections.defaultdict", "functools.partial", "builtins.slice"),
    "sklearn.utils._bunch.Bunch",
)


def load(payload: bytes, form: str, names: Sequence[str] = ()) -> tuple[Any, list[dict[str, str]]]:
    """Return the model in a file's bytes, and what its versions are where they are others than here.

    Parameters
    ----------
    payload : bytes
    form : str
        A name of :data:`~pytest_mlgate.artifacts.formats.FORMATS`.
    names : sequence of str
        Names that the file needs and that were found fit, ``package.module:Qual.name``; no other is looked up.

    Raises
    ------
    Refusal
        Where it cannot be read, what it called as it was read raised, or the package that reads it is not installed.
    """
    refuse_lacking(form)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = _guarded(lambda: _LOADERS[form](payload, names), damage=True)
    return model, [note for warning in caught if (note := _version_note(warning.message))]


def refuse_lacking(form: str, *, convert: bool = False) -> None:
    """Raise Refusal where a package that a format needs is not installed."""
    package = lacking(form, convert=convert)
    if package:
        raise Refusal("lacking", format=form, package=package, install=FORMATS[form].install)


def _joblib(payload: bytes, names: Sequence[str]) -> Any:
    """Its reader takes files of joblib's, compressed or not, and plain pickles as well.

    A second wall behind the inspection: a name that the inspection did not see is not looked up. Up to joblib 1.5 it
    does not stand before arrays of objects, which are unpickled apart.
    """
    from joblib import numpy_pickle

    from pytest_mlgate.artifacts.inspection.names import of_today

    seen = frozenset(names)

    class Walled(numpy_pickle.NumpyUnpickler):  # type: ignore[misc]
        def find_class(self, module: str, name: str) -> Any:
            of = of_today(module, name) if self.proto < 3 else (module, name)
            if ":".join(of) not in seen:
                raise Refusal("unseen", name=":".join(of))
            return super().find_class(module, name)

    reader, numpy_pickle.NumpyUnpickler = numpy_pickle.NumpyUnpickler, Walled
    try:
        return numpy_pickle.load(io.BytesIO(payload))
    finally:
        numpy_pickle.NumpyUnpickler = reader


def _skops(payload: bytes, names: Sequence[str]) -> Any:
    import skops.io

    fit = {*(name.replace(":", ".") for name in names), *_PLAIN}
    asked = skops.io.get_untrusted_types(data=payload)
    unfit = [name for name in asked if name not in fit]
    if unfit:
        raise Refusal("untrusted", names=unfit)
    return skops.io.loads(payload, trusted=asked)


def _onnx(payload: bytes, _: Sequence[str]) -> Any:
    from pytest_mlgate.artifacts.onnx_model import onnx_model

    return onnx_model(payload)


def _xgboost(payload: bytes, _: Sequence[str]) -> Any:
    from pytest_mlgate.artifacts.boosters import xgboost_model

    return xgboost_model(payload)


def _lightgbm(payload: bytes, _: Sequence[str]) -> Any:
    from pytest_mlgate.artifacts.boosters import lightgbm_model

    return lightgbm_model(payload)


_LOADERS: dict[str, Callable[[bytes, Sequence[str]], Any]] = {
    "joblib": _joblib,
    "pickle": _joblib,
    "cloudpickle": _joblib,
    "skops": _skops,
    "onnx": _onnx,
    "xgboost-json": _xgboost,
    "xgboost-ubj": _xgboost,
    "lightgbm": _lightgbm,
}


def _version_note(warning: Warning | str) -> dict[str, str] | None:
    if type(warning).__name__ != "InconsistentVersionWarning":
        return None
    return {
        "trained": str(getattr(warning, "original_sklearn_version", "unknown")),
        "text": str(warning).split("This might lead")[0].strip(),
    }


def import_ref(ref: str) -> Any:
    """Return what ``package.module:attribute`` names; Refusal where it names nothing."""
    import difflib
    import importlib

    module_name, _, path = ref.partition(":")
    value = _guarded(lambda: importlib.import_module(module_name), damage=False)
    for name in path.split("."):
        names = dir(value)
        try:
            value = getattr(value, name)
        except AttributeError:
            close = difflib.get_close_matches(name, names, n=1)
            near = f"; did you mean {close[0]!r}?" if close else ""
            raise Refusal("attribute", module=module_name, attribute=path, near=near) from None
    return value


def _guarded(load: Callable[[], Any], *, damage: bool) -> Any:
    home = os.getpid()
    try:
        return load()
    except Refusal:
        raise
    except BaseException as error:
        refusal = raised(error)
        foreign_text = not str(refusal.record.get("module", "a")).replace(".", "_").isidentifier()
        if damage and (foreign_text or (not isinstance(error, _NOT_DAMAGE) and _in_the_reader(error))):
            raise Refusal("damaged", type=type_name(error), text=str(error)[:200]) from error
        raise refusal from error
    finally:
        if os.getpid() != home:  # the file forked as it was loaded, and this is the copy
            os._exit(0)


def _in_the_reader(error: BaseException) -> bool:
    """Whether the innermost frame is the unpickler's or a decompressor's, and not code that the file called."""
    if not isinstance(error, Exception):
        return False
    innermost = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    file = "" if innermost is None else innermost.tb_frame.f_code.co_filename
    return os.path.basename(file) in _READERS or f"{os.sep}joblib{os.sep}" in file or file == __file__
