"""Blanks that a template left: what fills a slot without saying anything, and what only looks so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pytest_mlgate.cards.form import Text
from pytest_mlgate.cards.prompts import is_default, is_prompt


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank: its kind, and where it stands in the plain text around it."""

    kind: str
    start: int
    end: int


# On the text as it stands.
_CASED = re.compile(
    r"(?P<template>\{\{.{0,300}?\}\}|\{%.{0,300}?%\}|\$\{\w{1,40}\}|%\(\w{1,40}\)s|<%=?.{0,100}?%>)"
    r"|(?P<braces>(?<![\w\\^_$}{])\{[A-Za-z][A-Za-z _-]{1,40}\}(?![}\w]))"
    r"|(?P<todo>(?<![\w/#.@-])(?:TODO|TBD|TBA|TBC|FIXME|T\.B\.D\.?|WIP)(?![\w-]))"
    r"|(?P<digits>(?<![\w.,$])(?:\d{0,3}[.,]?X{2,}(?:[.,]X+)?|\d[.,]X+|X[.,]X{1,4}(?:[.,]X{1,4})?"
    r"|#{1,3}[.,]#{1,4}|_{2,}|\?{3,})(?: ?%)?(?![\w]))"
    r"|(?P<low_digits>(?<![\w.,])(?:[x]{2,}[.,]?x*|x[.,]x{1,4}|\d[.,]x{2,4}) ?%(?![\w])|(?<![\w.,])(?:0[.,]xx+"
    r"|xx[.,]x+|xxx+)(?![\w]))"
    r"|(?P<date>(?<![\w])(?:(?:YYYY|AAAA|aaaa|yyyy|DD|dd|MM|mm)[-/.]){1,2}(?:YYYY|AAAA|aaaa|yyyy|DD|dd|MM"
    r"|mm)(?!\w)|(?<!\w)YYYY(?!\w))"
    r"|(?P<bracket>(?<![\w\])])\[(?P<inside>[^\[\]\n]{1,120})\](?![\w(\[]))"
    r"|(?P<angle>(?<!\w)<(?=[^\W\d])(?P<named>[^<>\n=@:]{1,60})(?<=\S)>)"
)
# On folded text.
_FOLDED = re.compile(
    r"(?P<more_information>\[?\s?\b(?:(?:more|further|additional) information (?:is )?(?:needed"
    r"|required)(?: for further recommendations)?"
    r"|needs more information|information (?:needed|missing|pending)|(?:se necesita|falta"
    r"|requiere) mas informacion|mas informacion (?:necesaria"
    r"|requerida|pendiente)|informacion (?:pendiente|por completar)|mais informacoes (?:sao )?necessarias"
    r"|informacoes pendentes)\s?\]?)"
    r"|(?P<later>\b(?:coming soon|to be (?:added|completed|defined|determined|decided|announced|confirmed"
    r"|filled(?: in)?|provided|documented"
    r"|specified|written)\b|(?:will|shall) be (?:added|documented|filled in|completed|provided)(?: here| soon"
    r"| later)+|under construction"
    r"|proximamente|en construccion|por (?:definir|completar|determinar|rellenar|confirmar|documentar|anadir"
    r"|concretar)\b"
    r"|pendiente de (?:completar|definir|documentar|rellenar|anadir|medir|evaluar|confirmar|redactar|publicar"
    r"|calcular|obtener)\b"
    r"|se (?:anadira|completara|documentara|rellenara)n?\b|em breve\b|em construcao|a ser (?:definid|preenchid"
    r"|completad|determinad)[oa]s?\b"
    r"|sera (?:adicionad|preenchid|definid)[oa]\b))"
    r"|(?P<dummy>\b(?:lorem ipsum|(?:https?://)?(?:www\.)?example\.(?:com|org|net)\b\S{0,80}"
    r"|\S{1,40}@example\.(?:com|org|net)|john doe|jane doe"
    r"|juan perez|fulan[oa] de tal|your[-_](?:model|org|name|repo|company|username|email|team|dataset)[\w-]*"
    r"|your(?:name|company|org|email)\b"
    r"|<?name>?@company\.com|(?:user|username|org|organization)/(?:repo|repository|model|project)(?:name)?\b"
    r"|insert (?:text|link|url|name|date) here))"
)
_PATTERN_KINDS = {"low_digits": "digits", "braces": "template"}

