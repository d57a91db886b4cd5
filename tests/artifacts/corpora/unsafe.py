"""Model files that would run something as they are loaded: each makes an empty file, its marker, and nothing else."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import marshal
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np

from tests.artifacts.corpora.assembling import (
    PROTO_2,
    PROTO_4,
    Reduced,
    arguments,
    call,
    look_up,
    look_up_on_stack,
    text,
    value,
    whole,
)


@dataclass(frozen=True, kw_only=True)
class UnsafeFile:
    """One file.

    Attributes
    ----------
    content : bytes
    suffix : str
        Of the file's name.
    loader : {"joblib", "pickle", "numpy", ""}
        Who makes the marker by loading it; empty: nobody on a usual machine, it is unsafe all the same.
    """

    content: bytes
    suffix: str = ".pkl"
    loader: str = "pickle"


def unsafe_files(marker: Callable[[str], str]) -> dict[str, UnsafeFile]:
    """Return the files by name.

    Parameters
    ----------
    marker : callable
        From a name to the path of the marker.
    """
    found: dict[str, UnsafeFile] = {}
    for name, make in _makers().items():
        made = make(marker(name))
        found[name] = made if isinstance(made, UnsafeFile) else UnsafeFile(content=made)
    return found


def unsafe_names() -> list[str]:
    """Return the names, without making a file."""
    return sorted(_makers())


def _makers() -> dict[str, Maker]:
    families = (
        *(_by_protocol, _by_function, _by_instruction, _by_name),
        *(_by_gadget, _by_place, _by_container, _by_layout),
    )
    return {name: make for family in families for name, make in family().items()}


Maker = Callable[[str], Any]


def _touch(path: str) -> str:
    return f"touch '{path}'"


def _source(path: str) -> str:
    return f"open({path!r}, 'w').close()"


def _system(path: str) -> bytes:
    """A call of os.system, without protocol and end."""
    return call(look_up("os", "system"), text(_touch(path)))


def _by_protocol() -> dict[str, Maker]:
    return {
        f"protocol {protocol}": lambda path, protocol=protocol: pickle.dumps(Reduced(os.system, _touch(path)), protocol)
        for protocol in range(6)
    }


def _by_function() -> dict[str, Maker]:
    """Calls of functions that do it themselves, or run what they are given."""

    def simple(module: str, name: str, *items: Any) -> Maker:
        def make(path: str) -> bytes:
            known = {_PATH: path, _CODE: _source(path), _COMMAND: _touch(path)}
            filled = [known.get(item, item) if isinstance(item, str) else item for item in items]
            return whole(call(look_up_on_stack(module, name), *map(value, filled)), start=PROTO_4)

        return make

    return {
        "posix.system": simple("posix", "system", _COMMAND),
        "eval": simple("builtins", "eval", _CODE),
        "exec": simple("builtins", "exec", _CODE),
        "open": simple("builtins", "open", _PATH, "w"),
        "io.open": simple("io", "open", _PATH, "w"),
        "_io.FileIO": simple("_io", "FileIO", _PATH, "w"),
        "os.mkdir": simple("os", "mkdir", _PATH),
        "os.makedirs": simple("os", "makedirs", _PATH),
        "os.mknod": simple("os", "mknod", _PATH),
        "os.open": simple("os", "open", _PATH, os.O_CREAT | os.O_WRONLY),
        "os.symlink": simple("os", "symlink", "/dev/null", _PATH),
        "os.popen": simple("os", "popen", _COMMAND),
        "os.spawnlp": lambda path: whole(
            call(look_up("os", "spawnlp"), value(os.P_WAIT), text("touch"), text("touch"), text(path))
        ),
        "subprocess.call": lambda path: whole(call(look_up("subprocess", "call"), value(["touch", path]))),
        "subprocess.Popen": lambda path: whole(call(look_up("subprocess", "Popen"), value(["touch", path]))),
        "subprocess.getoutput": simple("subprocess", "getoutput", _COMMAND),
        "pty.spawn": lambda path: whole(call(look_up("pty", "spawn"), value(["touch", path]))),
        "shutil.copyfile": simple("shutil", "copyfile", "/dev/null", _PATH),
        "timeit.Timer": lambda path: whole(
            call(
                look_up_on_stack("timeit", "Timer.timeit"),
                call(look_up("timeit", "Timer"), text(_source(path))),
                value(1),
            ),
            start=PROTO_4,
        ),
        "cProfile.run": simple("cProfile", "run", _CODE),
        "pdb.run": lambda path: UnsafeFile(content=simple("pdb", "run", _CODE)(path), loader=""),  # it asks first
        "trace": lambda path: whole(
            call(
                look_up_on_stack("trace", "Trace.run"),
                call(look_up("trace", "Trace"), value(0), value(0)),
                text(_source(path)),
            ),
            start=PROTO_4,
        ),
        "code.InteractiveInterpreter": lambda path: whole(
            call(
                look_up_on_stack("code", "InteractiveInterpreter.runsource"),
                call(look_up("code", "InteractiveInterpreter")),
                text(_source(path)),
            ),
            start=PROTO_4,
        ),
        "logging.FileHandler": simple("logging", "FileHandler", _PATH),
        "sqlite3.connect": lambda path: whole(
            call(
                look_up_on_stack("sqlite3", "Connection.executescript"),
                call(look_up("sqlite3", "connect"), text(path)),
                text("create table t (x);"),
            ),
            start=PROTO_4,
        ),
        "zipfile.ZipFile": simple("zipfile", "ZipFile", _PATH, "w"),
        "gzip.open": simple("gzip", "open", _PATH, "w"),
        "shelve.open": lambda path: UnsafeFile(content=simple("shelve", "open", _PATH)(path), loader=""),
        "numpy.save": lambda path: whole(call(look_up("numpy", "save"), text(path), value([1]))),
        "numpy.memmap": simple("numpy", "memmap", _PATH, "uint8", "w+", 0, (1,)),
        "numpy.testing": simple("numpy.testing", "runstring", _CODE, {}),
        "joblib.dump": simple("joblib", "dump", 1, _PATH),
        "sklearn.datasets": simple("sklearn.datasets", "get_data_home", _PATH),
        "pandas.to_pickle": simple("pandas", "to_pickle", 1, _PATH),
        "types.FunctionType": _code_object,
        "cloudpickle": _cloudpickle,
    }


_PATH, _CODE, _COMMAND = "<path>", "<code>", "<command>"


def _code_object(path: str) -> bytes:
    code = marshal.dumps(compile(_source(path), "x", "exec"))
    function = call(
        look_up("types", "FunctionType"),
        call(look_up("marshal", "loads"), b"B" + struct.pack("<I", len(code)) + code),
        call(look_up("builtins", "globals")),
    )
    return whole(call(function), start=b"\x80\x03")


def _cloudpickle(path: str) -> bytes:
    import cloudpickle

    names: dict[str, Any] = {"__name__": "__main__"}
    exec(f"def f():\n    {_source(path)}", names)  # of no module, so that it travels by value
    data: bytes = cloudpickle.dumps(Reduced(names["f"]))
    return data


def _by_instruction() -> dict[str, Maker]:
    """Every instruction that calls, instantiates or sets something."""
    return {
        "INST": lambda path: whole(b"(" + text(_touch(path)) + b"ios\nsystem\n"),
        "OBJ": lambda path: whole(b"(" + look_up("os", "system") + text(_touch(path)) + b"o"),
        "NEWOBJ": lambda path: whole(
            call(look_up("builtins", "list"), look_up("builtins", "map") + _mapped(path) + b"\x81")
        ),
        "NEWOBJ_EX": lambda path: whole(
            call(look_up("builtins", "list"), look_up("builtins", "map") + _mapped(path) + b"}\x92"), start=PROTO_4
        ),
        "BUILD, a state that is executed": _distribution,
        "BUILD of a class": _class_attribute,
        "SETITEM of os.environ": lambda path: UnsafeFile(
            content=whole(look_up("os", "environ") + text("LD_PRELOAD") + text(path) + b"s"), loader=""
        ),
        "APPEND to sys.path": lambda path: UnsafeFile(
            content=whole(look_up("sys", "path") + text(path) + b"a"), loader=""
        ),
        "ADDITEMS of a function's": lambda path: UnsafeFile(
            content=whole(look_up("warnings", "filters") + b"(" + text(path) + b"\x90", start=PROTO_4), loader=""
        ),
        "EXT1": lambda path: UnsafeFile(content=whole(b"\x82\x01"), loader=""),
        "EXT2": lambda path: UnsafeFile(content=whole(b"\x83\x01\x01"), loader=""),
        "EXT4": lambda path: UnsafeFile(content=whole(b"\x84\x01\x01\x01\x01"), loader=""),
        "PERSID": lambda path: UnsafeFile(content=b"P" + path.encode() + b"\n.", loader=""),
        "BINPERSID": lambda path: UnsafeFile(content=whole(text(path) + b"Q"), loader=""),
        "call of what was called": lambda path: whole(
            call(call(look_up("functools", "partial"), look_up("os", "system"), text(_touch(path))))
        ),
        "thrown away with POP": lambda path: whole(_system(path) + b"0N"),
        "thrown away with POP_MARK": lambda path: whole(b"(" + _system(path) + b"1N"),
        "between DUPs": lambda path: whole(
            look_up("os", "system") + b"2" + arguments(text(_touch(path))) + b"R0" + b"0N"
        ),
        "by the memo": lambda path: whole(
            look_up("os", "system") + b"q\x05" + b"0N0" + call(b"h\x05", text(_touch(path)))
        ),
        "by a far place of the memo": lambda path: whole(
            look_up("os", "system") + b"r\xff\xff\x00\x00" + b"0" + call(b"j\xff\xff\x00\x00", text(_touch(path)))
        ),
    }


def _mapped(path: str) -> bytes:
    return arguments(look_up("os", "system"), value([_touch(path)]))


def _distribution(path: str) -> bytes:
    """A text in the state of scipy's distributions, which it executes."""
    from scipy import stats

    state = {**stats.norm.__getstate__(), "_parse_arg_template": _source(path)}
    state = {key: item for key, item in state.items() if isinstance(item, str | int | float | type(None))}
    return whole(look_up("scipy.stats._continuous_distns", "norm_gen") + b")\x81" + value(state) + b"b")


