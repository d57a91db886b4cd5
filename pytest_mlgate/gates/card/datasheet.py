"""The datasheet of the training rows: whether each of its sections is answered, and whether it is of these rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.card.identity import DIGEST, digest_check
from pytest_mlgate.gates.card.places import place
from pytest_mlgate.gates.card.wording import say

if TYPE_CHECKING:
    from pytest_mlgate.cards.datasheets import Answered
    from pytest_mlgate.cards.form import Card

ANSWERED = "MLG613"

_CALLED = {
    "motivation": ("motivation", "motivación"),
    "composition": ("composition", "composición"),
    "collection": ("collection process", "proceso de recogida"),
    "preprocessing": ("preprocessing, cleaning, labelling", "preprocesamiento, limpieza, etiquetado"),
    "uses": ("uses", "usos"),
    "distribution": ("distribution", "distribución"),
    "maintenance": ("maintenance", "mantenimiento"),
}


def datasheet_checks(path: Path, *, stage: str, train: str | None, lang: str | None = None) -> Iterator[Check]:
    """Yield the checks of a datasheet's file; of one that cannot be read, or is none, the one that says so.

    Parameters
    ----------
    path : Path
    stage : str
        What is not answered blocks from validation on; nothing is owed at exploration.
    train : str or None
        SHA-256 of the rows that the model was fitted on, where it is known.
    lang : {"en", "es"} or None
        The language of messages; default: the datasheet's.
    """
    from pytest_mlgate.cards.datasheets import is_datasheet
    from pytest_mlgate.cards.reading import read_card

    try:
        read = read_card(path)
    except InputError as error:
        yield _check("", Outcome.ERROR, error.message, error.fix or "write one: `mlgate card init --datasheet`")
        return
    language = lang or ("es" if read.language == "es" else "en")
    if not is_datasheet(read):
        message = say(
            language,
            f"{place(read)}: this is not a datasheet: its title does not say that it is one",
            f"{place(read)}: esto no es una ficha de datos: su título no lo dice",
        )
        yield _check(
            "", Outcome.FAIL, message, say(language, "begin it with `# Datasheet: ...`", "`# Ficha de datos: ...`")
        )
        return
    yield from judge_datasheet(read, stage=stage, train=train, language=language)


def judge_datasheet(read: Card, *, stage: str, train: str | None, language: str) -> Iterator[Check]:
    """Yield one check a section, and whether the rows that it names are those that the model was fitted on."""
    from pytest_mlgate.cards.datasheets import answered

    severity = Severity.NOTE if stage == "exploration" else Severity.BLOCK
    for name, found in answered(read).items():
        yield _section(read, name, found, language, severity)
    if train is not None:
        yield from _digest(read, train, language)


def _section(read: Card, name: str, found: Answered, language: str, severity: Severity) -> Check:
    called = say(language, *_CALLED[name])
    fix = say(language, "answer it, or say why it does not apply", "respóndalo, o diga por qué no procede")
    if found.line is None:
        message = say(
            language, f"{place(read)}: no section on {called}", f"{place(read)}: no hay ninguna sección de {called}"
        )
        return _check(name, Outcome.FAIL, message, fix, severity)
    line, details = found.line, dict[str, list[int]]()
    if found.blanks:
        first, more = found.blanks[0], len(found.blanks) - 1
        line, details = first.span.line, {"lines": [blank.span.line for blank in found.blanks]}
        also = say(language, f"; {more} more", f"; {more} más") if more else ""
        said = say(language, f"a blank is left: {first.text!r}{also}", f"queda un hueco: {first.text!r}{also}")
    elif not found.says:
        said = say(language, "nothing stands in it", "está vacía")
    else:
        return _check(name, Outcome.PASS, f"{place(read, line)}: {called}", "", severity, details={"line": line})
    return _check(
        name, Outcome.FAIL, f"{place(read, line)}: {called}: {said}", fix, severity, details={"line": line, **details}
    )


def _digest(read: Card, train: str, language: str) -> Iterator[Check]:
    named = [
        ((match.group(1) or match.group(2)).lower(), number)
        for number, text in enumerate(read.lines, start=1)
        for match in DIGEST.finditer(text)
    ]
    if not named:
        return
    digest, line = next((one for one in named if train.lower().startswith(one[0])), named[0])
    called = ("the datasheet", "la ficha")
    yield digest_check(read, "train", digest, train, line, language, prefix="datasheet:", called=called)


def _check(
    subject: str,
    outcome: Outcome,
    message: str,
    fix: str,
    severity: Severity = Severity.BLOCK,
    *,
    details: Mapping[str, object] | None = None,
) -> Check:
    return Check(
        code=ANSWERED,
        subject=f"datasheet:{subject}" if subject else "datasheet",
        outcome=outcome,
        severity=severity,
        message=message,
        fix=fix,
        details=details or {},
    )
