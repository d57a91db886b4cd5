"""Branches of the code that each recorded events, merged: both histories are kept, line by line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli import app
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.ledger import Ledger, extended, parse
from pytest_mlgate.lifecycle.merging import merged
from pytest_mlgate.lifecycle.states import SERVING
from tests.lifecycle.made import MODEL, after, bytes_of, digest_of, promote, to_production, write

EMPTY = Ledger(path=Path("mlgate-ledger.jsonl"))


def base() -> Ledger:
    return to_production(to_production(EMPTY, "v1"), "v2")


def union(one: Ledger, other: Ledger) -> Ledger:
    """As `merge=union` in .gitattributes puts them: what is new in the other after what is in the one."""
    ours = bytes_of(one)
    new = [line for line in bytes_of(other).splitlines(keepends=True) if line not in ours]
    return parse(ours + b"".join(new), EMPTY.path)


def merge(one: Ledger, other: Ledger, serving: str | None = None) -> Ledger:
    choice = {} if serving is None else {MODEL: serving}
    clean, event = merged(union(one, other), actor="Ada", serving=choice)
    assert event is not None
    return extended(clean, event)


def test_a_ledger_with_two_histories_answers_no_question() -> None:
    start = base()
    two = union(after(start, "promote", "v3", "validation"), after(start, "promote", "v4", "validation"))

    with pytest.raises(InputError, match="has 2 histories, which end in the lines 7, 8") as error:
        two.whole()
    assert error.value.fix == "`mlgate ledger merge` keeps both histories"


def test_both_histories_are_kept_line_by_line_and_anything_may_follow() -> None:
    start = base()
    one, other = after(start, "promote", "v3", "validation"), after(start, "promote", "v4", "validation")

    found = merge(one, other)

    assert {line.raw for line in (*one.lines, *other.lines)} <= {line.raw for line in found.lines}
    assert parse(bytes_of(found), EMPTY.path).whole().state == found.state
    assert found.model(MODEL).in_stage("validation") == ("v3", "v4")
    assert len(after(found, "promote", "v3", "pre-production").lines) == 10


def test_a_pointer_that_one_branch_moved_is_where_it_moved_it() -> None:
    start = base()
    still, moved = after(start, "promote", "v3", "validation"), to_production(start, "v4")

    for found in (merge(still, moved), merge(moved, still)):
        assert found.model(MODEL).serving == "v4"
        assert found.model(MODEL).target() == "v2"


def test_a_pointer_that_both_moved_is_a_matter_for_people() -> None:
    start = base()
    one, other = to_production(start, "v3"), to_production(start, "v4")

    with pytest.raises(InputError, match="disagree on what serves: flights-late: v3 or v4") as error:
        merge(one, other)
    assert "mlgate ledger merge --serving flights-late=v3" in error.value.fix

    found = merge(one, other, serving="v3")

    assert found.model(MODEL).stack == ("v1", "v2", "v4", "v3")
    with pytest.raises(InputError, match="version 'v9' of flights-late cannot serve"):
        merge(one, other, serving="v9")


def test_nobody_decides_what_is_not_disputed() -> None:
    start = base()

    with pytest.raises(InputError, match="the histories do not disagree on what serves"):
        merge(to_production(start, "v3"), after(start, "promote", "v4", "validation"), serving="v4")


def test_what_one_branch_retired_is_retired_and_does_not_serve() -> None:
    start = to_production(base(), "v3")
    one = after(start, "retire", "v1", "retired")
    other = after(start, "rollback", "v1", "production")

    with pytest.raises(InputError, match="disagree on what serves: flights-late: v2 or v3"):
        merge(one, other)
    found = merge(one, other, serving="v3")

    assert found.model(MODEL).versions["v1"].stage == "retired"
    assert found.model(MODEL).serving == "v3"


def test_the_service_that_one_branch_ended_may_go_on_or_not() -> None:
    start = base()
    one = after(start, "retire", "v2", "retired", ends_service=True)
    other = to_production(start, "v3")

    assert merge(one, other, serving="v3").model(MODEL).serving == "v3"
    assert merge(one, other, serving="").model(MODEL).serving is None


def test_of_two_stages_the_earlier_one_holds() -> None:
    start = after(after(base(), "promote", "v3", "validation"), "promote", "v3", "pre-production")
    up, down = after(start, "promote", "v3", "production"), after(start, "promote", "v3", "exploration")

    found = merge(down, up)
    assert found.model(MODEL).serving == "v3", "it was promoted there, and nobody else was"
    assert found.model(MODEL).versions["v3"].stage == "production"

    aside = after(start, "promote", "v3", "validation")
    assert merge(down, aside).model(MODEL).versions["v3"].stage == "exploration"


def test_one_name_for_two_files_becomes_two_names() -> None:
    start = base()
    one = after(start, "promote", "next", "validation")
    other = after(start, "promote", "next", "validation", artifact=digest_of("another"))

    found = merge(one, other).model(MODEL)

    assert {name: found.versions[name].artifact for name in found.in_stage("validation")} == {
        "next": digest_of("next"),
        f"next@{digest_of('another')[:8]}": digest_of("another"),
    }


def test_three_histories_become_one() -> None:
    start = base()
    tips = [after(start, "promote", f"v{number}", "validation") for number in (3, 4, 5)]
    three = union(union(tips[0], tips[1]), tips[2])
    clean, event = merged(three, actor="Ada", serving={})
    assert event is not None
    assert extended(clean, event).model(MODEL).in_stage("validation") == ("v3", "v4", "v5")


@settings(max_examples=50)
@given(st.data())
def test_whatever_two_branches_did_the_merge_keeps_the_rules(data: st.DataObject) -> None:
    def anything(ledger: Ledger) -> Ledger:
        for _ in range(data.draw(st.integers(0, 5))):
            kind, stage = data.draw(
                st.sampled_from(
                    [("retire", "retired"), ("rollback", "production")]
                    + [("promote", stage) for stage in ("exploration", "validation", "pre-production", "production")]
                )
            )
            try:
                ledger = after(ledger, kind, data.draw(st.sampled_from(["v1", "v2", "v3", "v4"])), stage)
            except InputError:
                continue
        return ledger

    start = to_production(base(), "v3")
    one, other = anything(start), anything(start)
    two = union(one, other)
    if len(two.heads) < 2:
        return
    try:
        found = merge(one, other)
    except InputError:
        found = merge(one, other, serving=data.draw(st.sampled_from(_candidates(one, other))))
    mine, theirs, model = one.model(MODEL), other.model(MODEL), found.model(MODEL)

    assert {line.raw for line in two.lines} < {line.raw for line in found.lines}
    for name, version in model.versions.items():
        retired = any(side.versions[name].stage == "retired" for side in (mine, theirs) if name in side.versions)
        assert (version.stage == "retired") == retired
    assert all(model.versions[name].stage in SERVING for name in model.stack)
    assert parse(bytes_of(found), EMPTY.path).whole().state == found.state


def _candidates(one: Ledger, other: Ledger) -> list[str]:
    try:
        merge(one, other)
    except InputError as error:
        return [*error.models[MODEL], ""]  # type: ignore[attr-defined]
    raise AssertionError


# --- with git, and the command


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@flights.org", "-c", "init.defaultBranch=main")
    return subprocess.run(
        ["git", *identity, "-C", str(folder), *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A ledger in a repository, with a branch that has one event more, and so has `main`."""
    path = write(tmp_path / "mlgate-ledger.jsonl", base())
    git(tmp_path, "init")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-m", "base")
    git(tmp_path, "switch", "-c", "branch")
    promote(path, "v3")
    git(tmp_path, "commit", "-am", "v3")
    git(tmp_path, "switch", "main")
    promote(path, "v4")
    git(tmp_path, "commit", "-am", "v4")
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["ledger", *arguments])