def _class_attribute(path: str) -> bytes:
    """An attribute of a class that is allowed: from then on its instances call os.system with their state."""
    name = look_up("sklearn.utils._metadata_requests", "MetadataRequest")
    attribute = b"N}" + text("__setstate__") + look_up("os", "system") + b"s\x86b"
    return whole(name + attribute + b"0" + name + b")\x81" + text(_touch(path)) + b"b")


def _by_name() -> dict[str, Maker]:
    """Ways to write a name so that a list of bad names does not know it."""
    return {
        "dotted, through an allowed module": lambda path: whole(
            call(look_up_on_stack("joblib.numpy_pickle", "os.system"), text(_touch(path))), start=PROTO_4
        ),
        "dotted, through a module of scikit-learn": lambda path: whole(
            call(look_up_on_stack("sklearn.datasets._base", "os.mkdir"), text(path)), start=PROTO_4
        ),
        "dotted, a method": lambda path: whole(
            call(look_up_on_stack("pathlib", "Path.touch"), call(look_up("pathlib", "PosixPath"), text(path))),
            start=PROTO_4,
        ),
        "dotted, an array's method": lambda path: whole(
            call(look_up_on_stack("numpy", "ndarray.tofile"), value(np.zeros(1)), text(path)), start=PROTO_4
        ),
        "Python 2: __builtin__": lambda path: whole(call(look_up("__builtin__", "eval"), text(_source(path)))),
        "Python 2: commands": lambda path: whole(call(look_up("commands", "getoutput"), text(_touch(path)))),
        "Python 2: itertools.imap": lambda path: whole(
            call(look_up("__builtin__", "list"), call(look_up("itertools", "imap"), *_parts(path)))
        ),
        "Python 2: __builtin__.reduce": lambda path: whole(
            call(look_up("__builtin__", "reduce"), look_up("os", "makedirs"), value([path, 0o700]))
        ),
        "getattr of a module": lambda path: whole(
            call(
                call(
                    look_up("builtins", "getattr"),
                    call(look_up("importlib", "import_module"), text("os")),
                    text("system"),
                ),
                text(_touch(path)),
            )
        ),
        "__import__": lambda path: whole(
            call(
                call(
                    look_up("builtins", "getattr"), call(look_up("builtins", "__import__"), text("os")), text("system")
                ),
                text(_touch(path)),
            )
        ),
        "a name that is computed": lambda path: whole(
            text("os")
            + call(look_up_on_stack("builtins", "str.lower"), text("SYSTEM"))
            + b"\x93"
            + arguments(text(_touch(path)))
            + b"R",
            start=PROTO_4,
        ),
        "a name by the memo": lambda path: whole(
            text("os")
            + b"\x94"
            + text("system")
            + b"\x94"
            + b"00"
            + b"h\x00h\x01\x93"
            + arguments(text(_touch(path)))
            + b"R",
            start=PROTO_4,
        ),
        "a name with escapes": lambda path: b"Vo\\u0073\nVsystem\n\x93" + arguments(text(_touch(path))) + b"R.",
        "a module of the user's folder": lambda path: UnsafeFile(
            content=whole(call(look_up("helpers", "run"), text(path))), loader=""
        ),
        "a name that is no name": lambda path: UnsafeFile(
            content=whole(look_up_on_stack("os\n", "system; "), start=PROTO_4), loader=""
        ),
    }


