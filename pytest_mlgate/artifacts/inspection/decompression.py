"""Streams that joblib compresses, read in bounded memory; a second stream or loose bytes behind one are refused."""

from __future__ import annotations

from typing import Protocol

from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.artifacts.inspection.source import Feed

# The beginnings by which joblib decides, in its order; `ZF` is that of files written before joblib 0.9.3.
_BEGINNINGS = (
    (b"ZF", "zfile"),
    (b"\x78", "zlib"),
    (b"\x1f\x8b", "gzip"),
    (b"BZ", "bz2"),
    (b"\x5d\x00", "lzma"),
    (b"\xfd7zXZ", "xz"),
    (b"\x04\x22\x4d\x18", "lz4"),
)
OLD_JOBLIB = "was written by a joblib before 0.10, which keeps arrays in other files"
OLD_JOBLIB_FIX = "load it where it was written, and save it again with a joblib of today"
_PARTS = 1 << 20
# What level 9 of xz needs is 65 MiB; a file that asks for more is none of joblib's.
_LZMA_MEMORY = 128 * 1024**2
_FREE = 64 * 1024**2


def compression_of(head: bytes) -> str:
    """Return how joblib would decompress a file that begins so; empty: not at all."""
    return next((name for beginning, name in _BEGINNINGS if head.startswith(beginning)), "")


class _Decompressor(Protocol):
    """What the decompressors of bz2, lzma and lz4 have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes | None: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Zlib:
    """zlib's own object with the face of the others."""

    def __init__(self, wbits: int) -> None:
        import zlib

        self._object = zlib.decompressobj(wbits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        part = self._object.decompress(self._object.unconsumed_tail + data, max_length)
        # A full part may have left bytes in zlib's own window although it took all input.
        self.needs_input = not self._object.unconsumed_tail and len(part) < max_length
        return part


class DecompressedFeed:
    """What a compressed file becomes.

    Parameters
    ----------
    feed : Feed
        The file's bytes.
    compression : str
        As :func:`compression_of` returns it.
    size : int
        Bytes of the file, for the bound on the ratio.
    """

    def __init__(self, feed: Feed, compression: str, size: int, limits: Limits) -> None:
        self._feed, self._name = feed, compression
        self._decompressor, self._errors = _opened(compression)
        self._bound = min(limits.decompressed, max(_FREE, limits.ratio * size))
        self._made, self._left = 0, b""
        self._ended = False

    def read(self) -> bytes:
        """Return the next bytes; none at the end, which the file's own end must be too."""
        if self._left:
            left, self._left = self._left, b""
            return left
        while not self._ended:
            try:
                data = self._feed.read() if self._decompressor.needs_input else b""
                if self._decompressor.needs_input and not data:
                    raise Refused("truncated", f"ends in the middle of its {self._name} stream")
                part = self._decompressor.decompress(data, _PARTS)
            except self._errors as error:
                raise Refused("damaged", f"its {self._name} stream is damaged ({error})") from None
            self._ended = self._decompressor.eof
            self._made += len(part)
            if self._made > self._bound:
                raise Refused(
                    "limit", f"its {self._name} stream grows beyond {self._bound:,} bytes", fix="save it uncompressed"
                )
            if self._ended and (self._decompressor.unused_data or self._feed.read()):
                # joblib reads on for ever here, other readers take what follows for a second file.
                raise Refused("trailing bytes", f"bytes follow the end of its {self._name} stream")
            if part:
                return part
        return b""

    def skip(self, count: int) -> int:
        """Pass over bytes, which have to be decompressed all the same."""
        passed = 0
        while passed < count and (part := self.read()):
            taken = min(len(part), count - passed)
            passed, self._left = passed + taken, part[taken:]
        return passed


def _opened(name: str) -> tuple[_Decompressor, tuple[type[Exception], ...]]:
    if name == "zlib":
        import zlib

        return _Zlib(15), (zlib.error,)
    if name == "gzip":
        import zlib

        return _Zlib(31), (zlib.error,)
    if name == "bz2":
        import bz2

        return bz2.BZ2Decompressor(), (OSError, ValueError)
    if name in ("xz", "lzma"):
        import lzma

        kind = lzma.FORMAT_XZ if name == "xz" else lzma.FORMAT_ALONE
        return lzma.LZMADecompressor(format=kind, memlimit=_LZMA_MEMORY), (lzma.LZMAError, EOFError)
    if name == "lz4":
        return _lz4(), (RuntimeError, ValueError)
    raise Refused("old joblib", OLD_JOBLIB, fix=OLD_JOBLIB_FIX)


def _lz4() -> _Decompressor:
    try:
        import lz4.frame
    except ImportError:
        raise Refused(
            "not installed", "is compressed with lz4, which is not installed", fix="pip install lz4"
        ) from None
    decompressor: _Decompressor = lz4.frame.LZ4FrameDecompressor()
    return decompressor
