"""Archive bundles as files: one form, every byte accounted for, whole or not there at all."""

from __future__ import annotations

import io
import json
import os
import random
import resource
import signal
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle import bundle as bundles
from pytest_mlgate.lifecycle.bundle import Bundle, Source, Written, open_bundle, write_bundle
from pytest_mlgate.lifecycle.manifest import KIND, Manifest, Member, Retirement
from pytest_mlgate.lifecycle.plain_zip import Entry, directory, first_entry, header
from tests.lifecycle.made import digest_of
from tests.lifecycle.test_ledger_survival import NOBODY, exit_code, forked

FILES = {
    "artifact": Source(content=bytes(range(256)) * 40, said="models/late.joblib"),
    "card": Source(content="# Late: fünf\n".encode(), said="MODEL_CARD.md"),
    "lock": Source(content=b"numpy==2.4.0\n", said="/elsewhere/uv.lock"),
    "notes": Source(content=b"x", said="odd name.tar gz"),
}
ABOUT = Manifest(
    model="flights/late",
    version="v 1",
    artifact=digest_of("v1"),
    retirement=Retirement(day="2026-01-31", reason="too old", actor="Ada", approver=None, kept_until="2030-12-31"),
    files={},
    absent={"profile": "none was named"},
)


def written(folder: Path, sources: dict[str, Source] | None = None, about: Manifest = ABOUT) -> Written:
    return write_bundle(about, FILES if sources is None else sources, folder=folder)


def opened(path: Path) -> Bundle:
    into = path.with_name(f"{path.name}.files")
    into.mkdir()
    return open_bundle(path, into)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("whole")).path.read_bytes()


# --- one form


def test_a_bundle_says_what_it_holds_and_gives_it_back(tmp_path: Path) -> None:
    made = written(tmp_path)

    found = opened(made.path)

    assert made.path.name.startswith("flights_late-v_1-")
    assert (found.digest, found.size, found.wrong) == (made.digest, made.path.stat().st_size, ())
    assert found.manifest == made.manifest
    assert {role: path.read_bytes() for role, path in found.files.items()} == {
        role: source.content for role, source in FILES.items()
    }
    assert [path.name for path in found.files.values()] == ["artifact.joblib", "card.md", "lock.lock", "notes"]
    assert found.manifest.files["lock"].source == "/elsewhere/uv.lock"
    assert found.manifest.absent == {"profile": "none was named"}


def test_the_same_content_is_the_same_bytes_whenever_and_wherever(tmp_path: Path) -> None:
    first = written(tmp_path / "one")
    file = tmp_path / "late.joblib"
    file.write_bytes(bytes(range(256)) * 40)
    os.utime(file, (1, 1))
    reordered = {**dict(reversed(FILES.items())), "artifact": Source(content=file, said="models/late.joblib")}

    again = written(tmp_path / "two", reordered)

    assert first.path.read_bytes() == again.path.read_bytes()
    assert (first.path.name, first.digest) == (again.path.name, again.digest)
    assert not written(tmp_path / "one").fresh


_NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,10}(\.[A-Za-z0-9]{1,8})?", fullmatch=True)


@settings(max_examples=40)
@given(st.dictionaries(_NAMES, st.binary(max_size=300), max_size=6))
def test_any_other_program_reads_it(files: dict[str, bytes]) -> None:
    entries = [Entry(name=name, size=len(data), crc=zlib.crc32(data)) for name, data in files.items()]
    parts = [header(entry) + data for entry, data in zip(entries, files.values(), strict=True)]

    with zipfile.ZipFile(io.BytesIO(b"".join(parts) + directory(entries))) as found:
        assert found.testzip() is None
        assert {info.filename: found.read(info) for info in found.infolist()} == files
        assert {info.date_time for info in found.infolist()} <= {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in found.infolist()} <= {0o100644}


@pytest.mark.parametrize("sizes", [[5 * 1024**3, 3], [3, 0xFFFFFFFF], [0xFFFFFFFE, 10], [0xFFFFFF00, 300, 5]])
def test_files_beyond_four_gibibytes(tmp_path: Path, sizes: list[int]) -> None:
    """Zeros that take no room on the disk; their check sums are not asked for."""
    entries = [Entry(name=f"f{number}", size=size, crc=0) for number, size in enumerate(sizes)]
    path = tmp_path / "large.zip"
    with open(path, "wb") as file:
        for entry in entries:
            file.write(header(entry))
            file.seek(entry.size, os.SEEK_CUR)
        file.write(directory(entries))

    with zipfile.ZipFile(path) as found:
        assert [info.file_size for info in found.infolist()] == sizes
        offsets = [info.header_offset for info in found.infolist()]
    with open(path, "rb") as file:
        first = file.read(100)
        heads = [(file.seek(offset), file.read(4))[1] for offset in offsets]
    assert heads == [b"PK\x03\x04"] * len(sizes)
    assert first_entry(first) == (entries[0] if sizes[0] < 0xFFFFFFFF else None)


