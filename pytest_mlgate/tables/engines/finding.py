"""Which files a folder or a pattern names, and what their folders say."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.frames import is_pattern

_NULL = "__HIVE_DEFAULT_PARTITION__"
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
ENDINGS = (".parquet", ".pq")
"""Of files that are taken from a folder."""
LOGS = {"Delta": "_delta_log/*.json", "Hudi": ".hoodie/*", "Iceberg": "metadata/*.metadata.json"}
"""What a folder holds beside Parquet files where these alone are not the table."""


def found_files(source: str) -> tuple[str, ...]:
    """Return the files of one table, in the order of their names: one, a pattern's, or all in a folder and below it."""
    if os.path.isdir(source):
        inside = (os.path.join(folder, name) for folder, names in _walked(source) for name in names)
        paths = [path for path in inside if path.lower().endswith(ENDINGS) and _belongs(path, source)]
    elif is_pattern(source):
        fixed = source[: min(source.find(sign) for sign in "*?[" if sign in source)]
        paths = [path for path in _matching(source) if _belongs(path, os.path.dirname(fixed) or ".")]
    else:
        paths = [source]
    return _each_once(sorted(paths))


def _walked(top: str) -> Iterator[tuple[str, list[str]]]:
    """Yield a folder and those in it, also by way of links, each once: links may lead around in circles."""
    seen: set[str] = set()
    for folder, inside, files in os.walk(top, followlinks=True):
        own = os.path.realpath(folder)
        if own in seen:
            inside.clear()
            continue
        seen.add(own)
        inside.sort(key=lambda name: (os.path.islink(os.path.join(folder, name)), name))
        yield folder, files


def _matching(pattern: str) -> list[str]:
    """Return the paths that a pattern finds; ``**`` stands for any folders."""
    head, stars, rest = pattern.partition("**")
    if not stars or (head and not head.endswith(os.sep)):
        return glob.glob(pattern)
    folders = [folder for top in glob.glob(head or os.curdir) for folder, _ in _walked(top)]
    found = (_matching(os.path.join(glob.escape(folder), rest.lstrip(os.sep) or "*")) for folder in folders)
    return [path for paths in found for path in paths]


def _each_once(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the files among paths: one that a link leads to as well is there once; links to nothing are refused."""
    real: dict[str, str] = {}
    for path in paths:
        if os.path.islink(path) and not os.path.exists(path):
            raise InputError(
                f"{path!r} is a link to {os.readlink(path)!r}, which is not there", fix="mend or remove it"
            )
        if os.path.isfile(path):
            own = os.path.realpath(path)
            if own not in real or os.path.abspath(path) == own:  # its own name before that of a link
                real[own] = path
    return tuple(sorted(real.values()))


def _belongs(path: str, base: str) -> bool:
    return not any(part.startswith(("_", ".")) for part in os.path.relpath(path, base).split(os.sep))


def refuse_logged(files: Sequence[str], source: str) -> None:
    """Refuse files of a table whose log says which of them count."""
    tops = {_above_partitions(os.path.dirname(os.path.abspath(path))) for path in files}
    for top in sorted(tops | {os.path.dirname(top) for top in tops}):  # Iceberg's files lie in a folder of the table's
        for other, log in LOGS.items():
            if glob.glob(os.path.join(glob.escape(top), log)):
                raise InputError(
                    f"{source!r}: {top!r} is a table of {other}, whose Parquet files alone are not its rows: deleted"
                    " ones would come back",
                    fix="write its rows to files of their own, or name the table where an engine knows it, such as"
                    " spark:catalog.schema.table",
                )


def _above_partitions(folder: str) -> str:
    while "=" in os.path.basename(folder):
        folder = os.path.dirname(folder)
    return folder


def partitions(files: Sequence[str]) -> tuple[Mapping[str, str | int | None], ...]:
    """Return the columns that folders named ``year=2013`` make, and their values, for each file."""
    found = []
    for path in files:
        parts = [part.partition("=") for part in os.path.abspath(path).split(os.sep)[:-1] if "=" in part]
        found.append({name: unquote(value) for name, _, value in parts if name})
    if any(list(folder) != list(found[0]) for folder in found):
        odd = next(path for path, folder in zip(files, found, strict=True) if list(folder) != list(found[0]))
        raise InputError(
            f"the files are no one table: {odd!r} lies in other partitions than {files[0]!r}",
            fix="give each file's folders the same keys",
        )
    values: dict[str, list[str | int | None]] = {}
    for name in found[0]:
        texts = [None if folder[name] == _NULL else folder[name] for folder in found]
        whole = all(text is None or _WHOLE.fullmatch(text) for text in texts)
        values[name] = [int(text) if whole and text is not None else text for text in texts]
    return tuple({name: values[name][i] for name in values} for i in range(len(files)))
