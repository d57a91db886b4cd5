"""Lock files in TOML: of uv, of Poetry (1.x and 2.x), and the standard's pylock.toml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_mlgate.artifacts.locks.lock import Found, Pin, admits_python, applies, damaged, first_line, pin
from pytest_mlgate.checks import InputError

Table = Mapping[str, Any]


def kind_of(document: Table) -> str | None:
    """Return which tool's lock file a TOML document is; None where it is none of the three."""
    metadata = document.get("metadata")
    if "lock-version" in document and isinstance(document.get("packages"), list):
        return "pylock.toml"
    if isinstance(metadata, dict) and {"lock-version", "content-hash"} & set(metadata):
        return "poetry.lock"
    if isinstance(document.get("version"), int) and ("package" in document or "requires-python" in document):
        return "uv.lock"
    return None


def read(kind: str, document: Table, environment: Mapping[str, str] | None, *, where: str) -> Found:
    """Read a document of a kind that :func:`kind_of` returned.

    Raises
    ------
    InputError
        Where it lacks what its format asks for.
    """
    readers = {"pylock.toml": _pylock, "poetry.lock": _poetry, "uv.lock": _uv}
    try:
        return readers[kind](document, environment, where)
    except InputError:  # a ValueError as well: it must come first
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise damaged(where, f"is no {kind} that can be read ({type(error).__name__}: {first_line(error)})") from None


def _uv(document: Table, environment: Mapping[str, str] | None, where: str) -> Found:
    packages = [one for one in document.get("package", ()) if _resolved_for(one, environment, where)]
    by_name: dict[str, list[Table]] = {}
    for package in packages:
        by_name.setdefault(package["name"], []).append(package)
    wanted: list[Table] = [*document.get("manifest", {}).get("requirements", ())]  # of a script
    for package in packages:
        if {"editable", "virtual"} & set(package.get("source", ())):  # the projects that were locked
            wanted += package.get("dependencies", ())
    found = list(_reached(by_name, wanted, environment, where)) if wanted else packages
    lines = [_line(one["name"], one["version"], _uv_hashes(one), _uv_address(one)) for one in found if _is_fetched(one)]
    pins = tuple(pin(one["name"], one.get("version")) for one in found)
    return Found(pins=pins, python=document.get("requires-python", ""), requirements=_with_hashes(lines))


def _resolved_for(package: Table, environment: Mapping[str, str] | None, where: str) -> bool:
    markers = package.get("resolution-markers", ())
    return not markers or any(applies(marker, environment, where=where) for marker in markers)


def _reached(
    by_name: Mapping[str, list[Table]], wanted: Iterable[Table], environment: Mapping[str, str] | None, where: str
) -> Iterator[Table]:
    """Yield what is installed for a project: its dependencies and theirs, without extras and groups not asked for."""
    waiting, seen, yielded = list(wanted), set(), set()
    while waiting:
        wish = waiting.pop()
        if not applies(wish.get("marker"), environment, where=where):
            continue
        for package in by_name.get(wish["name"], ()):
            if "version" in wish and package.get("version") != wish["version"]:
                continue
            key = (package["name"], package.get("version"))
            for extra in (None, *wish.get("extra", ())):
                if (*key, extra) in seen:
                    continue
                seen.add((*key, extra))
                extras = package.get("optional-dependencies", {})
                waiting += package.get("dependencies", ()) if extra is None else extras.get(extra, ())
            if key not in yielded:
                yielded.add(key)
                yield package


def _is_fetched(package: Table) -> bool:
    return "version" in package and not {"editable", "virtual", "directory", "path"} & set(package.get("source", ()))


def _uv_address(package: Table) -> str:
    source = package.get("source", {})
    return f"git+{source['git']}" if "git" in source else source.get("url", "")


def _uv_hashes(package: Table) -> list[str]:
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]
    return [file["hash"] for file in files if "hash" in file]


