"""What the reader of one format hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.artifacts.inspection.report import Finding


@dataclass(kw_only=True)
class Reading:
    """What was found in a file; ``complete`` says that all of its bytes were accounted for."""

    format: str
    compression: str = ""
    names: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    complete: bool = False


def finding_of(refused: Refused, position: int | None = None) -> Finding:
    """Return why reading stopped, and where."""
    here = position if refused.position is None else refused.position
    return Finding(reason=refused.reason, message=refused.message, fix=refused.fix, position=here)


def refused_reading(form: str, refused: Refused, **more: Any) -> Reading:
    """Return the reading of a file that could not be read on."""
    return Reading(format=form, findings=[finding_of(refused)], **more)
