"""What sections and their parts are called, and what to write where they lack, in English and Spanish."""

from __future__ import annotations

from collections.abc import Mapping

Both = tuple[str, str]
"""A sentence in English and in Spanish."""

SECTIONS: Mapping[str, Both] = {
    "model_details": ("model details", "detalles del modelo"),
    "intended_use": ("intended use", "uso previsto"),
    "out_of_scope_use": ("out-of-scope use", "usos fuera de alcance"),
    "training_data": ("training data", "datos de entrenamiento"),
    "evaluation_data": ("evaluation data", "datos de evaluación"),
    "metrics": ("metrics", "métricas"),
    "subgroup_metric": ("a metric by group", "métrica por grupo"),
    "limitations": ("limitations", "limitaciones"),
    "ethical_considerations": ("ethical considerations", "consideraciones éticas"),
    "factors": ("factors", "factores"),
    "training_procedure": ("training procedure", "procedimiento de entrenamiento"),
    "how_to_use": ("how to use it", "cómo se usa"),
    "environmental_impact": ("environmental impact", "impacto ambiental"),
    "technical_specifications": ("technical specifications", "especificaciones técnicas"),
    "citation": ("citation", "cita"),
    "license": ("licence", "licencia"),
    "owner": ("owner", "responsable"),
    "lineage": ("lineage", "trazabilidad"),
    "monitoring": ("monitoring", "monitorización"),
    "rollback": ("rollback", "vuelta atrás"),
    "retraining": ("retraining", "reentrenamiento"),
    "retirement": ("retirement", "retirada"),
    "retired": ("why it was retired", "por qué se retiró"),
    "human_oversight": ("human oversight", "supervisión humana"),
    "risk_management": ("risk management", "gestión de riesgos"),
    "changes": ("changes", "cambios"),
    "standards": ("standards", "normas"),
    "conformity": ("declaration of conformity", "declaración de conformidad"),
    "cybersecurity": ("cybersecurity", "ciberseguridad"),
    "metric_choice": ("why these metrics", "por qué estas métricas"),
    "quantitative_analyses": ("quantitative analyses", "análisis cuantitativos"),
    "caveats_and_recommendations": ("caveats and recommendations", "advertencias y recomendaciones"),
    "annex_iv_1": ("Annex IV point 1, general description", "Anexo IV punto 1, descripción general"),
    "annex_iv_2": ("Annex IV point 2, elements and development", "Anexo IV punto 2, elementos y desarrollo"),
    "annex_iv_3": ("Annex IV point 3, monitoring, functioning, control", "Anexo IV punto 3, supervisión y control"),
    "annex_iv_4": ("Annex IV point 4, choice of metrics", "Anexo IV punto 4, idoneidad de las métricas"),
    "annex_iv_5": ("Annex IV point 5, risk management", "Anexo IV punto 5, gestión de riesgos"),
    "annex_iv_6": ("Annex IV point 6, changes", "Anexo IV punto 6, cambios"),
    "annex_iv_7": ("Annex IV point 7, standards", "Anexo IV punto 7, normas"),
    "annex_iv_8": ("Annex IV point 8, declaration of conformity", "Anexo IV punto 8, declaración de conformidad"),
    "annex_iv_9": ("Annex IV point 9, post-market monitoring", "Anexo IV punto 9, vigilancia poscomercialización"),
}