def _parts(path: str) -> tuple[bytes, bytes]:
    return look_up("os", "system"), value([_touch(path)])


def _by_gadget() -> dict[str, Maker]:
    """Functions that call what they are given, and names of the usual packages that lead further."""
    method = look_up_on_stack("operator", "methodcaller")
    return {
        "map": lambda path: whole(call(look_up("builtins", "list"), call(look_up("builtins", "map"), *_parts(path)))),
        "filter": lambda path: whole(
            call(look_up("builtins", "list"), call(look_up("builtins", "filter"), *_parts(path)))
        ),
        "functools.reduce": lambda path: whole(
            call(look_up("functools", "reduce"), look_up("os", "makedirs"), value([path, 0o700]))
        ),
        "operator.methodcaller": lambda path: whole(
            call(call(method, text("touch")), call(look_up("pathlib", "PosixPath"), text(path))), start=PROTO_4
        ),
        "operator.attrgetter": lambda path: whole(
            call(
                call(
                    call(look_up("operator", "attrgetter"), text("system")),
                    call(look_up("importlib", "import_module"), text("os")),
                ),
                text(_touch(path)),
            )
        ),
        "operator.call": lambda path: whole(call(look_up("operator", "call"), *_one(path))),
        "functools.partial's state": lambda path: whole(
            call(
                call(look_up("functools", "partial"), look_up("builtins", "len"))
                + arguments(look_up("os", "system"), value((_touch(path),)), value({}), b"N")
                + b"b"
            )
        ),
        "defaultdict's factory": lambda path: whole(
            call(
                look_up_on_stack("collections", "defaultdict.__missing__"),
                call(
                    look_up("collections", "defaultdict"),
                    call(look_up("functools", "partial"), *_one(path)),
                ),
                text("x"),
            ),
            start=PROTO_4,
        ),
        "itertools.starmap": lambda path: whole(
            call(
                look_up("builtins", "list"),
                call(look_up("itertools", "starmap"), look_up("os", "system"), value([(_touch(path),)])),
            )
        ),
        "numpy's reconstruction of ufuncs": lambda path: (
            whole(
                call(call(look_up("numpy._core", "_ufunc_reconstruct"), text("os"), text("system")), text(_touch(path)))
            )
            if _has_ufunc_reconstruct()
            else UnsafeFile(
                content=whole(call(look_up("numpy.core", "_ufunc_reconstruct"), text("os"), text("system"))), loader=""
            )
        ),
        "numpy.vectorize": lambda path: whole(
            call(call(look_up("numpy", "vectorize"), look_up("os", "system")), text(_touch(path)))
        ),
        "pandas.Series.apply": lambda path: whole(
            call(
                look_up_on_stack("pandas", "Series.apply"),
                call(look_up("pandas", "Series"), value([_touch(path)])),
                look_up("os", "system"),
            ),
            start=PROTO_4,
        ),
        "copyreg.__newobj__": lambda path: whole(
            call(
                look_up("builtins", "list"),
                call(look_up("copyreg", "__newobj__"), look_up("builtins", "map"), *_parts(path)),
            )
        ),
        "copyreg._reconstructor": lambda path: whole(
            call(look_up("copyreg", "_reconstructor"), *[look_up("logging", "FileHandler")] * 2, text(path))
        ),
        "random's constructor": lambda path: whole(
            call(look_up("numpy.random._pickle", "__randomstate_ctor"), text(_touch(path)), look_up("os", "system"))
        ),
        "a codec by name": lambda path: UnsafeFile(
            content=whole(call(look_up("_codecs", "encode"), text("x"), text("somebodys_codec"))), loader=""
        ),
        "a transformer's function": lambda path: UnsafeFile(
            content=whole(
                look_up("sklearn.preprocessing._function_transformer", "FunctionTransformer")
                + b")\x81}"
                + text("func")
                + look_up("os", "system")
                + b"sb"
            ),
            loader="",
        ),
    }


