"""The process behind a model: it ends with the run, however that ends, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pytest_mlgate.artifacts import wire
from pytest_mlgate.artifacts.model import ModelError, load_model

from .conftest import rows

ROOT = Path(__file__).parents[2]


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def eventually(claim: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not claim() and time.monotonic() < end:
        time.sleep(0.05)
    return claim()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors through /proc")
def test_a_forgotten_handle_leaves_no_process_no_descriptor_and_no_folder(user_folder: Path) -> None:
    gc.collect()
    before = open_descriptors()
    model = load_model("models:predict", root=user_folder)
    process = model._backend._process
    pid, folder = process._popen.pid, process._end.peek()[2][2]
    assert Path(folder).is_dir()

    del model, process
    gc.collect()

    assert not alive(pid)
    assert not Path(folder).exists()
    assert open_descriptors() == before


def test_closing_ends_the_models_children_too(user_folder: Path) -> None:
    model = load_model("models:leaves_a_child_behind", root=user_folder)
    child = int(model.predict(rows("any"))[0])
    assert alive(child)

    model.close()
    model.close()

    assert eventually(lambda: not alive(child))


def test_a_killed_process_is_a_model_error(user_folder: Path) -> None:
    model = load_model("models:predict", root=user_folder)
    assert model.predict(rows("good")).tolist() == [0, 1, 2, 3]

    os.kill(model._backend._process._popen.pid, signal.SIGKILL)

    with pytest.raises(ModelError, match="predict ended its process by SIGKILL"):
        model.predict(rows("text"))
    assert model.predict(rows("good")).tolist() == [0, 1, 2, 3]  # what was answered stays answered


SCRIPT = """
import os, sys, time
from pytest_mlgate.artifacts.model import load_model
model = load_model(sys.argv[1], root=sys.argv[2])
process = model._backend._process
print(process._popen.pid, process._end.peek()[2][2], flush=True)
if sys.argv[3] == "exit":
    sys.exit(0)
if sys.argv[3] == "fork":
    if os.fork() == 0:
        sys.exit(0)
    os.wait()
    import pandas as pd
    assert model.predict(pd.DataFrame({"case": ["good"]})).tolist() == [0]
    print("answered", flush=True)
    sys.exit(0)
if sys.argv[3] == "hang":
    import pandas as pd, threading
    threading.Timer(0.3, lambda: os.kill(os.getpid(), 9)).start()
    model.predict(pd.DataFrame({"a": [1]}))
os.kill(os.getpid(), int(sys.argv[3]))
"""


@pytest.mark.parametrize("how", ["exit", "fork", "hang", "9", "15"])
def test_the_process_ends_with_the_run_however_that_ends(user_folder: Path, how: str) -> None:
    ref = "models:hangs" if how == "hang" else "models:predict"
    run = subprocess.run(
        [sys.executable, "-X", "dev", "-c", SCRIPT, ref, str(user_folder), how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    pid, folder, *rest = run.stdout.split()
    assert "ResourceWarning" not in run.stderr
    assert rest == (["answered"] if how == "fork" else [])
    assert eventually(lambda: not alive(int(pid)))
    assert eventually(lambda: not Path(folder).exists())


def test_ctrl_c_ends_the_process_and_the_handle(user_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model("models:predict", root=user_folder)
    process = model._backend._process

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(process, "_exchange", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.predict(rows("good"))
    monkeypatch.undo()

    assert process._popen.returncode is not None
    with pytest.raises(ModelError, match="was closed"):
        model.predict(rows("text"))


@pytest.mark.parametrize(
    "values",
    [
        np.array([0.1, np.nan, -0.0, np.inf]),
        np.array([[0.25, 0.75]] * 3, dtype="float32"),
        np.arange(6, dtype="uint8").reshape(3, 2),
        np.array([True, False]),
        np.array(["a", "ÅÅ"]),
        np.array(["a", "bcd"], dtype=object),
        np.zeros((0, 3)),
    ],
)
def test_arrays_cross_bit_for_bit(values: np.ndarray) -> None:
    back = wire.decode_array(*wire.encode_array(values))

    assert (back.dtype, back.shape) == (values.dtype, values.shape)
    assert back.tolist() == values.tolist() if values.dtype.kind == "O" else back.tobytes() == values.tobytes()


def test_a_message_is_whole_only_with_its_last_byte() -> None:
    message = wire.pack({"op": "ask"}, b"payload")

    assert wire.unpack(message) == ({"op": "ask"}, b"payload")
    assert all(wire.missing_bytes(message[:n]) > 0 for n in range(len(message)))
    assert wire.missing_bytes(message) == 0


@pytest.mark.parametrize("prefix", [b"\xff" * 12, b"\0\0\0\1" + b"\xff" * 8, b"nonsense" * 2])
def test_a_claimed_length_beyond_the_bounds_is_refused(prefix: bytes) -> None:
    with pytest.raises(ValueError, match="a message of"):
        wire.missing_bytes(prefix)
