"""Model details: a name, a type or an algorithm, and a version or a date."""

from __future__ import annotations

import re

from pytest_mlgate.cards.blanks import blanks_in
from pytest_mlgate.cards.form import Card, Text
from pytest_mlgate.cards.rules.evidence import Evidence, Look, evidence, first
from pytest_mlgate.cards.units import Unit
from pytest_mlgate.cards.words import OTHER_MODEL, any_of, fold

_TYPES = any_of(
    r"""
    classifiers?|classification(?: model)?|classif(?:y|ies)|regress(?:ion|or)s?|transformers?|\w*bert\w*|xgboost
    xgb\w*|light ?gbm|lgbm\w*|cat ?boost\w*
    (?:random|isolation|extra|survival) (?:forest|trees?)s?|gradient[- ]boost\w*|(?:hist)?gradientboosting\w*|gbm
    gbdt|boosted trees?|boosting|bagging
    decision trees?|logistic(?: regression)?|linear (?:model|regression|svm|svc)|ridge|lasso|elastic ?net|glm|gam
    poisson|cox(?: model)?
    (?:deep |convolutional |recurrent |graph |feed-?forward )?neural net(?:work)?s?|[a-z]{0,2}nn|cnn|rnn|lstm|gru|mlp
    perceptron|unet|u-net|res-?net\w*
    efficientnet\w*|mobilenet\w*|vgg\w*|vit|yolo\w*|faster r-cnn|mask r-cnn|svm|svc|support vector \w+|k-?means|k-?nn
    nearest[- ]neighbou?rs?|naive bayes
    gaussian process(?:es)?|hidden markov|hmm|crf|arima\w*|sarima\w*|prophet|exponential smoothing|ets|kalman
    bayesian (?:network|model|regression)
    gpt\w*|llama\w*|mistral\w*|t5|large language model|llm|language model|encoder(?:-decoder)?|decoder(?:-only)?
    seq2seq|diffusion(?: model)?|gan|vae
    autoencoder|word2vec|fasttext|embeddings?(?: model)?|sentence[- ]transformers?|matrix factori[sz]ation
    collaborative filtering|factori[sz]ation machines?
    recommender|ranker|learning[- ]to[- ]rank|lambdamart|clustering|topic model|anomaly detect\w+|ensembles?
    stack(?:ed|ing)|fine-?tuned?|detectors?
    segmentation(?: model)?|object detection|tagger|parser|forecast(?:er|ing)?(?: model)?|scorecard|rule[- ]based
    decision rules|tf-?idf|whisper\w*|wav2vec\w*
    [\w']+s? (?:method|algorithm)|estimators?|pipeline|survival model|time series model|reinforcement learning
    q-learning|dqn|ppo
    histgradientboostingclassifier
    clasificador(?:a|es)?|clasificacion|regresion(?: lineal| logistica)?|regresor|red(?:es)? neuronal(?:es)?
    bosques? aleatorios?|arbol(?:es)?(?: de decision)?
    potenciacion del gradiente
    modelo (?:de (?:lenguaje|regresion|clasificacion|ranking|series temporales)|lineal|predictivo|estadistico|bayesiano)
    maquinas? de (?:vectores|soporte)\w*|vecinos mas cercanos|agrupamiento|conglomerados|recomendador|detector
    serie temporal|mezcla de expertos
    classificador(?:a|es)?|classificacao|regressao(?: linear| logistica)?|rede(?:s)? neura(?:l|is)|floresta aleatoria
    arvores?(?: de decisao)?
    modelo (?:de linguagem|linear|de regressao|de classificacao)|maquina de vetores|agrupamento|ajuste fino
    [\w-]+ (?:recognition|detection|translation|summari[sz]ation|generation|prediction|matching|ranking) model
    modelo de (?:reconocimiento|deteccion|traduccion|prediccion|reconhecimento|deteccao|traducao|previsao)
    """
)
_TYPE_LABELS = any_of(
    r"(?:model )?(?:type|architecture|algorithm|family|class|technique|method|estimator|approach|task"
    r"|problem type|kind|architecture family)s?"
    r"|tipo(?: de modelo)?|arquitectura|algoritmo|tecnica|familia|metodo|tarea|arquitetura|estimador"
    r"|tipo de problema|model type"
)
_NAME_LABELS = any_of(
    r"name|(?:model|system|tool|algorithm|product) name|nom(?:bre|e) d(?:el|o) (?:sistema|modelo|algoritmo)"
    r"|model(?: name| id)?|model card for|nombre(?: del modelo)?|modelo|nome(?: do modelo)?|identificador"
    r"|id|title|titulo|product|system name"
)
_DATE_LABELS = any_of(
    r"(?:model )?(?:version|release|revision|date|build|tag|updated|created|published|released)(?: date"
    r"| number)?|last (?:updated?|trained|modified|reviewed)"
    r"|(?:trained|training|creation|publication|model|card|deployment) date|date (?:trained|of \w+)|year"
    r"|trained (?:on|at|in)|fitted (?:on|at)|snapshot"
    r"|version(?: del modelo| actual)?|fecha(?: de \w+)?|ultima (?:actualizacion|revision|version)"
    r"|actualizad[oa]|ano|creado|publicado|revision"
    r"|versao(?: do modelo)?|data(?: de \w+)?|ultima atualizacao|atualizado em|model date"
)
_OF_OTHERS = any_of(
    r"python|scikit-learn|sklearn|pytorch|torch|tensorflow|keras|transformers|library|framework|software"
    r"|package|dataset|data ?set|datos|dados|data version"
    r"|schema|cuda|api|tokenizers|datasets|numpy|pandas|xgboost|lightgbm|catboost|libreria|biblioteca|docker"
    r"|r version|spacy|onnx|runtime|hardware|java"
    r"|training data|citation|cita|license|licencia"
)
_VERSION = re.compile(
    r"(?<![\w.])(?:v(?:ersion(?:es)?|ersao|er)?\.? ?\d+(?:\.\d+){0,3}[a-z]?\d*|(?:release|rev(?:ision)?|build"
    r"|tag|edition|edicion|iteration|generation) "
    r"(?:r|v|no\.? ?|#)?\d[\w.]*)(?!\w)"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|enero"
    r"|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre|ene|abr|ago"
    r"|dic|janeiro|fevereiro|marco|maio|junho"
    r"|julho|setembro|outubro|novembro|dezembro|fev|mai|out|dez)\.?"
)
_DATE = re.compile(
    rf"(?<![\w/])(?:(?:0?[1-9]|1[0-2])/(?:19|20)\d{{2}}|(?:19|20)\d{{2}}[-/.](?:0?[1-9]|1[0-2])(?:[-/.]\d{{1,2}})?"
    rf"|\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:19"
    rf"|20)\d{{2}}|(?:\d{{1,2}}(?:st|nd|rd|th)? (?:de |of )?)?"
    rf"{_MONTH}(?: \d{{1,2}},?)?(?:,? | de | del )(?:19|20)\d{{2}}|q[1-4][ /-]?(?:19|20)\d{{2}}|(?:19"
    rf"|20)\d{{2}}[ -]?q[1-4]|(?:19|20)\d{{2}}[- ]?w\d{{2}})(?!\w)"
)
_MADE_IN = re.compile(
    r"\b(?:released|trained|developed|built|updated|published|created|fitted|deployed|made|version|entrenad[oa]"
    r"|desarrollad[oa]|publicad[oa]|cread[oa]|actualizad[oa]"
    r"|ajustad[oa]|treinad[oa]|desenvolvid[oa]|publicad[oa]|atualizad[oa])\b[^.]{0,40}\b(?:19|20)\d{2}\b"
)
_ACADEMIC = re.compile(r"\b(?:curso|academic year|course|ano letivo|edicion|edition) (?:19|20)\d{2}")
_OF_THE_DATA = re.compile(r"\b(?:data|datos|dados|records|registros|from|between|de|desde|entre)\b[^.]{0,30}$")
_GENERIC_TITLE = re.compile(
    r"\b(?:model|models?|card|cards|modelcard|ficha|tecnica|tarjeta|del?|cartao|d[oe]|modelo|for|para|of|the"
    r"|documentation|documentacion|documentacao|readme|report"
    r"|informe|template|plantilla|overview|details|description|example|ejemplo|my|our|a|an|el|la|un|una|o|ml"
    r"|machine|learning|untitled|draft|borrador)\b"
)
_IS_A = re.compile(
    r"[\s*_\"'(-]*(?:the |el |la |o |a )?(?P<name>[^\W_][\w.+/-]*(?: [^\W_][\w.+/-]*){0,5}?),? (?:is|es"
    r"|e) (?:an?|un|una|um|uma|our|the|el|la|nuestro)\b"
)
_CALLED = re.compile(
    r"\b(?:called|named|known as|codename|llamado|denominado|conocido como|chamado|denominado) [\"'`]?\w"
)
_NO_NAME = re.compile(
    r"(?:this|it|the|our|its|that|here|there|which|what|each|este|esta|esto|nuestro|isto|ele|ela|the model"
    r"|model|modelo|purpose|goal|task|objetivo|result)\b.*"
)