def _one(path: str) -> tuple[bytes, bytes]:
    return look_up("os", "system"), text(_touch(path))


def _has_ufunc_reconstruct() -> bool:
    import numpy._core

    return hasattr(numpy._core, "_ufunc_reconstruct")


def _by_place() -> dict[str, Maker]:
    """Where in a file it may hide."""
    return {
        "in a list": lambda path: pickle.dumps([1, 2, Reduced(os.system, _touch(path))]),
        "as a key": lambda path: pickle.dumps({Reduced(os.system, _touch(path)): 1}),
        "in an estimator": lambda path: pickle.dumps(_estimator(Reduced(os.system, _touch(path)))),
        "in an array of objects": lambda path: pickle.dumps(np.array([Reduced(os.system, _touch(path))], dtype=object)),
        "joblib, in an array of objects": lambda path: _joblib(
            {"a": np.zeros(3), "b": np.array([Reduced(os.system, _touch(path))], dtype=object)}
        ),
        "joblib, in an array in an array": lambda path: _joblib(
            np.array([np.array([Reduced(os.system, _touch(path)), None], dtype=object), None], dtype=object)
        ),
        "joblib, behind a large array": lambda path: _joblib([np.zeros(100_000), Reduced(os.system, _touch(path))]),
        "behind the end": lambda path: UnsafeFile(
            content=pickle.dumps({"model": 1}) + whole(_system(path)), loader="twice"
        ),
        "behind the end, far": lambda path: UnsafeFile(
            content=b"".join([pickle.dumps(1)] * 5) + whole(_system(path)), loader=""
        ),
        "before a broken tail": lambda path: whole(_system(path))[:-1] + b"\xff\xff garbage",
        "before the end of the file": lambda path: whole(_system(path))[:-1],
        "before an unknown instruction": lambda path: PROTO_2 + _system(path) + b"\x00",
        "before a missing value": lambda path: PROTO_2 + _system(path) + b"0000.",
        "in the state of a frame": lambda path: _framed(whole(_system(path), start=b"")),
        "in bytes, unpickled again": lambda path: whole(
            call(look_up("pickle", "loads"), value_bytes(whole(_system(path)))), start=b"\x80\x03"
        ),
        "in a base64 text": lambda path: whole(
            call(look_up("builtins", "exec"), call(look_up("base64", "b64decode"), text(_base64(path))))
        ),
        "numpy, .npy": lambda path: UnsafeFile(content=_npy(path), suffix=".npy", loader="numpy"),
        "numpy, .npz": lambda path: UnsafeFile(content=_npz(path, compressed=False), suffix=".npz", loader="numpy"),
        "numpy, .npz compressed": lambda path: UnsafeFile(
            content=_npz(path, compressed=True), suffix=".npz", loader="numpy"
        ),
    }


