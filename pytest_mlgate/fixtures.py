"""What users request in their tests, or override in their ``conftest.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.cards.form import Card
    from pytest_mlgate.checks import GateResult
    from pytest_mlgate.config import Config
    from pytest_mlgate.gates.base import Gate
    from pytest_mlgate.tables.engines import Engine
    from pytest_mlgate.tables.profile import Profile


@pytest.fixture(scope="session")
def mlgate_config(request: pytest.FixtureRequest) -> Config:
    """The configuration that applies here: mlgate.toml, or every setting at its default where there is none."""
    from pytest_mlgate.store import store_of

    return store_of(request.config).config


@pytest.fixture(scope="session")
def mlgate_candidate(request: pytest.FixtureRequest) -> Iterator[Model]:
    """The model that wants to go up, as a handle over a fresh process.

    It has ``predict``, ``predict_proba``, ``decision_function``, ``classes_`` and ``digest``. Override it to return
    an estimator, or a function from a data frame to predictions::

        @pytest.fixture(scope="session")
        def mlgate_candidate():
            return my_registry.load("flights-late", version="latest")
    """
    yield from _model(request, "candidate")


@pytest.fixture(scope="session")
def mlgate_baseline(request: pytest.FixtureRequest) -> Iterator[Model]:
    """The model that the candidate is compared with: the champion, or a dummy where the configuration names none."""
    from pytest_mlgate.store import store_of

    if store_of(request.config).config.model.baseline in (None, "dummy"):
        yield _dummy(request)
    else:
        yield from _model(request, "baseline")


@pytest.fixture(scope="session")
def mlgate_train(request: pytest.FixtureRequest) -> pd.DataFrame | Engine:
    """The rows that the candidate was fitted on, as a pandas data frame.

    Where the configuration names a folder, a pattern or a query, they are a table whose rows stay where they are
    (``docs/engines.md``), here and in the other data fixtures.
    """
    return _rows(request, "train")


@pytest.fixture(scope="session")
def mlgate_holdout(request: pytest.FixtureRequest) -> pd.DataFrame | Engine:
    """Labelled rows that no model was fitted on, as a pandas data frame.

    Override it to take them from somewhere else; every gate then uses what it returns::

        @pytest.fixture(scope="session")
        def mlgate_holdout():
            return pd.read_sql("select * from holdout", engine)
    """
    return _rows(request, "holdout")


@pytest.fixture(scope="session")
def mlgate_reference(request: pytest.FixtureRequest) -> pd.DataFrame | Profile | Engine:
    """The rows that drift is measured from, as a pandas data frame; the training rows where none are named.

    Where the configuration names a profile (``reference = "profiles/train.json"``) it is that profile, a
    ``pytest_mlgate.Profile``, which has no rows; where it names a folder, a pattern or a query, a table whose rows stay
    where they are (``docs/engines.md``).
    """
    from pytest_mlgate.store import store_of

    named = store_of(request.config).config.data.reference is not None
    found: pd.DataFrame | Profile | Engine = (
        _table_or_profile(request, "reference") if named else _ask(request, "train")
    )
    return found


@pytest.fixture(scope="session")
def mlgate_current(request: pytest.FixtureRequest) -> pd.DataFrame | Profile | Engine:
    """Recent rows, as a pandas data frame, or the profile or lazy table that is named; labels may still be missing.

    Override it to return a lazy frame of polars, a relation of duckdb or a data frame of Spark; its rows are counted
    where they are::

        @pytest.fixture(scope="session")
        def mlgate_current():
            return duckdb.sql("SELECT * FROM requests WHERE day > '2024-01-31'")
    """
    return _table_or_profile(request, "current")


@pytest.fixture(scope="session")
def mlgate_serving(request: pytest.FixtureRequest) -> pd.DataFrame | Engine:
    """Logged requests to the service, as a pandas data frame."""
    return _rows(request, "serving")


@pytest.fixture(scope="session")
def mlgate_card(request: pytest.FixtureRequest) -> Card:
    """The model card as it was read: its sections, the numbers in it with their lines, its links.

    It is the file that `[gates.card] path` names, or MODEL_CARD.md beside the configuration. Override it to return
    another path, or bytes; the gate then judges that::

        @pytest.fixture(scope="session")
        def mlgate_card():
            return my_registry.download("flights-late", "card.md")
    """
    from pytest_mlgate.store import store_of

    with _one_message():
        return store_of(request.config).card()


@pytest.fixture
def mlgate(request: pytest.FixtureRequest, mlgate_config: Config) -> Mlgate:
    """The gates, as assertions: ``mlgate.baseline(metric="roc_auc", margin=0.01)``.

    One method a gate. Keyword arguments are the gate's settings; those named like one of its inputs replace what
    the data fixtures return. Each call fails the test where the gate blocks, and returns its result::

        def test_late_flights_at_each_airport(mlgate):
            mlgate.baseline(metric="roc_auc", margin=0.01, slices=["origin"])

        def test_recent_rows(mlgate, mlgate_current):
            mlgate.drift(current=mlgate_current.query("carrier == 'AA'"), max_distance=0.1)
    """
    return Mlgate(request, mlgate_config)


class Mlgate:
    """What the ``mlgate`` fixture returns: one method a gate, found by the gate's name."""

    def __init__(self, request: pytest.FixtureRequest, config: Config) -> None:
        self._request = request
        self._config = config
        self._calls: dict[str, int] = {}

    def __dir__(self) -> list[str]:
        from pytest_mlgate.gates import gate_names

        return [*super().__dir__(), *gate_names()]

    def __getattr__(self, name: str) -> Callable[..., GateResult]:
        from pytest_mlgate.checks import GateFailure, failure_text
        from pytest_mlgate.gates import gate_names, load_gate
        from pytest_mlgate.reports.text import printable

        __tracebackhide__ = True
        if name not in gate_names():
            raise AttributeError(f"no gate is called {name!r}; there are: {', '.join(gate_names())}")

        def gate(**settings: Any) -> GateResult:
            __tracebackhide__ = True
            result = self._run(load_gate(name), settings)
            text = failure_text(result)
            if text is not None:
                raise GateFailure(printable(text), result)
            return result

        return gate

    def run_marked(self, name: str, settings: Mapping[str, Any]) -> None:
        """Run the gate of a marker; without a traceback, since no line of the user's called it."""
        from pytest_mlgate.checks import failure_text
        from pytest_mlgate.gates import gate_names, load_gate
        from pytest_mlgate.reports.text import printable

        __tracebackhide__ = True
        if name not in gate_names():
            pytest.fail(f"marker mlgate_{name}: there are the gates {', '.join(gate_names())}", pytrace=False)
        text = failure_text(self._run(load_gate(name), settings))
        if text is not None:
            raise pytest.fail.Exception(printable(text), pytrace=False) from None  # the message is the whole story

    def _run(self, gate: Gate, settings: Mapping[str, Any]) -> GateResult:
        from pytest_mlgate.config import check_settings
        from pytest_mlgate.running import run

        __tracebackhide__ = True
        known = (*gate.inputs, *gate.optional)
        given = {name: settings[name] for name in known if name in settings and name not in _fields(gate)}
        try:
            checked = check_settings(gate, {key: value for key, value in settings.items() if key not in given})
        except ValueError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        names = (*gate.inputs, *(name for name in gate.optional if name in given or checked.wants(name)))
        values = {name: given[name] if name in given else input_value(self._request, gate, name) for name in names}
        node: pytest.Item = self._request.node
        return run(node, gate, checked, values, config=self._config, entry=self._entry(gate, checked.name))

    def _entry(self, gate: Gate, name: str | None) -> str:
        """Name a handwritten call after its test, so that it never hides a configured gate."""
        from pytest_mlgate.transport import test_name

        entry = test_name(self._request.node.nodeid) + (f" {name}" if name else "")
        self._calls[f"{gate.name}{entry}"] = count = self._calls.get(f"{gate.name}{entry}", 0) + 1
        return entry if count == 1 else f"{entry} #{count}"