def details(look: Look) -> Evidence:
    """Ask for a name, a type or an algorithm, and a version or a date."""
    near = [*look.own, *(unit for unit in look.elsewhere if not look.ids(unit) or unit.label)]
    return evidence(
        {
            "name": _name(look, near),
            "type": _type(look),
            "version": _version(look, near),
        }
    )


def is_detail(unit: Unit) -> bool:
    """Whether a unit is the value of a label that details of a model have."""
    if not unit.label or unit.label in ("class", "task", "method", "approach", "id"):
        return False
    return any(labels.fullmatch(unit.label) for labels in (_NAME_LABELS, _TYPE_LABELS, _DATE_LABELS))


def _name(look: Look, near: list[Unit]) -> int | None:
    card = look.card
    if named_by_title(card.title):
        return next((s.line for s in card.sections if s.heading.plain.split() == card.title.split()), 1)
    front = card.front_matter
    if any(isinstance(front.get(key), str) and front[key].strip() for key in ("model_name", "name", "model")):
        return card.front_matter_lines[0] if card.front_matter_lines else 1
    line = first(near, lambda unit: bool(_NAME_LABELS.fullmatch(unit.label)) and bool(unit.text))
    if line is not None:
        return line
    return first([*look.own, *look.elsewhere[:6]], _names_itself)


