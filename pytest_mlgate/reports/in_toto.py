"""A verdict as an in-toto Statement with the test-result predicate: what signing tools sign. Nothing is signed here.

The subject is the candidate's file alone: what it was compared with, and the tables, were judged by nobody, and stand
among the predicate's ``configuration``, by their digests. So does the verdict itself, which ties the statement to the
checks, numbers and waivers that it leaves out.

Specification: https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.lifecycle.attestations import STATEMENT, TEST_RESULT, VERDICT
from pytest_mlgate.verdict import Verdict


def statement(verdict: Verdict, *, url: str | None = None) -> dict[str, Any]:
    """Return the statement: the candidate's file, and how it fared.

    Parameters
    ----------
    verdict : Verdict
    url : str or None
        Where the run that made the verdict can be looked at.

    Raises
    ------
    InputError
        Where the candidate that was judged is no file.
    """
    seen = verdict.identity.get("inputs", {}).get("candidate", {})
    source, digest = str(seen.get("source", "")), str(seen.get("digest", ""))
    if len(digest) != 64 or source in ("", "fixture"):
        raise InputError(
            "the verdict is of no file: a fixture made the candidate, or no gate asked it",
            fix="name the file in the configuration, `[model] candidate`, and run the gates again",
        )
    return {
        "_type": STATEMENT,
        "subject": [{"name": source, "digest": {"sha256": digest}}],
        "predicateType": TEST_RESULT,
        "predicate": predicate(verdict, url=url),
    }


def predicate(verdict: Verdict, *, url: str | None = None) -> dict[str, Any]:
    """Return the predicate alone, for tools that make the statement around it themselves.

    Its ``passedTests`` passed, its ``failedTests`` block, its ``warnedTests`` are neither: a failure or an undecided
    check that goes on, or one that was waived. What did not apply (a skip that is only noted) is in none of them.
    """
    lists: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    for check in verdict.checks:
        name = _list_of(check)
        if name:
            lists[name].append(check.id)
    blocks = verdict.decision != "promote"
    result = "FAILED" if blocks else "WARNED" if lists["warnedTests"] else "PASSED"
    where = {} if url is None else {"url": url}
    return {"result": result, "configuration": list(_descriptors(verdict)), **where, **lists}


def _list_of(check: Check) -> str:
    if check.blocks:
        return "failedTests"
    if check.outcome is Outcome.PASS:
        return "passedTests"
    noted = check.outcome is Outcome.SKIP and check.severity is Severity.NOTE and check.waiver is None
    return "" if noted else "warnedTests"


def _descriptors(verdict: Verdict) -> Iterator[dict[str, Any]]:
    """Yield what the verdict rests on, itself first; SHA-256 is that of a file, where no annotation says otherwise."""
    identity = verdict.identity
    content = {"sha256Of": "canonical JSON of the content"}
    about = {"model": verdict.model, "stage": verdict.stage, "decision": verdict.decision, "finished": verdict.finished}
    yield {
        "name": VERDICT,
        "digest": {"sha256": verdict.to_json()["digest"]},
        "mediaType": "application/json",
        "annotations": {**about, **content},
    }
    for name, notes in (("configuration", {}), ("policy", content), ("card", {})):
        if identity.get(name):
            yield _descriptor(name, str(identity[name]), notes)
    for name, seen in identity.get("inputs", {}).items():
        if name not in ("candidate", "card") and len(str(seen.get("digest", ""))) == 64:
            made = content if "profile_of" in seen or seen.get("source") == "fixture" else {}
            yield _descriptor(name, str(seen["digest"]), {"source": str(seen.get("source", "")), **made})
    for name, digest in identity.get("files", {}).items():
        if digest != identity.get("card"):  # which a gate's settings name too
            yield _descriptor("file", str(digest), {"source": str(name)})
    code = identity.get("code") or {}
    if code.get("commit"):
        commit = {"gitCommit": str(code["commit"])}
        yield {"name": "code", "digest": commit, "annotations": {"clean": bool(code.get("clean"))}}


def _descriptor(name: str, digest: str, notes: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "digest": {"sha256": digest}}
    return {**found, "annotations": dict(notes)} if notes else found
