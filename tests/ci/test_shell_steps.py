"""Every shell step of the action and of the workflow that others call, run with bash as GitHub's runner does."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.tables.files import file_digest
from tests.ci.runner import ACTION, ROOT, Runner, environment, jobs_of, load
from tests.reports.fake_github import FakeGitHub, fake_github

CONFIG = "models/late/mlgate.toml"
FLOWS = {name: ROOT / f".github/workflows/{name}.yml" for name in ("gate", "promote")}
JOBS = {f"{flow}.{name}": job for flow, path in FLOWS.items() for name, job in jobs_of(path).items()}
EVENT = {
    "pull_request": {
        "number": 7,
        **{end: {"repo": {"full_name": "acme/flights"}} for end in ("head", "base")},
    }
}


@pytest.fixture(scope="module")
def github() -> Iterator[FakeGitHub]:
    with fake_github() as found:
        yield found


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=kim", "-c", "user.email=kim@airline.aero")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def _project(folder: Path, *, shift: float) -> None:
    """Write a repository with a model in a subfolder; ``shift`` is what the current rows have drifted by."""
    import joblib
    from sklearn.linear_model import LogisticRegression

    place = folder / "models/late"
    place.mkdir(parents=True)
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"x": rng.normal(size=900)})
    rows["late"] = (rows["x"] + rng.normal(size=900) > 0).astype(int)
    joblib.dump(LogisticRegression().fit(rows[:300][["x"]], rows[:300]["late"]), place / "candidate.joblib")
    tables = {"train": rows[:300], "holdout": rows[300:600], "current": rows[600:].assign(x=rows["x"] + shift)}
    for name, table in tables.items():
        table.to_csv(place / f"{name}.csv", index=False)
    asked = "" if shift else '[[gates.baseline]]\nmetric = "roc_auc"\nmargin = 0.05\n'  # a model takes its time
    (place / "mlgate.toml").write_text(
        '[model]\nname = "late"\ncandidate = "candidate.joblib"\n'
        '[data]\ntarget = "late"\n' + "".join(f'{name} = "{name}.csv"\n' for name in tables) + "\n"
        f"[gates.drift]\ncolumns.x.max_distance = 0.3\n{asked}",
        encoding="utf-8",
    )
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "add", "--all")
    _git(folder, "commit", "-q", "-m", "a model")


def _runner(folder: Path, github: FakeGitHub, inputs: dict[str, Any], event: Any = EVENT) -> Runner:
    workspace, temp = folder / "work", folder / "temp"
    temp.mkdir()
    (temp / "event.json").write_text(json.dumps(event), encoding="utf-8")
    context: dict[str, Any] = {"github.token": "t0ken", "github.event_name": "pull_request", "runner.temp": str(temp)}
    context |= {f"inputs.{name}": value for name, value in inputs.items()}
    env = environment(temp, **github.environ(GITHUB_EVENT_PATH=str(temp / "event.json")))
    del env["GITHUB_TOKEN"]  # a step has it only where it is handed to it
    env |= {"GITHUB_WORKSPACE": str(workspace), "no_proxy": "127.0.0.1", "OMP_NUM_THREADS": "1"}
    (temp / "bundle.json").write_text("{}", encoding="utf-8")
    return Runner(
        workspace=workspace,
        temp=temp,
        context=context,
        env=env,
        outputs={"actions/attest": {"bundle-path": str(temp / "bundle.json")}},
    )


def _action(folder: Path, github: FakeGitHub, **inputs: str) -> tuple[Runner, int]:
    """Run the action, as a step that says these inputs."""
    document = load(ACTION)
    defaults = {name: found["default"] for name, found in document["inputs"].items()}
    runner = _runner(folder, github, {**defaults, "token": "t0ken", "config": CONFIG, **inputs})
    return runner, runner.run(document["runs"]["steps"])


@pytest.fixture(scope="module")
def promoted(tmp_path_factory: pytest.TempPathFactory, github: FakeGitHub) -> tuple[Runner, int, FakeGitHub]:
    """The action on a model that may go up, with everything switched on."""
    folder = tmp_path_factory.mktemp("promoted")
    _project(folder / "work", shift=0.0)
    github.comments.clear()
    everything = {"attest": "true", "code-scanning": "true", "package": "-r requirements.txt 'x'"}
    return (*_action(folder, github, **everything), github)


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory, github: FakeGitHub) -> tuple[Runner, int, list[str]]:
    """The action on a model that may not, over the comment of an earlier run."""
    folder = tmp_path_factory.mktemp("blocked")
    _project(folder / "work", shift=3.0)
    github.comments.clear()
    github.add(f"<!-- mlgate-comment: {CONFIG} -->\nof an earlier run")
    runner, status = _action(folder, github, attest="true", stage="validation")
    return runner, status, [found["body"] for found in github.comments]


@pytest.mark.slow
def test_a_model_that_may_go_up_passes_the_job(promoted: tuple[Runner, int, FakeGitHub]) -> None:
    runner, status, _ = promoted

    assert (status, runner.failed) == (0, {}), runner.said
    assert runner.context["steps.gate.outputs.decision"] == "promote"
    assert runner.context["steps.gate.outputs.results"] == "models/late/.mlgate"
    assert runner.said.endswith("mlgate: promote\n")


@pytest.mark.slow
def test_pip_is_given_the_requirements_as_they_are_written(promoted: tuple[Runner, int, FakeGitHub]) -> None:
    assert (promoted[0].temp / "pip.log").read_text() == "-m pip install --quiet -r requirements.txt 'x'\n"


@pytest.mark.slow
def test_the_results_are_kept_scanned_and_attested(promoted: tuple[Runner, int, FakeGitHub]) -> None:
    runner = promoted[0]

    kept = runner.uses["actions/upload-artifact"]["path"].split()
    assert (runner.workspace / kept[0]).is_file()
    assert {Path(path).name for path in kept} == {
        *("verdict.json", "report.*", "comment.md", "junit.xml", "mlgate.sarif")
    }
    scanned = json.loads(
        (runner.workspace / runner.uses["github/codeql-action/upload-sarif"]["sarif_file"]).read_text()
    )
    assert scanned["runs"][0]["automationDetails"]["id"] == f"mlgate/{CONFIG}/"
    signed = runner.uses["actions/attest"]
    digest, _ = file_digest(runner.workspace / "models/late/candidate.joblib", what="model")
    assert signed["subject-digest"] == f"sha256:{digest}"
    assert signed["subject-name"] == "candidate.joblib"
    predicate = json.loads(Path(signed["predicate-path"]).read_text(encoding="utf-8"))
    assert predicate["result"] in ("PASSED", "WARNED")
    assert predicate["url"] == "https://github.test/acme/flights/actions/runs/42"


@pytest.mark.slow
def test_the_pull_request_and_the_job_say_the_verdict(promoted: tuple[Runner, int, FakeGitHub]) -> None:
    runner, _, github = promoted

    (comment,) = github.comments
    assert comment["body"].startswith(f"<!-- mlgate-comment: {CONFIG} -->\n## ✅ mlgate: late")
    assert "**promote**" in (runner.temp / "summary.md").read_text(encoding="utf-8")


def test_a_model_that_may_not_fails_the_job_at_its_end(blocked: tuple[Runner, int, list[str]]) -> None:
    runner, status, _ = blocked

    assert (status, runner.failed) == (1, {"verdict": 1}), runner.said
    assert runner.said.endswith("mlgate: block\n")


def test_where_it_blocks_all_that_shows_why_is_still_done(blocked: tuple[Runner, int, list[str]]) -> None:
    runner, _, comments = blocked

    assert len(comments) == 1
    assert "drift:x: fail | models/late/mlgate.toml:10 |" in comments[0]
    assert "actions/upload-artifact" in runner.uses
    assert "**block**" in (runner.temp / "summary.md").read_text(encoding="utf-8")
    assert "::error file=models/late/mlgate.toml,line=10,title=drift%3Ax::" in runner.said


def test_what_blocks_is_not_attested(blocked: tuple[Runner, int, list[str]]) -> None:
    assert "actions/attest" not in blocked[0].uses


def test_a_configuration_that_is_wrong_fails_the_job_and_no_old_verdict_counts(
    tmp_path: Path, github: FakeGitHub
) -> None:
    place = tmp_path / "work/models/late"
    (place / ".mlgate").mkdir(parents=True)
    (place / "mlgate.toml").write_text("[gates.drfit]\n", encoding="utf-8")
    (place / ".mlgate/verdict.json").write_text('{"decision": "promote"}', encoding="utf-8")
    github.comments.clear()

    runner, status = _action(tmp_path, github)

    assert (status, runner.failed) == (2, {"verdict": 2})
    assert "did you mean `drift`" in runner.said
    assert runner.said.endswith("mlgate: no verdict\n")
    assert github.comments == []
    assert runner.uses == {}


# The workflow that others call


def _job(name: str) -> Callable[[Runner], int]:
    return lambda runner: runner.run(JOBS[name]["steps"])


def _inputs(**more: Any) -> dict[str, Any]:
    declared = {
        name: one for path in FLOWS.values() for name, one in load(path)["on"]["workflow_call"]["inputs"].items()
    }
    return {**{name: found.get("default", "") for name, found in declared.items()}, "config": CONFIG, **more}


def test_a_command_prepares_the_gates_and_fails_the_job_where_it_fails(tmp_path: Path, github: FakeGitHub) -> None:
    (tmp_path / "work").mkdir()
    runner = _runner(tmp_path, github, _inputs(prepare="false | true\ntouch never"))

    status = _job("gate.gate")(runner)

    assert (status, runner.failed) == (1, {"prepare": 1})
    assert not (runner.workspace / "never").exists()


@pytest.mark.slow
def test_the_job_that_comments_runs_no_more_than_mlgate(tmp_path: Path, github: FakeGitHub, promoted: Any) -> None:
    results = tmp_path / "work/results"
    results.mkdir(parents=True)
    written = (promoted[0].workspace / "models/late/.mlgate/comment.md").read_text(encoding="utf-8")
    (results / "comment.md").write_text(written, encoding="utf-8")
    github.comments.clear()
    runner = _runner(tmp_path, github, _inputs())

    assert _job("gate.comment")(runner) == 0, runner.said
    assert [found["body"] for found in github.comments] == [written]
    assert not any("checkout" in step.get("uses", "") for step in JOBS["gate.comment"]["steps"])


def test_an_attestation_is_kept_for_the_promotion(tmp_path: Path, github: FakeGitHub) -> None:
    (tmp_path / "work").mkdir()
    runner = _runner(tmp_path, github, _inputs(attest=True))

    assert _job("promote.attest")(runner) == 0, runner.said
    assert (runner.workspace / "attestation.json").read_text() == "{}"


@pytest.mark.slow
def test_a_promotion_is_recorded_and_pushed(tmp_path: Path, github: FakeGitHub, promoted: Any) -> None:
    origin, work = tmp_path / "origin.git", tmp_path / "work"
    _git(tmp_path, "clone", "-q", "--bare", str(promoted[0].workspace), str(origin))
    _git(tmp_path, "clone", "-q", str(origin), str(work))
    kept = work / "models/late/.mlgate"
    kept.mkdir()
    (kept / ".gitignore").write_text("*\n")
    (kept / "verdict.json").write_bytes((promoted[0].workspace / "models/late/.mlgate/verdict.json").read_bytes())
    record = "models/late/mlgate-ledger.jsonl models/late/mlgate-archive"
    inputs = _inputs(to="validation", approver="ada.king@airline.aero", record=record)
    runner = _runner(tmp_path, github, inputs, event={})
    runner.env |= {"GITHUB_REF_NAME": "main", "GITHUB_ACTOR": "kim"}

    assert _job("promote.promote")(runner) == 0, runner.said

    ledger = _git(origin, "show", "main:models/late/mlgate-ledger.jsonl")
    assert json.loads(ledger.splitlines()[-1])["event"] == "promote"
    assert (
        _git(origin, "log", "-1", "--format=%an %s", "main") == f"github-actions[bot] Promote {CONFIG} to validation\n"
    )
    assert "t0ken" not in runner.said
    assert "t0ken" not in _git(work, "config", "--list")


def test_every_shell_step_was_run() -> None:
    """The tests above run these; one that is new has to be added to them."""
    action = {step["id"] for step in load(ACTION)["runs"]["steps"] if "run" in step}
    workflow = {(name, step["id"]) for name, job in JOBS.items() for step in job.get("steps", ()) if "run" in step}

    assert action == {"install", "gate", "comment", "statement", "verdict"}
    assert workflow == {
        *(("gate.gate", name) for name in ("install", "prepare", "gate", "statement", "verdict")),
        *(("gate.comment", name) for name in ("install", "comment")),
        ("promote.attest", "bundle"),
        *(("promote.promote", name) for name in ("install", "prepare", "promote", "push")),
    }
    assert os.access("/bin/bash", os.X_OK)
