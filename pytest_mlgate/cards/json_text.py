"""JSON as people leave it, with the place of every value: trailing commas and comments are forgiven."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_mlgate.cards.limits import MOST_CHARACTERS

DEEPEST = 100
MOST_VALUES = 10_000

_TOKEN = re.compile(
    r"(?P<blank>[\s\ufeff]+|//[^\n]*|/\*.*?\*/)"
    r"|(?P<sign>[{}\[\],:])"
    r"|(?P<string>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<number>-?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?)"
    r"|(?P<word>true|false|null|NaN|-?Infinity)",
    re.DOTALL,
)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


class NotJson(ValueError):
    """A text that is no JSON; ``line`` is where it stops being any."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place: text, number, truth value, None, dict of nodes or list of nodes.

    ``text`` is a scalar as people read it: a number's digits as they stand, nothing for null.
    """

    value: Any
    text: str
    line: int
    column: int

    def get(self, *path: str) -> Node | None:
        """Return the node at a path of keys; None where there is none."""
        node: Node | None = self
        for key in path:
            node = node.value.get(key) if node is not None and isinstance(node.value, dict) else None
        return node

    def items(self) -> list[Node]:
        """Return the elements of a list; those of anything else are itself, of null none."""
        if isinstance(self.value, list):
            return self.value
        return [] if self.value is None else [self]

    def leaves(self) -> Iterator[Node]:
        """Yield the scalars below, in the order of the file."""
        stack = [self]
        while stack:
            node = stack.pop()
            if isinstance(node.value, dict):
                stack += reversed(list(node.value.values()))
            elif isinstance(node.value, list):
                stack += reversed(node.value)
            else:
                yield node


def parse(text: str) -> Node:
    """Return the value of a JSON text.

    Raises
    ------
    NotJson
        Where it is none, or nested deeper than any card.
    """
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.left = MOST_VALUES

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def fail(self, message: str, offset: int) -> NotJson:
        return NotJson(message, self.place(min(offset, len(self.text)))[0])

    def tokens(self) -> Iterator[tuple[str, str, int]]:
        position = 0
        while position < len(self.text):
            match = _TOKEN.match(self.text, position)
            if match is None:
                raise self.fail(f"unexpected {self.text[position : position + 20]!r}", position)
            if match.lastgroup != "blank":
                yield match.lastgroup or "", match.group(), position
            position = match.end()

    def parse(self) -> Node:
        root: list[Node] = []
        stack: list[tuple[Any, int, str | None]] = []  # container, where it began, the key that waits for a value
        ended = False
        for kind, token, offset in self.tokens():
            if ended:
                raise self.fail("more text behind the end", offset)
            if token in ("{", "["):
                stack.append(({} if token == "{" else [], offset, None))
                if len(stack) > DEEPEST:
                    raise self.fail(f"is nested more than {DEEPEST} deep", offset)
            elif token in ("}", "]"):
                if not stack or isinstance(stack[-1][0], dict) != (token == "}"):
                    raise self.fail(f"unexpected {token!r}", offset)
                container, start, _ = stack.pop()
                self.put(stack, root, Node(container, "", *self.place(start)))
                ended = not stack
            elif token in (",", ":"):
                continue
            elif stack and isinstance(stack[-1][0], dict) and stack[-1][2] is None:
                if kind != "string":
                    raise self.fail(f"a key is expected, not {token[:20]}", offset)
                stack[-1] = (stack[-1][0], stack[-1][1], _string(token))
            else:
                self.put(stack, root, self.scalar(kind, token, offset))
                ended = not stack
        if stack or not root:
            raise self.fail("ends before it is closed", len(self.text))
        return root[0]

    def put(self, stack: list[tuple[Any, int, str | None]], root: list[Node], node: Node) -> None:
        self.left -= 1
        if self.left < 0:
            raise NotJson(f"has more than {MOST_VALUES} values", node.line)
        if not stack:
            root.append(node)
        elif isinstance(stack[-1][0], list):
            stack[-1][0].append(node)
        else:
            container, start, key = stack[-1]
            container[key or ""] = node
            stack[-1] = (container, start, None)

    def scalar(self, kind: str, token: str, offset: int) -> Node:
        line, column = self.place(offset)
        if kind == "string":
            text = _string(token)
            return Node(text, text[: MOST_CHARACTERS + 1], line, column + 1)  # one more shows that there was more
        if kind == "number":
            return Node(float(token), token, line, column)
        value = _WORDS.get(token)
        return Node(value, "" if value is None else token, line, column)


def _string(token: str) -> str:
    try:
        found = json.loads(token, strict=False)
        return found if isinstance(found, str) else token[1:-1]
    except ValueError:  # a broken escape
        return token[1:-1]
