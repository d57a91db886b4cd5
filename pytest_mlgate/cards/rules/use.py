"""Intended use, and what the model must not be used for."""

from __future__ import annotations

import re

from pytest_mlgate.cards.rules.evidence import Evidence, Look, evidence, first, said, specific, words
from pytest_mlgate.cards.units import Unit

_TASK = re.compile(
    r"\b(?:classif|predict|detect|rank|forecast|estimat|recommend|segment|translat|summari|generat|scor(?:e|es"
    r"|ing)\b|screen|flag|priorit|triage|identif|extract"
    r"|recogni|cluster|answer|assist|match|search|retriev|filter|moderat|monitor|diagnos|decid|decision|assess"
    r"|sort|route|routing|tag|label|spot|alert|plan|allocat"
    r"|anticipat|quantif|measur|compar|select|choos|help|support|transcri|embed|complet|imput|pric|optimi"
    r"|schedul|underwrit|review|grade|grading|grad|simulat"
    r"|clasific|predec|predic|detec|orden|pronostic|estim|recomend|segment|traduc|resum|gener|puntu|cribad"
    r"|senal|prioriz|identific|extra|reconoc|agrup|respond|ayud"
    r"|asist|busc|filtr|diagnostic|decidir|decision|evaluar|planific|asign|anticip|cuantific|compar|selec|apoy|calcul"
    r"|classific|prever|previs|preve|orden|prior|traduz|gera|pontu|apoi|ajud)\w*"
)
_MEANT = re.compile(
    r"\b(?:(?:intended|designed|meant|built|developed|created|used|useful|suitable|helpful|deployed"
    r"|trained) (?:primarily |mainly |only |solely |specifically |internally )?"
    r"(?:to|for|as|by|in)\b|(?:aims?|serves?|helps?|supports?|assists?|allows?|enables?) (?:to |for |in "
    r"|with )?|(?:purpose|goal|aim|objective|task|job|use)(?: of [\w\s]{1,40})? is\b"
    r"|can be used\b|is used\b|use it (?:to|for)\b|we use (?:it|this)\b"
    r"|(?:disenad|pensad|destinad|creada?|desarrollad|orientad|concebid|previst|entrenad)[oa]?s? (?:para|a)\b"
    r"|se (?:usa|utiliza|emplea|destina|usara)\b|sirve (?:para|de)\b"
    r"|(?:objetivo|proposito|finalidad|fin)(?: del? [\w\s]{1,40})? (?:es|consiste)\b|ayuda a\b|permite\b"
    r"|para (?:predecir|clasificar|detectar|estimar|ordenar|priorizar|ayudar|apoyar)"
    r"|destina-se\b|(?:projetad|desenvolvid|criad|destinad|pensad|usad|utilizad)[oa]s? (?:para|a)\b"
    r"|serve para\b|(?:objetivo|finalidade) (?:do [\w\s]{1,30} )?e\b|ajuda a\b)"
)
_ACTS = (
    r"(?:predicts?|classifies|detects?|ranks?|forecasts?|estimates?|recommends?|segments?|translates?|summari[sz]es"
    r"|generates?|scores?|flags?|prioriti[sz]es?|identifies|extracts?|recogni[sz]es|answers|assigns?|tells?"
    r"|sorts?|routes?"
    r"|labels?|tags?|transcribes|reads|says|marks|finds|shows|gives|suggests|proposes|guesses|counts|rewrites|writes"
    r"|converts|turns|matches|picks|locates|spots|decides|helps|supports|puts|orders|computes|maps|warns"
    r"|predice|clasifica|detecta|ordena|pronostica|estima|recomienda|segmenta|traduce|resume|genera|puntua"
    r"|senala|prioriza"
    r"|identifica|extrae|reconoce|asigna|calcula|devuelve|transcribe|lee|marca|propone|indica|avisa|encuentra"
    r"|dice|sugiere"
    r"|preve|classifica|recomenda|gera|atribui|sugere|le|transcreve|encontra|avalia|diz)\b"
)
_DOES = re.compile(
    r"\b(?:model|classifier|it|system|tool|network|regressor|forecaster|detector|modelo|sistema|clasificador"
    r"|red|herramienta"
    rf"|classificador|ferramenta|which|that|que)\b[^.;:]{{0,60}}?\b{_ACTS}"
)
_OPENS_BY_DOING = re.compile(rf"\W*(?:[\w'.-]+[;,:]? ){{0,4}}?{_ACTS}")
_TICK = re.compile(r"[✅✔☑]|:white_check_mark:|:heavy_check_mark:")

