"""Kill promoting processes at random moments, and look at the ledger after each: a program, so that they are light."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from pytest_mlgate.lifecycle.appending import read_ledger
from tests.lifecycle.made import promote


def promote_for_ever(path: Path, said: Path, number: int, ready: int) -> None:
    """Say of each event that it counts, once it does."""
    with open(said, "a", buffering=1, encoding="utf-8") as file:
        os.write(ready, b"!")
        for step in range(10_000):
            version = f"v{number}.{step}"
            promote(path, version)
            file.write(f"{version}\n")


def seconds_of_one(path: Path) -> float:
    """Return what a promotion takes here and now."""
    started = time.perf_counter()
    for step in range(20):
        promote(path, f"v{step}")
    path.unlink()
    return (time.perf_counter() - started) / 20


def main(path: Path, kills: int) -> int:
    """Return how many events were recorded; AssertionError where one is lost or doubled."""
    chance, said, total = random.Random(kills), path.with_name("said"), 0
    span = 8 * seconds_of_one(path)
    for number in range(kills):
        heard, ready = os.pipe()
        pid = os.fork()
        if not pid:
            promote_for_ever(path, said, number, ready)
        os.read(heard, 1)
        time.sleep(chance.uniform(0, span))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(heard)
        os.close(ready)
        found = read_ledger(path)  # which verifies every line
        if (
            len(found.lines) > 30 or number == kills - 1
        ):  # a short one is read faster, and killed more often as it grows
            told = set(said.read_text(encoding="utf-8").split())
            versions = [event.version for _, event in found.events()]
            assert told <= set(versions), "an event that counted is lost"
            assert len(versions) == len(set(versions)), "an event is there twice"
            assert len(versions) <= len(told) + kills
            total += len(versions)
            path.unlink(missing_ok=True)
            said.unlink()
    return total


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), int(sys.argv[2])))
