"""A side asked in a second process: another seed of text hashes, another time zone, nothing left of earlier calls.

Rows go in as Arrow IPC and the answer comes back as JSON, never as a pickle. The process has this one's environment but
for ``PYTHONHASHSEED`` and ``TZ``: it runs the same code of yours that runs here.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.wire import pack, read_message, unpack
from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.parity.answers import Answer, SideError
from pytest_mlgate.gates.parity.sides import SideSpec, open_side
from pytest_mlgate.gates.parity.worker import too_slow

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

# Far from any zone that people work in by chance, and with minutes in its offset; the second where this one is set.
_ZONES = ("Asia/Kathmandu", "Pacific/Marquesas")
_SEEDS = ("4021", "7")
_FIELDS = ("side", "target", "path", "method", "request", "response", "timeout", "roots")
_START = "from pytest_mlgate.gates.parity.process import main; main()"


def ask_in_another_process(spec: SideSpec, rows: pd.DataFrame) -> Answer:
    """Ask a side in a fresh interpreter.

    Parameters
    ----------
    spec : SideSpec
        With ``portable``.
    rows : DataFrame

    Raises
    ------
    SideError
        What the side did wrong there, or how the process ended.
    InputError
        Where Arrow cannot carry the rows.
    """
    from pytest_mlgate.tables import to_ipc

    settings = {name: getattr(spec, name) for name in _FIELDS}
    message = pack({"path": [os.path.abspath(entry) for entry in sys.path], "spec": settings}, to_ipc(rows))
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _START],
        env={**os.environ, **_surroundings()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:  # twice the time: it has to import everything, and start the service, before it can answer
        answer, errors = process.communicate(message, timeout=2 * spec.timeout + 10)
    except subprocess.TimeoutExpired:
        raise too_slow(f"{spec.side} in a second process", spec.timeout) from None
    finally:
        _end(process)
    try:
        record, _ = unpack(answer)
    except Exception:  # it ended before it could answer, whatever it wrote until then
        last = errors.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise SideError(
            "raised",
            f"{spec.side} ended its process with exit status {process.returncode}",
            quoted=last[0][:300] if last else "",
            fix="find what ends it: os._exit, a signal, an import that fails there",
        ) from None
    return _decoded(record)


def _surroundings() -> dict[str, str]:
    zone = _ZONES[os.environ.get("TZ") == _ZONES[0]]
    seed = _SEEDS[os.environ.get("PYTHONHASHSEED") == _SEEDS[0]]
    return {"TZ": zone, "PYTHONHASHSEED": seed}


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # also what it started
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def main() -> None:
    """Answer one request: read it from standard input, write the answer to what was standard output."""
    from pytest_mlgate.tables import from_ipc

    out = os.dup(1)
    os.dup2(2, 1)  # whatever the side prints is none of the answer
    message = read_message(0)
    if message is None:
        return
    header, payload = message
    sys.path[:] = header["path"]
    spec = SideSpec(**{**header["spec"], "roots": tuple(header["spec"]["roots"])})
    with os.fdopen(out, "wb") as stream:
        stream.write(pack(_answered(spec, from_ipc(payload))))


def _answered(spec: SideSpec, rows: pd.DataFrame) -> dict[str, Any]:
    try:
        with open_side(spec) as ask:
            return _encoded(ask(rows))
    except SideError as error:
        return {"error": [error.kind, error.message, error.quoted, error.fix]}
    except InputError as error:
        return {"error": ["raised", error.message, "", error.fix]}


def _encoded(answer: Answer) -> dict[str, Any]:
    columns = {name: _column(values) for name, values in answer.columns.items()}
    return {"columns": json.loads(json.dumps(columns, default=_text)), "named": answer.named, "rows": answer.rows}


def _column(values: NDArray[Any]) -> dict[str, Any]:
    shown = values.view("i8") if values.dtype.kind in "mM" else values
    return {"dtype": values.dtype.str, "values": shown.tolist()}


def _text(value: Any) -> Any:
    return (
        value.isoformat() if hasattr(value, "isoformat") else value.tolist() if hasattr(value, "tolist") else str(value)
    )


def _decoded(record: Mapping[str, Any]) -> Answer:
    if "error" in record:
        kind, message, quoted, fix = record["error"]
        raise SideError(kind, message, quoted=quoted, fix=fix)
    columns = {name: _array(column) for name, column in record["columns"].items()}
    return Answer(columns=columns, named=record["named"], rows=record["rows"])


def _array(column: Mapping[str, Any]) -> NDArray[Any]:
    import numpy as np

    dtype = np.dtype(column["dtype"])
    if dtype.kind in "mM":
        return np.array(column["values"], dtype="i8").view(dtype)
    if dtype.kind != "O":
        return np.array(column["values"], dtype=dtype)
    objects = np.empty(len(column["values"]), dtype=object)
    for place, value in enumerate(column["values"]):
        objects[place] = value
    return objects
