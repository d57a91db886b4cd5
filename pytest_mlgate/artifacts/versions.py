"""Versions that a model was trained with beside versions that run it: what differs, and how much that matters.

A pickle is the inside of objects, written down. Libraries read it back in the version that wrote it and promise little
beyond (scikit-learn nothing at all); containers of numbers (numpy, scipy, pandas) keep their form within a major one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.version import Version

    from pytest_mlgate.artifacts.locks import Lock, Pin

PYTHON = "python"
CONTAINERS = frozenset(("numpy", "pandas", "pyarrow", "scipy"))
"""Whose pickles other minor versions read; arrays and tables inside of a model are theirs."""
READERS = frozenset(("cloudpickle", "joblib"))
"""What writes and reads a file, and is not in it."""
STACK = CONTAINERS | {
    *("catboost", "imbalanced-learn", "joblib", "lightgbm", "onnx", "onnxruntime", "polars", "scikit-learn", "skops"),
    *("statsmodels", "torch", "xgboost"),
}
"""Distributions that are recorded where what a model needs requires them, by normalised name."""


class Rank(StrEnum):
    """How much a difference matters."""

    FAIL = "fail"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One distribution, or Python, in two versions.

    Attributes
    ----------
    name : str
        Normalised; ``python``.
    trained : str
        The version that it was trained with.
    other : str
        The version there, or what is said in its place: ``not installed``, ``numpy>=2``.
    rank : Rank
    why : str
        Half a sentence: what differs and what that means.
    """

    name: str
    trained: str
    other: str
    rank: Rank
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Trained:
    """What a model was trained with.

    Attributes
    ----------
    python : str
        Empty where nobody knows.
    packages : Mapping of str to str
        Versions by normalised name.
    pickled : frozenset of str
        Those whose objects are in the file: what its names belong to.
    by_value : bool
        Whether code travels in the file itself, as cloudpickle writes it: Python's own bytecode.
    """

    python: str = ""
    packages: Mapping[str, str]
    pickled: frozenset[str] = frozenset()
    by_value: bool = False


def differences(trained: Trained, versions: Mapping[str, str | None], *, python: str) -> tuple[Difference, ...]:
    """Return what is installed in another version than a model was trained with, the gravest first.

    Parameters
    ----------
    trained : Trained
    versions : Mapping of str to str or None
        What is installed, by normalised name; None and absent: not installed.
    python : str
        The Python that runs there.
    """
    found = [_python(trained, python)] if trained.python else []
    for name, version in trained.packages.items():
        other = versions.get(name)
        found.append(_absent(name, version, trained) if other is None else _package(name, version, other, trained))
    return _ranked(found)


def lock_differences(trained: Trained, lock: Lock) -> tuple[Difference, ...]:
    """Return in what a lock file differs from what a model was trained with, the gravest first.

    A distribution that the lock does not pin is a difference of its own: nobody knows what the service will run.
    """
    found = []
    if trained.python and lock.python:
        found.append(_locked_python(trained, lock.python))
    for name, version in trained.packages.items():
        pin = lock.pins.get(name)
        found.append(
            _absent(name, version, trained, lock=True) if pin is None else _pinned(name, version, pin, trained)
        )
    return _ranked(found)


def _ranked(found: Iterable[Difference | None]) -> tuple[Difference, ...]:
    order = list(Rank)
    there = [one for one in found if one is not None]
    return tuple(sorted(there, key=lambda one: (order.index(one.rank), one.name)))


def _python(trained: Trained, other: str) -> Difference | None:
    one, two = _version(trained.python), _version(other)
    if one is None or two is None:
        return _unreadable(PYTHON, trained.python, other)
    if _same(one, two, 3):
        return None
    if _same(one, two, 2):
        rank, why = Rank.NOTE, "another patch level"
    elif trained.by_value:
        rank, why = Rank.FAIL, "another minor version, and the file holds code as Python's bytecode"
    else:
        rank, why = Rank.WARN, "another minor version"
    return Difference(name=PYTHON, trained=trained.python, other=other, rank=rank, why=why)


def _package(name: str, trained: str, other: str, facts: Trained) -> Difference | None:
    one, two = _version(trained), _version(other)
    if one is None or two is None:
        return None if trained == other else _unreadable(name, trained, other)
    if one == two:
        return None
    level = next((level for level, parts in _LEVELS if not _same(one, two, parts)), "build or pre-release")
    rank = _rank(name, level, facts.pickled)
    why = f"another {level}" + (", and its objects are in the file" if rank is Rank.FAIL else "")
    return Difference(name=name, trained=trained, other=other, rank=rank, why=why)


