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
from textwrap import dedent

import pytest

from tests.artifacts.benign_models import OWN, OWN_SOURCE, models
from tests.artifacts.corpora.odd import odd_files
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


def benign(folder: Path) -> dict[Path, tuple[str, ...]]:
    """Ordinary models, with what their users would have to trust."""
    (folder / f"{OWN}.py").write_text(dedent(OWN_SOURCE), encoding="utf-8")
    sys.path.insert(0, str(folder))
    found: dict[Path, tuple[str, ...]] = {}
    try:
        for index, (name, kind) in enumerate(models().items()):
            data = kind.write(kind.make())
            path = folder / f"{index}{'.skops' if 'skops' in name else '.joblib'}"
            path.write_bytes(data)
            found[path] = tuple(kind.trust(data))
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(OWN, None)
    return found


def odd(folder: Path) -> dict[Path, tuple[str, ...]]:
    """Damaged and odd files; none that is no file, on which some scanners wait for ever."""
    paths = []
    for index, (make, _) in enumerate(odd_files().values()):
        (folder / str(index)).mkdir()
        paths.append(make(folder / str(index)))
    return {path: () for path in paths if path.is_file()}


CORPORA: dict[str, Callable[[Path], dict[Path, tuple[str, ...]]]] = {"unsafe": unsafe, "benign": benign, "odd": odd}


@pytest.mark.filterwarnings("ignore")  # what libraries say as they train and save is no matter here
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
