"""The run's side of a model's process: start it, ask it with a time limit, say how it died, leave nothing behind.

This is not a sandbox: code in a model file runs with the rights of the user who runs the gates. The process keeps a
model that hangs, crashes, exits or floods its output from taking the run along, and its global state from ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from pathlib import Path
from typing import Any

from pytest_mlgate.artifacts.answers import quoted, refusal_error
from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.artifacts.launch import Launch
from pytest_mlgate.artifacts.wire import missing_bytes, pack, unpack

# What a model may need of the surroundings, and nothing that could hold a secret.
_KEPT = (
    *("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "CUDA_VISIBLE_DEVICES"),
    "LOKY_MAX_CPU_COUNT",
)
# One thread unless the user says otherwise: sums then come out the same to the last bit on every machine, and the
# processes of several workers do not spin for each other's cores.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_TAIL = 64 * 1024
_CHUNK = 1 << 20
# joblib reads on for ever where bytes follow the end of a compressed file (seen in 1.6.0).
_SLOWER = {"loading": "give it more time, or save it again: a compressed file with bytes after its end never loads"}
# How often a process is looked at while it is silent: one that left children behind holds its pipes open.
_GLANCE = 0.25


class ModelProcess:
    """One fresh interpreter that holds one model.

    Parameters
    ----------
    source : str
        The model's name in messages.
    launch : Launch
        How it is started, and what it may use.
    """

    def __init__(self, *, source: str, launch: Launch) -> None:
        self.source, self.roots, self.timeout = source, launch.roots, launch.timeout
        self.printed = 0
        """Bytes that it printed since the last question was put, as far as they were read."""
        self._lock = threading.Lock()
        self._stderr = bytearray()
        self._failure: ModelError | None = None
        folder = tempfile.mkdtemp(prefix="mlgate-")
        pipes = {name: os.pipe() for name in ("requests", "answers", "stdout", "stderr")}
        far = {name: ends[0 if name == "requests" else 1] for name, ends in pipes.items()}
        self._near = {name: ends[1 if name == "requests" else 0] for name, ends in pipes.items()}
        try:
            self._popen = _spawn(folder, far, launch)
        except OSError as error:
            _close_all(self._near)
            shutil.rmtree(folder, ignore_errors=True)
            raise ModelError(f"{source}: no process could be started for it: {error}", fix="see the error") from error
        finally:
            _close_all(far)
        for descriptor in self._near.values():
            os.set_blocking(descriptor, False)
        # Also at interpreter exit; the process ends itself where the run is killed.
        self._end = weakref.finalize(self, _reap, self._popen, self._near, folder, os.getpid())

    def close(self) -> None:
        """End the process and all that it started; later requests fail."""
        self._failure = self._failure or ModelError(
            f"{self.source}: the model was closed", fix="load it again", details={"reason": "closed"}
        )
        self._end()

    def request(self, header: dict[str, Any], payload: bytes = b"", *, doing: str) -> tuple[dict[str, Any], bytes]:
        """Send one request and return the answer's header and payload.

        Raises
        ------
        ModelError
            Where the model refused, or the process died, hung, or answered with nonsense. After the last three it
            is ended, and every later request fails with the same reason.
        """
        nonce = secrets.token_hex(8)
        with self._lock:
            if self._failure is not None:
                raise self._failure
            try:
                asked = {**header, "nonce": nonce, "timeout": self.timeout}
                reply, content = self._exchange(pack(asked, payload), doing)
                if reply.pop("nonce", None) != nonce:
                    raise ValueError("an answer to another question")
            except ModelError:  # a ValueError as well: it must come first
                raise
            except ValueError as error:
                raise self._fail("protocol", f"{doing}: its process wrote what is no answer ({error})") from error
            except BaseException:  # Ctrl-C in the middle of a message: what follows would be out of step
                self.close()
                raise
        if isinstance(refusal := reply.get("refusal"), dict):
            refused = refusal_error(
                refusal, source=self.source, doing=doing, roots=self.roots, stderr=self._last_lines()
            )
            if refusal.get("spent"):  # it has no room for another question, and the run may need what it holds
                self._failure = refused
                self._end()
            raise refused
        return reply, content

    def _exchange(self, message: bytes, doing: str) -> tuple[dict[str, Any], bytes]:
        deadline = time.monotonic() + self.timeout
        outgoing, incoming = memoryview(message), bytearray()
        self._stderr.clear()
        self.printed = 0
        with selectors.DefaultSelector() as selector:
            for name in ("answers", "stdout", "stderr"):
                selector.register(self._near[name], selectors.EVENT_READ, name)
            selector.register(self._near["requests"], selectors.EVENT_WRITE, "requests")
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    words = f"{doing} gave no answer within {self.timeout:g} s"
                    raise self._fail("timeout", words, fix=_SLOWER.get(doing, "make it quicker, or give it more time"))
                ready = selector.select(min(left, _GLANCE))
                if not ready and self._popen.poll() is not None:
                    raise self._died(doing)
                for key, _ in ready:
                    if key.data == "requests":
                        outgoing = _write_some(key.fd, outgoing)
                        if not outgoing:
                            selector.unregister(key.fd)
                        continue
                    part = _read_some(key.fd, missing_bytes(incoming) if key.data == "answers" else _CHUNK)
                    if part == b"":
                        if key.data == "answers":
                            raise self._died(doing)
                        selector.unregister(key.fd)
                    elif part and key.data == "answers":
                        incoming += part
                        if not missing_bytes(incoming):
                            self._drain_stderr()
                            return unpack(incoming)
                    elif part:
                        self.printed += len(part)
                        if key.data == "stderr":
                            self._keep(part)

    def _keep(self, part: bytes) -> None:
        self._stderr += part
        del self._stderr[:-_TAIL]

    def _drain_stderr(self) -> None:
        for _ in range(64):  # a process that goes on printing is not waited for
            part = _read_some(self._near["stderr"], _CHUNK)
            if not part:
                return
            self._keep(part)

    def _last_lines(self) -> str:
        return "\n".join(self._stderr.decode("utf-8", "replace").splitlines()[-20:])

    def _died(self, doing: str) -> ModelError:
        try:
            status: int | None = self._popen.wait(timeout=2)
        except subprocess.TimeoutExpired:
            status = None  # it closed its descriptors and lives on
        self._drain_stderr()
        return self._fail("died", f"{doing} {_death(status)}")

    def _fail(self, reason: str, message: str, *, fix: str = "run it by hand and look at its output") -> ModelError:
        stderr = self._last_lines()
        details = {"reason": reason, **({"stderr": stderr} if stderr else {})}
        self._failure = ModelError(f"{self.source}: {message}{quoted(stderr)}", fix=fix, details=details)
        self._end()
        return self._failure


def _spawn(folder: str, far: dict[str, int], launch: Launch) -> subprocess.Popen[bytes]:
    work = os.path.join(folder, "work")
    places = {name: os.path.join(folder, name.lower()) for name in ("HOME", "TMPDIR")}
    for place in (work, *places.values()):
        os.mkdir(place)
    settings = {
        # Another interpreter has its own; ours is brought to it alone, and not what is installed beside ours.
        "path": None if launch.python else [os.path.abspath(entry) for entry in sys.path],
        "package": str(Path(__file__).parents[1]),
        "roots": [os.path.abspath(root) for root in launch.roots],
        "folder": folder,
        "memory": launch.memory,
        "network": launch.network,
        "requests": far["requests"],
        "answers": far["answers"],
    }
    return subprocess.Popen(
        # What -I does, but for PYTHONHASHSEED: with -E or -I the interpreter would not see it.
        [launch.python or sys.executable, "-s", str(Path(__file__).with_name("child.py")), json.dumps(settings)],
        env={**_environment(launch), **places},
        cwd=work,
        stdin=subprocess.DEVNULL,
        stdout=far["stdout"],
        stderr=far["stderr"],
        pass_fds=(far["requests"], far["answers"]),
        start_new_session=True,
    )


def _environment(launch: Launch) -> dict[str, str]:
    wanted = {*_KEPT, *_THREADS} - ({"VIRTUAL_ENV"} if launch.python else set())
    kept = {name: value for name, value in os.environ.items() if name in wanted or name.startswith("LC_")}
    threads = dict.fromkeys(_THREADS, "1") | kept
    if launch.threads is not None:
        threads |= dict.fromkeys(_THREADS, str(launch.threads))
    return {
        **threads,
        "PYTHONHASHSEED": str(launch.hash_seed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
        # Its own allocator sets a GiB aside, which would count as used.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }


def _reap(popen: subprocess.Popen[bytes], near: dict[str, int], folder: str, owner: int) -> None:
    if os.getpid() != owner:  # a forked copy of the run is ending, not the run
        popen.returncode = 0  # here it is nobody's child, and subprocess would warn that it still runs
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(popen.pid, signal.SIGKILL)
    popen.wait()
    _close_all(near)
    shutil.rmtree(folder, ignore_errors=True)


def _close_all(descriptors: dict[str, int]) -> None:
    for descriptor in descriptors.values():
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _write_some(descriptor: int, view: memoryview) -> memoryview:
    try:
        return view[os.write(descriptor, view[:_CHUNK]) :]
    except BlockingIOError:
        return view
    except BrokenPipeError:  # it died; the end of its answers says so
        return memoryview(b"")


def _read_some(descriptor: int, size: int) -> bytes | None:
    """Return what is there: bytes, None where there is nothing yet, empty bytes at the end."""
    try:
        return os.read(descriptor, min(size, _CHUNK))
    except BlockingIOError:
        return None


def _death(status: int | None) -> str:
    if status is None:
        return "closed its descriptors"
    if status >= 0:
        return f"ended its own process with exit status {status} (os._exit?)"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    meaning = {
        "SIGSEGV": ", a segmentation fault",
        "SIGKILL": ", perhaps out of memory",
        "SIGABRT": ", an abort",
        "SIGXCPU": ", its CPU time was used up",
    }
    return f"ended its process by {name}{meaning.get(name, '')}"
