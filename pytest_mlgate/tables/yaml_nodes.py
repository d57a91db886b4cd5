"""YAML nodes to values, with file and line in every error."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import yaml

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the question after a misspelt word; nothing where no known one is near."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{found[0]}`?" if found else ""


def is_empty(node: yaml.Node) -> bool:
    """Return whether nothing stands behind a key."""
    return isinstance(node, yaml.ScalarNode) and node.value == ""


class Reader:
    """YAML nodes to values, with the line in every error. Nodes, because plain loading forgets lines."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._constructor = yaml.SafeLoader("")

    def error(self, node: yaml.Node | None, message: str, *, fix: str = "") -> InputError:
        """Return the error of a node, to be raised."""
        at = f":{node.start_mark.line + 1}" if node is not None else ""
        return InputError(f"{self.source}{at}: {message}", fix=fix or f"correct {self.source}{at}")

    def compose(self, text: str) -> yaml.Node:
        """Return the root of a text."""
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            at = f":{mark.line + 1}" if mark is not None else ""
            raise InputError(
                f"{self.source}{at}: not YAML: {error.problem}", fix=f"correct {self.source}{at}"
            ) from error
        except (yaml.YAMLError, RecursionError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"{self.source}: not YAML: {reason}", fix=f"correct {self.source}") from error
        if node is None:
            raise self.error(None, "the contract is empty", fix="list the table's columns under `columns:`")
        return node

    def entries(self, node: yaml.Node, what: str) -> list[tuple[str, yaml.Node]]:
        """Return the keys and values of a mapping, of which none comes twice."""
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, f"{what} is not a mapping of `key: value`")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.error(key, f"{what} has a key that is no single word")
            if key.value in found:
                raise self.error(key, f"{what} has {key.value!r} twice")
            found[key.value] = value
        return list(found.items())

    def mapping(self, node: yaml.Node, what: str, allowed: tuple[str, ...]) -> dict[str, yaml.Node]:
        """Return the values of a mapping by their keys, of which no other is allowed."""
        found = dict(self.entries(node, what))
        for key, value in found.items():
            if key not in allowed:
                raise self.error(
                    value,
                    f"unknown key `{key}` in {what}{nearest(key, allowed)}",
                    fix=f"keys are {', '.join(allowed)}",
                )
        return found

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """Return the nodes of a list."""
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(node, f"{what} is not a list", fix="write [a, b]")
        return list(node.value)

    def values(self, node: yaml.Node, what: str) -> list[Any]:
        """Return the single values of a list."""
        return [self.scalar(item, what) for item in self.items(node, what)]

    def scalar(self, node: yaml.Node, what: str) -> Any:
        """Return a single value, as YAML reads it."""
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, f"{what} is not a single value")
        try:
            return self._constructor.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise self.error(node, f"{what}: {node.value!r} cannot be read as a value") from error

    def boolean(self, node: yaml.Node, what: str) -> bool:
        """Return true or false, which must be written so."""
        value = self.scalar(node, what)
        if not isinstance(value, bool):
            raise self.error(node, f"{what} is {value!r}, not true or false")
        return value
