"""What production asks for in a card's prose: owner, lineage, monitoring, way back, retraining, retirement."""

from __future__ import annotations

import re

from pytest_mlgate.cards.rules.evidence import Evidence, Look, evidence, first, specific
from pytest_mlgate.cards.rules.training_data import has_period
from pytest_mlgate.cards.units import Unit

_REACH = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w@])@[\w-]+(?:/[\w-]+)?|https?://|#[a-z][\w-]{2,}|\+?\d[\d ()-]{7,}"
    r"|\b(?:slack|teams|channel|canal|ext(?:ension)?\.?|extension) ?[:#]? ?[\w-]+"
)
_OWNER_LABELS = re.compile(
    r"(?:model |business |technical |product )?(?:owners?|maintainers?|maintained by|owned by|contacts?"
    r"|responsible(?: person)?|point of contact|developed by|author|authors|accountable"
    r"|responsables?(?: del modelo)?|contacto|mantenedor(?:a|es)?|autor(?:a|es)?"
    r"|propietari[oa]|dueno|desarrollado por|responsave(?:l|is)|contato|proprietari[oa]|desenvolvido por|steward)"
)
_NOBODY = re.compile(
    r"(?:the |our |el |la |nuestro |o |a |nosso )?(?:[\w-]+ ){0,3}(?:teams?|equipo|equipe|group|grupo"
    r"|department|departamento|company|empresa|area|unit|unidad|us|we|nosotros|everyone|todos|anyone"
    r"|developers?|data scientists?|ml engineers?|admin|owner)(?: de [\w ]+| of [\w ]+)?[.!]?"
)
_PERSON = re.compile(r"\b[A-ZÁÉÍÓÚÑÃÇ][\w'’-]+(?: (?:de|da|do|del|van|von|la))* [A-ZÁÉÍÓÚÑÃÇ][\w'’-]+")
_COMMIT = re.compile(
    r"\b(?:commit|revision|git|sha|rev|tag|code)\b[^.;]{0,40}\b[0-9a-f]{7,40}\b|/commit/[0-9a-f]{7,40}|\b[0-9a-f]{40}\b"
)
_DATA_DIGEST = re.compile(
    r"\b(?:data|dataset|datos|dados|train\w*|parquet|csv|dvc|digest|sha-?256|md5"
    r"|checksum)\b[^.;]{0,60}\b[0-9a-f]{8,64}\b|\b[0-9a-f]{64}\b"
)
_CADENCE = re.compile(
    r"\b(?:dail|week|month|quarter|hour|year|annual|every|each|nightly|real[- ]time|diari|seman|mens|trimestr"
    r"|hora|anual|cada|todos los|dia|mes|ano|toda)\w*|\d"
)
_SIGNAL = re.compile(
    r"\b(?:drift|psi|distribution|performance|accuracy|recall|precision|auc|errors?|latency|volume|alerts?"
    r"|share|rate|threshold|metrics?|calibration|predictions?|scores?|inputs?|missing|labels?|feedback"
    r"|complaints?|deriva|distribucion|rendimiento|tasa|umbral|alertas?|metricas?|latencia"
    r"|volumen|calibracion|predicciones|desempenho|distribuicao|taxa|limiar|metricas|previsoes)\b"
)
_TARGET = re.compile(
    r"\b(?:v(?:ersion|ersao)?\.? ?\d[\w.]*|champion|previous|previously|prior|last|predecessor|baseline"
    r"|fallback|rule|rules|anterior|previ[ao]|ultim[ao]|reglas?|regras?|campeon)\b|[\w/-]+\.(?:joblib|pkl|onnx"
    r"|bin|pt|tar\.gz)|\b\d+\.\d+\.\d+\b"
)


def owner(look: Look) -> Evidence:
    """Ask for a person, and a way to reach them; "the team" is nobody."""
    labelled = [unit for unit in [*look.own, *look.elsewhere] if unit.label and _OWNER_LABELS.fullmatch(unit.label)]
    units = [*labelled, *look.own]
    return evidence({"person": first(units, _names_somebody), "contact": first(units, lambda unit: _reaches(unit))})


def _names_somebody(unit: Unit) -> bool:
    if _NOBODY.fullmatch(unit.folded.strip()):
        return False
    return bool(
        _PERSON.search(unit.text.plain)
        or _REACH.match(unit.folded.strip())
        or re.search(r"(?<!\w)@[\w-]+|[\w.+-]+@[\w-]+\.\w+", unit.folded)
    )


def _reaches(unit: Unit) -> bool:
    return bool(_REACH.search(unit.folded)) or any(
        link.target.startswith(("mailto:", "http")) for link in unit.text.links
    )


def lineage(look: Look) -> Evidence:
    """Ask for the code's commit and a digest of the data."""
    everywhere = [*look.own, *look.elsewhere]
    return evidence({"commit": first(everywhere, _has(_COMMIT)), "data_digest": first(everywhere, _has(_DATA_DIGEST))})


def monitoring(look: Look) -> Evidence:
    """Ask for a signal that is watched, and how often or from which value on."""
    return evidence({"signal": first(look.own, _has(_SIGNAL)), "when": first(look.own, _has(_CADENCE))})


def rollback(look: Look) -> Evidence:
    """Ask for what is gone back to."""
    return evidence({"target": first(look.own, _has(_TARGET))})


def retraining(look: Look) -> Evidence:
    """Ask for what sets off a new training: a calendar, a drift, a fall."""
    line = first(
        look.own,
        lambda unit: (
            bool(_CADENCE.search(unit.folded) or _SIGNAL.search(unit.folded)) and len(specific(unit.folded)) >= 2
        ),
    )
    if line is None:
        line = first(
            look.elsewhere,
            lambda unit: (
                bool(re.search(r"\bre-?train|\b(?:fitted|trained) again|reentren|retrein", unit.folded))
                and bool(re.search(r"\b(?:when|if|every|each|once|cuando|si|cada|quando|se)\b", unit.folded))
            ),
        )
    return evidence({"trigger": line})


def retirement(look: Look) -> Evidence:
    """Ask for the condition that ends the model's service."""
    line = first(look.own, lambda unit: len(specific(unit.folded)) >= 2)
    if line is None:
        line = first(
            look.elsewhere,
            lambda unit: (
                bool(
                    re.search(
                        r"\b(?:retire[ds]?|decommission\w*|sunset|withdrawn|end of life|se retira\w*"
                        r"|dara de baja|aposentad\w+|desativad\w+)\b",
                        unit.folded,
                    )
                )
                and bool(re.search(r"\b(?:when|if|once|after|on|by|cuando|si|tras|quando|apos|se)\b", unit.folded))
            ),
        )
    return evidence({"condition": line})


def retired(look: Look) -> Evidence:
    """Ask why and when the model was retired, and what is kept of it."""
    units = look.own
    return evidence(
        {
            "reason": first(units, lambda unit: len(specific(unit.folded)) >= 2),
            "date": first(
                units, lambda unit: has_period(unit.folded) or bool(re.search(r"(?:19|20)\d{2}", unit.folded))
            ),
            "kept": first(
                units,
                lambda unit: bool(
                    re.search(
                        r"\b(?:kept|keep|archived?|retained|stored|remain\w*|deleted|conserv\w+|archiv\w+"
                        r"|guard\w+|mant\w+|arquiv\w+)\b",
                        unit.folded,
                    )
                ),
            ),
        }
    )


def _has(pattern: re.Pattern[str]):  # type: ignore[no-untyped-def]
    return lambda unit: pattern.search(unit.folded) is not None