def value_bytes(data: bytes) -> bytes:
    """Bytes, as protocol 3 has them."""
    return b"B" + struct.pack("<I", len(data)) + data


def _base64(path: str) -> str:
    import base64

    return base64.b64encode(_source(path).encode()).decode()


def _estimator(part: Any) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=part)


def _joblib(model: Any) -> UnsafeFile:
    stream = io.BytesIO()
    joblib.dump(model, stream)
    return UnsafeFile(content=stream.getvalue(), suffix=".joblib", loader="joblib")


def _framed(content: bytes) -> bytes:
    return PROTO_4 + b"\x95" + struct.pack("<Q", len(content)) + content


def _npy(path: str) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([Reduced(os.system, _touch(path))], dtype=object), allow_pickle=True)
    return stream.getvalue()


def _npz(path: str, *, compressed: bool) -> bytes:
    stream = io.BytesIO()
    save: Any = np.savez_compressed if compressed else np.savez
    save(stream, fine=np.zeros(3), other=np.array([Reduced(os.system, _touch(path))], dtype=object))
    return stream.getvalue()


def _by_container() -> dict[str, Maker]:
    """Every compression, and archives."""

    def compressed(how: Callable[[bytes], bytes]) -> Maker:
        return lambda path: UnsafeFile(
            content=how(pickle.dumps(Reduced(os.system, _touch(path)))), suffix=".joblib", loader="joblib"
        )

    return {
        "zlib": compressed(zlib.compress),
        "gzip": compressed(gzip.compress),
        "bz2": compressed(bz2.compress),
        "xz": compressed(lzma.compress),
        "lzma": compressed(lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE)),
        "lz4": compressed(_lz4),
        "gzip, in an array of objects": lambda path: UnsafeFile(
            content=gzip.compress(_joblib(np.array([Reduced(os.system, _touch(path))], dtype=object)).content),
            suffix=".joblib",
            loader="joblib",
        ),
        "joblib's files of old": lambda path: UnsafeFile(
            content=b"ZF" + hex(len(whole(_system(path)))).ljust(19).encode() + zlib.compress(whole(_system(path))),
            suffix=".joblib",
            loader="",
        ),
        "joblib's companion files": lambda path: UnsafeFile(
            content=whole(
                look_up("joblib.numpy_pickle_compat", "NDArrayWrapper")
                + b")\x81"
                + b"}("
                + text("filename")
                + text(os.path.basename(path) + ".npy")
                + text("subclass")
                + look_up("numpy", "ndarray")
                + b"ub"
            ),
            suffix=".joblib",
            loader="",
        ),
        "PyTorch": lambda path: UnsafeFile(
            content=_archive({"m/data.pkl": whole(_system(path)), "m/version": b"3"}), suffix=".pt", loader=""
        ),
        "skops, a function": lambda path: _skops(
            {"__class__": "eval", "__module__": "builtins", "__loader__": "FunctionNode"}
        ),
        "skops, a type that is called with a key": lambda path: _skops(
            {
                "__class__": "dict",
                "__module__": "builtins",
                "__loader__": "DictNode",
                "content": {
                    _touch(path): {
                        "__class__": "str",
                        "__module__": "builtins",
                        "__loader__": "JsonNode",
                        "content": "1",
                    }
                },
                "key_types": {
                    "__class__": "list",
                    "__module__": "builtins",
                    "__loader__": "ListNode",
                    "content": [{"__class__": "system", "__module__": "os", "__loader__": "TypeNode"}],
                },
            }
        ),
        "skops, an operator": lambda path: _skops(
            {"__class__": "attrgetter", "__module__": "operator", "__loader__": "OperatorFuncNode", "attrs": _NOTHING}
        ),
        "skops, a constructor": lambda path: _skops(
            {
                "__class__": "Popen",
                "__module__": "subprocess",
                "__loader__": "ConstructorFromReduceNode",
                "content": _NOTHING,
            }
        ),
        "skops, a method": lambda path: _skops(
            {
                "__class__": "Pipeline",
                "__module__": "sklearn.pipeline",
                "__loader__": "MethodNode",
                "content": {
                    "func": "fit",
                    "obj": {"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "ObjectNode"},
                },
            }
        ),
        "skops, a generator of another name": lambda path: _skops(
            {
                "__class__": "Generator",
                "__module__": "numpy.random._generator",
                "__loader__": "RandomGeneratorNode",
                "content": {
                    "bit_generator": {
                        "__class__": "dict",
                        "__module__": "builtins",
                        "__loader__": "DictNode",
                        "key_types": _NOTHING,
                        "content": {
                            "bit_generator": {
                                "__class__": "str",
                                "__module__": "builtins",
                                "__loader__": "JsonNode",
                                "content": '"seed"',
                            }
                        },
                    },
                    "seed_seq": _NOTHING,
                },
            }
        ),
    }


