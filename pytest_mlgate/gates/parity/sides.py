"""The two sides: whatever is named as ``train`` or ``serve`` becomes one function from rows to an answer.

A side runs in this process, in a thread of its own with a time limit: it is the project's own code, as the tests and
their fixtures are, and not a file that came from elsewhere. A second process is one of the ways in which it is asked.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.base import Facts
from pytest_mlgate.gates.importing import import_object
from pytest_mlgate.gates.parity.answers import Answer, SideError, to_answer
from pytest_mlgate.gates.parity.requests import read, to_body, to_objects
from pytest_mlgate.gates.parity.services import Send, asgi_client, http_client, kind_of_app, wsgi_client
from pytest_mlgate.gates.parity.stored import stored_answers
from pytest_mlgate.gates.parity.worker import worker
from pytest_mlgate.tables.reading import is_table_path

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.base import Inputs

Ask = Callable[["pd.DataFrame"], Answer]
"""From rows to an answer; raises SideError. It may change the rows it is given."""

CANDIDATE = "candidate"
_PACKAGE = Path(__file__).parents[2]
_FORMS = (
    "a function, an estimator, an import path `package.module:attribute` of one, an ASGI or WSGI app with `path`, "
    "an http(s) URL, or a table file"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SideSpec:
    """What a side is, as it was configured.

    Attributes
    ----------
    side : {"train", "serve"}
    target : object
        A function, an estimator, an app, an import path, a URL or a stored table's file.
    path, method : str
        Of a service.
    request, response : callable, str or None
        From rows to a request's body, and from a response's JSON to a frame or array.
    timeout : float
        Seconds for each call.
    roots : tuple of str
        Folders that import paths are resolved in.
    """

    side: str
    target: Any
    path: str | None = None
    method: str = "POST"
    request: Any = None
    response: Any = None
    timeout: float = 60.0
    roots: tuple[str, ...] = ()

    @property
    def portable(self) -> bool:
        """Whether another process can find the side by what was configured."""
        return is_path(self.target) and all(
            value is None or isinstance(value, str) for value in (self.request, self.response)
        )


def is_url(value: Any) -> bool:
    """Whether a side is asked over HTTP."""
    return isinstance(value, str) and value.lower().startswith(("http://", "https://"))


def is_candidate(value: Any) -> bool:
    """Whether a side is the configured model itself."""
    return isinstance(value, str) and value == CANDIDATE


def is_path(value: Any) -> bool:
    """Whether a side is named by an import path."""
    return isinstance(value, str) and not (is_url(value) or is_candidate(value) or is_stored(value))


def is_stored(value: Any) -> bool:
    """Whether a side is a table of features that were computed before."""
    return isinstance(value, str) and not is_url(value) and is_table_path(value)


@contextmanager
def open_side(spec: SideSpec, inputs: Inputs | None = None) -> Iterator[Ask]:
    """Yield the function that asks a side; a service is started before, and stopped afterwards.

    Parameters
    ----------
    spec : SideSpec
    inputs : Inputs or None
        Where the candidate comes from, for a side that is the word ``candidate``; and the id that stored rows have.

    Raises
    ------
    InputError
        What was named is not there, does not import, or can be no side.
    SideError
        A service that does not start.
    """
    with ExitStack() as stack:
        thread = stack.enter_context(worker(spec.side, timeout=spec.timeout))
        target = _resolved(spec, "target") if is_path(spec.target) else spec.target
        service = _service(spec, target)
        if service is None:
            function = _function(spec, target, inputs)
        else:
            stack.callback(thread.leave, lambda: service.__exit__(None, None, None))
            function = _over(thread.call(lambda: _guarded(spec.side, service.__enter__)), spec)

        def ask(rows: pd.DataFrame) -> Answer:
            size = len(rows)  # a side that changes its rows may change their number

            def answer() -> Answer:
                return to_answer(_finished(function(rows)), rows=size, side=spec.side)

            found: Answer = thread.call(lambda: _guarded(spec.side, answer))
            return found

        yield ask


def _resolved(spec: SideSpec, name: str) -> Any:
    value = getattr(spec, name)
    key = spec.side if name == "target" else name
    forms = _FORMS if name == "target" else "a function, or an import path `package.module:function`"
    return import_object(value, spec.roots, key=key, forms=forms) if isinstance(value, str) else value


def _service(spec: SideSpec, target: Any) -> AbstractContextManager[Send] | None:
    """Return the client of a service; None for what is none."""
    options: dict[str, Any] = {"method": spec.method, "timeout": spec.timeout, "side": spec.side}
    if is_url(target):
        return http_client(target, path=spec.path, **options)
    if spec.path is None:
        return None
    kind = kind_of_app(target)
    if kind is None:
        raise InputError(
            f"parity: `path` is set, and `{spec.side}` is {_described(target)}, not an ASGI or WSGI app",
            fix=f"name the app, or take `path` away; `{spec.side}` may be {_FORMS}",
        )
    client = asgi_client if kind == "asgi" else wsgi_client
    return client(target, path=spec.path, **options)


def _over(send: Send, spec: SideSpec) -> Callable[[pd.DataFrame], Any]:
    request, response = _resolved(spec, "request"), _resolved(spec, "response")

    def function(rows: pd.DataFrame) -> Any:
        body = to_body(to_objects(rows) if request is None else request(rows))
        parsed = read(send(body), spec.side)
        return parsed if response is None else response(parsed)

    return function


def _function(spec: SideSpec, target: Any, inputs: Inputs | None) -> Callable[[pd.DataFrame], Any]:
    if is_candidate(target):
        return _candidate(inputs)
    if is_stored(target):
        return stored_answers(target, side=spec.side, facts=inputs.facts if inputs is not None else Facts())
    if isinstance(target, type):
        raise InputError(
            f"parity: `{spec.side}` is the class {target.__qualname__}, not an instance", fix=f"give {_FORMS}"
        )
    if callable(getattr(target, "transform", None)):
        return lambda rows: _with_names(target, target.transform(rows))
    if callable(getattr(target, "predict_proba", None)):
        return lambda rows: _positive(target.predict_proba(rows))
    if callable(getattr(target, "predict", None)):
        return lambda rows: target.predict(rows)
    if not callable(target):
        raise InputError(f"parity: `{spec.side}` is {_described(target)}, which cannot be asked", fix=f"give {_FORMS}")
    if kind_of_app(target) == "asgi":
        raise InputError(
            f"parity: `{spec.side}` is an ASGI app, and no `path` says what to ask it", fix='set `path = "/features"`'
        )
    return target  # type: ignore[no-any-return]


def _with_names(transformer: Any, transformed: Any) -> Any:
    """Name an array's columns as the transformer does, where it can."""
    import pandas as pd

    if hasattr(transformed, "toarray"):
        transformed = transformed.toarray()
    if hasattr(transformed, "columns") or not hasattr(transformer, "get_feature_names_out"):
        return transformed
    try:
        return pd.DataFrame(transformed, columns=list(transformer.get_feature_names_out()))
    except Exception:  # not every step of a pipeline can tell: columns are then known by their position
        return transformed


