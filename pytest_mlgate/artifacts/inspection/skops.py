"""Files of skops: an archive with a schema of nodes, each of which names a class, and arrays without Python objects.

The schema is read here, by the same list of names as pickles, without skops: what each kind of node would do with the
name that it has is what must be allowed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from pytest_mlgate.artifacts.inspection.archives import Archive, MemberFeed
from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.names import Names
from pytest_mlgate.artifacts.inspection.npy import pass_array
from pytest_mlgate.artifacts.inspection.npz import pass_arrays
from pytest_mlgate.artifacts.inspection.refusal import Refused, shown
from pytest_mlgate.artifacts.inspection.rules import BIT_GENERATORS, RULES
from pytest_mlgate.artifacts.inspection.source import Source

SCHEMA = "schema.json"
_PROTOCOLS = (1, 2)
_LARGEST_SCHEMA = 64 * 1024**2
_MOST_NODES = 5_000_000
_TREE = "sklearn.tree._tree:Tree"
# Containers that a node of this kind may make; others are looked up in the list.
_CONTAINERS = {
    "DictNode": frozenset(("builtins:dict", "collections:OrderedDict", "sklearn.utils._bunch:Bunch")),
    "ListNode": frozenset(("builtins:list",)),
    "SetNode": frozenset(("builtins:set", "builtins:frozenset")),
    "TupleNode": frozenset(("builtins:tuple",)),
    "MaskedArrayNode": frozenset(("numpy.ma:MaskedArray", "numpy.ma.core:MaskedArray")),
    "RandomStateNode": frozenset(("numpy.random.mtrand:RandomState", "numpy.random:RandomState")),
    "RandomGeneratorNode": frozenset(("numpy.random._generator:Generator", "numpy.random:Generator")),
    "SparseMatrixNode": frozenset(),
    "NdArrayNode": frozenset(("numpy:ndarray",)),
}
# Nodes whose own name is read by nobody: what they make is fixed.
_FIXED = frozenset(
    ("JsonNode", "BytesNode", "BytearrayNode", "SliceNode", "DTypeNode", "DefaultDictNode", "PartialNode")
)
# What a node of this kind does with the class or function that it names.
_USES = {
    "ObjectNode": "new",
    "TypeNode": "value",
    "FunctionNode": "value",
    "ConstructorFromReduceNode": "call",
    "LossNode": "call",
}


def read_schema(archive: Archive, names: Names, limits: Limits) -> dict[str, str]:
    """Judge all names of a skops file, and look at all of its members; return the versions that it tells.

    Raises
    ------
    Refused
        Where the schema is not one that skops writes, or a member is not what it should be.
    """
    schema = _parsed(archive.read(SCHEMA, min(_LARGEST_SCHEMA, limits.member)))
    protocol = schema.get("protocol")
    if type(protocol) is not int or protocol not in _PROTOCOLS:
        known = " and ".join(map(str, _PROTOCOLS))
        raise Refused("protocol", f"has skops protocol {shown(str(protocol))}; {known} are known", fix="save it again")
    used: dict[str, str] = {}
    for count, node in enumerate(_nodes(schema)):
        if count > _MOST_NODES:
            raise Refused("limit", f"has more than {_MOST_NODES:,} nodes")
        _judge(node, names)
        if "file" in node and used.setdefault(_text(node, "file"), node["__loader__"]) != node["__loader__"]:
            raise Refused("odd node", "has a member that is read in two ways")
    _check_members(archive, used, limits)
    version = schema.get("_skops_version")
    return {"skops": shown(version, 40)} if isinstance(version, str) else {}


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        schema = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("damaged", f"its {SCHEMA} is no JSON that can be read") from None
    if not isinstance(schema, dict):
        raise Refused("damaged", f"its {SCHEMA} is no object")
    return schema


def _nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give every object of the schema that is a node; objects that are none are the contents of nodes."""
    waiting: list[Any] = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "__loader__" in value:
                yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _judge(node: dict[str, Any], names: Names) -> None:
    loader, module, name = (_text(node, key) for key in ("__loader__", "__module__", "__class__"))
    full = f"{module}:{name}"
    if loader in _FIXED or loader == "CachedNode":
        return
    if full in _CONTAINERS.get(loader, ()):
        if loader == "RandomGeneratorNode":
            _check_generator(node)
        return
    if loader == "MethodNode":
        name = f"{name}.{_text(node.get('content'), 'func')}"
    elif loader == "TreeNode":
        module, _, name = _TREE.partition(":")
    elif loader not in (*_USES, *_CONTAINERS, "OperatorFuncNode", "QuantileForestNode"):
        raise Refused("unknown node", f"has a node of a kind that is not known here: {shown(loader)!r}")
    found = names.look_up(module, name, protocol=4, position=None)
    use = {"NdArrayNode": "value", "SparseMatrixNode": "new"}.get(loader, _USES.get(loader, "call"))
    by_rule = use == "call" and found.may.listed and found.name in RULES
    unbuilt = loader == "ObjectNode" and node.get("content") is not None and not found.may.build
    if not getattr(found.may, use) or by_rule or unbuilt:
        names.misused(found, f"made by a {loader}", None)


def _check_generator(node: dict[str, Any]) -> None:
    """Look at the name of a generator, which skops looks up in ``numpy.random`` and calls."""
    try:
        name = json.loads(node["content"]["bit_generator"]["content"]["bit_generator"]["content"])
    except (KeyError, TypeError, ValueError, RecursionError):
        raise Refused("odd node", "has a random generator without a name") from None
    if name not in BIT_GENERATORS:
        raise Refused("odd node", f"has a random generator of an unknown kind: {shown(str(name))!r}")


def _check_members(archive: Archive, used: dict[str, str], limits: Limits) -> None:
    foreign = sorted(set(archive.members) - set(used) - {SCHEMA})
    if foreign:
        raise Refused("foreign member", f"has a member that its schema does not name: {shown(foreign[0])!r}")
    absent = sorted(set(used) - set(archive.members))
    if absent:
        raise Refused("damaged", f"lacks a member that its schema names: {shown(absent[0])!r}")
    readers: dict[str, Callable[[Archive, str, Limits], None]] = {
        "NdArrayNode": _array,
        "SparseMatrixNode": _sparse,
        "BytesNode": _bytes,
        "BytearrayNode": _bytes,
    }
    for name, loader in used.items():
        if loader not in readers:
            raise Refused("odd node", f"has a {shown(loader)} with a file")
        readers[loader](archive, name, limits)


def _array(archive: Archive, name: str, limits: Limits) -> None:
    pass_array(Source(MemberFeed(archive, name), limits), None)


def _sparse(archive: Archive, name: str, limits: Limits) -> None:
    pass_arrays(archive, name, limits)


def _bytes(archive: Archive, name: str, limits: Limits) -> None:
    for _ in archive.parts(name):
        pass


def _text(node: Any, key: str) -> str:
    value = node.get(key) if isinstance(node, dict) else None
    if not isinstance(value, str):
        raise Refused("odd node", f"has a node without a {key}")
    return value
