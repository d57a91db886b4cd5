"""Evaluation data: a named set or split, and how many, of when, or how made."""

from __future__ import annotations

import re

from pytest_mlgate.cards.rules.evidence import Evidence, Look, evidence, first, said, specific
from pytest_mlgate.cards.rules.training_data import VAGUE, has_extent, has_period, has_size, names_source
from pytest_mlgate.cards.units import Unit

_SET = re.compile(
    r"\b(?:test(?:ing)?[ -](?:set|sets|data|split|sample|samples|period|partition|rows|fold|images|portion|part"
    r"|cohort|corpus|recordings)|hold-?out|held[ -]?(?:out|back)|validation (?:set|split|data|fold|sample"
    r"|cohort)"
    r"|dev(?:elopment)? set|eval(?:uation)?[ -](?:set|data|split|dataset|sample|corpus|suite)|out-of-(?:time"
    r"|sample|fold|domain)|cross[- ]?validat\w+|k-fold|\d+[- ]fold|leave-one\w*|unseen|never seen|back-?test\w*"
    r"|rolling"
    r"(?: |-)(?:window|origin)|(?:set|put|kept|left) (?:aside|apart)|reserved|benchmarks?|test set|for testing"
    r"|to test|conjuntos? (?:de datos )?(?:de )?(?:test|pruebas?|evaluacion|validacion)|datos de (?:test|prueba"
    r"|evaluacion|validacion)|validacion (?:cruzada|temporal|externa|interna)|particion (?:de )?(?:test|prueba"
    r"|validacion)|reservad[oa]s?|muestra de (?:prueba|contraste|validacion|test)|fuera de (?:muestra|tiempo)"
    r"|apartad[oa]s?"
    r"|no vist[oa]s|(?:para|de|como) (?:el )?(?:test|pruebas?|evaluacion|validacion)|conjuntos? de (?:teste"
    r"|validacao|avaliacao)|dados de (?:teste|validacao|avaliacao)|validacao cruzada|amostra de teste|(?:para"
    r"|de) (?:teste|validacao)"
    r"|train(?:ing)?[ /-](?:val(?:idation)?[ /-])?test|external (?:cohort|validation|site|data)|test|teste"
    r"|prueba|evaluation (?:is|was) (?:done|carried))\b"
)
_SHARE = re.compile(
    r"\d+(?:[.,]\d+)? ?(?:%|percent|per cent|por ciento) (?:of (?:the |all )?(?:data|rows|records|samples"
    r"|dataset|patients|customers|images|examples|total)|de (?:los |las )?(?:datos|registros|filas|muestras"
    r"|casos"
    r"|clientes|pacientes|total)|del (?:total|conjunto|dataset)|d[oa]s (?:dados|registros|amostras)|random|held"
    r"|hold|test|valid|was|were|split|stratified|aleatori|para|reserv|de test|de prueba|for|sample|out)"
    r"|(?<![\d.])\d{1,2} ?(?:%|percent)? ?[/:-] ?\d{1,2}(?: ?[/:-] ?\d{1,2})? ?(?:%|split|train|random|strat"
    r"|temporal|partition|particion|division|divisao)|\b(?:one|a) (?:fifth|quarter|third|tenth)\b"
    r"|(?<![\d.])(?:90|85|80|75|70|60|50) ?[/:-] ?(?:10|15|20|25|30|40|50)(?: ?[/:-] ?\d{1,2})?(?![\d.])"
    r"|\bhalf of\b|\bun (?:tercio|cuarto|quinto)\b|(?:remaining|restante|other|last|first|ultimo) \d+ ?%"
    r"|\b(?:train|test|validation|val|hold-?out|entrenamiento|prueba|validacion|treino|teste"
    r"|dev)\b[ :=(]{1,3}\d{1,2}(?:[.,]\d)? ?%|\b\d{1,2}(?:[.,]\d)? ?% ?(?:\w+ )?(?:train|test|validation"
    r"|hold-?out|entrenamiento|prueba|validacion|treino|teste)"
)
_PROTOCOL = re.compile(
    r"\b(?:stratif\w+|random(?:ly)?|temporal(?:ly)?|chronolog\w+|time[- ]based|time series split|by (?:patient"
    r"|customer|user|group|date|time|site|hospital|speaker|author|store|month|year|week)|(?:\d+|k|five"
    r"|ten)[- ]fold"
    r"|\d+ (?:folds|pliegues|particiones)|cross[- ]?validat\w+|leave-one-\w+|bootstrap\w*|out-of-time"
    r"|out-of-fold|seed|grouped|group ?k ?fold|nested|blind(?:ed)?|back-?test\w*|rolling|expanding window"
    r"|walk[- ]forward|shuffl\w+"
    r"|disjoint|no overlap|same (?:flights|patients|rows)|after the training|later than|none of (?:which|them)"
    r"|estratificad\w+|aleatori\w+|cronologic\w+|por (?:fecha|paciente|cliente|usuario|centro|semana|mes)"
    r"|validacion cruzada|pliegues|semilla"
    r"|origen movil|origem movel|ventana (?:movil|deslizante)|posteriores?|estratificad\w+|aleatori\w+"
    r"|cronologic\w+|validacao cruzada|semente|por (?:paciente|cliente"
    r"|data)|de forma aleatoria|reserva temporal|corte temporal|official (?:test )?split"
    r"|standard (?:test )?split|published split)\b"
)
_SPLIT_LABELS = re.compile(
    r"(?:test|testing|holdout|hold-out|validation|val|dev|evaluation|eval|prueba|test set|validacion|evaluacion"
    r"|teste|validacao|avaliacao|test split|train/test)(?: (?:set|data|split|size|samples|rows))?"
)


