"""A card in Markdown: sections by whatever serves as a heading, text that knows its place, files that are broken."""

from __future__ import annotations

import textwrap
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_mlgate.cards.form import Card
from pytest_mlgate.cards.reading import card_of


def card(text: str) -> Card:
    return card_of(textwrap.dedent(text).lstrip("\n"))


def said(found: Card, name: str) -> list[str]:
    """The texts of the sections about an id."""
    return [block.text.plain for section in found.about(name) for block in section.blocks if block.text]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("## Intended use\n\nRank flights.", "intended_use"),
        ("Intended use\n------------\n\nRank flights.", "intended_use"),
        ("**Intended use**\n\nRank flights.", "intended_use"),
        ("**Intended use**\nRank flights.", "intended_use"),
        ("**Intended use:** Rank flights.", "intended_use"),
        ("**Intended use.** Rank flights.", "intended_use"),
        ("- **Intended use**: Rank flights.", "intended_use"),
        ("Intended use: Rank flights.", "intended_use"),
        ("<h2>Intended use</h2>\n<p>Rank flights.</p>", "intended_use"),
        ("<details>\n<summary>Intended use</summary>\n\nRank flights.\n\n</details>", "intended_use"),
        ("| field | value |\n|---|---|\n| Intended use | Rank flights. |", "intended_use"),
        ("| Intended use | Limitations |\n|---|---|\n| Rank flights. | One year. |", "intended_use"),
        ("## 🎯 2.1 Uso previsto:\n\nRank flights.", "intended_use"),
        ("<table><tr><td>Intended use</td><td>Rank flights.</td></tr></table>", "intended_use"),
    ],
)
def test_whatever_serves_as_a_heading_opens_a_section(text: str, name: str) -> None:
    assert said(card_of(text), name) == ["Rank flights."]


def test_a_combined_heading_serves_both() -> None:
    found = card("## Limitations and ethical considerations\n\nOne year only.")

    assert said(found, "limitations") == said(found, "ethical_considerations") == ["One year only."]


def test_a_section_within_another_speaks_for_it_unless_it_is_about_something_else() -> None:
    found = card(
        """
        ## Uses
        Ranks flights.
        ### Who uses it
        The desk.
        ### Out-of-scope use
        Crew duty.
        """
    )

    assert said(found, "intended_use") == ["Ranks flights.", "The desk."]
    assert said(found, "out_of_scope_use") == ["Crew duty."]


def test_an_item_with_a_run_in_heading_ends_with_the_item() -> None:
    found = card(
        """
        ## Notes
        - **Limitations:** one year.
          - no second summer
        - **Seed:** 7
        """
    )

    assert said(found, "limitations") == ["one year.", "no second summer"]


def test_text_knows_its_line_and_column() -> None:
    found = card(
        """
        # Card

        > - A **bold** word, a [link](https://x.org)
        >   and `code` [Your Name].
        """
    )
    text = next(block.text for _, block in found.blocks())
    start = text.plain.index("[Your Name]")
    span = text.span(start, start + len("[Your Name]"))

    assert text.plain == "A bold word, a link\nand code [Your Name]."
    assert found.lines[span.line - 1][span.column - 1 : span.end_column - 1] == "[Your Name]"
    assert text.in_code(text.plain.index("code"), text.plain.index("code") + 4)
    assert [link.target for link in text.links] == ["https://x.org"]


def test_blanks_of_a_template_are_kept_and_markup_is_not() -> None:
    source = (
        "<b>A</b> <name> <YYYY-MM> {{ x | default('y') }} __ % <=50K <!-- c --> ![b](c.png) [x](u) [y][1] snake_case"
    )
    text = card_of(source + "\n\n[1]: z").sections[0].blocks[0].text

    assert text.plain == "A <name> <YYYY-MM> {{ x | default('y') }} __ % <=50K   x y snake_case"


def test_labels_and_values() -> None:
    found = card(
        """
        **Version:** 1.2
        **Date:** 2024-05-01

        - Licence: MIT
        - Owner: Ann

        | Field | Value |
        |---|---|
        | Type | trees |
        """
    )

    expected = [("Version", "1.2"), ("Date", "2024-05-01"), ("Licence", "MIT"), ("Owner", "Ann"), ("Type", "trees")]
    pairs = {(one.pair.label.plain, one.pair.value.plain) for one in found.pairs()}
    assert set(expected) - {("Licence", "MIT"), ("Owner", "Ann")} <= pairs
    assert said(found, "owner") == ["Ann"]


