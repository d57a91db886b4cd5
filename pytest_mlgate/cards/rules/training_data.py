"""Training data: what they are called, and how many, of when, or how chosen."""

from __future__ import annotations

import re

from pytest_mlgate.cards.metric_names import metric_of
from pytest_mlgate.cards.rules.details import _DATE, _MONTH
from pytest_mlgate.cards.rules.evidence import Evidence, Look, evidence, first, said, specific
from pytest_mlgate.cards.units import Unit
from pytest_mlgate.cards.words import fold

_MANY = (
    r"rows?|records?|samples?|examples?|instances?|observations?|images?|photos?|documents?|sentences?|tokens?"
    r"|words|articles?|reviews?|tweets?|messages?|posts?"
    r"|transactions?|customers?|clients?|users?|patients?|people|persons?|applicants?|applications?|loans?"
    r"|flights?|cases?|events?|hours|minutes|recordings?|pairs"
    r"|points?|items?|products?|invoices?|tickets?|emails?|calls|visits|admissions?|scans?|slides|claims?"
    r"|policies|orders|sessions|trips|homes|houses|stores?|entries|files"
    r"|gb|mb|tb|gib|filas|registros?|muestras?|ejemplos?|imagenes|clientes|pacientes|usuarios|casos|documentos"
    r"|solicitudes|transacciones|observaciones|facturas|lecturas"
    r"|vuelos|personas|viviendas|pedidos|articulos|resenas|tuits|mensajes|correos|horas|creditos|prestamos"
    r"|expedientes|linhas|amostras|exemplos|imagens|usuarios|transacoes"
    r"|registos|pessoas|avaliacoes|faturas|imoveis|contratos"
)
_SIZE = re.compile(
    rf"(?<![\w.,])~?\d[\d., ]{{0,24}}(?:\s?(?:k|m|bn?|mil|thousand|million(?:es)?|millones|billion|milhoes|milhares"
    rf"|mill))?\+?(?: de| of)?\s?(?:[^\W\d_][\w'-]*[ -]){{0,3}}?(?:{_MANY})\b"
    r"|\bn ?= ?\d+|\b(?:one|two|three|four|five|six|ten|twelve|several|half a|un|dos|tres|cinco"
    r"|diez) (?:hundred|thousand|million|mil|millones|cientos?)\b"
    r"|(?<![\w.,])\d[\d., ]{0,24} ?(?:k|m|million|mil|millones|thousand|milhoes)\b"
)
_PLURAL = re.compile(r"(?<![\w.,%])(?P<count>\d[\d., ]{0,24}\d) (?:[^\W\d_][\w'-]* ){0,2}?(?P<noun>[^\W\d_]{3,}s)\b")
_NO_COUNT = re.compile(
    r"(?:days?|months?|years?|weeks?|points?|dias|meses|anos|semanas|seconds|epochs|epocas|versions?|classes"
    r"|clases|features|columns|variables|params|parameters|layers|trees|arboles|steps)$"
)
_YEAR = re.compile(r"(?<![\w.,/-])(?:19[5-9]\d|20[0-4]\d)(?:s)?(?![\w.,]\d|\w)")
_CITED = re.compile(r"\b(?:et al\.?,?|(?:see|by|cf\.?|von|por|de) [a-z]+(?: (?:and|&|y|e) [a-z]+)?,?) \(?$")
_PERIOD = re.compile(
    rf"{_DATE.pattern}|\b(?:from|between|since|until|desde|entre|hasta|ate)\b[^.;]{{0,30}}\b{_MONTH}\b|\b(?:last"
    rf"|past|previous|ultimos|ultimas|ultimo) (?:\w+ )?(?:years?|months?|weeks?|days?|anos?|meses|semanas|dias)\b"
)
_DATA_VERSION = re.compile(
    r"\bv(?:ersion|ersao|er\.?)?\.? ?\d+(?:\.\d+)*\b|\(\d+\.\d+(?:\.\d+)?\)|\b(?:snapshot|revision|release|dump"
    r"|tag|dvc|commit)\b[ :=#]*\w*\d\w*|\bversion [\w.-]*\d"
)
_DIGEST = re.compile(r"\b(?:sha-?\d*|md5|digest|checksum|hash|huella)\b[\s:=`\"]*[0-9a-f]{7,64}|\b[0-9a-f]{32,64}\b")
_SIZE_LABELS = re.compile(
    r"(?:number of |num(?:ber)? |n |total )?(?:size|rows?|records?|samples?|examples?|instances?|count"
    r"|observations?|n|volume|tamano|filas|registros|muestras|numero de \w+|volumen|ejemplos"
    r"|tamanho|linhas|amostras|exemplos|images|documents|patients|customers)(?: size| count)?"
)
_WHEN_LABELS = re.compile(
    r"(?:time )?(?:period|date range|dates?|years?|time ?frame|time span|collected|coverage|window|periodo"
    r"|fechas?|anos?|rango temporal|cobertura|ventana|datas?|version|versao|snapshot|digest|hash|sha-?256"
    r"|checksum)"
)

