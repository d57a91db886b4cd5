"""Lock files as the tools write them: what each says, told by content, and one message where it says nothing."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

from pytest_mlgate.artifacts.locks import Lock, read_lock
from pytest_mlgate.checks import InputError

LOCKS = Path(__file__).parent / "locks"
HERE = {"python_full_version": "3.11.7", "python_version": "3.11", "sys_platform": "linux"}


def lock_of(folder: Path, text: str, name: str = "requirements.txt", **files: str) -> Lock:
    for other, content in {name: text, **files}.items():
        (folder / other).write_text(content, encoding="utf-8")
    return read_lock(folder / name, environment=HERE)


def versions(lock: Lock) -> dict[str, str | None]:
    return {name: pin.version for name, pin in lock.pins.items()}


@pytest.mark.parametrize(
    ("file", "kind", "python", "sklearn", "absent"),
    [
        ("uv.lock", "uv.lock", ">=3.10", "1.9.1", {"colorama", "six", "pluggy", "flights-service"}),
        ("pylock.toml", "pylock.toml", ">=3.10", "1.9.1", {"colorama", "six"}),
        ("requirements.txt", "requirements file", "", "1.9.1", {"colorama", "six"}),
        ("poetry-2.lock", "poetry.lock", ">=3.10,<4", "1.7.2", {"colorama", "six", "pluggy"}),
        ("poetry-1.lock", "poetry.lock", "^3.10", "1.7.2", set()),
    ],
)
def test_what_a_tool_wrote_is_read_for_this_interpreter(
    file: str, kind: str, python: str, sklearn: str, absent: set[str]
) -> None:
    lock = read_lock(LOCKS / file, environment=HERE)

    assert (lock.kind, lock.python, lock.pins["scikit-learn"].version) == (kind, python, sklearn)
    assert {"numpy", "scipy", "joblib", "threadpoolctl"} <= set(lock.pins)
    assert not absent & set(lock.pins)
    assert all(pin.version for pin in lock.pins.values())


@pytest.mark.parametrize("file", ["uv.lock", "pylock.toml", "requirements.txt"])
@pytest.mark.parametrize(("python", "numpy"), [("3.10.13", "2.2.6"), ("3.11.7", "2.4.6"), ("3.12.1", "2.5.5")])
def test_of_several_versions_of_one_package_the_markers_choose(file: str, python: str, numpy: str) -> None:
    here = {**HERE, "python_full_version": python, "python_version": python.rpartition(".")[0]}

    assert read_lock(LOCKS / file, environment=here).pins["numpy"].version == numpy


@pytest.mark.parametrize("file", ["uv.lock", "pylock.toml", "poetry-2.lock"])
def test_a_lock_becomes_lines_with_hashes_that_need_no_resolving(file: str) -> None:
    lock = read_lock(LOCKS / file, environment=HERE)

    assert lock.requirements is not None
    assert {line.split("==")[0] for line in lock.requirements} == set(lock.pins)
    assert all(" --hash=sha256:" in line for line in lock.requirements)


def test_a_lock_is_told_by_its_content_whatever_it_is_called(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, (LOCKS / "uv.lock").read_text(), name="service.txt")

    assert lock.kind == "uv.lock"


def test_extras_that_a_dependency_asks_for_are_installed_and_others_are_not(tmp_path: Path) -> None:
    text = """
version = 1
requires-python = ">=3.11"
[[package]]
name = "app"
version = "0"
source = { editable = "." }
dependencies = [{ name = "lib", extra = ["fast"] }]
[package.optional-dependencies]
plots = [{ name = "plotter" }]
[package.dev-dependencies]
dev = [{ name = "tester" }]
[[package]]
name = "lib"
version = "1.2"
source = { registry = "https://packages.example.org/" }
dependencies = [{ name = "base" }]
[package.optional-dependencies]
fast = [{ name = "speed" }]
slow = [{ name = "snail" }]
[[package]]
name = "speed"
version = "3"
source = { git = "https://git.example.org/speed?rev=v3#0123" }
[[package]]
name = "base"
version = "4"
source = { registry = "https://packages.example.org/" }
wheels = [{ url = "https://packages.example.org/base.whl", hash = "sha256:ab" }]
[[package]]
name = "snail"
version = "5"
[[package]]
name = "plotter"
version = "6"
[[package]]
name = "tester"
version = "7"
"""
    lock = lock_of(tmp_path, text, name="uv.lock")

    assert versions(lock) == {"base": "4", "lib": "1.2", "speed": "3"}
    # one without hashes: then none has any, as pip wants it
    assert set(lock.requirements or ()) == {
        "base==4",
        "lib==1.2",
        "speed @ git+https://git.example.org/speed?rev=v3#0123",
    }


def test_groups_of_a_pylock_file_count_where_they_are_default(tmp_path: Path) -> None:
    text = 'lock-version = "1.0"\ndefault-groups = ["main"]\n' + "".join(
        f'[[packages]]\nname = "{name}"\nversion = "1"\nmarker = "{marker}"\n'
        for name, marker in [
            ("served", "'main' in dependency_groups"),
            ("tested", "'dev' in dependency_groups or 'plots' in extras"),
        ]
    )

    if Version(version("packaging")) < Version("25"):
        with pytest.raises(InputError, match="groups and extras need packaging 25 or later"):
            lock_of(tmp_path, text, name="pylock.toml")
    else:
        assert versions(lock_of(tmp_path, text, name="pylock.toml")) == {"served": "1"}


def test_requirements_with_hashes_markers_extras_and_comments(tmp_path: Path) -> None:
    text = """\
