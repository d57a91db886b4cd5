"""``mlgate schema check``: the schemas of a configuration load, and fit the tables that are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pytest_mlgate.checks import Check, InputError, Outcome, describe, worst_first
from pytest_mlgate.cli.common import FILES, ConfigOption, block, load, refuse, two_lines
from pytest_mlgate.cli.progress import working
from pytest_mlgate.cli.schema import schema
from pytest_mlgate.reports.text import one_line, printable

if TYPE_CHECKING:
    from pytest_mlgate.config import Config, Entry


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tables:
    """The configured tables: those that are there, by name, and of the others why they are not judged."""

    frames: Mapping[str, Any] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)


@schema.command()
def check(
    config: ConfigOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only what is wrong.")] = False,
) -> None:
    r"""Load every schema that the configuration names, and hold the tables that are there to it.

    A table that is not there is named and passed over, as at a commit the data often are somewhere else; leakage,
    labels and the model's answers are left to `mlgate check`. Policy and waivers count.

    Exit codes: 0 nothing blocks; 1 a schema or table cannot be read, or a table does not fit; 2 bad usage or
    configuration.
    """
    settings = load(config, may_lack=FILES)
    entries = [entry for entry in settings.entries if entry.gate.name == "schema"]
    if not entries:
        refuse(f"no gate of {settings.path} names a schema; write `[gates.schema]` with `schema`")
    with working("reading the tables"):
        tables = _tables(settings)
    blocked = False
    for entry in entries:
        try:
            with working(f"holding the tables to {entry.name}"):
                checks = list(_judged(entry, tables, settings))
        except InputError as error:
            typer.echo(printable(f"{entry.name}: {two_lines(error)}"))
            blocked = True
            continue
        blocked |= any(found.blocks for found in checks)
        _print(entry, checks, tables, quiet=quiet)
    raise typer.Exit(1 if blocked else 0)


def _tables(settings: Config) -> _Tables:
    from pytest_mlgate.tables import read_table
    from pytest_mlgate.tables.reading import is_profile_path

    frames, absent = {}, {}
    for name in ("train", "holdout", "reference", "current", "serving"):
        said = getattr(settings.data, name)
        if said is None:
            continue
        path = settings.resolve(said)
        if is_profile_path(said):
            absent[name] = "a profile holds no rows"
        elif settings.names_engine(said):
            absent[name] = f"{said} is no single file: a run judges it"
        elif not path.is_file():
            absent[name] = f"{said} is not there"
        else:
            try:
                frames[name] = read_table(path).frame
            except InputError as error:
                block(printable(two_lines(error)))
    return _Tables(frames=frames, absent=absent)


def _judged(entry: Entry, tables: _Tables, settings: Config) -> Iterator[Check]:
    """Yield the checks of one entry's schema; InputError where the schema itself cannot be used."""
    from pytest_mlgate.gates.base import Inputs, run_gate
    from pytest_mlgate.gates.schema import usable
    from pytest_mlgate.running import levelled

    rule: Any = entry.settings
    usable(rule, settings.import_roots)
    frames = {name: frame for name, frame in tables.frames.items() if rule.tables is None or name in rule.tables}
    if not frames:
        return
    asked = rule.model_copy(update={"tables": tuple(frames), "outputs": None, "sanity": None})
    result = run_gate(entry.gate, asked, Inputs(facts=settings.facts, values=frames), entry=entry.entry)
    yield from levelled(result.checks, settings.policies.at(settings.model.stage), settings)


def _print(entry: Entry, checks: list[Check], tables: _Tables, *, quiet: bool) -> None:
    for found in worst_first(checks):
        if found.outcome is not Outcome.PASS and (found.blocks or not quiet):
            typer.echo(printable(describe(found)))
    if quiet:
        return
    typer.echo(one_line(f"{entry.name}: the schema loads"))
    for found in checks:
        if found.outcome is Outcome.PASS:
            typer.echo(one_line(f"{found.id}: {found.message}"))
    rule: Any = entry.settings
    for name, why in tables.absent.items():
        if rule.tables is None or name in rule.tables:
            typer.echo(one_line(f"{entry.name}: not judged: {name} ({why})"))
