"""The locator: every key that tomllib finds has the right line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.locator import Path, key_lines, nearest_line


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every key and array position of a document, as tomllib understands it."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from paths(item, (*path, key))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a = 1\n\nb = 2\n", {("a",): 1, ("b",): 3}, id="plain"),
        pytest.param("a.b = 1\na . c = 2", {("a",): 1, ("a", "b"): 1, ("a", "c"): 2}, id="dotted"),
        pytest.param("\n[a.b]\nc = 1", {("a",): 2, ("a", "b"): 2, ("a", "b", "c"): 3}, id="a header's parents"),
        pytest.param("[a.b]\n[a]\nc=1", {("a",): 2, ("a", "b"): 1, ("a", "c"): 3}, id="the parent later"),
        pytest.param("[ a . \"b.c\" ]\n'd e'=1", {("a",): 1, ("a", "b.c"): 1, ("a", "b.c", "d e"): 2}, id="quoted"),
        pytest.param('"a\\u0062\\"]"=1\n["\\\\"]', {('ab"]',): 1, ("\\",): 2}, id="escapes in keys"),
        pytest.param("'a\\u0062'=1", {("a\\u0062",): 1}, id="no escapes in literal keys"),
        pytest.param("a = {b = 1, c.d=2}", {("a",): 1, ("a", "b"): 1, ("a", "c"): 1, ("a", "c", "d"): 1}, id="inline"),
        pytest.param(
            "a = [\n  1, # one ]\n  [2,\n   3],\n]\nb = 1",
            {("a",): 1, ("a", 0): 2, ("a", 1): 3, ("a", 1, 0): 3, ("a", 1, 1): 4, ("b",): 6},
            id="nested arrays",
        ),
        pytest.param(
            "a = [\n {b = 1},\n {b = [\n{c=1}]}]",
            {("a",): 1, ("a", 0): 2, ("a", 0, "b"): 2, ("a", 1): 3, ("a", 1, "b"): 3, ("a", 1, "b", 0): 4}
            | {("a", 1, "b", 0, "c"): 4},
            id="tables in arrays",
        ),
        pytest.param(
            "[[g.b]]\nm = 1\n[[g.b]]\nm = 2\n[g.b.c]\nd = 3",
            {("g",): 1, ("g", "b"): 1, ("g", "b", 0): 1, ("g", "b", 0, "m"): 2, ("g", "b", 1): 3}
            | {("g", "b", 1, "m"): 4, ("g", "b", 1, "c"): 5, ("g", "b", 1, "c", "d"): 6},
            id="arrays of tables",
        ),
        pytest.param(
            "[[a]]\n[[a.b]]\n[[a.b]]\nc=1\n[[a]]\n[[a.b]]\nc=2",
            {("a",): 1, ("a", 0): 1, ("a", 0, "b"): 2, ("a", 0, "b", 0): 2, ("a", 0, "b", 1): 3}
            | {("a", 0, "b", 1, "c"): 4, ("a", 1): 5, ("a", 1, "b"): 6, ("a", 1, "b", 0): 6, ("a", 1, "b", 0, "c"): 7},
            id="arrays of tables in arrays of tables",
        ),
        pytest.param('a = """\nx = 1\n[b]\n\\""" """\nc = 1', {("a",): 1, ("c",): 5}, id="multi-line string"),
        pytest.param("a = '''\n\\'''\nb = 1", {("a",): 1, ("b",): 3}, id="multi-line literal"),
        pytest.param('a = """x"""""\nb = """"""\nc=1', {("a",): 1, ("b",): 2, ("c",): 3}, id="quotes before the end"),
        pytest.param("# a = 1\nb = '#' # c = 2\nd = \"#\\\"#\"", {("b",): 2, ("d",): 3}, id="comments"),
        pytest.param("a = 1\r\n[b]\r\nc = [1,\r\n2]\r\n", {("a",): 1, ("b",): 2, ("b", "c"): 3}
                     | {("b", "c", 0): 3, ("b", "c", 1): 4}, id="CRLF"),
        pytest.param("a = 2027-01-31 10:00:00\nb = -inf", {("a",): 1, ("b",): 2}, id="dates"),
        pytest.param("a={}\nb=[]\n\n", {("a",): 1, ("b",): 2}, id="empty"),
        pytest.param("", {}, id="nothing"),
    ],
)  # fmt: skip
def test_lines(text: str, expected: dict[Path, int]) -> None:
    assert key_lines(text) == expected
    assert set(expected) == set(paths(tomllib.loads(text)))


