"""Environments of their own for the rivals: they do not import beside current numpy and pandas.

``python tests/benchmarks/rivals.py`` makes them once, in a folder for caches; a benchmark says
where one is missing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
FOLDER = CACHE / "mlgate-rivals"

REQUIREMENTS = {
    "evidently": ("evidently==0.7.23", "numpy<2.1", "pandas<2.3", "scikit-learn<1.6", "pyarrow"),
    # pkg_resources, which it imports, left setuptools with version 81
    "deepchecks": ("deepchecks==0.19.1", "numpy<2", "pandas<2.2", "scikit-learn<1.4", "setuptools<81", "pyarrow<20"),
    "great_expectations": ("great_expectations==1.24.1", "pandas<3", "pyarrow"),
    "picklescan": ("picklescan==1.0.5",),
    "modelscan": ("modelscan==0.8.8",),
    "fickling": ("fickling==0.1.12", "typing_extensions"),  # which it imports and does not name,
    "skops": ("skops==0.16.0",),
}


def python_of(rival: str) -> Path:
    """The interpreter that has the rival, whether or not it was made yet."""
    return FOLDER / rival / "bin" / "python"


def make(rival: str) -> None:
    """Make the environment, unless it is there."""
    if not python_of(rival).is_file():
        venv.create(FOLDER / rival, with_pip=True)
        pip = [python_of(rival), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *REQUIREMENTS[rival]], check=True)
    version = f"from importlib.metadata import version; print(version({rival!r}))"
    found = subprocess.run([python_of(rival), "-c", version], check=True, capture_output=True, text=True).stdout
    print(f"{rival} {found.strip()}: {python_of(rival)}")


if __name__ == "__main__":
    for name in sys.argv[1:] or REQUIREMENTS:
        make(name)
