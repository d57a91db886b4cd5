"""``mlgate schema``: write a schema from rows, tell two apart, bring one from another tool."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import ConfigOption, app, refuse, say
from pytest_mlgate.cli.progress import working
from pytest_mlgate.config import Config, load_config, nearest_config
from pytest_mlgate.naming import is_import_path
from pytest_mlgate.problems import ConfigError
from pytest_mlgate.reports.text import printable

if TYPE_CHECKING:
    from pytest_mlgate.tables.contract import TableSpec
    from pytest_mlgate.tables.contract_changes import Change

schema = typer.Typer(no_args_is_help=True, help="Schemas: infer one from rows, compare two, import one.")
app.add_typer(schema, name="schema")


class Format(StrEnum):
    """How a schema is written."""

    yaml = "yaml"
    python = "python"


class Kind(StrEnum):
    """What a schema is imported from."""

    great_expectations = "great-expectations"
    json_schema = "json-schema"
    pydantic = "pydantic"
    mlflow = "mlflow"
    feast = "feast"


OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write it. Default: standard output.")
]
FormatOption = Annotated[
    Format | None, typer.Option("--format", help="Default: by the end of FILE, .py is Python; else YAML.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


@schema.command()
def infer(
    tables: Annotated[list[Path], typer.Argument(metavar="TABLE...", help="Tables; several are partitions of one.")],
    output: OutputOption = None,
    form: FormatOption = None,
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column with the labels.")] = None,
    row_id: Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Column that names a row.")] = None,
    time: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of the row's time.")] = None,
    sensitive: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Write nothing of its values. May be repeated.")
    ] = None,
    force: ForceOption = False,
    config: ConfigOption = None,
) -> None:
    """Write the schema that rows support, with its evidence; options or the configuration name target, id and time.

    Exit codes: 0 written; 2 bad usage, or nothing can be inferred.
    """
    from pytest_mlgate.tables import read_table
    from pytest_mlgate.tables.inference import infer as infer_schema

    with _refused():
        _may_write(output, force=force, inputs=tables)
        form = _form(form, output)
        data = _config(config).data
        with working("reading"):
            frames = [read_table(table).frame for table in tables]
        columns = list(dict.fromkeys(str(name) for frame in frames for name in frame.columns))
        found = infer_schema(
            frames,
            target=target or next(iter(_present([data.target], columns, "target")), None),
            id_column=row_id or next(iter(_present([data.id], columns, "id")), None),
            time=time or next(iter(_present([data.time], columns, "time")), None),
            sensitive=[*(sensitive or ()), *_present(data.sensitive, columns, "sensitive")],
            source=", ".join(table.name for table in tables),
        )
        _write(found.to_python() if form is Format.python else found.to_yaml(), output, force=force)


@schema.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A .yaml file, or `package.module:Name`, of a schema.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same, of the schema that it became.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the changes as JSON.")] = False,
) -> None:
    """Say in words what changed from one schema to another, and whom it breaks.

    A consumer breaks on what the data may hold now and could not before; a producer on what the schema now refuses.

    Exit codes: 0 nothing breaks; 1 something does; 2 bad usage.
    """
    from pytest_mlgate.tables.contract_diff import compare_contracts

    with _refused():
        (before, old_rules), (after, new_rules) = _contract(old), _contract(new)
        changes = compare_contracts(before, after, old_rules=old_rules, new_rules=new_rules)
    unseen = [rule for rule in old_rules if rule in new_rules]
    if as_json:
        told = [{**asdict(change), "breaking": change.breaking} for change in changes]
        unseen_told = [{"column": column, "rule": rule} for column, rule in unseen]
        typer.echo(json.dumps({"changes": told, "compared_by_name": unseen_told}, indent=2, default=str))
    else:
        for line in _lines(changes):
            typer.echo(printable(line))
        for column, rule in unseen:
            typer.echo(printable(f"note: {_where(column)}{rule}: in both, compared by name only"), err=True)
    if any(change.breaking for change in changes):
        raise typer.Exit(1)


@schema.command("import")
def bring(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file, or `package.module:Name` of a model or view.")],
    output: OutputOption = None,
    form: FormatOption = None,
    kind: Annotated[Kind | None, typer.Option("--from", help="What it is. Default: told by its content.")] = None,
    force: ForceOption = False,
) -> None:
    """Write the schema that another tool's contract states; what cannot be carried over is listed, on stderr too.

    Exit codes: 0 written; 2 bad usage, or a file that is none of these.
    """
    from pytest_mlgate.gates.importing import import_object
    from pytest_mlgate.tables import read_regular_file
    from pytest_mlgate.tables.importing import import_contract, parse

    with _refused():
        path = Path(file)
        _may_write(output, force=force, inputs=[path])
        form = _form(form, output)
        if is_import_path(file) and not path.exists():
            forms = "the import path `package.module:Name` of a pydantic model or a Feast feature view"
            value = import_object(file, (os.getcwd(),), key="FILE", forms=forms)
        else:
            value = parse(_text(read_regular_file(path, what="contract"), file), file)
        found = import_contract(value, kind=None if kind is None else kind.value, source=file)
        _write(found.to_python() if form is Format.python else found.to_yaml(), output, force=force)
    for loss in found.losses:
        typer.echo(printable(f"not carried over: {loss}"), err=True)


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except ConfigError as error:
        refuse(str(error))
    except InputError as error:
        refuse(printable(f"{error.message}\n    fix: {error.fix}" if error.fix else error.message))


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: is not UTF-8 ({error.reason})", fix="give a JSON or YAML file") from error


def _form(form: Format | None, output: Path | None) -> Format:
    """Return how to write it; a file's end and --format may not say two things."""
    by_name = {".py": Format.python, ".yaml": Format.yaml, ".yml": Format.yaml}
    ends = by_name.get(output.suffix.lower()) if output is not None else None
    if output is not None and ends is None:
        raise InputError(
            f"{output} ends in neither .yaml nor .py", fix="end it so: that is how a schema's file is known"
        )
    if form is not None and ends is not None and ends is not form:
        raise InputError(f"--format {form.value} contradicts the end of {output}", fix="drop --format")
    return form or ends or Format.yaml


