"""The broken rows as files beside the verdict."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pytest_mlgate.reports.broken_rows import render, write

TABLE = {"columns": ["row", "label"], "rows": [[3, "a"], [5, None]]}


def test_each_entry_with_broken_rows_has_a_file_of_its_own(tmp_path: Path) -> None:
    evidence = {
        "baseline[roc_auc]": {"broken_rows": TABLE},
        "baseline[f1]": {"broken_rows": {**TABLE, "rows": []}},
        "drift": {"curves": {}},
    }

    assert write(evidence, tmp_path) == [tmp_path / "broken-rows-baseline-roc_auc.csv"]
    with (tmp_path / "broken-rows-baseline-roc_auc.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["row", "label"], ["3", "a"], ["5", ""]]


def test_files_of_an_older_run_go_and_others_stay(tmp_path: Path) -> None:
    write({"baseline[old]": {"broken_rows": TABLE}}, tmp_path)
    (tmp_path / "notes.csv").write_text("mine")
    written = write({"baseline[new]": {"broken_rows": TABLE}}, tmp_path)

    assert [path.name for path in tmp_path.glob("*.csv") if path not in written] == ["notes.csv"]
    assert write({}, tmp_path) == []
    assert [path.name for path in tmp_path.glob("*.csv")] == ["notes.csv"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "..", "x" * 500, "", "ünïcode 名", "con\x00trol"])
def test_a_name_never_leaves_the_folder(tmp_path: Path, name: str) -> None:
    (path,) = write({f"baseline[{name}]": {"broken_rows": TABLE}}, tmp_path)

    assert path.resolve().parent == tmp_path.resolve()
    assert path.is_file()
    assert path.name.isascii()


def test_names_that_look_alike_get_files_of_their_own(tmp_path: Path) -> None:
    written = write({f"baseline[{name}]": {"broken_rows": TABLE} for name in ("a b", "a/b", "a?b")}, tmp_path)

    assert len({path.name for path in written}) == 3
    assert all(path.is_file() for path in written)


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@x", "\tx"])
def test_text_that_a_spreadsheet_would_run_is_quoted_and_numbers_are_not(text: str) -> None:
    lines = render({"columns": ["label", "score"], "rows": [[text, -1.5]]}).splitlines()

    assert lines[1] == f"'{text},-1.5"
