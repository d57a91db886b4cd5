"""Names of metrics in three languages, and what each is called here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# Patterns over folded text (`words.fold`, underscores as blanks); the first that fits wins: longer names first.
_NAMES: tuple[tuple[str, str], ...] = (
    ("balanced_accuracy", r"balanced acc(?:uracy)?|exactitud (?:balanceada|equilibrada)|acuracia balanceada|bacc"),
    (
        "average_precision",
        r"(?:area under (?:the )?)?(?:precision.recall|pr)(?: curve)?[ -]?auc|auc[ -]?pr|au-?prc|average precision",
    ),
    ("map", r"mean average precision|map ?@ ?[\d.:\[\]]+(?:-[\d.]+)?|map ?50(?:-95)?|map(?=[ :=|(]|$)|ap ?@? ?\d+"),
    (
        "roc_auc",
        r"(?:roc[ -]?auc|auc[ -]?roc|au-?roc"
        r"|area under (?:the )?(?:roc )?(?:receiver operating characteristic )?(?:curve )?(?:\(?auc\)?)?"
        r"|area (?:bajo|sob)(?: la| a)? curva(?: roc)?|auc|c[- ]statistic)(?:[ -]score)?",
    ),
    (
        "rmse",
        r"rmsle|rmse|nrmse|root[ -]mean[ -]squared?(?:[ -]log(?:arithmic)?)? error|raiz (?:del"
        r"|do) err?or? cuadratico medio|reqm|recm"
        r"|raiz d[oe]l? erro quadratico medio",
    ),
    (
        "mape",
        r"(?:s|w|m)ape|(?:symmetric |weighted )?mean absolute percent(?:age)? error|err?or? porcentual absoluto medio"
        r"|erro percentual absoluto medio|error porcentual(?: medio)?",
    ),
    ("median_absolute_error", r"medae|median absolute error|error absoluto mediano|mediana del error(?: absoluto)?"),
    (
        "mae",
        r"n?mae|mean absolute error|average absolute error|error absoluto medio|erro absoluto medio"
        r"|error medio absoluto|mad|mase",
    ),
    ("mse", r"mse|mean[ -]squared?[ -]error|error cuadratico medio|ecm|erro quadratico medio|eqm"),
    (
        "r2",
        r"r2(?:[ -]score)?|r\^2|r[ -]squared|coefficient of determination|coeficiente de determina(?:cion|cao)"
        r"|explained variance"
        r"|varianza explicada|variancia explicada",
    ),
    ("recall_at_k", r"(?:recall|hits?|hit rate|hit ratio) ?@ ?[\dk]+|top[ -]?\d+ (?:recall|hit rate)"),
    ("precision_at_k", r"(?:precision|p) ?@ ?[\dk]+"),
    ("ndcg", r"ndcg(?: ?@ ?[\dk]+)?"),
    ("mrr", r"mrr(?: ?@ ?[\dk]+)?|mean reciprocal rank"),
    ("top_k_accuracy", r"top[ -]?(?:\d+|k)(?: acc(?:uracy)?| error)?|acc(?:uracy)? ?@ ?[\dk]+"),
    (
        "f1",
        r"(?:macro|micro|weighted)[ -]?(?:averaged? )?f[ -]?1(?:[ -]?(?:score|measure))?"
        r"|f[ -]?1(?:[ -]?(?:score|measure))?"
        r"(?:[ -(]{1,2}(?:macro|micro|weighted)\)?)?|f[ -]?(?:beta|0\.5|2)(?:[ -]?(?:score|measure))?"
        r"|f[ -](?:score|measure)|(?:puntuacion|"
        r"medida|valor|pontuacao|puntaje)[ -]f1?|f-?macro",
    ),
    ("selection_rate", r"selection rates?|positive prediction rates?|tasas? de seleccion|taxas? de selecao"),
    (
        "false_positive_rate",
        r"fpr|false[ -]positive rates?|false[ -]alarm rates?|false[ -]alarms?|tasas? de falsos positivos"
        r"|taxas? de falsos "
        r"positivos|falsos positivos|false positives?|fall-?out",
    ),
    (
        "false_negative_rate",
        r"fnr|false[ -]negative rates?|miss rates?|tasas? de falsos negativos|taxas? de falsos negativos"
        r"|falsos negativos"
        r"|false negatives?",
    ),
    ("false_discovery_rate", r"fdr|false[ -]discovery rates?"),
    ("npv", r"npv|negative predictive value|valor predictivo negativo|vpn"),
    ("specificity", r"specificity|true[ -]negative rates?|tnr|especificidade?"),
    (
        "recall",
        r"recall|sensitivity|true[ -]positive rates?|tpr|exhaustividad|sensibilidade?|revocacion|revocacao"
        r"|recobrado|detection rates?"
        r"|tasa de deteccion|taxa de deteccao|hit rates?",
    ),
    ("precision", r"precision|precisao|ppv|positive predictive value|valor predictivo positivo|vpp"),
    ("brier", r"brier(?:[ -](?:score|loss))?(?: score)?|(?:puntuacion|indice) de brier"),
    (
        "log_loss",
        r"log[ -]?loss|logarithmic loss|cross[ -]?entropy(?: loss)?|entropia cruzada|perdida logaritmica"
        r"|perda logaritmica|nll",
    ),
    (
        "mcc",
        r"mcc|matthews(?:'s?)?(?: correlation(?: coefficient)?)?|coeficiente de (?:correlacion de )?matthews"
        r"|phi coefficient",
    ),
    ("kappa", r"(?:quadratic[ -])?(?:weighted )?(?:cohen'?s? )?kappa(?: de cohen)?|qwk"),
    (
        "ece",
        r"ece|(?:expected )?calibration error|error de calibracion|erro de calibracao|calibration (?:slope|intercept)",
    ),
    ("word_error_rate", r"wer|word error rates?|tasa de error de palabras?|taxa de erro de palavras?"),
    ("character_error_rate", r"cer|character error rates?|tasa de error de caracteres"),
    ("equal_error_rate", r"eer|equal error rates?"),
    (
        "error_rate",
        r"error rates?|misclassification(?: error| rate)?|classification error|tasas? de error|taxas? de erro"
        r"|test error",
    ),
    ("exact_match", r"exact[ -]match|em(?= ?[:=(]| score)"),
    ("bleu", r"(?:sacre)?bleu(?:-?\d)?(?: score)?"),
    ("chrf", r"chrf(?:\+\+|2)?"),
    ("rouge", r"rouge(?:[ -]?(?:1|2|lsum|l))?(?: score)?"),
    ("meteor", r"meteor"),
    ("bertscore", r"bert[ -]?score"),
    ("comet", r"comet(?:-?22)?(?= ?[:=|(]| score)"),
    ("perplexity", r"perplexity|ppl|perplejidad|perplexidade"),
    ("iou", r"m?iou|jaccard(?: index| score)?|intersection over union"),
    ("dice", r"dice(?: score| coefficient| similarity(?: coefficient)?)?|coeficiente de dice"),
    ("pass_at_k", r"pass ?@ ?[\dk]+"),
    ("win_rate", r"win[ -]rates?"),
    ("concordance", r"c[ -]index|concordance(?: index)?|indice de concordancia|harrell'?s c"),
    ("gini", r"gini(?: coefficient| index)?|(?:indice|coeficiente) de gini"),
    (
        "ks_statistic",
        r"ks(?: statistic| distance)?(?= ?[:=|(]| (?:of|statistic|de)|$)|kolmogorov.smirnov|estadistico ks",
    ),
    ("lift", r"lift(?: ?@ ?\d+ ?%?)?(?= ?[:=|(]| (?:of|in|at|de))"),
    ("silhouette", r"silhouette(?: score| coefficient)?|silueta"),
    ("ari", r"ari(?= ?[:=|(])|adjusted rand(?: index)?"),
    ("nmi", r"nmi|normali[sz]ed mutual information"),
    ("davies_bouldin", r"davies.bouldin(?: index)?"),
    ("pearson", r"pearson(?:'s)?(?: r| correlation(?: coefficient)?)?|correlacion de pearson|correlacao de pearson"),
    (
        "spearman",
        r"spearman(?:'s)?(?: rho| rank)?(?: correlation(?: coefficient)?)?|correlacion de spearman"
        r"|correlacao de spearman",
    ),
    ("kendall", r"kendall(?:'s)?(?: tau)?"),
    ("fid", r"fid(?: score)?"),
    ("psnr", r"psnr"),
    ("ssim", r"ssim"),
    ("lpips", r"lpips"),
    ("crps", r"crps"),
    ("pinball", r"(?:mean )?(?:pinball|quantile) loss|perdida pinball"),
    ("der", r"diarization error rate"),
    (
        "coverage",
        r"(?:interval |empirical )?coverage(?= ?[:=(]| of (?:the )?\d| (?:is|was))|cobertura (?:del intervalo"
        r"|empirica)",
    ),
    (
        "accuracy",
        r"(?:test |validation |overall )?acc(?:uracy|uracies)?|exactitud|acuracia|exatidao|(?:tasa|porcentaje"
        r"|taxa|percentual) de aciertos?"
        r"|(?:tasa|porcentaje|taxa|percentual) de acertos?|acierto|correct(?:ly classified)?(?= (?:answers"
        r"|predictions|in))",
    ),
    (
        "rate",
        r"(?:approval|acceptance|rejection|denial|refusal|positive|misclassification|alarm|flag(?:ging)?"
        r"|failure|referral)"
        r" rates?|rate of (?:classification|misclassification|rejection|refusal|approval|errors?|false \w+"
        r"|denials?)(?: into"
        r" [\w-]+ classes)?|(?:tasa|taxa) de (?:aprobacion|rechazo|denegacion|aprovacao|rejeicao|recusa)",
    ),
    ("mean_error", r"mean error|bias error|mbe|error medio|erro medio|sesgo medio"),
    (
        "loss",
        r"(?:eval(?:uation)?|test|val(?:idation)?|training|train)[ -]loss|loss|perdida(?= ?[:=|])|funcion de perdida",
    ),
)

# Between groups of people: a difference or a ratio by its very name.
_DIFFERENCES = (
    r"(?:demographic|statistical) parity(?: (?:difference|ratio|gap))?|equal(?:i[sz]ed)? odds(?: (?:difference"
    r"|ratio|gap))?"
    r"|equal opportunity(?: (?:difference|ratio|gap))?|disparate impact(?: ratio)?|adverse impact ratio"
    r"|average odds difference|predictive parity"
    r"|impacto (?:dispar|desigual)|paridad(?:e)? demografica|igualdad de oportunidades|igualdade de oportunidades"
    r"|(?:fairness|accuracy|recall|precision|auc|f1|tpr|fpr|fnr|error(?: rate)?|performance"
    r"|selection rate) (?:gap|disparity|difference)s?"
    r"|(?:brecha|diferencia|diferenca) (?:de|en|em) (?:exactitud|precision|sensibilidad|recall|auc|f1|error|tpr"
    r"|fpr|rendimiento)"
)

_ALL = re.compile(
    r"(?<![\w-])(?:(?P<parity_difference>"
    + _DIFFERENCES
    + ")|"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _NAMES)
    + r")(?![\w])"
)

# Between 0 and 1 (or 0 and 100 in per cent), or from -1 on.
UNBOUNDED = frozenset(
    (
        *(
            "rmse",
            "mse",
            "mae",
            "mape",
            "median_absolute_error",
            "log_loss",
            "loss",
            "perplexity",
            "fid",
            "psnr",
            "lift",
        ),
        *("crps", "pinball", "mean_error", "davies_bouldin", "word_error_rate", "r2"),
    )
)
WITH_UNITS = frozenset(("rmse", "mse", "mae", "median_absolute_error", "crps", "pinball", "mean_error", "mape"))
"""Errors on the scale of the target, which may carry its unit."""


KNOWN = frozenset(name for name, _ in _NAMES)
"""Every name that a metric has here; those of rankings may have a rank behind them: ``ndcg@10``."""
_AT_RANK = frozenset(("ndcg", "mrr"))  # of which the value at another rank is another metric


@dataclass(frozen=True, slots=True)
class Mention:
    """A metric's name in a text; ``own``: a name that nobody knows but who measured it."""

    name: str
    start: int
    end: int
    difference: bool = False
    own: bool = False


