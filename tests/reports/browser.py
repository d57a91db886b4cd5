"""A real browser for the pages: Chromium from the machine, driven by packages that npm fetches into a folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_SCRIPT = Path(__file__).with_name("browser.js")
_PACKAGES = ("playwright-core@1.65.1", "axe-core@4.14.1")
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Browser:
    """Looks at pages in both widths and colour schemes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        chromium = next((found for name in _NAMES if (found := shutil.which(name))), None)
        lacking = [name for name, there in (("Chromium", chromium), ("npm", shutil.which("npm"))) if not there]
        if lacking:
            pytest.skip(f"needs {' and '.join(lacking)}")
        self.chromium = str(chromium)
        shutil.copy(_SCRIPT, folder)
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", *_PACKAGES]
        made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
        if made.returncode:
            said = f"npm could not fetch {', '.join(_PACKAGES)}: {made.stderr[-500:]}"
            pytest.fail(said) if os.environ.get("CI") else pytest.skip(said)

    def look(self, *pages: Path) -> list[dict[str, Any]]:
        """Return what was seen of each page, at 1280 and 390 pixels, light and dark."""
        command = ["node", _SCRIPT.name, self.chromium, str(self.folder), *map(str, pages)]
        made = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=1200)
        assert made.returncode == 0, made.stderr
        seen: list[dict[str, Any]] = json.loads(made.stdout)
        return seen


def faults(seen: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return what is wrong with pages that were seen; pages that were not looked at are wrong too."""
    wrong: list[tuple[Any, ...]] = [("not looked at",)] if not seen else []
    for one in seen:
        where = (one["page"], one["width"], one["scheme"])
        wrong += [(*where, "violates", rule) for rule in one["violations"]]
        wrong += [(*where, "asks for", address) for address in one["requests"]]
        wrong += [(*where, "says", message) for message in one["messages"]]
        if one["wider"] > 0:
            wrong.append((*where, "is wider than the window by", one["wider"]))
        if one["unprinted"]:
            wrong.append((*where, "does not print", one["unprinted"]))
        if one["rules"] < 20:
            wrong.append((*where, "was held against too few rules", one["rules"]))
    return wrong