# compiled
--index-url https://user:pw@packages.example.org/simple
NumPy==2.4.6 \\
    --hash=sha256:00 \\
    --hash=sha256:01  # two files
scikit_learn [extra]==1.9.1 ; python_version >= "3.11"
scipy===1.17.1
pywin32==306 ; sys_platform == "win32"
joblib==1.6.0 # why
-e .
./vendored/own_lib-2.0-py3-none-any.whl
torch @ https://user:secret@files.example.org/torch-2.9.0%2Bcpu-cp311-cp311-linux_x86_64.whl
"""
    lock = lock_of(tmp_path, text)

    assert versions(lock) == {
        "joblib": "1.6.0",
        "numpy": "2.4.6",
        "own-lib": "2.0",
        "scikit-learn": "1.9.1",
        "scipy": "1.17.1",
        "torch": None,
    }
    assert "secret" not in lock.pins["torch"].said
    assert lock.requirements is None


def test_included_files_and_constraints_are_read_and_count_in_the_digest(tmp_path: Path) -> None:
    base = "-r base.txt\n-c=limits.txt\npandas\n"
    lock = lock_of(tmp_path, base, **{"base.txt": "numpy==2.4.6\n-r requirements.txt\n", "limits.txt": "pandas==3.1.1"})
    other = lock_of(tmp_path, base, **{"base.txt": "numpy==2.4.5\n", "limits.txt": "pandas==3.1.1"})

    assert versions(lock) == {"numpy": "2.4.6", "pandas": "3.1.1"}
    assert lock.digest != other.digest


def test_what_is_not_pinned_is_there_with_what_it_allows(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, "numpy>=2,<3\nscipy\npandas==3.*\nxgboost~=3.1.0\nnumpy!=2.1\n")

    assert set(versions(lock).values()) == {None}
    assert lock.pins["numpy"].said == "numpy<3,>=2 and numpy!=2.1"
    assert lock.pins["pandas"].allowed == "==3.*"
    assert lock.pins["xgboost"].allowed == "~=3.1.0"


def test_two_pins_that_contradict_each_other_are_no_pin(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, "numpy==2.4.6\nnumpy==2.2.6\n")

    assert lock.pins["numpy"].version is None
    assert lock.pins["numpy"].said == "numpy==2.2.6 or numpy==2.4.6"


CONDA = """\
name: service
channels: [conda-forge]
dependencies:
  - python=3.11.7
  - numpy=2.4.6=py311h64a7726_0
  - conda-forge::scipy==1.17.1
  - scikit-learn=1.9
  - pandas>=3,<4
  - pytorch 2.9.0 cpu_0
  - polars
  - pip
  - pip:
      - xgboost==3.1.0
      - lightgbm>=4
