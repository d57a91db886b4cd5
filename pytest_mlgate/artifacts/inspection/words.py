"""An inspection in words: for the error of a file that is not loaded, and for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.artifacts.inspection.report import Finding, Inspection

_SHOWN = 20


def refusal_of(found: Inspection) -> ModelError:
    """Return the error of a file that is not accepted: what was found where, and what would have to be trusted."""
    refusals = [finding for finding in found.findings if finding.weight == "refused"]
    details = {"reason": found.verdict, "names": list(found.untrusted), "format": found.format}
    if refusals or not found.untrusted:
        first = refusals[0] if refusals else None
        said = first.message if first else "it could not be read to its end"
        more = f"; and {len(refusals) - 1} more" if len(refusals) > 1 else ""
        return ModelError(
            f"{found.source}: {said}{place(first)}{more}",
            fix=first.fix if first else "save the model again",
            details={**details, "reason": first.reason if first else "unread"},
        )
    entries = list(_entries(found))
    return ModelError(
        f"{found.source}: {_needs(found)}", fix=trust_lines(found), details={**details, "entries": entries}
    )


def no_model_error(found: Inspection) -> ModelError:
    """Return the error of an accepted file that holds no model which can be loaded here."""
    return ModelError(
        f"{found.source}: a file of format {found.format} is no model that can be asked",
        fix="save the fitted model with joblib.dump, or name a function that loads it: package.module:attribute",
        details={"reason": "format"},
    )


def place(finding: Finding | None) -> str:
    """Return `` (byte 123)``; empty where nobody knows."""
    return "" if finding is None or finding.position is None else f" (byte {finding.position:,})"


def trust_lines(found: Inspection) -> str:
    """Return, as one sentence with the lines to add, what would have to be trusted for a file to be accepted."""
    if by_value(found.findings):
        who = "if you know who wrote this very file, trust it by its digest"
    else:
        who = "if they are your own, and harmless whatever they are given, trust them by name"
    lines = "".join(f'    "{entry}",\n' for entry in _entries(found))
    return f"{who}:\n[artifacts]\ntrusted = [\n{lines}]"


def _entries(found: Inspection) -> tuple[str, ...]:
    return (f"sha256:{found.digest}",) if by_value(found.findings) else found.untrusted


def by_value(findings: Iterable[Finding]) -> bool:
    """Whether code travels in the file itself, so that names do not tell what it does."""
    return any(finding.reason == "code by value" for finding in findings)


def _needs(found: Inspection) -> str:
    if by_value(found.findings):
        return "brings code along in the file itself (cloudpickle), and no list of names tells what it does"
    findings = [finding for finding in found.findings if finding.weight == "untrusted"]
    named = ", ".join(f"{finding.name}{place(finding)}" for finding in findings[:_SHOWN])
    more = f" and {len(findings) - _SHOWN} more" if len(findings) > _SHOWN else ""
    return f"needs what is not trusted: {named}{more}"
