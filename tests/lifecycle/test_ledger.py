"""The ledger's file: read to the last byte, appended whole or not at all, and nothing that stood there is lost."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_mlgate.checks import InputError, Waiver
from pytest_mlgate.lifecycle import appending
from pytest_mlgate.lifecycle.appending import append, read_ledger
from pytest_mlgate.lifecycle.events import Event, FileSeen, RollbackTarget, decode, encode, now
from pytest_mlgate.lifecycle.ledger import Ledger, parse
from tests.lifecycle.made import MODEL, after, bytes_of, digest_of, event_of, promote, to_production, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mlgate-ledger.jsonl"


@pytest.fixture
def three(path: Path) -> Path:
    """A ledger of three events: v1 went up to production."""
    return write(path, to_production(Ledger(path=path), "v1"))


# --- one line


def full() -> Event:
    waiver = Waiver(check="drift:temp", reason="seasonal", author="Ada", expires="2027-01-31")
    made = event_of(Ledger(path=Path("l")).model(MODEL), "promote", "v1", "production")
    return replace(
        made,
        waivers=(waiver,),
        forced=("no verdict",),
        reason="größer – “quoted”\u2028\n",
        data={"holdout": digest_of("h")},
        kept={"card": FileSeen(path="MODEL_CARD.md", digest=digest_of("c"))},
        kept_until="2030-01-01",
        noticed=now(),
        baseline="no_baseline",
        rollback_target=RollbackTarget(version="v0", digest=digest_of("v0"), loads=True),
        set_aside=FileSeen(path="x.torn", digest=digest_of("t")),
        previous=digest_of("before"),
    )


def test_an_event_survives_its_line() -> None:
    event = full()
    raw, digest = encode(event)

    assert raw.count(b"\n") == 1
    assert decode(raw.rstrip(b"\n")) == (event, digest)


def test_a_line_is_canonical_json_with_the_digest_of_its_content() -> None:
    raw, digest = encode(full())
    record = json.loads(raw)
    content = {key: value for key, value in record.items() if key != "digest"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert hashlib.sha256(text.encode()).hexdigest() == digest == record["digest"]
    assert list(record) == sorted(record)


def test_every_field_of_the_promotion_record_stands_in_its_line() -> None:
    record = json.loads(encode(full())[0])

    expected = (
        "id time model version artifact from_stage to_stage from_version actor approver reason verdict policy waivers "
        "baseline commit data card rollback_target previous"
    )
    assert set(expected.split()) <= set(record)
    assert record["rollback_target"] == {"version": "v0", "digest": digest_of("v0"), "loads": True}
    assert record["waivers"] == [
        {"check": "drift:temp", "reason": "seasonal", "author": "Ada", "expires": "2027-01-31"}
    ]


def test_no_byte_of_a_line_can_be_changed() -> None:
    raw = encode(full())[0].rstrip(b"\n")

    for at in range(len(raw)):
        for new in {raw[at] ^ 1, raw[at] ^ 32, 0x20, 0x0A} - {raw[at]}:
            changed = raw[:at] + bytes([new]) + raw[at + 1 :]
            with pytest.raises(ValueError, match=r"."):
                decode(changed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time": "yesterday"}, '`time` = "yesterday": should be a time in UTC, ISO 8601'),
        ({"time": "2027-01-31T12:00:00+01:00"}, "should be a time in UTC"),
        ({"time": "2027-01-31T12:00:00"}, "should be a time in UTC"),
        ({"artifact": "abc"}, '`artifact` = "abc": should be a SHA-256 in hexadecimal'),
        ({"to_stage": "productoin"}, '`to_stage` = "productoin": should be one of exploration, validation'),
        ({"actor": " "}, '`actor` = " ": should be a text'),
        ({"forced": "yes"}, '`forced` = "yes": should be a list'),
        ({"waivers": [{}]}, "should be an object with check, reason, author, expires"),
        ({"kept_until": "soon"}, "should be a day, such as 2027-01-31"),
        ({"ends_service": 1}, "should be true or false"),
        ({"data": {"holdout": None}}, "should be a SHA-256"),
        ({"rollback_target": "none"}, "should be an object with version, digest, loads"),
        ({"surprise": 1}, "unknown key `surprise`"),
        ({"actor": ...}, "`actor` is missing"),
        ({"event": "delete"}, "`event` = 'delete': should be promote, rollback, retire, merge"),
        ({"schema_version": 2}, "has schema_version 2; this version reads 1"),
    ],
)
def test_a_foreign_value_is_named(change: dict[str, Any], message: str) -> None:
    record = json.loads(encode(full())[0]) | change
    record = {key: value for key, value in record.items() if value is not ...}

    with pytest.raises(ValueError, match=r".") as error:
        decode(json.dumps(record).encode())

    assert message in str(error.value)


# --- the chain


def test_a_ledger_that_is_not_there_is_empty(path: Path) -> None:
    found = read_ledger(path)

    assert (found.lines, found.head, dict(found.state)) == ((), None, {})
    assert not path.exists()


def test_each_line_names_the_one_before(three: Path) -> None:
    found = read_ledger(three)

    digests = [line.digest for line in found.lines]
    assert [line.event.previous for line in found.lines] == [None, *digests[:-1]]
    assert found.head == digests[-1]


def test_any_byte_that_is_changed_is_found_with_its_line(three: Path) -> None:
    data = three.read_bytes()
    ends = [at for at, byte in enumerate(data) if byte == 0x0A]

    for at in range(0, len(data), 7):
        if at in ends:
            continue
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        number = sum(end < at for end in ends) + 1
        with pytest.raises(InputError, match=rf"mlgate-ledger\.jsonl:{number}: ") as error:
            parse(changed, three)
        assert "git" in error.value.fix


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[1:], r":1: follows a line that is not there"),
        (lambda lines: [lines[0], lines[2]], r":2: follows a line that is not there"),
        (lambda lines: [lines[1], lines[0], lines[2]], r":1: follows a line that is not there"),
        (lambda lines: [*lines, lines[0]], r":4: is line 1 once more: delete one of them"),
        (lambda lines: [*lines[:2], b"\n", lines[2]], r":3: is no event: an empty line"),
        (lambda lines: [*lines, b"a note\n"], r":4: is no event: Expecting value"),
        (lambda lines: [*lines, b"\x00\x00\n"], r":4: is no event: it is no UTF-8 text"),
        (lambda lines: [*lines, b"\xff\n"], r":4: is no event: 'utf-8' codec"),
        (lambda lines: [*lines, b"[1]\n"], r":4: is no event: a JSON object with an `event` is one"),
        (lambda lines: [*lines, b"[" * 9000 + b"\n"], r":4: is no event: "),
        (
            lambda lines: [line.replace(b"\n", b"\r\n") for line in lines],
            r":1: was changed .* CR LF, as git's autocrlf",
        ),
        (lambda lines: [lines[0].replace(b'"actor":', b'"actor" :')], r":1: was changed after it was written"),
    ],
)
def test_what_is_wrong_is_said_once_with_its_line(three: Path, change: Any, message: str) -> None:
    three.write_bytes(b"".join(change(_lines(three.read_bytes()))))

    with pytest.raises(InputError, match=message):
        read_ledger(three)


def test_a_second_beginning_is_no_history(path: Path) -> None:
    one = to_production(Ledger(path=path), "v1")
    other = to_production(Ledger(path=path), "v2")
    path.write_bytes(bytes_of(one) + bytes_of(other))

    with pytest.raises(InputError, match=r":4: begins a second history"):
        read_ledger(path)


def test_an_id_stands_once(path: Path) -> None:
    one = after(Ledger(path=path), "promote", "v1", "validation")
    first = one.lines[0].event.id

    with pytest.raises(InputError, match=r":2: has the id of another event"):
        parse(bytes_of(after(one, "promote", "v2", "validation", id=first)), path)


def test_a_rule_that_a_line_breaks_is_found(path: Path) -> None:
    made = event_of(Ledger(path=path).model(MODEL), "promote", "v1", "production")
    path.write_bytes(encode(made)[0])

    with pytest.raises(
        InputError, match=r":1: version 'v1' of flights-late is in no stage yet, from where it cannot go"
    ):
        read_ledger(path)


def test_a_folder_a_pipe_and_a_dangling_link_are_no_ledger(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "away" / "ledger")

    for place in (tmp_path, pipe, tmp_path / "none" / "ledger", link):
        with pytest.raises(InputError) as error:
            promote(place, "v1")
        assert "nothing was changed" in str(error.value) or "no regular file" in str(error.value)
    with pytest.raises(InputError, match="no ledger"):
        read_ledger(pipe)


# --- appending


def test_an_event_is_appended_and_on_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.readlink(f"/proc/self/fd/{fd}")))

    found = promote(path, "v1")

    assert read_ledger(path).lines == found.lines
    assert synced == [str(path), str(path.parent)]


def test_what_stood_there_stays_byte_for_byte(three: Path) -> None:
    before = three.read_bytes()

    promote(three, "v2")

    assert three.read_bytes().startswith(before)
    assert len(read_ledger(three).lines) == 4


def test_an_event_that_breaks_a_rule_is_not_written(three: Path) -> None:
    before = three.read_bytes()

    with pytest.raises(InputError, match="cannot go to production at once"):
        promote(three, "v2", "production")

    assert three.read_bytes() == before


def test_a_first_event_that_is_refused_leaves_no_file(path: Path) -> None:
    with pytest.raises(InputError):
        promote(path, "v1", "production")

    assert not path.exists()


@pytest.mark.parametrize("kept", [1, 40, -2, -1])
def test_a_torn_line_does_not_count_and_is_set_aside(three: Path, kept: int) -> None:
    line = _lines(bytes_of(after(read_ledger(three), "promote", "v2", "validation")))[-1]
    whole, torn = three.read_bytes(), line[:kept]
    three.write_bytes(whole + torn)

    assert len(read_ledger(three).lines) == 3
    assert read_ledger(three).torn == torn

    found = promote(three, "v3")

    digest = hashlib.sha256(torn).hexdigest()
    aside = three.with_name(f"{three.name}.torn-{digest[:12]}")
    assert aside.read_bytes() == torn
    assert found.lines[-1].event.set_aside == FileSeen(path=aside.name, digest=digest)
    assert three.read_bytes() == whole + encode(found.lines[-1].event)[0]


def test_a_ledger_that_is_torn_from_its_first_byte_on(path: Path) -> None:
    path.write_bytes(b'{"actor"')

    assert len(promote(path, "v1").lines) == 1
    assert read_ledger(path).lines[0].event.set_aside is not None


@pytest.mark.parametrize("call", ["pwrite", "fsync", "short"])
def test_a_full_disk_changes_nothing(three: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = three.read_bytes()
    real = os.pwrite

    def full_disk(*arguments: Any) -> int:
        if call == "short":
            return real(arguments[0], arguments[1][:10], arguments[2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync" if call == "fsync" else "pwrite", full_disk)
        with pytest.raises(InputError, match="cannot be written: No space left on device; nothing was changed"):
            promote(three, "v2")

    assert three.read_bytes() == before
    assert len(promote(three, "v2").lines) == 4


def test_a_disk_too_full_to_set_a_torn_line_aside_changes_nothing(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three.write_bytes(three.read_bytes() + b"torn")
    before = three.read_bytes()

    def full_disk(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(appending, "write_atomically", full_disk)
    with pytest.raises(InputError, match="nothing was changed"):
        promote(three, "v2")

    assert three.read_bytes() == before


def test_ctrl_c_while_it_is_written_changes_nothing(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = three.read_bytes()

    def interrupted(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(appending, "sync_folder", interrupted)
    with pytest.raises(KeyboardInterrupt):
        promote(three, "v2")

    assert three.read_bytes() == before


# --- the lock


def test_who_waits_too_long_is_told(three: Path) -> None:
    with open(three, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(InputError, match=r"another process has been writing to it for 0.05 s"):
            append(three, lambda ledger: full(), wait=0.05)
        with pytest.raises(InputError, match="another process"):
            read_ledger(three, wait=0.05)


def test_a_file_that_was_replaced_while_one_waited_is_not_written_to(three: Path) -> None:
    """As git does it: a new file under the same name."""
    started, result = threading.Event(), []

    def make(ledger: Ledger) -> Event:
        return event_of(ledger.model(MODEL), "promote", "v3", "validation")

    def wait_and_append() -> None:
        started.set()
        result.append(append(three, make))

    with open(three, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        thread = threading.Thread(target=wait_and_append)
        thread.start()
        started.wait()
        other = three.with_name("other")
        write(other, after(read_ledger_unlocked(three), "promote", "v2", "validation"))
        os.replace(other, three)
    thread.join()

    versions = [event.version for _, event in read_ledger(three).events()]
    assert versions == ["v1", "v1", "v1", "v2", "v3"]
    assert len(result) == 1


def read_ledger_unlocked(path: Path) -> Ledger:
    return parse(path.read_bytes(), path)


def test_threads_wait_for_one_another(path: Path) -> None:
    threads = [threading.Thread(target=promote, args=(path, f"v{number}")) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(read_ledger(path).lines) == 8