def _positive(probabilities: Any) -> Any:
    """Return the probability of the second of two classes, which is what services return; else all."""
    two = getattr(probabilities, "ndim", 0) == 2 and probabilities.shape[1] == 2
    return probabilities[:, 1] if two else probabilities


def _candidate(inputs: Inputs | None) -> Callable[[pd.DataFrame], Any]:
    """Return what the configured candidate answers: a probability, of the positive label where there are two."""
    from pytest_mlgate.artifacts.features import select_features

    if inputs is None:
        raise InputError("parity: no candidate is at hand", fix="give a function instead")
    model, facts = inputs.model("candidate"), inputs.facts

    def function(rows: pd.DataFrame) -> Any:
        features = select_features(model, rows, facts, name="the rows")
        if "predict_proba" not in model.methods:
            return model.predict(features)
        found = model.predict_proba(features)
        classes = list(model.classes_.tolist()) if model.classes_ is not None else []
        if facts.positive in classes and len(classes) == 2:
            return found[:, classes.index(facts.positive)]
        return _positive(found)

    return function


def _finished(value: Any) -> Any:
    """Return what a function returned; what an asynchronous one promised is waited for."""
    if not inspect.isawaitable(value):
        return value
    import asyncio

    async def wait() -> Any:
        return await value

    return asyncio.run(wait())


def _guarded(side: str, function: Callable[[], Any]) -> Any:
    """Run the user's code; what it raises becomes a SideError that says where."""
    try:
        return function()
    except (SideError, InputError):
        raise
    except (Exception, SystemExit) as error:
        raise SideError(
            "raised",
            f"{side} raised {type(error).__qualname__}{_where(error)}",
            quoted=" ".join(str(error).split())[:300],
            fix="mend it, or take rows that may not be asked out of the tables; the traceback is your own code's",
        ) from error


def _where(error: BaseException) -> str:
    """Return the last line of the project's own code that an error passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "site-packages" not in f.filename and not Path(f.filename).is_relative_to(_PACKAGE)]
    return f" ({Path(own[-1].filename).name}:{own[-1].lineno})" if own else ""


def _described(value: Any) -> str:
    if isinstance(value, type):
        return f"the class {value.__qualname__}"
    return getattr(value, "__qualname__", None) or f"of type {type(value).__qualname__}"
