"""Long scans say how far they are, end where nobody waits for them, and never read two states of a file as one."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables import scans
from pytest_mlgate.tables.engines import Engine, parquet
from pytest_mlgate.tables.files import file_digest
from pytest_mlgate.tables.parquet import open_parquet
from pytest_mlgate.tables.scans import Stopped, each_column, shown_by, step


def endless(_: str) -> None:
    """Scan until somebody says that it is enough, or for a minute."""
    rest = threading.Event()
    for _ in range(6000):
        step()
        rest.wait(0.01)
    raise AssertionError("nobody stopped it")


def test_columns_come_back_in_their_order_from_any_number_of_threads() -> None:
    for threads in (1, 3):
        assert each_column(str.upper, ["a", "b", "c", "d"], threads=threads) == ["A", "B", "C", "D"]


def test_an_error_in_one_column_ends_the_others_at_their_next_step() -> None:
    def column(name: str) -> None:
        if name == "bad":
            raise ValueError("the column is bad")
        endless(name)

    with pytest.raises(ValueError, match="the column is bad"):
        each_column(column, ["bad", "b", "c", "d"], threads=2)


def test_ctrl_c_ends_all_threads_and_begins_no_column_any_more() -> None:
    begun, ended = [], []
    both = threading.Barrier(2)

    def column(name: str) -> None:
        begun.append(name)
        both.wait(60)
        if name == "b":
            os.kill(os.getpid(), signal.SIGINT)
        try:
            endless(name)
        except Stopped:
            ended.append(name)
            raise

    with pytest.raises(KeyboardInterrupt):
        each_column(column, list("abcdef"), threads=2)
    for _ in range(600):  # a thread that was just being started when the signal came is not waited for
        if len(ended) < 2:
            time.sleep(0.1)

    assert sorted(begun) == sorted(ended) == ["a", "b"]


def test_a_scan_within_a_stopped_one_ends_too() -> None:
    def column(name: str) -> None:
        if name == "bad":
            raise ValueError
        each_column(endless, ["x"], threads=1)

    with pytest.raises(ValueError):  # noqa: PT011 - it has no words
        each_column(column, ["bad", "b"], threads=2)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is shown, where patience is none."""
    monkeypatch.setattr(scans, "_PATIENCE", 0.0)
    monkeypatch.setattr(scans, "_EVERY", 0.0)
    return []


def test_it_says_how_many_columns_and_rows_are_done_and_takes_it_back(at_once: list[str]) -> None:
    with shown_by(at_once.append):
        each_column(lambda _: step(rows=1500), ["a", "b"], threads=1)

    assert at_once[-2:] == ["2 of 2 columns, 3,000 rows read", ""]
    assert "1 of 2 columns, 1,500 rows read" in at_once


def test_of_a_digest_it_says_the_bytes(at_once: list[str], tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(bytes(3 << 20))

    with shown_by(at_once.append):
        file_digest(tmp_path / "big.bin", what="table")

    assert at_once == ["0.0 of 0.0 GB"] * 3 + [""]


def test_what_ends_before_anybody_could_read_it_says_nothing() -> None:
    shown: list[str] = []

    with shown_by(shown.append):
        each_column(lambda _: step(rows=1), ["a", "b"], threads=1)

    assert shown == []


def written(path: Path, *, seed: int = 0) -> Path:
    values = np.random.default_rng(seed).normal(size=200_000)
    pq.write_table(pa.table({"x": values, "word": np.where(values > 0, "up", "down")}), path)
    return path


def replaced(path: Path) -> None:
    os.replace(written(path.with_suffix(".new"), seed=1), path)


def rewritten(path: Path) -> None:
    path.write_bytes(written(path.with_suffix(".new"), seed=1).read_bytes())


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


CHANGES: dict[str, Callable[[Path], None]] = {
    "replaced": replaced,
    "rewritten": rewritten,
    "cut": cut,
    "gone": Path.unlink,
}
QUESTIONS: dict[str, Callable[[Engine], Any]] = {
    "counts": lambda engine: engine.counts("x", np.array([0.0])),
    "levels": lambda engine: engine.levels("word"),
    "values": lambda engine: engine.values("x", [(-1.0, 1.0)]),
    "table": lambda engine: engine.table(),
}
SAID = {"gone": "is not there any more while it was judged"}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read_is_an_error(
    change: str, question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "current.parquet")
    engine = parquet.open_files(path)
    left = [CHANGES[change]]

    def changing(**more: int) -> None:
        while left:
            left.pop()(path)

    monkeypatch.setattr(parquet, "step", changing)

    with pytest.raises(InputError, match=SAID.get(change, "was written or replaced while it was judged")):
        QUESTIONS[question](engine)


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changed_since_it_was_opened_is_an_error_in_every_way_to_read_it(
    change: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "current.parquet")
    engine, columns = parquet.open_files(path), open_parquet(path)
    assert columns is not None
    CHANGES[change](path)

    for ask in (lambda: engine.counts("x", np.array([0.0])), lambda: columns.read("x")):
        with pytest.raises(InputError, match="while it was judged"):
            ask()
    with pytest.raises(InputError, match=r"while it was judged|does not exist"):
        engine.digest  # noqa: B018 - it is read here


def test_of_rows_that_are_handed_on_it_says_how_many_of_how_many(at_once: list[str], tmp_path: Path) -> None:
    engine = parquet.open_files(written(tmp_path / "current.parquet"))

    with shown_by(at_once.append):
        for number, _ in enumerate(engine.batches(["x"])):
            if number == 2:
                break
        each_column(lambda name: list(engine.batches([name])), ["x"], threads=1)

    assert "131,072 of 200,000 rows" in at_once
    assert "" in at_once  # also where nobody wants the rest
    assert at_once[-2:] == ["1 of 1 columns, 200,000 rows read", ""]
