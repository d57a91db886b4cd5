"""What one process has read: the configuration that applies, and each model and table once."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pandas as pd
    from _pytest.outcomes import Failed

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.cards.form import Card
    from pytest_mlgate.config import Config
    from pytest_mlgate.policy import Policy
    from pytest_mlgate.tables import TableRead
    from pytest_mlgate.tables.engines import Engine
    from pytest_mlgate.tables.engines.sessions import SparkSessions
    from pytest_mlgate.tables.profile import Profile
else:
    Failed = pytest.fail.Exception  # its public name, which a type checker takes for no class


class NotConfigured(Failed):
    """A model or table that the configuration does not name was asked for."""

    __module__ = "builtins"  # as pytest has it for its own, so that reports name no module of ours


@dataclass(kw_only=True)
class Store:
    """What one process has read: each file once, however many gates ask for it."""

    config: Config
    stage: str | None = None
    reads: dict[Path, TableRead] = field(default_factory=dict)
    handed: list[tuple[Any, TableRead]] = field(default_factory=list)
    profiles: dict[Path, Profile] = field(default_factory=dict)
    engines: dict[str, Engine] = field(default_factory=dict)
    cards: dict[Path, Card] = field(default_factory=dict)

    @cached_property
    def sessions(self) -> SparkSessions:
        """Where the session of Spark comes from that tables are read in."""
        return self.config.spark_sessions()

    def close(self) -> None:
        """Stop what was started to read tables."""
        if "sessions" in self.__dict__:
            self.sessions.stop()

    def table(self, name: str) -> pd.DataFrame:
        """Return a configured table; a copy, so that a test that changes it changes no gate's input."""
        from pytest_mlgate.tables import read_table

        setting = getattr(self.config.data, name)
        if setting is None:
            raise not_configured(name)
        if self.config.names_engine(setting):
            raise InputError(
                f"`[data] {name}` = {setting!r} is no single file, and one is needed here",
                fix="write these rows to a Parquet file, and name it",
            )
        path = self.config.resolve(setting)
        if path not in self.reads:
            self.reads[path] = read_table(path)
            self._refuse_misspelt(name, [str(column) for column in self.reads[path].frame.columns])
            self._refuse_no_time(name, self.reads[path].frame)
        read = self.reads[path]
        copy = read.frame.copy(deep=not _copies_on_write())
        self.handed.append((copy, read))
        return copy

    def table_or_profile(self, name: str) -> pd.DataFrame | Profile | Engine:
        """Return a configured table, or what the configuration names in its place: a profile, or rows elsewhere."""
        setting = getattr(self.config.data, name)
        if setting is None:  # as for most gates that read no rows: nothing heavy is imported to find it out
            raise not_configured(name)
        if self.config.names_engine(setting):
            return self._engine(name, setting)

        from pytest_mlgate.tables.profile import Profile
        from pytest_mlgate.tables.reading import is_profile_path

        if not is_profile_path(setting):
            return self.table(name)
        path = self.config.resolve(setting)
        if path not in self.profiles:
            self.profiles[path] = Profile.read(path)
            self._refuse_misspelt(name, self.profiles[path].names)
        return self.profiles[path]

    def _engine(self, name: str, setting: str) -> Engine:
        from pytest_mlgate.tables.engines.opening import open_setting

        if setting not in self.engines:
            self.engines[setting] = open_setting(setting, self.config.folder, self.sessions)
            self._refuse_misspelt(name, tuple(self.engines[setting].types))
        return self.engines[setting]

    def _refuse_misspelt(self, table: str, columns: Sequence[str]) -> None:
        """Refuse a column of the configuration that a table lacks and has under nearly the same name.

        Tables need not have every column; one that is sensitive under a slip of the pen would be shown.
        """
        data = self.config.data
        for key in ("id", "time", "weight", "groups", "sensitive"):
            value = getattr(data, key)
            for column in [value] if isinstance(value, str) else value or []:
                near = [] if column in columns else difflib.get_close_matches(column, columns, n=1, cutoff=0.8)
                if near:
                    message = f"the {table} table has no column {column!r}, which `[data] {key}` names"
                    raise InputError(message, fix=f"did you mean {near[0]!r}?")

    def _refuse_no_time(self, table: str, frame: pd.DataFrame) -> None:
        """Refuse a time column of text that is no date: what looks at time only now and then would say it late."""
        from pytest_mlgate.tables.dates import holds_dates
        from pytest_mlgate.tables.kinds import kind_of

        time = self.config.data.time
        if time is None or time not in frame or kind_of(frame[time]) != "string" or holds_dates(frame[time]):
            return
        first = frame[time].dropna()
        if len(first):
            said = "" if time in self.config.data.sensitive else f" (first: {first.iloc[0]!r})"
            raise InputError(
                f"`[data] time` names {time!r}, which in the {table} table holds text that is no date{said}",
                fix="name a column of timestamps, or of dates as ISO 8601 text in one form: 2026-01-31 05:06:07",
            )

    def card(self, name: str | None = None) -> Card:
        """Return the model card of a path; default: the one that `[gates.card]` names, else MODEL_CARD.md."""
        from pytest_mlgate.cards.reading import read_card

        settings: Any = next((entry.settings for entry in self.config.entries if entry.gate.name == "card"), None)
        named = name or (settings.path if settings is not None else None)
        path = self.config.resolve(named or "MODEL_CARD.md")
        if named is None and not path.exists():
            raise not_configured("card")
        if path not in self.cards:
            self.cards[path] = read_card(path)
        return self.cards[path]

    def read_of(self, value: Any) -> TableRead | None:
        """Return the read behind a table that :meth:`table` handed out."""
        return next((read for handed, read in self.handed if handed is value), None)

    def model(self, name: str) -> Model:
        """Return the handle of a configured model."""
        from pytest_mlgate.artifacts.references import is_reference, load_reference
        from pytest_mlgate.naming import is_import_path

        setting = getattr(self.config.model, name)
        if setting is None:
            raise not_configured(name)
        if self.config.names_engine(setting):
            return self._stored_elsewhere(name, setting)
        if is_reference(setting):
            return load_reference(setting, self.config.place, role=name, load=self._load)
        return self._load(setting if is_import_path(setting) else self.config.resolve(setting))

    def _stored_elsewhere(self, name: str, setting: str) -> Model:
        """Return the handle of a table of predictions whose rows stay where they are."""
        from pytest_mlgate.artifacts.predictions import load_predictions

        facts = self.config.facts
        assert facts.id is not None  # the configuration was refused without one
        return load_predictions(self._engine(name, setting), id=facts.id, sensitive=facts.id in facts.sensitive)

    def _load(self, ref: str | Path) -> Model:
        from pytest_mlgate.artifacts.model import load_model
        from pytest_mlgate.artifacts.predictions import load_predictions
        from pytest_mlgate.lifecycle.golden import vouch
        from pytest_mlgate.tables.reading import is_table_path

        facts = self.config.facts
        if isinstance(ref, Path) and is_table_path(str(ref)) and facts.id is not None:
            model = load_predictions(
                ref, id=facts.id, sensitive=facts.id in facts.sensitive, rows_in_memory=self._rows_in_memory
            )
            assert model.table is not None
            self._refuse_misspelt(ref.name, model.table.names)
            vouch(model, ref)
            return model
        return load_model(ref, **self.config.loading)

    @property
    def _rows_in_memory(self) -> int | None:
        """The fewest rows that an entry of the gate baseline counts where they are; None where there is no entry."""
        asked: list[Any] = [entry.settings for entry in self.config.entries if entry.gate.name == "baseline"]
        return min((settings.rows_in_memory for settings in asked), default=None)

    @property
    def policy(self) -> Policy:
        """The policy of the stage asked for; without a configuration file the strict one of production."""
        configured = self.config.model.stage if self.config.path is not None else "production"
        return self.config.policies.at(self.stage or configured)


