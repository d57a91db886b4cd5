"""Where a model lives: in a process of its own, or in this one."""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pytest_mlgate.artifacts.answers import refusal_error
from pytest_mlgate.artifacts.asking import Refusal, ask_twice, classes_of, describe, time_calls
from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.artifacts.launch import Launch
from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.process import ModelProcess

REACHED = "opened a network connection"
"""In notes of a model that went on without the connection that it was refused."""

_FLOOD = 1024**2


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """What is known of a model before it is asked."""

    kind: str
    methods: tuple[str, ...]
    classes: NDArray[Any] | None
    feature_names: tuple[str, ...] | None
    versions: dict[str, str]
    notes: tuple[str, ...] = ()
    seconds: float | None = None
    """What loading or importing took in its process, the packages that it needs included; None: it lives here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a model answered, its shape not yet checked."""

    values: NDArray[Any]
    notes: tuple[str, ...] = ()


class Backend(Protocol):
    """Something that answers questions."""

    @property
    def place(self) -> str:
        """Where the model lives, for people."""

    def carry(self, frame: pd.DataFrame) -> bytes | None:
        """Return the rows as an Arrow stream, which also names them; None where they cannot and need not be carried."""

    def ask(self, method: str, frame: pd.DataFrame, content: bytes | None) -> Answer:
        """Put one question twice and return the one answer."""

    def time(self, method: str, frame: pd.DataFrame, content: bytes | None, repeats: int) -> list[float]:
        """Put one question again and again, and return the seconds that each answer took."""

    def save(self, form: str, rows: pd.DataFrame | None) -> bytes:
        """Return the model as the bytes of a file in a format; some need to see rows."""

    def close(self) -> None:
        """Give up what it holds."""


class ProcessBackend:
    """A model in a process of its own."""

    place = "a process of its own"

    def __init__(self, process: ModelProcess) -> None:
        self._process = process

    def carry(self, frame: pd.DataFrame) -> bytes | None:
        """Return the rows as they are sent; InputError where a column cannot be."""
        from pytest_mlgate.tables import to_ipc

        return to_ipc(frame)

    def ask(self, method: str, frame: pd.DataFrame, content: bytes | None) -> Answer:
        """Send the rows and return the answer."""
        from pytest_mlgate.artifacts.wire import decode_array

        reply, payload = self._process.request({"op": "ask", "method": method}, content or b"", doing=method)
        try:
            values = decode_array(reply["array"], payload)
        except Exception as error:  # the other side is not trusted: whatever it wrote
            raise _nonsense(self._process, method, error) from error
        return Answer(values=values, notes=(*map(str, reply.get("notes", ())), *_conduct(self._process, reply, method)))

    def time(self, method: str, frame: pd.DataFrame, content: bytes | None, repeats: int) -> list[float]:
        """Send the rows and return what the process measured around the model's calls, transport not counted."""
        header = {"op": "time", "method": method, "repeats": repeats}
        reply, _ = self._process.request(header, content or b"", doing=method)
        try:
            seconds = [float(value) for value in reply["seconds"]]
            if len(seconds) != repeats or not all(0 < value < math.inf for value in seconds):
                raise ValueError(f"{len(seconds)} times for {repeats} calls")
        except Exception as error:  # the other side is not trusted: whatever it wrote
            raise _nonsense(self._process, method, error) from error
        return seconds

    def save(self, form: str, rows: pd.DataFrame | None) -> bytes:
        """Let the process save its model; what it wrote is not trusted more than the process is."""
        content = b"" if rows is None else self.carry(rows) or b""
        _, payload = self._process.request({"op": "save", "format": form}, content, doing=f"saving as {form}")
        return payload

    def close(self) -> None:
        """End the process."""
        self._process.close()


