"""``mlgate init``: from a model and tables to a commented configuration and schema that run as they are."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError, plain
from pytest_mlgate.config import FILE
from pytest_mlgate.naming import is_import_path
from pytest_mlgate.scaffold_predictions import find_join, refuse_table
from pytest_mlgate.scaffold_roles import find_roles, refuse_absent, refuse_same_rows, refuse_twice
from pytest_mlgate.scaffold_target import Told, check_labels, find_target, index_columns, listed
from pytest_mlgate.scaffold_text import SCHEMA, Seen, render
from pytest_mlgate.tables.reading import is_table_path

if TYPE_CHECKING:
    import pandas as pd

_PLAIN_NAMES = {"skops": ".skops", "onnx": ".onnx", "xgboost-ubj": ".ubj"}


def scaffold(
    model: str | Path,
    tables: Sequence[str | Path] = (),
    *,
    folder: str | Path = ".",
    baseline: str | Path | None = None,
    train: str | Path | None = None,
    holdout: str | Path | None = None,
    reference: str | Path | None = None,
    current: str | Path | None = None,
    target: str | None = None,
    id: str | None = None,  # noqa: A002 - the configuration's own word, and the command's
    trusted: Sequence[str] = (),
    timeout: float = 120.0,
    say: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write ``mlgate.toml`` and ``schema.yaml`` into a folder, and return their paths.

    Parameters
    ----------
    model, baseline : path, or import path ``package.module:name``
        The candidate, and the champion it is compared with. The candidate is loaded in a fresh process; the
        champion may be a table of predictions.
    tables : sequence of paths
        Tables whose role is told by their names (``train.csv``, ``test.parquet``, ``current.csv``); one that is
        left over is the holdout.
    train, holdout, reference, current : path
        Tables whose role is said.
    target : str or None
        Default: the one column that the labelled tables have, the model does not ask for, and whose values it could
        answer: its classes, or else numbers that are no ids and no dates.
    id : str or None
        The column that names a row. Default: none; where the champion is a table of predictions, the one column that
        it shares with the holdout and that names each row of both.
    trusted : sequence of str
        What the model's file needs beyond the built-in list of names, as ``[artifacts] trusted`` has it; written down.
    timeout : float
        Seconds for loading the model.
    say : callable or None
        Called with one line for each table, once all is written: ``train.csv -> train (by its name)``.

    Raises
    ------
    InputError
        A file is there already, something cannot be read, a role or the target cannot be told, the holdout holds the
        training rows, or the labels are not those that the model answers. Nothing was written then.
    """
    home = Path(os.path.abspath(folder))
    _refuse_overwriting(home)
    said = {"train": train, "holdout": holdout, "reference": reference, "current": current}
    files, given = {role: Path(path) for role, path in said.items() if path}, [Path(path) for path in tables]
    models = [Path(ref) for ref in (model, baseline) if ref is not None and not is_import_path(str(ref))]
    refuse_absent([*(("model", path) for path in models), *(("table", path) for path in (*files.values(), *given))])
    refuse_table(model)
    refuse_twice(given)
    roles, how = find_roles(files, given)
    frames = {role: _read(path) for role, path in roles.items()}
    refuse_same_rows(roles, frames)
    scored = True
    if baseline is not None and is_table_path(str(baseline)):
        id, scored = find_join(Path(baseline), frames["holdout"], said=id)  # noqa: A001 - see above
    seen = _look(str(model), home, frames, target=target, id_column=id, timeout=timeout, trusted=trusted)
    seen = replace(
        seen,
        scores=seen.scores and scored,
        baseline=None if baseline is None else _reference(str(baseline), home),
        roles={role: _relative(path, home) for role, path in roles.items()},
        how=how,
        trusted=tuple(trusted),
        named=how["holdout"] in ("as said", "by its name"),
    )
    written = _write(home, {FILE: render(seen), SCHEMA: _schema(seen, frames)})
    if say is not None:
        for role, path in roles.items():
            say(f"{path} -> {role} ({how[role]})")
    return written


def _refuse_overwriting(home: Path) -> None:
    for name in (FILE, SCHEMA):
        if os.path.lexists(home / name):
            raise InputError(
                f"{home / name} is already there, and nothing was written",
                fix="edit that file, move it away, or give another folder with --folder",
            )
    shared = home / "pyproject.toml"
    if shared.is_file() and re.search(rb"^\s*\[tool\.mlgate[.\]]", shared.read_bytes(), re.MULTILINE):
        raise InputError(
            f"{shared} already has a [tool.mlgate] table, and nothing was written",
            fix=f"edit that table; a folder has one configuration, there or in {FILE}",
        )


def _read(path: Path) -> pd.DataFrame:
    from pytest_mlgate.tables import read_table

    frame = read_table(path).frame
    if not len(frame):
        raise InputError(f"{path} has no rows", fix="give a table with rows")
    return frame


def _look(
    model: str,
    home: Path,
    frames: Mapping[str, pd.DataFrame],
    *,
    target: str | None,
    id_column: str | None,
    timeout: float,
    trusted: Sequence[str],
) -> Seen:
    told = _ask_model(model, home, timeout, trusted)
    holdout = frames["holdout"]
    for role, frame in frames.items():
        missing = [name for name in (told.features or ()) if name not in frame.columns]
        if missing:
            raise InputError(
                f"the {role} table has no column {missing[0]!r}, which the model asks for"
                + (f" ({len(missing)} such columns)" if len(missing) > 1 else ""),
                fix="give tables that hold the model's features under the names it was fitted with",
            )
    if id_column is not None and id_column not in holdout.columns:
        raise InputError(f"the holdout table has no column {id_column!r}", fix="correct --id")
    labelled = {role: frames[role] for role in ("holdout", "train") if role in frames}
    target, found_by = _target(target, labelled, told, id_column)
    task, classes = _task(told.classes, holdout[target])
    return Seen(
        folder=home, candidate=_reference(model, home), baseline=None, roles={}, how={}, named=False, target=target,
        found_by=found_by, id_column=id_column, times=_times(holdout, target), index=tuple(index_columns(holdout)),
        task=task, classes=classes, scores=told.scores, margin=_margin(task, holdout[target]),
        groups=_groups(holdout, target), form=told.form, beside=_beside(Path(model)) if told.form else (),
    )  # fmt: skip


