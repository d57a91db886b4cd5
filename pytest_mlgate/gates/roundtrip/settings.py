"""What the configuration may say of the round trip."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pytest_mlgate.checks import Severity
from pytest_mlgate.gates.base import GateSettings

Name = Literal["joblib", "pickle", "cloudpickle", "skops", "onnx", "xgboost-json", "xgboost-ubj", "lightgbm"]


class Settings(GateSettings):
    """What ``[gates.roundtrip]`` may say."""

    sample: int = Field(default=200, ge=1)
    """Rows that are asked, in one batch; half of them picked on purpose, the others at random."""
    alone: int = Field(default=10, ge=1)
    """Rows that are also asked one at a time."""
    threads: int | None = Field(default=None, ge=1)
    """Threads that the service uses; None: as many as this machine has cores, at least 2."""
    table: Literal["holdout", "serving", "train", "current"] = "holdout"
    """Where the rows are taken from."""
    formats: tuple[Name, ...] = ()
    """Formats that are shipped besides the candidate's own: each answers as it does."""
    convert: bool = False
    """Whether the gate makes the files of ``formats`` that do not lie beside the candidate."""
    rtol: float = Field(default=1e-4, ge=0)
    """By how much a format of single precision may move a number, as a share of it ..."""
    atol: float = Field(default=1e-5, ge=0)
    """... and in its own unit."""
    max_flips: float = Field(default=0.01, ge=0, lt=1)
    """Share of rows that may differ by more in such a format, where they lie on a threshold."""
    lock: str | None = Field(default=None, min_length=1)
    """The file that the service is installed from: requirements, `uv.lock`, `poetry.lock`, `pylock.toml`, conda."""
    record: Severity = Severity.NOTE
    """The severity of having no environment record beside the file."""
    golden: str | None = Field(default=None, min_length=1)
    """A file of golden predictions that the model must still answer."""

    def wants(self, name: str) -> bool:
        """Whether a table is the one that rows are taken from."""
        return name == self.table
