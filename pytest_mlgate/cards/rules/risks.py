"""Limitations, and ethical considerations."""

from __future__ import annotations

import re

from pytest_mlgate.cards.rules.evidence import Evidence, Look, evidence, first, said, specific
from pytest_mlgate.cards.rules.use import is_negated_use
from pytest_mlgate.cards.units import Unit
from pytest_mlgate.cards.words import GROUP_VALUES, fold

_WEAK = re.compile(
    r"\b(?:(?:perform|work|do|score|rank|generali[sz]e)(?:s|es|ed)? (?:\w+ ){0,2}?(?:worse|poorly|badly"
    r"|less well)|(?:less|not|in)[ -]?(?:accurate|reliable|precise|calibrated)|fail(?:s|ed|ures?)?|struggl\w+"
    r"|degrad\w+|deteriorat\w+|drops?|falls?"
    r"|unreliable|confus\w+|misses|misclassif\w+|under-?estimat\w+|over-?estimat\w+|under-?represent\w+"
    r"|overfit\w*|hallucinat\w+|cannot|can't|does not (?:\w+ )?(?:generali[sz]e|handle|cover|work|capture"
    r"|account|support|know|see|model|include|apply|react|consider"
    r"|understand)|do(?:es)? not (?:extrapolate|transfer)|may not (?:\w+ )?(?:generali[sz]e|hold|transfer|work"
    r"|apply|be)|not (?:handled|covered|supported|modell?ed|captured)|not (?:been )?(?:tested|evaluated"
    r"|validated|trained|calibrated|covered|represented"
    r"|included) (?:on|for|in|with|outside|beyond|by)|untested|unvalidated"
    r"|never (?:tested|evaluated|seen|validated)|only (?:covers?|contains?|trained|english|tested|works?|valid"
    r"|includes?|sees|supports?|knows)|limited (?:to|by)|limitations?|sensitive to|depends? on|requires?"
    r"|outdated|stale|small sample|few (?:examples|samples|rows|cases)|too (?:few|sure"
    r"|confident|optimistic)|noisy|bias(?:ed)? towards?|assum\w+|higher error|larger error|errors? (?:rises?"
    r"|grows?|increases?|is higher|are higher)|caution|caveat|weak(?:er|ness)?|poor(?:er)?|worse"
    r"|out-of-distribution|drift)\b"
    r"|\b(?:(?:rinde|funciona|generaliza|predice|acierta|se comporta) (?:\w+ )?(?:peor|mal|menos)"
    r"|menos (?:fiable|preciso|exacto)|fall[ao]n?|se degrada|empeora|subestima|sobre-?estima"
    r"|infrarrepresentad\w+|poco representad\w+|no (?:generaliza|cubre|contempla|captura|tiene en cuenta"
    r"|funciona|incluye|se ha (?:probado|validado|evaluado)|ha sido (?:probad|validad|evaluad)\w+|distingue"
    r"|extrapola|reconoce|hay datos)|solo (?:cubre|contiene|se ha|incluye|funciona|es valid\w+|datos)"
    r"|limitad[oa] a|sensible a|depende de|pocos (?:datos|casos|ejemplos)|sin (?:datos|validar)"
    r"|sesgad\w+ hacia|limitacion(?:es)?|cautela|error (?:mayor|sube|crece|aumenta)|mayor error|debil\w*"
    r"|baja (?:calidad|precision))\b"
    r"|\b(?:(?:funciona|generaliza|desempenha) (?:\w+ )?(?:pior|mal|menos)|menos (?:confiavel|preciso)|falha"
    r"|degrada|piora|subestima|superestima|sub-?representad\w+|nao (?:generaliza|cobre|captura|considera"
    r"|funciona|inclui|foi (?:testad|validad|avaliad)\w+|distingue)"
    r"|apenas (?:cobre|contem|inclui|dados)|limitad[oa] a|poucos (?:dados|casos|exemplos)|sem dados"
    r"|limitac(?:ao|oes))\b"
)
_RISK = re.compile(
    r"\b(?:faces|names|addresses|identit(?:y|ies)|lives?|die|death|vida|muerte|caras|nombres|rostros)\b|"
    r"\b(?:bias\w*|discriminat\w+|unfair\w*|unequal\w*|harm\w*|privacy|private|personal (?:data|information)"
    r"|sensitive|stereotyp\w*|misus\w+|abus\w+|stigma\w*|surveil\w+|disadvantag\w+|inequal\w+|inequit\w+"
    r"|vulnerab\w+|exclu\w+|mislead\w*|misinform\w*|disinform\w*|toxic\w*"
    r"|offensive|hallucinat\w+|false(?:ly)? (?:alarms?|positives?|negatives?|accus\w+|flag\w*)|false(?:ly)?"
    r"|wrong(?:ly|ful\w*)?|den(?:y|ied|ial|ials|ying)|profil\w+|re-?identif\w+|anonymi[sz]\w+|pseudonym\w+"
    r"|consent|gdpr|rgpd|lgpd|hipaa|automation bias|over-?rel\w+|accountab\w+"
    r"|human (?:review|oversight|in the loop)|appeal|contest\w*|transparen\w+|explain\w*|risks?|fair\w*"
    r"|disparit\w+|disproportion\w+|under-?serv\w+|safety|injur\w+|loss(?:es)?|threat\w*|worse for"
    r"|less (?:often|accurate) for|miss(?:es|ed)?|depriv\w+|penali[sz]\w+|burden\w*|cost\w*|impact\w*|affect\w*"
    r"|sesg\w+|discrimin\w+|injust\w+|desigual\w*|danos?|perjudic\w+|perjuicio\w*|privacidad|datos personales"
    r"|sensibles?|estereotip\w+|estigma\w*|vigilancia|vulnerab\w+|exclu\w+|enganos\w+|falsos? (?:positivos?"
    r"|negativos?)|deneg\w+|rechaz\w+|perfil\w*|anonimi\w+|seudonim\w+|consentimiento"
    r"|supervision humana|revision humana|riesgos?|equidad|afect\w+|impact\w+|reclam\w+|explicab\w+"
    r"|vies\w*|preconceito\w*|injustic\w+|prejudic\w+|privacidade|dados pessoais|sensiveis|estereotip\w+"
    r"|vigilancia|exclus\w+|falsos? (?:positivos?|negativos?)|negad\w+|negar|riscos?|equidade|afeta\w*"
    r"|impacto\w*|consentimento|revisao humana)\b"
)
_AFFECTED = re.compile(
    r"\b(?:wom[ae]n|m[ae]n|gender|sex|race|racial|ethnic\w*|minorit\w+|ages?|aged|older|elderly|young\w*"
    r"|child(?:ren)?|disab\w+|religio\w+|migrant\w*|immigrant\w*|patients?|customers?|clients?|applicants?"
    r"|citizens?|employees?|workers?|drivers?|passengers?|students?|pupils?|residents?|borrowers?"
    r"|tenants?|people|persons?|individuals?|communit\w+|families|households?|population|protected|demographic"
    r"|speakers?|candidates?|defendants?|authors?|annotators?|nurses?|doctors?|clinicians?|farmers?|consumers?"
    r"|subscribers?|groups?|neighbou?rhoods?|districts?|poor(?:er)?|visitors?|guests?|members|callers?|tourists?|parents?|teachers?"
    r"|voters?|participants?|victims?|survivors?|carriers?|travell?ers?|owners?|buyers?|sellers?"
    r"|mujer\w*|hombres?|genero|sexo|raza|etni\w+|minoria\w*|edad\w*|mayores|jovenes|ninos|discapacidad\w*"
    r"|migrantes?|inmigrantes?|pacientes?|clientes?|solicitantes?|ciudadan\w+|emplead\w+|trabajador\w*"
    r"|conductor\w*|pasajer\w+|estudiantes?|alumn\w+|vecin\w+|personas?|familias?|hogares|poblacion|colectivos?"
    r"|grupos?|barrios?|mulher\w*|homens?|raca|idos\w+|idade|jovens|criancas|deficien\w+|usuarios?|cidada\w+"
    r"|funcionari\w+|pessoas?|populac\w+|candidat\w+|users?)\b"
)
_BOILERPLATE = re.compile(
    r"\b(?:may|might|can|could|puede|podria|pode) (?:also )?(?:contain|reflect|exhibit|have|inherit|produce"
    r"|contener|reflejar|tener|conter|refletir) (?:\w+ ){0,3}(?:bias(?:es)?|errors|sesgos?|vies(?:es)?|errores"
    r"|mistakes)\b"
)
_HARDLY = frozenset(
    (
        *(
            "may",
            "well",
            "still",
            "produce",
            "reflect",
            "reflects",
            "inherit",
            "correct",
            "incorrect",
            "reliable",
            "unreliable",
            "situations",
            "situation",
            "scenarios",
            "scenario",
            "conditions",
            "work",
            "works",
            "fully",
            "generally",
            "overall",
        ),
        *(
            "responsibly",
            "responsible",
            "ethically",
            "aware",
            "considered",
            "consider",
            "account",
            "taken",
            "seriously",
            "values",
            "value",
            "society",
            "social",
            "appropriate",
            "appropriately",
            "proper",
            "properly",
            "avoid",
            "minimize",
            "minimise",
            "mitigate",
            "reduce",
        ),
        *(
            "perfecto",
            "siempre",
            "situaciones",
            "responsable",
            "responsablemente",
            "adecuado",
            "contexto",
            "context",
            "interpret",
            "interpreted",
            "interpretar",
            "final",
            "expected",
            "like",
            "real",
            "world",
            "real-world",
            "mundo",
            "future",
            "futuro",
            "time",
            "tiempo",
            "fallar",
            "fail",
            "fails",
            "falla",
        ),
        *(
            "every",
            "similar",
            "unexpected",
            "unknown",
            "unseen",
            "new",
            "nuevos",
            "depende",
            "calidad",
            "garantiza",
            "garantizado",
            "guarantee",
            "guaranteed",
            "completely",
            "correctly",
            "correctamente",
            "cuidado",
            "precaucion",
            "considerations",
            "inclusive",
            "trustworthy",
            "committed",
            "comprometidos",
        ),
    )
)


