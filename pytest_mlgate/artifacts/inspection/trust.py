"""What the user of a model file trusts beyond the built-in list: exact names, and whole files by their digest."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from pytest_mlgate.checks import InputError

_DIGEST = re.compile(r"sha256:([0-9a-fA-F]{64})")
_FORM = "write `package.module:Class`, or `sha256:` and the 64 digits of a file's digest"
# The standard library reads, writes and runs for whoever may call it; what of it models need is on the list.
_OPEN_MODULES = sys.stdlib_module_names | {
    *("__builtin__", "__builtins__", "copy_reg", "commands", "os2emxpath", "cffi", "cloudpickle", "dill", "joblib"),
    *(
        "torch",
        "_multiprocess",
        "multiprocess",
        "loky",
        "setuptools",
        "pip",
        "pkg_resources",
        "distutils",
        "py",
        "pytest",
    ),
}
# And these of the scientific packages, each with its reason.
_OPEN_NAMES = {
    "scipy.stats._continuous_distns": "the state of a distribution is source code that scipy executes as it loads",
    "scipy.stats._discrete_distns": "the state of a distribution is source code that scipy executes as it loads",
    "scipy.stats._distn_infrastructure": "the state of a distribution is source code that scipy executes as it loads",
    "numpy.core": "it imports whatever module it is given",
    "numpy._core": "it imports whatever module it is given",
    "numpy.testing": "numpy's testing tools run what they are given",
    "numpy.f2py": "numpy's compiler front end runs what it is given",
    "joblib.memory": "it unpickles files from a folder that its state names",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """Opt-ins of whoever loads a file; never read from the file or its folder.

    Attributes
    ----------
    names : frozenset of str
        Exact names, ``package.module:Qual.name``: classes and functions of the user's own.
    digests : frozenset of str
        SHA-256 of whole files in hexadecimal: where code travels by value, as cloudpickle's does, no name says what
        runs.
    """

    names: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Trust:
        """Return the trust that entries of a configuration mean.

        Parameters
        ----------
        entries : iterable of str
            ``package.module:Class`` or ``sha256:`` and 64 hexadecimal digits.

        Raises
        ------
        InputError
            Where an entry is neither: a whole package, a pattern, or a name that would let any file do anything.
        """
        names, digests = set(), set()
        for entry in entries:
            if match := _DIGEST.fullmatch(entry):
                digests.add(match.group(1).lower())
            else:
                names.add(_name(entry))
        return cls(names=frozenset(names), digests=frozenset(digests))


def why_open(module: str) -> str:
    """Return why no name of a module is ever trusted; empty where it may be."""
    near = _OPEN_NAMES.get(module, "")
    if near or module.split(".")[0] not in _OPEN_MODULES:
        return near
    return f"who may use any name of {module.split('.')[0]!r} can run anything"


def _name(entry: str) -> str:
    if entry.startswith("sha256:"):
        raise InputError(f"trusted: {entry!r} is no SHA-256 digest, which has 64 hexadecimal digits", fix=_FORM)
    if any(sign in entry for sign in "*?["):
        raise InputError(
            f"trusted: {entry!r} is a pattern, and packages hold functions that read, write or execute",
            fix=f"name each class: {_FORM}",
        )
    module, colon, name = entry.partition(":")
    if not colon:
        raise InputError(
            f"trusted: {entry!r} is no exact name; a whole package is not trusted, since packages hold functions that "
            "read, write or execute",
            fix=_FORM,
        )
    if not all(part.isidentifier() for part in (*module.split("."), *name.split("."))):
        raise InputError(f"trusted: {entry!r} is no name", fix=_FORM)
    if why := why_open(module):
        raise InputError(
            f"trusted: {entry!r} is no class of your own: {why}",
            fix="trust the one file by its digest: `sha256:` and what `mlgate inspect FILE` prints",
        )
    return f"{module}:{name}"
