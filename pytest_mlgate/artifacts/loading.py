"""Loading a model in its own process, by the format of its file or by an import path."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable
from typing import Any

from pytest_mlgate.artifacts.asking import Refusal, raised, type_name

_NOT_DAMAGE = (ImportError, AttributeError, MemoryError, RecursionError)
_READERS = ("pickle.py", "gzip.py", "bz2.py", "lzma.py", "_compression.py", "_streams.py", "zipfile.py")


def load(payload: bytes, form: str) -> tuple[Any, list[dict[str, str]]]:
    """Return the model in a file's bytes, and what its versions are where they are others than here.

    Parameters
    ----------
    payload : bytes
    form : str
        A name of :data:`~pytest_mlgate.artifacts.formats.FORMATS`.

    Raises
    ------
    Refusal
        Where it cannot be read, or what it called as it was read raised.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = _guarded(lambda: _LOADERS[form](payload), damage=True)
    return model, [note for warning in caught if (note := _version_note(warning.message))]


def _joblib(payload: bytes) -> Any:
    """Its reader takes files of joblib's, compressed or not, and plain pickles as well."""
    import joblib

    return joblib.load(io.BytesIO(payload))


_LOADERS: dict[str, Callable[[bytes], Any]] = {"joblib": _joblib, "pickle": _joblib, "cloudpickle": _joblib}


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
