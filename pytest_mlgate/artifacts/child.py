"""The process that holds one model: run as a script by ``process.py``, never imported by the run itself.

It reads requests from one descriptor and writes answers to another; standard output and error are the model's own.
This is not a sandbox: what it loads may do whatever the user who runs the gates may do. It keeps a model that
crashes, hangs, exits, prints or sets global state from taking the run along.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

_NOT_DAMAGE = (ImportError, AttributeError, MemoryError, RecursionError)


def _main() -> None:
    settings: dict[str, Any] = json.loads(sys.argv[1])
    sys.argv[:] = ["mlgate-model"]
    sys.path[:] = settings["path"]
    _no_core_dumps()
    end = _ending(settings["folder"])
    for descriptor in (settings["requests"], settings["answers"]):
        os.set_inheritable(descriptor, False)
    threading.Thread(target=_watch, args=(settings["requests"], end), daemon=True).start()
    # All that we need ourselves comes before the user's folders: a file of theirs may be called random.py.
    import numpy  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401

    from pytest_mlgate.artifacts import asking
    from pytest_mlgate.tables import ipc  # noqa: F401

    sys.path[:0] = settings["roots"]
    # A pickle that names __main__ means its author's script, never our functions.
    own, sys.modules["__main__"] = sys.modules["__main__"], types.ModuleType("__main__")
    _serve(settings["requests"], settings["answers"], asking)
    del own
    end()


def _serve(requests: int, answers: int, asking: Any) -> None:
    from pytest_mlgate.artifacts.wire import pack, read_message, write_all

    home, model = os.getpid(), None
    while (message := read_message(requests)) is not None:
        header, payload = message
        try:
            if header["op"] == "ask":
                reply, content = _ask(model, header["method"], payload)
            elif header["op"] == "time":
                reply, content = _time(model, header["method"], header["repeats"], payload), b""
            else:
                model, notes = _load(payload) if header["op"] == "load" else _import(header["ref"])
                reply, content = _describe(model, notes)
        except asking.Refusal as refusal:
            reply, content = {"refusal": refusal.record}, b""
        if os.getpid() != home:  # the file forked as it was loaded, and this is the copy
            os._exit(0)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        write_all(answers, pack({**reply, "nonce": header["nonce"]}, content))


def _load(payload: bytes) -> tuple[Any, list[dict[str, str]]]:
    """Unpickle the bytes; joblib reads its own files, compressed or not, and plain pickles as well."""
    import io
    import warnings

    import joblib

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = _guarded(lambda: joblib.load(io.BytesIO(payload)), damage=True)
    return model, [note for warning in caught if (note := _version_note(warning.message))]


def _version_note(warning: Warning | str) -> dict[str, str] | None:
    if type(warning).__name__ != "InconsistentVersionWarning":
        return None
    return {
        "trained": str(getattr(warning, "original_sklearn_version", "unknown")),
        "text": str(warning).split("This might lead")[0].strip(),
    }


def _import(ref: str) -> tuple[Any, list[dict[str, str]]]:
    import difflib
    import importlib

    from pytest_mlgate.artifacts.asking import Refusal

    module_name, _, path = ref.partition(":")
    value = _guarded(lambda: importlib.import_module(module_name), damage=False)
    for name in path.split("."):
        names = dir(value)
        try:
            value = getattr(value, name)
        except AttributeError:
            close = difflib.get_close_matches(name, names, n=1)
            near = f"; did you mean {close[0]!r}?" if close else ""
            raise Refusal("attribute", module=module_name, attribute=path, near=near) from None
    return value, []


def _guarded(load: Callable[[], Any], *, damage: bool) -> Any:
    from pytest_mlgate.artifacts.asking import Refusal, raised, type_name

    home = os.getpid()
    try:
        return load()
    except BaseException as error:
        refusal = raised(error)
        foreign_text = not str(refusal.record.get("module", "a")).replace(".", "_").isidentifier()
        if damage and (foreign_text or (not isinstance(error, _NOT_DAMAGE) and _in_the_reader(error))):
            raise Refusal("damaged", type=type_name(error), text=str(error)[:200]) from error
        raise refusal from error
    finally:
        if os.getpid() != home:
            os._exit(0)


def _in_the_reader(error: BaseException) -> bool:
    """Whether the innermost frame is the unpickler's or a decompressor's, and not code that the file called."""
    if not isinstance(error, Exception):
        return False
    innermost = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    file = "" if innermost is None else innermost.tb_frame.f_code.co_filename
    readers = ("pickle.py", "gzip.py", "bz2.py", "lzma.py", "_compression.py", "_streams.py", "zipfile.py")
    return os.path.basename(file) in readers or f"{os.sep}joblib{os.sep}" in file or file == __file__


def _describe(model: Any, notes: list[dict[str, str]]) -> tuple[dict[str, Any], bytes]:
    from pytest_mlgate.artifacts.asking import classes_of, describe
    from pytest_mlgate.artifacts.wire import encode_array

    reply = {"description": describe(model), "notes": notes}
    classes = classes_of(model)
    if classes is None:
        return reply, b""
    description, content = encode_array(classes)
    return {**reply, "array": description}, content


def _ask(model: Any, method: str, payload: bytes) -> tuple[dict[str, Any], bytes]:
    from pytest_mlgate.artifacts.asking import Refusal, ask_twice, raised
    from pytest_mlgate.artifacts.wire import encode_array
    from pytest_mlgate.tables.ipc import from_ipc

    try:
        answer, notes = ask_twice(model, method, lambda: from_ipc(payload))
    except KeyboardInterrupt as error:  # nobody can press Ctrl-C here
        raise raised(error) from error
    try:
        description, content = encode_array(answer)
    except Exception as error:  # text that is no Unicode, and what else Arrow will not take
        raise Refusal("no array", kind=f"array of {answer.dtype} ({str(error)[:200]})") from error
    return {"array": description, "notes": notes}, content


def _time(model: Any, method: str, repeats: int, payload: bytes) -> dict[str, Any]:
    from pytest_mlgate.artifacts.asking import raised, time_calls
    from pytest_mlgate.tables.ipc import from_ipc

    try:
        return {"seconds": time_calls(model, method, lambda: from_ipc(payload), repeats)}
    except KeyboardInterrupt as error:  # nobody can press Ctrl-C here
        raise raised(error) from error


def _no_core_dumps() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _ending(folder: str) -> Callable[[], None]:
    home, kill_group, remove = os.getpid(), os.killpg, shutil.rmtree  # kept from the model's reach

    def end() -> None:
        if os.getpid() == home:
            remove(folder, ignore_errors=True)
            kill_group(home, signal.SIGKILL)

    return end


def _watch(requests: int, end: Callable[[], None]) -> None:
    """End the whole process group once nobody can ask any more: the run is gone, however it went."""
    poll = select.poll()
    poll.register(requests, 0)
    while not any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll()):
        pass
    end()


if __name__ == "__main__":
    _main()