_USE = (
    r"(?:used?|using|employed|applied|relied|deployed|run|operated|treated|taken|interpreted|consulted"
    r"|considered|acted|trusted|fed|put|repurposed|make|made|decide|determine|replace|substitute|serve)"
)
_NOT_FOR_USE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:must|should|shall|may|can|could|ought)(?: not|n't|not"
        rf"| never)\b(?: \w+){{0,3}}? (?:be )?(?:\w+ly )?{_USE}\b",
        rf"\b(?:cannot|can't|shouldn't|mustn't|never) (?:be )?(?:\w+ly )?{_USE}\b",
        r"(?:^|[.:;,(•|-]\s*|\b(?:please|and|so|but|but please) )(?:please )?(?:do not|don't"
        r"|never) (?:ever )?(?:use|rely|apply|deploy|employ|let|feed|treat|take|base|make|trust|run|act)\b",
        r"\b(?:is|are|was|were|been|it's|isn't|aren't)(?: not|n't)?(?: \w+){0,2}? (?:not "
        r"|never )?(?:\w+ly )?(?:intended|designed|meant|suitable|suited|recommended|appropriate|fit|approved"
        r"|certified"
        r"|authori[sz]ed|licensed|cleared|validated|qualified|to be used)\b(?=.*)",
        r"\bnot (?:\w+ly )?(?:intended|designed|meant|suitable|suited|recommended|appropriate|fit|approved"
        r"|certified|authori[sz]ed|cleared) (?:to|for|as|in|with|on)\b",
        r"\bnot (?:been )?(?:validated|tested|approved|certified|cleared) for (?:\w+ ){0,3}(?:use|uses"
        r"|purposes?|decisions?|deployment|production|clinical|diagnos\w+)\b",
        r"\bnot (?:for|to be) (?:\w+ ){0,3}(?:use|used|uses|purposes?|decisions?|decision-making|production"
        r"|clinical|diagnos\w+|medical|commercial|legal|trading|hiring|screening|scoring|safety)\b",
        r"\bnot an? (?:\w+ ){0,2}(?:substitute|replacement|(?:medical|diagnostic) (?:device|tool|product)"
        r"|basis for|decision[- ]maker)\b",
        r"\bdo(?:es)?(?: not|n't) (?:support|recommend|advise|allow|endorse|permit) (?:\w+ ){0,3}?(?:use|uses"
        r"|using|usage|use cases|applications?)\b",
        r"\bdoes not (?:replace|substitute)\b|\bno substitute for\b|\bin place of (?:a|professional)\b.{0,40}\bnot\b",
        r"\b(?:out[- ]of[- ]scope|off[- ]limits|prohibited|forbidden|disallowed|banned|unacceptable"
        r"|not (?:permitted|allowed|supported))\b",
        r"\b(?:unsuitable|inappropriate|unfit|ill-suited|not ok|not okay) (?:for|to|as)\b|\bmisuse\b",
        r"\b(?:avoid|refrain from|caution(?:ed)? against|advise against|advised against|discourage|discouraged"
        r"|warn against"
        r"|recommend against|recommends against) (?:any |its |the |all )?(?:use|using|uses|relying|applying"
        r"|deploying|usage)\b",
        r"\b(?:use|usage|using it|application)\b[^.;]{0,60}\b(?:is|are) (?:strongly |strictly |explicitly "
        r"|expressly )?(?:discouraged|prohibited|forbidden|excluded|not (?:permitted|allowed|recommended"
        r"|supported|intended|advised))\b",
        r"\bno (?:\w+ ){0,3}(?:decisions?|use|uses|action) (?:\w+ ){0,3}(?:should|may|must|can|shall|is|are)\b",
        r"\b(?:never|not) (?:as )?(?:the )?(?:sole|only) (?:basis|ground|criterion|factor|input)\b",
        # español
        r"\bno (?:se )?(?:debe|deben|deberia|deberian|debera|deberan|puede|pueden|ha de"
        r"|han de)(?:n)?(?: \w+){0,3}? ?(?:usar|utilizar|emplear|aplicar|sustituir|reemplazar|tomar|servir"
        r"|utilizad|usad|emplead|basar|confiar|interpretar)\w*\b",
        r"(?:^|[.:;,(•|-]\s*|\by )no (?:lo )?(?:usar|utilizar|emplear|aplicar|use|utilice|emplee|aplique|uses"
        r"|utilices)(?:lo|la|se)?\b",
        r"\bno (?:esta|ha sido|fue|estan|se ha)(?: \w+){0,2}? (?:disenad|pensad|previst|destinad|validad"
        r"|concebid|indicad|autorizad|homologad|aprobad|certificad|hech)\w*",
        r"\bno (?:es|son|resulta)(?: un| una)?(?: \w+)? ?(?:adecuad|apt|apropiad|valid|recomendable|sustitut"
        r"|dispositivo|producto sanitario|herramienta (?:de )?diagnostic)\w*",
        r"\bno se (?:recomienda|aconseja|permite|autoriza|contempla|usara|utilizara|admite)\b|\bno se (?:usa"
        r"|utiliza|emplea) (?:para|en|como)\b|\bno (?:sustituye|reemplaza)\b|\bno (?:sirve|vale) para\b",
        r"\b(?:queda|quedan|esta|estan|uso)s?(?: \w+){0,4} (?:prohibid|excluid|desaconsejad)\w+"
        r"|\bfuera de(?:l)? alcance\b|\bse desaconseja\b|\bnunca (?:debe|deberia|usar|utilizar|se debe|como)\b",
        r"\b(?:prohibid|desaconsejad)[oa]s? (?:\w+ ){0,4}(?:uso|usar|utilizar|para|en)\b|\bevit(?:ar|e"
        r"|ese) (?:el |su )?(?:uso|usar|usarlo|utilizar)\w*",
        # português
        r"\bnao (?:deve|devem|pode|podem|devera|deveria)(?: \w+){0,3}? ?(?:usad|utilizad|empregad|aplicad|usar"
        r"|utilizar|substituir|empregar|servir|tomad|basear)\w*",
        r"\bnao (?:foi|esta|e|sao|foram)(?: um| uma)?(?: \w+){0,2}? ?(?:projetad|destinad|desenhad|indicad"
        r"|adequad|apropriad|recomendad|validad|pensad|desenvolvid|substitut)\w*",
        r"(?:^|[.:;,(•|-]\s*)nao (?:o )?(?:usar|utilizar|use|utilize|empregar)\b|\bnao substitui\b"
        r"|\bnao se (?:recomenda|destina)\b|\bfora d[oe] escopo\b|\b(?:proibid|desaconselhad)[oa]s?\b",
    )
)
_NEGATED = re.compile(r"\b(?:not|n't|never|cannot|no|nor|neither|nao|nunca|isn't|aren't)\b")
_THE_FOURTH = 3
# What is not used is a column, a set or a person's data, and the model may well be used.
_OF_DATA = re.compile(
    r"\b(?:test set|test data|hold-?out|validation set|data|dataset|features?|columns?|variables?|fields?"
    r"|labels?|attributes?|gender|sex|race|age|information|sample|conjunto"
    r"|datos|columnas?|atributos?|etiquetas?|genero|sexo|edad|dados|colunas?|rows?|records|records?)\b[^.;,]{0,30}$"
)
_AS_FEATURE = re.compile(
    r"\s*(?:(?:as (?:an? )?(?:features?|inputs?|predictors?)|in (?:the )?(?:training|model)|for (?:training"
    r"|fitting|tuning|validation|model selection)|during training|como (?:variables?|entrada)"
    r"|en el entrenamiento|para entrenar))\b"
)
_MAY_RULE_OUT = re.compile(  # spares most sentences the many patterns above
    r"\b(?:not|never|cannot|no|nor|neither|nunca|nao|out|off|avoid|refrain|against)\b|n't|prohib|proib|forbid|banned|disallow"
    r"|unaccept|unsuit|inappropr|unfit|ill-suited|misuse|discourag|desaconsej|desaconselh|exclu|fuera|fora|evit"
)
_CROSS = re.compile(r"[❌✗✘✖🚫⛔❎]|:x:|:no_entry(?:_sign)?:|\[no\]")
_BESIDE = 400  # characters
_AVAILABLE = re.compile(
    r"\bnot (?:\w+ )?(?:available|known|reported|documented|measured|applicable|clear|public|released)\b"
)