_NOTHING = {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": []}


def _lz4(data: bytes) -> bytes:
    import lz4.frame

    packed: bytes = lz4.frame.compress(data)
    return packed


def _archive(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _skops(node: dict[str, Any]) -> UnsafeFile:
    schema = {**node, "protocol": 2, "_skops_version": "0.16.0"}
    return UnsafeFile(content=_archive({"schema.json": json.dumps(schema).encode()}), suffix=".skops", loader="")


def _by_layout() -> dict[str, Maker]:
    """Files that one reader follows in another way than the next: raw arrays, dtypes that lie, frames, polyglots."""
    return {
        "an array that is said to be shorter": _short_array,
        "a dtype that hides its objects": lambda path: UnsafeFile(content=_lying_dtype(), loader=""),
        "a dtype that is changed after it was used": lambda path: UnsafeFile(content=_late_dtype(), loader=""),
        "joblib's note of an array, by another way": _note_by_class,
        "joblib's note of an array, twice": _note_twice,
        "an array inside of a frame": _array_in_a_frame,
        "a pickle that is an archive": lambda path: whole(_system(path)) + _archive({"schema.json": b"{}"}),
        "an archive that is a pickle": lambda path: UnsafeFile(
            content=whole(_system(path)) + _archive({"a.npy": b""}), suffix=".npz"
        ),
        "a frame that ends early": lambda path: UnsafeFile(
            content=PROTO_4 + b"\x95" + struct.pack("<Q", 3) + _system(path) + b".", loader=""
        ),
    }


def _short_array(path: str) -> UnsafeFile:
    """An array whose dtype says another size in its state: who takes one byte finds an end, joblib goes on."""
    note = _note(1, _dtype("V1", 0, size=64))
    wrapper = look_up("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81" + note + b"b"
    return UnsafeFile(
        content=PROTO_2 + wrapper + b"x" + b"." * 63 + _system(path) + b".", suffix=".joblib", loader="joblib"
    )


def _dtype(code: str, flags: int, size: int = -1) -> bytes:
    made = call(look_up("numpy", "dtype"), text(code), b"\x89", b"\x88")
    return (
        made
        + arguments(value(3), text("|"), b"N", b"N", b"N", value(size), value(1 if size > 0 else -1), value(flags))
        + b"b"
    )


def _lying_dtype() -> bytes:
    array = call(
        look_up("numpy._core.multiarray", "_reconstruct"), look_up("numpy", "ndarray"), value((0,)), value("b")
    )
    state = arguments(value(1), value((1,)), _dtype("O8", 0), b"\x89", value_bytes(b"\x00" * 8))
    return whole(array + state + b"b", start=b"\x80\x03")


def _late_dtype() -> bytes:
    dtype = call(look_up("numpy", "dtype"), text("V8"), b"\x89", b"\x88") + b"q\x20"
    array = call(
        look_up("numpy._core.multiarray", "_reconstruct"), look_up("numpy", "ndarray"), value((0,)), value("b")
    )
    state = arguments(value(1), value((1,)), dtype, b"\x89", value_bytes(b"\x00" * 8))
    field = b"}" + text("a") + arguments(_dtype("O8", 63), value(0)) + b"s"
    late = arguments(value(3), text("|"), b"N", value(("a",)), field, value(8), value(1), value(27))
    return whole(array + state + b"b" + b"h\x20" + late + b"b0", start=b"\x80\x03")


def _note(shape: int, dtype: bytes | None = None) -> bytes:
    """The state of joblib's note of an array, of bytes if nothing else is said."""
    keys = [
        text("subclass") + look_up("numpy", "ndarray"),
        text("shape") + value((shape,)),
        text("order") + text("C"),
        text("dtype") + (dtype or _dtype("i1", 0)),
        text("allow_mmap") + b"\x89",
    ]
    return b"}(" + b"".join(keys) + b"u"


def _hidden(path: str) -> bytes:
    """A call in a text, for who does not pass over the first five bytes as those of an array."""
    rest = _system(path) + b"."
    return b"X" + struct.pack("<I", len(rest)) + rest + b"0."


def _note_by_class(path: str) -> UnsafeFile:
    """An instance of another class becomes joblib's note by its slots."""
    wrapper = look_up("joblib.numpy_pickle", "NumpyArrayWrapper")
    made = look_up("sklearn.utils._metadata_requests", "MetadataRequest") + b")\x81"
    state = _note(5) + b"}" + text("__class__") + wrapper + b"s\x86"
    return UnsafeFile(content=PROTO_2 + made + state + b"b" + _hidden(path), suffix=".joblib", loader="joblib")


def _note_twice(path: str) -> UnsafeFile:
    """A note that is used again, by the memo."""
    wrapper = look_up("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81q\x30"
    first = _note(5) + b"b" + b"\x00" * 5
    return UnsafeFile(
        content=PROTO_2 + wrapper + first + b"0h\x30}b" + _hidden(path), suffix=".joblib", loader="joblib"
    )


def _array_in_a_frame(path: str) -> UnsafeFile:
    """An array that joblib reads behind the frame, going on with what is left in it."""
    wrapper = look_up("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81" + _note(4) + b"b"
    frame = wrapper + _system(path) + b"."
    return UnsafeFile(
        content=PROTO_4 + b"\x95" + struct.pack("<Q", len(frame)) + frame + b"\x00" * 4,
        suffix=".joblib",
        loader="joblib",
    )
