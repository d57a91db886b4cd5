"""What is kept of a version when it goes to production, so that years later it can be told why, and tried again.

At retirement the verdict, the card and the configuration of that day are long replaced: they are kept now, or never.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.record import record_path
from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.archive import below
from pytest_mlgate.lifecycle.events import FileSeen
from pytest_mlgate.lifecycle.requirements import Missing
from pytest_mlgate.tables.files import read_regular_file
from pytest_mlgate.tables.reading import is_profile_path
from pytest_mlgate.verdict import Verdict, read_verdict

if TYPE_CHECKING:
    from pytest_mlgate.config import Config
    from pytest_mlgate.policy import Policy

_INCLUDES = re.compile(rb"^\s*(-r|-c|--requirement|--constraint)\b", re.MULTILINE)
_LIMIT = 256 * 1024**2


@dataclass(frozen=True, kw_only=True, slots=True)
class Keeping:
    """What is kept, and what is not.

    Attributes
    ----------
    files : Mapping of str to FileSeen
        By what they are.
    absent : Mapping of str to str
        What an archive bundle will not have, and why.
    missing : tuple of Missing
        What the configuration says is kept, and cannot be.
    """

    files: Mapping[str, FileSeen]
    absent: Mapping[str, str]
    missing: tuple[Missing, ...]


class _Absent(Exception):
    """Why something is not kept."""


def to_keep(config: Config, artifact: Path, verdict: Verdict | None, policy: Policy) -> Keeping:
    """Return what is kept of a version beside the model's file and its sample.

    Parameters
    ----------
    config : Config
    artifact : Path
        The model's file.
    verdict : Verdict or None
        The one that the promotion rests on. Card and configuration are kept where they are those that it judged.
    policy : Policy
        That was applied.
    """
    files: dict[str, FileSeen] = {}
    absent: dict[str, str] = {}
    missing: list[Missing] = []
    identity: Mapping[str, Any] = verdict.identity if verdict else {}
    for role, find, judged in _sources(config, artifact, verdict):
        try:
            files[role] = _seen(find(), config, identity.get(judged) if judged else None)
        except _Absent as why:
            absent[role] = str(why)
    for role, name in config.lifecycle.keep.items():
        absent.pop(role, None)
        try:
            files[role] = _seen(config.resolve(name), config)
        except _Absent as why:
            fix = f"mend `[lifecycle.keep] {role}`, or leave it out"
            missing.append(Missing(what=f"keep {role}", message=str(why), fix=fix))
    if config.lifecycle.archive:
        place = config.archive / f"{policy.digest}.json"
        files["policy"] = FileSeen(path=below(place, config.ledger.parent), digest=policy.digest)
    else:
        absent["policy"] = "the configuration keeps no archive"
    return Keeping(files=files, absent=absent, missing=tuple(missing))


def _sources(
    config: Config, artifact: Path, verdict: Verdict | None
) -> Iterator[tuple[str, Callable[[], Path], str | None]]:
    """Yield what is kept by itself, how its file is found, and the key of the verdict's identity with its digest."""
    yield "verdict", partial(_verdict, config, verdict), None
    yield "card", lambda: config.card_file or _no("no gate judges one: `[gates.card]`"), "card"
    yield "configuration", lambda: config.path or _no("there is none"), "configuration"
    schemas = [entry.settings for entry in config.entries if entry.gate.name == "schema"]
    for number, settings in enumerate(schemas or [None], 1):
        role = "schema" if number == 1 else f"schema-{number}"
        yield role, partial(_schema, config, getattr(settings, "contract", None)), None
    yield "profile", partial(_profile, config), None
    yield "lock", partial(_lock, config), None
    yield "record", partial(_record, artifact), None


def _no(why: str) -> Path:
    raise _Absent(why)


def _verdict(config: Config, verdict: Verdict | None) -> Path:
    path = config.results / "verdict.json"
    if verdict is None:
        return _no("there was none of this file")
    with suppress(OSError, ValueError):
        if read_verdict(path) == verdict:
            return path
    raise InputError(f"{path.name} was changed while it was promoted", fix="keep it still, and do it again")


def _schema(config: Config, said: Any) -> Path:
    """Return the schema's file; of an import path the module's source, which is read and not imported."""
    if not isinstance(said, str):
        return _no("none is configured: `[gates.schema] schema`")
    module, colon, _ = said.partition(":")
    if not colon or said.lower().endswith((".yaml", ".yml")):
        return config.resolve(said)
    for root in config.import_roots:
        for name in (f"{module.replace('.', '/')}.py", f"{module.replace('.', '/')}/__init__.py"):
            if Path(root, name).is_file():
                return Path(root, name)
    return _no(f"the source of {module} is not in the project")


def _profile(config: Config) -> Path:
    said = config.data.reference
    if said is None or not is_profile_path(said):
        what = "there is no `[data] reference`" if said is None else "`[data] reference` is a table"
        return _no(f"{what}: `mlgate profile` makes one, and `[lifecycle.keep] profile` names it")
    return config.resolve(said)


def _lock(config: Config) -> Path:
    said = config.setting("roundtrip", "lock")
    if said is None:
        return _no("none is named: `[gates.roundtrip] lock`, or `[lifecycle.keep] lock`")
    path = config.resolve(said)
    if _INCLUDES.search(_read(path)):
        return _no(f"{said} includes other files: name one that is whole, `[lifecycle.keep] lock`")
    return path


def _record(artifact: Path) -> Path:
    path = record_path(artifact)
    return path if path.is_file() else _no(f"there is no {path.name}: `record_environment` writes it")


def _seen(path: Path, config: Config, judged: Any = None) -> FileSeen:
    digest = hashlib.sha256(_read(path)).hexdigest()
    if judged is not None and digest != judged:
        raise _Absent(f"{path.name} is not the one that was judged")
    return FileSeen(path=below(path, config.ledger.parent), digest=digest)


def _read(path: Path) -> bytes:
    try:
        return read_regular_file(path, what="file", limit=_LIMIT)
    except InputError as error:
        raise _Absent(error.message) from None
