"""The comment on a pull request, against a service on the loopback interface that answers as GitHub does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.cli import app
from pytest_mlgate.reports import comment, forge, render
from tests.reports.fake_github import FakeGitHub, fake_github
from tests.reports.verdicts import fixed_run

TEXT = render("comment", fixed_run())
MARKER = TEXT.partition("\n")[0]


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    monkeypatch.setattr(forge, "_WAIT", 0.0)
    with fake_github() as found:
        yield found


def _event(*, fork: bool = False) -> dict[str, Any]:
    source = {"full_name": "stranger/flights" if fork else "acme/flights"}
    return {"pull_request": {"number": 7, "head": {"repo": source}, "base": {"repo": {"full_name": "acme/flights"}}}}


def _comment(github: FakeGitHub, folder: Path, event: Any = None, *args: str, text: str = TEXT, **env: str) -> Result:
    (folder / "comment.md").write_text(text, encoding="utf-8")
    (folder / "event.json").write_text(json.dumps(_event() if event is None else event), encoding="utf-8")
    unset = {"GITHUB_ACTOR": "", "no_proxy": "127.0.0.1"}
    environ = {**unset, **github.environ(GITHUB_EVENT_PATH=str(folder / "event.json")), **env}
    return CliRunner().invoke(app, ["comment", "--file", str(folder / "comment.md"), *args], env=environ)


def test_the_first_run_writes_a_comment(github: FakeGitHub, tmp_path: Path) -> None:
    result = _comment(github, tmp_path)

    assert (result.exit_code, result.output) == (0, "mlgate: comment written: https://github.test/c/1\n")
    assert [found["body"] for found in github.comments] == [TEXT]
    assert github.tokens == {"Bearer t0ken"}


def test_a_later_run_changes_its_own_comment_and_no_other(github: FakeGitHub, tmp_path: Path) -> None:
    others = ["fine", f"{comment.marker('another/mlgate.toml')}\nof another model", f"said: {MARKER}"]
    for body in others:
        github.add(body)
    github.add(f"{MARKER}\nof a stranger", login="mallory")
    github.add(f"{MARKER}\nof an earlier run")
    github.comments[0]["body"] = None

    result = _comment(github, tmp_path)

    assert result.exit_code == 0
    assert [found["body"] for found in github.comments] == [None, *others[1:], f"{MARKER}\nof a stranger", TEXT]


def test_its_own_comment_is_found_behind_two_hundred_others(github: FakeGitHub, tmp_path: Path) -> None:
    for number in range(230):
        github.add(f"{MARKER}\nold" if number == 215 else "fine")

    _comment(github, tmp_path)

    assert len(github.comments) == 230
    assert github.comments[215]["body"] == TEXT


def test_another_author_has_comments_of_its_own(github: FakeGitHub, tmp_path: Path) -> None:
    github.add(f"{MARKER}\nold", login="release-bot")

    _comment(github, tmp_path, None, "--author", "release-bot")

    assert [found["body"] for found in github.comments] == [TEXT]


@pytest.mark.parametrize(
    ("event", "env", "why"),
    [
        (_event(fork=True), {}, "the pull request comes from a fork"),
        (_event(), {"GITHUB_ACTOR": "dependabot[bot]"}, "Dependabot started this run"),
    ],
    ids=["fork", "Dependabot"],
)
def test_a_token_that_only_reads_fails_no_job_and_is_said(
    github: FakeGitHub, tmp_path: Path, event: Any, env: dict[str, str], why: str
) -> None:
    github.refuse["POST"] = [403]

    result = _comment(github, tmp_path, event, **env)

    assert result.exit_code == 0
    assert f"no comment: {why}, and the token may only read" in result.output
    assert "Resource not accessible by integration" in result.output


def test_a_job_that_lacks_the_permission_is_told_which(github: FakeGitHub, tmp_path: Path) -> None:
    github.refuse["POST"] = [403]

    result = _comment(github, tmp_path)

    assert result.exit_code == 1
    assert "permissions: pull-requests: write" in result.output


def test_outside_of_a_pull_request_there_is_nothing_to_do(github: FakeGitHub, tmp_path: Path) -> None:
    result = _comment(github, tmp_path, {"ref": "refs/heads/main"})

    assert (result.exit_code, result.output) == (0, "mlgate: no pull request: nothing to comment on\n")
    assert github.asked == []


def test_a_pull_request_can_be_named(github: FakeGitHub, tmp_path: Path) -> None:
    _comment(github, tmp_path, {"ref": "refs/heads/main"}, "--pull-request", "7")

    assert len(github.comments) == 1


def test_a_service_that_is_out_of_order_is_asked_again(github: FakeGitHub, tmp_path: Path) -> None:
    github.add(f"{MARKER}\nold")
    github.refuse = {"GET": [502, 503], "PATCH": [500]}

    result = _comment(github, tmp_path)

    assert result.exit_code == 0
    assert [found["body"] for found in github.comments] == [TEXT]


def test_a_new_comment_is_sent_once_and_never_twice(github: FakeGitHub, tmp_path: Path) -> None:
    github.refuse = {"POST": [502]}

    result = _comment(github, tmp_path)

    assert result.exit_code == 1
    assert "502" in result.output
    assert sum(asked.startswith("POST") for asked in github.asked) == 1


def test_the_token_goes_to_no_other_place(github: FakeGitHub, tmp_path: Path) -> None:
    github.refuse = {"GET": [301]}

    result = _comment(github, tmp_path)

    assert result.exit_code == 1
    assert not any("elsewhere" in asked for asked in github.asked)
    assert "t0ken" not in result.output


@pytest.mark.parametrize(
    ("env", "text", "message"),
    [
        ({"GITHUB_TOKEN": ""}, TEXT, "GITHUB_TOKEN is not set"),
        ({"GITHUB_REPOSITORY": "../../x"}, TEXT, "is no repository"),
        ({"GITHUB_API_URL": "file:///etc"}, TEXT, "is no address of a service"),
        ({"GITHUB_API_URL": "http://127.0.0.1:1"}, TEXT, "did not answer"),
        ({"GITHUB_EVENT_PATH": "/nowhere"}, TEXT, "cannot be read"),
        ({}, "hello", "is no comment of mlgate's"),
        ({}, f"{MARKER}\n" + "x" * 60_000, "is no comment of mlgate's"),
    ],
)
def test_what_is_wrong_is_named_with_the_way_out(
    github: FakeGitHub, tmp_path: Path, env: dict[str, str], text: str, message: str
) -> None:
    result = _comment(github, tmp_path, text=text, **env)

    assert result.exit_code == 1
    assert message in result.output
    assert "fix: " in result.output
    assert github.comments == []


def test_a_run_that_wrote_no_comment_is_told_how(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["comment", "--file", str(tmp_path / "none.md")])

    assert result.exit_code == 1
    assert "mlgate check --report comment" in result.output