def input_value(request: pytest.FixtureRequest, gate: Gate, name: str) -> Any:
    """Return what the fixture of an input returns; None for an optional one that nobody configured."""
    from pytest_mlgate.store import NotConfigured

    __tracebackhide__ = True
    try:
        return _ask(request, name)
    except NotConfigured:
        if name in gate.inputs:
            raise
        return None


def _ask(request: pytest.FixtureRequest, name: str) -> Any:
    from pytest_mlgate.store import not_configured

    __tracebackhide__ = True
    fixture = f"mlgate_{name}"
    try:
        return request.getfixturevalue(fixture)
    except pytest.FixtureLookupError as error:
        if error.argname != fixture:  # what an override asks for in its turn
            raise
    raise not_configured(name)  # pytest 8.0 takes a second try of a fixture that failed for a recursion


def _fields(gate: Gate) -> set[str]:
    """Settings win over inputs of the same name, as ``train`` is both for a gate that compares two functions."""
    fields = gate.settings.model_fields
    return {key for name, field in fields.items() for key in (name, field.alias) if key}


def _rows(request: pytest.FixtureRequest, name: str) -> pd.DataFrame | Engine:
    """Return a table that the configuration does not let a profile stand for."""
    __tracebackhide__ = True
    found: Any = _table_or_profile(request, name)
    return cast("pd.DataFrame | Engine", found)