_LEVELS = (("major version", 1), ("minor version", 2), ("patch level", 3))


def _rank(name: str, level: str, pickled: Collection[str]) -> Rank:
    if level not in ("major version", "minor version"):
        return Rank.NOTE
    if name in READERS:
        return Rank.WARN
    if name == "numpy" and level == "major version":  # arrays are in every file, whether they are named or not
        return Rank.FAIL
    if name in pickled and (name not in CONTAINERS or level == "major version"):
        return Rank.FAIL
    return Rank.WARN


def _absent(name: str, trained: str, facts: Trained, *, lock: bool = False) -> Difference:
    loose = lock and name in CONTAINERS  # the others require it, in a version that nobody knows
    rank = Rank.FAIL if name in facts.pickled and not loose else Rank.WARN
    other, why = ("not named", "the lock file does not name it") if lock else ("not installed", "it is not there")
    return Difference(name=name, trained=trained, other=other, rank=rank, why=why)


def _pinned(name: str, trained: str, pin: Pin, facts: Trained) -> Difference | None:
    if pin.version is not None:
        return _package(name, trained, pin.version, facts)
    admitted = _admits(pin.allowed, trained)
    if admitted is False:
        level = _nearest(pin.allowed, trained)
        why = f"the lock file allows only another {level}"
        rank = _rank(name, level, facts.pickled)
        return Difference(name=name, trained=trained, other=pin.said, rank=rank, why=why)
    if admitted and _holds_minor(pin.allowed):
        return Difference(name=name, trained=trained, other=pin.said, rank=Rank.NOTE, why="any patch level is allowed")
    why = "not pinned: nobody knows which version the service will run"
    return Difference(name=name, trained=trained, other=pin.said, rank=Rank.WARN, why=why)


def _locked_python(trained: Trained, allowed: str) -> Difference | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        specifiers = SpecifierSet(allowed)
        release = _version(trained.python)
    except InvalidSpecifier:  # such as Poetry's `^3.11`
        return None
    if release is None or specifiers.contains(trained.python, prereleases=True):
        return None
    exact = {part.version for part in specifiers if part.operator in ("==", "===") and not part.version.endswith(".*")}
    if len(exact) == 1:
        return _python(trained, exact.pop())
    rank = Rank.FAIL if trained.by_value else Rank.WARN
    return Difference(
        name=PYTHON, trained=trained.python, other=allowed, rank=rank, why="the lock file does not allow it"
    )


def _unreadable(name: str, trained: str, other: str) -> Difference:
    why = "versions that cannot be compared"
    return Difference(name=name, trained=trained, other=other, rank=Rank.WARN, why=why)


def _version(text: str) -> Version | None:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(text)
    except InvalidVersion:
        return None


def _same(one: Version, two: Version, parts: int) -> bool:
    """Whether two versions agree in their first numbers; what one lacks is zero: ``1.7`` is ``1.7.0``."""
    if one.epoch != two.epoch:
        return False
    return all((*one.release, 0, 0, 0)[part] == (*two.release, 0, 0, 0)[part] for part in range(parts))


def _admits(allowed: str, version: str) -> bool | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    try:
        return SpecifierSet(allowed).contains(version, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return None


def _nearest(allowed: str, version: str) -> str:
    """Return on which level the nearest version that specifiers admit differs from one that they do not.

    What versions there are nobody says: a hundred possible ones of the same minor and of the same major are tried.
    """
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    admitted, (major, minor) = SpecifierSet(allowed), (*Version(version).release, 0)[:2]
    if any(admitted.contains(f"{major}.{minor}.{patch}") for patch in range(100)):
        return "patch level"
    if any(admitted.contains(f"{major}.{other}.{patch}") for other in range(100) for patch in (0, 99)):
        return "minor version"
    return "major version"


def _holds_minor(allowed: str) -> bool:
    """Whether specifiers leave the patch level open and nothing else: ``==1.7.*`` and ``~=1.7.0``."""
    from packaging.specifiers import SpecifierSet

    for part in SpecifierSet(allowed):
        numbers = part.version.removesuffix(".*").split(".")
        if part.operator == "==" and part.version.endswith(".*") and len(numbers) >= 2:
            return True
        if part.operator == "~=" and len(numbers) >= 3:
            return True
    return False
