"""The process that holds one model: run as a script by ``process.py``, never imported by the run itself.

It reads requests from one descriptor and writes answers to another; standard output and error are the model's own.
This is not a sandbox: what it loads may do whatever the user who runs the gates may do. It keeps a model that
crashes, hangs, exits, prints or sets global state from taking the run along.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import select
import shutil
import signal
import sys
import threading
import time
import types
from collections.abc import Callable
from typing import Any


def _main() -> None:
    settings: dict[str, Any] = json.loads(sys.argv[1])
    sys.argv[:] = ["mlgate-model"]
    if settings["path"] is not None:
        sys.path[:] = settings["path"]
    _bring(settings["package"])
    end = _ending(settings["folder"])
    for descriptor in (settings["requests"], settings["answers"]):
        os.set_inheritable(descriptor, False)
    threading.Thread(target=_watch, args=(settings["requests"], end), daemon=True).start()
    unfit = _unfit()
    if unfit is not None:
        _refuse(settings["requests"], settings["answers"], unfit)
        return

    from pytest_mlgate.artifacts import asking, confinement, loading
    from pytest_mlgate.tables import ipc  # noqa: F401

    confinement.no_core_dumps()
    attempts = [] if settings["network"] else confinement.refuse_network()
    sys.path[:0] = settings["roots"]
    # A pickle that names __main__ means its author's script, never our functions.
    own, sys.modules["__main__"] = sys.modules["__main__"], types.ModuleType("__main__")
    _serve(settings, attempts, asking, confinement, loading)
    del own
    end()


def _bring(package: str) -> None:
    """Import our package from where it is, and nothing that is installed beside it."""
    spec = importlib.util.spec_from_file_location(
        "pytest_mlgate", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["pytest_mlgate"] = module
    spec.loader.exec_module(module)


def _unfit() -> dict[str, Any] | None:
    """Return why no model can be asked here; None where one can.

    All that we need ourselves is imported here, before the user's folders: a file of theirs may be called random.py.
    """
    if sys.hexversion < 0x030B0000:  # another interpreter may be as old as it likes
        return {"reason": "interpreter", "python": sys.executable, "version": sys.version.split()[0]}
    for name in ("numpy", "pandas", "pyarrow"):
        try:
            importlib.import_module(name)
        except ImportError as error:
            lacks = name if error.name == name else f"{name} that can be imported ({error})"
            return {"reason": "interpreter", "python": sys.executable, "lacks": lacks}
    return None


def _refuse(requests: int, answers: int, record: dict[str, Any]) -> None:
    from pytest_mlgate.artifacts.wire import pack, read_message, write_all

    message = read_message(requests)
    if message is not None:
        write_all(answers, pack({"refusal": record, "nonce": message[0]["nonce"]}))


def _serve(settings: dict[str, Any], attempts: list[str], asking: Any, confinement: Any, loading: Any) -> None:
    from pytest_mlgate.artifacts.wire import pack, read_message, write_all

    home, model = os.getpid(), None
    while (message := read_message(settings["requests"])) is not None:
        header, payload = message
        confinement.renew(memory=settings["memory"], seconds=header["timeout"])
        try:
            if header["op"] in ("load", "import"):
                model, reply, content = _open(loading, header, payload)
            else:
                reply, content = _OPERATIONS[header["op"]](model, header, payload)
        except asking.Refusal as refusal:
            reply, content = {"refusal": refusal.record}, b""
        except (KeyboardInterrupt, MemoryError) as error:  # nobody can press Ctrl-C here, and rows take memory too
            reply, content = {"refusal": asking.raised(error).record}, b""
        if reply.get("refusal", {}).get("reason") == "memory":
            reply["refusal"]["spent"] = confinement.recover_memory()
        if os.getpid() != home:  # the file forked as it was loaded, and this is the copy
            os._exit(0)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        write_all(settings["answers"], pack({**reply, "nonce": header["nonce"], "attempts": attempts}, content))
        attempts.clear()


def _open(loading: Any, header: dict[str, Any], payload: bytes) -> tuple[Any, dict[str, Any], bytes]:
    start = time.perf_counter()
    if header["op"] == "load":
        model, notes = loading.load(payload, header["format"], header["names"])
    else:
        model, notes = loading.import_ref(header["ref"]), []
    seconds = time.perf_counter() - start
    reply, content = _describe(model, notes)
    return model, {**reply, "seconds": seconds}, content


def _describe(model: Any, notes: list[dict[str, str]]) -> tuple[dict[str, Any], bytes]:
    from pytest_mlgate.artifacts.asking import classes_of, describe
    from pytest_mlgate.artifacts.wire import encode_array

    reply = {"description": describe(model), "notes": notes}
    classes = classes_of(model)
    if classes is None:
        return reply, b""
    description, content = encode_array(classes)
    return {**reply, "array": description}, content


def _ask(model: Any, header: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    from pytest_mlgate.artifacts.asking import Refusal, ask_twice
    from pytest_mlgate.artifacts.wire import encode_array
    from pytest_mlgate.tables.ipc import from_ipc

    answer, notes = ask_twice(model, header["method"], lambda: from_ipc(payload))
    try:
        description, content = encode_array(answer)
    except Exception as error:  # text that is no Unicode, and what else Arrow will not take
        raise Refusal("no array", kind=f"array of {answer.dtype} ({str(error)[:200]})") from error
    return {"array": description, "notes": notes}, content


def _time(model: Any, header: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    from pytest_mlgate.artifacts.asking import time_calls
    from pytest_mlgate.tables.ipc import from_ipc

    return {"seconds": time_calls(model, header["method"], lambda: from_ipc(payload), header["repeats"])}, b""


def _save(model: Any, header: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    from pytest_mlgate.artifacts.saving import save
    from pytest_mlgate.tables.ipc import from_ipc

    return {}, save(model, header["format"], from_ipc(payload) if payload else None)


_OPERATIONS: dict[str, Callable[[Any, dict[str, Any], bytes], tuple[dict[str, Any], bytes]]] = {
    "ask": _ask,
    "time": _time,
    "save": _save,
}


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