_SOURCES = re.compile(
    r"\b(?:wikipedia|wikidata|kaggle|uci|common crawl|imagenet|openml|eurostat|census|bookcorpus|reddit|twitter"
    r"|github|mimic|pubmed|arxiv|librispeech|common voice|squad|glue|imdb|mnist|cifar"
    r"|coco|adult|titanic|iris|boston housing|movielens|lending club|nyc taxi|nycflights\w*|physionet"
    r"|uk biobank|ine|datos\.gob|ibge|datasus|hugging ?face)\b"
)
_SOURCE_NOUNS = re.compile(
    r"\b(?:registers?|registrations?|rolls?|census|extracts?|chats?|conversations?|collections?|systems?"
    r"|platforms?|portals?|app|website|sistemas?|plataformas?"
    r"|colecci(?:on|ones)|data ?warehouse|data ?lake|data ?bases?|registr(?:y|ies)|surveys?|logs?|records"
    r"|transactions|claims"
    r"|invoices|tickets|reviews|telemetry|sensors?|archives?|corpus|corpora|repositor(?:y|ies)"
    r"|crawl|scans|recordings|applications|complaints|calls|orders|sales|meters?|readings|articles|emails"
    r"|messages|forms|tweets|posts|images|photos|questionnaires?|interviews|history|export|feeds?|crm|erp|ehr"
    r"|loans|flights|accounts|visits|admissions|measurements|trips|policies|contracts|listings|transcripts"
    r"|statements|bookings|base de datos|bases de datos|registros|encuestas?|historico|facturas|reclamaciones"
    r"|solicitudes|ventas|lecturas|expedientes|archivo|censo|almacen de datos|transacciones|sensores"
    r"|historias clinicas|resenas|opiniones|tuits|correos|llamadas|pedidos|contratos|medidas|mediciones"
    r"|siniestros"
    r"|creditos|prestamos|prontuarios|pesquisas?|vendas|transacoes|faturas|leituras|emprestimos|atendimentos"
    r"|cadastros?|pacientes|viviendas|vuelos|polizas)\b"
)
_GATHERED = re.compile(
    r"\b(?:collected|gathered|sampled|exported|extracted|obtained|scraped|sourced|taken|drawn|provided|supplied"
    r"|downloaded|published|retrieved|pulled|derived|recorded|recopilad[oa]s?|extraid[oa]s?|obtenid[oa]s?"
    r"|procedentes?|proceden|provienen|exportad[oa]s?|descargad[oa]s?|proporcionad[oa]s?|facilitad[oa]s?"
    r"|cedid[oa]s?|tomad[oa]s?|coletad[oa]s?|obtid[oa]s?|extraid[oa]s?|fornecid[oa]s?|registrad[oa]s?)"
    r" (?:\w+ )?(?:by|from|at|in|through|via|during|por|de|del|en|da|do|na|no|em|pelo|pela|desde"
    r"|durante)\b(?P<rest>.{0,80})"
)
_SOURCE_LABELS = re.compile(
    r"(?:data )?(?:source|sources|origin|provenance|dataset|data ?set|data|name|dataset name|collected (?:from"
    r"|by)|provider|fuentes?|origen|procedencia|conjunto(?: de datos)?|nombre|datos|fontes?|origem|dados|nome"
    r"|training data|datos de entrenamiento|link|url|path|file)"
)
VAGUE = frozenset(
    (
        *(
            "internal",
            "proprietary",
            "private",
            "public",
            "company",
            "historical",
            "history",
            "historic",
            "large",
            "own",
            "real",
            "in-house",
            "collected",
            "collection",
            "gathered",
            "source",
            "sources",
        ),
        *(
            "internos",
            "internas",
            "propios",
            "propias",
            "historicos",
            "historicas",
            "publicos",
            "privados",
            "empresa",
            "empresas",
            "interno",
            "interna",
            "historico",
            "varias",
            "fuentes",
            "fuente",
        ),
        *(
            "proprios",
            "historicos",
            "fontes",
            "fonte",
            "database",
            "databases",
            "records",
            "registros",
            "samples",
            "rows",
            "set",
            "sets",
            "split",
            "corpus",
            "web",
            "internet",
            "online",
            "multiple",
            "many",
        ),
        *(
            "clean",
            "cleaned",
            "labeled",
            "labelled",
            "annotated",
            "years",
            "year",
            "different",
            "sampled",
            "obtained",
            "extracted",
            "organization",
            "organisation",
            "site",
            "sites",
            "size",
            "last",
            "recent",
        ),
    )
)
_NO_NAMES_WORDS = (
    "january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday the we our it this these that i a an in on for to of "
    "all data model training test validation evaluation set source sources size period version rows records "
    "csv json api gb mb tb ml ai none number n sha no yes only each both see note features feature "
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre los las el la "
    "datos se para en de fuente fuentes tamano periodo "
    "janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro os as dados fonte it's from "
    "between by after before they there some"
)
_NO_NAMES = frozenset(_NO_NAMES_WORDS.split())
_OF_SOMETHING = re.compile(
    r"(?<![\w.,])\d[\d., ]{0,24}(?:k|m)?\+? (?:[^\W\d_][\w'-]* ){0,3}?[^\W\d_][\w'-]* "
    r"(?:of|from|by|at|in|de|del|da|do|das|dos) (?:the |our |el |la |los |las |\d[\d.,]* "
    r"|[a-z]+ (?=[a-z]{4}))?(?P<rest>[^,.;:()]{3,60})"
)
_PLACE_OF_DATA = re.compile(
    r"\b(?:s3|gs|abfs|hdfs|dbfs|https?|file|dvc)://\S+|\b[\w./-]+\.(?:csv|parquet|jsonl?|xlsx?|feather|tsv|arff"
    r"|zip|h5|npz)\b"
)
_TRAINED = re.compile(
    r"\b(?:(?:pre-?|fine-?|re)?(?:train|tun)ed (?:\w+ ){0,3}?(?:on|with|using|from|over)"
    r"|(?:training|train) (?:set|data|corpus|rows|sample|images|split) ?(?:is|are|was|were|comes?|consists?"
    r"|contains?|covers?"
    r"|includes?|:|=|\()|fit(?:ted)? (?:on|to|with)|learn(?:ed|t|s) from|(?:built|developed|estimated"
    r"|calibrated) (?:on|from|with)"
    r"|entren\w+ (?:\w+ ){0,3}?(?:con|sobre|en|usando|a partir)|ajustad\w+ (?:con|sobre|a)|aprendi\w+ de"
    r"|datos de entrenamiento ?(?:son|proceden|provienen|:|=|\()|dados de trein\w+ ?(?:sao|vem|:|=|\()"
    r"|treina\w+ (?:\w+ ){0,3}?(?:com|em|sobre|usando)|ajustad\w+ (?:com|sobre))"
)


