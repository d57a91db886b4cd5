"""Runs that are stopped, or that lose a process, in the middle of a scan: they end soon, and block."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.plugin.conftest import QUICK, Project

PATIENCE = 60
"""Seconds that a busy machine may take; the scans here would take longer than that."""

# The scan itself is real; each batch waits a little, and the first one leaves a sign.
SLOW = """
import os
import time
from pathlib import Path

from pytest_mlgate.tables.engines import parquet

step = parquet.step

def slow(**more):
    Path("scanning").write_text(str(os.getpid()))
    step(**more)
    time.sleep(0.5)

parquet.step = slow
"""


class Run:
    """A process in a group of its own, as a terminal's foreground job is."""

    def __init__(self, project: Project, *command: str) -> None:
        self.folder = project.path
        (self.folder / "scanning").unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=_hear_ctrl_c,
            env={**os.environ, "TMPDIR": str(project.path / "tmp")},
        )

    def wait_for(self, name: str) -> str:
        """Wait until a file is there, and return what is in it."""
        end = time.monotonic() + PATIENCE
        while not (self.folder / name).exists() or not (found := (self.folder / name).read_text()):
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < end, f"{name} was never written"
            time.sleep(0.02)
        return found

    def ended(self) -> tuple[int, str]:
        """Wait for the end, and return the exit status and all that was printed."""
        printed, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, printed

    def clear(self) -> None:
        """Leave no process behind."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


def _hear_ctrl_c() -> None:
    """Undo what a shell does to the background: its processes ignore Ctrl-C, and pass that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def scanned(project: Project) -> Project:
    """A project whose drift is counted in many small files, which takes minutes."""
    rng = np.random.default_rng(0)
    (project.path / "current").mkdir()
    (project.path / "tmp").mkdir()
    part = pa.table({f"x{i}": rng.normal(size=10_000) for i in range(6)})
    pq.write_table(part, project.path / "train.parquet")
    for number in range(40):
        os.link(project.path / "train.parquet", project.path / f"current/{number}.parquet")
    project.write(
        "mlgate.toml",
        """
        [data]
        reference = "train.parquet"
        current = "current"
        [gates.drift]
        rows_in_memory = 1000
        """,
    )
    project.write("conftest.py", SLOW)
    return project


Start: TypeAlias = Callable[..., Run]


@pytest.fixture
def start(scanned: Project) -> Iterator[Start]:
    """Start a run with the gates, or another command, and wait until it is in the middle of its scan."""
    runs: list[Run] = []

    def started(*command: str, sign: str = "scanning") -> Run:
        runs.append(Run(scanned, *(command or PYTEST)))
        runs[-1].wait_for(sign)
        return runs[-1]

    yield started
    for run in runs:
        run.clear()


PYTEST = ("-m", "pytest", "--mlgate", *QUICK)
CHECK = ("-c", "from pytest_mlgate.cli import main; main()", "check", *QUICK)


def interrupted(project: Project, run: Run, *, code: int, why: str = "interrupted") -> str:
    """Hold a run that was told to end to what it owes: a complete verdict that blocks, and nothing left behind."""
    status, printed = run.ended()

    assert status == code, printed
    assert project.checks() == {"drift": f"not run: {why}", "run:stopped": why}
    assert project.verdict().decision == "block"
    assert "Traceback" not in printed
    assert sorted(os.listdir(project.path / ".mlgate")) == [".gitignore", "verdict.json"]
    assert os.listdir(project.path / "tmp") == []
    return printed


def test_ctrl_c_in_a_scan_of_many_threads_ends_it_and_blocks(scanned: Project, start: Start) -> None:
    run = start()

    os.killpg(run.process.pid, signal.SIGINT)

    printed = interrupted(scanned, run, code=pytest.ExitCode.INTERRUPTED)
    assert "BLOCK: 2 of 2 checks block." in printed


def test_a_cancelled_job_ends_as_ctrl_c_does(scanned: Project, start: Start) -> None:
    run = start()

    run.process.terminate()

    interrupted(scanned, run, code=pytest.ExitCode.INTERRUPTED, why="interrupted by SIGTERM")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "why"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "interrupted by SIGTERM")]
)
def test_mlgate_check_is_interrupted_with_1(scanned: Project, start: Start, number: int, why: str) -> None:
    run = start(*CHECK)

    run.process.send_signal(number)

    interrupted(scanned, run, code=1, why=why)


