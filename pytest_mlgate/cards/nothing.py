"""The author says that there is nothing: "None", "Not applicable: no people are involved"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NONE = re.compile(
    r"[\s\"'(*_-]*(?:"
    r"n ?/ ?a|n\.a\.?|na|none(?: known| identified| found| so far| at (?:this|the) (?:time|moment)"
    r"| that we (?:know|are aware) of)?"
    r"|no|nil|nothing(?: to (?:report|declare|add))?|not applicable|does not apply|not relevant|not needed|not required"
    r"|there (?:are|is) (?:no|none)(?: known)?(?: \w+){0,2}|(?:we (?:have|know of|see|found) )?no (?:known "
    r"|specific |particular |special |major "
    r"|significant |relevant )*(?:limitations?|issues?|risks?|concerns?|problems?|caveats?|restrictions?|biases"
    r"|bias|ethical \w+"
    r"|considerations?)(?: (?:known|identified|found|apply|applies|at this time|so far|are known"
    r"|have been identified|were identified))?"
    r"|no aplica(?:ble)?|no procede|ningun[oa]?(?: conocid[oa]| identificad[oa]| por ahora)?"
    r"|nada(?: que (?:declarar|anadir))?|sin (?:limitaciones"
    r"|riesgos|sesgos|restricciones|problemas|consideraciones)(?: \w+){0,2}|no (?:hay|existen|se conocen|tiene"
    r"|se han identificado)(?: \w+){1,3}"
    r"|nao se aplica|nao aplicavel|nenhum[a]?(?: conhecid[oa])?|sem (?:limitacoes|riscos|restricoes"
    r"|vieses)(?: \w+){0,2}|nao (?:ha|existem|possui)"
    r"(?: \w+){1,3}"
    r")[\s\"')*_]*"
)
_NOT_APPLICABLE = re.compile(
    r"(?:.{0,60}\b)?(?:n ?/ ?a\b|not applicable|does not apply|do(?:es)? not apply|not relevant|no aplican?"
    r"|no procede|no es aplicable"
    r"|nao se aplicam?|nao aplicavel|none)"
)
_REASON = re.compile(
    r"[\s]*(?:[:;,.(-]|because|since|as\b|given|due to|for\b|here\b|ya que|porque|dado que|puesto que|al "
    r"|debido a|pois|uma vez que|por\b)"
)


@dataclass(frozen=True, slots=True)
class Nothing:
    """What is said where there is nothing.

    ``reason`` is the author's, as it stands; empty where none is given.
    """

    words: str
    reason: str = ""


def says_nothing(folded: str, plain: str) -> Nothing | None:
    """Return what a text says where it says that there is nothing; None where it says something.

    "None of the features" and "no limitations when it rains" say something.
    """
    stripped = folded.strip().rstrip(".!; ")
    if not stripped or len(stripped) > 600:
        return None
    if _NONE.fullmatch(stripped):
        return Nothing(words=plain.strip())
    found = _NOT_APPLICABLE.match(stripped)
    if found is None or not re.match(r".{0,60}$", stripped[: found.start() or 0]):
        return None
    lead = len(folded) - len(folded.lstrip())
    rest = stripped[found.end() :]
    reason = _REASON.match(rest)
    if reason is None or re.match(r"\s*(?:of|de)\b", rest):
        return None
    words = re.findall(r"[^\W\d_]{2,}", rest)
    said = plain[lead + found.end() : lead + len(stripped)].strip(" :;,.-–—()") if len(words) >= 4 else ""
    return Nothing(words=plain[: lead + found.end()].strip(), reason=said)
