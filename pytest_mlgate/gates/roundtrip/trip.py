"""What a round trip starts from: the bytes of the file, the model that was judged, and the rows that both answer."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.artifacts.launch import Launch
from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.roundtrip.comparison import compare

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.artifacts.inspection import Inspection
    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.artifacts.writers import Writer
    from pytest_mlgate.gates.base import Facts, Inputs
    from pytest_mlgate.gates.roundtrip.settings import Settings

# The judged model was loaded with 0: the order of sets of text is another one in every other process.
_HASH_SEED = 1
_REPEATS = 8
# Under this name a loaded model's versions have the one that scikit-learn's own warning names.
_WARNED = "scikit-learn (trained)"
_METHODS = ("predict_proba", "decision_function", "predict")


@dataclass(kw_only=True)
class Trip:
    """What every question starts from, and the processes that were started for them.

    Attributes
    ----------
    settings : Settings
    facts : Facts
    candidate : Model
        The model that this run judges.
    data : bytes
        The file; of a model that is loaded from none, what the gate saved of it.
    form : str
        The file's format.
    digest : str
        SHA-256 of ``data``.
    launch : Launch
        How the judged model's process was started.
    saved : bool
        Whether the gate saved the model, since it was loaded from no file.
    table : DataFrame
        All rows, with the columns that the model is asked with.
    rows : DataFrame
        The batch that is asked.
    """

    settings: Settings
    facts: Facts
    candidate: Model
    data: bytes
    form: str
    digest: str
    launch: Launch
    saved: bool
    table: pd.DataFrame
    rows: pd.DataFrame
    failure: ModelError | None = None
    """Why the file did not load in a fresh interpreter."""
    vouched: str | None = None
    """The environment with the versions that trained the file, in which it was found to answer as here."""
    _fresh: Model | None = None
    _writer: Writer | None = None
    _inspection: Inspection | None = None
    _opened: list[Model] = field(default_factory=list)
    _wavering: dict[str, bool] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """The method that says most: probabilities before scores before labels."""
        return next(method for method in _METHODS if method in self.candidate.methods)

    @property
    def methods(self) -> list[str]:
        """Those that both the judged model and the one that was loaded have."""
        return [method for method in _METHODS if method in self.candidate.methods & self.fresh.methods]

    @property
    def hide(self) -> bool:
        """Whether no answer may be shown."""
        return self.facts.target in self.facts.sensitive

    @property
    def fresh(self) -> Model:
        """The file, loaded in a fresh interpreter of its own; ModelError where it does not load, each time the same."""
        if self.failure is not None:
            raise self.failure.with_traceback(None)
        if self._fresh is None:
            try:
                self._fresh = self.open(self.data, self.form)
            except ModelError as error:
                self.failure = error
                raise
        return self._fresh

    @property
    def writer(self) -> Writer:
        """What is known of what wrote the file; of one that the gate saved itself, only what it needs."""
        if self._writer is None:
            from pytest_mlgate.artifacts.writers import writer_of

            warned = self.candidate.versions.get(_WARNED)
            said = {} if warned is None else {"scikit-learn": warned}
            self._writer = writer_of(self.candidate.path, self.inspection, said=said)
        return self._writer

    @property
    def inspection(self) -> Inspection:
        """What the file needs; of one that the gate saved of the run's own object, whatever that is."""
        if self._inspection is None:
            from pytest_mlgate.artifacts.inspection import inspect_artifact

            self._inspection = self.candidate.inspection
            if self._inspection is None:
                with tempfile.TemporaryDirectory(prefix="mlgate-") as scratch:
                    file = Path(scratch, "model")
                    file.write_bytes(self.data)
                    self._inspection = inspect_artifact(file)
        return self._inspection

    def open(self, data: bytes, form: str, **launch: Any) -> Model:
        """Load the bytes of the judged file in one more process, started as the first but for what is given.

        Raises
        ------
        ModelError
            Where they give no model.
        """
        from pytest_mlgate.artifacts.model import open_bytes

        started = replace(self.launch, **{"hash_seed": _HASH_SEED, **launch})
        names = self.inspection.names
        return self._kept(open_bytes(data, form=form, source=self.candidate.source, launch=started, names=names))

    def admit(self, file: Path | bytes, form: str, *, source: str) -> Model:
        """Inspect another file, or the bytes of one that a model's process wrote, and load it in one more process.

        It is trusted as the judged file is. Where that one was trusted by its digest, because code travels in it, or is
        the run's own object and no file, so is what the process that runs that code wrote.

        Parameters
        ----------
        file : Path or bytes
        form : str
            The format that it must have.
        source : str
            Its name in messages.

        Raises
        ------
        ModelError
            Where it is not accepted, is of another format, or gives no model.
        """
        from pytest_mlgate.artifacts.formats import alike
        from pytest_mlgate.artifacts.inspection import Trust
        from pytest_mlgate.artifacts.model import open_file

        launch, trust, forms = replace(self.launch, hash_seed=_HASH_SEED), self.candidate.trust, alike(form)
        if isinstance(file, Path):
            return self._kept(open_file(file, source=source, launch=launch, trust=trust, forms=forms))
        if self.saved or self.candidate.digest in trust.digests:
            own = hashlib.sha256(file).hexdigest()
            trust = Trust(names=trust.names, digests=trust.digests | {own})
        with tempfile.TemporaryDirectory(prefix="mlgate-") as scratch:
            path = Path(scratch, "model")
            path.write_bytes(file)
            return self._kept(open_file(path, source=source, launch=launch, trust=trust, forms=forms))

    def _kept(self, model: Model) -> Model:
        self._opened.append(model)
        return model

    def wavers(self, method: str) -> bool:
        """Whether the model, asked the same again and again, has answers that differ in the last bits.

        The threads of a forest add their trees in the order in which they are done.
        """
        if method not in self._wavering:
            first = getattr(self.fresh, method)(self.rows)
            repeats = (self.fresh.ask_again(method, self.rows) for _ in range(_REPEATS))
            self._wavering[method] = any(compare(first, answer) is not None for answer in repeats)
        return self._wavering[method]

    def close(self) -> None:
        """End every process that was started."""
        for model in self._opened:
            model.close()


