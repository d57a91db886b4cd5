"""CSV and TSV: pandas parses, after what pandas would mend in silence was looked for and refused."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pandas as pd

_OTHERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def parse(name: str, data: bytes, *, delimiter: str) -> pd.DataFrame:
    r"""Return the frame that a CSV file holds.

    Parameters
    ----------
    name : str
        The file, for messages.
    data : bytes
        Its content, UTF-8 with or without a byte-order mark.
    delimiter : {",", "\t"}
        Follows from the extension.

    Raises
    ------
    InputError
        Where the text is not UTF-8, has another delimiter, duplicate column names or ragged rows. pandas renames a
        second ``a`` to ``a.1``, fills a short row with NaN and takes the first column of too long ones as index.
    """
    import pandas as pd

    text = _decode(name, data)
    _survey(name, text, delimiter)
    try:
        # pandas and not pyarrow: dtypes are then those that a training script using pandas saw. low_memory infers
        # dtypes chunk by chunk, so that one column could hold text and numbers.
        frame = pd.read_csv(io.StringIO(text), sep=delimiter, low_memory=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise InputError(f"table {name!r} cannot be read as CSV: {error}", fix="mend the file") from error
    return frame.reset_index(drop=True)


def _decode(name: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(
            f"table {name!r} is UTF-16, not UTF-8",
            fix=f"convert it: iconv -f UTF-16 -t UTF-8 {name!r} > converted.csv",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # With a byte-order mark, positions in the error are counted after it.
        start = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        line = data.count(b"\n", 0, start) + 1
        raise InputError(
            f"table {name!r} is not UTF-8: byte 0x{data[start]:02x} at offset {start} (line {line})",
            fix=f"convert it, for example from Latin-1: iconv -f ISO-8859-1 -t UTF-8 {name!r} > converted.csv",
        ) from None
    if "\0" in text:
        raise InputError(f"table {name!r} holds a NUL byte: it is not text", fix="check that this is a CSV file")
    return text


def _survey(name: str, text: str, delimiter: str) -> None:
    """Refuse what pandas would mend without a word; blank lines are skipped, as pandas does."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = next((row for row in reader if row), None)
        if header is None:
            raise InputError(f"table {name!r} holds no header and no rows", fix="write it again")
        _check_header(name, header, delimiter)
        width = len(header)
        for row in reader:
            if len(row) != width and row:
                raise InputError(
                    f"table {name!r}, line {reader.line_num}: {len(row)} fields, but the header has {width}",
                    fix="mend that line, or quote a field that holds the delimiter",
                )
    except csv.Error as error:
        raise InputError(
            f"table {name!r}, line {reader.line_num}: {error}", fix="mend that line, or the quotes around it"
        ) from None


def _check_header(name: str, header: list[str], delimiter: str) -> None:
    twice = [column for column, count in Counter(header).items() if count > 1 and column]
    if twice:
        raise InputError(
            f"table {name!r} has more than one column named {twice[0]!r}",
            fix="rename or drop one (pandas would rename it in silence)",
        )
    if len(header) == 1:
        other = next((sign for sign in _OTHERS if sign != delimiter and sign in header[0]), None)
        if other is not None:
            raise InputError(
                f"table {name!r} has one column, {header[0][:80]!r}: its delimiter seems to be a {_OTHERS[other]}, "
                f"not a {_OTHERS[delimiter]}",
                fix=f"write it with a {_OTHERS[delimiter]}"
                + (", or name it .tsv" if other == "\t" else ", or name it .csv" if other == "," else ""),
            )
