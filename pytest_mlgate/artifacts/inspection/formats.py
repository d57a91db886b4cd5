"""Which format a file has, by its content, and the reader of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from pytest_mlgate.artifacts.inspection import lightgbm, npy, onnx, safetensors, skops, xgboost
from pytest_mlgate.artifacts.inspection.archives import BEGINNING, Archive
from pytest_mlgate.artifacts.inspection.decompression import compression_of
from pytest_mlgate.artifacts.inspection.foreign import foreign_kind
from pytest_mlgate.artifacts.inspection.holding import Held
from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.names import Names
from pytest_mlgate.artifacts.inspection.npz import is_npz, read_arrays
from pytest_mlgate.artifacts.inspection.pickles import follow_array, read_pickle
from pytest_mlgate.artifacts.inspection.reading import Reading, finding_of, refused_reading
from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.artifacts.inspection.report import Finding
from pytest_mlgate.artifacts.inspection.source import FileFeed, Source
from pytest_mlgate.artifacts.inspection.trust import Trust
from pytest_mlgate.artifacts.inspection.walking import may_begin

_SAVE = "save the fitted model with joblib.dump, or name a function that loads it: package.module:attribute"
# What a file's name says of its content, where it says anything.
_SUFFIXES = {
    ".joblib": ("joblib", "pickle", "cloudpickle"),
    ".pkl": ("joblib", "pickle", "cloudpickle"),
    ".pickle": ("joblib", "pickle", "cloudpickle"),
    ".cloudpickle": ("cloudpickle",),
    ".skops": ("skops",),
    ".onnx": ("onnx",),
    ".json": ("xgboost-json",),
    ".ubj": ("xgboost-ubj",),
    ".npy": ("npy",),
    ".npz": ("npz",),
    ".safetensors": ("safetensors",),
}


def read(held: Held, *, trust: Trust, vouched: bool, limits: Limits) -> Reading:
    """Read a file by the format that it has, whatever its name says."""
    head = held.head(4096)
    form, reader = _reader(head, held.size, trust, vouched)
    try:
        return reader(held, limits)
    except Refused as refused:
        return refused_reading(form, refused)


def name_disagrees(source: str, form: str) -> Finding | None:
    """Return a remark where a file's name promises another format."""
    suffix = PurePath(source).suffix.lower()
    promised = _SUFFIXES.get(suffix, ())
    if not promised or form in promised or form == "unknown":
        return None
    message = f"is called {suffix}, and holds {form}; its content counts"
    return Finding(reason="file name", message=message, fix="give it another name", weight="remark")


def _reader(head: bytes, size: int, trust: Trust, vouched: bool) -> tuple[str, Callable[[Held, Limits], Reading]]:
    """Return the format and its reader, in the order in which loaders decide."""
    compression = compression_of(head)

    def pickles(held: Held, limits: Limits) -> Reading:
        feed = FileFeed(held.descriptor, 0, held.size)
        return read_pickle(feed, compression=compression, size=held.size, trust=trust, vouched=vouched, limits=limits)

    def archive(held: Held, limits: Limits) -> Reading:
        return _archive(held, limits, trust, vouched)

    def array(held: Held, limits: Limits) -> Reading:
        names = Names(trust, vouched=vouched)
        source = Source(FileFeed(held.descriptor, 0, held.size), limits)
        return _arrays("npy", names, lambda: npy.pass_array(source, lambda: follow_array(source, names, limits)))

    if head.startswith(BEGINNING):
        return "unknown", archive
    if head.startswith(npy.BEGINNING):
        return "npy", array
    if safetensors.may_be_safetensors(head, size):
        return "safetensors", lambda held, _: safetensors.read_safetensors(held)
    if xgboost.looks_like_json(head):
        return "unknown", xgboost.read_json
    if xgboost.looks_like_ubjson(head):
        return "unknown", xgboost.read_ubjson
    if head.startswith(lightgbm.BEGINNING):
        return "lightgbm", lightgbm.read_lightgbm
    if kind := foreign_kind(head):
        return "unknown", _refusing(f"is {kind}, no model file that can be judged")
    if compression or may_begin(head[:1]):
        return "pickle", pickles
    if onnx.may_be_onnx(head):
        return "onnx", onnx.read_onnx
    return "unknown", _refusing("is of no format that is known here")


def _refusing(message: str) -> Callable[[Held, Limits], Reading]:
    def reader(held: Held, limits: Limits) -> Reading:
        raise Refused("format", message, fix=_SAVE, position=0)

    return reader


def _archive(held: Held, limits: Limits, trust: Trust, vouched: bool) -> Reading:
    """Read a ZIP archive by what is in it."""
    opened = Archive(held, limits)
    names = Names(trust, vouched=vouched)
    try:
        if skops.SCHEMA in opened.members:
            return _skops(opened, names, limits)
        if is_npz(opened):
            return _arrays(
                "npz",
                names,
                lambda: read_arrays(opened, limits, lambda source: follow_array(source, names, limits)),
            )
        raise Refused("format", f"is {_kind_of(opened)}, which is not supported", fix=_SAVE, position=0)
    finally:
        opened.close()


def _skops(archive: Archive, names: Names, limits: Limits) -> Reading:
    findings: list[Finding] = []
    versions: dict[str, str] = {}
    complete = False
    try:
        versions = skops.read_schema(archive, names, limits)
        complete = True
    except Refused as refused:
        findings.append(finding_of(refused))
    return Reading(
        format="skops",
        compression="zip",
        names=names.listed(),
        trusted=tuple(sorted(names.used)),
        versions=versions,
        findings=[*names.findings, *findings],
        complete=complete,
    )


def _arrays(form: str, names: Names, follow: Callable[[], None]) -> Reading:
    findings: list[Finding] = []
    complete = False
    try:
        follow()
        complete = True
    except Refused as refused:
        findings.append(finding_of(refused))
    return Reading(
        format=form,
        compression="zip" if form == "npz" else "",
        names=names.listed(),
        trusted=tuple(sorted(names.used)),
        findings=[*names.findings, *findings],
        complete=complete,
    )


def _kind_of(archive: Archive) -> str:
    """Return what other frameworks' archives are called."""
    members = archive.members
    if any(name.endswith("/data.pkl") or name == "data.pkl" for name in members):
        return "a PyTorch archive"
    if "metadata.json" in members and any(name.endswith(".h5") for name in members):
        return "a Keras archive"
    return "a ZIP archive of an unknown kind"