"""


def test_a_conda_environment_with_a_pip_section(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, CONDA, name="environment.yml")

    assert (lock.kind, lock.python, lock.requirements) == ("conda environment", "==3.11.7", None)
    assert versions(lock) == {
        "lightgbm": None,
        "numpy": "2.4.6",
        "pandas": None,
        "pip": None,
        "polars": None,
        "scikit-learn": None,
        "scipy": "1.17.1",
        "torch": "2.9.0",
        "xgboost": "3.1.0",
    }
    assert lock.pins["scikit-learn"].allowed == "==1.9.*"


def test_an_explicit_lock_and_an_exported_list_of_conda(tmp_path: Path) -> None:
    explicit = lock_of(
        tmp_path,
        "# platform: linux-64\n@EXPLICIT\n"
        "https://conda.example.org/linux-64/python-3.11.7-hab00c5b_1_cpython.conda#aa\n"
        "https://conda.example.org/linux-64/scikit-learn-1.9.1-py311_0.conda#bb\n"
        "https://conda.example.org/noarch/ca-certificates-2026.1.4-hbd8a1cb_0.tar.bz2\n",
    )
    exported = lock_of(tmp_path, "# packages\nnumpy=2.4.6=py311_0\npython=3.12.1=h_0\n")

    assert (explicit.kind, explicit.python) == ("explicit lock of conda", "==3.11.7")
    assert versions(explicit) == {"ca-certificates": "2026.1.4", "scikit-learn": "1.9.1"}
    assert (exported.kind, exported.python, versions(exported)) == (
        "exported list of conda",
        "==3.12.1",
        {"numpy": "2.4.6"},
    )


def test_a_file_of_conda_lock_counts_for_its_platform_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    text = "version: 1\npackage:\n" + "".join(
        f"- {{name: {name}, version: {version!r}, manager: conda, platform: {platform}, category: {category}}}\n"
        for name, version, platform, category in [
            ("numpy", "2.4.6", "linux-64", "main"),
            ("numpy", "2.4.5", "osx-arm64", "main"),
            ("pytest", "9.0", "linux-64", "dev"),
        ]
    )

    assert versions(lock_of(tmp_path, text, name="conda-lock.yml")) == {"numpy": "2.4.6"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("# nothing\n\n", "names no distribution"),
        ("numpy=2\n", r"requirements.txt:1: 'numpy=2' is no requirement"),
        ("numpy==2\nscipy == \n", r"requirements.txt:2: 'scipy ==' is no requirement"),
        ("numpy==2 ; python_versio > '3'\n", r"requirements.txt:1: .* is no requirement"),
        ("-r missing.txt\n", r"requirements.txt:1: requirements file '.*missing.txt' does not exist"),
        ("-r https://u:pw@example.org/r.txt\n", r"includes 'https://\*\*\*@example.org/r.txt', and nothing is fetched"),
        ('{"default": {}}', "is JSON, and of no format that is read here"),
        ("[tool.poetry]\nname = 'a'\n", "is TOML, and of no format that is read here"),
        ("dependencies: {a: 1}\n", "is YAML, and of no format that is read here"),
        ("dependencies:\n  - [unclosed\n", "is no YAML"),
        ("dependencies:\n  - '!!'\n", "'!!' is no package of conda"),
        ("@EXPLICIT\nnonsense\n", r"requirements.txt:2: 'nonsense' is no archive of conda"),
        ("version = 1\n[[package]]\nversion = '2'\n", r"is no uv.lock that can be read \(KeyError: 'name'\)"),
        ("version = 1\npackage = [3]\n", r"is no uv.lock that can be read"),
        (
            "version = 1\n[[package]]\nname = 'a'\nversion = '2'\nresolution-markers = ['x']\n",
            r"requirements.txt: 'x' is no environment marker",
        ),
        ("lock-version = '9.0'\npackages = []\n", "lock-version 9.0; this version reads 1.x"),
        ("[metadata]\ncontent-hash = ''\n[[package]]\nname = 'a'\n", r"is no poetry.lock that can be read"),
    ],
)
def test_what_is_no_lock_is_one_message_with_the_way_out(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        lock_of(tmp_path, text)

    assert caught.value.fix
    assert ":pw" not in caught.value.message


@pytest.mark.parametrize("data", [b"\xff\xfen\x00u\x00", b"numpy==2\n\xe9\n"])
def test_text_in_another_encoding_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "r.txt").write_bytes(data)

    with pytest.raises(InputError, match="is no UTF-8 text"):
        read_lock(tmp_path / "r.txt")


def test_files_that_include_each_other_end(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, "-r other.txt\nnumpy==2\n", **{"other.txt": "-r requirements.txt\nscipy==1\n"})

    assert versions(lock) == {"numpy": "2", "scipy": "1"}


@pytest.mark.parametrize("file", sorted(path.name for path in LOCKS.iterdir()))
def test_a_file_that_is_cut_anywhere_is_read_or_refused_in_one_message(file: str, tmp_path: Path) -> None:
    text = (LOCKS / file).read_text()
    empty, unfixed = [], []
    for end in range(1, len(text), max(len(text) // 25, 1)):
        try:
            empty += [] if lock_of(tmp_path, text[:end], name=file).pins else [end]
        except InputError as error:
            unfixed += [] if error.fix else [end]

    assert (empty, unfixed) == ([], [])