_SLOT = re.compile(
    r"(?:your|the|an?|insert|add|enter|describe|provide|list|specify|include|link|url|e\.?g\b|for example|name"
    r"|model|version|date|year|author|authors"
    r"|contact|e-?mail|organi[sz]ation|company|team|data ?sets?|source|number|value|metric|metrics|score"
    r"|percent(?:age)?|size|licen[cs]e|task|type"
    r"|description|text|todo|tbd|placeholder|replace|fill|yyyy|dd|mm|brief|short|details?|algorithm|framework"
    r"|language|domain|use case|limitation"
    r"|risk|group|owner|maintainer|phone|address|department|city|country|path|file|id|repo|repository|paper"
    r"|citation|population|feature|threshold"
    r"|nombre|fecha|autor|correo|equipo|fuente|numero|valor|metrica|metricas|licencia|tarea|descripcion"
    r"|insertar|indicar|anadir|completar|rellenar"
    r"|tipo|ano|responsable|contacto|enlace|por ejemplo|tu|su|el|la|los|las|tamano|organizacion|empresa|modelo"
    r"|datos|grupo|periodo|unidad|area"
    r"|nome|data|versao|descricao|inserir|preencher|responsavel|seu|sua|fonte|licenca|empresa|link"
    r"|x+|n|\.{2,}|…|_+|\?+|here|aqui|aqui va)\b"
)
_SLOT_NOUN = re.compile(
    r"\b(?:name|date|version|value|url|link|number|here|description|path|e-?mail|title|nombre|fecha|valor|aqui"
    r"|enlace|nome)\b"
)
_NO_SLOT = re.compile(
    r"[\d\s,.;:–—+-]+|.*\b(?:19|20)\d{2}[a-z]?\b.*|.*\bet al\b.*|[@^].*|.*\d\s?[,;]\s?-?[\d.]+.*|[x ]|sic"
    r"|optional|opcional|cls|sep|mask|pad|unk|bos|eos"
    r"|[a-z]{2}|(?:min|max|low|high|a|b|i)(?:\s?,\s?\w+)*|-?inf.*|ref\w*|fig\w*|.*://.*|in (?:millions|thousands).*"
)

_EMPTY_WORDS = re.compile(
    r"(?:pending|pendiente|pendente|tbd|tba|tbc|to do|wip|unknown|unspecified|undefined|desconocid[oa]"
    r"|desconhecid[oa]|s/d|n\.? ?d\.?|sin (?:datos|informacion)"
    r"|not (?:yet )?(?:specified|provided|documented|available|defined|determined|known|measured|evaluated"
    r"|recorded|reported|written|filled in|stated"
    r"|disclosed|decided)(?: yet)?|no (?:especificad[oa]|disponible|documentad[oa]|informad[oa]|definid[oa]"
    r"|evaluad[oa]|medid[oa]|consta)|nao (?:informad[oa]"
    r"|especificad[oa]|disponivel|definid[oa]|documentad[oa])|none yet|no data(?: yet)?|placeholder|text here"
    r"|texto aqui|fill (?:me|this)(?: in)?"
    r"|rellenar|completar|preencher|work in progress|in progress|en curso|en proceso|em andamento|coming|soon"
    r"|pronto|later|mas adelante|ver despues"
    r"|todo|a definir|a completar|a determinar|a preencher|a confirmar|por ver|your (?:name|model"
    r"|organi[sz]ation|company|email|team|dataset)(?: name| here)?"
    r"|tu (?:nombre|modelo|empresa|organizacion|correo)|seu (?:nome|modelo)|same as above|idem|see above"
    r"|lorem ipsum.*|asdf\w*|test|foo|bar|xxx+|string|text)"
)
_DEFER = re.compile(
    r"[\s(*]*(?:(?:please |for (?:more |further )?(?:details|information),? )?(?:see|refer to|consult|read"
    r"|check|described in|documented in|available (?:in|at)"
    r"|details (?:in|at|are in)|more (?:details|information) in)|(?:ver|vease|consultar|consulte"
    r"|descrit[oa]s? en|documentad[oa]s? en|detalles en|mas (?:detalles"
    r"|informacion) en)|(?:veja|ver|consulte|descrit[oa]s? em|detalhes em))\b"
)
_FILE = re.compile(
    r"[\w./-]{1,120}\.(?:md|pdf|ipynb|csv|html?|txt|docx?|xlsx?|json|ya?ml|rst|png|parquet|pptx?)\b", re.IGNORECASE
)


