"""What the site does beyond mkdocs: GitHub's anchors, two pages from the root, places kept for pages to come."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymdownx.slugs import slugify

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).parents[2]
FROM_THE_ROOT = {"changelog.md": "CHANGELOG.md", "contributing.md": "CONTRIBUTING.md"}
TO_COME = {
    *("outputs.md", "ci-github.md", "ci-gitlab.md", "ci-jenkins.md", "terminal.md"),
    *("pre-commit.md", "registries.md", "ml-test-score.md", "report.md"),
}
"""Pages that have their place in the navigation and are not written yet."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make anchors as GitHub does, so that a link holds on both."""
    config.mdx_configs.setdefault("toc", {})["slugify"] = slugify(case="lower")
    config.nav = [_there(entry, Path(config.docs_dir)) for entry in config.nav or []]
    return config


def _there(entry: Any, docs: Path) -> Any:
    """Return an entry of the navigation without the pages to come."""
    (title, target), *_ = entry.items()
    if isinstance(target, str):
        return entry
    kept = [page for page in target if not _to_come(page, docs)]
    return {title: [_there(page, docs) for page in kept]}


def _to_come(entry: Any, docs: Path) -> bool:
    (target,) = entry.values()
    return target in TO_COME and not (docs / target).exists()


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages from the root; their links into docs/ become links beside them."""
    from mkdocs.structure.files import File

    for uri, name in FROM_THE_ROOT.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, uri, content=re.sub(r"\]\(docs/", "](", text)))
    return files