def test_front_matter_is_read_as_values() -> None:
    found = card("---\nlicense: mit\nn: 3\ntags: [a, b]\nwhen: 2024-01-01\n---\n# Card\n")

    assert found.front_matter == {"license": "mit", "n": 3, "tags": ["a", "b"], "when": "2024-01-01"}
    assert found.front_matter_lines == (1, 6)
    assert found.title == "Card"


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    found = card("---\n\nJust a text.\n\n---\n\n## Limitations\n\nOne year.")

    assert found.front_matter_lines is None
    assert said(found, "limitations") == ["One year."]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("---\nlicense: mit\n\n## Limitations\n\nOne year.", "unclosed_front_matter"),
        ("---\na: [1\n---\n## Limitations\n\nOne year.", "bad_front_matter"),
        ("---\na: !!python/object/apply:os.getcwd []\nb: *x\n---\n## Limitations\n\nOne year.", "bad_front_matter"),
        ("```python\nx = 1\n\n## Limitations\n\nOne year.", "unclosed_fence"),
        ("```python\nx = 1\n\n## Limitations\n\nOne year.\n\n```bash\nls\n```\n", "unclosed_fence"),
    ],
)
def test_what_is_left_open_swallows_nothing(text: str, note: str) -> None:
    found = card_of(text)

    assert note in {one.kind for one in found.notes}
    assert "One year." in said(found, "limitations")


def test_aliases_that_explode_are_refused_at_once() -> None:
    levels = "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12))
    start = time.process_time()
    found = card_of(f"---\na0: &a0 [x, x]\n{levels}\n---\n## Limitations\n\nOne year.")

    assert [one.kind for one in found.notes] == ["bad_front_matter"]
    assert "50000 values" in found.notes[0].detail
    assert time.process_time() - start < 5


def test_a_tag_makes_no_object() -> None:
    found = card_of("---\na: !!python/object/apply:os.getcwd []\nb: !x 1\n---\n")

    assert found.front_matter == {"a": [], "b": 1}


@pytest.mark.parametrize(
    ("raw", "notes"),
    [
        (b"\xef\xbb\xbf## Limitations\r\n\r\nOne year.\r\n", []),
        ("## Limitations\n\nOne year.".encode("utf-16"), ["encoding"]),
        ("## Limitations\n\nOne year.\n\nDecisión".encode("latin-1"), ["encoding"]),
        (b"## Limitations\r\rOne year.\r", []),
    ],
)
def test_encodings_and_line_ends(raw: bytes, notes: list[str]) -> None:
    found = card_of(raw)

    assert [one.kind for one in found.notes] == notes
    assert said(found, "limitations")[0] == "One year."


SIGNS = [
    "# ",
    "## Limitations",
    "---",
    "```",
    "~~~",
    "```python",
    "> ",
    "- ",
    "1. ",
    "    ",
    "<!--",
    "-->",
    "<table>",
    "<td>",
    "</td>",
    "<tr>",
    "</table>",
    "<h2>",
    "</h2>",
    "|a|b|",
    "|---|---|",
    "|",
    "**x:**",
    "**",
    "_",
    "[",
    "](",
    "]",
    "![",
    "[x]: y",
    "{{",
    "}}",
    "<name>",
    "`",
    "``",
    "&amp;",
    ":",
    "?",
    "0.91",
    "\t",
    "\x00",
    "\\",
]
LINES = st.sampled_from([*SIGNS, "---\na: *a", "---\na: &a [*a]\n---"])


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=60).map("\n".join))
@example("- \n-")
@example("|a|\n|-|")
@example("<table>\n```\n\t\n```")
def test_no_text_makes_the_reader_raise(text: str) -> None:
    found = card_of(text)

    for section, block in found.blocks():
        assert 1 <= section.line <= block.line <= block.end_line <= max(1, len(found.lines))
        for part in block.texts():
            span = part.span()
            assert 1 <= span.line <= span.end_line <= max(1, len(found.lines))


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_raise(raw: bytes) -> None:
    assert card_of(raw).sections