def evaluation_data(look: Look) -> Evidence:
    """Ask for a named set or split, and a size, a share, a period or a protocol."""
    own = [unit for unit in look.own if "metrics" not in look.ids(unit)]
    named = first(own, lambda unit: _names_set(unit) or names_source(unit) or bool(specific(unit.folded, VAGUE)))
    detail = first(own, has_detail)
    if named is None or detail is None:
        for unit in [*look.own, *look.elsewhere]:
            within = "evaluation_data" in look.ids(unit)
            if unit.kind != "code" and any(_tells_of_a_set(unit, sentence, within) for sentence in said(unit)):
                return evidence({"set": unit.line, "detail": unit.line})
    return evidence({"set": named, "detail": detail})


def _names_set(unit: Unit) -> bool:
    return unit.kind != "code" and bool(
        _SET.search(unit.folded) or (unit.label and _SPLIT_LABELS.fullmatch(unit.label))
    )


def has_detail(unit: Unit) -> bool:
    """Whether a unit says how large a set is, which share, of when, or how it was made."""
    if unit.kind == "code":
        return False
    folded = unit.folded if unit.kind == "row" or not unit.label else f"{unit.label}: {unit.folded}"
    return has_extent(unit) or bool(_SHARE.search(folded) or _PROTOCOL.search(folded) or re.search(r"\d ?%", folded))


def _tells_of_a_set(unit: Unit, sentence: str, within: bool) -> bool:
    """Whether a sentence anywhere names a set that the model was judged on, with what says how it was made."""
    if _NOT_DONE.search(sentence):
        return False
    share, protocol = _SHARE.search(sentence), _PROTOCOL.search(sentence)
    named = _SET.search(sentence) or _TESTED_ON.search(sentence) or (unit.label and _SPLIT_LABELS.fullmatch(unit.label))
    kinds = [share, protocol, has_size(sentence), has_period(sentence)]
    if not named:
        return sum(map(bool, kinds)) >= 2 and bool(within or (share and protocol))
    return any(kinds)


_TESTED_ON = re.compile(
    r"\b(?:test|evaluat|validat|measur|assess|check|evalua|probad|validad|medid|avaliad|testad"
    r"|comprobad)\w* (?:\w+ )?(?:on|with|against|over"
    r"|sobre|en|con|em|com)\b(?! (?:the )?(?:same|train))"
)
_NOT_DONE = re.compile(
    r"\b(?:no|without|not) (?:\w+ ){0,3}(?:test set|hold-?out|validation|conjunto de prueba|evaluat\w+|tested"
    r"|separate)\b|\bsin (?:conjunto|validacion|evaluar)\b|\bsem (?:conjunto|validacao)\b"
)