def intended_use(look: Look) -> Evidence:
    """Ask for a task or a decision in a statement."""
    own = [unit for unit in look.own if not _only_negated(unit)]
    line = first(
        own,
        lambda unit: (
            unit.kind != "code" and _states_a_use(unit.folded if not unit.label else f"{unit.label} {unit.folded}")
        ),
    )
    if line is None and sum(len(specific(unit.folded)) for unit in own if unit.kind != "code") >= 4:
        line = own[0].line
    if line is None:
        line = first(look.elsewhere, lambda unit: unit.kind != "code" and _says_its_use(look, unit))
    return evidence({"task": line})


def _says_its_use(look: Look, unit: Unit) -> bool:
    if _TICK.search(unit.label_text + unit.text.plain) and len(words(f"{unit.label} {unit.folded}")) >= 3:
        return True
    first_words = not look.ids(unit) or bool({"model_details", "intended_use"} & set(look.ids(unit)))
    for sentence in said(unit):
        if _tells_its_use(sentence) or (
            first_words and not unit.label and _OPENS_BY_DOING.match(sentence) and len(specific(sentence)) >= 4
        ):
            return True
    return False


def _states_a_use(folded: str) -> bool:
    """Whether a text in the section about use names a task, or says enough to be a statement."""
    own = specific(folded)
    return len(own) >= 4 or (len(folded.split()) >= 4 and bool(_TASK.search(folded)) and len(own) >= 2)


