"""What a project has of the rubric: for each test the evidence, for each section its sum, and the score."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.config import Config
from pytest_mlgate.lifecycle.requirements import changed, present, stale
from pytest_mlgate.score.rubric import BANDS, SECTIONS, RubricTest, Source, rubric
from pytest_mlgate.verdict import Verdict, read_verdict

How = Literal["automated", "manual", "none"]
POINTS: Mapping[How, float] = {"automated": 1.0, "manual": 0.5, "none": 0.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One test, and what there is of it.

    Attributes
    ----------
    test : RubricTest
    how : {"automated", "manual", "none"}
    evidence : tuple of str
        Ids of the checks, or what the configuration states.
    failing : tuple of str
        Those of the checks that fail now: the test is in place, and its answer is no.
    note : str
        Why what there is gives no more.
    """

    test: RubricTest
    how: How
    evidence: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    note: str = ""

    @property
    def points(self) -> float:
        """1, 0.5 or 0."""
        return POINTS[self.how]

    @property
    def way(self) -> str:
        """What would give more; empty where there is no more, or no check of ours that could give it."""
        best = self.how == "automated" or (self.how == "manual" and not self.test.automated)
        return "" if best else self.test.way

    def to_json(self) -> dict[str, Any]:
        """Return it as builtins."""
        return {
            "test": self.test.id,
            "title": self.test.title,
            "how": self.how,
            "points": self.points,
            "evidence": list(self.evidence),
            "failing": list(self.failing),
            "note": self.note,
            "way": self.way,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """All tests of the rubric for one project.

    Attributes
    ----------
    model : str
    results : tuple of Result
        In the paper's order.
    verdict : str
        Digest of the verdict that the evidence is from; empty where there is none that counts.
    uncounted : tuple of str
        Why the last verdict does not count, where it does not.
    """

    model: str
    results: tuple[Result, ...]
    verdict: str = ""
    uncounted: tuple[str, ...] = ()

    @property
    def sums(self) -> dict[str, float]:
        """Points by section, 0 to 7."""
        return {name: sum(one.points for one in self.results if one.test.section == name) for name in SECTIONS}

    @property
    def value(self) -> float:
        """The score: the least of the four sums."""
        return min(self.sums.values())

    @property
    def meaning(self) -> str:
        """What the paper says of such a score."""
        return next(words for most, words in BANDS if self.value <= most)

    def to_json(self) -> dict[str, Any]:
        """Return it as builtins; :func:`json_schema` describes it."""
        return {
            "schema_version": 1,
            "model": self.model,
            "score": self.value,
            "meaning": self.meaning,
            "sections": self.sums,
            "verdict": self.verdict,
            "uncounted": list(self.uncounted),
            "tests": [one.to_json() for one in self.results],
        }


def json_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) that every score as JSON fits."""
    file = resources.files("pytest_mlgate.score").joinpath("score.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def score_of(config: Config) -> Score:
    """Return what a project has of the rubric, by its last verdict and by what its configuration states.

    A gate that is configured is no evidence, nor is a check of a verdict that was changed, is too old, or is of another
    configuration, policy, model or table than lies here now.
    """
    verdict, uncounted = _verdict(config)
    checks = () if verdict is None or uncounted else verdict.checks
    return Score(
        model=config.name,
        results=tuple(_result(test, checks, config.score.get(test.id)) for test in rubric()),
        verdict=verdict.to_json()["digest"] if verdict is not None and not uncounted else "",
        uncounted=tuple(uncounted),
    )


def _result(test: RubricTest, checks: Sequence[Check], stated: str | None) -> Result:
    found = list(_matching(test.automated, checks))
    answered = [check for check in found if check.outcome in (Outcome.PASS, Outcome.FAIL)]
    if answered:
        failing = tuple(check.id for check in answered if check.outcome is Outcome.FAIL)
        return Result(test=test, how="automated", evidence=tuple(check.id for check in answered), failing=failing)
    note = f"{found[0].id} is {found[0].outcome.value}: no answer" if found else ""
    if stated is not None:
        return Result(test=test, how="manual", evidence=(stated,), note=note)
    written = [check.id for check in _matching(test.manual, checks) if check.outcome is Outcome.PASS]
    return Result(test=test, how="manual" if written else "none", evidence=tuple(written), note=note)


def _matching(sources: Sequence[Source], checks: Sequence[Check]) -> Iterator[Check]:
    return (check for check in checks if any(source.matches(check) for source in sources))


def _verdict(config: Config) -> tuple[Verdict | None, list[str]]:
    """Return the last verdict, and why it does not count; no reason where it does."""
    path = config.results / "verdict.json"
    try:
        verdict = read_verdict(path)
    except FileNotFoundError:
        return None, ["there is no verdict yet"]
    except (OSError, ValueError) as error:
        return None, [f"the verdict {error}" if isinstance(error, ValueError) else f"the verdict: {error}"]
    why = [f"{one.what}: {one.message}" for one in stale(verdict, present(config, verdict.stage))]
    seen = verdict.identity.get("inputs", {}).get("candidate", {})
    source, digest = str(seen.get("source", "")), str(seen.get("digest", ""))
    if len(digest) == 64 and source not in ("", "fixture"):
        why += [f"candidate: {source} {said}" for said in [changed(config.folder / source, digest)] if said]
    if verdict.model != config.name:
        why.append(f"it is of {verdict.model!r}, not of {config.name!r}")
    return verdict, why