def whole_blank(text: Text, folded: str, *, label: str = "", exists: frozenset[str] | None = None) -> Blank | None:
    """Return the blank that a whole text is; None where it says something, be it with a blank in it.

    Parameters
    ----------
    text : Text
    folded : str
        Its folded text.
    label : str
        The folded label that it is the value of.
    exists : frozenset of str or None
        Relative targets that are there, to tell a deferral to a file that is not.
    """
    plain = text.plain
    end = len(plain)
    stripped = folded.strip().strip("*_\"'").strip()
    bare = stripped.rstrip(".!:; ")
    if not stripped or (not re.search(r"[^\W_]", stripped) and not text.in_code(0, end)):
        return Blank("empty", 0, end)
    if text.code and _covers(text.code, plain):
        return None
    unsaid = re.match(r"(?:tbd|tba|tbc|todo|wip|pending|pendiente)\b(?!\s*[\w ]{40})", bare) and len(bare.split()) <= 5
    if unsaid or _EMPTY_WORDS.fullmatch(bare.strip("[]()<> ")):
        return Blank("pending", 0, end)
    if label and _same_words(bare, label):
        return Blank("own_name", 0, end)
    if is_default(bare):
        return Blank("default_sentence", 0, end)
    if _is_question(stripped):
        return Blank("question", 0, end)
    if is_prompt(
        stripped, italic=_covers(text.italic, plain), digits=bool(re.search(r"\d", plain)), links=bool(text.links)
    ):
        return Blank("prompt", 0, end)
    inside = re.fullmatch(r"\[([^\[\]]{2,200})\]", bare)
    if inside and not _NO_SLOT.fullmatch(inside.group(1)) and re.search(r"[^\W\d_]{2}", inside.group(1)):
        return Blank("bracket", 0, end)
    if _only_dummy_links(text, stripped):
        return Blank("dummy", 0, end)
    if _defers(text, stripped, exists):
        return Blank("deferred", 0, end)
    return _mostly_blank(text, folded)


def blanks_in(text: Text, folded: str) -> Iterator[Blank]:
    """Yield the blanks in a text, from left to right within each kind; none in code, a link's text or an address."""
    plain = text.plain
    for match in _CASED.finditer(plain):
        kind = match.lastgroup or ""
        kind = {"inside": "bracket", "named": "angle"}.get(kind, kind)
        if text.in_code(*match.span()) or _in_address(plain, match.start()) or not _is_blank(kind, match, plain):
            continue
        if any(link.start <= match.start() and match.end() <= link.end for link in text.links):
            continue
        yield Blank(_PATTERN_KINDS.get(kind, kind), *match.span())
    for match in _FOLDED.finditer(folded):
        if not text.in_code(*match.span()):
            yield Blank(match.lastgroup or "", *match.span())
    for link in text.links:
        if not link.image and is_dummy_target(link.target):
            yield Blank("dummy", link.start, link.end)


_DUMMY = re.compile(
    r"#?|\.{2,}|(?:https?://)?(?:link|url|todo|tbd|xxx*|path|href)|.*\b(?:example\.(?:com|org|net)"
    r"|your[-_]?(?:org|repo|model|name|company|link|username"
    r"|domain|url)).*|(?:https?://)?(?:github\.com|huggingface\.co)/?(?:user(?:name)?|org(?:anization)?"
    r"|your\w*)?(?:/(?:repo|model|project))?|.*<[^<>]+>.*"
    r"|.*\{\{.*|/?path/to/.*|insert.*",
    re.IGNORECASE,
)


def is_dummy_target(target: str) -> bool:
    """Whether a link leads nowhere by its very look."""
    return len(target) < 500 and _DUMMY.fullmatch(target.strip()) is not None


def _is_blank(kind: str, match: re.Match[str], plain: str) -> bool:
    before, after = (
        plain[max(0, match.start() - 24) : match.start()].lower(),
        plain[match.end() : match.end() + 24].lower(),
    )
    if kind == "todo":
        mentioned = re.match(
            r"[\"'’”]|[-\s]?(?:comments?|lists?|items?|markers?|tags?|apps?|notes?)\b|\s(?:and|or|y|o"
            r"|/)\s?(?:fixme|todo|tbd)",
            after,
        )
        spanish = (
            re.match(r"\s(?:el|la|los|las|lo|o|a|os|as|tipo|un|una|este|esta|esto)\b", after)
            and match.group() == "TODO"
        )
        return not (mentioned or spanish or re.search(r"[\"'‘“]$", before))
    if kind == "digits":
        return not re.search(
            r"(?:siglo|seculo|century|siglos|capitulo|chapter|cromosomas?|chromosomes?)\s$", before
        ) and not re.match(r"\s(?:century|and xy|y xy|chromosom|xy\b)", after)
    if kind == "date":
        return not (re.search(r"format[os]?\b.{0,12}$", before) or re.match(r".{0,3}(?:format|formato)", after))
    if kind == "bracket":
        inside = match.group("inside").strip().lower()
        count = len(inside.split())
        slot = _SLOT.match(inside) is not None or (count <= 5 and _SLOT_NOUN.search(inside) is not None)
        return count <= 14 and slot and not _NO_SLOT.fullmatch(inside)
    if kind == "angle":
        return (
            bool(re.fullmatch(r"[^\W\d][\w .,/'’|-]*", match.group("named"))) and len(match.group("named").split()) <= 7
        )
    return True