def _tells_its_use(sentence: str) -> bool:
    """Whether a sentence anywhere says what the model is for."""
    if is_negated_use(sentence) or len(specific(sentence)) < 3:
        return False
    meant = _MEANT.search(sentence)
    if meant and _TASK.search(sentence):
        return bool(
            re.search(
                r"\b(?:model|classifier|it|tool|system|network|scores?|predictions?|modelo|sistema|clasificador"
                r"|herramienta|classificador|ferramenta|we|to)\b",
                sentence,
            )
        )
    return _DOES.search(sentence) is not None


def _only_negated(unit: Unit) -> bool:
    sentences = [sentence for sentence in said(unit) if words(sentence)]
    return bool(sentences) and all(is_negated_use(sentence) for sentence in sentences)


def out_of_scope(look: Look) -> Evidence:
    """Ask for at least one use that is ruled out, anywhere in the card."""
    line = first(look.own, lambda unit: unit.kind != "code" and len(specific(unit.folded)) >= 1)
    if line is None:
        line = first(
            look.elsewhere,
            lambda unit: unit.kind != "code" and any(is_negated_use(sentence, unit) for sentence in said(unit)),
        )
    return evidence({"negated_use": line})


def _crossed(unit: Unit) -> bool:
    """Whether a cross stands beside a use; far into a long text it says nothing of every sentence."""
    return _CROSS.search(f"{unit.label_text[:_BESIDE]} {unit.text.plain[:_BESIDE]}") is not None


def is_negated_use(sentence: str, unit: Unit | None = None) -> bool:
    """Whether a sentence rules a use out: a negation that is tied to a noun or a verb of use."""
    if unit is not None and len(words(sentence)) >= 2 and _crossed(unit):
        return True
    if not _MAY_RULE_OUT.search(sentence):
        return False
    if _AVAILABLE.search(sentence) and not re.search(r"\bused?\b|\buse\b", sentence):
        return False
    for place, pattern in enumerate(_NOT_FOR_USE):
        for match in pattern.finditer(sentence):
            if place == _THE_FOURTH and not _NEGATED.search(match.group()):
                continue
            if _OF_DATA.search(sentence[: match.start()]) or _AS_FEATURE.match(sentence, match.end()):
                continue
            if len(words(sentence[: match.start()] + " " + sentence[match.end() :])) >= 1:
                return True
    return False
