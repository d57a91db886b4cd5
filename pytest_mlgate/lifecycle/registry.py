"""The ledger as a registry: ``registry:production`` is the model file that serves now."""

from __future__ import annotations

from pathlib import Path

from pytest_mlgate.artifacts.references import Place
from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.archive import find
from pytest_mlgate.lifecycle.states import PRODUCTION, ModelState
from pytest_mlgate.policy import STAGES
from pytest_mlgate.problems import short, suggest


def resolve(rest: str, place: Place) -> Path:
    """Return the file of what serves, or of the one version in another stage.

    Parameters
    ----------
    rest : str
        ``production``: what serves, also while it is watched in monitoring; another stage: the only version in it.
        ``NAME@STAGE`` asks for another model of the same ledger.
    place : Place
        Which configuration asks.

    Returns
    -------
    Path
        Where the file lay when it was recorded, or in the archive: wherever it still has its digest.

    Raises
    ------
    InputError
        Where the ledger is broken, no version or more than one is meant, or the file is nowhere.
    """
    name, at, stage = rest.rpartition("@")
    name = name if at else place.model
    if stage not in STAGES or (at and not name):
        raise InputError(
            f"{rest!r} names no stage: {suggest(stage, STAGES)}", fix="`registry:production` is what serves"
        )
    model = read_ledger(place.ledger).whole().model(name)
    version = model.serving if stage == PRODUCTION else _only(model, name, stage)
    if version is None:
        raise InputError(
            f"no version of {name!r} is in {stage} yet, by {short(place.ledger)}",
            fix='compare the first version with the dummy, `baseline = "dummy"`, and promote it (`mlgate promote '
            "--to STAGE`, to production with `--first-version`)",
        )
    known = model.versions[version]
    return find(known.artifact, known.path, folder=place.ledger.parent, archive=place.archive)


def _only(model: ModelState, name: str, stage: str) -> str | None:
    versions = model.in_stage(stage)
    if len(versions) > 1:
        raise InputError(
            f"{len(versions)} versions of {name!r} are in {stage}: {', '.join(versions)}",
            fix="move all but one of them, or name a file",
        )
    return versions[0] if versions else None
