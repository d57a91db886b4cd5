"""Between markers is the tool's, all else the human's: byte for byte, in any line ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlgate.checks import InputError
from pytest_mlgate.documents.markers import parts, replaced

KNOWN = ("metrics", "groups", "model-index")


def rewritten(raw: bytes, text: str = "new\n") -> bytes:
    return replaced(raw, parts(raw, file="card.md", known=KNOWN), lambda part: text)


def test_what_stands_between_is_replaced_and_nothing_else() -> None:
    raw = b"# A\n\n<!-- mlgate:metrics -->\nold\nolder\n<!-- /mlgate:metrics -->\n\nend"

    assert rewritten(raw) == b"# A\n\n<!-- mlgate:metrics -->\nnew\n<!-- /mlgate:metrics -->\n\nend"


def test_line_ends_are_those_of_the_marker() -> None:
    raw = b"# A\r\n<!-- mlgate:metrics -->\r\n<!-- /mlgate:metrics -->\r\nb\n"

    assert (
        rewritten(raw, "x\n\ny\n") == b"# A\r\n<!-- mlgate:metrics -->\r\nx\r\n\r\ny\r\n<!-- /mlgate:metrics -->\r\nb\n"
    )


def test_a_byte_order_mark_and_another_encoding_stay() -> None:
    raw = b"\xef\xbb\xbf---\n# mlgate:model-index\n# /mlgate:model-index\n---\n"
    latin = b"a\xf1o\n<!-- mlgate:metrics -->\n<!-- /mlgate:metrics -->\n"

    assert rewritten(raw) == raw.replace(b"index\n# /", b"index\nnew\n# /")
    assert rewritten(latin, "señal → 1\n") == latin.replace(b"-->\n<!-- /", b"-->\nse\xf1al &#8594; 1\n<!-- /")


def test_markers_of_yaml_count_in_the_front_matter_only_and_comments_outside_of_it_only() -> None:
    raw = b"---\n<!-- mlgate:metrics -->\n# mlgate:model-index\n# /mlgate:model-index\n---\n# mlgate:groups\n"

    assert [part.name for part in parts(raw, file="card.md", known=KNOWN)] == ["model-index"]


def test_fenced_code_shows_markers_and_has_none() -> None:
    raw = b"```html\n<!-- mlgate:metrics -->\n```\n~~~\n<!-- mlgate:nothing -->\n~~~\n"

    assert parts(raw, file="card.md", known=KNOWN) == []


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("a\n<!-- mlgate:metrics -->\n", "card.md:2: the marker mlgate:metrics is never closed", "write a pair"),
        ("<!-- /mlgate:metrics -->\n", "card.md:1: the marker /mlgate:metrics closes nothing", "write a pair"),
        (
            "<!-- mlgate:metrics -->\n<!-- mlgate:groups -->\n",
            "card.md:2: the marker mlgate:groups stands inside mlgate:metrics of line 1",
            "write a pair",
        ),
        (
            "<!-- mlgate:metrics -->\n<!-- /mlgate:groups -->\n",
            "card.md:2: the marker /mlgate:groups closes nothing",
            "write a pair",
        ),
        (
            "<!-- mlgate:metrixs -->\n",
            "card.md:1: nothing is written between markers called mlgate:metrixs",
            "did you mean mlgate:metrics?",
        ),
        ("<!-- mlgate:zzz -->\n", "card.md:1: nothing is written", "known are groups, metrics, model-index"),
    ],
)
def test_a_marker_that_fits_no_other_is_named_with_its_line(text: str, message: str, fix: str) -> None:
    with pytest.raises(InputError) as raised:
        parts(text.encode(), file="card.md", known=KNOWN)

    assert raised.value.message.startswith(message)
    assert raised.value.fix.startswith(fix)


def test_text_in_two_bytes_a_sign_is_refused() -> None:
    with pytest.raises(InputError, match="UTF-16"):
        parts("# A\n".encode("utf-16"), file="card.md", known=KNOWN)


HUMAN = st.lists(
    st.text(alphabet="ab#|-*_ <!>/`~\"'éñ\u2028\x0b\t1.", max_size=20).filter(
        lambda line: "```" not in line and "~~~" not in line and "---" not in line
    ),
    max_size=5,
)


@given(st.lists(HUMAN, min_size=2, max_size=4), st.sampled_from(["\n", "\r\n", "\r"]), st.text(max_size=30))
def test_every_byte_outside_of_the_markers_stays_and_twice_is_as_once(
    human: list[list[str]], newline: str, body: str
) -> None:
    between = ["<!-- mlgate:metrics -->", "old", "<!-- /mlgate:metrics -->"]
    lines = list(human[0])
    for part in human[1:]:
        lines += [*between, *part]
    raw = newline.join([*lines, ""]).encode()
    text = body.replace("\r", "").replace("-", "") + "\n"

    once = rewritten(raw, text)

    begin, end = (f"{marker}{newline}".encode() for marker in (between[0], between[2]))
    outside = [piece.partition(begin)[0] for piece in raw.split(end)]
    assert [piece.partition(begin)[0] for piece in once.split(end)] == outside
    assert rewritten(once, text) == once


@given(st.binary(max_size=300))
def test_no_bytes_make_the_search_for_markers_raise_anything_else(raw: bytes) -> None:
    try:
        assert replaced(raw, parts(raw, file="card.md", known=KNOWN), lambda part: "x\n") is not None
    except InputError as error:
        assert error.fix  # noqa: PT017 - what is raised has a way out
