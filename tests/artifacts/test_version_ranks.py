"""Which difference between versions matters, and how much."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlgate.artifacts.locks import Lock, Pin
from pytest_mlgate.artifacts.locks.lock import pin, specified
from pytest_mlgate.artifacts.versions import Rank, Trained, differences, lock_differences

PICKLED = frozenset(("scikit-learn", "numpy", "xgboost", "joblib", "scipy"))


def rank_of(name: str, one: str, two: str | None, **facts: Any) -> str | None:
    packages = {} if name == "python" else {name: one}
    trained = Trained(**{"pickled": PICKLED, "packages": packages, "python": "3.11.7", **facts})
    if name == "python":
        trained = Trained(python=one, packages={}, by_value=facts.get("by_value", False))
    python = two if name == "python" else "3.11.7"
    found = differences(trained, {name: two}, python=str(python))
    return found[0].rank.value if found else None


@pytest.mark.parametrize(
    ("name", "one", "two", "rank"),
    [
        ("scikit-learn", "1.9.1", "1.9.1", None),
        ("scikit-learn", "1.9", "1.9.0", None),
        ("scikit-learn", "1.9.1", "1.9.0", "note"),
        ("scikit-learn", "1.9.1", "1.9.1rc1", "note"),
        ("scikit-learn", "1.9.1", "1.8.1", "fail"),
        ("scikit-learn", "1.10.0", "1.1.0", "fail"),
        ("scikit-learn", "1.9.1", "2.9.1", "fail"),
        ("scikit-learn", "1.9.1", None, "fail"),
        ("xgboost", "3.1.0", "3.2.0", "fail"),
        ("numpy", "2.4.6", "2.2.0", "warn"),
        ("numpy", "2.4.6", "1.26.4", "fail"),
        ("numpy", "2.4.6", "2.4.5", "note"),
        ("scipy", "1.17.1", "1.15.0", "warn"),
        ("scipy", "1.17.1", "2.0.0", "fail"),
        ("joblib", "1.6.0", "1.4.2", "warn"),
        ("joblib", "1.6.0", "2.0.0", "warn"),
        ("pandas", "3.1.1", "2.2.2", "warn"),  # no object of its own is in the file
        ("pandas", "3.1.1", None, "warn"),
        ("torch", "2.9.0+cpu", "2.9.0", "note"),
        ("own", "1!1.0", "1.0", "warn"),
        ("own", "main", "main", None),
        ("own", "main", "1.0", "warn"),
        ("python", "3.11.7", "3.11.9", "note"),
        ("python", "3.11.7", "3.12.1", "warn"),
    ],
)
def test_the_rank_of_a_difference(name: str, one: str, two: str | None, rank: str | None) -> None:
    assert rank_of(name, one, two) == rank


def test_code_that_travels_by_value_wants_the_same_minor_python() -> None:
    assert rank_of("python", "3.11.7", "3.12.1", by_value=True) == "fail"
    assert rank_of("python", "3.11.7", "3.11.9", by_value=True) == "note"


def test_the_major_version_of_numpy_counts_in_every_file() -> None:
    assert rank_of("numpy", "2.0.0", "1.26.4", pickled=frozenset()) == "fail"


def test_the_gravest_comes_first_and_both_versions_are_named() -> None:
    trained = Trained(
        python="3.11.7", packages={"numpy": "2.4.6", "scikit-learn": "1.7.2", "scipy": "1.17.1"}, pickled=PICKLED
    )

    found = differences(trained, {"numpy": "2.4.5", "scikit-learn": "1.9.1", "scipy": "1.16.0"}, python="3.11.7")

    assert [(one.name, one.trained, one.other, one.rank) for one in found] == [
        ("scikit-learn", "1.7.2", "1.9.1", Rank.FAIL),
        ("scipy", "1.17.1", "1.16.0", Rank.WARN),
        ("numpy", "2.4.6", "2.4.5", Rank.NOTE),
    ]


def a_lock(*pins: Pin, python: str = "") -> Lock:
    return Lock(path=Path("r.txt"), kind="k", digest="", pins={one.name: one for one in pins}, python=python)


@pytest.mark.parametrize(
    ("said", "rank"),
    [
        ("==1.9.1", None),
        ("==1.9.0", "note"),
        ("==1.8.0", "fail"),
        ("==1.9.*", "note"),
        ("~=1.9.0", "note"),
        ("==1.*", "warn"),
        ("~=1.9", "warn"),
        (">=1.5", "warn"),
        ("", "warn"),
        (">=1.5,<1.9", "fail"),
        ("==1.8.*", "fail"),
        (">=2", "fail"),
        (">=1.9.2,<1.10", "note"),
        ("!=1.9.1,<1.10", "note"),
    ],
)
def test_what_a_lock_says_of_the_pickled_library(said: str, rank: str | None) -> None:
    trained = Trained(packages={"scikit-learn": "1.9.1"}, pickled=PICKLED)

    found = lock_differences(trained, a_lock(specified("scikit-learn", said, said=f"scikit-learn{said}")))

    assert [one.rank.value for one in found] == ([] if rank is None else [rank])
    assert all(one.other in (f"scikit-learn{said}", said.removeprefix("==")) for one in found)


@pytest.mark.parametrize(
    ("said", "rank"),
    [("numpy<2", "fail"), ("numpy>=2.0,<2.3", "warn"), ("numpy>=2.5", "warn"), ("numpy>=2.4.7", "note"), ("", "warn")],
)
def test_what_a_lock_says_of_arrays(said: str, rank: str) -> None:
    trained = Trained(packages={"numpy": "2.4.6"}, pickled=PICKLED)
    pins = [specified("numpy", said.removeprefix("numpy"), said=said)] if said else []

    (found,) = lock_differences(trained, a_lock(*pins))

    assert found.rank == rank


def test_a_pickled_library_that_a_lock_does_not_name_fails_and_another_warns() -> None:
    trained = Trained(packages={"scikit-learn": "1.9.1", "pandas": "3.1.1"}, pickled=PICKLED)

    found = lock_differences(trained, a_lock(pin("numpy", "2.4.6")))

    assert [(one.name, one.rank.value, one.other) for one in found] == [
        ("scikit-learn", "fail", "not named"),
        ("pandas", "warn", "not named"),
    ]


@pytest.mark.parametrize(
    ("python", "by_value", "rank"),
    [
        ("", True, None),
        (">=3.10", True, None),
        ("^3.10", True, None),
        (">=3.12", False, "warn"),
        (">=3.12", True, "fail"),
        ("==3.11.9", True, "note"),
        ("==3.12.1", True, "fail"),
    ],
)
def test_what_a_lock_says_of_python(python: str, by_value: bool, rank: str | None) -> None:
    trained = Trained(python="3.11.7", packages={}, by_value=by_value)

    assert [one.rank.value for one in lock_differences(trained, a_lock(python=python))] == ([rank] if rank else [])


NUMBERS = st.tuples(*[st.integers(0, 20)] * 3)


@given(NUMBERS, NUMBERS)
def test_ranks_do_not_depend_on_which_version_is_newer(one: tuple[int, ...], two: tuple[int, ...]) -> None:
    first, second = (".".join(map(str, numbers)) for numbers in (one, two))

    assert rank_of("scikit-learn", first, second) == rank_of("scikit-learn", second, first)
    assert (rank_of("scikit-learn", first, second) == "fail") == (one[:2] != two[:2])
    assert (rank_of("scikit-learn", first, second) is None) == (one == two)
