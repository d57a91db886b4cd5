"""Handles made: of a model's file, of an object in memory, of whatever an override returned, of a dummy."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import Any

from pytest_mlgate.artifacts.backends import LocalBackend, import_in_process, load_bytes
from pytest_mlgate.artifacts.errors import ModelError as ModelError
from pytest_mlgate.artifacts.features import select_features as select_features
from pytest_mlgate.artifacts.handle import Model as Model
from pytest_mlgate.artifacts.inspection import Inspection, Limits, Trust, inspect_held
from pytest_mlgate.artifacts.inspection.holding import hold
from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.artifacts.inspection.words import no_model_error, refusal_of
from pytest_mlgate.artifacts.launch import MEMORY, TIMEOUT, Launch
from pytest_mlgate.checks import InputError

_IMPORT_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def load_model(
    ref: str | os.PathLike[str],
    *,
    root: str | os.PathLike[str] = ".",
    import_roots: Sequence[str | os.PathLike[str]] = (),
    timeout: float = TIMEOUT,
    memory: int = MEMORY,
    network: bool = False,
    trusted: Trust | Iterable[str] = (),
    max_size: int | None = None,
) -> Model:
    """Inspect a model file and, where it is accepted, load it in a fresh process of its own.

    Parameters
    ----------
    ref : str or path-like
        A model file (by content, whatever its extension; see :data:`~pytest_mlgate.artifacts.formats.FORMATS`), or an
        import path ``package.module:attribute`` of an estimator or of a function from a frame to one prediction a row.
    root : path-like
        Folder that a relative path starts from.
    import_roots : sequence of path-like
        Folders that modules are looked for in first; default: ``root``.
    timeout : float
        Seconds for loading, and for each question.
    memory : int
        Bytes that the process may use; bounded on Linux only.
    network : bool
        Whether it may open connections through Python's sockets.
    trusted : Trust or iterable of str
        What is trusted beyond the built-in list of names: ``package.module:Class`` of your own, or ``sha256:`` and the
        digest of a file.
    max_size : int or None
        Largest file in bytes; None: 4 GiB.

    Raises
    ------
    ModelError
        Where the file must not be loaded, or needs names that are not trusted, or where it or the import path gives
        no model.
    InputError
        Where an entry of ``trusted`` is neither.

    Notes
    -----
    Nothing of a file is imported or called before all of it was inspected; the bytes that were inspected are the ones
    that are loaded, whatever happens to the path meanwhile. What a trusted class does, and what a model does with the
    rows that it is given, no inspection tells. The process is no sandbox: it has the rights of the user. It sees a
    short environment, a private HOME, temporary and working folder, and a closed standard input.
    """
    roots = tuple(os.path.abspath(os.fspath(folder)) for folder in import_roots or (root,))
    launch = Launch(roots=roots, timeout=timeout, memory=memory, network=network)
    text = os.fspath(ref)
    path = Path(root, text)
    if isinstance(ref, str) and _IMPORT_PATH.fullmatch(text) and not path.exists():
        backend, description = import_in_process(text, launch=launch)
        return Model(backend, description, source=text, launch=launch)
    trust = trusted if isinstance(trusted, Trust) else Trust.of(trusted)
    return open_file(path, source=text, launch=launch, trust=trust, max_size=max_size)


def open_file(
    path: str | os.PathLike[str],
    *,
    source: str,
    launch: Launch,
    trust: Trust,
    max_size: int | None = None,
    forms: Container[str] | None = None,
) -> Model:
    """Inspect a model file and, where it is accepted, load it in a fresh process of its own.

    Parameters
    ----------
    path : path-like
    source : str
        The model's name in messages.
    launch : Launch
    trust : Trust
    max_size : int or None
        As :func:`load_model` takes it.
    forms : container of str or None
        Formats that the file may have; None: any of :data:`~pytest_mlgate.artifacts.formats.FORMATS`.

    Raises
    ------
    ModelError
        Where it must not be loaded, is of another format, or gives no model.
    """
    file = Path(os.path.abspath(path))
    data, found = _inspected(file, source, trust, max_size)
    if forms is not None and found.format not in forms:
        raise ModelError(
            f"{source} is a {found.format} file by its content",
            fix="write it again in the format that its name promises, or correct the name",
            details={"reason": "format"},
        )
    try:
        model = open_bytes(data, form=found.format, source=source, launch=launch, path=file, names=found.names)
    except ModelError as error:
        raise _with_versions(error, file, found) from None
    model.inspection, model.trust = found, trust
    if found.trusted:
        model.provenance["trusted"] = list(found.trusted)
    return model


def open_bytes(
    data: bytes, *, form: str, source: str, launch: Launch, path: Path | None = None, names: Sequence[str] = ()
) -> Model:
    """Load the bytes of a model file, already found fit to be loaded, in a fresh process of their own.

    Parameters
    ----------
    data : bytes
    form : str
        A name of :data:`~pytest_mlgate.artifacts.formats.FORMATS`.
    source : str
        The model's name in messages.
    launch : Launch
    path : Path or None
        The file that they were read from.
    names : sequence of str
        The names that they need, as the inspection found them.

    Raises
    ------
    ModelError
        Where they give no model.
    """
    backend, description = load_bytes(data, form=form, source=source, launch=launch, names=names)
    digest = hashlib.sha256(data).hexdigest()
    return Model(
        backend, description, source=source, digest=digest, size=len(data), path=path, format=form, launch=launch
    )


def _inspected(path: Path, source: str, trust: Trust, max_size: int | None) -> tuple[bytes, Inspection]:
    """Return the bytes of an accepted file and what was found in them; ModelError where it is not accepted."""
    from pytest_mlgate.artifacts.formats import FORMATS

    limits = Limits() if max_size is None else Limits(size=max_size)
    try:
        with hold(path, limit=limits.size, copy=True) as held:
            found = inspect_held(held, source=source, trust=trust, limits=limits)
            if found.verdict != "accepted":
                raise refusal_of(found)
            if found.format not in FORMATS:
                raise no_model_error(found)
            return held.read_all(), found
    except ModelError:  # an InputError as well: it must come first
        raise
    except InputError as error:
        raise ModelError(error.message, fix=error.fix, details={"reason": "file"}) from None
    except Refused as error:
        raise ModelError(f"{source}: {error.message}", fix=error.fix, details={"reason": error.reason}) from None


def _with_versions(error: ModelError, path: Path, found: Inspection) -> ModelError:
    """Return why a file does not load, and which versions wrote it, where others that matter read it here."""
    from pytest_mlgate.artifacts.writers import other_versions, writer_of

    other = other_versions(writer_of(path, found)) if error.details.get("reason") in ("raised", "damaged") else ""
    if not other:
        return error
    return ModelError(
        f"{error.message}; {other}",
        fix=f"install the versions that wrote it, or save it again with those that are here; else {error.fix}",
        details={**error.details, "versions": other},
    )


def wrap_model(model: Any, *, name: str) -> Model:
    """Return a handle on an estimator or function that lives in this process, its answers checked all the same.

    Parameters
    ----------
    model : object
        Has ``predict``, ``predict_proba`` or ``decision_function``, or is a function from a frame to predictions.
    name : str
        The model's role, for messages (``"candidate"``).

    Raises
    ------
    ModelError
        Where it is no model.
    """
    backend = LocalBackend(model, name)
    return Model(backend, backend.describe(), source=name)


def as_model(
    value: Any,
    *,
    name: str,
    id: str | None = None,  # noqa: A002 # the key's name
    sensitive: bool = False,
    trusted: Trust | Iterable[str] = (),
    rows_in_memory: int | None = None,
) -> Model:
    """Return a handle: handles pass through, paths and import paths are loaded, estimators and functions wrapped.

    Parameters
    ----------
    value : object
        A data frame, the path of a table's file, or a table whose rows stay where they are (a folder, a pattern, a
        query, a lazy frame), is a table of predictions.
    name : str
        The model's role, for messages (``"candidate"``).
    id : str or None
        The column that tables of predictions are joined on.
    sensitive : bool
        Whether ids are kept out of messages.
    trusted : Trust or iterable of str
        As for :func:`load_model`.
    rows_in_memory : int or None
        As for :func:`~pytest_mlgate.artifacts.predictions.load_predictions`.

    Raises
    ------
    InputError
        Where the value is none of these, or a table and no id column is named.
    """
    if isinstance(value, Model):
        return value
    if _is_table(value):
        from pytest_mlgate.artifacts.predictions import load_predictions

        if id is None:
            raise InputError(
                f"{name} is a table of predictions, and no column of row ids is named",
                fix="set `id` in [data] to the column that the predictions are joined on",
            )
        source = None if isinstance(value, str | os.PathLike) else f"the {name}'s table"
        return load_predictions(value, id=id, source=source, sensitive=sensitive, rows_in_memory=rows_in_memory)
    if isinstance(value, str | os.PathLike):
        return load_model(value, trusted=trusted)
    return wrap_model(value, name=name)


def _is_table(value: Any) -> bool:
    from pytest_mlgate.tables.engines.opening import is_engine
    from pytest_mlgate.tables.reading import is_table_path

    if is_engine(value):
        return True
    if isinstance(value, str | os.PathLike):
        return is_table_path(os.fspath(value))
    columns = getattr(value, "columns", None)  # of pandas, polars and Arrow alike
    return columns is not None and not hasattr(value, "predict") and hasattr(value, "shape")


def dummy_model(y_train: Any, *, task: str | None = None, name: str = "training") -> Model:
    """Return a baseline that looks at no column: class shares, or the mean.

    Parameters
    ----------
    y_train : array-like of shape (n_rows,)
        Labels that the candidate was trained on.
    task : {"binary", "multiclass", "regression", "ranking"} or None
        None: regression where scikit-learn calls the labels continuous.
    name : str
        Whose labels they are, for messages (``"holdout"`` where there is no training table).

    Raises
    ------
    InputError
        Where there are no labels, or some are missing.
    """
    import numpy as np
    import pandas as pd
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.utils.multiclass import type_of_target

    labels = np.asarray(y_train)
    if not len(labels):
        raise InputError(
            f"no {name} rows to make a dummy baseline from",
            fix=f"give {name} rows, or name a `baseline` under [model]",
        )
    if labels.ndim != 1:
        raise InputError(f"labels of shape {labels.shape} train no dummy", fix="give one label a row")
    absent = int(np.sum(pd.isna(labels)))
    if absent:
        raise InputError(f"{absent} of {len(labels)} {name} labels are missing", fix="drop or mend these rows")
    if labels.dtype.kind == "O":
        labels = np.array(labels.tolist())
    regression = task in ("regression", "ranking") or (task is None and type_of_target(labels) == "continuous")
    estimator = DummyRegressor(strategy="mean") if regression else DummyClassifier(strategy="prior")
    estimator.fit(np.zeros((len(labels), 1)), labels)
    backend = LocalBackend(estimator, "dummy")
    return Model(backend, backend.describe(), source="dummy", is_dummy=True)
