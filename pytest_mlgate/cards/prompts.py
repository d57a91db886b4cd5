"""Sentences that a template speaks to the author, and the ones it leaves by default."""

from __future__ import annotations

import re

_VERBS = (
    r"describe|provide|list|specify|explain|indicate|state|summari[sz]e|outline|document|mention|detail|discuss"
    r"|include|add|insert|enter"
    r"|fill(?: in)?|give|identify|report|define|link to|write|replace|note|consider|name|complete"
    r"|briefly (?:describe|explain|summari[sz]e|state)"
    r"|indicar|indique|indica|describir|describa|especificar|especifique|especifica|detallar|detalle|detalla"
    r"|incluir|incluya|explicar|explique"
    r"|anadir|anada|completar|complete|completa|rellenar|rellene|rellena|listar|liste|enumerar|enumere|enumera"
    r"|mencionar|mencione|menciona|documentar"
    r"|documente|documenta|aportar|aporte|definir|defina|senalar|senale|identificar|identifique|proporcionar"
    r"|proporcione|insertar|inserte|escribir"
    r"|escriba|resumir|resuma|reportar|adjuntar|adjunte|incluye|explica|define"
    r"|descrever|descreva|listar|informar|informe|preencher|preencha|especifique|detalhar|detalhe|inserir"
    r"|insira|explique|inclua|forneca|liste|cite"
)
_NEXT = (
    r"the|any|all|an?|how|what|which|who|whom|where|when|why|whether|if|your|this|each|main|relevant|known"
    r"|potential|possible|intended|here|briefly"
    r"|details?|information|links?|every|other|both|at least|specific|primary|limitations|risks|metrics|in|on"
    r"|about|as|examples?|one|some|key|important"
    r"|el|la|los|las|un|una|que|como|cual|cuales|quien|quienes|donde|si|aqui|todos|todas|cualquier|brevemente"
    r"|al|de|en|posibles|fuente|tipo|nombre"
    r"|version|fecha|metricas|limitaciones|riesgos|a|para|por|lo|sobre|informacion|cuando|cada|principales|tamano"
    r"|o|os|as|um|uma|quais|qual|quem|onde|se|aqui|possiveis|do|da|dos|das"
)
_ABOUT = (
    r"models?|data|data ?sets?|training|trained|evaluat\w+|sources?|versions?|metrics?|limitations?|risks?"
    r"|bias(?:es)?|uses?|intended|licen[cs]es?|authors?"
    r"|owners?|contact|algorithms?|architecture|hyper ?parameters?|performance|results?|factors?|subgroups?"
    r"|groups|ethical|assumptions?|sections?|here|details?"
    r"|information|how|what|which|who|where|why|whether|purpose|splits?|preprocessing|considerations?|harms?"
    r"|caveats?|recommendations?|citation|framework"
    r"|thresholds?|baseline|provenance|collected|period|size|stakeholders?|misuse|scope|name|date|link|type"
    r"|modelos?|datos|entrenamiento|entreno|evaluacion|fuentes?|origen|versiones|metricas?|limitaciones"
    r"|riesgos?|sesgos?|usos?|usuarios|licencia|autor(?:es)?"
    r"|responsables?|contacto|algoritmo|arquitectura|hiperparametros|rendimiento|resultados?|grupos?|supuestos"
    r"|seccion|aqui|detalles|informacion|que|como"
    r"|cual(?:es)?|quien(?:es)?|proposito|objetivo|finalidad|fecha|nombre|periodo|tamano|poblacion|unidad|area"
    r"|tipo|conjunto"
    r"|dados|treinamento|treino|avaliacao|fonte|limitacoes|riscos?|vieses|licenca|responsavel|desempenho|quais"
    r"|qual|finalidade|versao|nome"
)
_PROMPT = re.compile(rf"[\s\"'(*_>-]*(?:please |por favor,? )?(?:{_VERBS}),?\s+(?:{_NEXT})\b(?P<rest>.{{0,90}})")
_ABOUT_WORDS = re.compile(rf"\b(?:{_ABOUT})\b")
_OPENS = re.compile(
    rf"[\s\"'(*_>-]*(?:please |por favor,? )?(?:{_VERBS}|e\.g\.?|for example|example:|ejemplo:|p\. ?ej\."
    rf"|por ejemplo|hint|tip|note to author)\b"
)
_SECTION = re.compile(
    r"[\s\"'(*_>-]*(?:(?:in )?this (?:section|field|part) (?:describes?|provides?|should|contains?|covers?|must"
    r"|outlines?|lists?|is (?:for|intended|meant)|explains?)"
    r"|(?:en )?est[ea] (?:seccion|apartado|campo) (?:describe|debe|contiene|recoge|incluye|se|explica)"
    r"|esta secao (?:descreve|deve|contem|inclui)"
    r"|(?:here|aqui) (?:you (?:should|can)|describe|se (?:debe|describe|indica|explica)|va)|use this (?:section"
    r"|space) to|what (?:should|to) (?:go|put|write) here"
    r"|(?:optional|recommended|required|obligatorio|opcional|recomendado):? (?:describe|provide|list|section"
    r"|indicar|seccion))"
)