def training_data(look: Look) -> Evidence:
    """Ask for a named source, and a size, a period, a version or a digest."""
    own = look.own
    source = first(own, names_source)
    extent = first(own, has_extent)
    if source is None or extent is None:
        for unit in look.elsewhere:
            if unit.kind == "code" or (unit.kind == "row" and not unit.label):
                continue
            told = [sentence for sentence in said(unit) if _TRAINED.search(sentence)]
            if not told:
                continue
            if names_source(unit) and has_extent(unit):
                return evidence({"source": unit.line, "extent": unit.line})
            source = source if source is not None else (unit.line if own and names_source(unit) else None)
            extent = extent if extent is not None else (unit.line if own and has_extent(unit) else None)
    return evidence({"source": source, "extent": extent})


def names_source(unit: Unit) -> bool:
    """Whether a unit says where data come from, by name."""
    if unit.kind == "code":
        return False
    if (
        unit.label
        and _SOURCE_LABELS.fullmatch(unit.label)
        and len(specific(unit.folded, VAGUE)) + bool(_named(unit)) >= 1
    ):
        return True
    if any(not link.image for link in unit.text.links) or unit.text.code:
        return True
    if _SOURCES.search(unit.folded) or _named(unit) or _PLACE_OF_DATA.search(unit.folded):
        return True
    if any(specific(match.group("rest"), VAGUE) for match in _OF_SOMETHING.finditer(unit.folded)):
        return True
    if has_size(unit.folded) and not _PROCESSED.search(unit.folded) and len(_own_words(unit.folded)) >= 2:
        return True  # what the rows are, beside how many
    for match in _SOURCE_NOUNS.finditer(unit.folded):
        around = (
            unit.folded[max(0, match.start() - 40) : match.start()].split()[-3:]
            + unit.folded[match.end() : match.end() + 50].split()[:5]
        )
        if (
            specific(" ".join(around), VAGUE)
            and len([w for w in specific(" ".join(around), VAGUE) if not _MONTHS.fullmatch(w)]) >= 1
        ):
            return True
    return any(specific(match.group("rest"), VAGUE) for match in _GATHERED.finditer(unit.folded))


