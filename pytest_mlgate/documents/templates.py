"""New documents: headings, measured parts, and blanks for what only a human knows.

A blank is ``TODO(section): question``. No sentence is offered that could stay: the gate takes blanks for what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_mlgate.documents.wording import say


def card(language: str, *, name: str, pipeline: str, groups: bool, baseline: bool, findings: Iterable[str]) -> str:
    """Return a new card, its measured parts empty.

    Parameters
    ----------
    language : {"en", "es"}
    name : str
        Of the model.
    pipeline : str
        By which a model hub knows the task.
    groups, baseline : bool
        Whether there are groups, and a model that is replaced.
    findings : iterable of str
        What the last verdict left open: the limitations have to say what each means.
    """
    lines = [
        "---",
        f"license: {_blank(language, 'license', 'an SPDX identifier', 'un identificador SPDX')}",
        f"pipeline_tag: {pipeline}",
        "# mlgate:model-index",
        "# /mlgate:model-index",
        "---",
        "",
        f"# {say(language, 'Model card', 'Ficha del modelo')}: {name}",
    ]
    for section in _sections(language, groups, baseline, list(findings)):
        lines += ["", *section]
    return "\n".join(lines) + "\n"


def _blank(language: str, section: str, en: str, es: str) -> str:
    return f"TODO({section}) {say(language, en, es)}"


def _part(name: str) -> list[str]:
    return [f"<!-- mlgate:{name} -->", f"<!-- /mlgate:{name} -->"]


def _sections(language: str, groups: bool, baseline: bool, findings: list[str]) -> Iterator[list[str]]:
    def ask(section: str, en: str, es: str) -> str:
        return f"TODO({section}): {say(language, en, es)}"

    def head(level: int, en: str, es: str) -> str:
        return f"{'#' * level} {say(language, en, es)}"

    yield [
        head(2, "Model details", "Detalles del modelo"),
        "",
        ask(
            "model_details",
            "what does it answer, from what, and who made it?",
            "¿qué responde, a partir de qué, y quién lo hizo?",
        ),
        "",
        *_part("model"),
    ]
    yield [
        head(2, "Intended use", "Uso previsto"),
        "",
        ask(
            "intended_use",
            "which decision does it support, whose is it, and at which moment?",
            "¿qué decisión apoya, de quién es, y en qué momento?",
        ),
        "",
        head(3, "Out-of-scope use", "Usos fuera de alcance"),
        "",
        ask(
            "out_of_scope_use",
            "for what must it not be used, though somebody might?",
            "¿para qué no debe usarse, aunque alguien podría?",
        ),
    ]
    yield [
        head(2, "Training data", "Datos de entrenamiento"),
        "",
        ask(
            "training_data",
            "where do the rows come from, who collected them, and which were left out?",
            "¿de dónde vienen las filas, quién las recogió, y cuáles se dejaron fuera?",
        ),
        "",
        *_part("training-data"),
    ]
    yield [
        head(2, "Evaluation data", "Datos de evaluación"),
        "",
        ask(
            "evaluation_data",
            "how were these rows set apart, and what do they stand for?",
            "¿cómo se apartaron estas filas, y a qué representan?",
        ),
        "",
        *_part("evaluation-data"),
    ]
    yield [
        head(2, "Metrics", "Métricas"),
        "",
        *_part("metrics"),
        *(["", head(3, "Compared with the previous model", "Frente al modelo anterior")] if baseline else []),
        *(["", *_part("comparison")] if baseline else []),
        "",
        *_part("plots"),
    ]
    if groups:
        yield [head(3, "By group", "Resultados por grupo"), "", *_part("groups")]
    yield [
        head(2, "Limitations", "Limitaciones"),
        "",
        ask(
            "limitations",
            "under which conditions is it wrong, and how would one notice?",
            "¿en qué condiciones se equivoca, y cómo se notaría?",
        ),
        *(f"\n{ask('limitations', *_left_open(finding))}" for finding in findings),
    ]
    yield [
        head(2, "Ethical considerations", "Consideraciones éticas"),
        "",
        ask(
            "ethical_considerations",
            "who could be harmed by a wrong answer, and what is done about it?",
            "¿a quién podría perjudicar una respuesta equivocada, y qué se hace al respecto?",
        ),
    ]
    yield [head(2, "Ownership and operation", "Responsables y operación"), "", *_part("governance")]
    yield [
        head(2, "Lineage", "Linaje"),
        "",
        *_part("lineage"),
        "",
        *_part("environment"),
    ]


def _left_open(finding: str) -> tuple[str, str]:
    return f"what does it mean for users that {finding}?", f"¿qué significa para los usuarios que {finding}?"


def datasheet(language: str, *, name: str) -> str:
    """Return a new datasheet for the training rows, its measured parts empty; the questions are Gebru et al.'s."""
    lines = [f"# {say(language, 'Datasheet', 'Ficha de los datos')}: {name}"]
    for section, en, es, questions, part_names in _DATASHEET:
        lines += ["", f"## {say(language, en, es)}"]
        for part in part_names:
            lines += ["", *_part(part)]
        for question_en, question_es in questions:
            lines += ["", f"TODO({section}): {say(language, question_en, question_es)}"]
    return "\n".join(lines) + "\n"


