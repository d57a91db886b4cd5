"""What a ledger records: what happened to a version of a model, who did it, and on which grounds.

An event is one line of canonical JSON (sorted keys, no spaces, UTF-8). It names the digest of the line before it, and
carries the digest of its own content.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from pytest_mlgate.checks import Waiver
from pytest_mlgate.policy import STAGES
from pytest_mlgate.tables.writing import digest_of

SCHEMA_VERSION = 1
FIRST_VERSION = "first_version"
NO_BASELINE = "no_baseline"

Kind = Literal["promote", "rollback", "retire"]


@dataclass(frozen=True, kw_only=True, slots=True)
class VerdictSeen:
    """The verdict that a promotion rests on."""

    digest: str
    decision: str
    stage: str
    finished: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RollbackTarget:
    """The version to go back to; ``loads``: it loaded here, in a fresh process, and answered its sample as stored."""

    version: str
    digest: str
    loads: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FileSeen:
    """A file by its name at the time, and the SHA-256 of its bytes."""

    path: str
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One thing that happened to one version.

    Attributes
    ----------
    event : {"promote", "rollback", "retire"}
    id : str
        A random name of its own.
    time : str
        UTC, ISO 8601, as the clock said; the order of events is that of the lines.
    model, version : str
    artifact : str
        SHA-256 of the model's file; every event of a version names the same.
    path : str
        Where the file lay, relative to the ledger's folder where it lies below it.
    from_stage, to_stage : str
        ``from_stage`` is None where nothing was known of the version.
    from_version : str or None
        What served before.
    actor, approver : str, str or None
        Who did it, and who agreed; as they were named, which nothing here proves.
    reason : str
        Why. May be empty for a promotion that is not forced.
    verdict : VerdictSeen or None
    policy : str or None
        SHA-256 of the policy that was applied.
    waivers : tuple of Waiver
        Those that the verdict made use of.
    baseline : str or None
        SHA-256 of what the version was compared with, or ``no_baseline``; None where nothing was compared.
    commit : str or None
        Of the code.
    data : Mapping of str to str
        SHA-256 of each table that was judged, by its name in the configuration.
    card : str or None
        SHA-256 of the model card.
    rollback_target : RollbackTarget, "first_version" or None
    forced : tuple of str
        What was missing and overridden; empty for every event that nobody forced.
    kept : Mapping of str to FileSeen
        What was put into the archive, by what it is: ``artifact``, ``verdict``, ``card``, ``sample``, ...
    kept_until : str or None
        Of a retired version: the day to which all of that is kept.
    ends_service : bool
        Whether nothing serves from here on.
    noticed : str or None
        When somebody or something noticed what this event reacts to.
    attestation : str or None
        SHA-256 of the attestation that was presented.
    registered : str or None
        Where a registry has the version, in the registry's own words: ``models:/flights-late/3``. No key of the line
        where no registry has it.
    set_aside : FileSeen or None
        A torn line that stood at the end of the ledger and was moved to a file of its own.
    previous : str or None
        Digest of the line before; None for the first.
    """

    event: Kind
    id: str
    time: str
    model: str
    version: str
    artifact: str
    path: str
    from_stage: str | None
    to_stage: str
    from_version: str | None = None
    actor: str
    approver: str | None = None
    reason: str = ""
    verdict: VerdictSeen | None = None
    policy: str | None = None
    waivers: tuple[Waiver, ...] = ()
    baseline: str | None = None
    commit: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    card: str | None = None
    rollback_target: RollbackTarget | Literal["first_version"] | None = None
    forced: tuple[str, ...] = ()
    kept: Mapping[str, FileSeen] = field(default_factory=dict)
    kept_until: str | None = None
    ends_service: bool = False
    noticed: str | None = None
    attestation: str | None = None
    registered: str | None = None
    set_aside: FileSeen | None = None
    previous: str | None = None

    @property
    def moment(self) -> datetime:
        """When it happened, as the clock said."""
        return datetime.fromisoformat(self.time)

    @property
    def parents(self) -> tuple[str | None, ...]:
        """Digests of the lines that it follows."""
        return (self.previous,)


@dataclass(frozen=True, kw_only=True, slots=True)
class Merge:
    """Two or more histories of one ledger become one: branches of the code that each had events of their own.

    Attributes
    ----------
    previous : str
        Digest of the last line of the history that goes on.
    merged : tuple of str
        Digests of the last lines of the others.
    serving : Mapping of str to str
        Of models whose histories disagree: the version that serves from here on; empty text: none.
    """

    event: Literal["merge"] = "merge"
    id: str
    time: str
    actor: str
    reason: str = ""
    merged: tuple[str, ...]
    serving: Mapping[str, str] = field(default_factory=dict)
    set_aside: FileSeen | None = None
    previous: str | None

    @property
    def moment(self) -> datetime:
        """When it happened, as the clock said."""
        return datetime.fromisoformat(self.time)

    @property
    def parents(self) -> tuple[str | None, ...]:
        """Digests of the lines that it follows."""
        return (self.previous, *self.merged)


def to_json(event: Event | Merge) -> dict[str, Any]:
    """Return an event as plain builtins, with the digest of its content."""
    record = {"schema_version": SCHEMA_VERSION, **_plain(event)}
    record = {key: value for key, value in record.items() if value is not None or key not in _LATER}
    return {**record, "digest": digest_of(record)}


