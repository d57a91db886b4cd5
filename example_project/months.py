"""How far each month lies from January to June: ``python -m example_project.months --plot months.svg``.

Prints the table of the documentation's page on the flights, and draws its plot.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from example_project.train import CANDIDATE_UNTIL, MONTHS, year
from pytest_mlgate import check_drift

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL = "late"
WEATHER = ("temp", "dewp", "pressure", "wind_speed", "visib")
LIMIT, WARNED = 0.2, 0.1


def distances(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a month: the share of late flights, and the distance of label and weather from January to June.

    Distances are those of the gate: KS for the weather's numbers, total variation for the label.
    """
    month = rows["scheduled"].dt.month
    columns = [LABEL, *WEATHER]
    reference = rows.loc[month <= CANDIDATE_UNTIL, columns]
    found: dict[str, dict[str, float]] = {}
    for number, name in enumerate(MONTHS, start=1):
        current = rows.loc[month == number, columns]
        found[name] = {"share late": float(current[LABEL].mean())}
        if number > CANDIDATE_UNTIL:
            checks = check_drift(reference, current.reset_index(drop=True)).checks
            found[name] |= {check.subject: check.observed for check in checks if check.observed is not None}
    return pd.DataFrame.from_dict(found, orient="index")[["share late", *columns]]


def as_markdown(table: pd.DataFrame) -> str:
    """Return the months after the reference as a table of the documentation."""
    shown = table[table[LABEL].notna()]
    lines = ["| month | " + " | ".join(shown.columns) + " |", "| --- " * (len(shown.columns) + 1) + "|"]
    for name, values in shown.iterrows():
        lines.append(f"| {str(name).capitalize()} | " + " | ".join(f"{value:.3f}" for value in values) + " |")
    return "\n".join(lines)


def plot(table: pd.DataFrame, path: Path) -> None:
    """Draw the share of late flights, and the distances against the limits; needs matplotlib."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "months"  # the same file for the same numbers
    mpl.rcParams["svg.fonttype"] = "none"
    figure = Figure(figsize=(9, 6.5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    names = [name[:3].capitalize() for name in table.index]
    above.plot(names, table["share late"], color="black", marker="o")
    above.axvspan(-0.5, CANDIDATE_UNTIL - 0.5, color="0.9")
    above.text((CANDIDATE_UNTIL - 1) / 2, 0.36, "reference", ha="center", color="0.35")
    above.set(ylabel="share of late flights", ylim=(0, 0.4))
    _distances(below, names, table)
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _distances(axes: Any, names: list[str], table: pd.DataFrame) -> None:
    colours = ("#000000", "#d55e00", "#cc79a7", "#0072b2", "#009e73", "#e69f00")
    for column, colour, mark in zip([LABEL, *WEATHER], colours, "os^vDX", strict=True):
        axes.plot(names, table[column], color=colour, marker=mark, label=column)
    axes.axvspan(-0.5, CANDIDATE_UNTIL - 0.5, color="0.9")
    for limit, word in ((LIMIT, "blocks"), (WARNED, "warns")):
        axes.axhline(limit, color="0.35", linestyle="--", linewidth=1)
        axes.text(CANDIDATE_UNTIL - 0.6, limit + 0.01, f"{word} from {limit:g}", ha="right", color="0.35")
    axes.set(ylabel="distance from January to June", ylim=(0, 0.85), xlim=(-0.5, len(names) - 0.5))
    axes.legend(ncols=2, loc="upper left", frameon=False)


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table and, where asked, draw the plot."""
    parser = argparse.ArgumentParser(prog="python -m example_project.months", description=__doc__)
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw it as SVG (needs matplotlib)")
    options = parser.parse_args(argv)
    table = distances(year())
    print(as_markdown(table))
    if options.plot is not None:
        plot(table, options.plot)


if __name__ == "__main__":
    main()
