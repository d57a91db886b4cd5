"""ONNX: a protocol buffer of a graph. Read for what lies outside of it, then put to the format's own checker.

The checker runs in a process of its own: it is compiled code that reads what somebody wrote.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pytest_mlgate.artifacts.inspection.holding import Held
from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.reading import Reading
from pytest_mlgate.artifacts.inspection.refusal import Refused, shown
from pytest_mlgate.artifacts.inspection.report import Finding
from pytest_mlgate.artifacts.inspection.source import FileFeed, Source

_DEEPEST = 64
_LONGEST_NAME = 1 << 16
_CHECKING = 120.0
_CHECK = "import sys, onnx; onnx.checker.check_model(sys.stdin.buffer.read())"
# Operators that the usual runtime brings; each other domain would need a library of somebody's own.
_KNOWN_DOMAINS = frozenset(
    ("", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "ai.onnx.preview", "com.microsoft")
)
# The fields of each message that are looked at, by their numbers in onnx.proto: another message, or a text.
_MODEL, _GRAPH, _NODE, _ATTRIBUTE, _TENSOR = "model", "graph", "node", "attribute", "tensor"
_SPARSE, _FUNCTION, _OPSET, _ENTRY = "sparse", "function", "opset", "entry"
_FIELDS: dict[str, dict[int, str]] = {
    _MODEL: {2: "producer", 3: "version", 7: _GRAPH, 8: _OPSET, 20: "training", 25: _FUNCTION},
    "training": {1: _GRAPH, 2: _GRAPH},
    _GRAPH: {1: _NODE, 5: _TENSOR, 15: _SPARSE},
    _NODE: {4: "operator", 5: _ATTRIBUTE, 7: "domain"},
    _ATTRIBUTE: {5: _TENSOR, 6: _GRAPH, 10: _TENSOR, 11: _GRAPH, 22: _SPARSE, 23: _SPARSE},
    _TENSOR: {8: "name", 13: _ENTRY},
    _SPARSE: {1: _TENSOR, 2: _TENSOR},
    _FUNCTION: {7: _NODE, 9: _OPSET, 10: "own domain"},
    _OPSET: {1: "opset domain"},
    _ENTRY: {1: "key", 2: "value"},
}
_EXTERNAL = 14


@dataclass
class _Seen:
    """What was met in a model."""

    producer: str = ""
    version: str = ""
    graphs: int = 0
    operators: dict[str, str] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    elsewhere: list[str] = field(default_factory=list)


def may_be_onnx(head: bytes) -> bool:
    """Whether it begins as a model does: with the version of the format, a small number."""
    return len(head) > 2 and head[0] == 0x08 and 0 < head[1] < 0x80 and head[2] & 0x07 in (0, 2)


def read_onnx(held: Held, limits: Limits) -> Reading:
    """Read a model, and put it to the checker."""
    seen = _Seen()
    source = Source(FileFeed(held.descriptor, 0, held.size), limits)
    _follow(source, _MODEL, held.size, seen, 0)
    if not seen.graphs:
        raise Refused("format", "is of no format that is known here", position=0)
    findings = [*_elsewhere(seen), *_operators(seen)]
    if not findings:
        _check(held)
    versions = {seen.producer: seen.version} if seen.producer and seen.version else {}
    return Reading(format="onnx", versions=versions, findings=findings, complete=True)


def _follow(source: Source, message: str, end: int, seen: _Seen, depth: int) -> None:
    """Follow one message to its end; texts and numbers that nobody asks for are passed over."""
    if depth > _DEEPEST:
        raise Refused("limit", f"is nested deeper than {_DEEPEST}")
    texts: dict[str, str] = {}
    external = False
    while source.position < end:
        key = _varint(source)
        number, wire = key >> 3, key & 0x07
        if wire == 0:
            value = _varint(source)
            external |= message == _TENSOR and number == _EXTERNAL and value == 1
            continue
        length = {1: 8, 5: 4}.get(wire, -1) if wire != 2 else _varint(source)
        if not number or length < 0 or source.position + length > end:
            raise Refused("damaged", "is no protocol buffer from here on", position=source.position)
        kind = _FIELDS[message].get(number, "") if wire == 2 else ""
        if kind in _FIELDS:
            _follow(source, kind, source.position + length, seen, depth + 1)
        elif kind and length <= _LONGEST_NAME:
            texts[kind] = source.take(length).decode("utf-8", "replace")
        else:
            source.skip(length)
    if source.position != end:
        raise Refused("damaged", "is no protocol buffer from here on", position=source.position)
    _NOTES.get(message, _nothing)(seen, texts)
    if external:
        seen.elsewhere.append(f"the tensor {texts.get('name', '')!r}")


def _nothing(seen: _Seen, texts: dict[str, str]) -> None:
    """Note nothing."""


def _note_model(seen: _Seen, texts: dict[str, str]) -> None:
    seen.producer, seen.version = shown(texts.get("producer", ""), 40), shown(texts.get("version", ""), 40)


def _note_graph(seen: _Seen, texts: dict[str, str]) -> None:
    seen.graphs += 1


def _note_node(seen: _Seen, texts: dict[str, str]) -> None:
    seen.operators.setdefault(texts.get("domain", ""), texts.get("operator", ""))


def _note_function(seen: _Seen, texts: dict[str, str]) -> None:
    seen.own.add(texts.get("own domain", ""))


def _note_entry(seen: _Seen, texts: dict[str, str]) -> None:
    if texts.get("key") == "location":
        seen.elsewhere.append(repr(shown(texts.get("value", ""))))


_NOTES: dict[str, Callable[[_Seen, dict[str, str]], Any]] = {
    _MODEL: _note_model,
    _GRAPH: _note_graph,
    _NODE: _note_node,
    _FUNCTION: _note_function,
    _ENTRY: _note_entry,
}


def _elsewhere(seen: _Seen) -> list[Finding]:
    if not seen.elsewhere:
        return []
    named = ", ".join(dict.fromkeys(seen.elsewhere[:3]))
    message = f"keeps weights in other files ({named}), which no digest of this one covers"
    fix = "save it with its weights inside: onnx.save(model, path, save_as_external_data=False)"
    return [Finding(reason="external data", message=message, fix=fix)]


def _operators(seen: _Seen) -> list[Finding]:
    return [
        Finding(
            reason="custom operator",
            message=f"needs operators of the domain {shown(domain)!r} ({shown(operator)}), which no runtime brings",
            fix="convert the model with operators of ONNX alone",
            name=shown(domain),
        )
        for domain, operator in sorted(seen.operators.items())
        if domain not in _KNOWN_DOMAINS | seen.own
    ]


def _check(held: Held) -> None:
    if importlib.util.find_spec("onnx") is None:
        raise Refused(
            "not installed",
            "is an ONNX model, and its checker is not installed",
            fix='pip install "pytest-mlgate[onnx]"',
        )
    os.lseek(held.descriptor, 0, os.SEEK_SET)
    try:
        answer = subprocess.run(
            [sys.executable, "-I", "-c", _CHECK],
            stdin=held.descriptor,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_CHECKING,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Refused("checker", f"could not be put to ONNX's checker: {type(error).__name__}") from None
    if answer.returncode:
        said = [line for line in answer.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        why = shown(said[-1] if said else f"exit status {answer.returncode}", 300)
        raise Refused("checker", f"is refused by ONNX's checker: {why}", fix="convert the model again")


def _varint(source: Source) -> int:
    value = 0
    for shift in range(0, 70, 7):
        part = source.byte()
        value |= (part & 0x7F) << shift
        if part < 0x80:
            return value
    raise Refused("damaged", "is no protocol buffer from here on", position=source.position)
