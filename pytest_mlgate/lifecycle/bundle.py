"""An archive bundle: one file with all that a version's decision rests on, and what it needs to answer again.

It is a zip archive whose first member is the manifest, and holds no byte that does not follow from it and the files.
"""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version as version_of
from pathlib import Path
from typing import BinaryIO

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.manifest import KIND, MANIFEST, NO_LIMIT, SUFFIX, Manifest, Member, refuse_unless
from pytest_mlgate.lifecycle.plain_zip import Entry, crc_of, directory, first_entry, header
from pytest_mlgate.problems import short
from pytest_mlgate.tables.files import open_regular_file
from pytest_mlgate.tables.writing import replacing, sync_folder

_CHUNK = 1 << 20


# --- writing


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What becomes a member: a file or its bytes, where it lay, and the SHA-256 that it has to have, if any."""

    content: Path | bytes
    said: str
    digest: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A bundle that lies on disk; ``fresh``: it did not before."""

    path: Path
    manifest: Manifest
    digest: str
    size: int
    fresh: bool


def write_bundle(about: Manifest, sources: Mapping[str, Source], *, folder: Path, to: Path | None = None) -> Written:
    """Write a bundle, whole or not at all; on disk when this returns.

    Parameters
    ----------
    about : Manifest
        Without files.
    sources : Mapping of str to Source
        By what they are.
    folder : Path
        Where it lies, by the names of model and version and 12 digits of its manifest's digest; made where it is not.
    to : Path, optional
        The file to write instead.

    Raises
    ------
    InputError
        Where another file has that name, a file cannot be read or changes meanwhile, or the bundle cannot be written.
    """
    entries, files = [], {}
    for role, source in sorted(sources.items()):
        suffix = Path(source.said).suffix
        name = role + (suffix if SUFFIX.fullmatch(suffix) else "")
        digest, crc, size = _measured(source, role)
        _refuse_another(source, role, digest, source.digest or digest)
        files[role] = Member(name=name, size=size, digest=digest, source=source.said)
        entries.append(Entry(name=name, size=size, crc=crc))
    manifest = replace(about, files=files, written_by=f"pytest-mlgate {version_of('pytest-mlgate')}")
    data = manifest.to_bytes()
    first = Entry(name=MANIFEST, size=len(data), crc=zlib.crc32(data))
    target = to or folder / f"{_plain(manifest.model)}-{_plain(manifest.version)}-{manifest.digest[:12]}.zip"
    fresh = not os.path.lexists(target)
    if to is not None and not fresh:
        raise InputError(f"{short(to)}: is there already; nothing was changed", fix="name another file")
    try:
        with replacing(target) as file:
            sink = _Hashed(file)
            sink.write(header(first) + data)
            for (role, source), entry in zip(sorted(sources.items()), entries, strict=True):
                sink.write(header(entry))
                _copy(source, role, sink, files[role].digest)
            sink.write(directory([first, *entries]))
        sync_folder(target.parent)
    except OSError as error:
        raise InputError(
            f"{short(target)}: cannot be written: {error.strerror}; nothing was changed",
            fix="check the disk, and the rights",
        ) from None
    return Written(path=target, manifest=manifest, digest=sink.digest, size=sink.size, fresh=fresh)


