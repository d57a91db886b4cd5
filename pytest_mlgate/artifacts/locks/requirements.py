"""Requirements files, as pip reads them: pins, hashes, markers, included files and constraints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.artifacts.locks.lock import Found, Pin, applies, first_line, pin, specified
from pytest_mlgate.artifacts.masking import mask_text
from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

MAX_BYTES = 32 * 1024**2
_MAX_FILES = 100
_INCLUDE = re.compile(r"(?:-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?=[^\s=-]))(?P<path>.+)")
_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_OPTION = re.compile(r"\s--?[a-zA-Z]")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:|[./~]|[A-Za-z]:[\\/])|.*[\\/]|.*\.(?:whl|zip|tar\.(?:gz|bz2|xz))$")


@dataclass
class _Reader:
    environment: Mapping[str, str] | None
    pins: list[Pin] = field(default_factory=list)
    read: dict[Path, bytes] = field(default_factory=dict)


def read(path: Path, text: str, environment: Mapping[str, str] | None) -> Found:
    """Read a requirements file and what it includes.

    Raises
    ------
    InputError
        Where a line is no requirement, or an included file cannot be read.
    """
    reader = _Reader(environment=environment)
    _file(reader, path.resolve(), text)
    return Found(pins=tuple(reader.pins), included=reader.read)


def _file(reader: _Reader, path: Path, text: str) -> None:
    for number, line in _lines(text):
        where = f"{path}:{number}"
        include = _INCLUDE.fullmatch(line)
        if include is not None:
            _include(reader, path, include["path"].strip().strip("\"'"), where)
        elif not line.startswith("-"):  # other options, and `-e` of a folder: the project's own code
            reader.pins += _requirement(line, where, reader.environment)


def _include(reader: _Reader, path: Path, name: str, where: str) -> None:
    from pytest_mlgate.artifacts.locks.reading import decoded
    from pytest_mlgate.tables.files import read_regular_file

    if "://" in name:
        raise InputError(f"{where}: includes {mask_text(name)!r}, and nothing is fetched", fix="name a file")
    included = (path.parent / name).resolve()
    if included in reader.read:  # files may include each other, as pip allows
        return
    if len(reader.read) >= _MAX_FILES:
        raise InputError(f"{where}: more than {_MAX_FILES} files include each other", fix="write one file")
    try:
        data = read_regular_file(included, what="requirements file", limit=MAX_BYTES)
    except InputError as error:
        raise InputError(f"{where}: {error.message}", fix=error.fix) from None
    reader.read[included] = data
    _file(reader, included, decoded(included, data))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield logical lines with the number of their first: continued by a backslash, without comments, not blank."""
    begun, start = "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        start = start if begun else number
        # A comment ends a line that was continued, too; one of its own among continued lines is passed over.
        line = _COMMENT.sub("", raw)
        if line.rstrip().endswith("\\") and not raw.lstrip().startswith("#"):
            begun += line.rstrip()[:-1] + " "
            continue
        if whole := (begun + line).strip():
            yield start, whole
        begun = ""
    if begun.strip():
        yield start, begun.strip()


def _requirement(line: str, where: str, environment: Mapping[str, str] | None) -> Iterator[Pin]:
    from packaging.requirements import InvalidRequirement, Requirement

    text = _OPTION.split(line, maxsplit=1)[0].strip()  # `--hash=...` and other options of one requirement
    try:
        wanted = Requirement(text)
    except InvalidRequirement as error:
        if not _ADDRESS.match(text):
            raise InputError(
                f"{where}: {mask_text(text)!r} is no requirement ({first_line(error)})", fix="write `name==version`"
            ) from None
        yield from _of_file(text)
        return
    if not applies(str(wanted.marker or ""), environment, where=where):
        return
    if wanted.url is None:
        yield specified(wanted.name, str(wanted.specifier), said=_without_marker(wanted))
    else:
        version = next((one.version for one in _of_file(wanted.url)), None)
        yield pin(wanted.name, version, said=f"{wanted.name} @ {wanted.url}")


def _of_file(address: str) -> Iterator[Pin]:
    """Yield the pin that the name of a distribution's file is; nothing where the address tells no version."""
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

    file = re.split(r"[?#]", address.split(" ;")[0].strip(), maxsplit=1)[0].replace("\\", "/").rsplit("/", 1)[-1]
    try:
        if file.endswith(".whl"):
            name, version = parse_wheel_filename(file)[:2]
        else:
            name, version = parse_sdist_filename(file)
    except (InvalidSdistFilename, InvalidWheelFilename):
        return
    yield pin(name, str(version), said=address)


def _without_marker(wanted: Requirement) -> str:
    extras = f"[{','.join(sorted(wanted.extras))}]" if wanted.extras else ""
    return f"{wanted.name}{extras}{wanted.specifier}"
