"""Attestations: what signers are given, and which of what they write a promotion takes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import example, given
from hypothesis import strategies as st
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult as ResultMessage
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement as InToto
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner

from pytest_mlgate.checks import Check, InputError, Waiver
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.attestations import read_attestation
from pytest_mlgate.reports.in_toto import statement
from pytest_mlgate.verdict import Verdict
from tests.lifecycle.world import CONFIGURATION, World, sha

PAYLOAD_TYPE = "application/vnd.in-toto+json"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"


def check(name: str, outcome: str, severity: str = "block", **more: Any) -> Check:
    return Check(code="T1", gate="toy", subject=name, outcome=outcome, severity=severity, message="m", **more)


def verdict_of(*checks: Check, decision: Any = "promote") -> Verdict:
    inputs = {
        "candidate": {"digest": "a" * 64, "source": "model.joblib"},
        "baseline": {"digest": "b" * 64, "source": "champion.joblib"},
        "holdout": {"digest": "c" * 64, "source": "holdout.csv", "rows": 3},
        "reference": {"digest": "d" * 64, "source": "profile.json", "profile_of": ["e" * 64]},
        "current": {"digest": "", "source": "list"},
    }
    identity: dict[str, Any] = {"inputs": inputs, "configuration": "1" * 64, "policy": "2" * 64, "card": "3" * 64}
    identity["files"] = {"MODEL_CARD.md": "3" * 64, "schema.yaml": "5" * 64, "uv.lock": "6" * 64}
    code = {"commit": "4" * 40, "clean": True}
    times = {"started": "2026-01-01T00:00:00+00:00", "finished": "2026-01-01T00:00:01+00:00"}
    return Verdict(
        model="m", stage="production", decision=decision, checks=checks, identity={**identity, "code": code}, **times
    )


WAIVER = Waiver(check="toy:waived", reason="r", author="a", expires="2999-01-01")
CHECKS = (
    check("good", "pass"),
    check("light", "fail", "warn"),
    check("small", "inconclusive", "warn"),
    check("waived", "fail", waiver=WAIVER),
    check("not-asked", "skip", "warn"),
    check("does-not-apply", "skip", "note"),
)


def test_the_specifications_own_library_reads_the_statement_to_its_last_field() -> None:
    made = statement(verdict_of(*CHECKS), url="https://ci.test/runs/1")

    message = json_format.ParseDict(made, StatementMessage())  # a field that it does not know is an error
    InToto.copy_from_pb(message).validate()
    assert (message.type, message.predicate_type) == ("https://in-toto.io/Statement/v1", TEST_RESULT)
    result = json_format.ParseDict(made["predicate"], ResultMessage())
    assert (result.result, result.url) == ("WARNED", "https://ci.test/runs/1")
    for descriptor in result.configuration:
        ResourceDescriptor.copy_from_pb(descriptor).validate()
        assert descriptor.digest, "a descriptor has to have one of uri, digest and content"


def test_the_candidate_is_the_only_subject() -> None:
    """A statement that named the champion too would be one on the champion."""
    made = statement(verdict_of(*CHECKS))

    assert made["subject"] == [{"name": "model.joblib", "digest": {"sha256": "a" * 64}}]
    descriptors = [(one["name"], one["digest"], one) for one in made["predicate"]["configuration"]]
    assert {name: digest for name, digest, _ in descriptors if name != "file"} == {
        "verdict": {"sha256": verdict_of(*CHECKS).to_json()["digest"]},
        "configuration": {"sha256": "1" * 64},
        "policy": {"sha256": "2" * 64},
        "card": {"sha256": "3" * 64},
        "baseline": {"sha256": "b" * 64},
        "holdout": {"sha256": "c" * 64},
        "reference": {"sha256": "d" * 64},
        "code": {"gitCommit": "4" * 40},
    }
    files = [(one["annotations"]["source"], digest["sha256"]) for name, digest, one in descriptors if name == "file"]
    assert files == [("schema.yaml", "5" * 64), ("uv.lock", "6" * 64)], "the card is named once"


def test_what_did_not_pass_is_in_no_list_of_passed_tests() -> None:
    made = statement(verdict_of(*CHECKS, check("bad", "fail"), check("lost", "error", "note"), decision="block"))

    assert made["predicate"]["passedTests"] == ["toy:good"]
    assert made["predicate"]["warnedTests"] == ["toy:light", "toy:small", "toy:waived", "toy:not-asked"]
    assert made["predicate"]["failedTests"] == ["toy:bad", "toy:lost"]


@pytest.mark.parametrize(
    ("checks", "decision", "result"),
    [
        (CHECKS[:1], "promote", "PASSED"),
        ((CHECKS[0], CHECKS[5]), "promote", "PASSED"),
        (CHECKS[:2], "promote", "WARNED"),
        ((), "block", "FAILED"),
    ],
)
def test_the_result_follows_the_decision(checks: tuple[Check, ...], decision: str, result: str) -> None:
    assert statement(verdict_of(*checks, decision=decision))["predicate"]["result"] == result


def test_a_candidate_that_is_no_file_is_no_subject() -> None:
    verdict = verdict_of(*CHECKS)
    with pytest.raises(InputError, match="the verdict is of no file"):
        statement(replace(verdict, identity={"inputs": {"candidate": {"digest": "", "source": "model"}}}))


@pytest.fixture
def signed(world: World) -> Callable[..., Path]:
    """Write what a signer makes of the verdict that lies here, in the form asked for."""
    signer = CryptoSigner.generate_ed25519()

    def sign(form: str = "bundle", **changes: Any) -> Path:
        found = world.run("verdict", "--format", "in-toto", "--to", str(world.path / "statement.json"))
        assert found.exit_code == 0, found.output
        data = (world.path / "statement.json").read_bytes()
        if changes:
            data = json.dumps({**json.loads(data), **changes}).encode()
        envelope = Envelope(data, PAYLOAD_TYPE, {})
        envelope.sign(signer)
        made: Any = envelope.to_dict()
        assert Envelope.from_dict(json.loads(json.dumps(made))).verify([signer.public_key], 1)
        bundle = {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": made}
        provenance = {"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v1"}
        other = {**made, "payload": base64.urlsafe_b64encode(json.dumps(provenance).encode()).decode()}
        texts = {
            "statement": data.decode(),
            "envelope": json.dumps(made, indent=2),
            "bundle": json.dumps(bundle),
            "lines": f"{json.dumps({'dsseEnvelope': other})}\n{json.dumps(bundle)}\n",
            "unsigned": json.dumps({**made, "signatures": []}),
        }
        path = world.path / f"model.{form}.json"
        path.write_text(texts[form])
        return path

    return sign


@pytest.mark.parametrize("form", ["statement", "envelope", "bundle", "lines"])
def test_a_promotion_takes_what_signers_write_and_the_ledger_has_its_digest(
    world: World, signed: Callable[..., Path], form: str
) -> None:
    world.judged("validation")
    path = signed(form)

    found = world.promote("validation", "--attestation", str(path))

    assert found.exit_code == 0, found.output
    ((_, event),) = read_ledger(world.ledger).events()
    assert event.attestation == sha(path)


def other_subject() -> dict[str, Any]:
    return {"subject": [{"name": "x", "digest": {"sha256": "0" * 64}}]}


def other_result(result: str | None, verdict: str = "") -> Callable[[World], dict[str, Any]]:
    def changes(world: World) -> dict[str, Any]:
        digest = verdict or json.loads((world.path / ".mlgate/verdict.json").read_text())["digest"]
        named = [{"name": "verdict", "digest": {"sha256": digest}}]
        return {"predicate": {"configuration": named, **({} if result is None else {"result": result})}}

    return changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (lambda world: other_subject(), "is of another file (000000000000, and the candidate is"),
        (lambda world: {"subject": []}, "is of another file (nothing, and the candidate is"),
        (lambda world: {"predicateType": "https://slsa.dev/provenance/v1"}, "has no result of tests, but https://slsa"),
        (other_result("FAILED"), "says FAILED"),
        (other_result(None), "says no result"),
        (other_result("PASSED", "0" * 64), "is of another verdict (000000000000, and the one here is"),
        (lambda world: {"predicate": {"result": "PASSED"}}, "is of another verdict (none, and the one here is"),
    ],
)
def test_an_attestation_of_something_else_is_refused(
    world: World, signed: Callable[..., Path], changes: Callable[[World], dict[str, Any]], message: str
) -> None:
    world.judged("validation")

    found = world.promote("validation", "--attestation", str(signed(**changes(world))))

    assert found.exit_code == 1
    assert "missing  attestation: model.bundle.json " + message in found.output
    assert not world.ledger.exists()


def test_of_two_statements_on_one_verdict_the_worse_counts(world: World, signed: Callable[..., Path]) -> None:
    world.judged("validation")
    good, path = signed("bundle").read_text(), signed("bundle", **other_result("FAILED")(world))
    path.write_text(f"{path.read_text()}\n{good}\n")

    assert "says FAILED, PASSED" in world.promote("validation", "--attestation", str(path)).output


def test_an_attestation_of_the_verdict_before_is_refused(world: World, signed: Callable[..., Path]) -> None:
    world.judged("validation", {"seed": 1})
    path = signed()
    world.judged("validation", {"seed": 2})

    assert "is of another verdict" in world.promote("validation", "--attestation", str(path)).output


def test_a_policy_may_ask_for_an_attestation_that_carries_a_signature(
    world: World, signed: Callable[..., Path]
) -> None:
    (world.path / "mlgate.toml").write_text(f'{CONFIGURATION}[policy.validation]\nattestation = "required"\n')
    world.judged("validation")

    without = world.promote("validation")
    assert "missing  attestation: none was presented, and validation asks for one" in without.output
    for form in ("statement", "unsigned"):
        bare = world.promote("validation", "--attestation", str(signed(form)))
        assert f"missing  attestation: model.{form}.json carries no signature" in bare.output
    assert world.promote("validation", "--attestation", str(signed())).exit_code == 0
    shown = world.run("policy", "show", "--stage", "validation").output
    assert re.search(r"^attestation +required +mlgate.toml:\d+$", shown, re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("{", "is no attestation"),
        ("[]", "list instead of an object"),
        ("{}\n{}", "it has no in-toto statement"),
        ('{"messageSignature": {}}', "it is a signature of the file alone"),
        ('{"payload": "e30=", "payloadType": "text/plain"}', "payloadType 'text/plain' is no in-toto statement"),
        (f'{{"payload": "?", "payloadType": "{PAYLOAD_TYPE}"}}', "payload is no base64"),
        ('{"_type": "https://in-toto.io/Statement/v2"}', "_type 'https://in-toto.io/Statement/v2' is no"),
        ('{"_type": "a", "_type": "b"}', "the key '_type' stands twice in one object"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_what_is_no_attestation_is_named(world: World, text: str, message: str) -> None:
    world.judged("validation")
    path = world.path / "a.json"
    path.write_text(text)

    found = world.promote("validation", "--attestation", str(path))

    assert found.exit_code == 1
    assert "missing  attestation: " in found.output
    assert message in found.output


WORDS = ("_type", "subject", "predicate", "predicateType", "configuration", "digest", "sha256", "payload", "sig")
KEYS = st.sampled_from([*WORDS, "payloadType", "dsseEnvelope", "signatures", "result", "name"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([TEST_RESULT, PAYLOAD_TYPE]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=15,
)


@given(JSON)
@example({"dsseEnvelope": {"payload": "e30=", "payloadType": PAYLOAD_TYPE, "signatures": [None]}})
def test_whatever_a_file_holds_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "some.json"
    for found in (value, {"_type": "https://in-toto.io/Statement/v1", "predicate": value, "subject": value}):
        path.write_text(json.dumps(found))
        with suppress(InputError):
            assert read_attestation(path).statements


def test_the_verdict_is_shown_as_it_was_written_or_not_at_all(world: World) -> None:
    world.judged("validation")

    text, record = world.run("verdict"), world.run("verdict", "--format", "json")
    assert text.output.splitlines()[0].startswith("mlgate: toys -> validation, 20")
    assert text.output.splitlines()[-1] == "PROMOTE: 2 checks, none blocks."
    assert json.loads(record.output) == json.loads((world.path / ".mlgate/verdict.json").read_text())
    alone = json.loads(world.run("verdict", "--format", "in-toto-predicate").output)
    assert alone == json.loads(world.run("verdict", "--format", "in-toto").output)["predicate"]

    assert "--format totoro" in world.run("verdict", "--format", "totoro").output
    path = world.path / ".mlgate/verdict.json"
    path.write_text(path.read_text().replace("toys", "toyz", 1))
    found = world.run("verdict")
    assert (found.exit_code, "it was changed after it was written" in found.output) == (1, True)
    path.unlink()
    found = world.run("verdict")
    assert (found.exit_code, "there is no verdict" in found.output) == (1, True)
