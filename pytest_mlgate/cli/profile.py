"""``mlgate profile``: what is kept of a reference, so that drift can be judged without its rows."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import ConfigOption, app, refuse, say
from pytest_mlgate.cli.progress import working
from pytest_mlgate.config import Config, load_config, nearest_config
from pytest_mlgate.problems import ConfigError

if TYPE_CHECKING:
    from pytest_mlgate.tables.profile import Profile
    from pytest_mlgate.tables.sketches import ColumnProfile

_TABLES = "of"
_NAMED = 5


class _TablesByDefault(TyperGroup):
    """Takes what is no subcommand for tables to profile: ``mlgate profile train.parquet -o train.json``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        meant = args and not Path(args[0]).exists() and difflib.get_close_matches(args[0], self.commands, n=1)
        if args and args[0] not in (*self.commands, "--help") and not meant:
            args = [_TABLES, *args]
        return list(super().parse_args(ctx, args))


group = typer.Typer(
    cls=_TablesByDefault,
    no_args_is_help=True,
    help="Keep of a reference what drift needs, and none of its rows: mlgate profile TABLE... -o FILE; merge; show.",
)
app.add_typer(group, name="profile")

OutputOption = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write the profile.")]


@group.command(_TABLES)
def of_tables(
    tables: Annotated[list[Path], typer.Argument(metavar="TABLE...", help="Tables; several are partitions of one.")],
    output: OutputOption,
    time: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of the row's time.")] = None,
    sensitive: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Keep no value of this column. May be repeated.")
    ] = None,
    row_id: Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Column that names a row.")] = None,
    min_rows: Annotated[int, typer.Option(metavar="K", help="Rows that share whatever is kept.")] = 20,
    cells: Annotated[int, typer.Option(help="Cells of a sketch: a distance is known to about one part of so many.")] = (
        1024
    ),
    config: ConfigOption = None,
) -> None:
    """Write the profile of a table, or of several that are partitions of one."""
    from pytest_mlgate.gates.drift.profiling import profile_table
    from pytest_mlgate.tables import read_table
    from pytest_mlgate.tables.profile import merge_profiles

    with _refused():
        _may_write(output, inputs=tables)
        data = _config(config).data
        found = []
        with working("reading and sketching"):
            for table in tables:
                read = read_table(table)
                columns = [str(column) for column in read.frame.columns]
                hidden = [*(sensitive or ()), *_present(data.sensitive, columns, "sensitive")]
                found.append(
                    profile_table(
                        read,
                        sensitive=hidden,
                        time=time or next(iter(_present([data.time], columns, "time")), None),
                        id=row_id or next(iter(_present([data.id], columns, "id")), None),
                        min_rows=min_rows,
                        cells=cells,
                    )
                )
        _written(merge_profiles(*found), output)


@group.command()
def merge(
    profiles: Annotated[list[Path], typer.Argument(metavar="PROFILE...", help="Profiles of different tables.")],
    output: OutputOption,
) -> None:
    """Write the profile of all the profiles' tables together, as of days or partitions."""
    from pytest_mlgate.tables.profile import Profile, merge_profiles

    with _refused():
        _may_write(output, inputs=profiles)
        _written(merge_profiles(*(Profile.read(path) for path in profiles)), output)


@group.command()
def show(profile: Annotated[Path, typer.Argument(metavar="PROFILE", help="A profile.")]) -> None:
    """Print in words what a profile keeps."""
    from pytest_mlgate.tables.profile import Profile

    with _refused():
        for line in _lines(Profile.read(profile)):
            typer.echo(line)


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except ConfigError as error:
        refuse(str(error))
    except InputError as error:
        refuse(f"{error.message}\n    fix: {error.fix}" if error.fix else error.message)


def _config(named: Path | None) -> Config:
    """Return the configuration that applies; its profile may not be there yet, and it need not exist itself."""
    path = named.absolute() if named is not None else nearest_config()
    return Config(folder=Path.cwd()) if path is None else load_config(path, may_lack=("data.reference", "data.current"))


def _present(names: Collection[str | None], columns: list[str], key: str) -> list[str]:
    """Return the columns of the configuration that the table has; one that it nearly has is a slip of the pen."""
    for name in names:
        near = difflib.get_close_matches(name, columns, n=1, cutoff=0.8) if name and name not in columns else []
        if near:
            message = f"the table has no column {name!r}, which `[data] {key}` names"
            raise InputError(message, fix=f"did you mean {near[0]!r}?")
    return [name for name in names if name in columns and name is not None]


def _may_write(output: Path, *, inputs: Collection[Path]) -> None:
    """Refuse to write over what is read, and over anything but a profile, which may be renewed."""
    from pytest_mlgate.tables.profile import Profile

    if output.suffix.lower() != ".json":
        raise InputError(f"{output} is no name of a profile", fix="end it in .json: that is how a profile is known")
    if not os.path.lexists(output):
        return
    if any(path.exists() and output.exists() and os.path.samefile(path, output) for path in inputs):
        raise InputError(f"{output} is what is read, and would be written over", fix="give another -o")
    try:
        Profile.read(output)
    except InputError as error:
        raise InputError(
            f"{output} is already there, and is no profile that could be renewed", fix="give another -o"
        ) from error


def _written(profile: Profile, path: Path) -> None:
    profile.write(path)
    widest = max((column.accuracy for column in profile.columns), default=0.0)
    say(
        f"wrote {path}: {profile.rows:,} rows, {len(profile.columns)} columns, {path.stat().st_size:,} bytes;"
        f" shares known to within {widest:.2g}"
    )


def _lines(profile: Profile) -> Iterator[str]:
    yield f"{profile.rows:,} rows, {len(profile.columns)} columns, written by pytest-mlgate {profile.version}"
    for source in profile.sources:
        yield f"of {source.name}: {source.rows:,} rows, SHA-256 {source.digest or 'unknown'}"
    if profile.period is not None:
        yield f"from {profile.period[0]} to {profile.period[1]} by {profile.time}"
    yield f"whatever is kept is shared by {profile.min_rows} rows or more"
    for column in profile.columns:
        missing = f", {column.missing / column.rows:.1%} missing" if column.missing else ""
        yield f"  {column.name}: {_words(column)}{missing}"


def _words(column: ColumnProfile) -> str:
    if column.cells is not None:
        cells = column.cells
        ties = int(cells.single.sum())
        infinite = f", {cells.below + cells.above:,} infinite" if cells.below + cells.above else ""
        own = f" ({ties} of one value)" if ties else ""
        known = f"shares known to within {column.accuracy:.2g}"
        return f"{column.family}, {max(cells.edges.size - 1, 0)} cells{own}{infinite}, {known}"
    if column.levels is not None:
        levels = column.levels
        shown = sorted(levels.counts, key=lambda level: (-levels.counts[level], level))[:_NAMED]
        names = ", ".join(f"{level} {levels.counts[level] / column.rows:.1%}" for level in shown)
        rare = f", {levels.rare_levels:,} rare ones ({levels.rare / column.rows:.1%})" if levels.rare else ""
        return f"{column.family}, {len(levels.counts):,} levels{rare}: {names}" if names else f"{column.family}{rare}"
    return {
        "empty": "no value",
        "identifier": "an identifier, no value is kept",
        "sensitive": "sensitive, no value is kept",
        "unreadable": "values that drift cannot compare",
    }[column.kind]
