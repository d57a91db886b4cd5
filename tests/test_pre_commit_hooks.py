"""The hooks that ``.pre-commit-hooks.yaml`` offers: what they are given, and what they do under pre-commit itself."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LogisticRegression

from tests.gates.test_card import GOOD

ROOT = Path(__file__).parents[1]
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}
OWN_ENVIRONMENT = {"mlgate-config", "mlgate-card", "mlgate-artifact"}


def test_hooks_that_need_the_users_packages_run_in_the_users_environment() -> None:
    assert set(HOOKS) == OWN_ENVIRONMENT | {"mlgate-schema", "mlgate-check"}
    assert {name: hook["language"] for name, hook in HOOKS.items()} == {
        name: "python" if name in OWN_ENVIRONMENT else "system" for name in HOOKS
    }
    assert HOOKS["mlgate-check"]["stages"] == ["pre-push"]


@pytest.mark.parametrize(
    ("hook", "name", "given"),
    [
        ("mlgate-config", "mlgate.toml", True),
        ("mlgate-config", "models/late flights/mlgate.toml", True),
        ("mlgate-config", "pyproject.toml", True),
        ("mlgate-config", "org/mlgate-policy.toml", True),
        ("mlgate-config", "ruff.toml", False),
        ("mlgate-config", "mlgate.toml.bak", False),
        ("mlgate-artifact", "artifacts/a b.joblib", True),
        ("mlgate-artifact", "model.joblib.mlgate.json", False),
        ("mlgate-schema", "schema.yaml", True),
        ("mlgate-schema", "shop/contract.py", True),
        ("mlgate-schema", "mlgate.toml", True),
        ("mlgate-schema", "shop/views.py", False),
    ],
)
def test_a_hook_is_given_its_files(hook: str, name: str, given: bool) -> None:
    assert bool(re.search(HOOKS[hook]["files"], name)) == given


CONFIG = """\
[model]
name = "late"
candidate = "artifacts/a model.joblib"

[data]
target = "late"
holdout = "holdout.csv"

