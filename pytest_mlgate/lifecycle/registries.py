"""Registries of models: what the lifecycle asks of one, and how the configured one is opened.

The ledger is the truth, and needs no registry. Where one is configured it follows the ledger:
:mod:`~pytest_mlgate.lifecycle.mirroring` tells it what happened, and finds out where it says otherwise. An adapter has
only small steps, each of which may be repeated; their order, and what is done where one fails, is not its concern.

Another package brings an adapter through the entry-point group ``pytest_mlgate.registries``: the entry point's name is
what ``[lifecycle] registry`` says, its value an :class:`Adapter`. Under the same name in the group
``pytest_mlgate.references`` it brings the resolver of its references, ``NAME:...``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

from pytest_mlgate.artifacts.references import REGISTRIES, Place
from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from pytest_mlgate.config import Config

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """A version in a registry, and its model file here.

    Attributes
    ----------
    uri : str
        What the registry calls the version, for ever the same: ``models:/flights-late/3``. Stands in the ledger.
    version : str
        The short form of it, for people: ``3``.
    file : Path
        The model's file, absolute; nothing of it was loaded. Its bytes are those that the registry has.
    ours : bool
        Whether it is a version of the model that the options name, so that aliases of that can point to it.
    """

    uri: str
    version: str
    file: Path
    ours: bool = True


class Registry(Protocol):
    """What the lifecycle asks of a registry. Every method may be repeated, and then changes nothing more.

    Each raises :class:`~pytest_mlgate.checks.InputError`, with the way out, where it cannot do what is asked; any other
    exception is reported with its type. A method that returns has done it: what is still on its way does not count.
    """

    def fetch(self, reference: str) -> Fetched:
        """Return the version that a reference means now, and fetch its file.

        Parameters
        ----------
        reference : str
            What stands in the configuration after ``NAME:``, or the ``uri`` of a version.
        """

    def tags(self, uri: str) -> Mapping[str, str] | None:
        """Return the tags of a version; None where the registry has no such version (any more)."""

    def set_tags(self, uri: str, tags: Mapping[str, str]) -> None:
        """Set tags of a version; others stay. Names look like ``mlgate.stage``."""

    def alias(self, name: str) -> str | None:
        """Return the ``uri`` of the version that an alias points to; None where there is no such alias."""

    def set_alias(self, name: str, uri: str | None) -> None:
        """Let an alias point to a version, whatever it pointed to; None: remove the alias, if there is one."""

    def attach(self, uri: str, name: str, files: Mapping[str, Path]) -> bool:
        """Keep files with a version.

        Parameters
        ----------
        uri : str
        name : str
            Of the folder that they go to. It names a verdict by its digest: what goes there never changes.
        files : Mapping of str to Path
            By their names there.

        Returns
        -------
        bool
            False where the registry has no place for files of this version.
        """


class Adapter(Protocol):
    """The value of an entry point: from options to a registry that answers."""

    def __call__(self, options: Mapping[str, Any], place: Place) -> Registry:
        """Return the registry.

        Parameters
        ----------
        options : Mapping
            ``[lifecycle.options]``, as TOML reads it. What the adapter does not know, it refuses.
        place : Place
            Which configuration asks. Relative paths start at ``place.folder``; ``place.fetched`` is for files.

        Raises
        ------
        pytest_mlgate.checks.InputError
            Where the options are wrong, or what the adapter needs is not installed.
        """


def registry_of(config: Config) -> Registry | None:
    """Return the registry that follows a configuration's ledger; None where there is none.

    Raises
    ------
    InputError
        Where more than one package provides it, its adapter cannot be imported, or it cannot be opened. So does every
        method of what is returned, whatever the adapter's own raises.
    """
    name = config.lifecycle.registry
    if name is None:
        return None
    points = {point.value: point for point in entry_points(group=REGISTRIES) if point.name == name}
    if len(points) != 1:
        found = ", ".join(sorted(points)) or "none"
        raise InputError(
            f"registry {name!r}: one installed package should provide it (found: {found})",
            fix="install one, or uninstall all but one",
        )
    (point,) = points.values()

    def opened() -> Registry:
        adapter: Adapter = point.load()
        return adapter(config.lifecycle.options, config.place)

    return Guarded(_guarded(opened, name)(), name)


class Guarded:
    """A registry each of whose methods raises :class:`InputError`, which names the registry, or nothing.

    Parameters
    ----------
    registry : Registry
    name : str
    """

    def __init__(self, registry: Registry, name: str) -> None:
        self.fetch = _guarded(registry.fetch, name)
        self.tags = _guarded(registry.tags, name)
        self.set_tags = _guarded(registry.set_tags, name)
        self.alias = _guarded(registry.alias, name)
        self.set_alias = _guarded(registry.set_alias, name)
        self.attach = _guarded(registry.attach, name)


def _guarded(call: Callable[P, R], name: str) -> Callable[P, R]:
    @wraps(call)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except InputError as error:
            raise InputError(f"registry {name}: {error.message}", fix=error.fix) from error
        except (Exception, SystemExit) as error:  # another package's code may fail in any way
            raise InputError(
                f"registry {name}: {type(error).__name__}: {error}",
                fix="mend what the message names: the registry, the way there, or the package that brings it",
            ) from error

    return guarded
