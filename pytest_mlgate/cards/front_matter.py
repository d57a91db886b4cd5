"""The YAML before a card: read as values only, in bounded time and space.

The events of the parser are turned into builtins here, without its constructors: no tag makes an object, an alias is
followed only as far as a small budget allows, and nesting ends at a depth that no card has.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

LONGEST = 500_000
"""Characters of front matter that are read."""
DEEPEST = 64
MOST_VALUES = 50_000
"""Values that there may be once aliases are followed."""

_YAML_LINE = re.compile(r"\s*(?:#.*|-(?:\s.*)?|[^\s:#][^:]{0,200}:(?:\s.*)?|[\]}],?)?$")


class Refused(ValueError):
    """Front matter that is not read: no YAML, too deep, or made to explode."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def find(lines: list[str]) -> tuple[int, bool] | None:
    """Return how many lines the front matter takes, its ``---`` included, and whether it is closed; None: none.

    One that nothing closes ends before the first line that cannot be YAML, or that is blank.
    """
    if not lines or lines[0].rstrip() != "---":
        return None
    for number in range(1, len(lines)):
        if lines[number].rstrip() in ("---", "..."):
            return (number + 1, True) if _is_yaml(lines[1:number]) else None
        if re.match(r"#{1,6} (?!/?mlgate:)", lines[number]) and not _is_yaml(lines[number + 1 : number + 3]):
            break  # a heading: what follows is the card
    end = 1
    while end < len(lines) and lines[end].strip() and _YAML_LINE.match(lines[end]):
        end += 1
    return (end, False) if end > 1 else None


def _is_yaml(lines: list[str]) -> bool:
    """Whether the lines between two ``---`` are front matter, and not a text between two rules."""
    return not any(line.strip() for line in lines) or any(re.match(r"[^\s#][^:]{0,200}:(\s|$)", line) for line in lines)


def parse(text: str) -> dict[str, Any]:
    """Return YAML as builtins; keys as text, tags ignored.

    Raises
    ------
    Refused
        Where it is no mapping, cannot be parsed, is too large or too deep, or repeats itself too often by aliases.
    """
    if len(text) > LONGEST:
        raise Refused(f"has {len(text)} characters, of which {LONGEST} would be read")
    value = _Builder().build(_events(text))
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused("is no mapping of keys to values")
    return value


def _events(text: str) -> Iterator[Any]:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be parsed"
        raise Refused(f"is no YAML: {reason}", line=mark.line + 1 if mark is not None else 0) from None


@dataclass
class _Builder:
    """Builds values from events, with a budget."""

    left: int = MOST_VALUES
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def build(self, events: Iterator[Any]) -> Any:
        import yaml

        stack: list[tuple[list[Any], Any, str | None, int]] = []  # items, kind, anchor, budget when it began
        root: list[Any] = []
        documents = 0
        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    break
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self.spend(1, line)
                stack.append(([], type(event), event.anchor, self.left))
                if len(stack) > DEEPEST:
                    raise Refused(f"is nested more than {DEEPEST} deep", line)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                items, kind, anchor, before = stack.pop()
                value = _mapping(items) if kind is yaml.MappingStartEvent else items
                self.keep(anchor, value, before - self.left + 1)
                (stack[-1][0] if stack else root).append(value)
            elif isinstance(event, yaml.ScalarEvent):
                self.spend(1, line)
                value = _scalar(event)
                self.keep(event.anchor, value, 1)
                (stack[-1][0] if stack else root).append(value)
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in self.anchors:
                    raise Refused(f"has an alias *{event.anchor} of nothing, or of itself", line)
                value, size = self.anchors[event.anchor]
                self.spend(size, line)
                (stack[-1][0] if stack else root).append(value)
        return root[0] if root else None

    def spend(self, values: int, line: int) -> None:
        self.left -= values
        if self.left < 0:
            raise Refused(f"comes to more than {MOST_VALUES} values", line)

    def keep(self, anchor: str | None, value: Any, size: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (value, size)


def _mapping(items: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in zip(items[::2], items[1::2], strict=True):
        found[key if isinstance(key, str) else str(key)[:200]] = value
    return found


_NUMBER = re.compile(r"[-+]?(?:\d{1,300}(?:\.\d{0,300})?|\.\d{1,300})(?:[eE][-+]?\d{1,3})?")


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.style in ("'", '"') or (event.tag or "").endswith(":str"):
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return text if event.style else None
    if not event.style and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if not event.style and len(text) <= 300 and _NUMBER.fullmatch(text):
        whole = re.fullmatch(r"[-+]?\d{1,300}", text)
        return int(text) if whole else float(text) if math.isfinite(float(text)) else text
    return text