def _in_address(plain: str, start: int) -> bool:
    word = plain[max(0, start - 200) : start].rsplit(None, 1)[-1:] if start and not plain[start - 1].isspace() else []
    return bool(word) and bool(re.search(r"https?://|www\.", word[0]))


def _covers(ranges: tuple[tuple[int, int], ...], plain: str) -> bool:
    if not ranges:
        return False
    letters = sum(sign.isalnum() for sign in plain)
    inside = sum(sign.isalnum() for start, end in ranges for sign in plain[start:end])
    return letters > 0 and inside >= letters


def _same_words(value: str, label: str) -> bool:
    words = [re.sub(r"\W+", " ", text).strip() for text in (value, label)]
    return bool(words[0]) and (
        words[0] == words[1] or words[0] in (f"{words[1]} name", f"the {words[1]}", f"model {words[1]}")
    )


def _is_question(stripped: str) -> bool:
    sentences = [part for part in re.split(r"(?<=[.!?])\s+", stripped) if re.search(r"[^\W_]", part)]
    return bool(sentences) and all(part.rstrip(" )\"'*_").endswith("?") for part in sentences)


def _only_dummy_links(text: Text, stripped: str) -> bool:
    links = [link for link in text.links if not link.image]
    covered = sum(link.end - link.start for link in links)
    return bool(links) and covered >= len(stripped) - 2 and all(is_dummy_target(link.target) for link in links)


def _defers(text: Text, stripped: str, exists: frozenset[str] | None) -> bool:
    """Whether a text only points to a file that is not there."""
    if exists is None or len(stripped.split()) > 20:
        return False
    targets = [link.target for link in text.links if not link.image] or _FILE.findall(text.plain)
    targets = [target.split("#")[0] for target in targets]
    links_only = sum(link.end - link.start for link in text.links) >= len(stripped) - 2
    if not targets or not (_DEFER.match(stripped) or links_only):
        return False
    return all(is_relative(target) and target not in exists for target in targets)


def files_named(plain: str) -> list[str]:
    """Return the names of files that a text mentions."""
    return _FILE.findall(plain) if "." in plain else []


def is_relative(target: str) -> bool:
    """Whether a target is a file beside the card, and no address or anchor."""
    return bool(target) and not re.match(r"[a-z][a-z0-9+.-]*:|#|//", target, re.IGNORECASE)


def deferred_to(text: Text, folded: str) -> list[str]:
    """Return the targets that a text only points to; empty where it says something itself."""
    stripped = folded.strip()
    targets = [link.target for link in text.links if not link.image] or _FILE.findall(text.plain)
    links_only = bool(text.links) and sum(link.end - link.start for link in text.links) >= len(stripped) - 2
    short = len(stripped.split()) <= 20 and bool(_DEFER.match(stripped))
    return targets if targets and (links_only or short) else []


def _mostly_blank(text: Text, folded: str) -> Blank | None:
    """Return the first blank of a text that says hardly anything beside its blanks."""
    found = list(blanks_in(text, folded))
    if not found:
        return None
    left = list(folded)
    for blank in found:
        left[blank.start : blank.end] = " " * (blank.end - blank.start)
    rest = "".join(left)
    words = [word for word in re.findall(r"[^\W\d_]{2,}", rest) if word not in _FILLING]
    blanks_words = sum(len(folded[blank.start : blank.end].split()) for blank in found)
    return found[0] if len(words) <= 3 + (blanks_words > 3) or len(words) <= 2 * len(found) else None


_FILLING = frozenset(
    (
        *(
            "the",
            "model",
            "is",
            "was",
            "on",
            "of",
            "in",
            "and",
            "for",
            "to",
            "by",
            "with",
            "at",
            "a",
            "an",
            "from",
            "this",
            "it",
            "see",
            "here",
        ),
        *(
            "el",
            "la",
            "los",
            "las",
            "de",
            "del",
            "en",
            "con",
            "por",
            "para",
            "un",
            "una",
            "es",
            "se",
            "modelo",
            "este",
            "esta",
            "fue",
            "y",
        ),
        *(
            "o",
            "os",
            "da",
            "do",
            "dos",
            "das",
            "em",
            "no",
            "na",
            "com",
            "foi",
            "uma",
            "um",
            "e",
            "trained",
            "using",
            "entrenado",
            "treinado",
        ),
    )
)
