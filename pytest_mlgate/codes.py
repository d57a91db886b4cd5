"""Every code a check can carry: the run's own here, a gate's in the gate's file."""

from __future__ import annotations

from contextlib import suppress

from pytest_mlgate.gates import gate_names, load_gate
from pytest_mlgate.gates.base import Code
from pytest_mlgate.governance.codes import governance_codes
from pytest_mlgate.promotion_codes import promotion_codes


def run_codes() -> tuple[Code, ...]:
    """Return the codes of what can go wrong with a run whatever its gates are."""
    return (
        Code(
            code="MLG001",
            title="A required gate was not run",
            why="A gate that was deselected, or that a crash or Ctrl-C kept from running, has found nothing wrong only "
            "because it looked at nothing.",
            fix="Run the whole configuration: `mlgate check`, or `pytest --mlgate` without -k, -m, --lf and -x.",
        ),
        Code(
            code="MLG002",
            title="A gate could not be computed",
            why="Its model or table could not be had, or was not fit to be judged; a comparison that could not be made "
            "is never a pass.",
            fix="Mend what the message names. Where it names neither your code nor your data, report a bug.",
        ),
        Code(
            code="MLG003",
            title="An input changed during the run",
            why="Two gates read different bytes under one name, so that the verdict is about no one thing.",
            fix="Keep models and tables still while they are judged; write new ones under another name.",
        ),
        Code(
            code="MLG004",
            title="The run was stopped",
            why="What had not run by then was not judged.",
            fix="Run it again, to its end.",
        ),
        Code(
            code="MLG005",
            title="Two tables that must differ are the same",
            why="A model judged on the rows it was fitted on looks better than it is, and rows that are measured from "
            "themselves have not drifted.",
            fix="Give the table rows of its own: a holdout that no model was fitted on, current rows newer than the "
            "reference.",
        ),
        Code(
            code="MLG006",
            title="Sensitive decisions are explained by a named method",
            why="Who is refused a loan, a job or a parole may ask why, and the answer cannot be made up afterwards.",
            fix='Name the method and who sees it: `[governance] explanation = "SHAP values per decision, shown to the '
            'clerk"`. Where the model decides about no person and without legal effect, leave `sensitive_decisions` '
            "out.",
        ),
    )


def all_codes() -> dict[str, Code]:
    """Return every code by its name, those of third parties' gates included; ours cannot be replaced.

    A third party's gate that cannot be imported is left out here; the run that names it says what is wrong.
    """
    found = {code.code: code for code in (*run_codes(), *governance_codes(), *promotion_codes())}
    for name in gate_names():
        with suppress(LookupError):
            for code in load_gate(name).codes:
                found.setdefault(code.code, code)
    return found