class _Hashed:
    """A file of which all that is read or written is counted and hashed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._sha, self.size = file, hashlib.sha256(), 0

    @property
    def digest(self) -> str:
        return self._sha.hexdigest()

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._seen(data)

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._seen(data)
        return data

    def _seen(self, data: bytes) -> None:
        self._sha.update(data)
        self.size += len(data)


def _parts(source: Source, role: str) -> Iterator[bytes]:
    if isinstance(source.content, bytes):
        yield source.content
        return
    with (
        open_regular_file(source.content, what=role, limit=NO_LIMIT) as descriptor,
        open(descriptor, "rb", closefd=False) as file,
    ):
        while part := _read(file, source.content):
            yield part


def _read(file: BinaryIO, path: Path) -> bytes:
    try:
        return file.read(_CHUNK)
    except OSError as error:
        raise InputError(f"{short(path)}: cannot be read: {error.strerror}", fix="check the disk") from None


def _measured(source: Source, role: str) -> tuple[str, int, int]:
    """Return SHA-256, CRC-32 and size."""
    sha, crc, size = hashlib.sha256(), 0, 0
    for part in _parts(source, role):
        sha.update(part)
        crc, size = zlib.crc32(part, crc), size + len(part)
    return sha.hexdigest(), crc, size


def _copy(source: Source, role: str, sink: _Hashed, digest: str) -> None:
    sha = hashlib.sha256()
    for part in _parts(source, role):
        sha.update(part)
        sink.write(part)
    _refuse_another(source, role, sha.hexdigest(), digest)


def _refuse_another(source: Source, role: str, digest: str, expected: str) -> None:
    if digest != expected:
        raise InputError(
            f"the {role} ({source.said}) was changed while it was put into the bundle; nothing was changed",
            fix="keep it still, and do it again",
        )


def _plain(name: str) -> str:
    """Return a name as a file may have it."""
    return re.sub(r"[^A-Za-z0-9._+-]", "_", name).lstrip(".")[:60] or "_"


# --- reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """A bundle that was read to its last byte.

    Attributes
    ----------
    path : Path
    manifest : Manifest
    digest : str
        SHA-256 of the whole file.
    size : int
    files : Mapping of str to Path
        Its members, by what they are, in the folder that they were put into; only those that are as they were.
    wrong : tuple of str
        What was changed since it was written, by name.
    """

    path: Path
    manifest: Manifest
    digest: str
    size: int
    files: Mapping[str, Path]
    wrong: tuple[str, ...]


def open_bundle(path: Path, into: Path) -> Bundle:
    """Read a bundle, verify every byte of it, and put its members into a folder.

    No name in it is used before it was found to be a plain one, and no more is written than the file has bytes.

    Parameters
    ----------
    path, into : Path
        ``into`` is an empty folder.

    Raises
    ------
    InputError
        Where it cannot be read, is no bundle, or its manifest was changed: then nothing can be said of the rest.
    """
    try:
        with (
            open_regular_file(path, what=KIND.what, limit=NO_LIMIT) as descriptor,
            open(descriptor, "rb", closefd=False) as file,
        ):
            return _opened(path, file, os.fstat(descriptor).st_size, into)
    except OSError as error:
        raise InputError(
            f"{short(path)}: cannot be read and unpacked: {error.strerror}",
            fix="check the disk, and the rights; TMPDIR names another folder to unpack it in",
        ) from None


def _opened(path: Path, file: BinaryIO, size: int, into: Path) -> Bundle:
    source = _Hashed(file)
    manifest, first, wrong = _manifest(path, source)
    planned = [Entry(name=member.name, size=member.size, crc=0) for _, member in sorted(manifest.files.items())]
    whole = sum(len(header(entry)) + entry.size for entry in (first, *planned)) + len(directory([first, *planned]))
    if size != whole:
        wrong.append(f"the file has {size:,} bytes, and its manifest speaks of {whole:,}")
    entries, files = [first], {}
    for role, member in sorted(manifest.files.items()):
        entry, said = _extracted(member, source, into)
        entries.append(entry)
        if said:
            wrong.append(said)
        else:
            files[role] = into / member.name
    rest = source.read(len(directory(entries)))
    if rest != directory(entries) and size == whole:
        wrong.append("the list of members at its end was changed")
    while source.read(_CHUNK):  # what was added counts for the digest
        pass
    return Bundle(path=path, manifest=manifest, digest=source.digest, size=source.size, files=files, wrong=tuple(wrong))


def _manifest(path: Path, source: _Hashed) -> tuple[Manifest, Entry, list[str]]:
    head = source.read(len(header(Entry(name=MANIFEST, size=0, crc=0))))
    first = first_entry(head)
    if first is None or first.name != MANIFEST:
        raise InputError(
            f"{short(path)}: is no archive bundle, or its first bytes were changed",
            fix="name what `mlgate retire` wrote",
        )
    if first.size > KIND.limit:
        raise InputError(f"{short(path)}: its manifest would have {first.size:,} bytes", fix=KIND.again)
    data = source.read(first.size)
    try:
        manifest = Manifest.from_bytes(data)
        refuse_unless(manifest.to_bytes() == data, "is written otherwise than it was")
    except ValueError as error:
        raise InputError(f"{short(path)}: {MANIFEST} {error}", fix=KIND.again) from None
    if zlib.crc32(data) == first.crc:
        return manifest, first, []
    return manifest, replace(first, crc=zlib.crc32(data)), [f"{MANIFEST}: what stands before it was changed"]


def _extracted(member: Member, source: _Hashed, into: Path) -> tuple[Entry, str]:
    """Put a member into a folder; return it as the list at the end has it, and what is wrong with it."""
    head = source.read(len(header(Entry(name=member.name, size=member.size, crc=0))))
    sha, crc, left = hashlib.sha256(), 0, member.size
    with open(into / member.name, "xb") as file:
        while left and (part := source.read(min(left, _CHUNK))):
            sha.update(part)
            file.write(part)
            crc, left = zlib.crc32(part, crc), left - len(part)
    entry = Entry(name=member.name, size=member.size, crc=crc)
    if left:
        return entry, f"{member.name}: is cut off, {left:,} of its {member.size:,} bytes are not there"
    if sha.hexdigest() != member.digest:
        return replace(entry, crc=crc_of(head)), f"{member.name}: was changed, its SHA-256 is not that of the manifest"
    return entry, "" if head == header(entry) else f"{member.name}: what stands before it was changed"
