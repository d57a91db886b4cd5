"""``mlgate power``: what the rows at hand can tell, before a run; and what margin retraining asks for."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import ConfigOption, app, load, refuse
from pytest_mlgate.cli.progress import working

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.config import Config, Entry
    from pytest_mlgate.gates.baseline.power import Assumptions, LastVerdict

_DISCORDANCE = "Share of rows on which one model is right and the other wrong; may be repeated. Default: 0.03 and 0.10."
_RETRAINED = (
    "A model of the same recipe with another seed: a file, or an import path. At least three: says what margin "
    "retraining alone asks for. These models are loaded, each in a process of its own."
)


@dataclass
class _Found:
    """What there is to print: text, the same as builtins, and what could not be told."""

    lines: list[str] = field(default_factory=list)
    records: dict[str, list[Any]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def add(self, kind: str, value: Any, lines: list[str], conclusion: str) -> None:
        self.lines += [*([""] if self.lines else []), *lines]
        self.records.setdefault(kind, []).append({**asdict(value), "conclusion": conclusion})


@app.command()
def power(
    config: ConfigOption = None,
    discordance: Annotated[list[float] | None, typer.Option(metavar="SHARE", help=_DISCORDANCE)] = None,
    auc: Annotated[float, typer.Option(help="Area under each model's ROC curve.")] = 0.8,
    correlation: Annotated[
        float, typer.Option(help="Of the two models' areas over samples of rows, or of their losses.")
    ] = 0.9,
    rho: Annotated[
        float, typer.Option(help="How alike two rows of one `cluster` are (intra-class correlation).")
    ] = 0.1,
    power: Annotated[float, typer.Option(help="Wanted probability that an equal candidate passes.")] = 0.8,
    rows: Annotated[
        int | None, typer.Option(min=2, help="As if the holdout had so many rows; with --margin, of no holdout at all.")
    ] = None,
    margin: Annotated[
        float | None, typer.Option(min=0, help="With --rows: answer from these alone, without a configuration.")
    ] = None,
    metric: Annotated[str | None, typer.Option(help="With --rows and --margin. Default: accuracy.")] = None,
    positives: Annotated[int | None, typer.Option(help="With --rows and --margin: rows of the positive class.")] = None,
    retrained: Annotated[list[str] | None, typer.Option(metavar="MODEL", help=_RETRAINED)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Say what the holdout can tell, without loading a model: margins that it can show, rows that it would take."""
    from pytest_mlgate.gates.baseline.metrics import check_name
    from pytest_mlgate.gates.baseline.power import Assumptions, bare_power

    found = _Found()
    try:
        shares = {"discordance": tuple(discordance)} if discordance else {}
        given = Assumptions(**shares, auc=auc, correlation=correlation, rho=rho, power=power)
        if margin is not None:
            _refuse_unless(rows is not None, "--margin goes with --rows; without it the configuration says the margin")
            _refuse_unless(config is None and not retrained, "--margin needs no configuration and no models: drop one")
            assert rows is not None
            check_name(metric or "accuracy")
            _entry(found, bare_power(metric or "accuracy", rows, positives, margin, given))
        else:
            alone = metric is None and positives is None
            _refuse_unless(alone, "--metric and --positives go with --rows and --margin; else the configuration says")
            _refuse_unless(rows is None or not retrained, "--rows does nothing beside --retrained: drop one")
            settings = load(config, may_lack=("model.candidate", "model.baseline"))
            if retrained:
                with working("asking the models"):
                    _ask_models(found, settings, retrained, given)
            else:
                _ask_tables(found, settings, given, rows)
    except InputError as error:
        refuse(_said(error))
    typer.echo(json.dumps(_finite(found.records), indent=2, allow_nan=False) if as_json else "\n".join(found.lines))
    if found.errors:
        refuse("\n".join(found.errors))


def _ask_tables(found: _Found, config: Config, given: Assumptions, rows: int | None) -> None:
    from pytest_mlgate.gates.baseline.power import entry_power
    from pytest_mlgate.gates.drift.power import drift_power
    from pytest_mlgate.reports.power import drift_conclusion, drift_lines

    _refuse_unless(any(_entries(config, "baseline", "drift")), "no baseline and no drift gate is configured")
    tables = _Tables(config)
    for entry in _entries(config, "baseline", "drift"):
        settings: Any = entry.settings
        with _kept(found, entry):
            if entry.gate.name == "baseline":
                last = _last_verdict(config, entry)
                inputs = tables.inputs("holdout")
                _entry(found, entry_power(entry.name, settings, inputs, given, last=last, rows=rows))
            else:
                drift = drift_power(entry.name, settings, tables.inputs("reference", "current"))
                found.add("drift", drift, drift_lines(drift), drift_conclusion(drift))


