"""What ``[data]`` and ``[model]`` name: files, rows that stay where they are, import paths, references."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from pytest_mlgate.artifacts import references
from pytest_mlgate.problems import dotted, short
from pytest_mlgate.tables.frames import asks_engine, is_engine_setting
from pytest_mlgate.tables.reading import is_profile_path, is_table_path

Key: TypeAlias = tuple[str, str]
TABLES = ("train", "holdout", "reference", "current", "serving")
PROFILED = ("reference", "current")
"""Tables that a profile may stand for."""


def wrong_names(document: dict[str, Any], folder: Path, may_lack: Collection[str] = ()) -> Iterator[tuple[Key, str]]:
    """Yield what is wrong with what ``[data]`` and ``[model]`` of a configuration name: the key, and a message.

    Parameters
    ----------
    document : dict
        The configuration as it was parsed; its sections may be anything.
    folder : Path
        What relative paths are relative to.
    may_lack : collection of str
        Keys, such as ``model.baseline``, of files that need not be there yet.
    """
    for section, names in (("data", TABLES), ("model", ("candidate", "baseline"))):
        table = document.get(section)
        if not isinstance(table, dict):
            continue
        for name in names:
            value = table.get(name)
            if isinstance(value, str) and (section, name, value) != ("model", "baseline", "dummy"):
                yield from _file((section, name), value, folder, may_lack)
            if section == "data" and name not in PROFILED and is_profile_path(value):
                message = f"is a profile, which holds no rows; {' and '.join(PROFILED)} may be one"
                yield (section, name), f"`data.{name}` = {value!r}: {message}"
    data, model = document.get("data", {}), document.get("model", {})
    if isinstance(data, dict):
        yield from _distinct(("data", "holdout"), "train", data, folder)
        yield from _distinct(("data", "current"), "reference" if "reference" in data else "train", data, folder)
    if isinstance(model, dict):
        yield from _predictions(model, data, folder)


def _distinct(key: Key, other: str, table: dict[str, Any], folder: Path) -> Iterator[tuple[Key, str]]:
    section, name = key
    one, two = table.get(name), table.get(other)
    if isinstance(one, str) and isinstance(two, str) and resolve(folder, one) == resolve(folder, two):
        yield key, f"`{section}.{name}` = {one!r}: is the same file as `{section}.{other}`"


def _predictions(model: dict[str, Any], data: Any, folder: Path) -> Iterator[tuple[Key, str]]:
    given = {name: model.get(name) for name in ("candidate", "baseline")}
    files = {name: v for name, v in given.items() if isinstance(v, str) and not references.is_reference(v)}
    tables = {name: v for name, v in files.items() if is_table_path(v) or _names_predictions(folder, v)}
    for name, value in tables.items():
        if not (isinstance(data, dict) and data.get("id")):
            message = "is a table of predictions, joined by the column that `data.id` names, and there is none"
            yield ("model", name), f"`model.{name}` = {value!r}: {message}"
    if len(tables) == len(given):
        yield from _distinct(("model", "candidate"), "baseline", tables, folder)


def _file(key: Key, value: str, folder: Path, may_lack: Collection[str]) -> Iterator[tuple[Key, str]]:
    if not value:
        yield key, f"`{dotted(key)}` is empty"
        return
    path = resolve(folder, value)
    if key[0] == "model" and (_names_predictions(folder, value) or references.is_reference(value)):
        return
    if key[0] == "data" and names_engine(folder, value):
        return
    if os.path.isdir(path):
        yield key, f"`{dotted(key)}` = {value!r}: {short(path)} is a folder, not a file"
        return
    if os.path.exists(path):
        return
    scheme = references.scheme_of(value)
    if key[0] == "model" and scheme not in references.RESERVED and is_import_path(value):
        return
    if key[0] == "model" and scheme is not None:
        yield key, f"`{dotted(key)}` = {value!r}: {references.why_unknown(value)}"
        return
    if scheme in references.RESERVED:
        yield key, f"`{dotted(key)}` = {value!r}: this version reads files and import paths only"
        return
    if dotted(key) in may_lack:
        return
    if value.endswith("/"):
        yield key, f"`{dotted(key)}` = {value!r}: there is no folder {short(path)}"
        return
    near = difflib.get_close_matches(path.name, _names(path.parent), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    yield key, f"`{dotted(key)}` = {value!r}: there is no file {short(path)}{hint}"


def names_engine(folder: Path, value: str) -> bool:
    """Whether a setting names a table whose rows stay where they are: a query, a pattern or a folder."""
    return is_engine_setting(value if asks_engine(value) else str(resolve(folder, value)))


def _names_predictions(folder: Path, value: str) -> bool:
    """Whether a model setting names a table of predictions whose rows stay where they are."""
    if not value or not names_engine(folder, value):
        return False
    path = resolve(folder, value)
    return not path.is_dir() or any(True for ending in ("parquet", "pq") for _ in path.rglob(f"*.{ending}"))


def resolve(folder: Path, path: str) -> Path:
    """Return a path that a file in ``folder`` names as an absolute one."""
    return Path(os.path.normpath(folder / os.path.expanduser(path)))  # "~nobody" stays as it is


def is_import_path(value: str) -> bool:
    """Whether a model setting reads ``package.module:attribute`` and not as a file's path."""
    module, colon, attribute = value.partition(":")
    return bool(colon) and all(part.isidentifier() for part in (*module.split("."), *attribute.split(".")))


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (OSError, ValueError):  # no folder, not ours to look into, or no name that a folder can have
        return []