@pytest.mark.parametrize("style", ["merge", "diff3", "union"])
def test_a_git_merge_is_detected_and_repaired(ledger: Path, style: str) -> None:
    if style == "union":
        (ledger.parent / ".gitattributes").write_text("mlgate-ledger.jsonl merge=union\n")
    git(ledger.parent, "-c", f"merge.conflictStyle={'diff3' if style == 'diff3' else 'merge'}", "merge", "branch")
    broken = ledger.read_bytes()
    assert (b"<<<<<<<" in broken) == (style != "union")

    found = run("verify", "--ledger", str(ledger))
    assert found.exit_code == 1
    assert "`mlgate ledger merge` keeps both histories" in found.output
    with pytest.raises(InputError, match=r"conflict|2 histories"):
        promote(ledger, "v5")
    assert ledger.read_bytes() == broken

    found = run("merge", "--ledger", str(ledger), "--actor", "Ada", "--reason", "both were meant")

    assert found.exit_code == 0, found.output
    assert f"one history of 9 events\n  {MODEL}: v2 serves" in found.output
    assert run("verify", "--ledger", str(ledger)).exit_code == 0
    for branch in ("main", "branch"):
        assert run("verify", "--ledger", str(ledger), "--since", branch).exit_code == 0
    assert len(promote(ledger, "v5").lines) == 10


