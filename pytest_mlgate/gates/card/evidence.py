"""From findings to checks: one for each section or rule, with its place and what to do."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.cards.presets import Requirement
from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.card.places import place
from pytest_mlgate.gates.card.wording import say
from pytest_mlgate.gates.card.words import SECTIONS, fix_of, name_of, parts_of

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card, Note
    from pytest_mlgate.cards.judging import Finding, Leftover, Reading

IS_CARD, FURTHER, LEFT, WHOLE = "MLG600", "MLG610", "MLG611", "MLG612"
OF_SECTION = {
    "model_details": "MLG601",
    "intended_use": "MLG602",
    "training_data": "MLG603",
    "evaluation_data": "MLG604",
    "metrics": "MLG605",
    "limitations": "MLG606",
    "caveats_and_recommendations": "MLG606",
    "ethical_considerations": "MLG607",
    "out_of_scope_use": "MLG608",
    "subgroup_metric": "MLG609",
}


def existing_targets(card: Card, folder: Path | None) -> frozenset[str] | None:
    """Return the relative targets of a card that are files beside it; None where there is no folder to look in."""
    from pytest_mlgate.cards.blanks import files_named, is_relative

    if folder is None:
        return None
    targets = {link.target.split("#")[0] for link in card.links() if is_relative(link.target)}
    for _, block in card.blocks():
        for text in block.texts():
            targets.update(files_named(text.plain))
    found = set()
    for target in list(targets)[:1000]:
        try:
            if os.path.exists(folder / target):
                found.add(target)
        except (OSError, ValueError):  # a name that no file can have
            continue
    return frozenset(found)


def no_card(card: Card, language: str) -> Check:
    """Return the one check of a file that is no model card."""
    broken = next((note for note in card.notes if note.kind in ("bad_json", "binary")), None)
    empty = not any(line.strip() for line in card.lines)
    line = broken.line if broken is not None else 1
    if empty:
        why = say(language, "is empty", "está vacío")
    elif broken is not None and broken.kind == "binary":
        why = say(language, "is no text", "no es texto")
    elif broken is not None:
        why = say(language, f"is no JSON: {broken.detail}", f"no es JSON: {broken.detail}")
    else:
        why = say(language, "speaks of no model", "no habla de ningún modelo")
    return Check(
        code=IS_CARD,
        outcome=Outcome.FAIL,
        message=say(
            language,
            f"{place(card, line)}: this is not a model card: it {why}",
            f"{place(card, line)}: esto no es una tarjeta de modelo: {why}",
        ),
        fix=say(
            language,
            "name the card's file in `[gates.card] path`, or write one",
            "indique el fichero de la tarjeta en `[gates.card] path`, o escriba una",
        ),
        details={"line": line, "format": card.format, "language": card.language},
    )


def evidence_checks(reading: Reading, wanted: Iterable[Requirement], stage: str, language: str) -> Iterator[Check]:
    """Yield a check for the card, for each requirement, for each section with a blank left, and for what was odd."""
    findings = [(requirement, *reading.together(requirement.name, requirement.needs)) for requirement in wanted]
    yield _summary(reading, [finding for _, finding, _ in findings], stage, language)
    for requirement, finding, still_open in findings:
        yield _section(reading.card, requirement, finding, still_open, language)
    for _, finding, _ in findings:
        if finding.state == "present" and finding.leftovers:
            yield _leftover(reading.card, finding, language)
    for note in reading.card.notes:
        if note.kind in _ODD:
            yield _odd(reading.card, note, language)


def _summary(reading: Reading, findings: list[Finding], stage: str, language: str) -> Check:
    card = reading.card
    right = sum(finding.state in ("present", "not_applicable") for finding in findings)
    said = {item: place(card, line) for item, line in reading.governance().items()}
    asked = say(
        language,
        f"{right} of {len(findings)} say what is asked at {stage}" if findings else f"{stage} asks for no section",
        f"{right} de {len(findings)} dicen lo que pide {stage}" if findings else f"{stage} no pide ninguna sección",
    )
    return Check(
        code=IS_CARD,
        outcome=Outcome.PASS,
        message=f"{place(card)}: {asked}",
        details={"format": card.format, "language": card.language, "digest": card.digest, "governance": said},
    )


def _section(
    card: Card, requirement: Requirement, finding: Finding, still_open: tuple[str, ...], language: str
) -> Check:
    """Return the check of one section or rule."""
    name = requirement.name
    code = OF_SECTION.get(name, FURTHER)
    where, called = place(card, finding.span.line), name_of(name, language)
    details = _details(finding)
    if finding.reason == "linked":
        told = say(language, f"in {finding.text}, which is not read", f"en {finding.text}, que no se lee")
        called = f"{called}: {told}"
        details["files"] = finding.text.split(", ")
    if finding.state == "present":
        return Check(code=code, subject=name, outcome=Outcome.PASS, message=f"{where}: {called}", details=details)
    if finding.state == "not_applicable":
        told = say(language, "not applicable, says the author", "no procede, dice el autor")
        return Check(
            code=code,
            subject=name,
            outcome=Outcome.SKIP,
            severity=Severity.WARN,
            message=f"{where}: {called}: {told}: {finding.text}",
            details=details,
        )
    several = len(requirement.needs) > 1
    message = _why(finding, language)
    if several:
        names = ", ".join(name_of(need, language) for need in still_open)
        message = say(language, f"open: {names}; {message}", f"faltan: {names}; {message}")
        details["open"] = list(still_open)
    fix = fix_of(still_open[0] if several else name, language)
    if finding.reason == "no_slot" and any(one.kind == "heading" and not card.ids_of(one) for one in card.sections[2:]):
        fix += say(
            language,
            "; if it stands under a heading of your own, name that in `headings`",
            "; si está bajo un título propio, indíquelo en `headings`",
        )
    return Check(
        code=code,
        subject=name,
        outcome=Outcome.FAIL,
        severity=Severity.WARN if finding.contested else Severity.BLOCK,
        message=f"{where}: {called}: {message}",
        fix=fix,
        details=details,
    )


def _why(finding: Finding, language: str) -> str:
    """Return why a section does not count, as half a sentence."""
    missing = parts_of(finding.missing, language)
    if finding.reason == "no_slot":
        return say(language, f"the card nowhere gives {missing}", f"la tarjeta no da en ningún sitio {missing}")
    if finding.reason == "empty":
        return say(language, "the section is empty", "la sección está vacía")
    if finding.reason == "blank":
        return say(
            language,
            f"nothing but a blank: {finding.text!r}",
            f"solo un hueco sin rellenar: {finding.text!r}",
        )
    if finding.reason == "none":
        return say(language, f"{finding.text!r} is no answer here", f"{finding.text!r} no es una respuesta aquí")
    if finding.reason == "deferred":
        return say(
            language,
            "it only points to a file, which is not read",
            "solo remite a un fichero, que no se lee",
        )
    return say(language, f"{missing} was not found in it", f"no se ha encontrado en ella {missing}")


def _details(finding: Finding) -> dict[str, Any]:
    span = finding.span
    return {
        "state": finding.state,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "found": dict(finding.found),
        "missing": list(finding.missing),
        "contested": finding.contested,
    }


def _leftover(card: Card, finding: Finding, language: str) -> Check:
    first: Leftover = finding.leftovers[0]
    more = len(finding.leftovers) - 1
    also = say(language, f"; {more} more", f"; y {more} más") if more else ""
    called = name_of(finding.name, language)
    return Check(
        code=LEFT,
        subject=f"{finding.name}:blank",
        outcome=Outcome.FAIL,
        severity=Severity.WARN,
        message=say(
            language,
            f"{place(card, first.span.line)}: {called}: a blank is left: {first.text!r}{also}",
            f"{place(card, first.span.line)}: {called}: queda un hueco: {first.text!r}{also}",
        ),
        fix=say(language, "fill it, or take it out", "rellénelo, o quítelo"),
        details={
            "line": first.span.line,
            "column": first.span.column,
            "end_line": first.span.end_line,
            "end_column": first.span.end_column,
            "lines": [leftover.span.line for leftover in finding.leftovers],
        },
    )


_ODD = {
    "unclosed_fence": ("a fence of code is never closed", "un bloque de código no se cierra"),
    "unclosed_front_matter": ("the front matter is never closed", "la cabecera YAML no se cierra"),
    "bad_front_matter": ("the front matter cannot be read", "la cabecera YAML no se puede leer"),
    "encoding": ("the file is not UTF-8", "el fichero no está en UTF-8"),
    "cut": ("the file is too long: the rest was not read", "el fichero es demasiado largo: el resto no se ha leído"),
    "long_line": ("the line is too long: its end was not read", "la línea es demasiado larga: su final no se ha leído"),
    "large_table": (
        "the table is too large: its end was not read",
        "la tabla es demasiado grande: no se ha leído entera",
    ),
}


def _odd(card: Card, note: Note, language: str) -> Check:
    what = say(language, *_ODD[note.kind])
    detail = f": {note.detail}" if note.kind in ("bad_front_matter", "encoding") and note.detail else ""
    return Check(
        code=WHOLE,
        subject=f"{note.kind}:{note.line}" if note.kind != "cut" else note.kind,
        outcome=Outcome.FAIL,
        severity=Severity.WARN,
        message=f"{place(card, note.line)}: {what}{detail}",
        fix=say(
            language,
            "mend the file, so that everybody reads the same",
            "corrija el fichero, para que todos lean lo mismo",
        ),
        details={"line": note.line},
    )


assert set(OF_SECTION) <= set(SECTIONS)