PARTS: Mapping[str, Both] = {
    "name": ("a name", "un nombre"),
    "type": ("a type or an algorithm", "un tipo o un algoritmo"),
    "version": ("a version or a date", "una versión o una fecha"),
    "task": ("a task or a decision", "una tarea o una decisión"),
    "negated_use": ("a use that is ruled out", "un uso excluido"),
    "source": ("a named source", "una fuente con nombre"),
    "extent": ("a size, a period, a version or a digest", "un tamaño, un periodo, una versión o una huella"),
    "set": ("a named set or split", "un conjunto o una división con nombre"),
    "detail": ("a size, a share, a period or a protocol", "un tamaño, una proporción, un periodo o un protocolo"),
    "measured": (
        "a metric's name with a number measured on this model",
        "una métrica con un número medido en este modelo",
    ),
    "group_value": (
        "a metric's value on a group, or a difference between groups",
        "el valor de una métrica en un grupo, o una diferencia entre grupos",
    ),
    "condition": ("a specific condition", "una condición concreta"),
    "risk": ("a risk or an affected group", "un riesgo o un grupo afectado"),
    "statement": ("a statement of substance", "una afirmación con contenido"),
    "person": ("a person", "una persona"),
    "contact": ("a way to reach them", "una forma de contacto"),
    "commit": ("the code's commit", "el commit del código"),
    "data_digest": ("a digest of the data", "una huella de los datos"),
    "signal": ("a signal that is watched", "una señal vigilada"),
    "when": ("how often, or from which value on", "cada cuánto, o desde qué valor"),
    "target": ("what is gone back to", "a qué se vuelve"),
    "trigger": ("what sets it off", "qué lo desencadena"),
    "reason": ("a reason", "un motivo"),
    "date": ("a date", "una fecha"),
    "kept": ("what is kept", "qué se conserva"),
}

_LIMITATION: Both = (
    "name at least one condition under which the model is worse, or was not tried",
    "nombre al menos una condición en la que el modelo es peor o no se ha probado",
)
FIXES: Mapping[str, Both] = {
    "model_details": (
        "give the name, the type or algorithm, and the version or date",
        "indique el nombre, el tipo o algoritmo, y la versión o la fecha",
    ),
    "intended_use": (
        "say in a sentence which task the model does, or which decision it supports, and for whom",
        "diga en una frase qué tarea hace el modelo, o qué decisión apoya, y para quién",
    ),
    "out_of_scope_use": (
        'name at least one use that is ruled out: "must not be used for ..."',
        'nombre al menos un uso excluido: "no se debe usar para ..."',
    ),
    "training_data": (
        "name the source, and how many rows, from when, or which version or digest",
        "nombre la fuente, y cuántas filas, de cuándo, o qué versión o huella",
    ),
    "evaluation_data": (
        "name the set or split, and how large it is, from when, or how it was made",
        "nombre el conjunto o la división, y cuánto mide, de cuándo es o cómo se hizo",
    ),
    "metrics": (
        "give at least one metric with the number that was measured on this model",
        "dé al menos una métrica con el número medido en este modelo",
    ),
    "subgroup_metric": (
        "give a metric's value for at least one group, or the difference between groups; or say why it does not apply",
        "dé el valor de una métrica en al menos un grupo, o la diferencia entre grupos; o diga por qué no procede",
    ),
    "limitations": _LIMITATION,
    "caveats_and_recommendations": _LIMITATION,
    "ethical_considerations": (
        "name a risk or a group that is affected; or say why it does not apply",
        "nombre un riesgo o un grupo afectado; o diga por qué no procede",
    ),
    "owner": (
        "name a person and how to reach them; a team is nobody",
        "nombre a una persona y cómo contactar con ella; un equipo no es nadie",
    ),
}
OTHER_FIX: Both = (
    "write what there is to say, or link to the file that says it",
    "escriba lo que haya que decir, o enlace el fichero",
)


def name_of(section: str, language: str) -> str:
    """Return what a section is called in a language."""
    return SECTIONS[section][language == "es"]


def fix_of(section: str, language: str) -> str:
    """Return the sentence that says what to write."""
    return FIXES.get(section, OTHER_FIX)[language == "es"]


def parts_of(missing: tuple[str, ...], language: str) -> str:
    """Return parts as a list in words."""
    names = [PARTS[part][language == "es"] for part in missing]
    joint = " y " if language == "es" else " and "
    return joint.join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
