"""The site: built without a warning, every page in its navigation, and nothing on it asks another host for anything."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

import pytest_mlgate
from tests.docs.pages import ROOT
from tests.reports.browser import Browser

DOCS = ROOT / "docs"
CONFIGURATION = DOCS / "site" / "mkdocs.yml"
THEMES_OWN = ('landmark-unique: <nav class="md-code__nav"',)
"""What the theme's own script puts on a page: each button that copies a block of code is a landmark without a name."""
FROM_ELSEWHERE = re.compile(r"""(?:<(?:script|img|iframe|source)\b[^>]*\bsrc|<link\b[^>]*\bhref)=["']?(?:https?:)?//""")


def _pages(nav: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for entry in nav:
        (target,) = entry.values()
        found += [target] if isinstance(target, str) else _pages(target)
    return found


def test_every_page_is_in_the_navigation_and_once() -> None:
    nav = _pages(yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))["nav"])
    hooks = runpy.run_path(str(DOCS / "site" / "hooks.py"))
    there = {str(page.relative_to(DOCS)) for page in DOCS.glob("**/*.md")} | set(hooks["FROM_THE_ROOT"])

    assert len(nav) == len(set(nav))
    assert there <= set(nav), f"not in docs/site/mkdocs.yml: {sorted(there - set(nav))}"
    assert set(nav) <= there


def test_the_index_of_codes_is_what_the_code_says() -> None:
    written = runpy.run_path(str(DOCS / "site" / "codes.py"))["written"]()

    assert (DOCS / "codes.md").read_text(encoding="utf-8") == written, "run: python docs/site/codes.py"


def test_every_public_name_is_on_the_page_for_python() -> None:
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    named = re.findall(r"^::: (\S+)$", page, re.MULTILINE)

    assert sorted(name.rsplit(".", 1)[1] for name in named) == pytest_mlgate.__all__
    for name in named:
        home, _, last = name.rpartition(".")
        assert getattr(import_module(home), last) is getattr(pytest_mlgate, last)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(CONFIGURATION), "-d", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # of what mkdocs 2 will no longer do
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    said = found.stdout + found.stderr
    assert found.returncode == 0, said
    assert "WARNING" not in said, said
    return folder


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_asks_no_other_host(site: Path) -> None:
    pages = sorted(site.glob("**/*.html"))

    assert len(pages) > len(list(DOCS.glob("**/*.md")))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not FROM_ELSEWHERE.search(text), f"{page.relative_to(site)}: {FROM_ELSEWHERE.search(text)}"
    assert not [page for page in site.glob("**/*.css") if re.search(r"url\(['\"]?(https?:)?//", page.read_text())]
    for name in pytest_mlgate.__all__:
        assert 'id="pytest_mlgate.' in (site / "api" / "index.html").read_text(encoding="utf-8")
        assert re.search(
            rf'id="pytest_mlgate\.[a-z_.]*{name}"', (site / "api" / "index.html").read_text(encoding="utf-8")
        )


@pytest.mark.slow
def test_axe_finds_nothing_on_the_main_pages_and_nothing_is_wider_than_a_phone(site: Path, tmp_path: Path) -> None:
    seen = Browser(tmp_path).look(site / "index.html", site / "gates" / "drift" / "index.html")

    assert len(seen) == 8  # two widths, two colour schemes
    assert [rule for one in seen for rule in one["violations"] if not rule.startswith(THEMES_OWN)] == []
    assert [one["wider"] for one in seen if one["wider"] > 0] == []
    assert min(one["rules"] for one in seen) > 30
    assert {address.partition(":")[0] for one in seen for address in one["requests"]} == {"file"}