def encode(event: Event | Merge) -> tuple[bytes, str]:
    """Return the line that stands for an event, with its line break, and its digest."""
    record = to_json(event)
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8") + b"\n", record["digest"]


def decode(line: bytes) -> tuple[Event | Merge, str]:
    """Return the event that a line (without its break) stands for, and its digest.

    Raises
    ------
    ValueError
        Where it is no event of this version, or any byte of it was changed.
    """
    try:
        record = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no event: {_what_else(line) or str(error)[:100]}") from None
    if not isinstance(record, dict) or "event" not in record:
        raise ValueError("is no event: a JSON object with an `event` is one")
    if record.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"has schema_version {record.get('schema_version')!r}; this version reads {SCHEMA_VERSION}")
    event = _event(record)
    again, digest = encode(event)
    if record.get("digest") != digest or again.rstrip(b"\n") != line:
        carriage = ": it ends in CR LF, as git's autocrlf writes" if line.endswith(b"\r") else ""
        raise ValueError(f"was changed after it was written{carriage}")
    return event, digest


def _what_else(line: bytes) -> str:
    if not line.strip():
        return "an empty line"
    return "it is no UTF-8 text" if b"\x00" in line else ""


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _event(record: Mapping[str, Any]) -> Event | Merge:
    kind = record["event"]
    known = {"promote": _EVENT, "rollback": _EVENT, "retire": _EVENT, "merge": _MERGE}
    if not isinstance(kind, str) or kind not in known:
        raise ValueError(f"`event` = {kind!r}: should be {', '.join(known)}")
    readers = known[kind]
    expected = {"schema_version", "event", "digest", *readers}
    for key in sorted((expected ^ set(record)) - _LATER):
        raise ValueError(f"`{key}` is missing" if key in expected else f"unknown key `{key}`")
    values = {}
    for key, reader in readers.items():
        try:
            values[key] = reader(record.get(key) if key in _LATER else record[key])
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"`{key}` = {_short(record[key])}: should be {error}") from None
    return Merge(**values) if kind == "merge" else Event(event=kind, **values)  # type: ignore[arg-type]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}..."


_Reader = Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value


def _any_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text, which may be empty")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _digest(value: Any) -> str:
    if not isinstance(value, str) or re.fullmatch(r"[0-9a-f]{64}", value) is None:
        raise ValueError("a SHA-256 in hexadecimal")
    return value


def _stage(value: Any) -> str:
    if value not in STAGES:
        raise ValueError(f"one of {', '.join(STAGES)}")
    return str(value)


def _time(value: Any) -> str:
    try:
        utc = datetime.fromisoformat(_text(value)).utcoffset() == timedelta(0)
    except ValueError:
        utc = False
    if not utc:
        raise ValueError("a time in UTC, ISO 8601")
    return str(value)


def _day(value: Any) -> str:
    try:
        date.fromisoformat(_text(value))
    except ValueError:
        raise ValueError("a day, such as 2027-01-31") from None
    return str(value)


def _or_none(reader: _Reader) -> _Reader:
    return lambda value: None if value is None else reader(value)


def _list_of(reader: _Reader) -> _Reader:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError("a list")
        return tuple(map(reader, value))

    return read


def _map_of(reader: _Reader) -> _Reader:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError("an object")
        return {key: reader(item) for key, item in value.items()}

    return read


def _made(kind: type[Any], **readers: _Reader) -> _Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, dict) or set(value) != set(readers):
            raise ValueError(f"an object with {', '.join(readers)}")
        return kind(**{key: reader(value[key]) for key, reader in readers.items()})

    return read


def _baseline(value: Any) -> str:
    return NO_BASELINE if value == NO_BASELINE else _digest(value)


def _target(value: Any) -> Any:
    return FIRST_VERSION if value == FIRST_VERSION else _TARGET(value)


_TARGET = _made(RollbackTarget, version=_text, digest=_digest, loads=_flag)
_FILE = _made(FileSeen, path=_text, digest=_digest)
_VERDICT = _made(VerdictSeen, digest=_digest, decision=_text, stage=_stage, finished=_time)
_WAIVER = _made(Waiver, check=_text, reason=_text, author=_text, expires=_day)

_COMMON: dict[str, _Reader] = {
    "id": _text,
    "time": _time,
    "actor": _text,
    "reason": _any_text,
    "set_aside": _or_none(_FILE),
    "previous": _or_none(_digest),
}
_MERGE = {**_COMMON, "merged": _list_of(_digest), "serving": _map_of(_any_text)}
_EVENT = {
    **_COMMON,
    "model": _text,
    "version": _text,
    "artifact": _digest,
    "path": _text,
    "from_stage": _or_none(_stage),
    "to_stage": _stage,
    "from_version": _or_none(_text),
    "approver": _or_none(_text),
    "verdict": _or_none(_VERDICT),
    "policy": _or_none(_digest),
    "waivers": _list_of(_WAIVER),
    "baseline": _or_none(_baseline),
    "commit": _or_none(_text),
    "data": _map_of(_digest),
    "card": _or_none(_digest),
    "rollback_target": _or_none(_target),
    "forced": _list_of(_text),
    "kept": _map_of(_FILE),
    "kept_until": _or_none(_day),
    "ends_service": _flag,
    "noticed": _or_none(_time),
    "attestation": _or_none(_digest),
    "registered": _or_none(_text),
}
_LATER = frozenset({"registered"})
"""Keys that the first ledgers had not: a line has them where they say something, and older lines stay valid."""


def now() -> str:
    """Return the time as an event has it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
