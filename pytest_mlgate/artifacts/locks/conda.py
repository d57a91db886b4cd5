"""conda's files: an environment in YAML, an explicit lock, an exported list, and conda-lock's YAML."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_mlgate.artifacts.locks import requirements
from pytest_mlgate.artifacts.locks.lock import Found, Pin, damaged, first_line, pin, specified

EXPLICIT = re.compile(r"^@EXPLICIT\s*$", re.MULTILINE)
EXPORTED = re.compile(r"(?:^[\w.-]+=[^=\s]+=[^=\s]+$\n?)+", re.MULTILINE)
_ARCHIVE = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-[^-]+\.(?:conda|tar\.bz2)")
_MATCH = re.compile(r"(?:[^\s:]*::)?(?P<name>[\w.-]+)(?:\[[^]]*\])?\s*(?P<version>[^\s\[]*)(?:\s+\S+)?(?:\[[^]]*\])?")
# What conda calls otherwise than the Python index does, of the libraries that models are pickled with.
_NAMES = {"pytorch": "torch", "py-xgboost": "xgboost", "py-lightgbm": "lightgbm", "pyarrow-core": "pyarrow"}
_PLATFORMS = {"linux": "linux", "darwin": "osx", "win32": "win"}


def is_document(document: Any) -> bool:
    """Whether a YAML document is an environment, or a lock of conda-lock."""
    if not isinstance(document, dict):
        return False
    return isinstance(document.get("dependencies"), list) or isinstance(document.get("package"), list)


def read_document(path: Path, document: Mapping[str, Any], environment: Mapping[str, str] | None) -> Found:
    """Read a YAML document that :func:`is_document` knows.

    Raises
    ------
    InputError
        Where an entry is none.
    """
    try:
        if "package" in document:
            return _found(_locked(document["package"]))
        included: dict[Path, bytes] = {}
        pins: list[Pin] = []
        for entry in document["dependencies"]:
            if isinstance(entry, dict):
                inner = requirements.read(path, "\n".join(map(str, entry.get("pip", ()))), environment)
                pins += inner.pins
                included |= inner.included
            else:
                pins.append(_matched(str(entry), str(path)))
        return _found(pins, included)
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged(str(path), f"is no conda environment ({type(error).__name__}: {first_line(error)})") from None


def read_lines(path: Path, text: str) -> Found:
    """Read an explicit lock (addresses of archives) or an exported list (``name=version=build``)."""
    pins: list[Pin] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.partition("#")[0].strip()
        if not line or line == "@EXPLICIT":
            continue
        archive = _ARCHIVE.fullmatch(line.rsplit("/", 1)[-1])
        exported = line.split("=")
        if archive is not None and "/" in line:
            pins.append(
                pin(_named(archive["name"]), archive["version"], said=f"{archive['name']}={archive['version']}")
            )
        elif len(exported) == 3:
            pins.append(pin(_named(exported[0]), exported[1], said=line))
        else:
            raise damaged(f"{path}:{number}", f"{line[:100]!r} is no archive of conda")
    return _found(pins)


def _found(pins: Iterable[Pin], included: Mapping[Path, bytes] | None = None) -> Found:
    """Take Python out of the pins: it is no distribution."""
    every = list(pins)
    python = next((one for one in every if one.name == "python"), None)
    says = "" if python is None else f"=={python.version}" if python.version else python.allowed
    return Found(pins=tuple(one for one in every if one.name != "python"), python=says, included=dict(included or {}))


def _locked(packages: Iterable[Mapping[str, Any]]) -> Iterator[Pin]:
    """Yield the packages of a conda-lock file that are for this platform and no development group's."""
    here = next((name for key, name in _PLATFORMS.items() if sys.platform.startswith(key)), "")
    for package in packages:
        wanted = package.get("category", "main") == "main" and not package.get("optional")
        if wanted and str(package.get("platform", here)).startswith(here):
            yield pin(_named(str(package["name"])), str(package["version"]))


def _matched(entry: str, where: str) -> Pin:
    """Return what conda's ``name=version=build`` says; ``name=2.4`` admits any 2.4.x, as conda means it."""
    from packaging.specifiers import InvalidSpecifier

    found = _MATCH.fullmatch(entry.strip())
    if found is None:
        raise damaged(where, f"{entry!r} is no package of conda")
    name, version = _named(found["name"]), found["version"]
    try:
        if not version or version == "*":
            return specified(name, "", said=entry)
        if version[0] in "<>!~" or "," in version:
            return specified(name, version, said=entry)
        return _equal(name, version, entry)
    except InvalidSpecifier:  # such as `>=1|<0.5`: what it allows is conda's to say
        return Pin(name=specified(name, "", said=entry).name, said=entry)


def _equal(name: str, version: str, entry: str) -> Pin:
    exact = version.startswith("==")
    number = version.lstrip("=").split("=")[0]
    if number.endswith("*"):
        return specified(name, f"=={number.rstrip('.*')}.*", said=entry)
    # `=1.7.2` also admits 1.7.2.1, a release that nobody makes: three numbers are a pin.
    whole = exact or not version.startswith("=") or version.count("=") == 2 or number.count(".") >= 2
    return specified(name, f"=={number}" if whole else f"=={number}.*", said=entry)


def _named(name: str) -> str:
    return _NAMES.get(name.lower(), name)
