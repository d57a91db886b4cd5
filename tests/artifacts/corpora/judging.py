"""Judges mutants in a process that notices whatever runs, and compares those that are accepted with a real unpickler.

``python -m tests.artifacts.corpora.judging COUNT SEED`` prints a JSON object of what happened.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import resource
import sys
import time
import warnings
from typing import Any

from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.names import of_today
from pytest_mlgate.artifacts.inspection.pickles import read_pickle
from pytest_mlgate.artifacts.inspection.source import BytesFeed
from pytest_mlgate.artifacts.inspection.trust import Trust
from tests.artifacts.corpora.mutants import mutants, seeds

# What an inspection never does. Reading a file, hashing and the like need none of it.
_FORBIDDEN = ("import", "exec", "compile", "open", "os.", "subprocess.", "pickle.", "marshal.", "socket.", "ctypes.")


def judge(count: int, seed: int) -> dict[str, Any]:
    """Inspect mutants, and load those that are accepted."""
    watched, noticed = [False], []

    def watch(event: str, details: Any) -> None:
        if watched[0] and event.startswith(_FORBIDDEN):
            noticed.append(f"{event} {details!r}"[:200])

    for data in (*seeds(), b"cshop\x1b\n\x1b\n."):  # what is imported once, codecs too, is imported before
        _read(data, "")
    files = list(mutants(count, seed=seed))
    sys.addaudithook(watch)
    before = _peak(reset=True)
    found: dict[str, Any] = {
        "files": len(files),
        "accepted": 0,
        "errors": [],
        "slowest": 0.0,
        "beyond": [],
        "loaded": 0,
    }
    accepted = []
    for number, (data, compression) in enumerate(files):
        start = time.process_time()
        watched[0] = True
        try:
            reading = _read(data, compression)
        except Exception as error:
            found["errors"].append(f"{number}: {type(error).__name__}: {error}")
            continue
        finally:
            watched[0] = False
        found["slowest"] = max(found["slowest"], time.process_time() - start)
        if reading.complete and not reading.findings:
            accepted.append((number, data, compression, frozenset(reading.names)))
    found["megabytes"] = _peak() - before
    found["accepted"], found["noticed"] = len(accepted), noticed
    for number, data, compression, names in accepted:
        if not compression:
            outcome = _names_of_a_loader(data)
            found["loaded"] += outcome is not None
            found["beyond"] += [f"{number}: {name}" for name in sorted((outcome or set()) - names)]
    return found


def _peak(*, reset: bool = False) -> int:
    """Return the most memory that this program had, in MiB, and forget it where that is asked for; 0 without /proc."""
    with contextlib.suppress(OSError):
        if reset:
            with open("/proc/self/clear_refs", "w") as signs:
                signs.write("5")
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:"))
    return 0


def _read(data: bytes, compression: str) -> Any:
    return read_pickle(
        BytesFeed(data), compression=compression, size=len(data), trust=Trust(), vouched=False, limits=Limits()
    )


def _names_of_a_loader(data: bytes) -> set[str] | None:
    """Return the names that joblib looks up in such a file, in a copy of this process; None where that copy died."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        from joblib import numpy_pickle

        looked_up: set[str] = set()

        class Noting(numpy_pickle.NumpyUnpickler):  # type: ignore[misc]
            def find_class(self, module: str, name: str) -> Any:
                looked_up.add(":".join(of_today(module, name) if self.proto < 3 else (module, name)))
                return super().find_class(module, name)

        numpy_pickle.NumpyUnpickler = Noting
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with warnings.catch_warnings(), contextlib.suppress(BaseException):
            warnings.simplefilter("ignore")
            numpy_pickle.load(io.BytesIO(data))
        os.write(writing, pickle.dumps(looked_up))
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return pickle.loads(answer) if answer else None


if __name__ == "__main__":
    print(json.dumps(judge(int(sys.argv[1]), int(sys.argv[2]))))
