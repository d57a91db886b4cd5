"""Files that are damaged or odd, each refused with one message: how to make it in a folder, and what is said."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from tests.artifacts.corpora.assembling import PROTO_2, PROTO_4, look_up, text, value, whole

Maker = Callable[[Path], Path]


def odd_files() -> dict[str, tuple[Maker, str]]:
    """Return what is odd: a function from a folder to the file in it, and a part of what is said."""
    return {**_places(), **_pickles(), **_streams(), **_numpy(), **_archives(), **_other_formats(), **_no_models()}


def model() -> dict[str, Any]:
    """Return what stands for a model in these files."""
    return {"coef": np.arange(20.0), "names": np.array(["a", None], dtype=object)}


def good_joblib() -> bytes:
    """Return a whole file of joblib's."""
    stream = io.BytesIO()
    joblib.dump(model(), stream)
    return stream.getvalue()


def _bytes(content: bytes | Callable[[], bytes], suffix: str = ".joblib") -> Maker:
    def make(folder: Path) -> Path:
        path = folder / f"model{suffix}"
        path.write_bytes(content if isinstance(content, bytes) else content())
        return path

    return make


def _places() -> dict[str, tuple[Maker, str]]:
    def special(make: Callable[[Path], Any]) -> Maker:
        def at(folder: Path) -> Path:
            make(folder / "model.joblib")
            return folder / "model.joblib"

        return at

    def bind(path: Path) -> None:
        here = os.getcwd()
        os.chdir(path.parent)  # the path of a socket may have a hundred characters
        try:
            with socket.socket(socket.AF_UNIX) as listening:
                listening.bind(path.name)
        finally:
            os.chdir(here)

    def link(path: Path) -> None:
        path.symlink_to(path.parent / "gone")

    def loop(path: Path) -> None:
        path.symlink_to(path)

    return {
        "missing": (special(lambda path: None), "does not exist"),
        "empty": (_bytes(b""), "is empty (0 bytes)"),
        "directory": (special(lambda path: path.mkdir()), "is a directory"),
        "pipe": (special(os.mkfifo), "is not a regular file"),
        "socket": (special(bind), "is not a regular file"),
        "device": (lambda folder: Path("/dev/zero"), "is not a regular file"),
        "dangling link": (special(link), "is a link to a file that does not exist"),
        "link to itself": (special(loop), "cannot be opened"),
    }


