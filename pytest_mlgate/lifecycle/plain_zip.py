"""Zip archives of one form: the same files are the same bytes, and each byte is accounted for.

Members are stored and not deflated, since two versions of zlib make different bytes of the same file; they follow one
another without a gap, with one date and one set of rights, and nothing else is in the archive. So the whole archive
follows from names, sizes and contents: whoever reads one compares with what has to stand there, and trusts nothing that
it says of itself. Any program that opens zip archives opens these.

The layout is that of PKWARE's APPNOTE 6.3; ZIP64 where a size or an offset needs it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_LOCAL, _CENTRAL = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I")
_END, _END_64, _LOCATOR = struct.Struct("<4s4H2IH"), struct.Struct("<4sQ2H2I4Q"), struct.Struct("<4sIQI")
_PLAIN, _ZIP64 = 20, 45  # versions of the format that a reader has to know
_UNIX = 3 << 8
_DAY = 1 << 5 | 1  # 1980-01-01, the first that the format knows
_RIGHTS = 0o100644 << 16  # a regular file
_FULL = 0xFFFFFFFF


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One member.

    Attributes
    ----------
    name : str
        ASCII.
    size : int
        Bytes.
    crc : int
        CRC-32 of its content.
    """

    name: str
    size: int
    crc: int


def header(entry: Entry) -> bytes:
    """Return what stands before a member's content."""
    name, extra = entry.name.encode("ascii"), _extra(entry.size, entry.size) if entry.size >= _FULL else b""
    size = min(entry.size, _FULL)
    version = _ZIP64 if extra else _PLAIN
    fixed = (version, 0, 0, 0, _DAY, entry.crc, size, size, len(name), len(extra))
    return _LOCAL.pack(b"PK\x03\x04", *fixed) + name + extra


def directory(entries: Sequence[Entry]) -> bytes:
    """Return what stands after the last member's content: to the end of the archive."""
    offset, parts = 0, []
    for entry in entries:
        parts.append(_listed(entry, offset))
        offset += len(header(entry)) + entry.size
    listed = b"".join(parts)
    number, end = len(entries), b""
    if offset >= _FULL:
        fixed = (44, _UNIX | _ZIP64, _ZIP64, 0, 0, number, number, len(listed), offset)
        end = _END_64.pack(b"PK\x06\x06", *fixed) + _LOCATOR.pack(b"PK\x06\x07", 0, offset + len(listed), 1)
    return listed + end + _END.pack(b"PK\x05\x06", 0, 0, number, number, len(listed), min(offset, _FULL), 0)


def first_entry(head: bytes) -> Entry | None:
    """Return the member whose header an archive begins with; None where it begins with none of ours.

    Parameters
    ----------
    head : bytes
        The beginning of the archive, some hundred bytes of it.
    """
    if len(head) < _LOCAL.size:
        return None
    *_, crc, _, size, length, _ = _LOCAL.unpack(head[: _LOCAL.size])
    name = head[_LOCAL.size : _LOCAL.size + length]
    if not name.isascii():
        return None
    entry = Entry(name=name.decode("ascii"), size=size, crc=crc)
    return entry if head.startswith(header(entry)) else None


def crc_of(head: bytes) -> int:
    """Return the CRC-32 that a member's header says; 0 where it is too short to be one."""
    return int(_LOCAL.unpack(head[: _LOCAL.size])[6]) if len(head) >= _LOCAL.size else 0


def _listed(entry: Entry, offset: int) -> bytes:
    name, size = entry.name.encode("ascii"), min(entry.size, _FULL)
    large = [entry.size, entry.size] if entry.size >= _FULL else []
    extra = _extra(*large, *([offset] if offset >= _FULL else [])) if large or offset >= _FULL else b""
    version = _ZIP64 if extra else _PLAIN
    fixed = (_UNIX | version, version, 0, 0, 0, _DAY, entry.crc, size, size, len(name), len(extra), 0, 0, 0)
    return _CENTRAL.pack(b"PK\x01\x02", *fixed, _RIGHTS, min(offset, _FULL)) + name + extra


def _extra(*sizes: int) -> bytes:
    return struct.pack(f"<2H{len(sizes)}Q", 1, 8 * len(sizes), *sizes)
