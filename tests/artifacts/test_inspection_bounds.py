"""What an inspection costs: memory that does not grow with the file, and time in proportion to reading it."""

from __future__ import annotations

import datetime
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
MEGABYTE = 2**20
_MEASURE = """
import hashlib, json, sys, time
from pytest_mlgate.artifacts.inspection import inspect_artifact

path = sys.argv[1]

def hashed():
    with open(path, "rb") as stream:
        hashlib.file_digest(stream, "sha256")

def decompressed():
    import zlib
    unpacker = zlib.decompressobj()
    with open(path, "rb") as stream:
        while part := stream.read(1 << 18):
            while part:
                unpacker.decompress(part, 1 << 20)
                part = unpacker.unconsumed_tail

def peak():
    # Of this program alone: getrusage counts what its parent held when it was forked.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))

def seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start

inspect_artifact(path)  # all is imported, and the file is in the cache
found = inspect_artifact(path)
answer = {
    "verdict": found.verdict,
    "findings": [finding.message for finding in found.findings],
    "sha256": min(seconds(hashed) for _ in range(3)),
    "inspection": min(seconds(lambda: inspect_artifact(path)) for _ in range(3)),
    "decompression": min(seconds(decompressed) for _ in range(3)) if sys.argv[2] == "zlib" else 0.0,
    "megabytes": peak(),
}
print(json.dumps(answer))
"""


def measured(path: Path, compression: str = "") -> dict[str, Any]:
    """Cost of an inspection, in a process that does nothing else: CPU seconds and the peak of memory."""
    command = [sys.executable, "-c", _MEASURE, str(path), compression]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    found: dict[str, Any] = json.loads(answer.stdout)
    print(path.name, found)
    return found


def words(count: int) -> dict[str, int]:
    return {f"word{number}": number for number in range(count)}


def records(count: int) -> list[Any]:
    return [{"id": number, "score": number / 7, "tags": ("a", number)} for number in range(count // 2)]


def days(count: int) -> list[Any]:
    start = datetime.date(2000, 1, 1)
    return [start + datetime.timedelta(days=number % 9000) for number in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("make", [words, records, days], ids=["words", "records", "days"])
def test_a_million_small_objects(tmp_path: Path, make: Callable[[int], Any]) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(make(1_000_000), 4))

    found = measured(path)

    assert found["verdict"] == "accepted", found["findings"]
    assert found["inspection"] < 30
    assert found["megabytes"] < 200


@pytest.mark.slow
def test_a_gibibyte_of_arrays(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump([np.ones(2**24) for _ in range(8)], path)
    assert path.stat().st_size >= 1024 * MEGABYTE

    found = measured(path)

    assert found["verdict"] == "accepted", found["findings"]
    assert found["inspection"] < 1.5 * found["sha256"]
    assert found["megabytes"] < 200


@pytest.mark.slow
def test_a_gibibyte_of_compressed_arrays(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    chunk = np.random.default_rng(1).integers(0, 50, 2**24).astype(float)
    joblib.dump([chunk] * 8, path, compress=("zlib", 1))

    found = measured(path, "zlib")

    assert found["verdict"] == "accepted", found["findings"]
    assert found["inspection"] < 1.5 * (found["sha256"] + found["decompression"])
    assert found["megabytes"] < 200


@pytest.mark.slow
def test_a_file_that_grows_without_end_stays_bounded(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x04(" + b"\x8c\x40" + b"a" * 64 + (b"\x8c\x1f" + b"b" * 31) * 2_000_000 + b"t.")

    found = measured(path)

    assert found["verdict"] == "refused"
    assert "more small objects than can be followed" in found["findings"][0]
    assert found["megabytes"] < 250