def _pickles() -> dict[str, tuple[Maker, str]]:
    plain = pickle.dumps(model(), 4)
    return {
        "one byte": (_bytes(b"\x80"), "ends in the middle"),
        "cut in the middle": (lambda folder: _bytes(good_joblib()[:-200])(folder), "ends in the middle"),
        "cut at the last byte": (lambda folder: _bytes(good_joblib()[:-1])(folder), "ends in the middle"),
        "plain pickle, cut": (_bytes(plain[: len(plain) // 2]), "ends in the middle"),
        "a byte that is no instruction": (_bytes(PROTO_2 + b"\xff."), "is no pickle from here on"),
        "protocol 6": (_bytes(b"\x80\x06N."), "pickle protocol 6"),
        "protocol that changes": (_bytes(PROTO_2 + b"]\x80\x04."), "changes its protocol"),
        "nothing at its end": (_bytes(PROTO_2 + b"."), "ends without a value"),
        "two values at its end": (_bytes(PROTO_2 + b"NN."), "ends without a value, or with more than one"),
        "a mark at its end": (_bytes(PROTO_2 + b"(N."), "ends without a value"),
        "a value that is not there": (_bytes(PROTO_2 + b"0."), "takes a value that is not there"),
        "a place of the memo that is empty": (_bytes(PROTO_2 + b"h\x07."), "takes a value that is not there"),
        "a key without a value": (_bytes(PROTO_2 + b"}(Nu."), "a key without its value"),
        "bytes behind the end": (_bytes(plain + b"\0"), "bytes follow the end"),
        "two pickles": (_bytes(plain + plain), "bytes follow the end"),
        "a length of 2^63": (_bytes(PROTO_4 + b"\x8e" + b"\xff" * 8 + b"."), "a length of"),
        "a text of 4 GB": (_bytes(PROTO_2 + b"X\xff\xff\xff\xff" + b"a" * 100), "ends in the middle"),
        "a number of 2 GB": (_bytes(PROTO_2 + b"\x8b\xff\xff\xff\x7f" + b"a" * 100), "a number of"),
        "a number of negative length": (_bytes(PROTO_2 + b"\x8b\xff\xff\xff\xff."), "a number of"),
        "a number that is none": (_bytes(b"Iabc\n."), "a number that is none"),
        "a text that is not UTF-8": (_bytes(PROTO_2 + b"X\x02\x00\x00\x00\xff\xff."), "not UTF-8"),
        "a text of Python 2 in another alphabet": (_bytes(PROTO_2 + b"U\x01\xe9."), "not ASCII"),
        "a frame that is too long": (_bytes(PROTO_4 + b"\x95" + struct.pack("<Q", 99) + b"N."), "ends"),
        "a frame in a frame": (
            _bytes(PROTO_4 + b"\x95" + struct.pack("<Q", 20) + b"\x95" + struct.pack("<Q", 2) + b"N." + b"0" * 20),
            "begins inside of another",
        ),
        "a value across a frame": (
            _bytes(PROTO_4 + b"\x95" + struct.pack("<Q", 3) + b"X\x04\x00\x00\x00abcd."),
            "reaches beyond the end of its frame",
        ),
        "a buffer that travels apart": (_bytes(b"\x80\x05\x97."), "travels apart"),
        "a persistent id": (_bytes(PROTO_2 + text("x") + b"Q."), "a persistent id"),
        "an extension code": (_bytes(PROTO_2 + b"\x82\xf0."), "by a number"),
        "marks without end": (_bytes(PROTO_2 + b"(" * 200_000 + b"N."), "nested deeper"),
        "a name without an end": (_bytes(b"c" + b"a" * 5000), "a line of more than"),
        "joblib's files of old": (_bytes(b"ZF0x10               " + zlib.compress(b"N.")), "joblib before 0.10"),
        "joblib's companion files": (
            _bytes(whole(look_up("joblib.numpy_pickle", "NDArrayWrapper") + b")\x81}b")),
            "joblib before 0.10",
        ),
        "an array of impossible size": (_impossible_array, "of a size that joblib cannot read"),
    }


def _impossible_array(folder: Path) -> Path:
    stream = io.BytesIO()
    joblib.dump(np.arange(20.0), stream, protocol=3)  # without frames
    large = b"\x8a\x08" + (2**61).to_bytes(8, "little")
    return _bytes(stream.getvalue().replace(b"K\x14", large))(folder)


def _streams() -> dict[str, tuple[Maker, str]]:
    packed = gzip.compress(pickle.dumps(model()))
    return {
        "gzip, cut": (_bytes(packed[:-20]), "ends in the middle of its gzip stream"),
        "gzip, its checksum wrong": (_bytes(packed[:-8] + b"\0" * 8), "its gzip stream is damaged"),
        "gzip, bytes behind": (_bytes(packed + b"\0" * 8), "bytes follow the end of its gzip stream"),
        "gzip, two members": (_bytes(packed + packed), "bytes follow the end of its gzip stream"),
        "gzip of noise": (_bytes(b"\x1f\x8b" + bytes(range(100))), "its gzip stream is damaged"),
        "zlib of noise": (_bytes(b"\x78\x9c" + bytes(range(100))), "its zlib stream is damaged"),
        "bz2 of noise": (_bytes(b"BZh9" + bytes(range(100))), "its bz2 stream is damaged"),
        "xz of noise": (_bytes(b"\xfd7zXZ\0" + bytes(range(100))), "its xz stream is damaged"),
        "xz that asks for gigabytes": (_bytes(_greedy_xz()), "its xz stream is damaged"),
        "bz2, two streams": (_bytes(bz2.compress(b"N.") * 2), "bytes follow the end of its bz2 stream"),
        "lz4, cut": (_bytes(_lz4(pickle.dumps(model()))[:-10]), "lz4 stream"),
        "compressed text": (_bytes(gzip.compress(b"\xff hello")), "is no pickle from here on"),
        "compressed twice": (_bytes(gzip.compress(zlib.compress(b"N."))), "is no pickle from here on"),
        "a bomb": (lambda folder: _bytes(_bomb())(folder), "grows beyond"),
    }


def _greedy_xz() -> bytes:
    """A stream whose dictionary is a gigabyte."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 30}]
    return lzma.compress(b"N.", format=lzma.FORMAT_XZ, filters=filters)


def _lz4(data: bytes) -> bytes:
    import lz4.frame

    packed: bytes = lz4.frame.compress(data)
    return packed


def _bomb() -> bytes:
    """A few kilobytes that become 300 MB of one text."""
    packer = bz2.BZ2Compressor(1)
    parts = [packer.compress(PROTO_4 + b"\x8d" + struct.pack("<Q", 300 * 2**20))]
    parts += [packer.compress(bytes(2**20)) for _ in range(300)]
    return b"".join([*parts, packer.flush()])


def _numpy() -> dict[str, tuple[Maker, str]]:
    def npy(array: Any) -> bytes:
        stream = io.BytesIO()
        np.save(stream, array)
        return stream.getvalue()

    good = npy(np.zeros(9))
    return {
        "npy, cut": (_bytes(good[:-1], ".npy"), "ends in the middle"),
        "npy, bytes behind": (_bytes(good + b"\0", ".npy"), "bytes follow the end of an array"),
        "npy, another version": (_bytes(b"\x93NUMPY\x09\x00" + good[8:], ".npy"), "version 9.0"),
        "npy, a header that is none": (_bytes(good[:10] + b"x" * 118 + good[128:], ".npy"), "header cannot be read"),
        "npy, a header with a call": (
            _bytes(good[:10] + b"{'descr': print(1)}".ljust(118) + good[128:], ".npy"),
            "header cannot be read",
        ),
        "npy, a shape that is none": (_bytes(good.replace(b"(9,)", b"(-9)"), ".npy"), "shape is none"),
        "npz with another file in it": (
            _bytes(_archive({"a.npy": good, "run.sh": b"true"}), ".npz"),
            "a ZIP archive of an unknown kind",
        ),
    }


def _archive(members: dict[str, bytes], **options: Any) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


_JSON = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": "1"}


def _schema(node: Any = _JSON, protocol: Any = 2) -> bytes:
    return json.dumps({**node, "protocol": protocol, "_skops_version": "0.16.0"}).encode()


def _archives() -> dict[str, tuple[Maker, str]]:
    good = _archive({"schema.json": _schema()})
    array = {
        "__class__": "ndarray",
        "__module__": "numpy",
        "__loader__": "NdArrayNode",
        "type": "numpy",
        "file": "1.npy",
    }
    objects = io.BytesIO()
    np.save(objects, np.array([None]), allow_pickle=True)
    return {
        "zip, cut": (_bytes(good[:-30], ".skops"), "is a damaged archive"),
        "zip, bytes before": (_bytes(b"PK\x03\x04" + good, ".skops"), "bytes that belong to no member"),
        "zip, bytes behind": (_bytes(good + b"\0" * 9, ".skops"), "bytes behind its directory"),
        "zip with a comment": (_bytes(_commented(good), ".skops"), "bytes that belong to no member"),
        "zip, a gap": (_bytes(_gap(), ".skops"), "bytes that belong to no member"),
        "zip, a name twice": (_bytes(_twice(), ".skops"), "two members with one name"),
        "zip, an absolute name": (_bytes(_archive({"/etc/x": b""}), ".skops"), "an odd name"),
        "zip, a name that leads out": (_bytes(_archive({"../x": b""}), ".skops"), "leads elsewhere"),
        "zip, a checksum wrong": (
            _bytes(good.replace(b'"content": "1"', b'"content": "2"'), ".skops"),
            "is a damaged archive",
        ),
        "zip, encrypted": (_bytes(_encrypted(good), ".skops"), "is encrypted"),
        "zip, empty": (_bytes(_archive({}), ".skops"), "is an empty ZIP archive"),
        "PyTorch": (_bytes(_archive({"m/data.pkl": b"N.", "m/version": b"3"}), ".pt"), "a PyTorch archive"),
        "Keras": (_bytes(_archive({"metadata.json": b"{}", "model.weights.h5": b""}), ".keras"), "a Keras archive"),
        "skops, no JSON": (_bytes(_archive({"schema.json": b"{"}), ".skops"), "no JSON that can be read"),
        "skops, too deep": (
            _bytes(_archive({"schema.json": b"[" * 100_000 + b"]" * 100_000}), ".skops"),
            "no JSON that can be read",
        ),
        "skops, no object": (_bytes(_archive({"schema.json": b"[]"}), ".skops"), "is no object"),
        "skops, protocol 99": (_bytes(_archive({"schema.json": _schema(protocol=99)}), ".skops"), "protocol 99"),
        "skops, an unknown node": (
            _bytes(_archive({"schema.json": _schema({**_JSON, "__loader__": "NewNode"})}), ".skops"),
            "of a kind that is not known here: 'NewNode'",
        ),
        "skops, a foreign member": (
            _bytes(_archive({"schema.json": _schema(), "x.pkl": b"N."}), ".skops"),
            "a member that its schema does not name: 'x.pkl'",
        ),
        "skops, a member that is not there": (
            _bytes(_archive({"schema.json": _schema(array)}), ".skops"),
            "lacks a member that its schema names: '1.npy'",
        ),
        "skops, an array of objects": (
            _bytes(_archive({"schema.json": _schema(array), "1.npy": objects.getvalue()}), ".skops"),
            "Python objects, where none may be",
        ),
    }


def _commented(data: bytes) -> bytes:
    return data[:-2] + struct.pack("<H", 4) + b"note"


def _gap() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("schema.json", _schema())
        stream.write(b"hidden")
        archive.start_dir = stream.tell()
    return stream.getvalue()


def _twice() -> bytes:
    return _archive({"schema.json": _schema(), "SCHEMA.json": _schema()})


def _encrypted(data: bytes) -> bytes:
    """Set the sign of encryption in the member's header and in the directory."""
    at = data.index(b"PK\x01\x02")
    marked = bytearray(data)
    marked[6] |= 1
    marked[at + 8] |= 1
    return bytes(marked)


def _other_formats() -> dict[str, tuple[Maker, str]]:
    tree = b"tree\nversion=v4\nnum_class=1\nfeature_names=a b\n\nTree=0\nnum_leaves=1\n\nend of trees\n"
    return {
        "JSON of something else": (_bytes(b'{"name": 1}', ".json"), "is no model of XGBoost"),
        "XGBoost, cut": (_bytes(b'{"learner": {"x": [1, 2', ".json"), "ends before the end of its JSON"),
        "XGBoost, brackets that do not match": (_bytes(b'{"learner": [1}', ".json"), "brackets that do not match"),
        "XGBoost, too deep": (_bytes(b'{"learner": ' + b"[" * 200, ".json"), "nested deeper"),
        "XGBoost, bytes behind": (
            _bytes(b'{"learner": {}, "version": [3, 0, 0]} {"x": 1}', ".json"),
            "follows the end of its JSON",
        ),
        "XGBoost, a key twice": (_bytes(b'{"learner": {}, "learner": {}, "version": []}', ".json"), "twice"),
        "XGBoost, no JSON inside": (_bytes(b'{"learner": {}, "version": [}{]', ".json"), "brackets that do not match"),
        "UBJSON, cut": (_bytes(b"{L" + struct.pack(">q", 7) + b"learner{", ".ubj"), "ends in the middle"),
        "UBJSON, an unknown type": (_bytes(b"{L" + struct.pack(">q", 7) + b"learner?", ".ubj"), "unknown type"),
        "UBJSON, a negative length": (_bytes(b"{L" + struct.pack(">q", -7) + b"learner", ".ubj"), "a length of"),
        "LightGBM, cut": (_bytes(tree[:-20], ".txt"), "ends before the end of its trees"),
        "LightGBM, no header": (_bytes(b"tree\nTree=0\nend of trees\n", ".txt"), "lacks what LightGBM writes"),
        "LightGBM, noise": (_bytes(tree[:40] + b"\0\xff\n" + tree[40:], ".txt"), "a line that is no text"),
        "LightGBM, prose": (_bytes(tree + b"and so on\n", ".txt"), "a line that LightGBM does not write"),
        "safetensors, a gap": (_bytes(_safetensors({"a": (0, 8), "b": (9, 17)}, 17), ".safetensors"), "leaves a gap"),
        "safetensors, cut": (_bytes(_safetensors({"a": (0, 8)}, 7), ".safetensors"), "fewer bytes than its tensors"),
        "safetensors, another size": (_bytes(_safetensors({"a": (0, 4)}, 4), ".safetensors"), "than its shape"),
        "safetensors, no JSON": (_bytes(struct.pack("<Q", 4) + b"{xxx", ".safetensors"), "no JSON"),
        "ONNX, cut": (_bytes(_onnx()[:-3], ".onnx"), "ends in the middle"),
        "ONNX, weights elsewhere": (_bytes(_onnx(external="../../weights"), ".onnx"), "weights in other files"),
        "ONNX, operators of somebody's own": (_bytes(_onnx(domain="somebody"), ".onnx"), "of the domain 'somebody'"),
        "ONNX that its checker refuses": (_bytes(_onnx(), ".onnx"), "refused by ONNX's checker"),
    }


def _safetensors(offsets: dict[str, tuple[int, int]], size: int) -> bytes:
    header = {name: {"dtype": "F64", "shape": [1], "data_offsets": list(at)} for name, at in offsets.items()}
    data = json.dumps(header).encode()
    return struct.pack("<Q", len(data)) + data + bytes(size)


def _onnx(*, domain: str = "", external: str = "") -> bytes:
    """A model of one node, which has no inputs: a protocol buffer by hand."""

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    node = field(4, b"Nonsense") + (field(7, domain.encode()) if domain else b"")
    tensor = b""
    if external:
        tensor = field(5, field(8, b"w") + field(13, field(1, b"location") + field(2, external.encode())) + b"\x70\x01")
    return b"\x08\x09" + field(7, field(1, node) + tensor) + field(8, b"\x10\x15")


def _no_models() -> dict[str, tuple[Maker, str]]:
    return {
        "a CSV": (_bytes(b"\xef\xbb\xbfa,b\n1,2\n", ".csv"), "of no format that is known here"),
        "a web page": (_bytes(b"<!DOCTYPE html><html>", ".joblib"), "of no format that is known here"),
        "a script": (_bytes(b"#!/bin/sh\ntrue\n", ".joblib"), "is a script"),
        "a program": (_bytes(b"\x7fELF" + bytes(100), ".joblib"), "is a program"),
        "a Parquet table": (_bytes(b"PAR1" + bytes(100), ".joblib"), "is a Parquet table"),
        "HDF5": (_bytes(b"\x89HDF\r\n\x1a\n", ".h5"), "is HDF5"),
        "a pointer of Git LFS": (
            _bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", ".joblib"),
            "a pointer of Git LFS",
        ),
        "an image": (_bytes(b"\xff\xd8\xff\xe0" + bytes(100), ".joblib"), "of no format that is known here"),
        "zeros": (_bytes(bytes(1000), ".joblib"), "of no format that is known here"),
        "a plain value": (_bytes(value("x")), "ends in the middle"),
    }
