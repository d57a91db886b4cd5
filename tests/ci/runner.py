"""As much of GitHub's runner as the shell steps of our action and workflows need: expressions, and files of a step."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github/actions/mlgate/action.yml"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_NAME = re.compile(r"(?<![\w.'])(inputs|steps|github|runner|needs)((?:\.[\w-]+)+)")


def load(path: Path) -> dict[str, Any]:
    """Return a workflow or an action; its key ``on``, which YAML 1.1 takes for true, under its name."""
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {("on" if key is True else key): value for key, value in found.items()}


def jobs_of(path: Path) -> dict[str, dict[str, Any]]:
    """Return the jobs of a workflow, or the steps of an action as one."""
    document = load(path)
    return document["jobs"] if "jobs" in document else {"": {"steps": document["runs"]["steps"]}}


@dataclass
class Runner:
    """Runs shell steps one after the other, and notes what the others were given.

    Attributes
    ----------
    workspace, temp : Path
    context : dict
        Values of expressions, by their dotted name.
    env : dict
        What every step is told.
    uses : dict
        By the action that a step uses: what it was given. ``outputs`` has what each leaves.
    """

    workspace: Path
    temp: Path
    context: dict[str, Any]
    env: dict[str, str]
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    uses: dict[str, dict[str, str]] = field(default_factory=dict)
    said: str = ""
    failed: dict[str, int] = field(default_factory=dict)

    def run(self, steps: Iterable[Mapping[str, Any]]) -> int:
        """Run steps as a job does; return how it ends: the exit code of the first step that failed."""
        for step in steps:
            if self._goes_on(step.get("if")):
                self._step(step)
        return next(iter(self.failed.values()), 0)

    def _goes_on(self, condition: str | None) -> bool:
        if condition is None or "cancelled()" not in condition:
            condition = f"!failure() && ({condition or 'true'})".replace("${{", "").replace("}}", "")
        return bool(self._value(condition.replace("${{", "").replace("}}", "")))

    def _step(self, step: Mapping[str, Any]) -> None:
        name = step.get("id", "")
        if "uses" in step:
            action = step["uses"].partition("@")[0]
            self.uses[action] = {key: self._text(value) for key, value in step.get("with", {}).items()}
            for key, value in self.outputs.get(action, {}).items():
                self.context[f"steps.{name}.outputs.{key}"] = value
            return
        files = {f"GITHUB_{kind}": self.temp / f"{kind.lower()}-{name}" for kind in ("OUTPUT", "ENV", "PATH")}
        files["GITHUB_STEP_SUMMARY"] = self.temp / "summary.md"
        for path in files.values():
            path.touch()
        env = {**self.env, **{key: str(path) for key, path in files.items()}}
        env |= {key: self._text(value) for key, value in step.get("env", {}).items()}
        script = self.temp / f"step-{name}.sh"
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env=env,
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said += done.stdout
        if done.returncode:
            self.failed[name] = done.returncode
        for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition("=")
            self.context[f"steps.{name}.outputs.{key}"] = value

    def _text(self, value: Any) -> str:
        def rendered(match: re.Match[str]) -> str:
            found = self._value(match.group(1))
            return str(found).lower() if isinstance(found, bool) else str(found)

        return _EXPRESSION.sub(rendered, str(value).lower() if isinstance(value, bool) else str(value))

    def _value(self, expression: str) -> Any:
        """Return what an expression comes to; a name that is not known is empty, as GitHub has it."""
        text = _NAME.sub(lambda name: f"__({name.group(0)!r})", expression.strip())
        text = text.replace("&&", " and ").replace("||", " or ").replace("\n", " ")
        text = re.sub(r"!(?!=)", " not ", text)
        names = {
            "__": lambda name: self.context.get(name, ""),
            "true": True,
            "false": False,
            "cancelled": lambda: False,
            "failure": lambda: bool(self.failed),
            "always": lambda: True,
        }
        return eval(text, {"__builtins__": {}}, names)


def environment(temp: Path, **more: str) -> dict[str, str]:
    """Return what a step finds: this interpreter as ``python``, whose pip installs nothing and notes what it should."""
    folder = temp / "bin"
    folder.mkdir()
    shim = folder / "python"
    pip = f'if [ "$1 $2" = "-m pip" ]; then echo "$*" >> {temp}/pip.log; exit; fi'
    shim.write_text(f'#!/bin/bash\n{pip}\nexec {sys.executable} "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    return {
        "PATH": f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(temp),
        "LANG": "C.UTF-8",
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "RUNNER_TEMP": str(temp),
        "GITHUB_SERVER_URL": "https://github.test",
        "GITHUB_RUN_ID": "42",
        "GIT_CONFIG_NOSYSTEM": "1",
        **more,
    }