def is_known(metric: str) -> bool:
    """Whether a metric is one that everybody means the same by."""
    return metric.partition("@")[0] in KNOWN


@dataclass(frozen=True, slots=True)
class OwnNames:
    """Names of metrics of somebody's own: a pattern over folded text, and what each is called by its folded name."""

    pattern: re.Pattern[str]
    names: Mapping[str, str]


def own_names(names: Iterable[str]) -> OwnNames | None:
    """Return what finds metrics of somebody's own in a text; None where there are none.

    Parameters
    ----------
    names : iterable of str
        As they are measured: ``profit_per_flight``; a card may have blanks for underscores.
    """
    from pytest_mlgate.cards.words import fold

    by_text = {" ".join(fold(name).replace("_", " ").split()): name for name in names if not is_known(name)}
    by_text.pop("", None)
    if not by_text:
        return None
    longest_first = sorted(by_text, key=len, reverse=True)
    return OwnNames(re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w])"), by_text)


def mentions(folded: str, own: OwnNames | None = None) -> Iterator[Mention]:
    """Yield the names of metrics in a folded text, from left to right."""
    text = folded.replace("_", " ")
    theirs = [] if own is None else [_own(match, own) for match in own.pattern.finditer(text)]
    if not theirs:
        yield from _known(text)
        return
    others = (one for one in _known(text) if not any(one.start < it.end and it.start < one.end for it in theirs))
    yield from sorted((*theirs, *others), key=lambda mention: mention.start)


def _own(match: re.Match[str], own: OwnNames) -> Mention:
    return Mention(own.names[match.group()], match.start(), match.end(), own=True)


def _known(text: str) -> Iterator[Mention]:
    if not re.search(r"[a-z]{2}|r2|f1", text):
        return
    for match in _ALL.finditer(text):
        name = match.lastgroup or ""
        rank = re.search(r"@ ?(\d+)$", match.group()) if name in _AT_RANK else None
        called = f"{name}@{rank.group(1)}" if rank else name
        yield Mention(called, match.start(), match.end(), difference=name == "parity_difference")


def metric_of(folded: str, own: OwnNames | None = None) -> Mention | None:
    """Return the only metric that a short text (a column's head) names; None where it names none, or several."""
    found = list(mentions(folded, own))
    names = {mention.name for mention in found}
    return found[0] if len(names) == 1 else None
