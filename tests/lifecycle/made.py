"""Events and ledgers for tests: what a command would write, without the command."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

from pytest_mlgate.lifecycle.appending import append
from pytest_mlgate.lifecycle.events import Event, RollbackTarget, VerdictSeen, encode, now
from pytest_mlgate.lifecycle.ledger import Ledger, extended
from pytest_mlgate.lifecycle.states import ModelState

MODEL = "flights-late"
WAY_UP = ("validation", "pre-production", "production")


def digest_of(version: str) -> str:
    """Return the SHA-256 that stands for a version's file."""
    return hashlib.sha256(version.encode()).hexdigest()


def event_of(known_of: ModelState, kind: str, version: str, to_stage: str, **changes: Any) -> Event:
    """Return an event that follows from what is known of a model; a promotion has the verdict that it needs."""
    known = known_of.versions.get(version)
    values: dict[str, Any] = {
        "event": kind,
        "id": uuid.uuid4().hex,
        "time": now(),
        "model": MODEL,
        "version": version,
        "artifact": digest_of(version),
        "path": f"artifacts/{version}.joblib",
        "from_stage": None if known is None else known.stage,
        "to_stage": to_stage,
        "from_version": known_of.serving,
        "actor": "Ada <ada@flights.org>",
        "reason": "" if kind == "promote" else "because",
    }
    if kind == "promote":
        verdict = {"digest": digest_of(f"verdict of {version}"), "decision": "promote", "stage": to_stage}
        values["verdict"] = VerdictSeen(**verdict, finished=now())
    if to_stage == "production" and kind == "promote":
        target = known_of.target(version)
        found = "first_version" if target is None else _target(target)
        values["rollback_target"] = found
    return Event(**{**values, **changes})


def _target(version: str) -> RollbackTarget:
    return RollbackTarget(version=version, digest=digest_of(version), loads=True)


def after(ledger: Ledger, kind: str, version: str, to_stage: str, **changes: Any) -> Ledger:
    """Return a ledger with one more event, in memory."""
    made = event_of(ledger.model(changes.get("model", MODEL)), kind, version, to_stage, **changes)
    return extended(ledger, Event(**{**_values(made), "previous": changes.get("previous", ledger.head)}))


def _values(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in Event.__slots__}


def to_production(ledger: Ledger, version: str, **changes: Any) -> Ledger:
    """Return a ledger with a version led up to production, in memory."""
    for stage in WAY_UP:
        ledger = after(ledger, "promote", version, stage, **changes)
    return ledger


def bytes_of(ledger: Ledger) -> bytes:
    """Return what a ledger's file holds."""
    return b"".join(encode(line.event)[0] for line in ledger.lines)


def write(path: Path, ledger: Ledger) -> Path:
    """Write a ledger's file."""
    path.write_bytes(bytes_of(ledger))
    return path


def promote(path: Path, version: str, to_stage: str = "validation", **changes: Any) -> Ledger:
    """Append a promotion to a ledger's file, as a command does."""
    return append(path, lambda ledger: event_of(ledger.model(MODEL), "promote", version, to_stage, **changes))[1]