COMMAND = """
import sys, time
from pathlib import Path

from pytest_mlgate import tables

def slow(path):
    Path("scanning").write_text("yes")
    time.sleep(600)

tables.read_table = slow
sys.argv[1:] = ["profile", "train.parquet", "-o", "train.json"]
from pytest_mlgate.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_interrupted_says_so_and_writes_nothing(scanned: Project, start: Start, number: int) -> None:
    run = start("-c", COMMAND)
    before = sorted(os.listdir(scanned.path))

    run.process.send_signal(number)

    status, printed = run.ended()
    assert status == 1, printed
    assert printed.startswith("mlgate: interrupted")
    assert sorted(os.listdir(scanned.path)) == before


@pytest.mark.slow
@pytest.mark.parametrize("everybody", [True, False])
def test_ctrl_c_stops_xdists_workers_too_whoever_is_told(scanned: Project, start: Start, everybody: bool) -> None:
    run = start(*PYTEST, "-n", "2")

    (os.killpg if everybody else os.kill)(run.process.pid, signal.SIGINT)

    interrupted(scanned, run, code=pytest.ExitCode.INTERRUPTED)
    with pytest.raises(ProcessLookupError):
        os.killpg(run.process.pid, 0)


@pytest.mark.slow
def test_a_worker_that_is_killed_in_a_scan_is_an_error_and_blocks(scanned: Project, start: Start) -> None:
    run = start(*PYTEST, "-n", "2")

    os.kill(int(run.wait_for("scanning")), signal.SIGKILL)
    status, printed = run.ended()

    assert status == 1, printed
    verdict = scanned.verdict()
    assert verdict.decision == "block"
    assert [(check.id, check.outcome) for check in verdict.checks] == [("drift", "error")]
    assert "crashed while running 'mlgate.toml::drift'" in scanned.checks()["drift"]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["duckdb", "polars"])
def test_ctrl_c_in_an_engines_own_query_ends_it_and_blocks(scanned: Project, start: Start, engine: str) -> None:
    scanned.write(
        "conftest.py",
        f"""
        from pathlib import Path

        import pytest

        from pytest_mlgate.tables.engines import lazy

        rows = lazy.LazyTable._counted

        def counted(self, frame):
            Path("scanning").write_text("yes")
            return rows(self, frame)

        lazy.LazyTable._counted = counted

        @pytest.fixture(scope="session")
        def mlgate_current():
            import duckdb
            import polars as pl

            if {engine!r} == "polars":
                rows = pl.LazyFrame({{"x0": range(1_000_000)}}).select(pl.col("x0").cast(float))
                pairs = rows.join(pl.LazyFrame({{"y": range(100_000)}}), how="cross")
                return pairs.filter(pl.col("x0") * pl.col("y") != 7)
            return duckdb.connect().sql(
                "SELECT a.range::DOUBLE AS x0 FROM range(1000000) a, range(100000) b WHERE a.range * b.range != 7"
            )
        """,
    )
    run = start()
    time.sleep(0.5)  # into the query: the sign comes before it

    run.process.send_signal(signal.SIGINT)

    interrupted(scanned, run, code=pytest.ExitCode.INTERRUPTED)


@pytest.mark.slow
def test_the_second_ctrl_c_leaves_at_once_and_damages_nothing(scanned: Project, start: Start) -> None:
    scanned.write(
        "conftest.py",
        SLOW
        + """
from pytest_mlgate import session

def long(*_):
    Path("writing").write_text("yes")
    time.sleep(600)

session.write_verdict = long
""",
    )
    scanned.write(".mlgate/verdict.json", "what was there before")
    run = start()
    run.process.send_signal(signal.SIGINT)
    run.wait_for("writing")

    end = time.monotonic() + PATIENCE
    while run.process.poll() is None and time.monotonic() < end:  # at first it is the same press once more
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.3)

    status, printed = run.ended()
    assert status == -signal.SIGINT
    assert "Traceback" not in printed
    assert scanned.verdict_file.read_text() == "what was there before"


@pytest.mark.parametrize("when", ["during", "after"])
def test_a_file_that_changes_in_a_run_is_an_error_and_blocks(scanned: Project, when: str) -> None:
    """Also after the last row was counted: nobody could say then what the counts are of."""
    where = {"during": "parquet, 'step'", "after": "opening, 'judged_digest'"}[when]
    scanned.write(
        "conftest.py",
        f"""
        import os
        from pathlib import Path

        import pytest

        from pytest_mlgate.tables.engines import opening, parquet

        @pytest.fixture(autouse=True)
        def changing(monkeypatch):
            owner, name = {where}
            real = getattr(owner, name)

            def changed(*args, **kwargs):
                if not Path("changed").exists():
                    Path("changed").touch()
                    Path("other.parquet").write_bytes(Path("train.parquet").read_bytes())
                    os.replace("other.parquet", "current/7.parquet")
                return real(*args, **kwargs)

            monkeypatch.setattr(owner, name, changed)
        """,
    )

    result = scanned.run()

    verdict = scanned.verdict()
    assert result.ret == 1
    assert verdict.decision == "block"
    said = {check.id: check.message for check in verdict.checks if check.outcome == "error"}
    assert "current/7.parquet' was written or replaced while it was judged" in said["drift:current"]
    assert {"drift:x0", "drift:x5"} <= set(said) if when == "during" else set(said) == {"drift:current"}
    assert verdict.identity["inputs"]["current"]["digest"] == ""