_MONTHS = re.compile(_MONTH)
_COUNTING = frozenset(
    [
        "images",
        "image",
        "photos",
        "documents",
        "files",
        "tokens",
        "words",
        "points",
        "data",
        "examples",
        "example",
        "instances",
        "instance",
        "items",
        "entries",
    ]
)
_PROCESSED = re.compile(
    r"\b(?:imput|normali[sz]|scal|split|drop|remov|encod|missing|clean|filter|augment|resiz|balanc|dupl|escal"
    r"|elimin|divid|faltant|limpi"
    r"|codific|remov|preench|dividi)\w*"
)


def _own_words(folded: str) -> list[str]:
    return [word for word in specific(folded, VAGUE) if word not in _COUNTING and not _MONTHS.fullmatch(word)]


def _named(unit: Unit) -> bool:
    """Whether a unit has a proper name: a capital within a sentence, or an abbreviation."""
    texts = unit.cells or (unit.text,)
    for text in texts:
        for match in re.finditer(r"(?<![\w/])[A-Z][\w&.'-]*[\w]", text.plain):
            word = match.group()
            before = text.plain[: match.start()].rstrip()
            opens = not before or before[-1] in ".!?:•|\"'" or text.plain[match.start() - 1] == "\n"
            if (
                word.casefold() in _NO_NAMES
                or metric_of(fold(word)) is not None
                or (opens and not re.search(r"[A-Z0-9].*[A-Z0-9]|[a-z][A-Z]|\d", word))
            ):
                continue
            return True
    return False


def has_extent(unit: Unit) -> bool:
    """Whether a unit says how many rows, of when, or which version or digest."""
    folded = unit.folded if unit.kind == "row" or not unit.label else f"{unit.label}: {unit.folded}"
    if unit.kind == "code":
        return bool(_DIGEST.search(folded))
    if (
        unit.label
        and re.search(r"\d", unit.folded)
        and (_SIZE_LABELS.fullmatch(unit.label) or _WHEN_LABELS.fullmatch(unit.label))
    ):
        return True
    return has_size(folded) or has_period(folded) or bool(_DATA_VERSION.search(folded) or _DIGEST.search(folded))


def has_size(folded: str) -> bool:
    """Whether a folded text says how many."""
    if _SIZE.search(folded):
        return True
    return any(
        not _NO_COUNT.search(match.group("noun")) and len(re.sub(r"\D", "", match.group("count"))) >= 2
        for match in _PLURAL.finditer(folded)
        if not _YEAR.fullmatch(match.group("count").strip())
    )


def has_period(folded: str) -> bool:
    """Whether a folded text says of when; the year of a citation does not."""
    if _PERIOD.search(folded):
        return True
    return any(
        not _CITED.search(folded, max(0, match.start() - 100), match.start()) for match in _YEAR.finditer(folded)
    )
