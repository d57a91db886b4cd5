"""What the configuration answers to one question of governance."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_mlgate.checks import Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One question and what was found.

    Attributes
    ----------
    item : str
        What the policy calls it (:data:`pytest_mlgate.policy.OWED`).
    subject : str
        What its check is called after: ``owner``, ``monitoring.inputs``.
    code : str
    said : bool
        Whether the configuration says anything of it.
    wrong : str
        What is wrong or missing, as a sentence; empty where the answer is good.
    right : str
        The good answer, as a sentence.
    fix : str
    severity : Severity
        The highest that it may weigh, whatever the policy says.
    """

    item: str
    subject: str
    code: str
    said: bool
    wrong: str = ""
    right: str = ""
    fix: str = ""
    severity: Severity = Severity.BLOCK