def begin(settings: Settings, inputs: Inputs) -> Trip:
    """Return what the questions start from.

    Raises
    ------
    InputError
        There are no rows, a feature is missing, the candidate cannot be asked or is a table of predictions, or its file
        is not the one any more that was judged.
    """
    from pytest_mlgate.artifacts.model import select_features
    from pytest_mlgate.gates.parity.choosing import choose_rows

    facts, candidate = inputs.facts, inputs.model("candidate")
    if candidate.table is not None:
        raise InputError(
            f"the candidate ({candidate.source}) is a table of predictions, which no service loads",
            fix="name the model's file as `candidate`, or take this gate out",
        )
    frame = inputs.table(settings.table)
    if not len(frame):
        raise InputError(f"{settings.table} has no rows", fix="give a table with real rows")
    table = select_features(candidate, frame, facts, name=settings.table)
    rows = choose_rows(table, n=settings.sample, seed=facts.seed).reset_index(drop=True)
    data, form = _bytes(candidate)
    return Trip(
        settings=settings,
        facts=facts,
        candidate=candidate,
        data=data,
        form=form,
        digest=hashlib.sha256(data).hexdigest(),
        launch=candidate.launch if candidate.launch.roots else Launch(roots=facts.import_roots),
        saved=candidate.path is None,
        table=table,
        rows=rows,
    )


def _bytes(candidate: Model) -> tuple[bytes, str]:
    """Return the bytes of the file that was judged; of a model without one, those of a file that is made of it."""
    from pytest_mlgate.tables import read_regular_file

    if candidate.path is None:
        return candidate.save("joblib"), "joblib"
    data = read_regular_file(candidate.path, what="model")
    if hashlib.sha256(data).hexdigest() != candidate.digest:
        raise InputError(
            f"{candidate.source} is not the file any more that the other gates judged: its bytes have changed",
            fix="keep the file still while it is judged, and run the gates again",
            details={"reason": "changed", "file": os.fspath(candidate.path)},
        )
    return data, candidate.format
