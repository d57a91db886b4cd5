"""What a setting names by import path: ``package.module:attribute``, found in the configuration's folders first."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytest_mlgate.checks import InputError


def import_object(path: str, roots: tuple[str, ...], *, key: str, forms: str) -> Any:
    """Import what a setting names, in this process.

    Parameters
    ----------
    path : str
        ``package.module:attribute``; the attribute may have dots.
    roots : tuple of str
        Folders to look in first.
    key : str
        The setting, for messages: ``schema``.
    forms : str
        What the setting may be, for the way out.

    Raises
    ------
    InputError
        Where it is no import path, the module does not import, or has no such attribute.
    """
    module_name, separator, attribute = path.partition(":")
    if not separator or not module_name.strip() or not attribute.strip():
        raise InputError(f"{key} = {path!r} is not an import path", fix=f"give {forms}")
    with _first_on_path(roots):
        try:
            value: Any = importlib.import_module(module_name)
        except (Exception, SystemExit) as error:  # the user's module runs here; its own error is the message
            raise InputError(
                f"{key} = {path!r}: {module_name} does not import ({type(error).__name__}: {error})",
                fix="import it in Python for the full traceback; import paths start at the configuration's folder",
            ) from error
    for part in attribute.split("."):
        if not hasattr(value, part):
            names = [name for name in dir(value) if not name.startswith("_")]
            near = difflib.get_close_matches(part, names, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise InputError(f"{key} = {path!r}: {module_name} has no {part!r}{hint}", fix="correct the name after `:`")
        value = getattr(value, part)
    return value


@contextmanager
def _first_on_path(roots: tuple[str, ...]) -> Iterator[None]:
    added = [root for root in roots if root not in sys.path[: len(roots)]]
    sys.path[:0] = added
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for root in added:
            if root in sys.path:
                sys.path.remove(root)
