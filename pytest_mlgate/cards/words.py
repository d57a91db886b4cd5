"""Words of three languages that several rules need, and the form in which texts are compared with them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache


@cache
def _table() -> dict[int, str]:
    """Return letters with a mark and their letter without, blanks of every width and a blank, signs of one meaning."""
    table = {}
    for code in (*range(0xA0, 0x250), *range(0x1E00, 0x1F00)):
        plain = unicodedata.normalize("NFKD", chr(code))[0]
        if plain != chr(code):
            table[code] = plain
    table.update(dict.fromkeys((0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0xA0, *range(0x2000, 0x200B), 0x202F, 0x3000), " "))
    table.update({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2010: "-", 0x2011: "-", 0x2212: "-"})
    table.update({0x2013: "-", 0x2014: "-"})
    return table


def fold(text: str) -> str:
    """Return a text in lower case without accents, of the same length, so that offsets stay what they are."""
    folded = text.translate(_table()).lower()
    return folded if len(folded) == len(text) else "".join(sign.lower()[:1] or " " for sign in text.translate(_table()))


def any_of(phrases: str) -> re.Pattern[str]:
    """Return a pattern that finds any of some phrases, given one a line or separated by ``|``, as whole words."""
    joined = "|".join(part.strip() for line in phrases.strip().splitlines() for part in [line.strip(" |")] if part)
    return re.compile(rf"(?<![\w-])(?:{joined})(?![\w])")


GROUP_HEADS = any_of(
    r"""
    (?:sub ?)?groups?|(?:sub)?grupos?|segment(?:o|os|s)?|slices?|cohorts?|cohortes?|coortes?|strata|stratum|estrato
    gender|sex|genero|sexo|age(?: (?:group|band|range|bracket)s?)?|edad|idade|rango de edad|faixa etaria|grupo de edad
    race|ethnicity|ethnic(?: group)?|raza|raca|etnia|origen etnico|nationality|nacionalidad|nacionalidade|religion
    disability
    regions?|regiao|country|countries|pais|paises|state|estado|province|provincia|city|ciudad|cidade|district
    distrito|zone
    zona|zip|postcode|county|municipio|neighbou?rhood|barrio|bairro|location|lugar|area|climate
    site|hospital|clinic|centro|centre|center|ward|campus|airport|aeropuerto|aeroporto|origin|origen|origem|carrier
    airline
    store|tienda|loja|branch|sucursal|oficina|agencia|depot|plant|planta|line|linea|machine|maquina|factory|fabrica|farm
    language|idioma|lengua|lingua|dialect|dialecto|accent|acento|native language|skin ?(?:type|tone)
    fitzpatrick(?: type)?
    income(?: band)?|ingresos|renda|education|estudios|nivel educativo|escolaridade|occupation|profesion|marital status
    device|dispositivo|browser|platform|camera|scanner|channel|canal|season|estacion|month|mes|weekday|hour|turno|shift
    (?:customer|client|user|patient|product|property|vehicle|contract|account|employment) (?:type|group|segment|class)
    tipo de (?:cliente|usuario|paciente|producto|vivienda|contrato|vehiculo)|tipo de produto|tenure|antiguedad|sector
    industry
    insurance|species|breed|variety|crop|population|poblacion|demographic|attribute|protected attribute|factor
    urbanicity
    habitat|terrain|weather|lighting
    """
)
"""What a column is called that says which part of the rows a value is about."""

NO_GROUP_HEADS = any_of(
    r"""
    class(?:es)?|clases?|classes?|labels?|etiquetas?|rotulos?|categor(?:y|ies|ia|ias)|intents?|entity|entities
    entidad(?:es)?
    folds?|splits?|particion|particao|partitions?|sets?|conjunto|subset|datasets?|data ?sets?|benchmarks?|tasks?
    tareas?|tarefas?
    epochs?|epocas?|steps?|iterations?|runs?|seeds?|semillas?|metrics?|metricas?|measures?|models?|modelos?|methods?
    metodos?
    algorithms?|algoritmos?|variants?|variantes?|versions?|version|versao|config(?:uration)?s?|experiments?
    experimentos?
    thresholds?|umbral(?:es)?|limiar|cutoffs?|parameters?|hyperparameters?|architectures?|systems?|approach(?:es)?
    estimators?
    classifiers?|checkpoints?|predicted|actual|prediccion|real|k|horizons?|horizonte|quantiles?|cuantil|windows?
    """
)
"""What a column is called whose values are no parts of a population."""

GROUP_VALUES = any_of(
    r"""
    females?|males?|wom[ae]n|m[ae]n|girls?|boys?|non-?binary|mujer(?:es)?|hombres?|mulher(?:es)?|homem|homens|ninos
    ninas
    masculino|femenino|feminino|varon(?:es)?|transgender
    black(?!.?(?:box|list|out))|african(?: american|-american)?s?|white(?!.?(?:noise|list|space|box|paper))|caucasian
    asian|hispanic|latinx?|latino|latina|native american|indigenous
    indigena|afro\w*|blanc[oa]s|negr[oa]s|brancos|pardos|minorit(?:y|ies)|minorias?
    (?:aged|ages?|years?|edad(?:es)?|idade) (?:of )?\d{1,2}(?:\s?(?:-|to|a|y)\s?\d{1,2}|\+)?
    (?:over|under|above|below|older than|younger than|at least|up to) (?:the age of )?\d{2}s?(?! ?%)
    (?:mayores|menores|mas|maiores) de \d{2}(?: anos)?|\d{2}\s?(?:-|to|a)\s?\d{2} (?:years?|anos)
    \d{2}\+ (?:years?|anos)
    \d{2} (?:years|anos) (?:and|or|y|o|e|ou) (?:older|over|younger|mas|mais)|\d{2}s
    children|adults|adolescents?|elderly|seniors?
    older (?:patients|people|adults|users|customers|drivers|borrowers|applicants)
    younger (?:patients|people|adults|users|customers|drivers|borrowers|applicants)|teenagers?|ninos|adultos?
    ancianos|jovenes
    idosos|jovens|personas mayores|newborns?|infants?|pediatric
    rural|urban[oa]?s?|suburban|inner.city|low.income|high.income|bajos ingresos|baixa renda
    (?:native|non-?native)(?: english)?(?: speakers?| patients?)?|nativos|migrants?|inmigrantes|imigrantes
    foreign(?:ers)?
    extranjer[oa]s|estrangeiros|disabled|wheelchair users|pregnant|embarazadas|smokers?|non-?smokers?|diabetics?
    non-?diabetics?
    (?:skin|fitzpatrick)(?: skin)?(?: types?| tones?) (?:i{1,3}|iv|vi?|[1-6])\S*|dark(?:er)? skin(?:ned)?
    light(?:er)? skin(?:ned)?
    new customers?|existing customers?|first.time (?:buyers?|borrowers?|applicants?)|self.employed|unemployed|autonomos
    tenants|renters|homeowners|small (?:businesses|firms|stores|farms)|large (?:businesses|firms|stores|farms)
    north(?:ern)?|south(?:ern)?|east(?:ern)?|west(?:ern)?|norte|sur|sul|este|oeste|leste|norde?ste|sudeste
    weekdays?|weekends?|winter|summer|autumn|spring|night(?:time)?|daytime|invierno|verano|inverno|verao|noche|noite
    """
)
"""Values that name a part of a population."""

WHOLE = any_of(
    r"""
    overall|all|total|everyone|everything|aggregate[d]?|average|mean|global|macro(?: avg| average)?
    micro(?: avg| average)?
    weighted(?: avg| average)?|todos?|todas|conjunto|media|geral|samples avg|combined|full|whole|train(?:ing)?
    test(?:ing)?
    validation|val|dev|hold ?out|entrenamiento|prueba|validacion|teste|treino|n|support|accuracy
    """
)
"""Rows of a table of groups that are about no group."""

OTHER_MODEL = any_of(
    r"""
    base ?lines?|base-lines?|champion|previous(?: (?:model|version|release))?|prior model
    old(?:er)? (?:model|version)|incumbent
    legacy(?: model| system)?|existing (?:model|system|rules?|score)|current (?:production )?model|production model
    predecessor
    dummy|majority(?: class)?|random(?: guess(?:ing)?| chance| baseline| classifier)|chance(?: level)?
    naive(?: model| forecast)?
    seasonal naive|human(?:s| performance| level| annotators?| experts?)?|clinicians?|radiologists?|rule.based
    heuristic|rules
    competitors?|competing|state.of.the.art|sota|teacher|reference model|benchmark model|other models?|alternative
    rival|vendor
    would (?:have|be|get|give|reach)|compared (?:to|with)|versus|vs\.?|against|as opposed to|(?<!more )(?<!less )than
    original (?:paper|model|authors)
    (?:reported|published) (?:by|in)|(?:paper|authors|literature) reports?|linea base|modelo anterior
    version anterior|version \d+ anterior
    modelo (?:de referencia|actual|en produccion|previo|base)|campeon|frente a|comparado con|en comparacion con
    referencia
    azar|mayoritaria|reglas|sistema (?:actual|anterior)|estado del arte|frente al|mientras que|humanos?
    linha de base|modelo de base|versao anterior|em comparacao com|comparado com|atual|referencia|enquanto
    """
)
"""What says that a number next to it is of something else than this model."""

THIS_MODEL = any_of(
    r"""
    ours?|our model|this (?:model|version|release|one)|candidate|proposed|new model|final model|the model|challenger
    selected|chosen
    nuestr[oa]|este modelo|esta version|candidat[oa]|propuest[oa]|modelo final|el modelo|seleccionad[oa]|elegid[oa]
    nuevo
    nosso|proposto|o modelo|modelo novo|escolhid[oa]
    """
)

THRESHOLD = any_of(
    r"threshold(?:s|ed)?|cut ?-?offs?|cutpoint|umbral(?:es)?|limiar(?:es)?|punto de corte|ponto de corte|corte"
    r"|operating point"
)

GOAL = any_of(
    r"""
    targets?(?! (?:class|variable|label|column|population|encoding|leak))|goals?|objectives?|aim(?:s|ed|ing)?|minimum
    min|maximum|required?|requirements?|must|should|shall|need(?:s|ed)? to
    at least|no less than|expect(?:ed|s)?|acceptance|criteri(?:on|a)|sla|kpi|budget|limit|hope|want|desired
    accept(?:able)?
    alert(?:s)? (?:if|when)|(?:falls?|drops?) below|falling below|dropping below|retrain(?:ed)? (?:if|when)
    objetivos?|meta|minim[oa]s?|maxim[oa]|requisito|requerid[oa]|debe(?:ria|n)?|al menos|como minimo|esperad[oa]
    aceptacion|criterio
    se espera|se pretende|si (?:cae|baja|el|la)|por debajo de|limite|deseado|deseable|alerta
    deve(?:ria)?|pelo menos|no minimo|esperad[oa]|aceitacao|criterio|se cair|abaixo de|desejado
    """
)
"""What says that a number is wished for and not measured."""

SETTING = any_of(
    r"""
    learning rate|lr|dropout|weight decay|momentum|batch size|epochs?|max depth|n estimators|num leaves
    min child weight|gamma
    alpha|beta|lambda|l1|l2|regulari[sz]ation|seed|temperature|top p|top k|warm ?up(?: ratio)?|subsample|colsample\w*
    patience
    tolerance|tol|c|iterations?|trees|layers?|heads|hidden size|dimensions?|tasa de aprendizaje
    profundidad(?: maxima)?|epocas
    semilla|arboles|taxa de aprendizado|profundidade|sementes?|arvores|adam|epsilon|eps|betas|scheduler|optimi[sz]er
    """
)
"""What a model was built with; a number behind it is no result."""

COUNTED = re.compile(
    r"\s?(?:rows?|records?|samples?|examples?|instances?|observations?|images?|photos?|documents?|sentences?"
    r"|tokens?|words|articles?"
    r"|reviews?|tweets?|messages?|transactions?|customers?|clients?|users?|patients?|people|persons?"
    r"|applicants?|flights?|cases?"
    r"|features?|columns?|classes|labels?|params?|parameters?|trees|layers|epochs?|steps?|folds?|seeds?|runs?"
    r"|iterations?|times"
    r"|gb|mb|kb|tb|ms|msec|milliseconds?|seconds?|secs?|minutes? (?:of|to) train\w*|hours? (?:of|on)|gpus?"
    r"|cpus?|fps|rps|qps"
    r"|usd|years?|months?|weeks?|days? (?:of|after)|filas|registros|muestras|ejemplos|imagenes|clientes"
    r"|pacientes|usuarios|casos"
    r"|variables|anos|meses|semanas|documentos|parametros|arboles|linhas|amostras|exemplos|imagens|usuarios"
    r"|anos|registos"
    r"|kg|co2|vuelos|personas|pessoas)\b"
)
"""What is counted or timed; a number before it is a size or a speed."""
