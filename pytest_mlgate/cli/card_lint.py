"""What ``mlgate card lint`` does, without the library of the command line: a hook has to answer in half a second."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.cards.presets import STAGE
from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.card.judging import Asked, as_card, judge

if TYPE_CHECKING:
    from pytest_mlgate.checks import Check

_KEYS = ("preset", "sections", "headings", "lang", "max_age")


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked on the command line; None: as the configuration has it."""

    files: tuple[Path, ...]
    stage: str | None = None
    preset: str | None = None
    lang: str | None = None
    verdict: Path | None = None
    quiet: bool = False


def plain(arguments: Sequence[str]) -> Request | None:
    """Return the request that arguments make beyond doubt; None for all else, which a parser has to look at."""
    from pytest_mlgate.cards.presets import PRESETS
    from pytest_mlgate.policy import STAGES

    choices: Mapping[str, Sequence[str]] = {"--stage": STAGES, "--preset": tuple(PRESETS), "--lang": ("en", "es")}
    files: list[Path] = []
    given: dict[str, Any] = {}
    left = iter(arguments)
    for argument in left:
        if not argument.startswith("-"):
            files.append(Path(argument))
        elif argument == "--quiet":
            given["quiet"] = True
        else:
            value = next(left, "")
            if value not in choices.get(argument, ()):
                return None
            given[argument.removeprefix("--")] = value
    return Request(files=tuple(files), **given) if files else None


def lint(request: Request) -> int:
    """Print what cards lack, one line each, and return the exit code.

    Raises
    ------
    InputError
        A card cannot be read, or a setting is wrong.
    """
    failed = False
    for file in request.files:
        for found in _findings(file, request):
            failed |= found.blocks
            if found.outcome != "pass" and (found.blocks or not request.quiet):
                print(_line(file, found))
    return int(failed)


def run(request: Request) -> int:
    """Return the exit code of :func:`lint`; 2, with the message on stderr, where it cannot be told."""
    try:
        return lint(request)
    except InputError as error:
        print(f"mlgate: {error.message}", file=sys.stderr)
        return 2


def _findings(file: Path, request: Request) -> Iterator[Check]:
    entry, its_stage = _configured(file)
    if request.preset is not None:
        entry.pop("sections", None)
    given = {"preset": request.preset, "lang": request.lang}
    asked = _asked({**entry, **{key: value for key, value in given.items() if value is not None}})
    asked = replace(asked, stage=request.stage or its_stage or STAGE, datasheets=True)
    read = as_card(file, asked.headings)
    if request.verdict is None:
        yield from judge(read, asked)
        return
    from pytest_mlgate.gates.card.sources import knowing_own, measured_from

    measured = measured_from(request.verdict)
    yield from judge(knowing_own(read, measured), asked, measured)


def _asked(entry: Mapping[str, Any]) -> Asked:
    """Return what settings ask for; InputError where one is wrong.

    What is right beyond doubt needs no library that checks it; of all else the gate's own settings say what is wrong.
    """
    if _is_plain(entry):
        return Asked(**entry)
    from pydantic import ValidationError

    from pytest_mlgate.gates.card.settings import Settings

    try:
        rule = Settings(**entry)
    except ValidationError as error:
        said = [
            f"[gates.card] {'.'.join(map(str, one['loc'])) or 'settings'}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors()
        ]
        raise InputError("; ".join(said), fix="correct it in the configuration") from None
    return Asked(**{key: getattr(rule, key) for key in _KEYS})


def _is_plain(entry: Mapping[str, Any]) -> bool:
    from pytest_mlgate.cards.presets import KNOWN, PRESETS, SINGLE

    sections, age = entry.get("sections"), entry.get("max_age")
    headings = entry.get("headings", {})
    return (
        entry.get("preset", "minimal-7") in PRESETS
        and entry.get("lang") in (None, "en", "es")
        and (age is None or (type(age) is int and age >= 1))
        and (sections is None or (_are_texts(sections, KNOWN) and bool(sections) and "preset" not in entry))
        and isinstance(headings, dict)
        and all(name in SINGLE and _are_texts(texts) for name, texts in headings.items())
    )


def _are_texts(value: object, known: Sequence[str] | None = None) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and (known is None or one in known) for one in value)


def _line(file: Path, check: Check) -> str:
    """Return a check as one line: place, whether it is only a warning, message, and what to do."""
    from pytest_mlgate.reports.text import printable

    line = check.details.get("line", 1)
    message = check.message.removeprefix(f"{file.name}:{line}: ").removeprefix(f"{file.name}: ")
    kind = "" if check.blocks else f"{check.severity.value}: "
    fix = f"; {check.fix}" if check.fix else ""
    return printable(f"{file}:{line}: {kind}{message}{fix} [{check.code}]").replace("\n", " ")


def _configured(file: Path) -> tuple[dict[str, Any], str | None]:
    """Return the settings of the gate that names a card, and the stage; nothing where there is no such gate.

    Only these are read: a hook must not fail because a model is not there yet.
    """
    path = Path(os.path.abspath(file))
    for folder in path.parents:
        for name in ("mlgate.toml", "pyproject.toml"):
            try:
                document = tomllib.loads((folder / name).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            section = document if name == "mlgate.toml" else document.get("tool", {}).get("mlgate")
            if isinstance(section, dict):
                return _of(section, folder, path)
    return {}, None


def _of(document: dict[str, Any], folder: Path, path: Path) -> tuple[dict[str, Any], str | None]:
    gates, model = document.get("gates"), document.get("model")
    stage = model.get("stage") if isinstance(model, dict) else None
    entries = gates.get("card", []) if isinstance(gates, dict) else []
    for entry in entries if isinstance(entries, list) else [entries]:
        if isinstance(entry, dict) and os.path.normpath(folder / str(entry.get("path", "MODEL_CARD.md"))) == str(path):
            kept = {key: entry[key] for key in _KEYS if key in entry}
            return kept, stage if isinstance(stage, str) else None
    return {}, None
