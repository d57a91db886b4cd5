"""Cards in JSON, in the internal form: model-card-toolkit, CycloneDX and SageMaker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pytest_mlgate.cards.form import Block, Format, Number, Pair, Section, Span, Text
from pytest_mlgate.cards.inline import scan
from pytest_mlgate.cards.json_text import Node, NotJson, parse
from pytest_mlgate.cards.limits import MOST_CHARACTERS
from pytest_mlgate.cards.metric_names import metric_of
from pytest_mlgate.cards.numbers import numbers
from pytest_mlgate.cards.words import WHOLE, fold

_TOOLKIT = ("model_details", "model_parameters", "quantitative_analysis", "considerations")
_SAGEMAKER = ("model_overview", "intended_uses", "training_details", "evaluation_details", "additional_information")
_EVALUATION = re.compile(
    r"\b(?:eval\w*|test\w*|valid\w*|hold-?out|held|dev|benchmark|prueba|validacion|evaluacion|avaliacao|teste)\b"
)


@dataclass(frozen=True, kw_only=True)
class JsonCard:
    """What was read of a card in JSON."""

    format: Format
    title: str
    sections: tuple[Section, ...]
    numbers: tuple[Number, ...]
    cut: int = 0
    """The line from which on nothing was read; 0: all was."""


def read_json(text: str) -> JsonCard | None:
    """Return the card that a JSON text holds; None where it is JSON and no card.

    Raises
    ------
    NotJson
        The text is no JSON.
    """
    found = _card(text)
    return None if found is None else _within_limits(found)


def _within_limits(card: JsonCard) -> JsonCard:
    """Return a card with as much of its text as is read of any."""
    left, cut = MOST_CHARACTERS, 0
    sections = []
    for section in card.sections:
        kept = []
        for block in section.blocks:
            size = len(block.text.plain)
            if size > left and not cut:
                cut = block.line
            if left > 0:
                kept.append(block if size <= left else _shortened(block, left))
            left -= size
        sections.append(replace(section, blocks=tuple(kept)))
    return replace(card, sections=tuple(sections), cut=cut) if cut else card


def _shortened(block: Block, size: int) -> Block:
    text = block.text.part(0, size)
    return replace(block, text=text, pairs=tuple(Pair(label=pair.label, value=text) for pair in block.pairs))


def _card(text: str) -> JsonCard | None:
    root = parse(text)
    if not isinstance(root.value, dict):
        return None
    for unwrap in ("model_card", "modelCard", "Content", "ModelCardContent"):
        inner = root.get(unwrap)
        if inner is not None and isinstance(inner.value, str):
            try:
                root = _moved(parse(inner.value), inner)
            except NotJson as error:
                raise NotJson(f"`{unwrap}` {error}", inner.line) from None
        elif inner is not None and isinstance(inner.value, dict) and unwrap != "modelCard":
            root = inner
    if not isinstance(root.value, dict):
        return None
    if root.get("bomFormat") is not None or root.get("components") is not None:
        return _cyclonedx(root)
    if sum(root.get(key) is not None for key in _SAGEMAKER) >= 1:
        return _sagemaker(root)
    if sum(root.get(key) is not None for key in _TOOLKIT) >= 1:
        return _toolkit(root)
    return None


def _moved(node: Node, to: Node) -> Node:
    """Return a value that was parsed out of a string, all of it at the place of that string."""
    if isinstance(node.value, dict):
        return Node({key: _moved(child, to) for key, child in node.value.items()}, node.text, to.line, to.column)
    if isinstance(node.value, list):
        return Node([_moved(child, to) for child in node.value], node.text, to.line, to.column)
    return Node(node.value, node.text, to.line, to.column)


@dataclass
class _Builder:
    """Collects values under the section that they belong to; a key makes a section, also without a value."""

    sections: dict[str, tuple[Node, str, list[Block]]] = field(default_factory=dict)
    numbers: list[Number] = field(default_factory=list)
    title: str = ""

    def slot(self, name: str, node: Node | None, heading: str) -> list[Block] | None:
        if node is None:
            return None
        return self.sections.setdefault(name, (node, heading, []))[2]

    def value(self, name: str, node: Node | None, label: str) -> None:
        """Add a labelled value; null and an empty text are a blank."""
        blocks = self.slot(name, node, label)
        if blocks is None or node is None:
            return
        for leaf in [node] if not isinstance(node.value, list | dict) else node.leaves():
            text = _text(leaf)
            pair = Pair(label=Text(plain=label, marks=((0, leaf.line, leaf.column),)), value=text)
            blocks.append(Block(kind="item", text=text, line=leaf.line, end_line=leaf.line, pairs=(pair,), depth=1))

    def statements(self, name: str, node: Node | None, heading: str) -> None:
        """Add every text below a node as a statement; those of one object make one."""
        blocks = self.slot(name, node, heading)
        if blocks is None or node is None:
            return
        for item in node.items():
            leaves = list(item.leaves())
            filled = [leaf for leaf in leaves if leaf.text.strip()]
            for leaf in filled or leaves[:1]:
                blocks.append(_statement(leaf))

    def metric(self, name: Node | None, value: Node | None, group: Node | None, within: Node) -> None:
        """Add a metric's value, on all rows or on a slice of them."""
        label, shown = (name.text if name else ""), (value.text if value else "")
        blocks = self.slot("metrics", within, "metrics")
        assert blocks is not None
        where = value or within
        pair = Pair(label=_text(name or within, label), value=_text(where, shown))
        blocks.append(
            Block(kind="item", text=_text(where, shown), line=where.line, end_line=where.line, pairs=(pair,), depth=1)
        )
        found = next(iter(numbers(fold(shown))), None)
        if not label.strip() or found is None:
            return
        known = metric_of(fold(label))
        part = (group.text if group else "").strip()
        self.numbers.append(
            Number(
                value=found.value,
                unit="percent" if found.percent else "",
                printed=found.text,
                digits=found.digits,
                metric=known.name if known else re.sub(r"\W+", "_", fold(label)).strip("_"),
                metric_text=label,
                group="" if WHOLE.fullmatch(fold(part)) else part,
                group_column="slice" if part else "",
                difference=bool(known and known.difference),
                span=Span(
                    line=where.line,
                    column=where.column,
                    end_line=where.line,
                    end_column=where.column + len(found.text),
                ),
            )
        )

    def build(self, kind: Format, title: str) -> JsonCard:
        sections = [Section(kind="start", level=0, line=1, end_line=1)]
        for name, (node, heading, blocks) in self.sections.items():
            last = max([node.line, *(block.end_line for block in blocks)])
            sections.append(
                Section(
                    ids=(name,),
                    heading=Text(plain=heading, marks=((0, node.line, node.column),)),
                    kind="key",
                    level=2,
                    line=node.line,
                    end_line=last,
                    parent=0,
                    blocks=tuple(blocks),
                )
            )
        return JsonCard(format=kind, title=title, sections=tuple(sections), numbers=tuple(self.numbers))


