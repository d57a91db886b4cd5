"""Where the model comes from: the code, the rows and the run, from the run itself where it knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_mlgate.cards.emptiness import useless
from pytest_mlgate.checks import Severity
from pytest_mlgate.governance.answers import Answer
from pytest_mlgate.governance.facts import RunFacts
from pytest_mlgate.sections import GovernanceSection

LINEAGE = "MLG659"


def lineage(section: GovernanceSection, facts: RunFacts) -> Iterator[Answer]:
    """Yield for the commit, the training rows and the run whether they are known."""
    yield _commit(section.lineage.commit, facts)
    yield _train(section.lineage.train, facts)
    yield _run(section.lineage.run, facts)


def _commit(said: str | None, facts: RunFacts) -> Answer:
    severity = Severity.BLOCK
    wrong = ""
    if said is not None:
        if not re.fullmatch(r"[0-9a-fA-F]{7,64}", said.strip()):
            wrong = f"`commit` = {said!r} is no commit: 7 to 64 hexadecimal digits are"
        right = f"the code is {said}"
    elif facts.commit is None:
        wrong, right = "the commit of the code is not known: the configuration lies in no git work tree", ""
    else:
        right = f"the code is {facts.commit}"
        if not facts.clean:  # a promotion may ask for a clean tree; here it is enough that everybody sees it
            severity = Severity.WARN
            wrong = f"the code is {facts.commit} and changes that were not committed"
    return _answer("commit", said, wrong, right, "commit the code, or name its `commit`", severity)


def _train(said: str | None, facts: RunFacts) -> Answer:
    digest = (said or "").strip().lower().removeprefix("sha256:")
    wrong, right = "", f"fitted on the rows with SHA-256 {facts.train or digest}"
    if said is not None and not re.fullmatch(r"[0-9a-f]{64}", digest):
        wrong = f"`train` = {said!r} is no SHA-256: 64 hexadecimal digits are"
    elif said is not None and facts.train is not None and digest != facts.train:
        wrong = f"`train` says {digest[:12]}..., and the training rows of this run have {facts.train[:12]}..."
    elif said is None and facts.train is None:
        wrong = "the rows that it was fitted on are not known: no gate read a `[data] train`"
    return _answer("train", said, wrong, right, "configure `[data] train`, or give the SHA-256 of its file as `train`")


def _run(said: str | None, facts: RunFacts) -> Answer:
    wrong, right = "", f"the run is {said or facts.run}"
    if said is not None:
        wrong = useless(said, key="run")
    elif facts.run is None:
        wrong = "the run that fitted it is not known"
    fix = "name its `run`: a URL, an identifier of the tracking server, or the command"
    return _answer("run", said, wrong, right, fix, Severity.WARN)


def _answer(
    subject: str, said: str | None, wrong: str, right: str, fix: str, severity: Severity = Severity.BLOCK
) -> Answer:
    return Answer(
        item="lineage",
        subject=f"lineage.{subject}",
        code=LINEAGE,
        said=said is not None,
        wrong=wrong,
        right=right,
        fix=f"{fix}, under [governance.lineage]" if wrong else "",
        severity=severity,
    )
