"""The documentation's pages, taken apart into blocks, and what the comment above a block says of it.

A comment stands right above its block:

``<!-- file: train.py -->``
    the block is that file, in the folder in which the page's console blocks run
``<!-- run by: tests/example/test_end_to_end.py -->``
    another test, or CI, runs it; that file names it
``<!-- not run: a reason -->``
    nothing runs it; ``test_console.py`` counts these
``<!-- before: rm MODEL_CARD.md -->``
    a command that is run before those of the block, and concerns no reader
``<!-- schema: gitlab-ci -->``
    what a YAML block is, where its keys do not tell

Anywhere on the page, ``<!-- world: toys -->`` names the folder that its console blocks start in a copy of, and
``<!-- slow: a reason -->`` leaves them to the slow tests, and
``<!-- decimals: of the day -->`` has decimals compared as such, not digit by digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MARK = re.compile(r"^<!-- (file|run by|not run|before|schema|world|slow|decimals): (.+?) -->$", re.MULTILINE)

OF_A_BLOCK = ("file", "run by", "not run", "schema")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block: where it is, its language (empty: none), its text, and the mark above it."""

    page: Path
    line: int
    language: str
    source: str
    mark: str = ""
    value: str = ""
    before: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """Page and line, as an editor takes them."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """Return all fenced blocks of a page, nested ones included."""
    return list(parse(page, page.read_text(encoding="utf-8")))


def parse(page: Path, text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page's text."""
    above: list[tuple[str, str]] = []
    for token in MarkdownIt().parse(text):
        if token.type == "html_block":
            above += MARK.findall(token.content)
        elif token.type in ("fence", "code_block"):
            (first, _) = token.map or (0, 0)
            language = token.info.strip().split(" ")[0] if token.type == "fence" else "indented"
            mark, value = next((said for said in above if said[0] in OF_A_BLOCK), ("", ""))
            before = tuple(command for kind, command in above if kind == "before")
            yield Block(
                page=page,
                line=first + 1,
                language=language,
                source=token.content,
                mark=mark,
                value=value,
                before=before,
            )
            above = []
        elif token.type != "inline" and not token.hidden:
            above = []


def setting(page: Path, name: str, default: str = "") -> str:
    """Return what a page says of itself: its world, or why it is slow."""
    marks = dict(MARK.findall(page.read_text(encoding="utf-8")))
    return marks.get(name, default)


def each(language: str) -> list[object]:
    """Return the blocks of a language as parameters of a test; those that another test runs are left out."""
    found = [block for page in PAGES for block in blocks_of(page) if block.language == language]
    return [pytest.param(block, id=block.where) for block in found if block.mark not in ("file", "run by")]
