"""What an inspection found: a verdict that is stated, never the absence of a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["accepted", "untrusted", "refused"]
Weight = Literal["refused", "untrusted", "remark"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was found in a file.

    Attributes
    ----------
    reason : str
        A stable word: ``untrusted name``, ``trailing bytes``, ``truncated``, ...
    message : str
        What it is, with the value.
    fix : str
        What to do about it.
    name : str
        The name that it is about, ``package.module:Qual.name``; empty where it is about none.
    position : int or None
        Byte of the (decompressed) stream, counted from 0.
    weight : {"refused", "untrusted", "remark"}
        ``untrusted``: could be accepted by trust in that name. ``remark``: changes no verdict.
    """

    reason: str
    message: str
    fix: str
    name: str = ""
    position: int | None = None
    weight: Weight = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """What a file is, what it needs, and whether it may be loaded.

    Attributes
    ----------
    source : str
        The path as it was given.
    format : str
        By content: ``joblib``, ``pickle``, ``cloudpickle``, ``skops``, ``onnx``, ``xgboost-json``, ``xgboost-ubj``,
        ``lightgbm``, ``npy``, ``npz``, ``safetensors`` or ``unknown``.
    compression : str
        ``zlib``, ``gzip``, ``bz2``, ``xz``, ``lzma``, ``lz4``, ``zip``; empty where there is none.
    size : int
        Bytes of the file.
    digest : str
        SHA-256 of these bytes, in hexadecimal; empty where the file was not read.
    names : tuple of str
        Every name that it needs, ``package.module:Qual.name``, sorted; of a file that ends too early, those before.
    trusted : tuple of str
        The opt-ins by which it was accepted: names, or ``sha256:`` and the digest.
    versions : Mapping of str to str
        What it says of what wrote it: ``{"scikit-learn": "1.9.0"}``.
    findings : tuple of Finding
        In the order of the file.
    complete : bool
        Whether it was read to its end, every byte accounted for.
    """

    source: str
    format: str
    compression: str
    size: int
    digest: str
    names: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    complete: bool = False

    @property
    def verdict(self) -> Verdict:
        """``accepted`` only where all of it was read and nothing speaks against it."""
        weights = {finding.weight for finding in self.findings}
        if not self.complete or not self.digest or "refused" in weights:
            return "refused"
        return "untrusted" if "untrusted" in weights else "accepted"

    @property
    def untrusted(self) -> tuple[str, ...]:
        """The names that trust would have to cover, sorted."""
        return tuple(sorted({f.name for f in self.findings if f.weight == "untrusted" and f.name}))

    def to_dict(self) -> dict[str, Any]:
        """Return it as builtins."""
        return {
            "source": self.source,
            "verdict": self.verdict,
            "format": self.format,
            "compression": self.compression,
            "size": self.size,
            "digest": self.digest,
            "names": list(self.names),
            "trusted": list(self.trusted),
            "versions": dict(self.versions),
            "findings": [
                {
                    "reason": finding.reason,
                    "weight": finding.weight,
                    "message": finding.message,
                    "fix": finding.fix,
                    "name": finding.name,
                    "position": finding.position,
                }
                for finding in self.findings
            ],
        }