def limitations(look: Look) -> Evidence:
    """Ask for at least one specific condition under which the model is worse, or was not tried."""
    line = first(
        look.own, lambda unit: unit.kind != "code" and any(_is_condition(sentence, unit) for sentence in said(unit))
    )
    if line is None:
        line = first(
            look.elsewhere,
            lambda unit: (
                unit.kind in ("text", "item", "row")
                and not _about_others(look, unit)
                and any(map(_tells_a_weakness, said(unit)))
            ),
        )
    return evidence({"condition": line})


def _about_others(look: Look, unit: Unit) -> bool:
    return bool(
        {"monitoring", "retraining", "rollback", "how_to_use", "owner", "license", "changes"} & set(look.ids(unit))
    )


def _is_condition(sentence: str, unit: Unit) -> bool:
    own = specific(sentence, _HARDLY)
    if len(sentence.split()) < 3 and not unit.label:
        return False
    return len(own) >= 2 and not (_BOILERPLATE.search(sentence) and len(own) < 4)


def _tells_a_weakness(sentence: str) -> bool:
    return (
        bool(_WEAK.search(sentence))
        and len(specific(sentence, _HARDLY)) >= 4
        and not is_negated_use(sentence)
        and not _METHOD.search(sentence)
    )


_METHOD = re.compile(
    r"\b(?:we (?:removed|dropped|excluded|filtered|fixed|tuned|chose)|loss function|early stopping|installation"
    r"|install|import|licen[cs]ed|must be|should be|requirements?)\b"
)