def _poetry(document: Table, environment: Mapping[str, str] | None, where: str) -> Found:
    pins: list[Pin] = []
    lines: list[tuple[str, list[str]]] = []
    for package in document.get("package", ()):
        name, version = package["name"], package["version"]
        if not _in_main(package, environment, where) or not admits_python(package.get("python-versions"), environment):
            continue
        pins.append(pin(name, version))
        source = package.get("source", {})
        if not package.get("optional") and source.get("type") not in ("directory", "file"):
            hashes = [file["hash"] for file in package.get("files", ()) if "hash" in file]
            lines.append(_line(name, version, hashes, _poetry_address(source)))
    return Found(
        pins=tuple(pins),
        python=str(document["metadata"].get("python-versions", "")),
        requirements=_with_hashes(lines),
    )


def _in_main(package: Table, environment: Mapping[str, str] | None, where: str) -> bool:
    """Whether a package is installed for the project itself; Poetry from 1.5 to 1.8 does not say, and then it is."""
    if package.get("category", "main") != "main" or "main" not in package.get("groups", ("main",)):
        return False
    markers = package.get("markers")
    return applies(markers.get("main") if isinstance(markers, dict) else markers, environment, where=where)


def _poetry_address(source: Table) -> str:
    if source.get("type") == "git":
        return f"git+{source['url']}@{source.get('resolved_reference', source.get('reference', 'HEAD'))}"
    return str(source["url"]) if source.get("type") == "url" else ""


def _pylock(document: Table, environment: Mapping[str, str] | None, where: str) -> Found:
    if str(document["lock-version"]).split(".")[0] != "1":
        raise ValueError(f"lock-version {document['lock-version']}; this version reads 1.x")
    groups = frozenset(map(str, document.get("default-groups", ())))
    packages = [
        package
        for package in document["packages"]
        if _in_lock(package.get("marker"), environment, groups, where)
        and admits_python(package.get("requires-python"), environment)
    ]
    lines = []
    for package in packages:
        if "version" in package and "directory" not in package:
            lines.append(_line(package["name"], package["version"], _pylock_hashes(package), _pylock_address(package)))
    return Found(
        pins=tuple(pin(package["name"], package.get("version")) for package in packages),
        python=document.get("requires-python", ""),
        requirements=_with_hashes(lines),
    )


def _in_lock(marker: Any, environment: Mapping[str, str] | None, groups: frozenset[str], where: str) -> bool:
    """Whether a package of a pylock.toml is installed without extras; its markers may ask for groups and extras."""
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    if not marker:
        return True
    known: dict[str, Any] = {**(environment or {}), "extras": frozenset(), "dependency_groups": groups}
    try:
        return Marker(marker).evaluate(known, context="lock_file")
    except TypeError:  # packaging before 25 knows no context, and no marker that asks for these two
        return applies(marker, environment, where=where)
    except InvalidMarker as error:
        raise damaged(
            where,
            f"{marker!r} is no environment marker that packaging reads ({first_line(error)}); groups and extras need "
            "packaging 25 or later",
        ) from None
    except (UndefinedComparison, UndefinedEnvironmentName) as error:
        raise damaged(where, f"{marker!r} is no environment marker ({first_line(error)})") from None


def _pylock_hashes(package: Table) -> list[str]:
    files = [*package.get("wheels", ()), *(package[key] for key in ("sdist", "archive") if key in package)]
    return [f"{name}:{value}" for file in files for name, value in file.get("hashes", {}).items()]


def _pylock_address(package: Table) -> str:
    if "vcs" in package:
        vcs = package["vcs"]
        return f"{vcs['type']}+{vcs['url']}@{vcs['commit-id']}" if "url" in vcs else ""
    return str(package.get("archive", {}).get("url", ""))


def _line(name: str, version: str, hashes: list[str], address: str) -> tuple[str, list[str]]:
    return (f"{name} @ {address}" if address else f"{name}=={version}"), ([] if address else hashes)


def _with_hashes(lines: list[tuple[str, list[str]]]) -> tuple[str, ...]:
    """Return requirement lines; with hashes only where each has some, since pip asks for all of them or for none."""
    if not all(hashes for _, hashes in lines):
        return tuple(text for text, _ in lines)
    return tuple(" ".join([text, *(f"--hash={one}" for one in hashes)]) for text, hashes in lines)
