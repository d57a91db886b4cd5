"""Kill whole promotions to production at random moments, and look at ledger and archive after each: a light program."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from pytest_mlgate.config import load_config
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.promotion import Asked, promotion, record
from tests.lifecycle.world import World


def promote(folder: Path, to: str, version: str) -> None:
    """Do what `mlgate promote` does; AssertionError where anything is missing."""
    config = load_config(folder / "mlgate.toml")
    asked = Asked(to=to, version=version, actor="Ada", approver="Grace", first_version=True)
    event, missing, _ = promotion(config, asked)
    assert not missing, missing
    record(config, event, ())


def before_production(folder: Path) -> World:
    """Return a project whose v1 is in pre-production, and whose verdict lets it go on."""
    world = World(folder)
    found = world.run("golden", "predictions", "--to", str(folder / "golden.json"), "--rows", "5")
    assert found.exit_code == 0, found.output
    for stage in ("validation", "pre-production"):
        world.judged(stage)
        promote(folder, stage, "v1")
    world.judged("production")
    return world


def seconds_of_one(world: World, archive: Path) -> float:
    """Return what a promotion to production takes here and now, and take it back."""
    before = world.ledger.read_bytes()
    took = []
    for _ in range(5):
        started = time.perf_counter()
        promote(world.path, "production", "v1")
        took.append(time.perf_counter() - started)
        world.ledger.write_bytes(before)
        shutil.rmtree(archive)
    return sorted(took)[2]


def main(folder: Path, kills: int) -> int:
    """Return how many of the killed promotions count; AssertionError where ledger or archive are not whole."""
    world, chance, counted = before_production(folder), random.Random(kills), 0
    archive, before = folder / "mlgate-archive", world.ledger.read_bytes()
    span = 2 * seconds_of_one(world, archive)
    for number in range(kills):
        heard, ready = os.pipe()
        pid = os.fork()
        if not pid:
            os.write(ready, b"!")
            promote(folder, "production", "v1")
            os._exit(0)
        os.read(heard, 1)
        os.close(heard)
        os.close(ready)
        time.sleep(chance.uniform(0, span))
        os.kill(pid, signal.SIGKILL)
        ended_by_itself = os.WIFEXITED(os.waitpid(pid, 0)[1])
        whole = {path.name: path for path in archive.glob("[!.]*")} if archive.is_dir() else {}
        for name, path in whole.items():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem, f"{name} is half a file"
        events = [event for _, event in read_ledger(world.ledger).events()]  # which verifies every line
        assert len(events) in ((3,) if ended_by_itself else (2, 3))
        if len(events) == 3:
            counted += 1
            last = events[-1]
            needed = {last.artifact, *(seen.digest for seen in last.kept.values())}
            assert needed <= {path.stem for path in whole.values()}, "it counts, and its files are not kept"
        elif number % 10 == 0:
            promote(folder, "production", "v1")  # nothing is in the way of doing it again
            assert len(list(read_ledger(world.ledger).events())) == 3
        world.ledger.write_bytes(before)
        shutil.rmtree(archive, ignore_errors=True)  # which may not be there yet
    return counted


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), int(sys.argv[2])))
