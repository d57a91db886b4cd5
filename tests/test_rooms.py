"""The house: a room imports only from rooms below it, and loading it costs nothing that is not needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "pytest_mlgate"

# Ground floor first. A room is a file or a folder of the package, and may import from the rooms before it.
ROOMS = (
    "checks",
    "interrupts",
    "stats",
    "tables",
    "artifacts",
    "cards",
    "gates",
    "policy",
    "locator",
    "problems",
    "sections",
    "governance",
    "promotion_codes",
    "codes",
    "policies",
    "naming",
    "config",
    "verdict",
    "lifecycle",
    "score",
    "reports",
    "transport",
    "store",
    "documents",
    "running",
    "fixtures",
    "collection",
    "tally",
    "progress",
    "session",
    "plugin",
    "scaffold_predictions",
    "scaffold_roles",
    "scaffold_target",
    "scaffold_text",
    "scaffold",
    "cli",
    "__init__",
)

# Rooms that know pytest; no other may.
PYTEST = {"transport", "store", "running", "tally", "progress", "fixtures", "collection", "session", "plugin", "cli"}

HEAVY = {"numpy", "pandas", "scipy", "sklearn", "joblib", "pandera", "hypothesis", "pyarrow"}

# Tops that import the standard library, pytest and our own files only.
BARE = ("__init__", "checks", "plugin", "collection", "fixtures")

# Tops that import nothing heavy, directly or through what they import.
LIGHT = (
    "checks",
    "artifacts",
    "cards",
    "gates",
    "policy",
    "locator",
    "problems",
    "governance",
    "promotion_codes",
    "codes",
    "policies",
    "naming",
    "config",
    "verdict",
    "lifecycle",
    "score",
    "documents",
    "cli",
)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def files(*rooms: str) -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if not rooms or room_of(path) in rooms]


def imported(nodes: Iterator[ast.AST], path: Path) -> Iterator[str]:
    """Every module that import statements name, as dotted text; of our package with the name that is taken from it."""
    package = ("pytest_mlgate", *path.relative_to(PACKAGE).parts[:-1])
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) + 1 - node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def everything(path: Path) -> Iterator[str]:
    return imported(ast.walk(ast.parse(path.read_text(encoding="utf-8"))), path)


def top(path: Path) -> Iterator[str]:
    """What a file imports when it is loaded: not inside a function, not for type checkers only."""

    def statements(nodes: list[ast.stmt]) -> Iterator[ast.AST]:
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
                yield from statements(node.orelse)
                continue
            yield node
            for part in ("body", "orelse", "finalbody"):
                yield from statements(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from statements(handler.body)

    return imported(statements(ast.parse(path.read_text(encoding="utf-8")).body), path)


def own_rooms(names: Iterator[str]) -> set[str]:
    """The rooms among dotted names; a public name of the package is taken through its front door."""
    parts = [name.split(".") for name in names]
    inner = {part[1] if len(part) > 1 else "__init__" for part in parts if part[0] == "pytest_mlgate"}
    return {room if room in ROOMS else "__init__" for room in inner}


def test_every_room_has_its_floor() -> None:
    assert {room_of(path) for path in files()} <= set(ROOMS)


def test_a_room_imports_only_from_rooms_below_it() -> None:
    steps_up = {
        (room_of(path), other)
        for path in files()
        for other in own_rooms(everything(path)) - {room_of(path)}
        if room_of(path) != "__init__" and ROOMS.index(other) >= ROOMS.index(room_of(path))
    }

    assert not steps_up


def test_the_reader_of_imports_sees_every_form() -> None:
    source = (
        "import a.b, pytest_mlgate.codes\nfrom pytest_mlgate import gates, Check\n"
        "from . import x\nfrom ..config import y\n"
        "if TYPE_CHECKING:\n    import t\nelse:\n    import e\n"
        "try:\n    import p\nexcept E:\n    import q\ndef f():\n    import g\nclass C:\n    import c\n"
    )
    path = PACKAGE / "gates" / "drift.py"
    tree = ast.parse(source)

    expected = {"a.b", "pytest_mlgate.codes", "pytest_mlgate.gates", "pytest_mlgate.Check", "pytest_mlgate.gates.x"}
    expected |= {"pytest_mlgate.config.y", "t", "e", "p", "q", "g", "c"}
    assert set(imported(ast.walk(tree), path)) == expected
    assert own_rooms(iter(expected)) == {"codes", "gates", "__init__", "config"}


def test_only_the_rooms_of_the_plugin_know_pytest() -> None:
    knowing = {
        room_of(path) for path in files() if {"pytest", "_pytest"} & {name.split(".")[0] for name in everything(path)}
    }

    assert knowing <= PYTEST


def test_numerics_know_no_other_room() -> None:
    assert {other for path in files("stats") for other in own_rooms(everything(path))} <= {"stats"}


@pytest.mark.parametrize("room", BARE)
def test_a_bare_top_imports_the_standard_library_and_pytest(room: str) -> None:
    (path,) = files(room)
    outside = {name.split(".")[0] for name in top(path)} - sys.stdlib_module_names - {"pytest_mlgate"}

    assert outside <= {"pytest"}


def test_the_heavy_are_imported_where_they_are_needed() -> None:
    heavy = {
        (str(path.relative_to(PACKAGE)), name)
        for path in files()
        if room_of(path) not in ("stats", "tables")
        for name in top(path)
        if name.split(".")[0] in HEAVY
    }
    deep = {
        (str(path.relative_to(PACKAGE)), name)
        for path in files("stats", "tables")
        for name in top(path)
        if name.split(".")[0] in HEAVY - {"numpy"} and not name.startswith("scipy.special")
    }

    assert heavy == set()
    assert deep == set()


def test_a_light_room_loads_nothing_heavy() -> None:
    modules = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in files(*LIGHT)]
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}:\n"
        "    importlib.import_module(name)\n"
        f"    heavy = sorted({HEAVY!r} & set(sys.modules))\n"
        "    if heavy:\n"
        "        sys.exit(f'{name} loads {heavy}')\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (found.returncode, found.stderr) == (0, "")
