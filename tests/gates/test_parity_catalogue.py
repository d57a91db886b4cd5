"""The catalogue: every known way to differ is found and shrunk to the row that shows it; no equivalent pair is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlgate import check_parity
from pytest_mlgate.checks import Outcome
from pytest_mlgate.gates.parity.answers import Answer, to_answer
from pytest_mlgate.gates.parity.comparison import differ
from pytest_mlgate.gates.parity.search import Found, find_smallest
from tests.gates.parity_catalogue import CONTRACT, Equivalent, Skewed, equivalent_pairs, orders, skewed_pairs

if TYPE_CHECKING:
    import pandas as pd


def asked(side: Any, rows: pd.DataFrame) -> Answer | None:
    """What a side answers; None where it raises or does not answer for each row."""
    try:
        return to_answer(side(rows.copy()), rows=len(rows), side="serve")
    except Exception:
        return None


def differs(pair: Skewed | Equivalent) -> Any:
    """Whether train, called whole, differs from serve called whole, twice, backwards, or (five rows) one at a time."""

    def question(rows: pd.DataFrame) -> bool:
        train, serve = pair.make()
        expected = asked(train, rows)
        if expected is None:
            return False

        def agrees(positions: list[int]) -> bool:
            answer = asked(serve, rows.iloc[positions].reset_index(drop=True))
            return answer is not None and not differ(taken(expected, positions), answer)

        every = list(range(len(rows)))
        return not all(map(agrees, [every, every, every[::-1], *([at] for at in every[:5])]))

    return question


def taken(answer: Answer, positions: list[int]) -> Answer:
    columns = {name: values[positions] for name, values in answer.columns.items()}
    return Answer(columns=columns, named=answer.named, rows=len(positions))


def search(pair: Skewed) -> Found | None:
    return find_smallest(orders(), differs(pair), contract=CONTRACT, seconds=60, examples=1000)


@pytest.mark.parametrize("pair", list(skewed_pairs()), ids=lambda pair: pair.name)
def test_a_skewed_pair_is_found_and_its_smallest_row_shows_the_cause(pair):
    found = search(pair)

    assert found is not None
    assert len(found.rows) <= pair.rows
    assert not pair.telling or set(found.telling) & set(pair.telling)
    assert pair.shows(found.rows)
    assert len(found.telling) <= 2


@pytest.mark.parametrize("pair", list(equivalent_pairs()), ids=lambda pair: pair.name)
def test_the_gate_passes_an_equivalent_pair(pair):
    result = check_parity(*pair.make(), orders(n=60), schema=CONTRACT, examples=30, seconds=60)

    assert result.outcome is Outcome.PASS


@pytest.mark.slow
@pytest.mark.parametrize("pair", list(skewed_pairs()), ids=lambda pair: pair.name)
def test_the_gate_fails_a_skewed_pair(pair):
    result = check_parity(*pair.make(), orders(), schema=CONTRACT, examples=200, seconds=60)

    assert result.outcome is Outcome.FAIL


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_no_equivalent_pair_is_flagged_over_ten_seeds(seed):
    rows = orders(seed, n=25)
    flagged = [
        pair.name
        for pair in equivalent_pairs()
        if find_smallest(rows, differs(pair), contract=CONTRACT, seconds=60, examples=20, seed=seed)
    ]

    assert flagged == []
