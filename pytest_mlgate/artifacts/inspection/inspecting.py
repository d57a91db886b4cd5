"""From a path to a verdict."""

from __future__ import annotations

import os

from pytest_mlgate.artifacts.inspection.formats import name_disagrees, read
from pytest_mlgate.artifacts.inspection.holding import Held, hold
from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.artifacts.inspection.report import Finding, Inspection
from pytest_mlgate.artifacts.inspection.selftest import check_reader
from pytest_mlgate.artifacts.inspection.trust import Trust
from pytest_mlgate.checks import InputError


def inspect_artifact(
    path: str | os.PathLike[str], *, trust: Trust | None = None, limits: Limits | None = None
) -> Inspection:
    """Say what a model file is, what it needs, and whether it may be loaded; nothing of it runs.

    Parameters
    ----------
    path : path-like
        The file; a link is followed.
    trust : Trust or None
        What is trusted beyond the built-in list; None: nothing.
    limits : Limits or None
        Bounds; None: the usual ones.

    Returns
    -------
    Inspection
        Whatever is wrong with the file, that it is missing too, is a finding.
    """
    limits = limits or Limits()
    source = os.fspath(path)
    try:
        with hold(path, limit=limits.size, copy=False) as held:
            found = inspect_held(held, source=source, trust=trust or Trust(), limits=limits)
    except (InputError, Refused) as error:
        reason = error.reason if isinstance(error, Refused) else "file"
        finding = Finding(reason=reason, message=error.message, fix=error.fix)
        return Inspection(source=source, format="unknown", compression="", size=0, digest="", findings=(finding,))
    return found


def inspect_held(held: Held, *, source: str, trust: Trust, limits: Limits) -> Inspection:
    """Inspect a file that is open already.

    Parameters
    ----------
    held : Held
    source : str
        Its path, for messages.
    trust : Trust
    limits : Limits

    Raises
    ------
    Refused
        Where the reader misjudges its own samples.
    """
    check_reader()
    vouched = held.digest in trust.digests
    reading = read(held, trust=trust, vouched=vouched, limits=limits)
    remark = name_disagrees(source, reading.format)
    return Inspection(
        source=source,
        format=reading.format,
        compression=reading.compression,
        size=held.size,
        digest=held.digest,
        names=reading.names,
        trusted=(*([f"sha256:{held.digest}"] if vouched else []), *reading.trusted),
        versions=reading.versions,
        findings=(*reading.findings, *([remark] if remark else [])),
        complete=reading.complete,
    )
