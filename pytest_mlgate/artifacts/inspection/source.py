"""Reading a stream once, from its beginning to its end, in bounded memory."""

from __future__ import annotations

import os
import time
from typing import Protocol

from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.refusal import Refused

CHUNK = 1 << 18


class Feed(Protocol):
    """Where the bytes of a stream come from, in their order."""

    def read(self) -> bytes:
        """Return the next bytes, some 256 KiB; none at the end."""

    def skip(self, count: int) -> int:
        """Pass over bytes without returning them, and return how many there were: fewer only at the end."""


class FileFeed:
    """The bytes of an open file, or a part of them.

    Parameters
    ----------
    descriptor : int
        Its position is neither used nor moved.
    start, end : int
        The part.
    """

    def __init__(self, descriptor: int, start: int, end: int) -> None:
        self._descriptor, self._at, self._end = descriptor, start, end

    def read(self) -> bytes:
        """Return the next bytes; none at the end."""
        part = os.pread(self._descriptor, max(0, min(CHUNK, self._end - self._at)), self._at)
        self._at += len(part)
        return part

    def skip(self, count: int) -> int:
        """Pass over bytes."""
        passed = min(count, self._end - self._at)
        self._at += passed
        return passed


class BytesFeed:
    """Bytes that are in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self) -> bytes:
        """Return all of them, then none."""
        data, self._data = self._data, b""
        return data

    def skip(self, count: int) -> int:
        """Pass over bytes."""
        passed = min(count, len(self._data))
        self._data = self._data[passed:]
        return passed


class Source:
    """A stream with a position; what is asked for is there, or reading ends with :class:`Refused`.

    ``buffer[offset:end]`` may be read; ``end`` is the end of the buffer or, where it comes first, of a pickle's frame.
    """

    def __init__(self, feed: Feed, limits: Limits) -> None:
        self.buffer, self.offset, self.end = b"", 0, 0
        self._feed, self._base = feed, 0
        self._frame: int | None = None
        self._deadline = time.monotonic() + limits.seconds

    @property
    def position(self) -> int:
        """Bytes that were read or passed over."""
        return self._base + self.offset

    def more(self) -> bool:
        """Fetch bytes where none is left; False at the end of the stream."""
        while self.offset >= self.end:
            if self._frame is not None and self.position >= self._frame:
                self._frame = None
                self._limit()
            elif self.offset < len(self.buffer):
                raise AssertionError("bytes are left and may be read")
            elif not self._refill():
                return False
        return True

    def take(self, count: int) -> bytes:
        """Return exactly so many bytes."""
        offset = self.offset
        stop = offset + count
        if stop <= self.end:
            self.offset = stop
            return self.buffer[offset:stop]
        return self._gather(count)

    def byte(self) -> int:
        """Return the value of one byte."""
        return self.take(1)[0]

    def line(self, limit: int) -> bytes:
        """Return the bytes before the next line feed, which is passed over; at most ``limit`` of them."""
        stop = self.buffer.find(b"\n", self.offset, self.end)
        if 0 <= stop <= self.offset + limit:
            part = self.buffer[self.offset : stop]
            self.offset = stop + 1
            return part
        parts = bytearray()
        while (part := self.take(1)) != b"\n":
            parts += part
            if len(parts) > limit:
                raise Refused("limit", f"holds a line of more than {limit:,} bytes")
        return bytes(parts)

    def skip(self, count: int) -> None:
        """Pass over exactly so many bytes."""
        if self._frame is not None and self.position + count > self._frame:
            raise Refused("frame", "holds a value that reaches beyond the end of its frame")
        here = min(count, len(self.buffer) - self.offset)
        self.offset += here
        rest = count - here
        while rest:
            part = min(rest, 1 << 26)  # the time limit is looked at every 64 MiB
            self._look_at_the_clock()
            passed = self._feed.skip(part)
            self._base += passed
            rest -= passed
            if passed < part:
                raise _truncated(self.position)

    def open_frame(self, size: int) -> None:
        """Begin a frame of a pickle: until its end, nothing may reach beyond it."""
        if self._frame is not None and self.position < self._frame:
            raise Refused("frame", "holds a frame that begins inside of another")
        self._frame = self.position + size
        self._limit()

    def outside_frames(self) -> bool:
        """Whether no frame has bytes left."""
        if self._frame is not None and self.position >= self._frame:
            self._frame = None
            self._limit()
        return self._frame is None

    def _limit(self) -> None:
        left = len(self.buffer)
        self.end = left if self._frame is None else min(left, self._frame - self._base)

    def _refill(self) -> bool:
        self._look_at_the_clock()
        self._base += self.offset
        self.buffer, self.offset = self._feed.read(), 0
        self._limit()
        return bool(self.buffer)

    def _gather(self, count: int) -> bytes:
        if self._frame is not None and self.offset < self.end and self.position + count > self._frame:
            raise Refused("frame", "holds a value that reaches beyond the end of its frame")
        parts, lacking = [], count
        while lacking:
            if not self.more():
                raise _truncated(self.position)
            if self._frame is not None and self.position + lacking > self._frame:
                raise Refused("frame", "holds a value that reaches beyond the end of its frame")
            part = self.buffer[self.offset : min(self.end, self.offset + lacking)]
            self.offset += len(part)
            lacking -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _look_at_the_clock(self) -> None:
        if time.monotonic() > self._deadline:
            raise Refused("limit", "it takes longer to read than the time limit allows")


def _truncated(position: int) -> Refused:
    return Refused(
        "truncated",
        "ends in the middle",
        fix="copy or save it again: what is there is not the whole",
        position=position,
    )
