"""How much of a file is followed before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

GIB = 1024**3


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds that are checked before the work that they bound.

    Attributes
    ----------
    size : int
        Bytes of the file.
    decompressed : int
        Bytes that a compressed file may become.
    ratio : int
        How many times larger than itself a compressed file may become; small files may reach 64 MiB whatever the
        ratio is.
    opcodes : int
        Instructions of a pickle, those of nested ones counted.
    depth : int
        Marks that are open at once in a pickle.
    memory : int
        Bytes that following a pickle may take, as far as can be estimated.
    member : int
        Bytes of one text file inside of an archive (the schema of a skops file) and of one JSON document.
    seconds : float
        Time that reading may take.
    """

    size: int = 4 * GIB
    decompressed: int = 16 * GIB
    ratio: int = 2000
    opcodes: int = 200_000_000
    depth: int = 100_000
    memory: int = 128 * 1024**2
    member: int = 256 * 1024**2
    seconds: float = 600.0
