"""The verdict: fail closed, its JSON and schema, and a file that is never half of one."""

from __future__ import annotations

import copy
import errno
import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.checks import Check, Interval, Waiver
from pytest_mlgate.tables import writing as module
from pytest_mlgate.tables.writing import digest_of, results_folder
from pytest_mlgate.verdict import (
    Verdict,
    decide,
    json_schema,
    not_run,
    read_verdict,
    unresolved,
    write_verdict,
)


def a_check(outcome: str = "fail", severity: str = "block", **values: Any) -> Check:
    return Check(**{"code": "MLG101", "gate": "toy", "message": "m", **values}, outcome=outcome, severity=severity)


def a_verdict(*checks: Check, **values: Any) -> Verdict:
    decision, reasons = decide(checks)
    given: dict[str, Any] = {
        "model": "flights-late",
        "stage": "production",
        "decision": decision,
        "reasons": reasons,
        "checks": checks,
        "identity": {
            "inputs": {"holdout": {"digest": "0" * 64, "source": "holdout.csv", "rows": 3}},
            "configuration": "1" * 64,
            "policy": "2" * 64,
            "code": {"commit": "abc", "clean": True},
        },
        "environment": {"python": "3.11.2", "packages": {"numpy": "2.4"}},
        "notes": ("no baseline",),
        "owner": "@me",
        "seed": 3,
        "started": "2027-01-31T10:00:00+00:00",
        "finished": "2027-01-31T10:00:01+00:00",
    }
    return Verdict(**{**given, **values})


FULL = a_verdict(
    a_check(
        "inconclusive",
        subject="origin=LGA",
        entry="roc_auc",
        fix="f",
        observed=0.5,
        limit=float("nan"),
        p=0.01,
        p_adjusted=0.02,
        n=7,
        interval=Interval(low=None, high=0.5, level=0.9, method="delong"),
        waiver=Waiver(check="toy[roc_auc]:origin=LGA", reason="r", author="a", expires="2027-01-31"),
        details={"rows": [{"a": 1}]},
    ),
    a_check("error", "note"),
)


def test_no_check_blocks() -> None:
    assert decide([]) == ("block", ("no gate made any check",))


@pytest.mark.parametrize(
    ("checks", "decision"),
    [
        ([a_check("pass")], "promote"),
        ([a_check("pass"), a_check("fail", "warn"), a_check("skip", "note")], "promote"),
        ([a_check("pass"), a_check("fail")], "block"),
        ([a_check("inconclusive")], "block"),
        ([a_check("skip")], "block"),
        ([a_check("pass"), a_check("error", "note")], "block"),
        ([a_check("pass"), not_run("drift", "", "deselected")], "block"),
    ],
)
def test_decisions(checks: list[Check], decision: str) -> None:
    actual, reasons = decide(checks)

    assert actual == decision
    assert bool(reasons) == (decision == "block")


def test_reasons_are_what_blocks_the_worst_first() -> None:
    found = [a_check("fail", subject="b"), a_check("pass"), a_check("fail", "warn"), not_run("drift", "x", "no rows")]

    assert decide(found)[1] == ("drift[x]: error: not run: no rows", "toy:b: fail: m")


def test_what_is_left_open_is_what_neither_passes_nor_blocks() -> None:
    open_ones = [a_check("fail", "note"), a_check("fail", "warn")]

    assert unresolved([*open_ones, a_check("pass"), a_check("fail")]) == open_ones[::-1]


def test_the_published_schema_is_a_schema() -> None:
    schema = json_schema()

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def conforms(record: Any) -> bool:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(json_schema(), format_checker=checker).is_valid(record)


@pytest.mark.parametrize("verdict", [FULL, a_verdict(), a_verdict(a_check("pass"), owner=None)])
def test_a_verdict_fits_the_schema_and_comes_back_whole(verdict: Verdict) -> None:
    record = json.loads(json.dumps(verdict.to_json(), allow_nan=False))

    assert conforms(record)
    assert Verdict.from_json(record) == verdict
    assert Verdict.from_json(record).to_json() == record


def test_the_schema_requires_and_knows_every_key_that_is_written() -> None:
    schema, record = json_schema(), FULL.to_json()

    assert set(schema["required"]) == set(schema["properties"]) == set(record)
    assert set(schema["$defs"]["check"]["required"]) == set(schema["$defs"]["check"]["properties"])
    assert set(schema["$defs"]["check"]["properties"]) == set(record["checks"][0])


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("decision",), "maybe"),
        (("stage",), "productoin"),
        (("digest",), "abc"),
        (("seed",), -1),
        (("extra",), 1),
        (("started",), None),
        (("checks", 0, "outcome"), "passed"),
        (("checks", 0, "observed"), "0.5"),
        (("checks", 0, "interval", "level"), 1.5),
        (("checks", 0, "waiver", "expires"), "soon"),
        (("checks", 0, "id"), ""),
        (("identity", "inputs", "holdout"), {}),
    ],
)
def test_the_schema_refuses_what_is_no_verdict(place: tuple[str | int, ...], value: Any) -> None:
    record: Any = copy.deepcopy(FULL.to_json())
    inner = record
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value

    assert not conforms(record)


def changes(value: Any) -> list[Any]:
    """Every copy of a JSON value with one leaf changed, one key dropped or one element dropped."""
    if isinstance(value, dict):
        changed = [{**value, key: item} for key in value for item in changes(value[key])]
        return changed + [{k: v for k, v in value.items() if k != key} for key in value]
    if isinstance(value, list):
        changed = [[*value[:i], item, *value[i + 1 :]] for i in range(len(value)) for item in changes(value[i])]
        return changed + [value[:i] + value[i + 1 :] for i in range(len(value))]
    return ["changed" if value != "changed" else 0, *([not value] if isinstance(value, bool) else [])]