STORE = pytest.StashKey[Store]()


def store_of(config: pytest.Config) -> Store:
    """Return the session's store, reading the configuration on first use.

    A configuration that cannot be used fails the test that asked, in the configuration's own words.
    """
    if STORE not in config.stash:
        from pytest_mlgate.config import Config
        from pytest_mlgate.problems import ConfigError

        try:
            found = configuration(config)
        except ConfigError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        config.stash[STORE] = Store(
            config=found or Config(folder=config.rootpath), stage=config.getoption("mlgate_stage", None)
        )
        config.add_cleanup(config.stash[STORE].close)
    return config.stash[STORE]


def configuration(config: pytest.Config) -> Config | None:
    """Return the configuration that applies to this run, None where there is none.

    Raises
    ------
    ConfigError
        Where there is one that cannot be used.
    """
    from pytest_mlgate.config import find_config, load_config

    worker = getattr(config, "workerinput", {})
    policy = config.getoption("mlgate_policy", None)
    named = worker.get("mlgate_config") or config.getoption("mlgate_config", None)
    if named:
        return load_config(config.invocation_params.dir / named, policy=policy)
    path = find_config(_common_folder(config), config.rootpath)
    return load_config(path, policy=policy) if path is not None else None


def not_configured(name: str) -> NotConfigured:
    """Return what to raise where a model or table is asked for that the configuration does not name."""
    section = "model" if name in ("candidate", "baseline") else "data"
    setting = "[gates.card] path" if name == "card" else f"[{section}] {name}"
    message = f"no {name} is configured: set `{setting}` in mlgate.toml, or override `mlgate_{name}` in conftest.py"
    return NotConfigured(message, pytrace=False)


def _common_folder(config: pytest.Config) -> Path:
    start = config.invocation_params.dir
    paths = [Path(os.path.abspath(start / arg.partition("::")[0])) for arg in config.args]
    existing = [path for path in paths if path.exists()]
    folder = Path(os.path.commonpath(existing)) if existing else start
    return folder if folder.is_dir() else folder.parent


def _copies_on_write() -> bool:
    import pandas as pd

    return int(pd.__version__.split(".")[0]) >= 3
