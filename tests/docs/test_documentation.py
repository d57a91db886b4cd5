"""What the documentation shows is run: Python blocks, configurations, YAML by its schema, links and anchors."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

from pytest_mlgate.codes import all_codes
from pytest_mlgate.config import load_config
from pytest_mlgate.gates.schema.contracts import load_contract
from tests.docs.pages import PAGES, ROOT, Block, blocks_of, each
from tests.docs.shell import Command, run
from tests.docs.worlds import make_flights

LINK = re.compile(r"\]\(([^)\s]+)\)")
FIXTURE = re.compile(r"@pytest\.fixture.*\ndef (\w+)\(")
OF_PYTEST = re.compile(r"^def test_|^@pytest\.fixture", re.MULTILINE)


def _blocks(language: str, *, of_pytest: bool = False) -> list[Any]:
    return [param for param in each(language) if bool(OF_PYTEST.search(param.values[0].source)) == of_pytest]


@pytest.mark.parametrize("block", _blocks("python"))
def test_a_python_block_runs(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    (tmp_path / "data").mkdir()
    for name in ("train", "holdout", "current"):
        frame = pd.DataFrame({"distance": rng.normal(size=2000), "late": rng.integers(0, 2, 2000)})
        frame.to_parquet(tmp_path / "data" / f"{name}.parquet")
    namespace: dict[str, object] = {"__name__": "documentation", "pytest": pytest}

    exec(compile(block.source, "documentation", "exec"), namespace)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flights")
    make_flights(folder)
    return folder


@pytest.mark.parametrize("block", _blocks("python", of_pytest=True))
def test_tests_and_fixtures_of_a_block_pass_in_a_project(block: Block, project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(project, folder)
    fixtures = FIXTURE.findall(block.source)
    if fixtures:
        (folder / "conftest.py").write_text(block.source, encoding="utf-8")
        given = " and ".join(f"{name} is not None" for name in fixtures)
        asked = f"def test_fixtures({', '.join(fixtures)}):\n    assert {given}\n"
        (folder / "test_page.py").write_text(asked, encoding="utf-8")
    else:
        (folder / "test_page.py").write_text(f"import pytest\n\n\n{block.source}", encoding="utf-8")

    printed = run(Command("pytest -q -p no:cacheprovider test_page.py", ()), folder)

    wanted = 1 if fixtures else len(re.findall(r"^def test_", block.source, re.MULTILINE))
    assert f"{wanted} passed" in printed


@pytest.mark.parametrize("block", _blocks("toml"))
def test_a_configuration_is_accepted_as_printed(block: Block, tmp_path: Path) -> None:
    source = block.source
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


def kind_of(block: Block) -> str:
    """Return what a YAML block is: what the comment above it says, else what its keys tell."""
    if block.mark == "schema":
        return block.value
    content = yaml.safe_load(block.source)
    keys = set(content) if isinstance(content, dict) else set()
    if {True, "jobs"} <= keys:  # YAML 1.1 reads `on` as true
        return "github-workflow"
    if "runs" in keys:
        return "github-action"
    if "repos" in keys or (isinstance(content, list) and all("id" in hook for hook in content)):
        return "pre-commit-config"
    if "columns" in keys:
        return "schema"
    if keys & {"stages", "include", "image"} or any("script" in v for v in content.values() if isinstance(v, dict)):
        return "gitlab-ci"
    raise LookupError(f"{block.where}: nobody knows what this YAML is; say it above: <!-- schema: github-workflow -->")


@pytest.mark.parametrize("block", each("yaml"))
def test_a_yaml_block_is_what_it_is_meant_to_be(block: Block, tmp_path: Path) -> None:
    kind = kind_of(block)
    file = tmp_path / "block.yaml"
    file.write_text(block.source, encoding="utf-8")

    if kind == "schema":
        assert load_contract(file)
    elif kind == "pre-commit-config":
        hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
        content = yaml.safe_load(block.source)
        repos = content["repos"] if isinstance(content, dict) else [{"repo": "", "rev": "", "hooks": content}]
        for repo in repos:
            assert {"repo", "rev", "hooks"} == set(repo)
            assert {hook["id"] for hook in repo["hooks"]} <= hooks
    else:
        _by_published_schema(kind, file)


def _by_published_schema(kind: str, file: Path) -> None:
    vendored = {"github-workflow": "github-workflows", "github-action": "github-actions", "gitlab-ci": "gitlab-ci"}
    found = CliRunner().invoke(check_jsonschema, ["--builtin-schema", f"vendor.{vendored[kind]}", str(file)])
    assert found.exit_code == 0, found.output


@pytest.mark.parametrize("block", each("xml"))
def test_xml_is_well_formed(block: Block) -> None:
    assert ElementTree.fromstring(block.source) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(_prose(page)):
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


def _prose(page: Path) -> str:
    text = page.read_text(encoding="utf-8")
    for block in blocks_of(page):
        text = text.replace(block.source, "")
    return text


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
