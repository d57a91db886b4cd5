"""``mlgate history``: what happened to a model's versions, what was in a stage then, and how long things took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import FILES, ConfigOption, LedgerOption, app, block, load, moment_of, refuse, two_lines
from pytest_mlgate.policy import STAGES
from pytest_mlgate.problems import short, suggest
from pytest_mlgate.reports.text import one_line

if TYPE_CHECKING:
    from pytest_mlgate.config import Config
    from pytest_mlgate.lifecycle.events import Event, Merge
    from pytest_mlgate.lifecycle.history import Delay
    from pytest_mlgate.lifecycle.ledger import Ledger
    from pytest_mlgate.lifecycle.states import ModelState, State

_INDENT = "    "


@app.command()
def history(
    config: ConfigOption = None,
    file: LedgerOption = None,
    model: Annotated[str | None, typer.Option(help="Of this model only.")] = None,
    stage: Annotated[str | None, typer.Option(help="With --at: of this stage only.")] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="What was the case then: a time (UTC unless it says), or the end of a day."),
    ] = None,
    metrics: Annotated[
        bool, typer.Option("--metrics", help="How long it took from a verdict to production, and from trouble to act.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the events as JSON lines, as the ledger has them.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no registry, also where one is configured.")] = False,
) -> None:
    """Say what happened to a model's versions, from the ledger; and what a configured registry says otherwise.

    The registry is asked only by `mlgate history` without --at, --metrics, --json, --ledger and --offline.
    Exit codes: 0 said; 1 the ledger is broken or cannot be read, or the registry says otherwise or cannot be asked; 2
    bad usage or configuration.
    """
    from pytest_mlgate.lifecycle.appending import read_ledger

    moment = None if at is None else _at(at)
    if stage is not None and (moment is None or stage not in STAGES):
        refuse("--stage goes with --at" if stage in STAGES else f"--stage {stage}: {suggest(stage, STAGES)}")
    settings = None if file is not None else load(config, may_lack=FILES)
    path = file.absolute() if settings is None else settings.ledger  # type: ignore[union-attr] # one is there
    try:
        found = read_ledger(path).whole()
    except InputError as error:
        block(two_lines(error))
    if model is not None and model not in found.state:
        refuse(f"{short(path)}: no event is of model {model!r}; known are: {', '.join(found.state) or 'none'}")
    for line in _said(found, model, stage, moment, metrics=metrics, as_json=as_json):
        typer.echo(line)
    quiet = offline or moment is not None or metrics or as_json
    if settings is not None and not quiet and model in (None, settings.name):
        _registry(settings, found)


def _registry(config: Config, found: Ledger) -> None:
    """Say whether the registry says what the ledger says; exit 1 where it does not, or where nobody knows."""
    from pytest_mlgate.lifecycle.divergence import compare
    from pytest_mlgate.lifecycle.registries import registry_of

    try:
        registry = registry_of(config)
        if registry is None:
            return
        differences = compare(found, config.name, registry, config.lifecycle.aliases).differences
    except InputError as error:
        block(two_lines(error))
    if not differences:
        typer.echo(f"registry {config.lifecycle.registry} says the same")
        return
    for one in differences:
        typer.echo(f"{one_line(str(one))}\n    fix: {one.fix}", err=True)
    block(f"registry {config.lifecycle.registry} says otherwise than the ledger: {differences[0].kind}")


def _said(
    found: Ledger, model: str | None, stage: str | None, moment: datetime | None, *, metrics: bool, as_json: bool
) -> Iterator[str]:
    if moment is not None:
        yield from _then(found, model, stage, moment)
    elif metrics:
        yield from _metrics(found, model)
    elif as_json:
        yield from (line.raw.decode("utf-8") for line in found.lines if model in (None, _model(line.event)))
    elif not found.lines:
        yield f"{short(found.path)}: no event yet; `mlgate promote` records the first"
    else:
        yield from (one for line in found.lines if model in (None, _model(line.event)) for one in _told(line.event))
        yield ""
        yield from _standing(found.state, model)
    if found.torn:
        yield f"{short(found.path)}: a last line that was cut off does not count; `mlgate ledger verify` says more"


def _model(event: Event | Merge) -> str | None:
    return getattr(event, "model", None)


def _at(text: str) -> datetime:
    """Return the moment that is meant; of a day its end."""
    moment = moment_of(text, option="--at")
    return datetime.combine(moment, time.max, tzinfo=UTC) if len(text) <= len("2027-01-31") else moment


def _told(event: Event | Merge) -> Iterator[str]:
    when = event.time[:19].replace("T", " ")
    if event.event == "merge":
        yield f"{when}  merge of two histories  by {one_line(event.actor)}"
        return
    way = f"{event.from_stage or 'new'} -> {event.to_stage}"
    people = f"by {event.actor}" + (f", approved by {event.approver}" if event.approver else "")
    name = f"{event.model} {event.version}"
    yield one_line(f"{when} {event.event} {name} ({event.artifact[:12]}) {way} {people}").replace(" -> ", " → ")
    if event.reason:
        yield _INDENT + one_line(f"reason: {event.reason}")
    if event.forced:
        yield _INDENT + one_line(f"FORCED: {'; '.join(event.forced)}")
    for waiver in event.waivers:
        yield _INDENT + one_line(f"waived until {waiver.expires}: {waiver.check}: {waiver.reason} ({waiver.author})")
    if event.verdict is not None:
        yield f"{_INDENT}verdict {event.verdict.digest[:12]}: {event.verdict.decision}, of {event.verdict.finished}"
    if event.registered is not None:
        yield _INDENT + one_line(f"registered as {event.registered}")
    if event.kept_until is not None:
        bundle = event.kept.get("bundle")
        what = f": {bundle.path} (sha256:{bundle.digest[:12]})" if bundle else ""
        yield _INDENT + one_line(f"kept until {event.kept_until}{what}")


def _standing(state: State, only: str | None) -> Iterator[str]:
    for name, model in state.items():
        if only in (None, name):
            back = model.target()
            way = f", {back} to go back to" if back else ", nothing to go back to"
            yield one_line(f"{name}: {f'{model.serving} serves{way}' if model.serving else 'nothing serves'}")
            for version, known in model.versions.items():
                forced = " (forced)" if known.forced else ""
                yield "  " + one_line(f"{version} {known.stage} {known.artifact[:12]}") + forced


def _then(found: Ledger, model: str | None, stage: str | None, moment: datetime) -> Iterator[str]:
    from pytest_mlgate.lifecycle.history import states_at

    answers = list(dict.fromkeys(tuple(_answer(state, model, stage)) for state in states_at(found, moment)))
    if len(answers) > 1:
        yield (
            f"the ledger has {len(answers)} answers for {moment.isoformat(timespec='seconds')}: a clock went back, or "
            "branches had events of their own (`mlgate ledger verify`)"
        )
    for number, lines in enumerate(answers):
        yield from ["or:", *lines] if number else lines


def _answer(state: State, only: str | None, stage: str | None) -> Iterator[str]:
    names = [name for name in state if only in (None, name)]
    for name in names:
        model = state[name]
        for where in (stage,) if stage else STAGES:
            versions = [_named(model, version) for version in model.in_stage(where)]
            if versions or stage:
                yield one_line(f"{name} {where} {', '.join(versions) or 'none'}")
    if not names:
        yield "no event yet"


def _named(model: ModelState, version: str) -> str:
    notes = ["serves"] if version == model.serving else []
    notes += ["forced"] if model.versions[version].forced else []
    digest = model.versions[version].artifact[:12]
    return f"{version} ({', '.join([digest, *notes])})"


def _metrics(found: Ledger, model: str | None) -> Iterator[str]:
    from pytest_mlgate.lifecycle.history import delays

    by_what: dict[str, list[Delay]] = {}
    for delay in delays(found, model):
        by_what.setdefault(delay.what, []).append(delay)
    for what, found_delays in sorted(by_what.items()):
        yield _summary(what, found_delays)
    for what in ("verdict to pre-production", "verdict to production"):
        if what not in by_what:
            yield f"{what}: never yet"
    if not any(what.startswith("notice") for what in by_what):
        yield "notice to reaction: no event says when its cause was noticed (`--noticed`)"


def _summary(what: str, found: Iterable[Delay]) -> str:
    ordered = sorted(found, key=lambda delay: delay.seconds)
    worst = ordered[-1]
    return one_line(
        f"{what}: median {_span(median(delay.seconds for delay in ordered))} of {len(ordered)}; "
        f"longest {_span(worst.seconds)} ({worst.model} {worst.version}, line {worst.line})"
    )


def _span(seconds: float) -> str:
    if seconds < 0:
        return f"{seconds:.0f} s (a clock went back)"
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