def _text(node: Node, text: str | None = None) -> Text:
    return scan(node.text if text is None else text, [(0, node.line, node.column)])


def _statement(leaf: Node) -> Block:
    return Block(kind="item", text=_text(leaf), line=leaf.line, end_line=leaf.line, depth=1)


def _toolkit(root: Node) -> JsonCard:
    made = _Builder()
    details = root.get("model_details")
    made.slot("model_details", details, "model_details")
    if details is not None:
        made.value("model_details", details.get("name"), "name")
        made.statements("model_details", details.get("overview"), "overview")
        made.statements("model_details", details.get("documentation"), "documentation")
        made.value("model_details", details.get("version", "name"), "version")
        made.value("model_details", details.get("version", "date"), "date")
        made.value("owner", details.get("owners"), "owner")
        made.value("license", details.get("licenses") or details.get("license"), "license")
        made.statements("citation", details.get("references"), "references")
        made.statements("citation", details.get("citations"), "citations")
    parameters = root.get("model_parameters")
    if parameters is not None:
        made.value("model_details", parameters.get("model_architecture"), "architecture")
        _data(made, parameters.get("data"))
        for key in ("input_format", "output_format", "input_format_map", "output_format_map"):
            made.statements("technical_specifications", parameters.get(key), key)
    _metrics(made, root.get("quantitative_analysis", "performance_metrics"), "type", "value")
    _considerations(made, root.get("considerations"), "use_cases", "limitations", "ethical_considerations")
    return made.build("model-card-toolkit", _name(details.get("name") if details else None))


