"""What the documentation shows is run: Python blocks, configurations, links and anchors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from pytest_mlgate.codes import all_codes
from pytest_mlgate.config import load_config

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def _blocks(language: str) -> list[object]:
    return list(_each(language))


def _each(language: str) -> Iterator[object]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match.group(1) == language:
                line = text.count("\n", 0, match.start()) + 1
                yield pytest.param(match.group(2), id=f"{page.relative_to(ROOT)}:{line}")


@pytest.mark.parametrize("source", _blocks("python"))
def test_a_python_block_runs(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    (tmp_path / "data").mkdir()
    for name in ("train", "holdout", "current"):
        frame = pd.DataFrame({"distance": rng.normal(size=2000), "late": rng.integers(0, 2, 2000)})
        frame.to_parquet(tmp_path / "data" / f"{name}.parquet")
    namespace: dict[str, object] = {"__name__": "documentation", "pytest": pytest}

    exec(compile(source, "documentation", "exec"), namespace)


@pytest.mark.parametrize("source", _blocks("toml"))
def test_a_configuration_is_accepted_as_printed(source: str, tmp_path: Path) -> None:
    if "[project" in source:
        tomllib.loads(source)
        return
    for name in re.findall(
        r'^(?:candidate|baseline|train|holdout|reference|current|serving) *= *"([^"]+)"', source, re.M
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / "mlgate.toml").write_text(source, encoding="utf-8")

    config = load_config(tmp_path / "mlgate.toml")

    assert config.entries


@pytest.mark.parametrize("source", _blocks("yaml"))
def test_yaml_is_well_formed(source: str) -> None:
    assert yaml.safe_load(source)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page

        assert file.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in _anchors(file), f"{page.name} links to {target}"


def test_every_code_is_on_the_page_of_its_gate() -> None:
    pages = [*(ROOT / "docs" / "gates").glob("*.md"), ROOT / "docs" / "governance.md", ROOT / "docs" / "promotion.md"]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    ours = [code for code in all_codes() if code.startswith("MLG")]

    missing = [code for code in ours if code not in text]

    assert ours
    assert not missing


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
