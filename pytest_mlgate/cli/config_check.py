"""What ``mlgate config check`` does, without the library of the command line: a hook has to answer in half a second."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLES = ("train", "holdout", "reference", "current", "serving")
_LATER = ("model.candidate", "model.baseline", *(f"data.{name}" for name in _TABLES))
_SWITCHES = ("--files", "--quiet")


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked on the command line."""

    paths: tuple[Path, ...]
    files: bool = False
    """Whether the models and tables have to be there, too."""
    quiet: bool = False


def plain(arguments: Sequence[str]) -> Request | None:
    """Return the request that arguments make beyond doubt; None for all else, which a parser has to look at."""
    paths = tuple(Path(argument) for argument in arguments if not argument.startswith("-"))
    switches = {argument for argument in arguments if argument.startswith("-")}
    if not paths or not switches <= set(_SWITCHES):
        return None
    return Request(paths=paths, files="--files" in switches, quiet="--quiet" in switches)


def run(request: Request) -> int:
    """Print what is wrong with each file, one line each, and return the exit code: 2 where one cannot be read."""
    return max(_check(path, request) for path in request.paths)


def _check(path: Path, request: Request) -> int:
    from pytest_mlgate.problems import ConfigError, short
    from pytest_mlgate.reports.text import one_line

    if not path.is_file():
        print(f"mlgate: {one_line(str(path))}: there is no such file", file=sys.stderr)
        return 2
    try:
        said = _said(path, request)
    except ConfigError as error:
        for problem in error.problems:
            print(one_line(str(problem)))
        return 1
    if not request.quiet:
        print(one_line(f"{short(path)}: {said}"))
    return 0


def _said(path: Path, request: Request) -> str:
    """Return in a few words what a file is, when nothing is wrong with it; ConfigError where something is."""
    document = _document(path)
    if path.name == "pyproject.toml":
        tool = document.get("tool")
        if not isinstance(tool, dict) or "mlgate" not in tool:
            return "has no [tool.mlgate] table"
    elif _is_policy(document):
        from pytest_mlgate.policies import read_layers

        layers = len(read_layers(path))
        return "a policy" if layers == 1 else f"a policy of {layers} layers"
    from pytest_mlgate.config import load_config

    config = load_config(path, may_lack=() if request.files else _LATER)
    count = len(config.entries)
    return f"{'1 gate' if count == 1 else f'{count} gates'}, for {config.model.stage}"


def _document(path: Path) -> dict[str, Any]:
    """Return what a TOML file says, without the library that checks it: most of a project's are none of ours."""
    from pytest_mlgate.problems import ConfigError, Problem, decoded, parsed

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError([Problem(file=path, line=None, message=f"cannot be read: {error.strerror}")]) from None
    if path.name == "pyproject.toml" and b"mlgate" not in raw:
        return {}
    document: dict[str, Any] = parsed(path, decoded(path, raw))
    return document


def _is_policy(document: dict[str, Any]) -> bool:
    """Whether a file is a policy rather than a configuration: they have no table in common."""
    from pytest_mlgate.policy import STAGES

    return bool({"extends", "every", *STAGES} & document.keys()) and "gates" not in document
