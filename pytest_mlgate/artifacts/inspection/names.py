"""What a pickle's unpickler would look up, as one exact name, and what may be done with it."""

from __future__ import annotations

from pytest_mlgate.artifacts.inspection.decompression import OLD_JOBLIB, OLD_JOBLIB_FIX
from pytest_mlgate.artifacts.inspection.permissions import EVERY_USE, NO_USE, allowed_names
from pytest_mlgate.artifacts.inspection.refusal import Refused, shown
from pytest_mlgate.artifacts.inspection.report import Finding
from pytest_mlgate.artifacts.inspection.rules import RULES
from pytest_mlgate.artifacts.inspection.trust import Trust, why_open
from pytest_mlgate.artifacts.inspection.values import Bound, Global

_MOST = 10_000
# Packages whose names are on the list one by one; the others are the user's own, or of somebody the user knows.
_PACKAGES = frozenset(("numpy", "scipy", "pandas", "sklearn", "pyarrow", "skops", "polars", "xgboost", "lightgbm"))
_OLD_JOBLIB = frozenset(
    f"joblib.{module}:{name}"
    for module in ("numpy_pickle", "numpy_pickle_compat")
    for name in ("NDArrayWrapper", "ZNDArrayWrapper")
)


class Names:
    """The names of one file: each looked up once, judged, and remembered with its first position.

    Attributes
    ----------
    found : dict of str to int or None
        Names, and the byte at which each comes first, where that is known.
    used : set of str
        Those of the user's opt-ins that were needed.
    findings : list of Finding
        One for each name that is not allowed, and for each use that is not.
    """

    def __init__(self, trust: Trust, *, vouched: bool) -> None:
        self.found: dict[str, int | None] = {}
        self.used: set[str] = set()
        self.findings: list[Finding] = []
        self._trust, self._vouched = trust, vouched
        self._known: dict[str, Global] = {}
        self._said: set[tuple[str, str]] = set()

    def look_up(self, module: str, name: str, *, protocol: int, position: int | None) -> Global:
        """Return what stands for a name, as an unpickler of this protocol would understand it."""
        if protocol < 3:
            module, name = of_today(module, name)
        if protocol < 4 and "." in name:
            raise Refused("odd name", f"the name {shown(f'{module}:{name}')} cannot be looked up in such a file")
        full = f"{module}:{name}"
        if (known := self._known.get(full)) is not None:
            return known
        if len(self._known) >= _MOST:
            raise Refused("limit", f"needs more than {_MOST:,} names")
        made = self._judged(full, position)
        self._known[full] = made
        self.found[full] = position
        return made

    def listed(self) -> tuple[str, ...]:
        """Return all names, as they can be shown, sorted."""
        return tuple(sorted(map(shown, self.found)))

    def misused(self, what: Global, use: str, position: int | None) -> None:
        """Say of a name that is allowed that this use of it is not; once for each use."""
        if self._vouched or (what.name, use) in self._said:
            return
        self._said.add((what.name, use))
        ordinary = what.may.value and what.name not in RULES
        self.findings.append(
            Finding(
                reason="unusual use",
                message=f"{shown(what.name)} is {use}, which no file of an ordinary model does",
                fix="save the model again with joblib.dump or pickle.dump; trust the name only if that changes nothing",
                name=shown(what.name),
                position=position,
                weight="untrusted" if ordinary else "refused",
            )
        )

    def object(self, reason: str, message: str, position: int) -> None:
        """Say what must not be done whatever the names are; nothing where the user vouches for the whole file."""
        if not self._vouched and (reason, message) not in self._said and len(self._said) < _MOST:
            self._said.add((reason, message))
            self.findings.append(
                Finding(reason=reason, message=message, fix="do not load this file", position=position)
            )

    def _judged(self, full: str, position: int | None) -> Global:
        listed = allowed_names().get(full)
        if listed is not None and not listed.value:
            return Bound(full, listed)
        if full in self._trust.names:
            self.used.update({full} if listed is None else ())
            return Global(full, EVERY_USE)
        if listed is not None:
            return Global(full, listed)
        if self._vouched:
            return Global(full, EVERY_USE)
        self.findings.append(_untrusted(full, position))
        return Global(full, NO_USE)


def _untrusted(full: str, position: int | None) -> Finding:
    name = shown(full)
    module = full.partition(":")[0]
    if module.split(".")[0] == "cloudpickle":
        return Finding(
            reason="code by value",
            message=f"{name} brings code along in the file itself: no list of names tells what it does",
            fix="trust this one file by its digest, if you know who wrote it",
            name=name,
            position=position,
            weight="untrusted",
        )
    if full in _OLD_JOBLIB:
        return Finding(reason="old joblib", message=OLD_JOBLIB, fix=OLD_JOBLIB_FIX, name=name, position=position)
    why = why_open(module) or ("" if _is_plain(full) else "no module has such a name")
    if why:
        return Finding(
            reason="unsafe name",
            message=f"{name} is no part of a model: {why}",
            fix="do not load this file; find out who wrote it",
            name=name,
            position=position,
        )
    package = module.split(".")[0]
    known = package in _PACKAGES
    return Finding(
        reason="untrusted name",
        message=f"{name} is not on the list of names that models need",
        fix=f"trust it by name only if you know what it does: {package} holds functions that read, write or run"
        if known
        else "if it is your own, and harmless whatever it is given, trust it by name",
        name=name,
        position=position,
        weight="untrusted",
    )


def _is_plain(full: str) -> bool:
    module, _, name = full.partition(":")
    return all(part.isidentifier() for part in (*module.split("."), *name.split(".")))


def of_today(module: str, name: str) -> tuple[str, str]:
    """Return the name that an unpickler makes of one of Python 2, by the standard library's own tables."""
    import _compat_pickle

    if (module, name) in _compat_pickle.NAME_MAPPING:
        return _compat_pickle.NAME_MAPPING[(module, name)]
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name
