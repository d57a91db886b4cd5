"""``record_environment``: a training script says what trained the model file that it writes."""

from __future__ import annotations

import os
import platform
import sys
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pytest_mlgate.artifacts.environment import git_state
from pytest_mlgate.artifacts.hyperparameters import hyperparameters_of
from pytest_mlgate.artifacts.inspection import inspect_artifact
from pytest_mlgate.artifacts.masking import mask_arguments, mask_text
from pytest_mlgate.artifacts.needs import Needs, installed, needed
from pytest_mlgate.artifacts.record import (
    KIND,
    ArtifactSaid,
    DataSaid,
    EnvironmentRecord,
    record_path,
    write_environment_record,
)
from pytest_mlgate.artifacts.versions import STACK
from pytest_mlgate.checks import InputError, plain
from pytest_mlgate.tables.writing import write_atomically

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.inspection import Inspection


class Recording:
    """What a training script says of itself; made by :func:`record_environment`.

    Attributes
    ----------
    path : Path
        The record's file.
    record : EnvironmentRecord or None
        What was written; None before.
    data, seed, hyperparameters, run
        As :func:`record_environment` takes them; inside a ``with`` statement they can still be set.
    """

    def __init__(
        self,
        artifact: Path,
        *,
        data: Mapping[str, Any],
        seed: int | None,
        hyperparameters: Any,
        run: Any,
        command: Sequence[str] | None,
        code: str | os.PathLike[str],
    ) -> None:
        self.artifact, self.path = artifact, record_path(artifact)
        self.data, self.seed, self.hyperparameters, self.run = dict(data), seed, hyperparameters, run
        self.record: EnvironmentRecord | None = None
        self._command = mask_arguments(_command() if command is None else command)
        self._code = git_state(code, aside=(artifact, self.path))
        self._before = _stamp(artifact)
        self._earlier = self.path.read_bytes() if self.path.exists() else None
        self._entered = False
        self._waits = self._before is None

    def write(self) -> EnvironmentRecord:
        """Write the record of the file as it is now, and return it.

        Raises
        ------
        InputError
            Where the file or a table cannot be read, or the record cannot be written.
        """
        # Checked first: what is said wrongly is said before a large file is read.
        tables = {str(name): _said(value, name) for name, value in self.data.items()}
        hyperparameters = None if self.hyperparameters is None else hyperparameters_of(self.hyperparameters)
        seed, run = _seed(self.seed), _run(self.run)
        inspection = inspect_artifact(self.artifact)
        needs, unread = _needs(inspection)
        record = EnvironmentRecord(
            artifact=ArtifactSaid(
                name=self.artifact.name, digest=inspection.digest, size=inspection.size, format=inspection.format
            ),
            python=platform.python_version(),
            implementation=platform.python_implementation(),
            platform=platform.platform(),
            machine=platform.machine(),
            packages=needs.packages,
            pickled=tuple(sorted(needs.pickled)),
            own=needs.own,
            by_value=needs.by_value,
            unread=unread,
            data=tables,
            code=self._code,
            seed=seed,
            command=tuple(self._command),
            hyperparameters=hyperparameters,
            run=run,
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            written_by=f"pytest-mlgate {installed(['pytest-mlgate'])['pytest-mlgate'] or 'unknown'}",
        )
        write_environment_record(record, self.artifact)
        self.record = record
        return record

    def __enter__(self) -> Self:
        """Begin: what was written of an older file of that name is put back, and git's state is the one before."""
        self._entered = True
        if self.record is not None:
            self.record = None
            if self._earlier is None:
                self.path.unlink(missing_ok=True)
            else:
                write_atomically(self.path, self._earlier)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the record, unless training failed."""
        if kind is not None:
            return
        now = _stamp(self.artifact)
        if now is None or now == self._before:
            raise InputError(
                f"model {str(self.artifact)!r} was not written inside of the with statement: nothing is recorded",
                fix="write the file inside of it, under this name",
            )
        self.write()

    def __del__(self) -> None:
        if getattr(self, "_waits", False) and not self._entered:
            warnings.warn(
                f"record_environment: model {str(self.artifact)!r} does not exist, and no with statement waits for it: "
                "nothing was recorded",
                stacklevel=2,
            )


def record_environment(
    model_path: str | os.PathLike[str],
    *,
    data: Mapping[str, Any] | None = None,
    seed: int | None = None,
    hyperparameters: Any = None,
    run: str | Mapping[str, str] | None = None,
    command: Sequence[str] | None = None,
    code: str | os.PathLike[str] = ".",
) -> Recording:
    """Write beside a model file what trained it: ``model.joblib.mlgate.json``.

    Called alone it writes at once, of the file that is there. In a ``with`` statement it writes at the end, of the file
    that was written meanwhile; where training raises, nothing is written, and an older record stays.

    The record has Python and the platform, the versions of the distributions that the file needs (by the names in it,
    which are read without importing anything), its digest and size, and what is given here. The gate ``roundtrip``
    compares it with what runs the model.

    Parameters
    ----------
    model_path : path-like
        A model file of any format that the gate reads.
    data : Mapping of str to path-like or DataFrame, optional
        Tables by role: ``{"train": "train.parquet"}``. Their digests are those that a verdict has.
    seed : int, optional
    hyperparameters : Mapping or estimator, optional
        Of an estimator, what ``get_params`` returns.
    run : str or Mapping, optional
        Id or URL of the run in a tracking system, or both: ``{"id": "...", "url": "..."}``. Credentials are masked.
    command : sequence of str, optional
        Default: this process's own. Secrets are masked.
    code : path-like
        A folder in the git work tree of the training code.

    Returns
    -------
    Recording
        With ``path`` and ``record``.

    Raises
    ------
    InputError
        Where something cannot be read or written, another file has the record's name, or the model file was not
        written inside of the ``with`` statement.

    Warns
    -----
    UserWarning
        Where the file does not exist and no ``with`` statement follows.

    Examples
    --------
    >>> import joblib
    >>> from sklearn.dummy import DummyClassifier
    >>> from pytest_mlgate import record_environment
    >>> with record_environment("model.joblib", seed=0) as recording:
    ...     model = DummyClassifier().fit([[0], [1]], [0, 1])
    ...     recording.hyperparameters = model
    ...     _ = joblib.dump(model, "model.joblib")
    >>> recording.record.pickled
    ('numpy', 'scikit-learn')
    """
    artifact = Path(os.path.abspath(model_path))
    KIND.refuse_foreign(record_path(artifact))
    recording = Recording(
        artifact, data=data or {}, seed=seed, hyperparameters=hyperparameters, run=run, command=command, code=code
    )
    if artifact.exists():
        recording.write()
    return recording


def _command() -> list[str]:
    """Return how this process was called, the interpreter by its name alone."""
    words = list(sys.orig_argv or sys.argv)
    return [os.path.basename(words[0]), *words[1:]] if words else []


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _said(value: Any, name: object) -> DataSaid:
    from pytest_mlgate.tables.files import file_digest

    if isinstance(value, str | os.PathLike):
        digest, size = file_digest(value, what=f"table {name}:")
        return DataSaid(source=_relative(os.fspath(value)), digest=digest, size=size)
    from pytest_mlgate.tables import as_frame, frame_digest

    return DataSaid(source=type(value).__name__, digest=frame_digest(as_frame(value, name=f"data[{name!r}]")))


def _relative(path: str) -> str:
    """Return a path as seen from the working directory where it lies below it: a home folder's name is nobody's."""
    here, absolute = os.getcwd(), os.path.abspath(path)
    return os.path.relpath(absolute, here).replace(os.sep, "/") if Path(absolute).is_relative_to(here) else path


def _seed(value: Any) -> int | None:
    converted = plain(value)
    if converted is not None and (isinstance(converted, bool) or not isinstance(converted, int)):
        raise InputError(f"seed = {value!r} is no whole number", fix="give the number that everything was seeded with")
    return converted


def _run(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    found = {"url" if "://" in value else "id": value} if isinstance(value, str) else value
    if not isinstance(found, Mapping) or not set(found) <= {"id", "url"}:
        raise InputError(f"run = {value!r} is neither a text nor a mapping of `id` and `url`", fix="give id or URL")
    return {str(key): mask_text(str(part)) for key, part in found.items()}


def _needs(inspection: Inspection) -> tuple[Needs, str]:
    """Return what a file needs, and why that is not known from its names where it is not."""
    if inspection.complete:
        return needed(inspection.names, format=inspection.format), ""
    found = {name: version for name, version in installed(sorted(STACK)).items() if version is not None}
    why = next((finding.message for finding in inspection.findings if finding.weight == "refused"), "not read")
    return Needs(packages=found, pickled=frozenset(), own=(), by_value=False), why
