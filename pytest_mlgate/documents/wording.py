"""Names and labels of the measured parts, in English and Spanish; numbers as they are printed."""

from __future__ import annotations

import math

LANGUAGES = ("en", "es")

_METRICS = {
    "roc_auc": ("ROC AUC", "ROC AUC"),
    "average_precision": ("average precision", "average precision"),
    "brier": ("Brier score", "Brier score"),
    "log_loss": ("log loss", "log loss"),
    "gini": ("Gini coefficient", "coeficiente de Gini"),
    "accuracy": ("accuracy", "exactitud"),
    "balanced_accuracy": ("balanced accuracy", "exactitud balanceada"),
    "error_rate": ("error rate", "tasa de error"),
    "precision": ("precision", "precisión"),
    "recall": ("recall", "sensibilidad"),
    "f1": ("F1", "F1"),
    "specificity": ("specificity", "especificidad"),
    "false_positive_rate": ("false positive rate", "tasa de falsos positivos"),
    "false_negative_rate": ("false negative rate", "tasa de falsos negativos"),
    "false_discovery_rate": ("false discovery rate", "false discovery rate"),
    "npv": ("negative predictive value", "valor predictivo negativo"),
    "selection_rate": ("selection rate", "tasa de selección"),
    "mcc": ("MCC", "MCC"),
    "kappa": ("Cohen's kappa", "kappa de Cohen"),
    "mae": ("MAE", "MAE"),
    "mse": ("MSE", "MSE"),
    "rmse": ("RMSE", "RMSE"),
    "mape": ("MAPE", "MAPE"),
    "median_absolute_error": ("median absolute error", "error absoluto mediano"),
    "mean_error": ("mean error", "error medio"),
    "r2": ("R2", "R2"),
    "ndcg": ("nDCG", "nDCG"),
    "mrr": ("MRR", "MRR"),
    "ece": ("expected calibration error", "error de calibración"),
    "pinball": ("pinball loss", "pérdida pinball"),
}

_LABELS = {
    "Monitoring": "Monitorización",
    "approvers": "aprueban",
    "artifact": "archivo del modelo",
    "baseline": "modelo anterior",
    "by": "Por",
    "candidate": "candidato",
    "column": "columna",
    "commit": "commit del código",
    "contact": "contacto",
    "difference": "diferencia",
    "distinct": "valores distintos",
    "duplicates": "filas repetidas",
    "environment": "entorno",
    "explanation": "explicación de las decisiones",
    "input columns": "columnas de entrada",
    "file": "archivo",
    "fitted in": "ajustado en",
    "format": "formato",
    "from": "desde",
    "group": "grupo",
    "hyperparameters": "hiperparámetros",
    "interval by": "intervalo por",
    "kind": "tipo",
    "measured in": "medido en",
    "metric": "métrica",
    "missing": "ausentes",
    "model": "modelo",
    "name": "nombre",
    "Not measured by": "No medido por",
    "notify": "avisa a",
    "owner": "responsable",
    "package": "paquete",
    "period": "periodo",
    "positive": "clase positiva",
    "previous model": "modelo anterior",
    "queries": "consultas",
    "range": "rango",
    "release": "despliegue",
    "retirement": "retirada",
    "retraining": "reentrenamiento",
    "rollback": "marcha atrás",
    "rows": "filas",
    "run": "ejecución",
    "sensitive": "sensible",
    "share": "proporción",
    "signal": "señal",
    "size": "tamaño",
    "task": "tarea",
    "threshold": "umbral",
    "to": "hasta",
    "training rows": "filas de entrenamiento",
    "type": "tipo",
    "value": "valor",
    "version": "versión",
    "watched": "se vigila",
    "target": "objetivo",
}


def metric_label(metric: str, language: str = "en") -> str:
    """Return what a metric is called in a card."""
    name, at, rank = metric.partition("@")
    names = _METRICS.get(name)
    return metric.replace("_", " ") if names is None else f"{names[LANGUAGES.index(language)]}{at}{rank}"


def label(text: str, language: str = "en") -> str:
    """Return a label in a card's language."""
    if text == "digest":
        return "SHA-256"
    return _LABELS.get(text, text) if language == "es" else text


def printed(value: float) -> str:
    """Return a number with four digits behind the point, or with five significant ones where it is large."""
    if not math.isfinite(value):
        return str(value)
    if abs(value) < 10:
        return f"{value:.4f}"
    digits = max(0, 4 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}"


def with_interval(value: float, low: float | None, high: float | None) -> str:
    """Return a number and its interval: ``0.7612 [0.7556, 0.7668]``."""
    if low is None or high is None:
        return printed(value)
    return f"{printed(value)} [{printed(low)}, {printed(high)}]"


def grouped(count: int) -> str:
    """Return a count with blanks between thousands."""
    return f"{count:,}".replace(",", " ")


def share(value: float) -> str:
    """Return a share in per cent."""
    return f"{100 * value:.1f} %"


def cell(text: object) -> str:
    """Return a text that stays in its cell of a Markdown table, and is shown as it is."""
    plain = " ".join(str(text).split())
    for sign in ("\\", "|", "<", "[", "*", "_", "`"):
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def code(text: object) -> str:
    """Return a text set as code in a cell."""
    plain = " ".join(str(text).split()).replace("|", "\\|").replace("`", "'")
    return f"`{plain}`" if plain else ""


def table(header: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def say(language: str, en: str, es: str) -> str:
    """Return the sentence in Spanish for a Spanish document, else in English."""
    return es if language == "es" else en