def _cyclonedx(root: Node) -> JsonCard | None:
    components = root.get("components")
    models = [
        node
        for node in ([*components.items()] if components else [])
        if isinstance(node.value, dict) and (node.get("modelCard") is not None or _is(node, "machine-learning-model"))
    ]
    if not models:
        return None
    model = next((node for node in models if node.get("modelCard") is not None), models[0])
    card = model.get("modelCard")
    made = _Builder()
    made.value("model_details", model.get("name"), "name")
    made.value("model_details", model.get("version"), "version")
    made.statements("model_details", model.get("description"), "description")
    made.statements("license", model.get("licenses"), "licenses")
    for key in ("supplier", "manufacturer", "authors", "author", "publisher"):
        made.value("owner", model.get(key), "owner")
    if card is None:
        return made.build("cyclonedx", _name(model.get("name")))
    parameters = card.get("modelParameters")
    if parameters is not None:
        for key in ("task", "architectureFamily", "modelArchitecture"):
            made.value("model_details", parameters.get(key), "task" if key == "task" else "architecture")
        _data(made, parameters.get("datasets"), _by_reference(components))
        made.statements("technical_specifications", parameters.get("inputs"), "inputs")
        made.statements("technical_specifications", parameters.get("outputs"), "outputs")
    _metrics(made, card.get("quantitativeAnalysis", "performanceMetrics"), "type", "value")
    considerations = card.get("considerations")
    _considerations(made, considerations, "useCases", "technicalLimitations", "ethicalConsiderations")
    if considerations is not None:
        made.statements("limitations", considerations.get("performanceTradeoffs"), "performanceTradeoffs")
        made.statements("ethical_considerations", considerations.get("fairnessAssessments"), "fairnessAssessments")
        made.statements("environmental_impact", considerations.get("environmentalConsiderations"), "environment")
    return made.build("cyclonedx", _name(model.get("name")))


def _is(node: Node, kind: str) -> bool:
    found = node.get("type")
    return found is not None and found.value == kind


def _by_reference(components: Node | None) -> dict[str, Node]:
    found = {}
    for node in components.items() if components else []:
        reference = node.get("bom-ref")
        if reference is not None and isinstance(reference.value, str):
            found[reference.value] = node
    return found


def _sagemaker(root: Node) -> JsonCard:
    made = _Builder()
    overview = root.get("model_overview")
    made.slot("model_details", overview, "model_overview")
    if overview is not None:
        for key, label in (("model_name", "name"), ("model_version", "version"), ("algorithm_type", "algorithm")):
            made.value("model_details", overview.get(key), label)
        made.value("model_details", overview.get("problem_type"), "problem type")
        made.statements("model_details", overview.get("model_description"), "model_description")
        made.value("owner", overview.get("model_owner"), "owner")
        made.value("model_details", overview.get("model_creator"), "creator")
    uses = root.get("intended_uses")
    made.slot("intended_use", uses, "intended_uses")
    if uses is not None:
        made.statements("intended_use", uses.get("purpose_of_model"), "purpose_of_model")
        made.statements("intended_use", uses.get("intended_uses"), "intended_uses")
        made.statements(
            "limitations", uses.get("factors_affecting_model_efficiency"), "factors_affecting_model_efficiency"
        )
        made.statements("ethical_considerations", uses.get("explanations_for_risk_rating"), "risk rating")
    made.statements("intended_use", root.get("business_details", "business_problem"), "business_problem")
    _sagemaker_training(made, root.get("training_details"))
    _sagemaker_evaluation(made, root.get("evaluation_details"))
    more = root.get("additional_information")
    if more is not None:
        made.statements("ethical_considerations", more.get("ethical_considerations"), "ethical_considerations")
        made.statements("limitations", more.get("caveats_and_recommendations"), "caveats_and_recommendations")
    return made.build("sagemaker", _name(overview.get("model_name") if overview else None))