def _may_write(output: Path | None, *, force: bool, inputs: Sequence[Path]) -> None:
    if output is None or not os.path.lexists(output):
        return
    if any(path.exists() and output.exists() and os.path.samefile(path, output) for path in inputs):
        raise InputError(f"{output} is what is read, and would be written over", fix="give another -o")
    if not force:
        raise InputError(f"{output} is already there", fix="give another -o; or --force, to write over it")


def _write(text: str, output: Path | None, *, force: bool) -> None:
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("wb" if force else "xb") as stream:
            stream.write(text.encode())
    except (OSError, UnicodeEncodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{output}: cannot be written ({reason})", fix="give another -o") from error
    say(f"wrote {output}")
    here = Path(os.path.relpath(output))
    name = ".".join(here.with_suffix("").parts) + ":schema" if here.suffix == ".py" else here.as_posix()
    say(f'next: read it; then, under [gates.schema]: schema = "{name}"')


def _config(named: Path | None) -> Config:
    """Return the configuration that applies; none of its files need be there, nor it."""
    path = named.absolute() if named is not None else nearest_config()
    lacking = ("data.train", "data.holdout", "data.reference", "data.current", "model.candidate", "model.baseline")
    return Config(folder=Path.cwd()) if path is None else load_config(path, may_lack=lacking)


def _present(names: Collection[str | None], columns: list[str], key: str) -> list[str]:
    """Return the columns of the configuration that the table has; one that it nearly has is a slip of the pen."""
    for name in names:
        near = difflib.get_close_matches(name, columns, n=1, cutoff=0.8) if name and name not in columns else []
        if near:
            message = f"the table has no column {name!r}, which `[data] {key}` names"
            raise InputError(message, fix=f"did you mean {near[0]!r}?")
    return [name for name in names if name in columns and name is not None]


def _contract(reference: str) -> tuple[TableSpec, tuple[tuple[str, str], ...]]:
    """Return a schema, from wherever the gate would take it, and the rules that have no word of ours."""
    from pytest_mlgate.gates.schema.contracts import load_contract
    from pytest_mlgate.tables.contract import TableSpec, read_contract
    from pytest_mlgate.tables.contract_pandera import from_pandera

    if is_import_path(reference):
        found = load_contract(reference, (os.getcwd(),))
    elif reference.endswith(".py"):
        name = f"{Path(reference).stem}:schema"
        raise InputError(f"{reference}: a schema in Python is named by its import path", fix=f"give {name}, say")
    else:  # whatever it is called, as `<(git show HEAD:schema.yaml)` is
        found = read_contract(reference)
    return (found, ()) if isinstance(found, TableSpec) else from_pandera(found, source=reference)


def _lines(changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        yield "no difference"
    for change in changes:
        broken = [word for word, said in _broken(change) if said]
        yield f"{_where(change.column)}{change.message}" + (f"  [breaks {' and '.join(broken)}]" if broken else "")
    if changes:
        consumers = sum(change.breaks_consumer for change in changes)
        producers = sum(change.breaks_producer for change in changes)
        yield f"changes: {len(changes)}, of which {consumers} break consumers and {producers} break producers"


def _broken(change: Change) -> tuple[tuple[str, bool], ...]:
    return ("consumers", change.breaks_consumer), ("producers", change.breaks_producer)


def _where(column: str) -> str:
    return f"{column}: " if column else "table: "