def test_the_same_events_on_both_sides_of_a_conflict_are_one_history(tmp_path: Path) -> None:
    start = base()
    lines = bytes_of(after(start, "promote", "v3", "validation")).splitlines(keepends=True)
    more = bytes_of(after(parse(b"".join(lines), EMPTY.path), "promote", "v4", "validation")).splitlines(keepends=True)
    path = tmp_path / "l"
    parts = [*lines[:-1], b"<<<<<<< HEAD\n", lines[-1], b"=======\n", *more[-2:], b">>>>>>> branch\n"]
    path.write_bytes(b"".join(parts))

    found = run("merge", "--ledger", str(path))

    assert found.exit_code == 0, found.output
    assert path.read_bytes() == b"".join(more)


def test_there_may_be_nothing_to_merge(tmp_path: Path) -> None:
    path = write(tmp_path / "l", base())
    before = path.read_bytes()

    found = run("merge", "--ledger", str(path))

    assert (found.exit_code, path.read_bytes()) == (1, before)
    assert "has one history, and nothing to merge" in found.output


def test_the_command_asks_who_serves_and_takes_the_answer(tmp_path: Path) -> None:
    start = base()
    path = write(tmp_path / "l", union(to_production(start, "v3"), to_production(start, "v4")))
    before = path.read_bytes()

    refused = run("merge", "--ledger", str(path))
    assert (refused.exit_code, path.read_bytes()) == (1, before)
    assert "fix: say which: `mlgate ledger merge --serving flights-late=v3`" in refused.output

    found = run("merge", "--ledger", str(path), "--serving", "v4")
    assert found.exit_code == 0, found.output
    assert read_ledger(path).model(MODEL).serving == "v4"


# --- verify


def test_lines_taken_from_the_end_are_found_by_git_and_by_a_digest_that_was_noted(ledger: Path) -> None:
    whole = read_ledger(ledger)
    write(ledger, Ledger(path=ledger, lines=whole.lines[:-1]))

    assert run("verify", "--ledger", str(ledger)).exit_code == 0
    since = run("verify", "--ledger", str(ledger), "--since", "HEAD")
    contains = run("verify", "--ledger", str(ledger), "--contains", whole.lines[-1].digest[:12])

    assert (since.exit_code, contains.exit_code) == (1, 1)
    assert "this line of HEAD is not there any more" in since.output
    assert "lines were taken from its end, or it is another one" in contains.output
    assert run("verify", "--ledger", str(ledger), "--contains", whole.lines[0].digest).exit_code == 0


def test_verify_names_a_commit_that_is_none(ledger: Path) -> None:
    found = run("verify", "--ledger", str(ledger), "--since", "nowhere")

    assert found.exit_code == 2
    assert "git shows no mlgate-ledger.jsonl in nowhere" in found.output


def test_verify_tells_of_a_torn_line_and_of_a_clock_that_went_back(tmp_path: Path) -> None:
    late = after(EMPTY, "promote", "v1", "validation", time="2027-01-31T12:00:00+00:00")
    path = write(tmp_path / "l", after(late, "promote", "v2", "validation", time="2027-01-31T09:00:00+00:00"))
    path.write_bytes(path.read_bytes() + b'{"act')

    found = run("verify", "--ledger", str(path))

    assert found.exit_code == 0
    assert "its last line was cut off after 5 bytes, and does not count" in found.output
    assert (
        ":2: the clock went back: 2027-01-31T09:00:00+00:00, after 2027-01-31T12:00:00+00:00 in line 1" in found.output
    )
    assert "whole, 2 events" in found.output
