"""Models named by a reference, ``scheme:rest``: ``registry:production``, ``mlflow:models:/flights-late@champion``.

A resolver turns what stands after the scheme into a model. Another package brings one through the entry-point group
``pytest_mlgate.references``: the entry point's name is the scheme, its value names a :class:`Resolver`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.model import Model

ENTRY_POINT_GROUP = "pytest_mlgate.references"
REGISTRIES = "pytest_mlgate.registries"
"""Entry points of the registries that follow the ledger: :mod:`pytest_mlgate.lifecycle.registries`."""

RESERVED = ("registry", "mlflow", "spark")
"""Schemes that are never read as a module's name: ``registry:production`` could also be an import path."""

# At least two characters, so that the drive of `C:/models/champion.joblib` is none.
_REFERENCE = re.compile(r"([a-z][a-z0-9_+.-]+):(.+)", re.DOTALL)
_FIX = "name a file, an import path package.module:attribute, or install a package that provides the scheme"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What a resolver is told of the configuration that names the reference.

    Attributes
    ----------
    folder : Path
        The configuration's folder, absolute.
    model : str
        The model's name in the configuration.
    ledger, archive : Path
        Where promotions are recorded, and where the files that were promoted are kept.
    registry : str or None
        The registry that follows the ledger; its name is the scheme of its references.
    options : Mapping
        What the configuration says to that registry.
    """

    folder: Path
    model: str
    ledger: Path
    archive: Path
    registry: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fetched(self) -> Path:
        """The folder for model files that a resolver fetches, among the results."""
        return self.folder / ".mlgate" / "fetched"


class Resolver(Protocol):
    """From what stands after the scheme to the model it means."""

    def __call__(self, rest: str, place: Place) -> Path | Model | Any:
        """Return what the reference means now.

        Parameters
        ----------
        rest : str
            What stands after the first colon, as it was written: ``models:/flights-late@champion``.
        place : Place
            Which configuration asks.

        Returns
        -------
        Path, Model or estimator
            A path (relative ones start at the configuration's folder) is loaded as a configured file is: a model file
            in a fresh process, or a table of predictions. An estimator, or a function from a frame to predictions, is
            asked in this process.

        Raises
        ------
        pytest_mlgate.checks.InputError
            Where the reference means nothing, with the way out. Any other exception is reported with its type.
        """


def schemes() -> tuple[str, ...]:
    """Return the schemes that installed packages provide, sorted, without importing one."""
    return tuple(sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)}))


def registry_names() -> tuple[str, ...]:
    """Return the registries that installed packages provide, sorted, without importing one."""
    return tuple(sorted({point.name for point in entry_points(group=REGISTRIES)}))


def scheme_of(value: str) -> str | None:
    """Return the scheme of a text that has the form of a reference; None where it has not.

    A file's path or an import path can have that form too: only the schemes that are known tell.
    """
    match = _REFERENCE.fullmatch(value)
    return match.group(1) if match else None


def is_reference(value: str) -> bool:
    """Whether a model setting is a reference: its scheme is provided, and then it is nothing else."""
    scheme = scheme_of(value)
    return scheme is not None and scheme in schemes()


def why_unknown(value: str) -> str:
    """Return why a reference means nothing here, as half a sentence with the way out."""
    known = ", ".join(schemes()) or "none"
    return f"no installed package provides the scheme `{scheme_of(value)}` (known: {known}); {_FIX}"


def load_reference(value: str, place: Place, *, role: str, load: Callable[[Path], Model]) -> Model:
    """Return the handle of what a reference means now; its ``provenance`` has the reference.

    Parameters
    ----------
    value : str
        ``scheme:rest``.
    place : Place
        Which configuration asks.
    role : str
        ``candidate`` or ``baseline``, for messages.
    load : callable
        From the path of a file to its handle.

    Raises
    ------
    InputError
        Where no package or more than one provides the scheme, or the resolver cannot be imported, raises, or returns
        what is no model.
    """
    found, who = _found(value, place, role)
    try:
        handle = load(found) if isinstance(found, Path) else _handle(found, role)
    except InputError as error:
        raise InputError(f"{who}: {error.message}", fix=error.fix, details=error.details) from error
    handle.provenance["reference"] = value
    return handle


def reference_file(value: str, place: Place, *, role: str) -> Path | None:
    """Return the file that a reference means now; None where it means a model without one.

    Raises
    ------
    InputError
        As :func:`load_reference` does.
    """
    found, _ = _found(value, place, role)
    return found if isinstance(found, Path) else None


def _found(value: str, place: Place, role: str) -> tuple[Any, str]:
    """Return what a resolver gave, an existing file where it gave a path; and how messages call the resolver."""
    point = _provider(value)
    who = f"{role} = {value!r}: the resolver {point.value}"
    found = _resolved(point, value, who, place)
    if not isinstance(found, os.PathLike):
        return found, who
    path = Path(os.path.normpath(place.folder / Path(found)))
    if not path.is_file():
        raise InputError(f"{who}: returned {path}, which is no file", fix="mend the reference, or the resolver")
    return path, who


def _provider(value: str) -> EntryPoint:
    points = [point for point in entry_points(group=ENTRY_POINT_GROUP) if point.name == scheme_of(value)]
    found = {point.value: point for point in points}
    if not found:
        raise InputError(f"{value!r}: {why_unknown(value).partition(';')[0]}", fix=_FIX)
    if len(found) > 1:  # which of them answers would be a matter of chance
        raise InputError(
            f"{value!r}: more than one package provides the scheme: {', '.join(sorted(found))}",
            fix="uninstall all but one of them",
        )
    return points[0]


def _resolved(point: EntryPoint, value: str, who: str, place: Place) -> Any:
    try:
        resolve: Resolver = point.load()
    except (Exception, SystemExit) as error:  # another package's import may fail in any way
        raise InputError(
            f"{who} cannot be imported: {type(error).__name__}: {error}",
            fix="import it in Python for the full traceback; install or mend the package that brings it",
        ) from error
    try:
        return resolve(value.partition(":")[2], place)
    except InputError as error:
        raise InputError(f"{who}: {error.message}", fix=error.fix, details=error.details) from error
    except (Exception, SystemExit) as error:  # and so may its call
        raise InputError(
            f"{who} raised {type(error).__name__}: {error}",
            fix="mend what the message names: the reference, the registry, or the way there",
        ) from error


def _handle(found: Any, role: str) -> Model:
    from pytest_mlgate.artifacts.model import as_model

    methods = ("predict", "predict_proba", "decision_function")
    if isinstance(found, type) or not (callable(found) or any(hasattr(found, method) for method in methods)):
        raise InputError(
            f"returned {_short(found)}, which is no model",
            fix="a resolver returns a pathlib.Path, a model with predict, or a function from a frame to predictions",
        )
    return as_model(found, name=role)


def _short(value: Any) -> str:
    text = repr(value) if value is None or isinstance(value, str | int | float) else f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:80]}..."