def _sagemaker_training(made: _Builder, training: Node | None) -> None:
    if training is None:
        return
    made.slot("training_data", training, "training_details")
    made.statements("training_data", training.get("training_observations"), "training_observations")
    job = training.get("training_job_details")
    if job is None:
        return
    made.value("training_data", job.get("training_datasets"), "datasets")
    made.statements("training_procedure", job.get("hyper_parameters"), "hyper_parameters")
    for key in ("training_metrics", "user_provided_training_metrics"):
        _metrics(made, job.get(key), "name", "value")


def _sagemaker_evaluation(made: _Builder, evaluations: Node | None) -> None:
    for evaluation in evaluations.items() if evaluations else []:
        made.value("evaluation_data", evaluation.get("name"), "test set")
        made.statements("evaluation_data", evaluation.get("evaluation_observation"), "evaluation_observation")
        made.value("evaluation_data", evaluation.get("datasets"), "datasets")
        groups = evaluation.get("metric_groups")
        made.slot("metrics", groups, "metric_groups")
        for group in groups.items() if groups else []:
            _metrics(made, group.get("metric_data"), "name", "value")


def _data(made: _Builder, data: Node | None, references: dict[str, Node] | None = None) -> None:
    """Add data sets; what speaks of a test is the evaluation's, all else the training's."""
    if data is None:
        return
    if isinstance(data.value, dict) and {"train", "eval"} & set(data.value):
        made.statements("training_data", data.get("train"), "train")
        made.statements("evaluation_data", data.get("eval"), "eval")
        return
    if not data.items():
        made.slot("training_data", data, "data")
    for one in data.items():
        reference = one.get("ref")
        node = (references or {}).get(reference.text, one) if reference is not None else one
        leaves = [leaf for key, leaf in _named_leaves(node) if key not in ("type", "bom-ref")]
        words = fold(" ".join(leaf.text for leaf in leaves))
        name = "evaluation_data" if _EVALUATION.search(words) else "training_data"
        blocks = made.slot(name, node, "data")
        assert blocks is not None
        filled = [leaf for leaf in leaves if leaf.text.strip()]
        blocks += [_statement(leaf) for leaf in filled or leaves[:1]]


def _named_leaves(node: Node) -> Iterator[tuple[str, Node]]:
    if not isinstance(node.value, dict):
        yield "", node
        return
    for key, child in node.value.items():
        if key not in ("graphics", "sensitive", "sensitiveData", "governance"):
            for leaf in child.leaves():
                yield key, leaf


def _metrics(made: _Builder, found: Node | None, name: str, value: str) -> None:
    made.slot("metrics", found, "metrics")
    for one in found.items() if found is not None else []:
        if isinstance(one.value, dict):
            made.metric(one.get(name), one.get(value), one.get("slice"), one)


def _considerations(made: _Builder, found: Node | None, uses: str, limits: str, ethical: str) -> None:
    if found is None:
        return
    made.statements("intended_use", found.get(uses), uses)
    made.statements("intended_use", found.get("users"), "users")
    made.statements("limitations", found.get(limits), limits)
    made.statements("limitations", found.get("tradeoffs"), "tradeoffs")
    made.statements("ethical_considerations", found.get(ethical), ethical)


def _name(node: Node | None) -> str:
    return node.text.strip() if node is not None and isinstance(node.value, str) else ""
