"""The text of the configuration that ``mlgate init`` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = "schema.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What was found out of the model and the tables; all that the configuration is written from.

    Attributes
    ----------
    roles : Mapping of str to str
        ``train``, ``holdout``, ``reference``, ``current`` to paths, relative to the configuration.
    how : Mapping of str to str
        How each role is known: ``as said``, ``by its name``, ...
    found_by : str
        Why the target is that column; empty where it was said.
    times, index : tuple of str
        Columns of dates, and columns that ``to_csv`` wrote from an index.
    trusted : tuple of str
        What the model's file needs beyond the built-in list of names.
    form : str
        The format of the candidate's file; empty where it has none.
    beside : tuple of str
        Formats that lie beside it.
    named : bool
        Whether the holdout is one because it was said or its file is called so, and not for want of another.
    """

    folder: Path
    candidate: str
    baseline: str | None
    roles: Mapping[str, str]
    how: Mapping[str, str]
    named: bool
    target: str
    found_by: str
    id_column: str | None
    times: tuple[str, ...]
    index: tuple[str, ...]
    task: str
    classes: tuple[Any, ...]
    scores: bool
    margin: float
    groups: tuple[str, ...]
    trusted: tuple[str, ...] = ()
    form: str = ""
    beside: tuple[str, ...] = ()


def toml(value: Any) -> str:
    """Return a value as TOML; text as a basic string, whatever it holds."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return repr(value)


_METRICS = {"binary": ("roc_auc", "accuracy"), "multiclass": ("accuracy", "accuracy")}


def render(seen: Seen) -> str:
    """Return the text of ``mlgate.toml``."""
    gates = (_baseline(seen), _schema_section(), _roundtrip(seen), _drift(seen))
    given = (lines for lines in gates if lines)
    sections = (_model(seen), _data(seen), *_artifacts(seen), *given, _governance())
    head = [
        "# What `pytest --mlgate` asks before this model goes up. Written by `mlgate init`; now yours to edit.",
        "# Paths are relative to this file.",
    ]
    return "\n\n".join("\n".join(lines) for lines in (head, *sections)) + "\n"


def _model(seen: Seen) -> list[str]:
    lines = [
        "[model]",
        f"name = {toml(seen.folder.name or 'model')}",
        'stage = "validation"  # a first look: what is not settled warns. Later: "pre-production", "production"',
        f"task = {toml(seen.task)}",
    ]
    if seen.task == "binary":
        label, other = seen.classes[-1], seen.classes[0]
        lines.append(f"positive = {toml(label)}  # the label that is looked for; {_comment(toml(other))} is the other")
    lines.append(f"candidate = {toml(seen.candidate)}  # the model that wants to go up")
    if seen.baseline is not None:
        lines.append(f"baseline = {toml(seen.baseline)}  # the champion it is compared with")
    else:
        lines.append("# No champion was given, so the candidate is compared with a dummy that ignores the features.")
        lines.append('# baseline = "champion.joblib"  # the model in production: uncomment it as soon as there is one')
    return lines


def _data(seen: Seen) -> list[str]:
    found = f"  # found: {_comment(seen.found_by)}" if seen.found_by else ""
    lines = ["[data]", f"target = {toml(seen.target)}{found}"]
    what = {
        "train": "the rows that the model was fitted on",
        "holdout": "labelled rows that no model was fitted on",
        "reference": "the rows that drift is measured from",
        "current": "recent rows; their labels may come later",
    }
    if not seen.named:
        lines.append("# Taken for the holdout because no file was named as one. These must be rows that the model")
        lines.append("# was NOT fitted on; otherwise every figure below flatters it.")
    for role, path in seen.roles.items():
        guessed = "" if seen.how[role] == "as said" else f" ({seen.how[role]})"
        lines.append(f"{role} = {toml(path)}  # {what[role]}{guessed}")
    if seen.id_column is not None:
        lines.append(f"id = {toml(seen.id_column)}  # names a row; no feature")
    else:
        lines.append('# id = "row_id"  # a column that names a row and is no feature')
    lines += _times(seen.times)
    if seen.index:
        names = _comment(", ".join(map(toml, seen.index)))
        lines.append(f"# The tables hold {names}: an index that to_csv wrote; index=False leaves it out.")
    lines.append('# sensitive = ["name"]  # columns whose values no report may show')
    return lines


def _artifacts(seen: Seen) -> list[list[str]]:
    if not seen.trusted:
        return []
    head = "[artifacts]  # what a model's file may need beyond the names that every model may: each is code that runs"
    return [[head, "trusted = [", *(f"    {toml(entry)}," for entry in seen.trusted), "]"]]


def _times(names: tuple[str, ...]) -> list[str]:
    if len(names) == 1:
        return [f"time = {toml(names[0])}  # found: the one column of dates; drift only notes that it moves on"]
    shown = " or ".join(_comment(toml(name)) for name in names[:3]) or '"..."'
    return [f"# time = {shown}  # the rows' own time, if any: drift only notes that it moves on"]


def _baseline(seen: Seen) -> list[str]:
    if seen.task == "regression":
        metric = "neg_mean_absolute_error"
        margin = f"margin = {toml(seen.margin)}  # in the target's unit: 2 % of its mean distance from its median"
    else:
        metric = _METRICS[seen.task][0 if seen.scores else 1]
        margin = f"margin = {toml(seen.margin)}  # how much worse than the baseline is still no worse: one point"
    lines = [
        "[[gates.baseline]]  # no worse than the baseline, by an interval; one such table a metric",
        f'metric = "{metric}"  # a scorer\'s name, as scikit-learn spells it',
        margin,
    ]
    slices = _comment(toml(list(seen.groups[:1] or ("region",))))
    return [*lines, f"# slices = {slices}  # the same question for each value of these columns"]


def _schema_section() -> list[str]:
    return [
        "[gates.schema]  # every table fits its contract",
        f'schema = "{SCHEMA}"  # inferred from the rows: read it, correct it. Or "package.module:Schema", for pandera',
    ]


def _roundtrip(seen: Seen) -> list[str]:
    if not seen.form:
        return []
    lines = [f"[gates.roundtrip]  # the file (found: {seen.form}) loads in fresh interpreters and answers the same"]
    if seen.beside:
        lines.append(f"formats = {toml(seen.beside)}  # found beside it: each answers as it does")
    else:
        lines.append('# formats = ["skops", "onnx"]  # files beside it that ship too; convert = true makes them')
    return [*lines, "# threads = 4  # as many as the service uses"]


def _drift(seen: Seen) -> list[str]:
    if "current" in seen.roles and ("reference" in seen.roles or "train" in seen.roles):
        origin = "reference" if "reference" in seen.roles else "training"
        return [
            f"[gates.drift]  # the current rows against the {origin} rows",
            "max_distance = 0.2  # as large as a shift by half a standard deviation",
        ]
    lacking = " and ".join(
        name
        for name, there in (
            ("`train` or `reference`", bool({"train", "reference"} & set(seen.roles))),
            ("`current`", "current" in seen.roles),
        )
        if not there
    )
    return [
        f"# To watch for drift, add {lacking} under [data] and uncomment:",
        "# [gates.drift]",
        "# max_distance = 0.2",
    ]


def _governance() -> list[str]:
    return [
        "# Before production: who answers for this model, who watches it, the way back: `mlgate explain MLG653`.",
        "# [governance]",
        '# owner = "@the-owners-handle"',
    ]


def _comment(text: str) -> str:
    """Text that cannot leave the comment it stands in."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