_DATASHEET: tuple[tuple[str, str, str, tuple[tuple[str, str], ...], tuple[str, ...]], ...] = (
    (
        "motivation",
        "Motivation",
        "Motivación",
        (
            (
                "for what purpose was it created, by whom, and who paid for it?",
                "¿con qué fin se creó, por quién, y quién lo pagó?",
            ),
        ),
        (),
    ),
    (
        "composition",
        "Composition",
        "Composición",
        (
            ("what does one row stand for?", "¿qué representa una fila?"),
            (
                "is it a sample of something larger, and what is missing from it?",
                "¿es una muestra de algo mayor, y qué le falta?",
            ),
            (
                "what is known of errors, noise and redundancies?",
                "¿qué se sabe de errores, ruido y redundancias?",
            ),
            (
                "does it hold anything confidential, offensive or about persons who could be identified?",
                "¿contiene algo confidencial, ofensivo o sobre personas identificables?",
            ),
        ),
        ("composition", "columns", "subpopulations"),
    ),
    (
        "collection",
        "Collection process",
        "Proceso de recogida",
        (
            (
                "how was each value acquired, by whom, and over which time?",
                "¿cómo se obtuvo cada valor, por quién, y en qué periodo?",
            ),
            (
                "did the persons concerned know and agree, and can they take it back?",
                "¿lo sabían y lo aceptaron las personas afectadas, y pueden retirarlo?",
            ),
        ),
        (),
    ),
    (
        "preprocessing",
        "Preprocessing, cleaning, labelling",
        "Preprocesamiento, limpieza, etiquetado",
        (
            (
                "what was done to the raw rows, by which code, and are they kept?",
                "¿qué se hizo con las filas en bruto, con qué código, y se conservan?",
            ),
            ("where do the labels come from?", "¿de dónde vienen las etiquetas?"),
        ),
        (),
    ),
    (
        "uses",
        "Uses",
        "Usos",
        (
            (
                "for what has it been used, and for what could it be?",
                "¿para qué se ha usado, y para qué podría usarse?",
            ),
            ("for what should it not be used?", "¿para qué no debería usarse?"),
        ),
        (),
    ),
    (
        "distribution",
        "Distribution",
        "Distribución",
        (
            (
                "who may have it, under which licence, and which law or contract restricts it?",
                "¿quién puede tenerlo, con qué licencia, y qué ley o contrato lo restringe?",
            ),
        ),
        (),
    ),
    (
        "maintenance",
        "Maintenance",
        "Mantenimiento",
        (
            (
                "who keeps it, how are they reached, and how are errors corrected?",
                "¿quién lo mantiene, cómo se le contacta, y cómo se corrigen los errores?",
            ),
            (
                "until when is it kept, and what becomes of old versions?",
                "¿hasta cuándo se conserva, y qué pasa con las versiones viejas?",
            ),
        ),
        (),
    ),
)