_TEXT = st.text(max_size=20)
_MEMBERS = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_-]{0,39}", fullmatch=True).filter(lambda role: role != "manifest"),
    st.tuples(st.integers(0, 2**62 - 1), _TEXT, st.from_regex(r"(\.[A-Za-z0-9]{1,20})?", fullmatch=True)),
    max_size=5,
)


@given(model=_TEXT, reason=_TEXT, absent=st.dictionaries(_TEXT, _TEXT, max_size=3), members=_MEMBERS)
def test_a_manifest_is_read_as_it_was_written(
    model: str, reason: str, absent: dict[str, str], members: dict[str, tuple[int, str, str]]
) -> None:
    files = {
        role: Member(name=role + suffix, size=size, digest=digest_of(role), source=source)
        for role, (size, source, suffix) in members.items()
    }
    made = replace(ABOUT, model=model, files=files, absent=absent, retirement=replace(ABOUT.retirement, reason=reason))

    assert Manifest.from_bytes(made.to_bytes()) == made


# --- every byte is accounted for


def same(data: bytes, folder: Path) -> bool:
    """Whether a bundle of these bytes is found whole; anything else than an error of ours is a failure."""
    path = folder / "changed.zip"
    path.write_bytes(data)
    into = folder / "files"
    into.mkdir()
    try:
        return not open_bundle(path, into).wrong
    except InputError:
        return False
    finally:
        for file in into.iterdir():
            file.unlink()
        into.rmdir()


_SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@_SHARED
@given(data=st.data(), bit=st.integers(0, 7))
def test_a_bit_that_flips_anywhere_is_found(whole: bytes, tmp_path: Path, data: st.DataObject, bit: int) -> None:
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] ^= 1 << bit

    assert not same(bytes(changed), tmp_path)


def test_every_byte_of_what_is_no_content_is_looked_at(tmp_path: Path) -> None:
    whole = written(tmp_path / "one", {"card": FILES["card"]}).path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members, begins = archive.infolist(), archive.start_dir
    headers = [range(info.header_offset, info.header_offset + len(header(_entry(info)))) for info in members]

    for at in [*(at for places in headers for at in places), *range(begins, len(whole))]:
        changed = bytearray(whole)
        changed[at] ^= 0x10
        assert not same(bytes(changed), tmp_path), at


def _entry(info: zipfile.ZipInfo) -> Entry:
    return Entry(name=info.filename, size=info.file_size, crc=info.CRC)


@_SHARED
@given(end=st.integers(0, 10_000))
@example(end=0)
@example(end=1)
def test_a_bundle_that_was_cut_off_or_added_to_is_none(whole: bytes, tmp_path: Path, end: int) -> None:
    assert not same(whole[: -min(end, len(whole)) or None] if end else whole + b"\0", tmp_path)


@pytest.mark.parametrize("role", [*FILES])
def test_a_member_that_was_changed_is_named(whole: bytes, tmp_path: Path, role: str) -> None:
    path = tmp_path / "changed.zip"
    content = FILES[role].content
    assert isinstance(content, bytes)
    at = whole.rindex(content) if role != "notes" else whole.index(b"notes", whole.index(b"PK", 10)) + len("notes")
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])

    found = opened(path)

    name = found.manifest.files[role].name
    assert found.wrong == (f"{name}: was changed, its SHA-256 is not that of the manifest",)
    assert role not in found.files


