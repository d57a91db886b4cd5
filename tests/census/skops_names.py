"""Which names the files of skops need that the list of allowed names lacks.

``python -m tests.census.skops_names`` prints them, with the model that needs each first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pytest_mlgate.artifacts.inspection import inspect_artifact


def lacking_in_skops(models: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Return what is said against skops files of these models: a message, and the first model that it is said of."""
    import skops.io

    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.skops"
        for label, model in models:
            try:
                skops.io.dump(model, path)
            except Exception:  # what skops cannot save is in no file of its
                continue
            for finding in inspect_artifact(path).findings:
                found.setdefault(finding.message, label)
    return found


def main() -> None:
    """Print what the list lacks."""
    from tests.census.estimators import fitted

    for message, label in sorted(lacking_in_skops(fitted()).items()):
        print(f"{message}  ({label})")


if __name__ == "__main__":
    main()
