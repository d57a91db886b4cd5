"""The workflows, the action and the pages on continuous integration, by their schemas and by what they may do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

from pytest_mlgate.cli import app
from pytest_mlgate.reports import KINDS
from tests.ci.runner import ACTION, ROOT, WORKFLOWS, jobs_of, load

BIN = Path(sys.executable).parent
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
FENCE = re.compile(r"^```yaml\n(# ([\w./-]+\.yml)\n.*?)^```$", re.MULTILINE | re.DOTALL)
CALLED = [ROOT / ".github/workflows" / name for name in ("gate.yml", "promote.yml")]
BLOCK = re.compile(r"^```(?:yaml|groovy)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted((ROOT / "docs").glob("ci-*.md"))  # ci-github.md, ci-gitlab.md, ci-jenkins.md


def _printed(folder: Path) -> dict[str, list[str]]:
    """Write each YAML block of the pages that names a file as its first line; return them by their schema."""
    found: dict[str, list[str]] = {"vendor.github-workflows": [], "vendor.gitlab-ci": []}
    for page in PAGES:
        for number, (text, name) in enumerate(FENCE.findall(page.read_text(encoding="utf-8"))):
            path = folder / f"{page.stem}-{number}-{Path(name).name}"
            path.write_text(text, encoding="utf-8")
            found["vendor.gitlab-ci" if "gitlab" in name else "vendor.github-workflows"].append(str(path))
    return found


def _steps() -> list[Any]:
    return [
        pytest.param(step, id=f"{path.name}:{name}:{number}")
        for path in (ACTION, *WORKFLOWS)
        for name, job in jobs_of(path).items()
        for number, step in enumerate(job.get("steps", ()))
    ]


def test_workflows_action_and_printed_files_fit_the_published_schemas(tmp_path: Path) -> None:
    files = _printed(tmp_path)
    files["vendor.github-workflows"] += map(str, WORKFLOWS)
    files["vendor.github-actions"] = [str(ACTION)]

    for schema, paths in files.items():
        assert paths, schema
        done = CliRunner().invoke(check_jsonschema, ["--builtin-schema", schema, *paths])
        assert done.exit_code == 0, done.output


def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    paths = [str(ACTION), *map(str, WORKFLOWS)]
    paths += _printed(tmp_path)["vendor.github-workflows"]

    done = subprocess.run(
        [str(BIN / "zizmor"), "--offline", "--no-progress", "--format", "json", *paths],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,  # type: ignore[call-overload]
    )

    found = [(one["ident"], one["desc"]) for one in json.loads(done.stdout)]
    assert (found, done.returncode) == ([], 0)


@pytest.mark.parametrize("step", _steps())
def test_an_action_is_pinned_by_its_commit_and_a_script_holds_no_expression(step: dict[str, Any]) -> None:
    uses = step.get("uses", "")

    assert not uses or uses.startswith("./") or PINNED.fullmatch(uses)
    assert "${{" not in step.get("run", "")
    assert not uses.startswith("actions/checkout@") or step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.name)
def test_a_pin_says_its_version_and_one_action_has_one_pin(path: Path) -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in (ACTION, *WORKFLOWS))

    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if re.search(r"uses: [\w-]+/", line)]
    assert lines
    assert all(re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in lines)
    for line in lines:
        action = line.partition("uses: ")[2].partition("@")[0]
        assert len(set(re.findall(rf"{re.escape(action)}@\S+ # \S+", text))) == 1


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_nothing_and_each_job_little(path: Path) -> None:
    allowed = {
        "gate.yml": {"comment": {"pull-requests"}},
        "promote.yml": {"gate": {"pull-requests"}, "attest": {"id-token", "attestations"}, "promote": {"contents"}},
        "release.yml": {"attest": {"id-token", "attestations"}, "publish": {"id-token"}},
    }
    assert load(path)["permissions"] == {}
    for name, job in jobs_of(path).items():
        writes = {key for key, value in job["permissions"].items() if value == "write"}
        assert writes == allowed.get(path.name, {}).get(name, set())
        assert "uses" in job or job["timeout-minutes"] <= 120


def test_what_runs_the_code_of_a_project_may_only_read_until_somebody_approved() -> None:
    for path in WORKFLOWS:
        for name, job in jobs_of(path).items():
            ids = {step.get("id") for step in job.get("steps", ())}
            reads = set(job["permissions"].values()) <= {"read"}
            assert not {"gate", "prepare"} & ids or reads or (name == "promote" and "environment" in job)


def test_the_action_and_the_workflows_have_the_same_scripts() -> None:
    ours = {step["id"]: step["run"] for step in load(ACTION)["runs"]["steps"] if "run" in step}
    theirs = [step for path in CALLED for job in jobs_of(path).values() for step in job.get("steps", ())]

    assert set(ours) == {"install", "gate", "comment", "statement", "verdict"}
    for name, script in ours.items():
        assert {step["run"] for step in theirs if step.get("id") == name} == {script}


def test_one_workflow_hands_its_inputs_on_to_the_other() -> None:
    gate, promote = (load(path)["on"]["workflow_call"]["inputs"] for path in CALLED)
    handed = jobs_of(CALLED[1])["gate"]["with"]

    assert set(handed) == set(gate)
    for name in set(gate) & set(promote):
        assert gate[name] == promote[name]
        assert handed[name] == f"${{{{ inputs.{name} }}}}"


def test_the_action_installs_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    inputs = [load(ACTION)["inputs"], *(load(path)["on"]["workflow_call"]["inputs"] for path in CALLED)]

    pins = {found[name]["default"] for found in inputs for name in ("package", "tool") if name in found}
    assert pins == {f"pytest-mlgate=={version}"}


def test_every_python_of_the_classifiers_is_tested_with_xdist_and_without() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pythons = [found.rpartition(" ")[2] for found in project["classifiers"] if re.search(r":: 3\.\d+$", found)]
    matrix = jobs_of(ROOT / ".github/workflows/ci.yml")["tests"]["strategy"]["matrix"]["include"]

    assert {entry["python"] for entry in matrix} == set(pythons)
    corners = {(entry["python"], entry["versions"], entry["options"]) for entry in matrix}
    assert corners >= {
        (python, versions, options)
        for python, versions in ((pythons[0], "lowest"), (pythons[-1], "newest"))
        for options in ("-n 2", "-p no:xdist")
    }


def test_a_release_is_built_once_and_needs_no_token() -> None:
    path = ROOT / ".github/workflows/release.yml"
    jobs = jobs_of(path)

    assert "secrets." not in path.read_text(encoding="utf-8")
    assert (
        sum("python -m build" in step.get("run", "").split("\n") for job in jobs.values() for step in job["steps"]) == 1
    )
    assert set(jobs["publish"]["needs"]) == {"build", "test", "attest"}
    assert jobs["publish"]["permissions"] == {"id-token": "write"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_pages_ask_for_kinds_that_there_are_and_fetch_files_that_they_write(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    asked = set(re.findall(r"--report ([\w-]+)", text))
    files = {Path(path).name for path in re.findall(r"\.mlgate/[\w./-]+\w", text)}

    assert asked
    assert asked <= set(KINDS)
    assert files <= {"verdict.json", *(KINDS[kind] for kind in asked)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_pages_call_commands_and_options_that_there_are(page: Path) -> None:
    from typer.main import get_command

    commands = get_command(app).commands  # type: ignore[attr-defined]
    called = re.findall(r"mlgate (check|comment|promote)\b([^\n'`]*)", "\n".join(BLOCK.findall(page.read_text())))

    assert called
    for name, arguments in called:
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert set(re.findall(r"(?<!\S)--[\w-]+", arguments)) <= known


def test_the_commands_for_gitlab_and_jenkins_are_shell(tmp_path: Path) -> None:
    """Jenkins publishes no schema of pipelines: of its file the braces are counted, and the commands read by bash."""
    (gitlab,) = BLOCK.findall((ROOT / "docs/ci-gitlab.md").read_text(encoding="utf-8"))
    (jenkins,) = BLOCK.findall((ROOT / "docs/ci-jenkins.md").read_text(encoding="utf-8"))
    jobs = [job for job in yaml.safe_load(gitlab).values() if isinstance(job, dict)]
    commands = [line for job in jobs for line in [*job.get("script", ()), *job.get("before_script", ())]]
    commands += re.findall(r"^ +sh '(.*)'$", jenkins, re.MULTILINE)

    assert len(commands) >= 8
    assert jenkins.count("{") == jenkins.count("}")
    script = tmp_path / "commands.sh"
    script.write_text("\n".join(commands), encoding="utf-8")
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=30)


def test_the_pages_pin_as_the_workflows_do() -> None:
    ours = "".join(file.read_text(encoding="utf-8") for file in (ACTION, *WORKFLOWS))
    pins = re.findall(r"uses: ((?!OWNER)\S+ # \S+)", "".join(page.read_text(encoding="utf-8") for page in PAGES))

    assert pins
    assert all(f"uses: {pin}" in ours for pin in pins)


def test_the_page_lists_the_inputs_of_the_action() -> None:
    page = (ROOT / "docs/ci-github.md").read_text(encoding="utf-8")
    listed = {
        name for row in re.findall(r"^\| (`[^|]*) \|", page, re.MULTILINE) for name in re.findall(r"`([\w-]+)`", row)
    }

    assert listed == set(load(ACTION)["inputs"])