def test_the_nearest_enclosing_table_answers_for_a_key_that_is_not_there() -> None:
    lines = key_lines("[a.b]\nc = 1\n")

    assert nearest_line(lines, ("a", "b", "c")) == 2
    assert nearest_line(lines, ("a", "b", "missing", 3)) == 1
    assert nearest_line(lines, ("x",)) is None


# A small writer of TOML: it keeps the values simple and varies what the locator has to see through.
names = st.from_regex(r"[A-Za-z0-9_-]{1,4}", fullmatch=True) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=4
)
blanks = st.sampled_from(["", " ", "\t", "  "])
comments = st.sampled_from(["", " # x = 1", "# [y]", ' # """', " # '''"])
strings = st.sampled_from(
    ["'a # b'", '"a \\" ] } # b"', '"""\nk = 1\n[t]\n"""', "'''\n\\\n#'''", '""""q""""', '"""\\"""\\""""', "''", '""']
)
scalars = st.sampled_from(["1", "-0.5", "nan", "true", "2027-01-31", "2027-01-31T10:00:00Z", "0x_f".replace("_", "")])
newlines = st.sampled_from(["", "\n", " \n ", " # c ]\n"])


def written_key(name: str) -> st.SearchStrategy[str]:
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    forms = [quoted, '"' + "".join(f"\\U{ord(sign):08x}" for sign in name) + '"']
    if name.isascii() and name and name.replace("_", "").replace("-", "").isalnum():
        forms.append(name)
    if "'" not in name:
        forms.append(f"'{name}'")
    return st.sampled_from(forms)


@st.composite
def values(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(st.sampled_from(["scalar", "string", "array", "inline"] if depth else ["scalar", "string"]))
    if kind == "array":
        parts = draw(st.lists(values(depth - 1), max_size=3))
        return "[" + "".join(draw(newlines) + part + draw(newlines) + "," for part in parts) + draw(newlines) + "]"
    if kind == "inline":
        keys = draw(st.lists(names, max_size=3, unique=True))
        pairs = [draw(written_key(key)) + draw(blanks) + "=" + draw(values(depth - 1)) for key in keys]
        return "{" + ", ".join(pairs) + "}"
    return draw(strings if kind == "string" else scalars)


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for header in range(draw(st.integers(0, 4))):
        lines += [draw(comments)] * draw(st.integers(0, 2))
        if header:
            dotted = f"{draw(blanks)}.{draw(blanks)}".join(
                draw(written_key(name)) for name in draw(st.lists(names, min_size=1, max_size=3))
            )
            array = draw(st.booleans())
            lines.append(("[[" if array else "[") + draw(blanks) + dotted + draw(blanks) + ("]]" if array else "]"))
        for name in draw(st.lists(names, max_size=3, unique=True)):
            key = draw(written_key(name))
            if draw(st.booleans()):
                key += draw(blanks) + "." + draw(blanks) + draw(written_key(draw(names)))
            lines.append(draw(blanks) + key + draw(blanks) + "=" + draw(blanks) + draw(values()) + draw(comments))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


def parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:  # two keys of one name; the writer does not look
        return None


@given(documents().filter(lambda text: parsed(text) is not None))
@settings(deadline=None, max_examples=150)
def test_every_key_has_a_line_and_the_line_has_the_key(text: str) -> None:
    lines = key_lines(text)
    rows = text.split("\n")
    found = list(paths(parsed(text)))

    assert set(lines) == set(found)
    for path in found:
        row, key = rows[lines[path] - 1], path[-1]
        if isinstance(key, str):
            forms = (key, key.replace("\\", "\\\\").replace('"', '\\"'), "".join(f"\\U{ord(s):08x}" for s in key))
            assert any(form in row for form in forms)
