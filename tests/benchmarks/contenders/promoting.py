"""Run `mlgate` as its command does, and say what it took: all of it, and of that the trial of the rollback target."""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any


def _spent() -> list[float]:
    """Return wall time, CPU time of this process, and that of its children that ended, in seconds."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return [time.perf_counter(), *(used.ru_utime + used.ru_stime for used in both)]


STARTED = [time.perf_counter(), 0.0, 0.0]
TRIAL = [0.0, 0.0, 0.0]


def _since(before: list[float]) -> list[float]:
    return [now - then for now, then in zip(_spent(), before, strict=True)]


def main() -> None:
    """Run the command with the arguments of this program."""
    from pytest_mlgate.cli import main as command
    from pytest_mlgate.lifecycle import promotion

    answers: Any = promotion.answers

    def timed(*arguments: Any, **keywords: Any) -> None:
        before = _spent()
        try:
            answers(*arguments, **keywords)
        finally:
            TRIAL[:] = _since(before)

    promotion.answers = timed
    try:
        command()
    except SystemExit as ended:
        said = {"code": ended.code or 0, "whole": _since(STARTED), "trial": TRIAL}
        print(json.dumps(said), file=sys.stderr)


if __name__ == "__main__":
    main()
