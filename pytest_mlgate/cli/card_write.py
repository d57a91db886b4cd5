"""``mlgate card init``, ``update`` and ``export``: documents about a model, measured parts written by the tool."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.card import card
from pytest_mlgate.cli.common import ConfigOption, load, refuse, say
from pytest_mlgate.cli.progress import working
from pytest_mlgate.documents.wording import LANGUAGES
from pytest_mlgate.problems import short

if TYPE_CHECKING:
    from pytest_mlgate.config import Config
    from pytest_mlgate.documents.facts import ModelFacts
    from pytest_mlgate.documents.updating import Update

_CARD, _DATASHEET = "MODEL_CARD.md", "DATASHEET.md"


@card.command()
def init(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help=f"Default: {_CARD}, or {_DATASHEET}, beside the configuration."),
    ] = None,
    config: ConfigOption = None,
    datasheet: Annotated[
        bool, typer.Option("--datasheet", help="A datasheet for the training rows instead of a card for the model.")
    ] = False,
    lang: Annotated[str, typer.Option(help="en or es.")] = "en",
    plots: Annotated[bool, typer.Option(help="Draw plots beside it; needs matplotlib.")] = True,
) -> None:
    """Write a new card: measured parts filled in, and a blank that the gate refuses for all that only you know.

    Exit codes: 0 written; 1 nothing could be measured; 2 bad usage or configuration.
    """
    if lang not in LANGUAGES:
        refuse(f"--lang {lang}: choose one of {', '.join(LANGUAGES)}")
    settings = load(config)
    path = file or settings.folder / (_DATASHEET if datasheet else _CARD)
    if path.exists():
        refuse(f"{short(path)} is there already; `mlgate card update` writes its measured parts anew")
    facts = _facts(settings)
    text = _new(settings, facts.task, lang, datasheet)
    _write([_prepared(text.encode("utf-8"), path, facts, plots)])
    say(f"next: answer every TODO in {short(path)}; `mlgate card lint` finds them")


@card.command()
def update(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help="Cards and datasheets. Default: those that are configured."),
    ] = None,
    config: ConfigOption = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where something would change.")] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the one file there, and leave it as it is.")
    ] = None,
    plots: Annotated[bool, typer.Option(help="Draw plots anew; needs matplotlib.")] = True,
) -> None:
    """Measure, and write the parts between markers; every byte outside of them stays.

    Exit codes: 0 up to date; 1 with --check something would change, or nothing could be measured; 2 bad usage.
    """
    settings = load(config)
    paths = list(files or _configured(settings))
    if output is not None and len(paths) != 1:
        refuse(f"--output takes one file, and there are {len(paths)}")
    from pytest_mlgate.documents.updating import prepare

    facts = _facts(settings)
    try:
        found = [prepare(path, facts, to=output, with_plots=plots) for path in paths]
    except InputError as error:
        refuse(_text(error))
    if check:
        changed = [path for each in found for path in each.changed]
        for path in changed:
            typer.echo(f"{short(path)}: would change")
        raise typer.Exit(1 if changed else 0)
    _write(found)


@card.command()
def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The card. Default: the one that is configured.")
    ] = None,
    config: ConfigOption = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Default: standard output.")] = None,
) -> None:
    """Write the machine-learning bill of materials: CycloneDX 1.6, JSON, with the model card in it.

    Exit codes: 0 written; 1 nothing could be measured; 2 bad usage or configuration.
    """
    from pytest_mlgate.cards.reading import read_card
    from pytest_mlgate.documents.bom import as_json, bill_of_materials
    from pytest_mlgate.tables.writing import write_atomically

    settings = load(config)
    path = file or next(iter(_configured(settings)), None)
    try:
        prose = None if path is None else read_card(path)
    except InputError as error:
        refuse(_text(error))
    text = as_json(bill_of_materials(_facts(settings), prose))
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        write_atomically(output, text)
    except OSError as error:
        refuse(f"{short(output)}: cannot be written: {error.strerror}")
    say(f"wrote {short(output)}")


def _configured(settings: Config) -> Iterator[Path]:
    """Yield the documents that the configuration names, or that lie beside it under their usual names."""
    named = [
        str(getattr(entry.settings, key))
        for entry in settings.entries
        if entry.gate.name == "card"
        for key in ("path", "datasheet")
        if getattr(entry.settings, key, None)
    ]
    paths = [settings.resolve(name) for name in named] or [settings.folder / name for name in (_CARD, _DATASHEET)]
    found = [path for path in paths if named or path.is_file()]
    if not found:
        refuse(
            f"no card is configured, and there is no {_CARD} in {short(settings.folder)}; `mlgate card init` writes one"
        )
    yield from dict.fromkeys(found)


def _facts(settings: Config) -> ModelFacts:
    from pytest_mlgate.documents.gathering import gather

    try:
        with working("measuring the candidate"):
            return gather(settings)
    except InputError as error:
        typer.echo(f"mlgate: {_text(error)}", err=True)
        raise typer.Exit(1) from None


def _new(settings: Config, task: str, language: str, datasheet: bool) -> str:
    from pytest_mlgate.documents import templates
    from pytest_mlgate.documents.front_matter import PIPELINES

    if datasheet:
        return templates.datasheet(language, name=settings.name)
    return templates.card(
        language,
        name=settings.name,
        pipeline=PIPELINES[task],
        groups=bool(set(settings.data.groups) - set(settings.data.sensitive)),
        baseline=settings.model.baseline not in (None, "dummy"),
        findings=_left_open(settings),
    )


def _left_open(settings: Config) -> list[str]:
    """Return what the last verdict left open or found wrong: a card's limitations have to speak of it."""
    from pytest_mlgate.verdict import read_verdict, unresolved

    try:
        verdict = read_verdict(settings.results / "verdict.json")
    except (OSError, ValueError):
        return []
    gates = {entry.gate.name for entry in settings.entries} - {"card"}
    found = [check for check in unresolved(verdict.checks) if check.gate in gates]
    return [f"{check.id} is {check.outcome.value} ({' '.join(check.message.split())})" for check in found[:20]]


def _prepared(raw: bytes, path: Path, facts: ModelFacts, plots: bool) -> Update:
    from pytest_mlgate.documents.markers import parts
    from pytest_mlgate.documents.updating import NAMES, PLOTS, update

    try:
        found = [part for part in parts(raw, file=path.name, known=NAMES) if plots or part.name != PLOTS]
        return update(raw, found, facts, path, before=b"")
    except InputError as error:
        refuse(_text(error))


def _write(found: list[Update]) -> None:
    from pytest_mlgate.documents.updating import write

    for each in found:
        try:
            written = write(each)
        except OSError as error:
            refuse(f"{short(each.path)}: cannot be written: {error.strerror}")
        for path in written:
            say(f"wrote {short(path)}")
        if not written:
            say(f"{short(each.path)} is up to date")


def _text(error: InputError) -> str:
    return f"{error.message}\n    fix: {error.fix}" if error.fix else error.message
