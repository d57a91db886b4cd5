"""What a heading is about: canonical ids of sections, from headings in English, Spanish and Portuguese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from pytest_mlgate.cards.heading_words import CUES, LABELS, PATTERNS, WITHIN

SECTIONS = (
    "model_details",
    "intended_use",
    "out_of_scope_use",
    "training_data",
    "evaluation_data",
    "metrics",
    "subgroup_metric",
    "limitations",
    "ethical_considerations",
    "factors",
    "training_procedure",
    "how_to_use",
    "environmental_impact",
    "technical_specifications",
    "citation",
    "license",
    "owner",
    "lineage",
    "monitoring",
    "rollback",
    "retraining",
    "retirement",
    "human_oversight",
    "risk_management",
    "changes",
    "standards",
    "conformity",
    "cybersecurity",
    "metric_choice",
)
"""Every canonical id that a heading can have."""

# Whole headings, without accents, case, numbering and signs. `model` and its like in the three languages may stand
# before or behind, see `_bare`. Line breaks are none.
# Words that a heading may carry without being about something else.
_AROUND = (
    r"(?:the|this|our|model|models|model s|of the model|of this model|for the model|section|del modelo|de el modelo"
    r"|modelo|el modelo|de este modelo|este modelo|do modelo|o modelo|deste modelo|sistema|del sistema|system"
    r"|of the system|the system|la|el|los|las|os|as|nuestros|de la|de los|it s|its|s)"
)
_LEADING = re.compile(rf"^(?:{_AROUND} )+")
_TRAILING = re.compile(rf"(?: {_AROUND})+$")
_SUBJECT = re.compile(r"\b(?:the|this|our|el|este|o) (?:ml )?(?:model|modelo|system|sistema)\b")
_NUMBERING = re.compile(
    r"^(?:(?:section|part|seccion|secao|apartado) )?(?:\d{1,3}(?: \d{1,3}){0,4}|[ivx]{1,4}|[a-h]) (?=\S)"
)
_JOINT = re.compile(r" (?:and|y|e|et|vs) |\||/|,|;|\+|&| - | – | — |:")

# Headings that say nothing of their own where the section around them is about something.
_WEAK = re.compile(
    r"overview|description|summary|introduction|details|information|recommendations|users|scope|sources?"
    r"|type|examples?"
    r"|considerations|about|problems?|issues|warnings?|population|references?|risks?|descripcion|resumen"
    r"|introduccion|detalles"
    r"|informacion|recomendaciones|usuarios|descricao|resumo|introducao|detalhes|informacoes|recomendacoes|poblacion"
)
_DATA = re.compile(r"data(sets?)?( .{0,20})?|datos|dados|corpus|conjuntos? de (datos|dados)|sources?|fuentes?")


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Return a heading in lower case, without accents, emoji, numbering and punctuation, its joints kept."""
    text = re.sub(r"[\[(](?:optional|opcional|if applicable|si procede)[\])]", " ", text[:300], flags=re.IGNORECASE)
    text = unicodedata.normalize("NFKD", text.replace("’", "'"))
    text = "".join(sign for sign in text if not unicodedata.combining(sign)).casefold()
    text = re.sub(r"[^\w\s/,;+&|:–—-]|_", " ", text)
    text = re.sub(r"(?<=\w)-(?=\w)", " ", text)
    return " ".join(text.split()).strip(" :-–—,;/|+&")


@lru_cache(maxsize=4096)
def resolve(heading: str, around: tuple[str, ...] = (), *, label: bool = False, loose: bool = True) -> tuple[str, ...]:
    """Return what a heading is about.

    Parameters
    ----------
    heading : str
        Its plain text.
    around : tuple of str
        What the section around it is about: ``Data`` below ``Evaluation`` is about the evaluation's data.
    label : bool
        Whether it is a label before a value.
    loose : bool
        Whether single words of it may tell; of what may be the beginning of a sentence they do not.

    Returns
    -------
    tuple of str
        Canonical ids, several where a heading combines; empty where it is about none of them.
    """
    text = normalise(heading)
    if not text or len(text) > 120:
        return ()
    text = _NUMBERING.sub("", text)
    if label and text in LABELS:
        return (LABELS[text],)
    if around and not label:
        if _WEAK.fullmatch(_bare(text)) and not ("limitations" in around and _bare(text) == "risks"):
            return ()
        if _DATA.fullmatch(text) and {"metrics", "evaluation_data"} & set(around):
            return ("evaluation_data",)
    found = [*_ids(text), *(name for part in _parts(text) for name in _ids(part))]
    if not found and len(text.split()) <= 10:
        found = _settled([name for name, pattern in WITHIN if pattern.search(text)])
    if not found and loose and len(text.split()) <= 10:
        found = [name for name, pattern in CUES if pattern.search(text)][:1]
    return tuple(dict.fromkeys(found))


_ALONE = frozenset(
    ("what", "why", "que", "o que", "por que", "test", "tests", "teste", "testes", "use", "numbers", "task", "tarea")
)


def _parts(text: str) -> Iterator[str]:
    """Yield what a combined heading is put together from; some words are headings only by themselves."""
    pieces = [piece.strip() for piece in _JOINT.split(text)]
    if len(pieces) > 1:
        yield from (piece for piece in pieces if piece and piece not in _ALONE)


def _bare(text: str) -> str:
    text = _SUBJECT.sub("it", text)
    return _TRAILING.sub("", _LEADING.sub("", text))


def _ids(text: str) -> tuple[str, ...]:
    text = " ".join(re.sub(r"[/,;+&|:–—-]", " and " if "&" in text else " ", text).split())
    forms = {text, _bare(text), _TRAILING.sub("", text)}
    if _bare(text) == "it":
        return ("model_details",)
    found = [name for name, pattern in PATTERNS.items() if any(form and pattern.fullmatch(form) for form in forms)]
    return tuple(_settled(found))


def _settled(found: list[str]) -> list[str]:
    """Drop what only the width of another pattern let in."""
    stronger = (("out_of_scope_use", "intended_use"), ("subgroup_metric", "metrics"), ("lineage", "training_data"))
    dropped = {weak for strong, weak in stronger if strong in found and weak in found}
    if "model_details" in found and "technical_specifications" in found:
        dropped.add("technical_specifications")
    return [name for name in found if name not in dropped]