def named_by_title(title: str) -> bool:
    """Whether a title names the model, and not only the kind of document."""
    text = Text(plain=title)
    folded = fold(title)
    left = list(folded)
    for blank in blanks_in(text, folded):
        left[blank.start : blank.end] = " " * (blank.end - blank.start)
    rest = re.sub(r"[^\w]+", " ", _GENERIC_TITLE.sub(" ", "".join(left))).strip()
    return bool(re.search(r"[^\W_]{2}", rest))


def _names_itself(unit: Unit) -> bool:
    if unit.kind == "row":
        return False
    found = _IS_A.match(unit.folded)
    if found and not _NO_NAME.fullmatch(found.group("name")):
        start, end = found.span("name")
        name = unit.text.plain[start:end]
        if re.search(r"[A-Z0-9_-]", name) or unit.text.bold or unit.text.in_code(start, end):
            return True
    if re.search(r"\b(?:model|modelo|system|sistema|classifier|clasificador)\b,? [\"'`“«]\w", unit.folded):
        return True
    if re.match(r"\W?[\"'“«][^\"'”»]{2,40}[\"'”»]", unit.text.plain):
        return True
    opens = re.match(r"\W*", unit.text.plain)
    start = opens.end() if opens else 0
    if any(a <= start < b for a, b in unit.text.bold) and re.match(r"[A-Z0-9]|[a-z]+[-_\d]", unit.text.plain[start:]):
        return True
    return unit.text.in_code(start, start + 1) or _CALLED.search(unit.folded) is not None


def _type(look: Look) -> int | None:
    labelled = first(
        [*look.own, *look.elsewhere],
        lambda unit: (
            bool(unit.label) and bool(_TYPE_LABELS.fullmatch(unit.label)) and bool(unit.text) and unit.kind != "code"
        ),
    )
    own = first(look.own, lambda unit: _TYPES.search(unit.folded) is not None)
    if own is not None or labelled is not None:
        return own if own is not None else labelled
    if _TYPES.search(fold(look.card.title)):
        return 1
    return first(look.elsewhere, lambda unit: unit.kind != "code" and _own_type(unit))


def _own_type(unit: Unit) -> bool:
    for match in _TYPES.finditer(unit.folded):
        if not OTHER_MODEL.search(unit.folded, max(0, match.start() - 40), match.start()):
            return True
    return False


def _version(look: Look, near: list[Unit]) -> int | None:
    title = fold(look.card.title)
    if re.search(r"(?<![a-z])v\d+(?:\.\d+)*(?!\w)|\b\d+\.\d+(?:\.\d+)?\b|version \d", title):
        return 1
    everywhere = [*look.own, *look.elsewhere]
    labelled = first(everywhere, _dated_label)
    if labelled is not None:
        return labelled
    line = first(near, _dated)
    if line is not None:
        return line
    headings = [one for one in look.card.sections if not one.ids and one.heading]
    for one in headings[:6]:
        folded = fold(one.heading.plain)
        if _VERSION.search(folded) or _DATE.search(folded) or _ACADEMIC.search(folded):
            return one.line
    history = [unit for unit in look.elsewhere if "changes" in look.ids(unit)]
    return first(
        history,
        lambda unit: bool(
            _VERSION.search(unit.folded) or _DATE.search(unit.folded) or re.search(r"\b\d+\.\d+\b", unit.folded)
        ),
    )


def _dated_label(unit: Unit) -> bool:
    if not unit.label or not _DATE_LABELS.fullmatch(unit.label) or _OF_OTHERS.search(unit.label):
        return False
    if re.match(r"(?:trained|fitted)", unit.label):
        return bool(_DATE.search(unit.folded) or re.search(r"\b(?:19|20)\d{2}\b", unit.folded))
    return bool(re.search(r"\d", unit.folded)) or bool(re.fullmatch(r"[\w.-]{3,40}", unit.folded.strip()))


def _dated(unit: Unit) -> bool:
    if unit.kind == "code" or (unit.label and _OF_OTHERS.search(unit.label)):
        return False
    for match in _VERSION.finditer(unit.folded):
        if not _OF_OTHERS.search(unit.folded, max(0, match.start() - 25), match.start()):
            return True
    for match in _DATE.finditer(unit.folded):
        if not _OF_THE_DATA.search(unit.folded[max(0, match.start() - 60) : match.start()]):
            return True
    return _MADE_IN.search(unit.folded) is not None


def title_of(card: Card) -> str:
    """Return the model's name as the title gives it; empty where it names none."""
    return card.title if named_by_title(card.title) else ""
