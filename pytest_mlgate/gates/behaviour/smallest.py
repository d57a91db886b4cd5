"""The smallest row that breaks a relation, and a test that asks it again."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.gates.behaviour.relations import Relation, Violations, Witness

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.artifacts.model import Model

# Questions to the model: each takes some milliseconds on the way to its process.
_QUESTIONS = 200
# Rows that say what is typical, and of these how many go with the broken one where it does not break alone.
_TYPICAL, _COMPANY = 500, 30


def smallest_witness(relation: Relation, found: Violations, *, seconds: float) -> tuple[Witness, list[str] | None]:
    """Return a violation with as few values as possible that are not those of a typical row.

    The worst real row is known already; it is made smaller as the search of the parity gate makes its rows smaller.

    Parameters
    ----------
    relation : Relation
    found : Violations
        Of its rows, one of them at least broken.
    seconds : float
        For all questions together; what was found by then is returned, the worst real row where that is nothing.

    Returns
    -------
    tuple of (Witness, list of str or None)
        The columns are those that had to keep a value which is not the typical row's; None where the worst real row was
        made no smaller.
    """
    import numpy as np

    from pytest_mlgate.gates.parity.facts import facts_of, permits
    from pytest_mlgate.gates.parity.shrinking import shrink, telling_cells
    from pytest_mlgate.gates.parity.values import typicality

    worst = found.worst
    known = relation.rows.head(_TYPICAL).reset_index(drop=True)
    facts, plainest = facts_of(known), int(np.argmax(typicality(known)))
    typical = {name: known[name].iloc[plainest] for name in known.columns}
    until, asked = time.monotonic() + seconds, 0

    def over() -> bool:
        return asked >= _QUESTIONS or time.monotonic() >= until

    def breaks(rows: pd.DataFrame) -> bool:
        nonlocal asked
        if over() or not permits(facts, rows):
            return False
        asked += 1
        try:
            return bool(_ask(relation, rows).broken.any())
        except ModelError:  # a made-up row that the model refuses is no example of anything else
            return False

    start = next((rows for rows in _starts(relation, worst) if breaks(rows)), None)
    if start is None:
        return found.witness(worst), None
    smallest = shrink(start, breaks, typical=typical, facts=facts, over=over)
    again = _ask(relation, smallest)
    if not again.broken.any():
        return found.witness(worst), None
    telling = dict.fromkeys(str(name) for _, name in telling_cells(smallest, typical))
    return again.witness(int(np.flatnonzero(again.broken)[0])), list(telling)


def _starts(relation: Relation, worst: int) -> list[pd.DataFrame]:
    """The broken row alone, and among others."""
    others = [place for place in range(min(len(relation.rows), _COMPANY)) if place != worst]
    return [relation.rows.iloc[places].reset_index(drop=True) for places in ([worst], [worst, *others])]


def _ask(relation: Relation, rows: pd.DataFrame) -> Violations:
    import numpy as np

    return relation.find(rows, np.ones(len(rows), dtype=bool))


def as_test(relation: Relation, witness: Witness, model: Model) -> str:
    """Return a pytest module that asks the same rows again.

    Parameters
    ----------
    relation : Relation
    witness : Witness
        Its values stand in the text.
    model : Model
        Named by its path or import path; one that lives in this process has neither.
    """
    from pytest_mlgate.gates.parity.regression import frame_literal

    name = "_".join(re.findall(r"[a-z0-9]+", relation.subject.lower()))
    own = model.place == "this process"
    arguments: dict[str, Any] = {"relations": [], **relation.arguments}
    given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
    return (
        "import pandas as pd\n\nfrom pytest_mlgate import check_behaviour\n\n\n"
        f"def test_behaviour_{name}({'model' if own else ''}):{'  # a fixture that returns the model' if own else ''}\n"
        f"    rows = {frame_literal(witness.rows, indent=4)}\n"
        f"    check_behaviour({'model' if own else repr(model.source)}, rows, {given}).raise_for_outcome()\n"
    )
