"""Console blocks of the documentation are run, in order, one folder a page, and print what they show."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, Block, blocks_of, setting
from tests.docs.shell import DECIMALS, Command, commands, compare, run
from tests.docs.worlds import WORLDS

NOT_RUN = 14
"""Blocks of commands that nothing runs. Each says why; a new one has to be counted here, where a review sees it."""
LANGUAGES = {"python", "toml", "yaml", "console", "text", "markdown", "xml", ""}
Worlds = Callable[[str], Path]


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """Make each world once, when it is first asked for."""
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name)
            WORLDS[name](made[name])
        return made[name]

    return make


def _story(page: Path) -> list[Block]:
    """Return what happens on a page: files that are written and commands that are run, in order."""
    return [
        block for block in blocks_of(page) if block.mark == "file" or (block.language == "console" and not block.mark)
    ]


STORIES = [page for page in PAGES if _story(page)]
QUICK = [page for page in STORIES if not setting(page, "slow")]
SLOW = [page for page in STORIES if setting(page, "slow")]


def _tell(page: Path, worlds: Worlds, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_AUTO_NUM_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    shutil.copytree(worlds(setting(page, "world", "flights")), folder, dirs_exist_ok=True)
    also = DECIMALS if setting(page, "decimals") else {}
    for block in _story(page):
        if block.mark == "file":
            (folder / block.value).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.value).write_text(block.source, encoding="utf-8")
            continue
        for hidden in block.before:
            run(Command(hidden, ()), folder)
        for command in commands(block.source):
            compare(command, run(command, folder), also)


@pytest.mark.parametrize("page", QUICK, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_print_what_the_page_shows(
    page: Path, worlds: Worlds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tell(page, worlds, tmp_path / "project", monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("page", SLOW, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_take_long_print_what_the_page_shows(
    page: Path, worlds: Worlds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tell(page, worlds, tmp_path / "project", monkeypatch)


def test_blocks_that_nothing_runs_are_few_and_say_why() -> None:
    skipped = [block for page in PAGES for block in blocks_of(page) if block.mark == "not run"]

    assert len(skipped) == NOT_RUN, "\n".join(f"{block.where}: {block.value}" for block in skipped)
    assert all(len(block.value.split()) >= 3 for block in skipped)
    assert {block.language for block in skipped} <= {"console"}


def test_who_is_said_to_run_a_block_speaks_of_it() -> None:
    for page in PAGES:
        for block in blocks_of(page):
            if block.mark == "run by":
                runner = (ROOT / block.value).read_text(encoding="utf-8")
                assert page.name in runner, f"{block.where}: {block.value} does not name {page.name}"


def test_a_file_of_a_page_is_used_by_a_command_after_it() -> None:
    for page in STORIES:
        assert _story(page)[-1].mark != "file", f"{page.name} ends with a file that nothing uses"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_is_of_a_kind_that_is_run_or_checked(page: Path) -> None:
    for block in blocks_of(page):
        known = block.language in LANGUAGES or block.mark == "run by"
        assert known, f"{block.where}: nothing runs a block of {block.language!r}"
        if block.language not in ("console", "markdown"):
            assert not block.source.lstrip().startswith("$ "), f"{block.where}: commands belong into a console block"
