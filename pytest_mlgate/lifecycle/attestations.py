"""Attestations: what a file that a signing tool wrote says of a model, and whether that is the verdict which lies here.

Read are an in-toto Statement, the DSSE envelope that carries one, the Sigstore bundle around that, and one of these a
line. Signatures are not checked: that takes keys, certificates and a transparency log, and tools exist for it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.requirements import Missing
from pytest_mlgate.problems import short
from pytest_mlgate.tables.files import read_regular_file

STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
VERDICT = "verdict"
"""Name of the descriptor, among a predicate's ``configuration``, that has the verdict's own digest."""

MAX_BYTES = 32 * 1024**2
"""The largest file that is read: GitHub takes predicates up to 16 MB, and base64 makes four bytes of three."""

_STATEMENTS = (STATEMENT, "https://in-toto.io/Statement/v0.1")  # the older of the two is what cosign writes
_AGAIN = "attest what lies here: `mlgate verdict --format in-toto`, and the signer of your choice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What one statement says.

    Attributes
    ----------
    type : str
        Of its predicate.
    subjects : tuple of str
        SHA-256 of what it is about.
    result : str
        ``PASSED``, ``WARNED`` or ``FAILED``; empty where it says none.
    verdict : str
        Digest of the verdict that it was made of; empty where it names none.
    signed : bool
        Whether there is a signature beside it, which nothing here checks.
    """

    type: str
    subjects: tuple[str, ...]
    result: str = ""
    verdict: str = ""
    signed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Attestation:
    """A file of statements.

    Attributes
    ----------
    path : Path
    digest : str
        SHA-256 of its bytes.
    statements : tuple of Statement
        At least one.
    """

    path: Path
    digest: str
    statements: tuple[Statement, ...]


def read_attestation(path: Path) -> Attestation:
    """Read a file of statements.

    Raises
    ------
    InputError
        Where it cannot be read, or something in it is none of the forms above.
    """
    data = read_regular_file(path, what="attestation", limit=MAX_BYTES)
    try:
        found = tuple(_statement(one) for one in _objects(data))
    except (ValueError, RecursionError) as error:
        message = "is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InputError(
            f"{short(path)}: is no attestation: {message}",
            fix="name a Sigstore bundle, a DSSE envelope or an in-toto statement, as JSON",
        ) from None
    return Attestation(path=path, digest=hashlib.sha256(data).hexdigest(), statements=found)


def unattested(found: Attestation, *, artifact: str, verdict: str | None, signed: bool) -> Iterator[Missing]:
    """Yield what keeps an attestation from being one of this artifact and this verdict; nothing where it is one.

    Parameters
    ----------
    found : Attestation
    artifact : str
        SHA-256 of the model's file.
    verdict : str or None
        Digest of the verdict that lies here; None where there is none, and none is asked for.
    signed : bool
        Whether it has to carry a signature.
    """
    name = short(found.path)
    of_type = [one for one in found.statements if one.type == TEST_RESULT]
    of_file = [one for one in of_type if artifact in one.subjects]
    of_this = [one for one in of_file if verdict in (None, one.verdict)]
    if not of_type:
        types = ", ".join(sorted({one.type or "no type" for one in found.statements}))
        yield _missing(f"{name} has no result of tests, but {types}")
    elif not of_file:
        subjects = ", ".join(sorted({subject[:12] for one in of_type for subject in one.subjects})) or "nothing"
        yield _missing(f"{name} is of another file ({subjects}, and the candidate is {artifact[:12]})")
    elif not of_this:
        verdicts = ", ".join(sorted({one.verdict[:12] or "none" for one in of_file}))
        yield _missing(f"{name} is of another verdict ({verdicts}, and the one here is {str(verdict)[:12]})")
    elif any(one.result not in ("PASSED", "WARNED") for one in of_this):
        results = ", ".join(sorted({one.result or "no result" for one in of_this}))
        yield _missing(f"{name} says {results}")
    elif signed and not any(one.signed for one in of_this):
        yield _missing(f"{name} carries no signature")


def _missing(message: str) -> Missing:
    return Missing(what="attestation", message=message, fix=_AGAIN)


def _objects(data: bytes) -> Iterator[Any]:
    """Yield what a file holds: one JSON value, or one a line."""
    text = data.decode("utf-8-sig")
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        yield _json(text)
    except json.JSONDecodeError:
        if len(lines) < 2:
            raise
        yield from map(_json, lines)


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; one that has a key twice says one thing to one reader, and another to the next."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _statement(value: Any) -> Statement:
    if not isinstance(value, Mapping):
        raise ValueError(f"{type(value).__name__} instead of an object")
    if "messageSignature" in value:
        raise ValueError("it is a signature of the file alone, and says nothing of a verdict")
    envelope = value.get("dsseEnvelope", value)
    if isinstance(envelope, Mapping) and "payload" in envelope:
        return _told(_payload(envelope), signed=_is_signed(envelope))
    return _told(value, signed=False)


def _payload(envelope: Mapping[str, Any]) -> Any:
    kind, text = envelope.get("payloadType"), envelope["payload"]
    if not (isinstance(kind, str) and kind.startswith("application/vnd.in-toto") and kind.endswith("+json")):
        raise ValueError(f"payloadType {kind!r} is no in-toto statement")
    try:
        data = base64.b64decode(str(text).translate(str.maketrans("-_", "+/")), validate=True)
    except binascii.Error as error:
        raise ValueError(f"payload is no base64: {error}") from None
    return _json(data.decode("utf-8"))


def _is_signed(envelope: Mapping[str, Any]) -> bool:
    signatures = envelope.get("signatures")
    return isinstance(signatures, list) and any(isinstance(one, Mapping) and one.get("sig") for one in signatures)


def _told(value: Any, *, signed: bool) -> Statement:
    kind = value.get("_type") if isinstance(value, Mapping) else None
    if kind not in _STATEMENTS:
        raise ValueError(f"_type {kind!r} is no in-toto statement" if kind else "it has no in-toto statement")
    predicate = value.get("predicate")
    predicate = predicate if isinstance(predicate, Mapping) else {}
    named = [one for one in _descriptors(predicate.get("configuration")) if one.get("name") == VERDICT]
    return Statement(
        type=str(value.get("predicateType") or ""),
        subjects=tuple(filter(None, map(_sha256, _descriptors(value.get("subject"))))),
        result=str(predicate.get("result") or ""),
        verdict=_sha256(named[0]) if len(named) == 1 else "",
        signed=signed,
    )


def _descriptors(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _sha256(descriptor: Mapping[str, Any]) -> str:
    digests = descriptor.get("digest")
    return str(digests.get("sha256") or "").lower() if isinstance(digests, Mapping) else ""
