"""A registry in a folder, as another package would bring it: the whole protocol, and steps that can be made to fail."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.references import Place
from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.registries import Fetched
from tests.lifecycle.world import World

if TYPE_CHECKING:
    import pytest


class FolderRegistry:
    """Versions are folders `1`, `2`, ... with a model file; what is said of them stands in `registry.json`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps = 0
        """Writing steps that were asked for since this was opened."""
        if not folder.is_dir():
            raise InputError(f"no folder {folder}", fix="make it")

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = {"tags": {}, "aliases": {}}
        with_file = self.folder / "registry.json"
        return json.loads(with_file.read_text()) if with_file.is_file() else found

    def _write(self, said: Mapping[str, Any]) -> None:
        allowed = self.folder / "allowed_steps"  # a test's way to cut the line
        self.steps += 1
        if allowed.is_file() and self.steps > int(allowed.read_text()):
            raise ConnectionError("the line is cut")
        (self.folder / "registry.json").write_text(json.dumps(said))

    def register(self, file: Path) -> str:
        """Put a file there as the next version."""
        number = len(list(self.folder.glob("[0-9]*"))) + 1
        (self.folder / str(number)).mkdir()
        shutil.copy(file, self.folder / str(number))
        return str(number)

    def fetch(self, reference: str) -> Fetched:
        uri = self.alias(reference.removeprefix("@")) if reference.startswith("@") else reference
        if uri is None or not (self.folder / uri).is_dir():
            raise InputError(f"{reference} is no version", fix="register one")
        (file,) = (self.folder / uri).glob("*.joblib")
        return Fetched(uri=uri, version=uri, file=file)

    def tags(self, uri: str) -> Mapping[str, str] | None:
        found: dict[str, str] = self.said["tags"].get(uri, {})
        return found if (self.folder / uri).is_dir() else None

    def set_tags(self, uri: str, tags: Mapping[str, str]) -> None:
        said = self.said
        said["tags"].setdefault(uri, {}).update(tags)
        self._write(said)

    def alias(self, name: str) -> str | None:
        found: str | None = self.said["aliases"].get(name)
        return found

    def set_alias(self, name: str, uri: str | None) -> None:
        said = self.said
        said["aliases"].pop(name, None)
        if uri is not None:
            said["aliases"][name] = uri
        self._write(said)

    def attach(self, uri: str, name: str, files: Mapping[str, Path]) -> bool:
        self._write(self.said)
        (self.folder / uri / name).mkdir(exist_ok=True)
        for called, path in files.items():
            shutil.copy(path, self.folder / uri / name / called)
        return True


def open_registry(options: Mapping[str, Any], place: Place) -> FolderRegistry:
    """Be the adapter."""
    return FolderRegistry(place.folder / options["folder"])


def resolve(rest: str, place: Place) -> Path:
    """Be the resolver."""
    return open_registry(place.options, place).fetch(rest).file


def provide(site: Path, monkeypatch: pytest.MonkeyPatch, name: str = "folder", module: str = __name__) -> None:
    """Install the adapter, as a package would be."""
    info = site / f"{name}_registry-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-registry\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[pytest_mlgate.registries]\n{name} = {module}:open_registry\n"
        f"[pytest_mlgate.references]\n{name} = {module}:resolve\n"
    )
    monkeypatch.syspath_prepend(str(site))


LIFECYCLE = """
[lifecycle]
registry = "folder"
[lifecycle.options]
folder = "registry"
[lifecycle.aliases]
production = "champion"
pre-production = "canary"
"""


class Registered(World):
    """A project whose candidate is a version in a registry that follows its ledger."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        (path / "registry").mkdir()
        self.text = (path / "mlgate.toml").read_text()
        self.register(1.0)

    @property
    def registry(self) -> FolderRegistry:
        return FolderRegistry(self.path / "registry")

    def register(self, c: float) -> str:
        """Train a model, register it, and make it the candidate."""
        self.model(c)
        version = self.registry.register(self.path / "model.joblib")
        self.candidate(f"folder:{version}")
        return version

    def candidate(self, said: str) -> None:
        text = self.text.replace('candidate = "model.joblib"', f'candidate = "{said}"')
        (self.path / "mlgate.toml").write_text(text + LIFECYCLE)

    def serve(self, c: float, *options: str) -> str:
        """Register a model and lead it up to production."""
        version = self.register(c)
        found = self.run("golden", "predictions", "--to", str(self.path / "golden.json"), "--rows", "5")
        assert found.exit_code == 0, found.output
        for stage in ("validation", "pre-production", "production"):
            self.judged(stage)
            found = self.promote(stage, "--approver", "Grace", *options)
            assert found.exit_code == 0, found.output
        return version

    def cut(self, steps: int | None) -> None:
        """Let only so many more writing steps of each command reach the registry; None: all."""
        allowed = self.path / "registry" / "allowed_steps"
        allowed.write_text(str(steps)) if steps is not None else allowed.unlink(missing_ok=True)
