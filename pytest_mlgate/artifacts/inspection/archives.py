"""ZIP archives as model formats use them: each byte belongs to a member or the directory, and no name comes twice."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator

from pytest_mlgate.artifacts.inspection.holding import Held
from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.refusal import Refused, shown

BEGINNING = b"PK\x03\x04"
_LOCAL = struct.Struct("<4s5H3L2H")
_END, _END64, _LOCATOR64 = 22, 56, 20
_MOST_MEMBERS = 200_000
_HAS_DESCRIPTOR, _ENCRYPTED = 0x08, 0x01
_FREE = 64 * 1024**2
_PART = 1 << 18


class Archive:
    """The members of an archive that holds nothing else.

    Parameters
    ----------
    held : Held
        The file.
    limits : Limits
        Bounds.

    Raises
    ------
    Refused
        Where the archive is damaged, encrypted, or holds bytes that belong to no member; where a name comes twice or
        leads out of the archive.
    """

    def __init__(self, held: Held, limits: Limits) -> None:
        self._limits = limits
        self._file = open(held.descriptor, "rb", closefd=False)  # noqa: SIM115 - closed with the archive
        try:
            self._zip = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as error:
            raise _damaged(str(error)) from None
        members = self._zip.infolist()
        _check_names(members)
        _check_sizes(members, held.size, limits)
        _check_tiling(held, members, self._zip.start_dir, self._zip.comment)
        self.members: dict[str, zipfile.ZipInfo] = {member.filename: member for member in members}

    def close(self) -> None:
        """Give up the file's reader; the descriptor stays open."""
        self._zip.close()
        self._file.close()

    def read(self, name: str, limit: int) -> bytes:
        """Return a whole member of at most so many bytes."""
        if self.members[name].file_size > limit:
            raise Refused("limit", f"its member {shown(name)!r} has more than {limit:,} bytes")
        return b"".join(self.parts(name))

    def parts(self, name: str) -> Iterator[bytes]:
        """Give a member's bytes in parts; its checksum is looked at at the end."""
        try:
            with self._zip.open(self.members[name]) as stream:
                while part := stream.read(_PART):
                    yield part
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, struct.error) as error:
            raise _damaged(f"its member {shown(name)!r}: {error}") from None


class MemberFeed:
    """A member's bytes, as a source reads them."""

    def __init__(self, archive: Archive, name: str) -> None:
        self._parts, self._left = archive.parts(name), b""

    def read(self) -> bytes:
        """Return the next bytes; none at the end."""
        left, self._left = self._left, b""
        return left or next(self._parts, b"")

    def skip(self, count: int) -> int:
        """Pass over bytes."""
        passed = 0
        while passed < count and (part := self.read()):
            taken = min(len(part), count - passed)
            passed, self._left = passed + taken, part[taken:]
        return passed


def _check_names(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > _MOST_MEMBERS:
        raise Refused("limit", f"has more than {_MOST_MEMBERS:,} members")
    seen: set[str] = set()
    for member in members:
        name = member.orig_filename
        parts = name.replace("\\", "/").split("/")
        if name != member.filename or not name.isprintable() or name.startswith(("/", "\\")) or ":" in parts[0]:
            raise Refused("odd member", f"has a member with an odd name: {shown(name)!r}")
        if not all(parts) or ".." in parts or "." in parts:
            raise Refused("odd member", f"has a member whose name leads elsewhere: {shown(name)!r}")
        if name.casefold() in seen:
            raise Refused("odd member", f"has two members with one name: {shown(name)!r}")
        seen.add(name.casefold())


def _check_sizes(members: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            raise Refused("encrypted", f"its member {shown(member.filename)!r} is encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            raise Refused("odd member", f"its member {shown(member.filename)!r} is compressed in an unknown way")
    total = sum(member.file_size for member in members)
    bound = min(limits.decompressed, max(_FREE, limits.ratio * size))
    if total > bound:
        raise Refused("limit", f"its members grow beyond {bound:,} bytes", fix="save it uncompressed")


def _check_tiling(held: Held, members: list[zipfile.ZipInfo], directory: int, comment: bytes) -> None:
    """Walk from member to member: what one leaves, the next takes up, then the directory, then the end of the file."""
    at = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset != at:
            raise Refused("loose bytes", "holds bytes that belong to no member, or members that overlap", position=at)
        at = _end_of(held, member)
    if directory != at or comment:
        raise Refused("loose bytes", "holds bytes that belong to no member", position=at)
    end = os.pread(held.descriptor, held.size - directory, directory) if held.size - directory < _FREE else b""
    entries = _length_of_directory(end, len(members))
    tails = (entries + _END, entries + _END64 + _LOCATOR64 + _END)
    if entries < 0 or len(end) not in tails:
        raise Refused("loose bytes", "holds bytes behind its directory", position=directory)


def _end_of(held: Held, member: zipfile.ZipInfo) -> int:
    header = os.pread(held.descriptor, _LOCAL.size, member.header_offset)
    if len(header) < _LOCAL.size or header[:4] != BEGINNING:
        raise _damaged(f"its member {shown(member.filename)!r} has no beginning")
    *_, name, extra = _LOCAL.unpack(header)
    end = member.header_offset + _LOCAL.size + int(name) + int(extra) + member.compress_size
    if not member.flag_bits & _HAS_DESCRIPTOR:
        return end
    descriptor = os.pread(held.descriptor, 28, end)
    large = member.file_size >= 2**32 or member.compress_size >= 2**32
    for form in ("<4sLQQ" if large else "<4sLLL", "<4sLQQ", "<LQQ" if large else "<LLL", "<LQQ"):
        found = struct.unpack(form, descriptor[: struct.calcsize(form)]) if len(descriptor) >= 28 else ()
        if found[-3:] == (member.CRC, member.compress_size, member.file_size) and found[:-3] in ((), (b"PK\x07\x08",)):
            return end + struct.calcsize(form)
    raise _damaged(f"its member {shown(member.filename)!r} has no end")


def _length_of_directory(end: bytes, count: int) -> int:
    """Return the bytes that the entries of the directory take; -1 where they are not as many as they should be."""
    at = 0
    for _ in range(count):
        if end[at : at + 4] != b"PK\x01\x02" or len(end) < at + 46:
            return -1
        name, extra, comment = struct.unpack_from("<3H", end, at + 28)
        at += 46 + name + extra + comment
    return at


def _damaged(why: str) -> Refused:
    return Refused("damaged", f"is a damaged archive ({shown(why)})", fix="copy or save it again")