def test_what_is_cut_off_is_named(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "short.zip"
    path.write_bytes(whole[:5000])

    found = opened(path)

    assert found.wrong[0] == f"the file has 5,000 bytes, and its manifest speaks of {len(whole):,}"
    assert "artifact.joblib: is cut off" in found.wrong[1]
    assert not found.files


# --- hostile archives


def hostile() -> Iterator[tuple[str, bytes]]:
    yield "text", b"no archive"
    yield "empty archive", b"PK\x05\x06" + bytes(18)
    for name in ("../evil", "/etc/evil", "manifest.json"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, b"0" * 10_000_000)
        yield f"another program's {name}", buffer.getvalue()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("manifest.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, b"/etc/passwd")
    yield "link", buffer.getvalue()


@pytest.mark.parametrize("data", [data for _, data in hostile()], ids=[name for name, _ in hostile()])
def test_what_another_program_made_is_no_bundle(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "given.zip"
    path.write_bytes(data)

    with pytest.raises(InputError, match=r"is no archive bundle, or its first bytes were changed|manifest.json"):
        opened(path)

    assert sorted(file.name for file in tmp_path.rglob("*")) == ["given.zip", "given.zip.files"]


def forged(**changes: object) -> bytes:
    """Return a bundle of our form whose manifest says something odd of its only file, and is sealed all the same."""
    record = json.loads(replace(ABOUT, files={"card": _CARD}).to_bytes())
    record["files"]["card"] |= changes
    text = json.dumps(
        KIND.seal({key: value for key, value in record.items() if key not in _SEALED}), indent=2, sort_keys=True
    )
    data = f"{text}\n".encode()
    name = record["files"]["card"]["name"]
    entries = [
        Entry(name="manifest.json", size=len(data), crc=zlib.crc32(data)),
        Entry(name=str(name), size=3, crc=zlib.crc32(b"abc")),
    ]
    return header(entries[0]) + data + header(entries[1]) + b"abc" + directory(entries)


_SEALED = ("format", "schema_version", "digest")
_CARD = Member(
    name="card.md",
    size=3,
    digest="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    source="MODEL_CARD.md",
)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../card.md"},
        {"name": "/tmp/card.md"},
        {"name": "card/../../x"},
        {"name": "card.md\0"},
        {"name": "card\\x"},
        {"name": "sample.md"},
        {"name": None},
        {"size": -1},
        {"size": True},
        {"size": 2**70},
        {"size": "3"},
        {"digest": "0"},
        {"source": 7},
        {"mode": 7},
    ],
    ids=str,
)
def test_a_manifest_that_says_odd_things_is_refused_before_anything_is_written(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    path = tmp_path / "forged.zip"
    path.write_bytes(forged(**changes))

    with pytest.raises(InputError, match=r"forged.zip: manifest.json is damaged"):
        opened(path)

    assert not [*(tmp_path / "forged.zip.files").iterdir()]


def test_the_forger_of_these_tests_makes_whole_bundles_too(tmp_path: Path) -> None:
    path = tmp_path / "forged.zip"
    path.write_bytes(forged())

    assert opened(path).wrong == ()


def test_a_manifest_that_promises_more_than_there_is_takes_no_room(tmp_path: Path) -> None:
    path = tmp_path / "forged.zip"
    path.write_bytes(forged(size=2**50))

    found = opened(path)

    assert "card.md: is cut off" in found.wrong[1]
    assert sum(file.stat().st_size for file in (tmp_path / "forged.zip.files").iterdir()) < 1000


# --- whole or not at all


def test_a_file_that_changes_meanwhile_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "late.joblib"
    file.write_bytes(b"one")
    measured = bundles._measured

    def then_changed(source: Source, role: str) -> tuple[str, int, int]:
        found = measured(source, role)
        file.write_bytes(b"two")
        return found

    monkeypatch.setattr(bundles, "_measured", then_changed)

    with pytest.raises(InputError, match=r"the artifact \(late.joblib\) was changed while it was put into the bundle"):
        written(tmp_path / "archive", {"artifact": Source(content=file, said="late.joblib")})
    assert not [*(tmp_path / "archive").iterdir()]


def test_another_file_than_the_one_that_is_known_leaves_nothing(tmp_path: Path) -> None:
    known = Source(content=b"two", said="late.joblib", digest=digest_of("one"))

    with pytest.raises(InputError, match=r"the artifact \(late.joblib\) was changed while it was put into the bundle"):
        written(tmp_path, {"artifact": known})
    assert not [*tmp_path.iterdir()]


def test_a_file_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine.zip").write_bytes(b"mine")

    with pytest.raises(InputError, match=r"mine.zip: is there already; nothing was changed"):
        write_bundle(ABOUT, FILES, folder=tmp_path, to=tmp_path / "mine.zip")

    assert (tmp_path / "mine.zip").read_bytes() == b"mine"


def refused(folder: Path) -> None:
    try:
        written(folder)
    except InputError as error:
        os._exit(0 if "cannot be written" in str(error) and "nothing was changed" in str(error) else 2)
    os._exit(3)


def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path) -> None:
    def attempt() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        refused(tmp_path)

    assert exit_code(forked(attempt)) == 0
    assert not [*tmp_path.iterdir()]


@pytest.mark.usefixtures("whole")  # what is imported late was imported: nobody may read no modules either
def test_a_folder_that_is_not_ours_to_write_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "version_of", lambda _: "1.0")  # its own can be anywhere too

    def attempt() -> None:
        if os.getuid() == 0:  # whom no permission stops
            os.setuid(NOBODY)
        refused(tmp_path)

    tmp_path.chmod(0o555)
    for parent in tmp_path.parents[:-2]:
        parent.chmod(parent.stat().st_mode | 0o055)
    try:
        assert exit_code(forked(attempt)) == 0
        assert not [*tmp_path.iterdir()]
    finally:
        tmp_path.chmod(0o755)


def test_killed_at_any_moment_there_is_a_whole_bundle_or_none(tmp_path: Path) -> None:
    def write_for_ever() -> None:
        for step in range(100_000):
            written(tmp_path, {"artifact": Source(content=bytes([step % 256]) * 2_000_000, said="m.joblib")})

    chance = random.Random(0)
    for _ in range(12):
        pid = forked(write_for_ever)
        end = time.monotonic() + 60
        while not [*tmp_path.glob("*.zip")] and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.08))
        os.kill(pid, signal.SIGKILL)
        assert exit_code(pid) == -signal.SIGKILL
        kept = [*tmp_path.glob("*.zip")]
        assert kept
        for path in kept:
            with TemporaryDirectory() as into:
                assert open_bundle(path, Path(into)).wrong == ()
            path.unlink()