class LocalBackend:
    """A model in this process, as an override in a conftest gives it.

    Warning filters and the global random states are put back after each question.
    """

    place = "this process"

    def __init__(self, model: Any, name: str) -> None:
        self._model, self._name = model, name

    def describe(self) -> Description:
        """Return what is known of it; ModelError where it is no model."""
        try:
            found = describe(self._model)
        except Refusal as refusal:
            raise self._error(refusal, "describing") from None
        names = found["feature_names"]
        return Description(
            kind=found["kind"],
            methods=tuple(found["methods"]),
            classes=classes_of(self._model),
            feature_names=None if names is None else tuple(names),
            versions=found["versions"],
        )

    def carry(self, frame: pd.DataFrame) -> bytes | None:
        """Return the rows as a stream, or None where they hold what no stream carries: here nothing needs to be."""
        from pytest_mlgate.tables import to_ipc

        try:
            return to_ipc(frame)
        except InputError:
            return None

    def ask(self, method: str, frame: pd.DataFrame, content: bytes | None) -> Answer:
        """Ask in this process, each time with a copy of the rows."""
        with self._asking(method):
            values, notes = ask_twice(self._model, method, lambda: frame.copy(deep=True))
        return Answer(values=values, notes=tuple(notes))

    def time(self, method: str, frame: pd.DataFrame, content: bytes | None, repeats: int) -> list[float]:
        """Time calls in this process, each with a copy of the rows."""
        with self._asking(method):
            return time_calls(self._model, method, lambda: frame.copy(deep=True), repeats)

    def save(self, form: str, rows: pd.DataFrame | None) -> bytes:
        """Save the object that lives here."""
        from pytest_mlgate.artifacts.saving import save

        with self._asking(f"saving as {form}"):
            return save(self._model, form, rows)

    def close(self) -> None:
        """Nothing to give up: the object is the user's."""

    @contextlib.contextmanager
    def _asking(self, method: str) -> Iterator[None]:
        import numpy as np

        states = random.getstate(), np.random.get_state()
        try:
            yield
        except Refusal as refusal:
            raise self._error(refusal, method) from refusal.__cause__
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])

    def _error(self, refusal: Refusal, doing: str) -> ModelError:
        return refusal_error(refusal.record, source=self._name, doing=doing, roots=(), stderr="")


def load_bytes(
    data: bytes, *, form: str, source: str, launch: Launch, names: Sequence[str] = ()
) -> tuple[ProcessBackend, Description]:
    """Load the bytes of a model file in a fresh process, with the names that it may use."""
    header = {"op": "load", "format": form, "names": list(names)}
    return _open(header, data, source=source, launch=launch, doing="loading")


def import_in_process(ref: str, *, launch: Launch) -> tuple[ProcessBackend, Description]:
    """Import ``package.module:attribute`` in a fresh process."""
    return _open({"op": "import", "ref": ref}, b"", source=ref, launch=launch, doing="importing")


def _open(
    header: dict[str, Any], payload: bytes, *, source: str, launch: Launch, doing: str
) -> tuple[ProcessBackend, Description]:
    from pytest_mlgate.artifacts.process import ModelProcess

    process = ModelProcess(source=source, launch=launch)
    try:
        reply, content = process.request(header, payload, doing=doing)
        try:
            description = _described(reply, content, conduct=_conduct(process, reply, doing))
        except Exception as error:  # the other side is not trusted: whatever it wrote
            raise _nonsense(process, doing, error) from error
    except BaseException:
        process.close()
        raise
    return ProcessBackend(process), description


def _described(reply: dict[str, Any], content: bytes, *, conduct: Iterable[str]) -> Description:
    from pytest_mlgate.artifacts.wire import decode_array

    found, notes = reply["description"], reply["notes"]
    versions = {str(name): str(version) for name, version in found["versions"].items()}
    for note in notes[:1]:
        versions["scikit-learn (trained)"] = str(note["trained"])
    names = found["feature_names"]
    return Description(
        kind=str(found["kind"]),
        methods=tuple(map(str, found["methods"])),
        classes=decode_array(reply["array"], content) if "array" in reply else None,
        feature_names=None if names is None else tuple(map(str, names)),
        versions=versions,
        notes=(*(str(note["text"]) for note in notes), *conduct),
        seconds=float(reply["seconds"]),
    )


def _conduct(process: ModelProcess, reply: dict[str, Any], doing: str) -> Iterator[str]:
    """Notes on what a process did besides answering."""
    attempts = reply.get("attempts", ())
    for target in attempts if isinstance(attempts, list) else ():
        yield f"{doing} {REACHED} to {str(target)[:200]}, and was refused"
    if process.printed > _FLOOD:
        yield f"{doing} floods its output: more than 1 MiB for one question"


def _nonsense(process: ModelProcess, doing: str, error: Exception) -> ModelError:
    return ModelError(
        f"{process.source}: {doing}: its process wrote what is no answer ({type(error).__name__}: {error})",
        fix="a model must not write to descriptors that it did not open",
        details={"reason": "protocol"},
    )
