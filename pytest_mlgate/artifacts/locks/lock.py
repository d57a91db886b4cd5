"""What a lock file says, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_mlgate.artifacts.masking import mask_text
from pytest_mlgate.checks import InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """What a lock file says of one distribution.

    Attributes
    ----------
    name : str
        Normalised: lower case, with hyphens.
    said : str
        As it stands there: ``numpy==2.4.6``, ``numpy>=2``; addresses without credentials.
    version : str or None
        The one version that it allows; None where it allows others or does not say.
    allowed : str
        Version specifiers, where there is no one version; empty: any.
    """

    name: str
    said: str
    version: str | None = None
    allowed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """What a lock file says of the environment that it was asked about.

    Attributes
    ----------
    path : Path
    kind : str
        ``requirements file``, ``uv.lock``, ``poetry.lock``, ``pylock.toml``, ``conda environment``, ...
    digest : str
        SHA-256 over the bytes of all files that were read, those that it includes among them, in hexadecimal.
    pins : Mapping of str to Pin
        By normalised name; of what is installed without extras and development groups.
    python : str
        What it says of Python, as version specifiers; empty where it says nothing.
    requirements : tuple of str or None
        Requirement lines that install it without resolving anything, with hashes where the lock has them for all.
        None: it is installed as it stands (a requirements file), or not by pip (conda).
    """

    path: Path
    kind: str
    digest: str
    pins: Mapping[str, Pin]
    python: str = ""
    requirements: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What the reader of one format returns."""

    pins: tuple[Pin, ...]
    python: str = ""
    requirements: tuple[str, ...] | None = None
    included: Mapping[Path, bytes] = field(default_factory=dict)


def pin(name: str, version: str | None, *, said: str = "") -> Pin:
    """Return the pin of a name and a version, as a lock file has them."""
    from packaging.utils import canonicalize_name

    plain = canonicalize_name(name)
    return Pin(name=plain, said=mask_text(said) or (f"{plain}=={version}" if version else plain), version=version)


def specified(name: str, specifiers: str, *, said: str) -> Pin:
    """Return what version specifiers say of a name: ``==2.4.6`` is a pin, ``>=2`` and ``==2.*`` are none."""
    from packaging.specifiers import SpecifierSet
    from packaging.utils import canonicalize_name

    exact = {
        part.version
        for part in SpecifierSet(specifiers)
        if part.operator == "===" or (part.operator == "==" and not part.version.endswith(".*"))
    }
    plain, said = canonicalize_name(name), mask_text(said)
    if len(exact) == 1:
        return Pin(name=plain, said=said, version=exact.pop())
    return Pin(name=plain, said=said, allowed=specifiers)


def merged(pins: Iterable[Pin]) -> dict[str, Pin]:
    """Return one pin a name: where several speak of it, the exact one; two that contradict each other are none."""
    by_name: dict[str, list[Pin]] = {}
    for one in pins:
        by_name.setdefault(one.name, []).append(one)
    return {name: _one(found) for name, found in sorted(by_name.items())}


def _one(found: list[Pin]) -> Pin:
    versions = {one.version: one for one in found if one.version is not None}
    if len(versions) == 1:
        return next(iter(versions.values()))
    if versions:
        return Pin(name=found[0].name, said=" or ".join(sorted(one.said for one in versions.values())))
    said = dict.fromkeys(one.said for one in found)
    allowed = ",".join(dict.fromkeys(one.allowed for one in found if one.allowed))
    return Pin(name=found[0].name, said=" and ".join(said), allowed=allowed)


def applies(marker: Any, environment: Mapping[str, str] | None, *, where: str) -> bool:
    """Whether an environment marker holds; None and an empty text always do. No extra is asked for.

    Raises
    ------
    InputError
        Where it is no marker.
    """
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    if not marker:
        return True
    try:
        return Marker(marker).evaluate({**(environment or {}), "extra": ""})
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, TypeError) as error:
        raise damaged(where, f"{marker!r} is no environment marker ({first_line(error)})") from None


def admits_python(specifiers: Any, environment: Mapping[str, str] | None) -> bool:
    """Whether a package that says ``requires-python`` is for this Python; what is no specifier says nothing."""
    import platform

    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    version = (environment or {}).get("python_full_version") or platform.python_version()
    try:
        return SpecifierSet(str(specifiers or "")).contains(version, prereleases=True)
    except InvalidSpecifier:
        return True


def damaged(where: str, why: str) -> InputError:
    """Return the error of a lock file that is not what its format asks for."""
    return InputError(f"{where}: {why}", fix="write the lock file again with the tool that it is of")


def first_line(error: BaseException) -> str:
    """Return an error's first line, bounded."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