[gates.schema]
schema = "schema.yaml"
"""


_IGNORED = shutil.ignore_patterns("__pycache__", ".mlgate")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


class Project:
    """A git repository of a user, and the hooks of a copy of this one."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.hooks = folder / "example_project", folder / "hooks"
        names = [name for name in os.environ if not name.startswith(("GIT_", "PRE_COMMIT", "SKIP"))]
        self.env = {
            **{name: os.environ[name] for name in names},
            "PRE_COMMIT_HOME": str(folder / "home"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
            "HOME": os.environ.get("HOME", str(folder)),
        }
        (folder / "gitconfig").write_text("[user]\nname = a\nemail = a@b.c\n[init]\ndefaultBranch = main\n")
        shutil.copytree(ROOT / "pytest_mlgate", self.hooks / "pytest_mlgate", ignore=_IGNORED)
        for name in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, self.hooks)
        shutil.copytree(ROOT / "example_project", self.folder, ignore=_IGNORED)
        for made in ("artifacts", "data"):  # by training, where this is run in a work tree
            shutil.rmtree(self.folder / made, ignore_errors=True)
        for repository in (self.hooks, self.folder):
            self.git(repository, "init", "-q")
            self.commit("as it is", repository)

    def git(self, folder: Path, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=folder, env=self.env, check=True, capture_output=True)

    def commit(self, message: str, folder: Path | None = None) -> None:
        self.git(folder or self.folder, "add", "-A")
        self.git(folder or self.folder, "commit", "-q", "-m", message)

    def pre_commit(self, *arguments: str) -> dict[str, tuple[int, str]]:
        """Run pre-commit on what is staged, in the stage that every hook runs in, and return what each hook said."""
        self.git(self.folder, "add", "-A")
        command = [sys.executable, "-m", "pre_commit", *arguments]
        done = subprocess.run(
            [*command, "--verbose", "--color=never", "--hook-stage=pre-push"],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return _told(done.stdout)


def _told(output: str) -> dict[str, tuple[int, str]]:
    """Read what pre-commit prints of each hook: its id, its exit code (0 where it is not said), and what it said."""
    parts = re.split(r"^- hook id: (\S+)$", output, flags=re.MULTILINE)
    told = {}
    for name, said in zip(parts[1::2], parts[2::2], strict=True):
        code = re.search(r"^- exit code: (\d+)$", said, re.MULTILINE)
        told[name] = (int(code[1]) if code else 0, said)
    return told


@pytest.mark.slow
def test_every_hook_on_the_example_as_pre_commit_installs_and_runs_it(project: Project) -> None:
    """Nothing is trained there: what needs no model says yes, and the gates do not."""
    (project.folder / "unsafe model.pkl").write_bytes(b"cos\nsystem\n.")

    found = project.pre_commit("try-repo", str(project.hooks), "--all-files")

    codes = {"mlgate-config": 0, "mlgate-card": 0, "mlgate-artifact": 1, "mlgate-schema": 0, "mlgate-check": 2}
    assert {name: code for name, (code, _) in found.items()} == codes, found
    assert "mlgate.toml: 8 gates, for validation" in found["mlgate-config"][1]
    assert "unsafe model.pkl: refused" in found["mlgate-artifact"][1]
    assert "there is no file artifacts/candidate.joblib" in found["mlgate-check"][1]


@pytest.mark.slow
def test_every_hook_says_yes_to_what_is_right_and_no_with_the_place_to_what_is_not(project: Project) -> None:
    _rewrite(project.folder)
    good = project.pre_commit("run", "--all-files")
    assert {name: code for name, (code, _) in good.items()} == dict.fromkeys(HOOKS, 0), good

    (project.folder / "mlgate.toml").write_text(CONFIG.replace("schema =", "shema ="), encoding="utf-8")
    (project.folder / "MODEL_CARD.md").write_text("# Model card: late\n\n## Limitations\n\nTODO\n", encoding="utf-8")
    (project.folder / "artifacts" / "a model.joblib.sha256").unlink()
    bad = project.pre_commit("run", "--all-files")
    codes = {"mlgate-config": 1, "mlgate-card": 1, "mlgate-artifact": 1, "mlgate-schema": 2, "mlgate-check": 2}
    assert {name: code for name, (code, _) in bad.items()} == codes, bad
    assert "mlgate.toml:10: unknown key `gates.schema.shema`; did you mean `schema`?" in bad["mlgate-config"][1]
    assert "MODEL_CARD.md:5: limitations: nothing but a blank" in bad["mlgate-card"][1]
    assert "artifacts/a model.joblib: refused" in bad["mlgate-artifact"][1]
    assert "its digest is recorded nowhere" in bad["mlgate-artifact"][1]


@pytest.mark.slow
def test_what_a_commit_deletes_is_not_judged_and_what_it_moves_is(project: Project) -> None:
    _rewrite(project.folder)
    project.commit("all of it")
    for name in ("MODEL_CARD.md", "mlgate.toml"):
        (project.folder / name).unlink()
    artifacts = project.folder / "artifacts"
    (artifacts / "a model.joblib").rename(artifacts / "moved model.joblib")  # its digest stays behind
    project.commit("away")

    moved = project.pre_commit("run", "--from-ref=HEAD~1", "--to-ref=HEAD")

    assert {name: moved[name][0] for name in OWN_ENVIRONMENT} == {
        "mlgate-config": 0,
        "mlgate-card": 0,
        "mlgate-artifact": 1,
    }
    assert "artifacts/moved model.joblib: refused" in moved["mlgate-artifact"][1]


def _rewrite(folder: Path) -> None:
    """Make the project a small one in which all is right, and a large model file has its digest beside it."""
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(400, 200)), columns=[f"x{i}" for i in range(200)])
    rows["late"] = (rows["x0"] > 0).astype(int)
    rows[["x0", "late"]].to_csv(folder / "holdout.csv", index=False)
    (folder / "artifacts").mkdir()
    model = LogisticRegression().fit(rows[["x0"]], rows["late"])
    model.padding_ = rng.normal(size=80_000)  # beyond what is reviewed by eye
    file = folder / "artifacts" / "a model.joblib"
    joblib.dump(model, file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    (folder / "artifacts" / "a model.joblib.sha256").write_text(f"{digest}\n")
    (folder / "schema.yaml").write_text("columns:\n  late:\n    dtype: integer\n  x0:\n    dtype: number\n")
    (folder / "mlgate.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "MODEL_CARD.md").write_text(GOOD, encoding="utf-8")
    (folder / ".gitignore").write_text("__pycache__/\n.mlgate/\n")
    # the hooks as they are offered, in an environment that is there already: installing them is one test's question
    hooks = [{**hook, "language": "system"} for hook in HOOKS.values()]
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
