"""Opt-ins: exact names and digests, nothing wider; and a verdict that is stated, never the absence of a finding."""

from __future__ import annotations

import json

import pytest

from pytest_mlgate.artifacts.inspection import Finding, Inspection, Trust
from pytest_mlgate.checks import InputError

DIGEST = "0123456789abcdef" * 4


def inspection(**changes: object) -> Inspection:
    values = {"source": "m.joblib", "format": "joblib", "compression": "", "size": 1, "digest": DIGEST}
    return Inspection(**{**values, "complete": True, **changes})  # type: ignore[arg-type]


def test_names_and_digests_are_told_apart() -> None:
    trust = Trust.of(["shop.features:Encoder", "shop.features:Outer.Inner", f"sha256:{DIGEST.upper()}"])

    assert trust.names == {"shop.features:Encoder", "shop.features:Outer.Inner"}
    assert trust.digests == {DIGEST}


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("shop", "a whole package is not trusted"),
        ("shop.features", "a whole package is not trusted"),
        ("shop.*", "is a pattern"),
        ("shop.features:*", "is a pattern"),
        ("shop.features:", "is no name"),
        (":Encoder", "is no name"),
        ("shop features:Encoder", "is no name"),
        ("", "a whole package is not trusted"),
        ("sha256:abc", "is no SHA-256 digest"),
        ("builtins:eval", "can run anything"),
        ("os.path:join", "can run anything"),
        ("pathlib:Path.touch", "can run anything"),
        ("scipy.stats._continuous_distns:norm_gen", "source code that scipy executes"),
        ("importlib:import_module", "can run anything"),
    ],
)
def test_anything_wider_is_refused_with_the_entry_and_the_way_out(entry: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        Trust.of(["shop.features:Encoder", entry])

    assert repr(entry) in caught.value.message
    assert caught.value.fix


def test_accepted_is_said_only_of_what_was_read_to_its_end() -> None:
    assert inspection().verdict == "accepted"
    assert inspection(complete=False).verdict == "refused"
    assert inspection(digest="").verdict == "refused"


@pytest.mark.parametrize(
    ("weights", "verdict"),
    [
        (["remark"], "accepted"),
        (["remark", "untrusted"], "untrusted"),
        (["untrusted", "refused"], "refused"),
    ],
)
def test_the_gravest_finding_decides(weights: list[str], verdict: str) -> None:
    findings = tuple(Finding(reason="r", message="m", fix="f", weight=weight) for weight in weights)  # type: ignore[arg-type]

    assert inspection(findings=findings).verdict == verdict


def test_it_is_json() -> None:
    finding = Finding(reason="untrusted name", message="m", fix="f", name="a:B", position=3, weight="untrusted")
    found = inspection(findings=(finding,), versions={"scikit-learn": "1.9.0"})

    assert json.loads(json.dumps(found.to_dict()))["findings"][0]["position"] == 3
    assert found.untrusted == ("a:B",)