def test_every_change_of_content_is_found() -> None:
    record = FULL.to_json()
    changed = changes(record)

    assert len(changed) > 100
    for other in changed:
        with pytest.raises(ValueError, match=r"^(its digest is not that|schema_version is )"):
            Verdict.from_json(other)


def test_the_digest_knows_no_order_of_keys() -> None:
    record = FULL.to_json()
    shuffled = dict(reversed(record.items()))

    assert Verdict.from_json(shuffled) == FULL


def test_the_digest_is_the_sha_256_of_canonical_json() -> None:
    # computed with: printf '{"a":"é","b":[1,null]}' | sha256sum
    expected = "3d92f6368f93f3cb36a4e7a721098054dfbfd705e31fa50409f2d99e0727a08c"

    assert digest_of({"b": [1, None], "a": "é"}) == expected


def test_another_version_is_refused_by_its_number() -> None:
    with pytest.raises(ValueError, match=r"^schema_version is 2; this version reads 1$"):
        Verdict.from_json({**FULL.to_json(), "schema_version": 2})


def test_nan_never_reaches_the_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_verdict(a_verdict(environment={"x": float("nan")}), tmp_path / "verdict.json")

    assert list(tmp_path.iterdir()) == []


# Lone surrogates come from file names that are not UTF-8 and from columns of binary text.
@given(
    st.text(st.characters(), max_size=6) | st.sampled_from(["\ud83d", "\ude00", "\ud83d\ude00", "é\x00\u2028\\ud83d"])
)
@settings(deadline=None, max_examples=60)
def test_any_text_survives_the_file(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "texts.json"
    verdict = a_verdict(a_check(subject=text, message=text, details={text: [text]}), model=text)

    write_verdict(verdict, path)

    def whole(value: str) -> str:  # two halves of one character that stand side by side are that character
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")

    found = read_verdict(path)
    assert (found.model, found.checks[0].subject) == (whole(text), whole(text))
    assert dict(found.checks[0].details) == {whole(text): [whole(text)]}


def test_the_file_reads_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "project" / ".mlgate" / "verdict.json"

    write_verdict(FULL, path)

    assert read_verdict(path) == FULL
    assert path.read_text(encoding="utf-8").endswith("}\n")
    assert (path.parent / ".gitignore").read_text() == "*\n"
    assert sorted(os.listdir(path.parent)) == [".gitignore", "verdict.json"]


def test_an_ignore_file_is_written_in_our_folder_only_and_never_over_another(tmp_path: Path) -> None:
    results_folder(tmp_path / "elsewhere")
    results_folder(tmp_path / ".mlgate")
    (tmp_path / ".mlgate" / ".gitignore").write_text("mine\n")
    results_folder(tmp_path / ".mlgate")

    assert os.listdir(tmp_path / "elsewhere") == []
    assert (tmp_path / ".mlgate" / ".gitignore").read_text() == "mine\n"


class FullDisk(io.StringIO):
    """A file that takes a few characters and then no more."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def full_disk(path: Path, mode: str, **_: str) -> io.StringIO:
    Path(path).write_text("half of a verd")
    return FullDisk()


def refuse(*_: Any) -> None:
    raise OSError(errno.EIO, "Input/output error")


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("name", "failure", "error"),
    [
        ("os.fsync", refuse, OSError),
        ("os.replace", refuse, OSError),
        ("os.fsync", interrupt, KeyboardInterrupt),
        ("open", full_disk, OSError),
    ],
)
@pytest.mark.parametrize("old", [True, False])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, name: str, failure: Any, error: type[BaseException], old: bool
) -> None:
    path = tmp_path / "verdict.json"
    if old:
        write_verdict(FULL, path)
    before = path.read_bytes() if old else b""

    with pytest.MonkeyPatch.context() as patch:
        if name == "open":
            patch.setattr(module, "open", failure, raising=False)
        else:
            patch.setattr(name, failure)
        with pytest.raises(error):
            write_verdict(a_verdict(a_check("pass")), path)

    assert os.listdir(tmp_path) == (["verdict.json"] if old else [])
    assert (path.read_bytes() if old else b"") == before


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / ".mlgate").write_text("a file")

    with pytest.raises(OSError, match="File exists"):
        write_verdict(FULL, tmp_path / ".mlgate" / "verdict.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"\xff{}", "can't decode byte 0xff"),
        (b"[]", r"^is no verdict: AttributeError"),
        (b"3", r"^is no verdict: AttributeError"),
        (b"{}", r"^schema_version is None; this version reads 1$"),
        (b'{"schema_version": 1, "seed": NaN}', "not JSON compliant"),
        (b'{"schema_version": 1}', r"^its digest is not that of its content"),
        (
            json.dumps({"schema_version": 1, "digest": digest_of({"schema_version": 1})}).encode(),
            r"^is no verdict: Key",
        ),
    ],
)
def test_what_is_no_verdict_is_a_value_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "verdict.json"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=message):
        read_verdict(path)


def test_a_missing_verdict_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_verdict(tmp_path / "verdict.json")


def test_a_file_cut_short_is_never_read_as_a_verdict(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    write_verdict(replace(FULL, notes=()), path)
    whole = path.read_bytes()

    for length in range(0, len(whole) - 2, 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"."):
            read_verdict(path)
