"""Rows in time order: the test of a column by permuting blocks of consecutive rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.drift.order import levels_in_order, numbers_in_order
from pytest_mlgate.gates.drift.rows import rows_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.drift.decision import Evidence, Statistic
    from pytest_mlgate.gates.drift.settings import Settings
    from pytest_mlgate.gates.drift.sides import Side
    from pytest_mlgate.stats.blocks import BlockTest

FEWEST_PERMUTATIONS = 2000
_PLENTY = 60  # blocks on the smaller side: at least 10^34 splits


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """How blocks are cut and dealt; ``rows`` are those of the two sides, ``level`` is what is left to one test."""

    block: int
    rows: tuple[int, int]
    level: float
    permutations: int
    seed: int

    @property
    def blocks(self) -> tuple[int, int]:
        return self.rows[0] // self.block, self.rows[1] // self.block

    def splits(self, block: int) -> int:
        """In how many ways blocks of that length can be dealt; no more are counted than could ever be asked for."""
        from pytest_mlgate.stats.blocks import distinct_splits

        fewer, more = sorted(rows // block for rows in self.rows)
        return distinct_splits(min(fewer, _PLENTY), more) if fewer else 0

    def enough(self, block: int) -> bool:
        """Whether one of so many ways can be rare enough to be significant."""
        return self.splits(block) > 1 / self.level


def by_blocks(item: Evidence, name: str, reference: Side, current: Side, settings: Settings, facts: Facts) -> Evidence:
    """Return evidence whose p-value comes from a block permutation, once the size of its family is known.

    Parameters
    ----------
    item : Evidence
        Of a column's values or of its missing ones, as for independent rows.
    name : str
        The column.
    reference, current : Side
        With rows, in the order of time.
    settings : Settings
        With ``block``.
    facts : Facts
    """
    return replace(item, settle=partial(_settle, name, (reference, current), settings, facts))


def _settle(
    name: str, sides: tuple[Side, Side], settings: Settings, facts: Facts, item: Evidence, tests: int
) -> Evidence:
    assert settings.block is not None
    level = settings.alpha / tests
    plan = _Plan(
        block=settings.block,
        rows=(sides[0].rows, sides[1].rows),
        level=level,
        permutations=max(FEWEST_PERMUTATIONS, math.ceil(2 / level)),
        seed=facts.seed,
    )
    test = _permuted(plan, *_cells(name, sides, item, plan, facts)) if all(plan.blocks) else None
    return replace(
        item,
        statistic=_statistic(item.statistic, test, plan, tests),
        notes=(f"p by blocks of {plan.block} rows", *item.notes),
        details={**item.details, **_details(test, plan)},
        settle=None,
    )


def _permuted(plan: _Plan, cells: tuple[NDArray[np.intp], NDArray[np.intp]], count: int, ordered: bool) -> BlockTest:
    from pytest_mlgate.stats.blocks import block_counts, block_permutation_test

    first, second = (block_counts(side, count=count, block=plan.block) for side in cells)
    return block_permutation_test(
        first, second, statistic="ks" if ordered else "total_variation", permutations=plan.permutations, seed=plan.seed
    )


def _cells(
    name: str, sides: tuple[Side, Side], item: Evidence, plan: _Plan, facts: Facts
) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], int, bool]:
    """Return the cell of each row of either side, how many cells there are, and whether they have an order."""
    from pytest_mlgate.stats.blocks import pooled_cells

    frames = [rows_of(side, what="block") for side in sides]
    first, second = (frame[name] for frame in frames)
    if item.subject != name:  # whether a value is missing; the column itself may be of any kind
        missing = [_missing(series) for series in (first, second)]
        return (missing[0], missing[1]), 2, False
    columns = [side.column(name, hidden=name in facts.sensitive) for side in sides]
    if "category" in {column.kind for column in columns}:
        return (*_level_cells(first, second), False)
    values = [numbers_in_order(series, column) for series, column in zip((first, second), columns, strict=True)]
    before, after, count = pooled_cells(*values, blocks=sum(plan.blocks))
    return (before, after), count, True


def _missing(series: Any) -> NDArray[np.intp]:
    import numpy as np

    found: NDArray[np.intp] = series.isna().to_numpy(dtype=bool).astype(np.intp)
    return found


def _level_cells(first: Any, second: Any) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], int]:
    """Return the pooled level of each row: those of the distance that is reported. Missing values are a level."""
    import numpy as np

    from pytest_mlgate.stats.distances import pool_rare_levels

    codes, names = zip(*(levels_in_order(series) for series in (first, second)), strict=True)
    levels = sorted({*names[0], *names[1]})
    index = {level: number for number, level in enumerate(levels)}
    places = [np.array([*(index[name] for name in own), len(levels)], dtype=np.intp) for own in names]
    cells = [place[code] for place, code in zip(places, codes, strict=True)]  # code -1 is the last place
    count = len(levels) + 1
    pool = pool_rare_levels(*(np.bincount(side, minlength=count) for side in cells))
    if not pool.all():
        cells = [np.where(pool[side], count, side) for side in cells]
    used, dense = np.unique(np.concatenate(cells), return_inverse=True)
    dense = dense.reshape(-1).astype(np.intp)
    return (dense[: len(cells[0])], dense[len(cells[0]) :]), int(used.size)


def _statistic(statistic: Statistic, test: BlockTest | None, plan: _Plan, tests: int) -> Statistic:
    from pytest_mlgate.stats.blocks import blocks_needed

    fewest = blocks_needed(1 / plan.level) * plan.block
    if test is None or not plan.enough(plan.block):
        return replace(
            statistic,
            p=1.0 if test is None else test.p,
            detectable=lambda _tests: math.inf,
            rows_needed=lambda _limit, _tests: fewest,
            too_few=_too_few(plan, fewest, tests),
        )
    critical = test.critical(plan.level)
    n, m = plan.rows

    def detectable(tests: int) -> float:
        # Where hardly a value differs, permutations show no noise; no fewer rows than independent ones will do then.
        return max(critical, statistic.detectable(tests))

    def rows_needed(limit: float, tests: int) -> int:
        rows = (critical / limit) ** 2 * 2 / (1 / n + 1 / m)  # noise falls with the root of the number of rows
        return max(fewest, math.ceil(rows / plan.block) * plan.block, statistic.rows_needed(limit, tests))

    return replace(statistic, p=test.p, detectable=detectable, rows_needed=rows_needed)


def _too_few(plan: _Plan, fewest: int, tests: int) -> str:
    first, second = plan.blocks
    shorter = next((block for block in range(plan.block, 0, -1) if plan.enough(block)), 0)
    way_out = f", or block = {shorter} where the rows forget as fast" if 5 * shorter >= plan.block else ""
    ways = plan.splits(plan.block)
    return (
        f"too few blocks: {first} and {second} of {plan.block} rows can be dealt in {ways} ways, and more than"
        f" {1 / plan.level:.0f} are needed for {tests} tests; {fewest} rows a side would do{way_out}"
    )


def _details(test: BlockTest | None, plan: _Plan) -> dict[str, Any]:
    return {
        "p_method": "block permutation",
        "block": plan.block,
        "blocks": list(plan.blocks),
        "blocks_left_out_rows": [rows % plan.block for rows in plan.rows],
        "blocks_statistic": None if test is None else test.statistic,
        "permutations": plan.permutations,
        "seed": plan.seed,
    }
