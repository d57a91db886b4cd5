"""What a model file needs of the environment: from the names in it to distributions and their versions."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions

from pytest_mlgate.artifacts.versions import READERS, STACK

_READER_OF = {
    "joblib": "joblib",
    "cloudpickle": "cloudpickle",
    "skops": "skops",
    "onnx": "onnxruntime",
    "xgboost-json": "xgboost",
    "xgboost-ubj": "xgboost",
    "lightgbm": "lightgbm",
    "npy": "numpy",
    "npz": "numpy",
    "safetensors": "safetensors",
}
# Modules of older Pythons and of the interpreter itself, which `sys.stdlib_module_names` lacks.
_NO_PACKAGE = frozenset(("__builtin__", "copy_reg", "__main__"))
# Compiled modules that name themselves without their package, as scikit-learn's losses did up to 1.7.
_WITHOUT_PACKAGE = {"_loss": "scikit-learn"}
_BY_VALUE = frozenset(("cloudpickle", "dill"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """Distributions that a file needs, as they are installed here.

    Attributes
    ----------
    packages : Mapping of str to str
        Versions by normalised name: what its names belong to, what reads its format, and what those require of the
        libraries that models are made of.
    pickled : frozenset of str
        Those of them that its names belong to: their objects are in the file.
    own : tuple of str
        Top-level modules of its names that no installed distribution brings: the project's own code.
    by_value : bool
        Whether code travels in the file itself.
    """

    packages: Mapping[str, str]
    pickled: frozenset[str]
    own: tuple[str, ...]
    by_value: bool


def needed(names: Iterable[str], *, format: str) -> Needs:  # noqa: A002 # the inspection's word
    """Return what a file of this format with these names needs.

    Parameters
    ----------
    names : iterable of str
        ``package.module:Qual.name``, as an inspection found them.
    format : str
        As an inspection calls it: ``joblib``, ``skops``, ``onnx``, ...
    """
    modules = sorted({name.partition(":")[0] for name in names})
    brought = packages_distributions()
    named, own = set(), set()
    for module in modules:
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names or top in _NO_PACKAGE:
            continue
        found = _distribution_of(module, brought.get(top, ())) or _WITHOUT_PACKAGE.get(top)
        if found is None:
            own.add(top)
        else:
            named.add(found)
    reader = _READER_OF.get(format)
    packages = dict(sorted(_closure({*named, *([reader] if reader else ())})))
    return Needs(
        packages=packages,
        pickled=frozenset(named - READERS),
        own=tuple(sorted(own)),
        by_value=format in _BY_VALUE or any(module.partition(".")[0] in _BY_VALUE for module in modules),
    )


def installed(names: Iterable[str]) -> dict[str, str | None]:
    """Return the installed versions of distributions by name; None where one is not installed."""
    return {name: found.version if (found := _installed(name)) else None for name in names}


def _distribution_of(module: str, distributions: Iterable[str]) -> str | None:
    """Return the normalised name of the distribution that a module belongs to: of several, the one with its file."""
    from packaging.utils import canonicalize_name

    found = sorted({canonicalize_name(name) for name in distributions})
    if len(found) > 1:
        found = [name for name in found if _has(name, module)] or found
    return found[0] if found else None


def _has(name: str, module: str) -> bool:
    start = module.replace(".", "/")
    found = _installed(name)
    files = found.files or () if found else ()
    return any(str(file).startswith((f"{start}.", f"{start}/")) for file in files)


def _closure(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield distributions and the libraries of the stack that they require, directly or not, with their versions."""
    waiting, seen = list(names), set()
    while waiting:
        name = waiting.pop()
        found = _installed(name)
        if found is None or name in seen:
            continue
        seen.add(name)
        yield name, found.version
        waiting += _required(found)


def _required(found: Distribution) -> Iterator[str]:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    for text in found.requires or ():
        try:
            wanted = Requirement(text)
        except InvalidRequirement:  # of an old distribution: it is not ours to judge
            continue
        name = canonicalize_name(wanted.name)
        if name in STACK and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            yield name


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except (PackageNotFoundError, ValueError):
        return None
