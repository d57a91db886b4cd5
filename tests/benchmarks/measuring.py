"""A contender is a process of its own, measured by the kernel from its start to its end."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CONTENDERS = Path(__file__).parent / "contenders"
GIVE_UP = 500.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What a process took; ``cpu`` is None where it did not end in time, or failed."""

    cpu: float | None
    wall: float
    peak: float
    said: str


def measure(python: Path | str, script: str, *arguments: str | Path) -> Run:
    """Run a contender to its end, and read from the kernel what it took."""
    command = [sys.executable, "-S", CONTENDERS / "measured.py", str(GIVE_UP), python, CONTENDERS / script, *arguments]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    ended = found["status"] == 0
    why = f"gave up after {GIVE_UP:.0f} s" if found["wall"] >= GIVE_UP else found["said"].strip()[-300:]
    return Run(cpu=found["cpu"] if ended else None, wall=found["wall"], peak=found["peak"], said=why)
