"""What was judged, where and when: digests, code, packages, waivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_mlgate.reports.html.parts import Table, cell, table
from pytest_mlgate.verdict import Verdict

_ABSENT = "none"


def facts(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield what a reader asks first: which model, against what, whose, from which code, when."""
    inputs = verdict.identity.get("inputs") or {}
    for name in ("candidate", "baseline"):
        if name in inputs:
            digest = inputs[name].get("digest")
            short = f", SHA-256 {digest[:12]}..." if digest else ""
            yield name, f"{inputs[name].get('read_from') or inputs[name].get('source') or _ABSENT}{short}"
    for name in ("holdout", "current"):
        rows = inputs.get(name, {}).get("rows")
        if rows is not None:
            yield f"{name} rows", cell(rows)
    yield "owner", verdict.owner or _ABSENT
    yield "code", code_of(verdict.identity)
    yield "finished", verdict.finished


def code_of(identity: Mapping[str, Any]) -> str:
    """Return the commit in words."""
    code = identity.get("code") or {}
    if not code.get("commit"):
        return "no commit is known"
    return f"{code['commit'][:12]}{'' if code.get('clean') else ', with uncommitted changes'}"


def identity(verdict: Verdict) -> Iterator[Table]:
    """Yield what was judged: the inputs, then the files that say how."""
    known = verdict.identity
    inputs = known.get("inputs") or {}
    rows = [
        [name, one.get("read_from") or one.get("source") or _ABSENT, one.get("rows"), one.get("digest") or _ABSENT]
        for name, one in inputs.items()
        if isinstance(one, Mapping)
    ]
    if rows:
        yield table("Models and tables", ["input", "source", "rows", "SHA-256"], rows)
    files = [[name, known.get(name) or _ABSENT] for name in ("configuration", "policy", "card") if name in known]
    files += [[name, digest] for name, digest in (known.get("files") or {}).items()]
    code = known.get("code") or {}
    if code.get("commit"):
        clean = "a clean tree" if code.get("clean") else "with uncommitted changes"
        files.append(["code", f"{code['commit']}, {clean}"])
    files.append(["this verdict", verdict.to_json()["digest"]])
    yield table("What it was judged by", ["file", "SHA-256, or commit"], files)


def environment(verdict: Verdict) -> Iterator[Table]:
    """Yield what it ran on."""
    known = verdict.environment
    rows = [[name, known[name]] for name in ("python", "implementation", "platform") if name in known]
    rows += [["seed", str(verdict.seed)], ["started", verdict.started], ["finished", verdict.finished]]
    yield table("The run", ["what", "value"], rows)
    packages = known.get("packages")
    if isinstance(packages, Mapping) and packages:
        yield table("Packages", ["package", "version"], [[name, version] for name, version in packages.items()])


def waivers(verdict: Verdict) -> Table | None:
    """Return the checks that are waived, with reason, author and expiry; None where none is."""
    rows = [
        [check.id, check.outcome.value, check.waiver.reason, check.waiver.author, check.waiver.expires]
        for check in verdict.checks
        if check.waiver is not None
    ]
    return table("Waived checks", ["check", "outcome", "reason", "author", "expires"], rows) if rows else None
