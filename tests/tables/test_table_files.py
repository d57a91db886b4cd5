"""Reading table files: what is read, and one clear message for each file that cannot be."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables import TableRead, delimited, read_table


def flights() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "carrier": ["UA", "b\n6", "ÅÅ"],
            "distance": [200, 1400, 90],
            "delay": [1.5, np.nan, -3.25],
            "late": [True, False, False],
        }
    )


def write(path: Path, frame: pd.DataFrame) -> Path:
    name = path.name
    if name.endswith(".parquet"):
        frame.to_parquet(path)
    elif name.endswith((".feather", ".arrow")):
        frame.to_feather(path)
    elif name.endswith((".jsonl", ".ndjson")):
        frame.to_json(path, orient="records", lines=True, force_ascii=False)
    else:
        frame.to_csv(path, index=False, sep="\t" if name.endswith(".tsv") else ",")
    return path


@pytest.mark.parametrize(
    "name", ["a.csv", "a.csv.gz", "a.tsv", "a.parquet", "a.feather", "a.arrow", "a.jsonl", "a.ndjson", "A b ü.CSV"]
)
def test_every_format_gives_the_rows_and_the_digest_of_its_bytes(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, flights())

    read = read_table(path)

    pd.testing.assert_frame_equal(read.frame, flights())
    assert (read.path, read.rows) == (path, 3)
    assert read.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_csv_has_the_dtypes_that_pandas_gave_the_training_script(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,when,code\n1,2013-01-01,007\n2,,008\n")

    pd.testing.assert_frame_equal(read_table(path).frame, pd.read_csv(path))


def test_a_header_without_rows_is_an_empty_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n")

    read = read_table(path)

    assert (list(read.frame.columns), read.rows) == (["a", "b"], 0)


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", b"\xef\xbb\xbfa,b\n1,2\n"), ("a.jsonl", b'\xef\xbb\xbf{"a": 1, "b": 2}\n')]
)
def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    assert list(read_table(tmp_path / name).frame.columns) == ["a", "b"]


def test_quoted_newlines_and_blank_lines_are_no_ragged_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n"one\ntwo",1\n\n"x, y",2\n')

    assert read_table(path).frame["a"].tolist() == ["one\ntwo", "x, y"]


def test_a_named_index_in_a_file_comes_back_as_a_column(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"a": [1, 2]}, index=pd.Index([7, 9], name="id")).to_parquet(path)

    frame = read_table(path).frame

    pd.testing.assert_frame_equal(frame[["a", "id"]], pd.DataFrame({"a": [1, 2], "id": [7, 9]}))


@given(
    st.lists(st.lists(st.sampled_from(["", " ", "1", "ä", "x y"]), min_size=1, max_size=3), min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
@settings(deadline=None, max_examples=200)
def test_quotes_change_nothing_in_what_is_refused(lines: list[list[str]], end: str, last: bool) -> None:
    content = ("a,b" + end + end.join(",".join(line) for line in lines) + end * last).encode()
    found = []

    for survey in (delimited._survey_plain, delimited._survey_quoted):
        try:
            survey("a.csv", content, ",")
            found.append("")
        except InputError as error:
            found.append(error.message)

    assert found[0] == found[1]


BAD_FILES = {
    "empty": ("a.csv", b"", r"table '.*a.csv' is empty \(0 bytes\)"),
    "blank": ("a.csv", b"\n\n", "holds no header and no rows"),
    "latin-1": ("a.csv", "a,b\n1,é\n".encode("latin-1"), r"not UTF-8: byte 0xe9 at offset 6 \(line 2\)"),
    "latin-1 after a BOM": ("a.csv", b"\xef\xbb\xbfa\n\xe9\n", r"byte 0xe9 at offset 5 \(line 2\)"),
    "utf-16": ("a.csv", "a,b\n1,2\n".encode("utf-16"), "is UTF-16, not UTF-8"),
    "nul": ("a.csv", b"a,b\n1,\x002\n", "holds a NUL byte"),
    "semicolons": ("a.csv", b"a;b\n1;2\n", "one column, 'a;b': its delimiter seems to be a semicolon, not a comma"),
    "tabs": ("a.csv", b"a\tb\n1\t2\n", "seems to be a tab, not a comma"),
    "commas in tsv": ("a.tsv", b"a,b\n1,2\n", "seems to be a comma, not a tab"),
    "long row": ("a.csv", b"a,b\n1,2\n1,2,3\n", "line 3: 3 fields, but the header has 2"),
    "short row": ("a.csv", b"a,b\n1,2\n1\n", "line 3: 1 fields, but the header has 2"),
    "all rows too long": ("a.csv", b"a,b\n1,2,3\n4,5,6\n", "line 2: 3 fields, but the header has 2"),
    "quoted long row": ("a.csv", b'a,b\n"1\n1",2\n1,2,3\n', "line 4: 3 fields, but the header has 2"),
    "old line ends": ("a.csv", b"a,b\r1,2\r1\r", "line 3: 1 fields, but the header has 2"),
    "duplicate names": ("a.csv", b"a,b,a\n1,2,3\n", "more than one column named 'a'"),
    "duplicate keys": ("a.jsonl", b'{"a": 1, "a": 2}\n', "not one JSON object a line|more than one column named 'a'"),
    "unclosed quote": ("a.csv", b'a,b\n1,"2\n3,4\n', "EOF inside string starting at row 1"),
    "truncated parquet": ("a.parquet", b"PAR1" + b"x" * 50, "cannot be read as Parquet"),
    "no parquet": ("a.parquet", b"hello, world", "is not Parquet: it starts with b'hello, w'"),
    "parquet named csv": ("a.csv", b"PAR1xxxx", "named as CSV, but its content is Parquet"),
    "json named csv": ("a.csv", b'{"a": 1}\n', "named as CSV, but its content is JSON lines"),
    "gzip named csv": ("a.csv", gzip.compress(b"a\n1\n"), "named as CSV, but its content is gzip"),
    "csv named gzip": ("a.csv.gz", b"a,b\n1,2\n", "is not gzip"),
    "truncated gzip": ("a.csv.gz", gzip.compress(b"a,b\n" + os.urandom(99))[:-12], "cannot be decompressed"),
    "workbook": ("a.csv", b"PK\x03\x04zzzz", "its content is a ZIP archive"),
    "truncated feather": ("a.feather", b"ARROW1\0\0" + b"x" * 30, "cannot be read as Arrow"),
    "no feather": ("a.feather", b"hello, world", "is not Arrow"),
    "no json": ("a.jsonl", b"hello\n", "not one JSON object a line"),
    "json of two types": ("a.jsonl", b'{"a": 1}\n{"a": "x"}\n', "not one JSON object a line"),
    "unknown extension": ("a.xlsx", b"PK", "unknown extension '.xlsx'"),
    "no extension": ("a", b"a,b", "has no extension"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_one_message_that_names_it(tmp_path: Path, case: str) -> None:
    name, content, message = BAD_FILES[case]
    (tmp_path / name).write_bytes(content)

    with pytest.raises(InputError, match=message) as caught:
        read_table(tmp_path / name)

    assert str(tmp_path / name) in caught.value.message
    assert caught.value.fix


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("name", ["a.parquet", "a.feather"])
def test_a_truncated_file_is_never_read(tmp_path: Path, name: str, share: float) -> None:
    path = write(tmp_path / name, pd.concat([flights()] * 50, ignore_index=True))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])

    with pytest.raises(InputError, match="truncated or damaged"):
        read_table(path)


def test_a_missing_file_names_the_nearest_one(tmp_path: Path) -> None:
    write(tmp_path / "holdout.csv", flights())

    with pytest.raises(InputError, match=r"hold_out.csv' does not exist; did you mean 'holdout.csv'\?"):
        read_table(tmp_path / "hold_out.csv")
    with pytest.raises(InputError, match="nor does its folder"):
        read_table(tmp_path / "no" / "a.csv")


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "nothing.csv")

    with pytest.raises(InputError, match="is a directory"):
        read_table(tmp_path / "folder.csv")
    with pytest.raises(InputError, match="not a regular file"):
        read_table(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="link to a file that does not exist"):
        read_table(tmp_path / "link.csv")


def test_a_table_read_is_frozen(tmp_path: Path) -> None:
    read = read_table(write(tmp_path / "a.csv", flights()))

    assert isinstance(read, TableRead)
    with pytest.raises(AttributeError):
        read.rows = 9
