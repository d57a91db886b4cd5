"""The inspection beside other scanners of model files, on the files that the tests make.

``python tests/benchmarks/rivals.py picklescan modelscan fickling skops`` first, then
``pytest -m benchmark -s tests/benchmarks/test_scanners.py``. Each scanner is asked about every file in one process, in
an environment of its own; what it skipped, or could not read, is no answer and counts as unreadable.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.artifacts.corpora.unsafe import unsafe_files
from tests.benchmarks.measuring import measure
from tests.benchmarks.rivals import python_of

pytestmark = pytest.mark.benchmark

SCANNERS = ("ours", "picklescan", "modelscan", "fickling", "skops")


def unsafe(folder: Path) -> dict[Path, tuple[str, ...]]:
    """Files of which a plain loader runs something."""
    found: dict[Path, tuple[str, ...]] = {}
    for index, file in enumerate(unsafe_files(lambda name: str(folder / f"marker of {name}")).values()):
        path = folder / f"{index}{file.suffix}"
        path.write_bytes(file.content)
        if file.loader:
            found[path] = ()
    return found


CORPORA: dict[str, Callable[[Path], dict[Path, tuple[str, ...]]]] = {"unsafe": unsafe}


@pytest.mark.parametrize("corpus", CORPORA)
def test_what_each_scanner_says_of_the_corpus(corpus: str, tmp_path: Path) -> None:
    files = CORPORA[corpus](tmp_path)
    print(f"\n{corpus}: {len(files)} files")
    for scanner in SCANNERS:
        ours = scanner == "ours"
        python = Path(sys.executable) if ours else python_of(scanner)
        if not python.is_file():
            print(f"  {scanner}: not installed; `python tests/benchmarks/rivals.py {scanner}` makes its environment")
            continue
        asked = [path for path in files if scanner != "skops" or path.suffix == ".skops"]
        if not asked:
            continue
        lines = [f"{path}\t{' '.join(files[path])}" if ours else str(path) for path in asked]
        (tmp_path / "asked.txt").write_text("\n".join(lines) + "\n")
        run = measure(python, f"scan_{scanner}.py", tmp_path / "asked.txt", tmp_path / "said.json")
        assert run.cpu is not None, run.said
        said = json.loads((tmp_path / "said.json").read_text())
        words = Counter(said["words"].values())
        shares = ", ".join(f"{word} {words[word] / len(asked):.0%}" for word in ("clean", "flagged", "unreadable"))
        print(f"  {scanner}: {len(asked)} files: {shares}; {said['cpu']:.2f} s CPU for all")
    assert not list(tmp_path.glob("marker*"))
