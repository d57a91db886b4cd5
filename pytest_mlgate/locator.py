"""Where each key of a TOML document stands: tomllib tells values but no lines."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field

Path = tuple[str | int, ...]


def key_lines(text: str) -> dict[Path, int]:
    """Return the line (from 1) on which each key, table and array element of a TOML document begins.

    Parameters
    ----------
    text : str
        A document that ``tomllib`` accepts; of any other the result is unspecified.

    Returns
    -------
    dict
        From the path of a value (``("gates", "baseline", 0, "margin")``) to its line.
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


def nearest_line(lines: dict[Path, int], path: Path) -> int | None:
    """Return the line of ``path``, or of its nearest enclosing table that has one."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return None


@dataclass
class _Scanner:
    text: str
    at: int = 0
    line: int = 1
    lines: dict[Path, int] = field(default_factory=dict)
    arrays: dict[Path, int] = field(default_factory=dict)  # array of tables -> index of its last element

    def document(self) -> None:
        table: Path = ()
        while self.skip(" \t\r\n"):
            if self.text.startswith("[[", self.at):
                table = self.header(array=True)
            elif self.text[self.at] == "[":
                table = self.header(array=False)
            else:
                self.pair(table)

    def header(self, *, array: bool) -> Path:
        self.step(2 if array else 1)
        keys = self.key()
        self.step(2 if array else 1)
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if path in self.arrays and not (array and position == len(keys) - 1):
                path = (*path, self.arrays[path])  # a header below an array means its last element
            self.lines.setdefault(path, self.line)
        if array:
            self.arrays[path] = self.arrays.get(path, -1) + 1
            path = (*path, self.arrays[path])
        self.lines[path] = self.line
        return path

    def pair(self, table: Path) -> None:
        line = self.line
        keys = self.key()
        for end in range(1, len(keys) + 1):
            self.lines.setdefault((*table, *keys[:end]), line)
        self.step(1)  # the equals sign
        self.value((*table, *keys))

    def key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            self.skip(" \t")
            start = self.at
            part = self.string() if self.text[self.at] in "\"'" else self.bare("=].\t ")
            if "\\" in part and self.text[start] == '"':
                part = tomllib.loads(f"key = {self.text[start : self.at]}")["key"]
            parts.append(part)
            self.skip(" \t")
            if self.text[self.at : self.at + 1] != ".":
                return tuple(parts)
            self.step(1)

    def value(self, path: Path) -> None:
        self.skip(" \t")
        opening = self.text[self.at]
        if opening in "\"'":
            self.string()
        elif opening == "[":
            self.step(1)
            index = 0
            while self.skip(" \t\r\n,") and self.text[self.at] != "]":
                self.lines[(*path, index)] = self.line
                self.value((*path, index))
                index += 1
            self.step(1)
        elif opening == "{":
            self.step(1)
            while self.skip(" \t\r\n,") and self.text[self.at] != "}":
                self.pair(path)
            self.step(1)
        else:
            self.bare(",]}#\n")

    def string(self) -> str:
        quote = self.text[self.at]
        long = self.text.startswith(quote * 3, self.at)
        end = quote * 3 if long else quote
        self.step(len(end))
        start = self.at
        while not self.text.startswith(end, self.at):
            self.step(2 if quote == '"' and self.text[self.at] == "\\" else 1)
        while long and self.text.startswith(quote, self.at + 3):  # a long string may end in quotes of its own
            self.step(1)
        content = self.text[start : self.at]
        self.step(len(end))
        return content

    def bare(self, stop: str) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in stop:
            self.step(1)
        return self.text[start : self.at]

    def skip(self, blanks: str) -> bool:
        """Pass over blanks and, where a newline is one, comments; tell whether anything is left."""
        while self.at < len(self.text):
            if self.text[self.at] in blanks:
                self.step(1)
            elif self.text[self.at] == "#" and "\n" in blanks:
                self.bare("\n")
            else:
                return True
        return False

    def step(self, count: int) -> None:
        self.line += self.text.count("\n", self.at, self.at + count)
        self.at += count