def _table_or_profile(request: pytest.FixtureRequest, name: str) -> pd.DataFrame | Profile | Engine:
    from pytest_mlgate.store import store_of

    __tracebackhide__ = True
    with _one_message():
        return store_of(request.config).table_or_profile(name)


def _model(request: pytest.FixtureRequest, name: str) -> Iterator[Model]:
    from pytest_mlgate.store import store_of

    __tracebackhide__ = True
    with _one_message():
        model: Model = store_of(request.config).model(name)
    yield model
    model.close()


def _dummy(request: pytest.FixtureRequest) -> Model:
    """Return the trivial model of the training labels, or of the holdout's where there are no training rows.

    Without either, the labels are those of the candidate's table of predictions, where it is one.
    """
    from pytest_mlgate.artifacts.model import dummy_model
    from pytest_mlgate.checks import InputError
    from pytest_mlgate.store import NotConfigured
    from pytest_mlgate.tables import as_frame

    __tracebackhide__ = True
    config: Config = request.getfixturevalue("mlgate_config")
    try:
        name, value = "train", _ask(request, "train")
    except NotConfigured:
        name, value = "holdout", _holdout_or_predictions(request)
    with _one_message():
        rows, target = as_frame(value, name=name), config.data.target
        if target is None or target not in rows:
            message = "no target is configured" if target is None else f"the {name} table has no column {target!r}"
            raise InputError(message, fix="set `target` under [data] in mlgate.toml to the column with the labels")
        task = config.model.task or _task(request, rows[target])
        return dummy_model(rows[target], task=task, name="training" if name == "train" else name)


def _holdout_or_predictions(request: pytest.FixtureRequest) -> Any:
    from pytest_mlgate.store import NotConfigured

    __tracebackhide__ = True
    try:
        return _ask(request, "holdout")
    except NotConfigured:
        table = _candidate(request).table
        if table is None:
            raise
        return table.frame


def _task(request: pytest.FixtureRequest, labels: pd.Series[Any]) -> str:
    """Return the task as the gate will find it: a dummy of another kind could not be compared."""
    from pytest_mlgate.gates.baseline.evaluation import find_task

    classes = _candidate(request).classes_
    return find_task(labels.dropna().to_numpy(), None if classes is None else tuple(classes.tolist()))


def _candidate(request: pytest.FixtureRequest) -> Model:
    from pytest_mlgate.artifacts.model import as_model

    config: Config = request.getfixturevalue("mlgate_config")
    return as_model(request.getfixturevalue("mlgate_candidate"), name="candidate", id=config.data.id)


@contextmanager
def _one_message() -> Iterator[None]:
    """Turn bad input into a failure that is its message and nothing else."""
    from pytest_mlgate.checks import InputError
    from pytest_mlgate.reports.text import printable

    __tracebackhide__ = True
    try:
        yield
    except InputError as error:
        text = f"{error.message}\n    fix: {error.fix}" if error.fix else error.message
        raise pytest.fail.Exception(printable(text), pytrace=False) from None  # the message is the whole story
