"""One gate run inside a test: gather its inputs, run it, apply the policy, keep the result for the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlgate.checks import Check, GateResult, InputError, Outcome, Severity

if TYPE_CHECKING:
    from pytest_mlgate.config import Config
    from pytest_mlgate.gates.base import Gate, GateSettings
    from pytest_mlgate.policy import Policy
    from pytest_mlgate.store import Store
    from pytest_mlgate.tables.engines import Engine
    from pytest_mlgate.tables.profile import Profile


def run(
    item: pytest.Item,
    gate: Gate,
    settings: GateSettings,
    values: Mapping[str, Any],
    *,
    config: Config,
    entry: str,
) -> GateResult:
    """Run a gate for a test, apply policy and waivers, and keep the result on the item.

    Parameters
    ----------
    item : pytest.Item
        The test that asks; its marker ``mlgate`` may name another stage or a lower severity.
    gate, settings
        What to run.
    values : Mapping
        Models and tables by input name, as the fixtures returned them.
    config : Config
        What the fixture ``mlgate_config`` returned.
    entry : str
        The name under which the checks are known.
    """
    from pytest_mlgate.gates.base import Inputs, run_gate
    from pytest_mlgate.store import store_of
    from pytest_mlgate.transport import keep

    __tracebackhide__ = True
    store = store_of(item.config)
    values = _with_own_card(store, settings, values)
    own = {name: _pristine(store, value) for name, value in values.items() if value is not None}
    settings, policy = _marked(item, settings, store)
    environments = tuple(item.config.getoption("mlgate_env", ()))
    facts = replace(config.facts, stage=policy.stage, environments=environments)
    identity = _Identity(store, values, own)
    result = run_gate(gate, settings, Inputs(facts=facts, values=own, identity=identity), entry=entry)
    inputs = {name: identity[name] for name in own}
    checks = (*result.checks, *_undigested(result, identity))
    result = replace(result, checks=tuple(levelled(checks, policy, config)))
    keep(item, result, inputs)
    return result


def _undigested(result: GateResult, identity: _Identity) -> Iterable[Check]:
    """Yield an error for each table whose rows could not be gone over again once the gate had answered.

    Nobody can tell then what it judged: the files are others by now or gone, or the engine gives no answer any more.
    """
    for name, error in identity.undigested.items():
        yield Check(
            code="MLG002",
            gate=result.gate,
            entry=result.entry,
            subject=name,
            outcome=Outcome.ERROR,
            message=error.message,
            fix=error.fix,
        )


class _Undigested(Exception):
    """A table whose rows stay where they are could be opened, and its digest could not be formed."""

    def __init__(self, why: InputError) -> None:
        self.why = why


class _Identity(Mapping[str, Mapping[str, Any]]):
    """The digest and source of each input; found out when it is first asked for, once."""

    def __init__(self, store: Store, values: Mapping[str, Any], own: Mapping[str, Any]) -> None:
        self._store, self._values, self._own = store, values, own
        self._known: dict[str, dict[str, Any]] = {}
        self.undigested: dict[str, InputError] = {}

    def __getitem__(self, name: str) -> dict[str, Any]:
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> dict[str, Any]:
        if name not in self._own:
            return self._file(name)
        try:
            return _evidence(self._store, self._values[name], self._own[name])
        except _Undigested as error:
            self.undigested[name] = error.why
            return {"digest": "", "source": type(self._own[name]).__name__}

    def _file(self, name: str) -> dict[str, Any]:
        """Return the digest of a configured table that the gate was not given: its rows need not be read for it."""
        from pytest_mlgate.tables.files import file_digest

        setting = getattr(self._store.config.data, name, None)
        if not isinstance(setting, str):
            raise KeyError(name)
        try:
            digest, _ = file_digest(self._store.config.resolve(setting), what="table")
        except InputError:  # a gate that needs it says so
            raise KeyError(name) from None
        return {"digest": digest, "source": setting}

    def __iter__(self) -> Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)


def _marked(item: pytest.Item, settings: GateSettings, store: Store) -> tuple[GateSettings, Policy]:
    from pytest_mlgate.policy import STAGES

    policy = store.policy
    for mark in reversed(list(item.iter_markers("mlgate"))):  # the closest has the last word
        unknown = sorted(set(mark.kwargs) - {"stage", "severity"})
        if mark.args or unknown:
            pytest.fail(f"marker mlgate takes stage= and severity= only, not {mark.args or unknown!r}", pytrace=False)
        if mark.kwargs.get("stage") is not None:
            if mark.kwargs["stage"] not in STAGES:
                pytest.fail(f"marker mlgate: stage={mark.kwargs['stage']!r} is none of {STAGES}", pytrace=False)
            policy = store.config.policies.at(mark.kwargs["stage"])
        if mark.kwargs.get("severity") is not None:
            try:
                settings = settings.model_copy(update={"severity": Severity(mark.kwargs["severity"])})
            except ValueError:
                known = ", ".join(Severity)
                message = f"marker mlgate: severity={mark.kwargs['severity']!r} is none of {known}"
                pytest.fail(message, pytrace=False)
    return settings, policy


def levelled(checks: Iterable[Check], policy: Policy, config: Config) -> Iterable[Check]:
    """Return checks as the policy weighs them, and waived where a waiver of the configuration covers them today."""
    from pytest_mlgate.policy import level, waive

    today = datetime.now(UTC).date()
    waivers = config.waivers if policy.waivers else ()
    return (waive(level(check, policy), waivers, today) for check in checks)


def _with_own_card(store: Store, settings: GateSettings, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the inputs with the card that the entry names, where no ``conftest.py`` gives another one."""
    named = getattr(settings, "path", None) if "card" in values else None
    if named is None or not any(values["card"] is card for card in store.cards.values()):
        return values
    try:
        return {**values, "card": store.card(named)}
    except InputError:  # the gate says what is wrong with it
        return {**values, "card": store.config.resolve(named)}


