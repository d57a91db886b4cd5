"""What benchmarks measure, print and keep.

A contender that is a process of its own is measured by the kernel from its start to its end.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.rivals import CACHE, FOLDER, REQUIREMENTS

CONTENDERS = Path(__file__).parent / "contenders"
GIVE_UP = 500.0
RUNS = 3
LIBRARIES = ("pytest", "numpy", "scipy", "pandas", "pyarrow", "scikit-learn", "pandera", "polars", "duckdb")


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What a process took; ``cpu`` is None where it did not end in time, or failed."""

    cpu: float | None
    wall: float
    peak: float
    said: str


def seconds(work: Callable[[], Any]) -> float:
    """Return the CPU seconds of this process that one call takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def alternate(contenders: Mapping[str, Callable[[], Any]], *, runs: int = RUNS) -> dict[str, list[float]]:
    """Return the CPU seconds of each contender, run and run about, so that a busy machine slows all alike."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(runs):
        for name, work in contenders.items():
            found[name].append(seconds(work))
    return found


def measure(python: Path | str, script: str, *arguments: str | Path) -> Run:
    """Run a contender to its end, and read from the kernel what it took."""
    command = [sys.executable, "-S", CONTENDERS / "measured.py", str(GIVE_UP), python, CONTENDERS / script, *arguments]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    ended = found["status"] == 0
    why = f"gave up after {GIVE_UP:.0f} s" if found["wall"] >= GIVE_UP else found["said"].strip()[-300:]
    return Run(cpu=found["cpu"] if ended else None, wall=found["wall"], peak=found["peak"], said=why)


def tell(
    what: str,
    runs: Mapping[str, Sequence[float]],
    *,
    unit: str = "s of CPU",
    targets: Mapping[str, float] | None = None,
    note: str = "",
) -> dict[str, float]:
    """Print what one comparison measured, and keep it as JSON.

    The file is named after the test's file and lies in the folder ``MLGATE_BENCHMARKS`` names, else in the user's
    folder for caches. It has the machine, the versions, and of each comparison all runs, their medians and ratios.

    Parameters
    ----------
    what : str
        What was compared; a comparison of the same name is replaced.
    runs : Mapping of str to sequence of float
        What each contender took, run and run about; the first one is ours.
    unit : str
    targets : Mapping of str to float
        The most that ours may be of a contender.
    note : str

    Returns
    -------
    dict of str to float
        Ours divided by each contender: the median of the runs' own ratios.
    """
    own, *others = runs
    ratios = {name: [one / other for one, other in zip(runs[own], runs[name], strict=True)] for name in others}
    medians = {name: median(values) for name, values in runs.items()}
    found = {name: median(values) for name, values in ratios.items()}
    print(f"\n{what}, medians of {len(runs[own])} runs, {unit}" + (f" ({note})" if note else ""))
    for name, values in runs.items():
        ratio = f", ours is {found[name]:.3g} of it" if name in found else ""
        most = (targets or {}).get(name)
        aim = f" (at most {most:.3g}: {'reached' if found[name] <= most else 'MISSED'})" if most is not None else ""
        print(f"  {name}: {medians[name]:.4g} ({', '.join(f'{value:.4g}' for value in values)}){ratio}{aim}")
    _keep(
        {
            "what": what,
            "unit": unit,
            "runs": {name: list(values) for name, values in runs.items()},
            "medians": medians,
            "ratios": ratios,
            "median_ratios": found,
            "targets": dict(targets or {}),
            "note": note,
        }
    )
    return found


def _keep(comparison: dict[str, Any]) -> None:
    folder = Path(os.environ.get("MLGATE_BENCHMARKS") or CACHE / "mlgate-benchmarks")
    folder.mkdir(parents=True, exist_ok=True)
    file = os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]
    path = folder / f"{Path(file).stem.removeprefix('test_')}.json"
    before = json.loads(path.read_text(encoding="utf-8"))["comparisons"] if path.is_file() else []
    kept = [one for one in before if one["what"] != comparison["what"]]
    content = {
        "benchmark": file,
        "machine": {"processor": processor(), "cores": os.cpu_count(), "system": platform.platform()},
        "versions": versions(),
        "comparisons": [*kept, comparison],
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def versions() -> dict[str, str]:
    """Return the versions of Python, of the libraries that are compared, and of the rivals in their environments."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    for rival in REQUIREMENTS:
        for folder in (FOLDER / rival).glob(f"lib/python*/site-packages/{rival}-*.dist-info"):
            found[rival] = folder.name.removeprefix(f"{rival}-").removesuffix(".dist-info")
    return found


def processor() -> str:
    """Return the model of the processor, as Linux names it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()
