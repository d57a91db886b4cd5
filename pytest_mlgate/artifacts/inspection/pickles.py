"""Files that are pickles: plain, by joblib with its raw arrays and its compression, or by cloudpickle."""

from __future__ import annotations

from pytest_mlgate.artifacts.inspection.decompression import DecompressedFeed
from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.names import Names
from pytest_mlgate.artifacts.inspection.reading import Reading, finding_of
from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.artifacts.inspection.report import Finding
from pytest_mlgate.artifacts.inspection.source import Feed, Source
from pytest_mlgate.artifacts.inspection.trust import Trust
from pytest_mlgate.artifacts.inspection.values import Array
from pytest_mlgate.artifacts.inspection.walking import Budget, Walker

_STREAMS = 8


def read_pickle(
    feed: Feed, *, compression: str, size: int, trust: Trust, vouched: bool, limits: Limits, raw_arrays: bool = True
) -> Reading:
    """Follow all pickles of a stream; only the first is one that is loaded, and nothing may come behind it.

    Parameters
    ----------
    feed : Feed
        The file's bytes.
    compression : str
        How they are compressed; empty: not.
    size : int
        Bytes of the file.
    trust : Trust
        The user's opt-ins.
    vouched : bool
        Whether the user trusts the file as a whole, by its digest.
    limits : Limits
        Bounds.
    raw_arrays : bool
        Whether joblib would read it.
    """
    names = Names(trust, vouched=vouched)
    findings: list[Finding] = []
    walker: Walker | None = None
    source: Source | None = None
    complete = False
    try:
        opened = DecompressedFeed(feed, compression, size, limits) if compression else feed
        source = Source(opened, limits)
        walker = Walker(source, names, Budget(limits), raw_arrays=raw_arrays)
        walker.walk()
        complete = not source.more()
        if not complete:
            findings.append(_trailing(source.position))
    except Refused as refused:
        findings.append(finding_of(refused, None if source is None else source.position))
    if source is not None and not complete and walker is not None:
        _go_on(source, names, limits)
    joblib = bool(compression) or (walker is not None and walker.arrays > 0)
    cloud = any(name.startswith("cloudpickle.") for name in names.found)
    return Reading(
        format="cloudpickle" if cloud else "joblib" if joblib else "pickle",
        compression=compression,
        names=names.listed(),
        trusted=tuple(sorted(names.used)),
        versions={} if walker is None else walker.versions,
        findings=sorted([*names.findings, *findings], key=lambda finding: finding.position or 0),
        complete=complete,
    )


def _trailing(position: int) -> Finding:
    return Finding(
        reason="trailing bytes",
        message="bytes follow the end of the pickle, which no reader of models asks for",
        fix="save the model again; do not load this file",
        position=position,
    )


def _go_on(source: Source, names: Names, limits: Limits) -> None:
    """Follow what stands behind the end, for the names in it: the file is refused already."""
    try:
        for _ in range(_STREAMS):
            if not source.more():
                return
            Walker(source, names, Budget(limits)).walk()
    except Refused:
        return


def follow_array(source: Source, names: Names, limits: Limits) -> None:
    """Follow the pickle of an array of objects, as numpy's files have it."""
    made = Walker(source, names, Budget(limits)).walk()
    if not (isinstance(made, Array) and made.filled):
        raise Refused("odd array", "holds an array of objects whose pickle is no array")