def _pristine(store: Store, value: Any) -> Any:
    read = store.read_of(value)
    return value if read is None else read.frame


def _evidence(store: Store, value: Any, own: Any) -> dict[str, Any]:
    """Return the digest of an input and where it came from."""
    from pytest_mlgate.artifacts.model import as_model
    from pytest_mlgate.cards.form import Card
    from pytest_mlgate.tables import as_frame, frame_digest
    from pytest_mlgate.tables.engines.opening import engine_of
    from pytest_mlgate.tables.profile import Profile

    if isinstance(own, Profile):
        return _profile_evidence(store, own)
    if isinstance(own, Card):
        return {"digest": own.digest, "source": _relative(own.source, store.config.folder), "format": own.format}
    read = store.read_of(value)
    if read is not None:
        source = Path(read.path)
        place = source.relative_to(store.config.folder) if source.is_relative_to(store.config.folder) else source
        return {"digest": read.digest, "source": place.as_posix(), "rows": len(read.frame)}
    try:
        engine = engine_of(own)
        if engine is not None:
            return _engine_evidence(store, engine)
        if hasattr(own, "predict") or callable(own):
            model = as_model(own, name="model")
            named = _relative(model.source, store.config.folder)
            return {"digest": model.digest, "source": named, **model.provenance}
        frame = as_frame(own, name="table")
        return {"digest": frame_digest(frame), "source": "fixture", "rows": len(frame)}
    except InputError:  # the gate has said what is wrong with it
        return {"digest": "", "source": type(own).__name__}


def _profile_evidence(store: Store, profile: Profile) -> dict[str, Any]:
    path = next((path for path, read in store.profiles.items() if read is profile), None)
    source = "fixture" if path is None else _relative(str(path), store.config.folder)
    tables = [table.digest for table in profile.sources]
    return {"digest": profile.digest, "source": source, "rows": profile.rows, "profile_of": tables}


def _engine_evidence(store: Store, engine: Engine) -> dict[str, Any]:
    """Return the digest of the rows; no one file is behind them, but a setting may say where they are read again."""
    from pytest_mlgate.tables.engines.opening import judged_digest

    named = next((setting for setting, kept in store.engines.items() if kept is engine), None)
    where = {} if named is None else {"read_from": named}
    try:
        digest, rows = judged_digest(engine), engine.rows
    except InputError as error:
        raise _Undigested(error) from error
    return {"digest": digest, "source": "fixture", "rows": rows, "engine": engine.name, **where}


def _relative(source: str, folder: Path) -> str:
    path = Path(source)
    return path.relative_to(folder).as_posix() if path.is_absolute() and path.is_relative_to(folder) else source
