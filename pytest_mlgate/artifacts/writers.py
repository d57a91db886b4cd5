"""What wrote a model file: its record, what the file says of itself, and what it needs as it is installed here."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.artifacts.needs import Needs, installed, needed
from pytest_mlgate.artifacts.record import EnvironmentRecord, read_environment_record
from pytest_mlgate.artifacts.versions import Rank, Trained, differences
from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.inspection import Inspection


# Formats that name the converter, which no service has: what it wrote is read by something else.
_CONVERTED = frozenset(("onnx",))


@dataclass(frozen=True, kw_only=True, slots=True)
class Writer:
    """What is known of what wrote a file.

    Attributes
    ----------
    record : EnvironmentRecord or None
        The one beside it; None where there is none, or it does not count.
    wrong : str
        Why the record beside it does not count, as the rest of a sentence; empty where it does, or there is none.
    said : Mapping of str to str
        Versions that the file itself names, by normalised name.
    trained : Trained
        All of it together. What the file says counts before what the record says.
    needs : Needs
        What the file needs, as it is installed here.
    """

    record: EnvironmentRecord | None = None
    wrong: str = ""
    said: Mapping[str, str]
    trained: Trained
    needs: Needs

    @property
    def known(self) -> bool:
        """Whether there is anything to compare with."""
        return bool(self.trained.packages)


def writer_of(path: Path | None, inspection: Inspection, *, said: Mapping[str, str] | None = None) -> Writer:
    """Return what is known of what wrote a file.

    Parameters
    ----------
    path : Path or None
        Where the file is, and its record beside it; None: nothing is asked of what wrote it, only of what it needs.
    inspection : Inspection
        Of the file.
    said : Mapping of str to str, optional
        Versions that were named as it was loaded; what the file itself names counts before them.
    """
    from packaging.utils import canonicalize_name

    needs = needed(inspection.names, format=inspection.format)
    unknown = Trained(packages={}, pickled=needs.pickled, by_value=needs.by_value)
    if path is None:
        return Writer(said={}, trained=unknown, needs=needs)
    named = dict(said or {}) | {str(canonicalize_name(name)): one for name, one in inspection.versions.items()}
    compared: dict[str, str] = {} if inspection.format in _CONVERTED else named
    unknown = replace(unknown, packages=compared)
    try:
        record = read_environment_record(path)
    except InputError as error:
        return Writer(wrong=f"cannot be used: {error.message}", said=named, trained=unknown, needs=needs)
    if record is None:
        return Writer(said=named, trained=unknown, needs=needs)
    if wrong := _contradicted(record, inspection.digest, compared):
        return Writer(wrong=wrong, said=named, trained=unknown, needs=needs)
    trained = replace(
        unknown,
        python=record.python,
        packages={**record.packages, **compared},
        pickled=needs.pickled | frozenset(record.pickled),
    )
    return Writer(record=record, said=named, trained=trained, needs=needs)


def other_versions(writer: Writer) -> str:
    """Return in words which versions here are not those that wrote a file and may be why it fails; empty: none."""
    found = differences(writer.trained, installed(writer.trained.packages), python=platform.python_version())
    grave = [one for one in found if one.rank is Rank.FAIL]
    return ", ".join(f"{one.name} {one.trained} wrote it and {one.other} reads it" for one in grave)


def _contradicted(record: EnvironmentRecord, digest: str, said: Mapping[str, str]) -> str:
    if record.artifact.digest != digest:
        return (
            f"speaks of another file: its SHA-256 is {digest[:12]}..., and the record of {record.time[:10]} names "
            f"{record.artifact.digest[:12]}..."
        )
    for name, version in said.items():
        if record.packages.get(name, version) != version:
            return f"names {name} {record.packages[name]}, and the file itself says that {name} {version} wrote it"
    return ""