def is_prompt(folded: str, *, italic: bool, digits: bool, links: bool) -> bool:
    """Whether a text tells the author what to write, and is not what the author wrote.

    Parameters
    ----------
    folded : str
    italic : bool
        Whether it is wholly in italics, as templates set their prompts.
    digits, links : bool
        Whether it has any: a prompt hardly ever does.
    """
    if _SECTION.match(folded):
        return not digits
    if italic and (_OPENS.match(folded) or folded.rstrip(" )").endswith("?")):
        return True
    if digits or links or len(folded.split()) > 60:
        return False
    found = _PROMPT.match(folded)
    if found is None:
        return False
    behind = folded[found.start() :].strip(" \"'(*_>-")
    words = " ".join(behind.split()[1:11])
    return _ABOUT_WORDS.search(words) is not None


def _lines(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.strip().splitlines())


_DEFAULTS = _lines(
    """
    users (both direct and downstream) should be made aware of the risks, biases and limitations of the model
    users (both direct and downstream) should be made aware of the risks, biases, and limitations of the model
    use the code below to get started with the model
    this modelcard aims to be a base template for new models
    this is the model card of a 🤗 transformers model that has been pushed on the hub
    this model card has been automatically generated
    carbon emissions can be estimated using the machine learning impact calculator presented in lacoste et al. (2019)
    basic information about the model
    person or organization developing model
    model date
    model version
    model type
    information about training algorithms, parameters, fairness constraints or other applied approaches, and features
    paper or other resource for more information
    citation details
    where to send questions or comments about the model
    use cases that were envisioned during development
    primary intended uses
    primary intended users
    out-of-scope use cases
    relevant factors
    evaluation factors
    factors could include demographic or phenotypic groups, environmental conditions, technical attributes
    metrics should be chosen to reflect potential real-world impacts of the model
    model performance measures
    decision thresholds
    variation approaches
    approaches to uncertainty and variability
    details on the dataset(s) used for the quantitative analyses in the card
    datasets
    motivation
    preprocessing
    may not be possible to provide in practice. when possible, this section should mirror evaluation data
    unitary results
    intersectional results
    what are the intended uses
    the model is intended to be used for
    this model should not be used for
    information about people or groups whose outcomes may be affected by the model
    more information about the training procedure
    """
)

_LONG_DEFAULTS = tuple(default for default in _DEFAULTS if len(default) > 60)


def is_default(folded: str) -> bool:
    """Whether a text is a sentence that a known template leaves by default."""
    text = " ".join(folded.replace("’", "'").split()).strip(" .:")
    if text in _DEFAULTS:
        return True
    return any(text.startswith(default) and len(text) < len(default) + 60 for default in _LONG_DEFAULTS)
