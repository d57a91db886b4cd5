"""Which file is which table: as said, by its name, or by what is left over."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pandas as pd

_HINTS = {
    "train": {"train", "training", "fit"},
    "holdout": {"holdout", "test", "testing", "valid", "validation", "val", "eval", "evaluation"},
    "reference": {"reference", "ref"},
    "current": {"current", "recent", "prod", "production", "live", "new", "latest"},
}


def refuse_absent(paths: Iterable[tuple[str, Path]]) -> None:
    """A misspelt name is told before anything is made of the names."""
    from pytest_mlgate.tables import read_regular_file

    for what, path in paths:
        if not path.exists():
            read_regular_file(path, what=what)  # its error looks for the nearest name


def refuse_twice(tables: Sequence[Path]) -> None:
    """Two roles for one file are said with options; twice among the others it is a slip."""
    for place, path in enumerate(tables):
        if any(os.path.samefile(path, other) for other in tables[:place]):
            raise InputError(f"{path} is given twice", fix="give each table once")


def refuse_same_rows(roles: Mapping[str, Path], frames: Mapping[str, pd.DataFrame]) -> None:
    """Also of a copy under another name."""
    if "train" in frames and frames["train"].equals(frames["holdout"]):
        raise InputError(
            f"train ({roles['train']}) and holdout ({roles['holdout']}) hold the same rows: judged on the rows that it"
            " was fitted on, any model looks good",
            fix="give labelled rows that the model was not fitted on, with --holdout",
        )


def find_roles(said: dict[str, Path], tables: list[Path]) -> tuple[dict[str, Path], dict[str, str]]:
    """Which table is what, and how that is known: as said, else by the file's name, else by what is left over."""
    roles, left = dict(said), []
    how = dict.fromkeys(said, "as said")
    for path in tables:
        words = set(re.split(r"[^a-z]+", path.name.lower().partition(".")[0]))
        hinted = [role for role, hints in _HINTS.items() if words & hints]
        if len(hinted) != 1:
            left.append(path)
        elif hinted[0] in roles:
            raise InputError(
                f"{roles[hinted[0]]} and {path} both look like the {hinted[0]} table",
                fix=f"say which is which with --{hinted[0]} and the options for the other roles",
            )
        else:
            roles[hinted[0]], how[hinted[0]] = path, "by its name"
    free = [role for role in ("holdout", "train") if role not in roles]
    if len(left) == 2 and len(free) == 2:
        roles["train"], roles["holdout"] = left
        how |= {"train": "the first of two", "holdout": "the second of two"}
    elif len(left) == 1 and free:
        roles[free[0]], how[free[0]] = left[0], "the one left over"
    elif left:
        raise InputError(
            f"cannot tell what {', '.join(map(str, left))} {'is' if len(left) == 1 else 'are'}",
            fix="say it: --train, --holdout, --reference or --current before each file",
        )
    if "holdout" not in roles:
        had = "; ".join(f"{path} is taken for the {role} table" for role, path in roles.items()) or "no table was given"
        raise InputError(
            f"there is no holdout table ({had})",
            fix="give labelled rows that the model was not fitted on, with --holdout",
        )
    return {role: roles[role] for role in ("train", "holdout", "reference", "current") if role in roles}, how