def _ask_models(found: _Found, config: Config, names: list[str], given: Assumptions) -> None:
    from pytest_mlgate.artifacts.model import load_model
    from pytest_mlgate.gates.baseline.retraining import refuse_copies, refuse_too_few, retraining_noise
    from pytest_mlgate.reports.power import noise_conclusion, noise_lines

    entries = list(_entries(config, "baseline"))
    _refuse_unless(bool(entries), "no baseline gate is configured: whose metric should be compared?")
    _refuse_unless(len(set(names)) == len(names), "a model is named twice: each training counts once")
    refuse_too_few(names)
    tables = _Tables(config)
    with ExitStack() as stack:
        models: dict[str, Model] = {}
        for name in names:
            models[name] = load_model(name, **{**config.loading, "root": Path.cwd()})
            stack.callback(models[name].close)
        refuse_copies(models)
        for entry in entries:
            settings: Any = entry.settings
            with _kept(found, entry):
                inputs = tables.inputs("holdout")
                noise = retraining_noise(entry.name, settings, inputs, models, power=given.power)
                found.add("retraining", noise, noise_lines(noise), noise_conclusion(noise))


def _entry(found: _Found, entry: Any) -> None:
    from pytest_mlgate.reports.power import conclusion, entry_lines

    found.add("baseline", entry, entry_lines(entry), conclusion(entry))


def _entries(config: Config, *gates: str) -> Iterator[Entry]:
    return (entry for entry in config.entries if entry.gate.name in gates)


@contextmanager
def _kept(found: _Found, entry: Entry) -> Iterator[None]:
    """Keep the message of an entry that cannot be told of: it takes nothing from the others."""
    try:
        yield
    except InputError as error:
        found.errors.append(f"{entry.name}: {_said(error)}")


class _Tables:
    """The configured tables as gates get them, each read once."""

    def __init__(self, config: Config) -> None:
        from pytest_mlgate.store import Store

        self._config, self._store = config, Store(config=config)

    def inputs(self, *names: str) -> Any:
        from pytest_mlgate.gates.base import Inputs

        values: dict[str, Any] = {}
        for name in names:
            where = self._where(name)
            if where is not None:
                read = self._store.table if name == "holdout" else self._store.table_or_profile
                values[name] = read(where)
        if "holdout" in names and "holdout" not in values:
            values |= self._answered_rows()
        return Inputs(facts=self._config.facts, values=values)

    def _answered_rows(self) -> dict[str, Any]:
        """Return the candidate's table of predictions as the holdout, as the gate takes it where there is none."""
        from pytest_mlgate.tables.reading import is_table_path, read_table

        name = self._config.model.candidate
        return {"holdout": read_table(self._config.resolve(name)).frame} if name and is_table_path(name) else {}

    def _where(self, name: str) -> str | None:
        if getattr(self._config.data, name) is not None:
            return name
        return "train" if name == "reference" and self._config.data.train is not None else None


def _last_verdict(config: Config, entry: Entry) -> LastVerdict | None:
    """Return what the last verdict measured of an entry; None where there is none, or it is of another kind."""
    from pytest_mlgate.gates.baseline.power import LastVerdict
    from pytest_mlgate.verdict import read_verdict

    path = config.results / "verdict.json"
    if not path.is_file():
        return None
    try:
        verdict = read_verdict(path)
    except (OSError, ValueError) as error:
        typer.echo(f"mlgate: {path}: {error}; going by assumptions", err=True)
        return None
    checks: Mapping[str, Any] = {
        check.subject: check
        for check in verdict.checks
        if (check.gate, check.entry) == (entry.gate.name, entry.entry) and check.code in ("MLG101", "MLG102", "MLG103")
    }
    with_dummy = "" in checks and bool(checks[""].details.get("no_baseline"))
    if not checks or with_dummy != (config.model.baseline in (None, "dummy")):  # a dummy's interval tells of no model
        return None
    return LastVerdict(checks=checks, when=verdict.finished[:10])


def _finite(value: Any) -> Any:
    """Return builtins with None for what is not finite, as an interval that is open at one end makes it."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _refuse_unless(good: bool, message: str) -> None:
    if not good:
        refuse(message)


def _said(error: InputError) -> str:
    from pytest_mlgate.reports.text import printable

    return printable(f"{error.message}\n    fix: {error.fix}" if error.fix else error.message)