def ethics(look: Look) -> Evidence:
    """Ask for a risk or an affected group, said of this model."""
    line = first(look.own, lambda unit: unit.kind != "code" and any(_is_risk(sentence) for sentence in said(unit)))
    if line is None:
        line = first(look.own, _risk_across_sentences)
    if line is None:  # below "Privacy" every statement is about privacy
        line = first(look.own, lambda unit: _told_by_heading(look, unit) and len(specific(unit.folded, _HARDLY)) >= 4)
    if line is None:
        line = first(
            look.elsewhere,
            lambda unit: (
                unit.kind in ("text", "item", "row")
                and not _about_others(look, unit)
                and any(map(_tells_a_risk, said(unit)))
            ),
        )
    return evidence({"risk": line})


def _told_by_heading(look: Look, unit: Unit) -> bool:
    return _NAMED_RISK.search(fold(look.card.sections[unit.section].heading.plain)) is not None


_NAMED_RISK = re.compile(
    r"\b(?:privacy|data protection|discriminat\w+|harms?|safety|privacidad\w*|proteccion de datos|danos)\b"
)


def _is_risk(sentence: str) -> bool:
    own = specific(sentence, _HARDLY)
    named = bool(_RISK.search(sentence)) or bool(_AFFECTED.search(sentence)) or bool(GROUP_VALUES.search(sentence))
    return named and len(own) >= 2 and not (_BOILERPLATE.search(sentence) and len(own) < 3)


def _risk_across_sentences(unit: Unit) -> bool:
    return bool(_RISK.search(unit.folded) or _AFFECTED.search(unit.folded)) and len(specific(unit.folded, _HARDLY)) >= 6


_GRAVE = re.compile(
    r"\b(?:bias(?:ed|es)?|discriminat\w+|unfair\w*|harm\w*|privacy|personal (?:data|information)|stereotyp\w*"
    r"|stigma\w*|disadvantag\w+|inequal\w+|vulnerab\w+|gdpr|rgpd|lgpd|consent|wrongly|denied|disparit\w+"
    r"|disproportion\w+|fairness|under-?serv\w+|protected (?:group|attribute|characteristic)s?"
    r"|sesg\w+|discrimin\w+|injust\w+|privacidad|datos personales|estereotip\w+|perjudic\w+|vulnerab\w+"
    r"|deneg\w+|vies|vieses|preconceito\w*|privacidade|dados pessoais|prejudic\w+)\b"
)


def _tells_a_risk(sentence: str) -> bool:
    return (
        bool(_GRAVE.search(sentence))
        and bool(_AFFECTED.search(sentence) or GROUP_VALUES.search(sentence))
        and len(specific(sentence, _HARDLY)) >= 3
        and not _METRIC_ONLY.search(sentence)
    )


_METRIC_ONLY = re.compile(r"\b(?:bias term|bias-variance|intercept|weights and biases|wandb)\b")
