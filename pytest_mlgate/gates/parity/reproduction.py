"""What the configuration says of the two sides, as a regression test that needs no configuration."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.parity.regression import as_regression_test
from pytest_mlgate.gates.parity.sides import is_path, is_url

if TYPE_CHECKING:
    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.parity.evidence import Sides
    from pytest_mlgate.gates.parity.search import Found
    from pytest_mlgate.gates.parity.settings import Settings

# Settings that change what is asked or what counts as equal; the others are about the tables, or about time.
_PASSED_ON = ("path", "method", "exclude", "rtol", "atol")


def regression_test(found: Found, column: str, *, settings: Settings, facts: Facts, sides: Sides) -> str | None:
    """Return a pytest module that asks the found rows again; None where a column is sensitive.

    Parameters
    ----------
    found : Found
    column : str
        What the test is named after.
    settings, facts, sides
        How the rows were asked.
    """
    if facts.sensitive:
        return None
    return as_regression_test(
        found,
        train=name_of(settings.train),
        serve=name_of(settings.serve),
        name=column,
        settings=_arguments(found, settings, facts, sides),
    )


def name_of(side: Any) -> str | None:
    """Return the import path or the URL of a side, a request or a response; None where it has none to be written down.

    The model ``candidate`` is known by the configuration alone, a function within a function by nobody, and a URL that
    may hold a password or a token is not for a file.
    """
    if isinstance(side, str):
        return side if is_path(side) or (is_url(side) and not set("@?") & set(side)) else None
    module, name = getattr(side, "__module__", None), getattr(side, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module == "__main__":
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}:{name}" if found is side else None


def _arguments(found: Found, settings: Settings, facts: Facts, sides: Sides) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    if facts.target in found.rows.columns:
        arguments["target"] = facts.target
    for name in _PASSED_ON:
        value = getattr(settings, name)
        if value != type(settings).model_fields[name].default:
            arguments[name] = value
    if settings.columns:
        arguments["columns"] = {name: column.model_dump() for name, column in settings.columns.items()}
    if settings.send or facts.weight in found.rows.columns:
        arguments["send"] = sides.send
    for name in ("request", "response"):
        if getattr(settings, name) is not None:
            arguments[name] = name_of(getattr(settings, name)) or ...
    return {**arguments, "examples": 0}  # the rows are known: nothing is searched for
