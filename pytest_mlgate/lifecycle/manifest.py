"""The manifest of an archive bundle: which version it is of, what is in it, and why something is not.

It carries its own digest; that of the whole bundle stands in the ledger.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pytest_mlgate.artifacts.sealed import Kind
from pytest_mlgate.sections import ROLE

KIND = Kind(
    format="mlgate archive bundle",
    version=1,
    what="archive bundle",
    again="take another copy of it; the ledger has the digest of the whole one",
)
MANIFEST = "manifest.json"
"""Its name there."""
NO_LIMIT = 1 << 62
"""No file has as many bytes."""
SUFFIX = re.compile(r"(\.[A-Za-z0-9]{1,20})?")
"""What may follow after a member's role in its name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One file of a bundle: its name there, the number and SHA-256 of its bytes, and where it lay."""

    name: str
    size: int
    digest: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Retirement:
    """Why a version never serves again: as the ledger's event has it, but for the moment."""

    day: str
    reason: str
    actor: str
    approver: str | None
    kept_until: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What a bundle says of itself.

    Attributes
    ----------
    model, version : str
    artifact : str
        SHA-256 of the model's file, whether it is in the bundle or not.
    retirement : Retirement or None
        None: it was not retired when the bundle was written.
    files : Mapping of str to Member
        By what they are: ``artifact``, ``sample``, ``verdict``, ``ledger``, ...
    absent : Mapping of str to str
        What is not there, and why.
    written_by : str
        ``pytest-mlgate 0.1.0``.
    """

    model: str
    version: str
    artifact: str
    retirement: Retirement | None
    files: Mapping[str, Member]
    absent: Mapping[str, str] = field(default_factory=dict)
    written_by: str = ""

    def to_bytes(self) -> bytes:
        """Return the manifest as the bundle has it, with the digest of its content."""
        text = json.dumps(KIND.seal(asdict(self)), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
        return text.encode("utf-8", "surrogatepass") + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """Build a manifest from what :meth:`to_bytes` returned.

        Raises
        ------
        ValueError
            Where it is none, of another version, was changed, or names what no bundle holds.
        """
        try:
            values = KIND.unseal(json.loads(data.decode("utf-8", "surrogatepass")))
            left = values["retirement"]
            values["retirement"] = None if left is None else Retirement(**left)
            values["files"] = {role: Member(**said) for role, said in values["files"].items()}
            found = cls(**values)
            text = [found.model, found.version, found.written_by, *found.absent, *found.absent.values()]
            if found.retirement is not None:
                text += {**asdict(found.retirement), "approver": found.retirement.approver or ""}.values()
            for value in text:
                refuse_unless(isinstance(value, str), "holds no text where it should")
            refuse_unless(_is_digest(found.artifact), f"`artifact` = {found.artifact!r}")
            for role, member in found.files.items():
                _refuse_odd(role, member)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"is damaged ({type(error).__name__}: {error})") from None
        return found

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def _refuse_odd(role: str, member: Member) -> None:
    """Refuse a member that no bundle of ours has: a path, the name of another role, a size that is none."""
    refuse_unless(ROLE.fullmatch(role) is not None and role != "manifest", f"names a file {role[:80]!r}")
    name = member.name if isinstance(member.name, str) else ""
    fits = name.startswith(role) and SUFFIX.fullmatch(name.removeprefix(role)) is not None
    refuse_unless(fits, f"has the file {str(member.name)[:80]!r} as its {role}")
    is_size = isinstance(member.size, int) and not isinstance(member.size, bool) and 0 <= member.size < NO_LIMIT
    refuse_unless(
        is_size and _is_digest(member.digest) and isinstance(member.source, str), f"says odd things of {role}"
    )


def refuse_unless(good: bool, what: str) -> None:
    """Raise ValueError with what a manifest does that none of ours does."""
    if not good:
        raise ValueError(f"is damaged: it {what}")


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None
