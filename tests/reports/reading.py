"""A page as its reader's machine sees it: tags that close, headings, ids, links, what would be loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "br", "hr", "img", "input"}
_LOADING = ("src", "srcset", "data", "poster", "action", "formaction", "background", "ping")


@dataclass
class Read(HTMLParser):
    """What is on a page; a tag that is not closed where it should be is an error."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in _VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            elif name in ("href", "xlink:href") and value:
                (self.targets if value.startswith("#") else self.loads).append(value.removeprefix("#"))
            elif name in ("aria-labelledby", "aria-describedby") and value:
                self.targets += value.split()
            elif name in _LOADING:
                self.loads.append(f"{name}={value}")
            elif name.startswith("on"):
                self.handlers.append(name)
            if value and re.search(r"url\((?!#)", value):
                self.loads.append(value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> where </{self.open[-1]}> is due"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)
        for tag in set(self.open):
            self.texts.setdefault(tag, []).append(data)
        for tag in self.open:
            if re.fullmatch(r"h[1-6]", tag):
                level, said = self.headings[-1]
                self.headings[-1] = (level, said + data)


def read(page: str) -> Read:
    """Read a whole page."""
    found = Read()
    found.feed(page)
    found.close()
    assert found.open == []
    return found


def without_drawings(page: str) -> str:
    """Return what a page says: without style sheet and version, and of plots only their texts."""
    page = re.sub(r"(</desc>).*?(</svg>)", r"\1\2", page, flags=re.DOTALL)
    page = re.sub(r"(<style>).*?(</style>)", r"\1\2", page, flags=re.DOTALL)
    return re.sub(r"(pytest-mlgate )\d[\w.+]*", r"\1VERSION", page)