def _target(said: str | None, tables: Mapping[str, pd.DataFrame], told: Told, id_column: str | None) -> tuple[str, str]:
    target, found_by = (said, "") if said is not None else find_target(tables, told, id_column=id_column)
    for role, frame in tables.items():
        if target not in frame.columns:
            raise InputError(
                f"the {role} table has no column {target!r}; it has {listed(map(str, frame.columns))}",
                fix="correct --target",
            )
    check_labels(target, tables, told)
    return target, found_by


def _ask_model(model: str, home: Path, timeout: float, trusted: Sequence[str]) -> Told:
    from pytest_mlgate.artifacts.model import ModelError, load_model

    here = os.getcwd()
    try:
        handle = load_model(model, root=Path(here), import_roots=(str(home), here), timeout=timeout, trusted=trusted)
    except ModelError as error:
        entries = error.details.get("entries")
        if error.details.get("reason") != "untrusted" or not entries:
            raise
        options = " ".join(f"--trusted {entry}" for entry in (*trusted, *entries))
        raise InputError(error.message, fix=f"{error.fix.partition(':')[0]}: mlgate init ... {options}") from None
    try:
        features = _names(handle, "feature_names_in_")
        methods = getattr(handle, "methods", ("predict_proba",))
        return Told(
            classes=_names(handle, "classes_"),
            features=None if features is None else tuple(map(str, features)),
            scores=bool({"predict_proba", "decision_function"} & set(methods)),
            function=getattr(handle, "kind", "") in ("function", "method", "functools.partial"),
            form=getattr(handle, "format", ""),
        )
    finally:
        close = getattr(handle, "close", None)
        if callable(close):
            close()


def _names(handle: Any, attribute: str) -> tuple[Any, ...] | None:
    value = getattr(handle, attribute, None)
    return None if value is None else tuple(plain(value))


def _task(classes: tuple[Any, ...] | None, labels: pd.Series) -> tuple[str, tuple[Any, ...]]:
    from pytest_mlgate.tables.kinds import kind_of

    if classes is None and (kind_of(labels) in ("string", "boolean") or labels.nunique() <= 2):
        classes = tuple(plain(sorted(labels.dropna().unique())))
    if classes is None:
        return "regression", ()
    return ("binary" if len(classes) == 2 else "multiclass"), classes


def _margin(task: str, labels: pd.Series) -> float:
    """One point for a share; for an error in the target's unit, 2 % of its typical distance from its median."""
    if task != "regression":
        return 0.01
    numbers = labels.dropna().astype(float)
    spread = float((numbers - numbers.median()).abs().mean())
    return float(f"{0.02 * spread:.1g}") if 0 < spread < float("inf") else 0.01


def _groups(frame: pd.DataFrame, target: str) -> tuple[str, ...]:
    """Columns a person might slice by, for a hint in a comment."""
    from pytest_mlgate.tables.kinds import kind_of

    found = [
        str(name)
        for name in frame.columns
        if name != target and kind_of(frame[name]) in ("string", "boolean") and 2 <= frame[name].nunique() <= 20
    ]
    return tuple(found[:3])


def _times(frame: pd.DataFrame, target: str) -> tuple[str, ...]:
    """Columns of dates and timestamps, also as text."""
    from pytest_mlgate.tables.dates import holds_dates
    from pytest_mlgate.tables.kinds import kind_of

    return tuple(
        str(name)
        for name in frame.columns
        if name != target and (kind_of(frame[name]) == "datetime" or holds_dates(frame[name]))
    )


def _beside(model: Path) -> tuple[str, ...]:
    """Formats that the model also lies in, told by names that mean nothing else."""
    files = {form: model.with_suffix(suffix) for form, suffix in _PLAIN_NAMES.items()}
    return tuple(form for form, file in files.items() if file != model and file.is_file())


def _schema(seen: Seen, frames: Mapping[str, pd.DataFrame]) -> str:
    from pytest_mlgate.tables.inference import infer_contract

    role = next(role for role in ("train", "reference", "holdout") if role in frames)
    return infer_contract(frames[role], target=seen.target, id_column=seen.id_column, source=seen.roles[role])


def _reference(model: str, home: Path) -> str:
    return model if is_import_path(model) and not Path(model).exists() else _relative(Path(model), home)


def _relative(path: Path, home: Path) -> str:
    text = Path(os.path.relpath(path.expanduser(), home)).as_posix()
    # A file called a:b would read as an import path.
    return f"./{text}" if is_import_path(text) else text


def _write(home: Path, files: Mapping[str, str]) -> list[Path]:
    """Create all the files or none; never over one that is there."""
    written: list[Path] = []
    try:
        home.mkdir(parents=True, exist_ok=True)
        content = {home / name: text.encode() for name, text in files.items()}
        for path, data in content.items():
            with path.open("xb") as stream:
                written.append(path)
                stream.write(data)
    except (OSError, UnicodeEncodeError) as error:
        for path in written:
            path.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{home}: cannot write the configuration ({reason})", fix="give another --folder") from error
    return written
