"""Files of other kinds, by their first bytes: told apart so that a message can say what they are."""

from __future__ import annotations

_BEGINNINGS = (
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"PAR1", "a Parquet table"),
    (b"ARROW1", "an Arrow table"),
    (b"\x89HDF", "HDF5 (Keras?)"),
    (b"{", "JSON"),
    (b"GGUF", "a GGUF file"),
    (b"\x7fELF", "a program"),
    (b"#!", "a script"),
    (b"SQLite format 3", "an SQLite database"),
    (b"%PDF", "a PDF"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself"),
)


def foreign_kind(head: bytes) -> str:
    """Return what a file that begins so is, where it is no model file; empty where it may be one."""
    return next((kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)), "")
