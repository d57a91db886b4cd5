"""Named sets of what a card has to say, and what of them each stage asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """Something a card has to say: its name, and the sections that say it together."""

    name: str
    needs: tuple[str, ...]


MINIMAL = (
    *("model_details", "intended_use", "training_data", "evaluation_data", "metrics"),
    *("limitations", "ethical_considerations"),
)
ANYWHERE = ("out_of_scope_use", "subgroup_metric")
"""The two rules: statements that count wherever they stand."""

COMPOSITE: Mapping[str, tuple[str, ...]] = {
    "quantitative_analyses": ("metrics", "subgroup_metric"),
    "caveats_and_recommendations": ("limitations",),
    "annex_iv_1": ("model_details", "intended_use", "owner", "how_to_use"),
    "annex_iv_2": (
        *("training_procedure", "technical_specifications", "training_data", "evaluation_data", "metrics"),
        *("human_oversight", "cybersecurity"),
    ),
    "annex_iv_3": ("limitations", "subgroup_metric", "ethical_considerations", "human_oversight"),
    "annex_iv_4": ("metric_choice",),
    "annex_iv_5": ("risk_management",),
    "annex_iv_6": ("changes",),
    "annex_iv_7": ("standards",),
    "annex_iv_8": ("conformity",),
    "annex_iv_9": ("monitoring",),
}
"""Requirements of several sections: two of Mitchell et al., and the nine points of Annex IV of the EU AI Act."""

PRESETS: Mapping[str, tuple[str, ...]] = {
    "minimal-7": MINIMAL,
    "mitchell-9": (
        *("model_details", "intended_use", "factors", "metrics", "evaluation_data", "training_data"),
        *("quantitative_analyses", "ethical_considerations", "caveats_and_recommendations"),
    ),
    "huggingface": (
        *("model_details", "intended_use", "out_of_scope_use", "limitations", "how_to_use", "training_data"),
        *("training_procedure", "evaluation_data", "metrics", "environmental_impact", "license"),
    ),
    "annex-iv": tuple(f"annex_iv_{point}" for point in range(1, 10)),
    "playbook-es": (*MINIMAL, "human_oversight", "monitoring", "owner"),
}

SINGLE = (
    *(*MINIMAL, *ANYWHERE, "factors", "training_procedure", "how_to_use", "environmental_impact"),
    *("technical_specifications", "citation", "license", "owner", "lineage", "monitoring", "rollback", "retraining"),
    *("retirement", "retired", "human_oversight", "risk_management", "changes", "standards", "conformity"),
    *("cybersecurity", "metric_choice"),
)
"""Sections that a card has a rule for."""
KNOWN = (*SINGLE, *COMPOSITE)
"""Every name that a list of sections may have."""

_FIRST = frozenset(("model_details", "intended_use", "training_data", "evaluation_data", "metrics"))
_LATER = ("pre-production", "production", "monitoring")

STAGE = "pre-production"
"""The stage that is asked for where nothing says it: everything that a card alone can be asked for."""


def requirements(stage: str, preset: str = "minimal-7", sections: Sequence[str] | None = None) -> list[Requirement]:
    """Return what a card has to say at a stage.

    Exploration asks for nothing; validation for what the model is, what it is for, its data and its metrics, as far
    as the preset has them; pre-production and what follows for all of the preset and for both rules. A list of
    sections is asked for as it is, from validation on. A retired model's card only has to be one.

    Parameters
    ----------
    stage : str
    preset : str
    sections : sequence of str or None
        A list of names instead of the preset.
    """
    if stage in ("exploration", "retired"):
        return []
    if sections is not None:
        names: Sequence[str] = sections
    elif stage in _LATER:
        names = (*PRESETS[preset], *(rule for rule in ANYWHERE if rule not in PRESETS[preset]))
    elif preset == "annex-iv":
        names = tuple(name for name in MINIMAL if name in _FIRST)
    else:
        names = tuple(name for name in PRESETS[preset] if name in _FIRST)
    return [Requirement(name=name, needs=COMPOSITE.get(name, (name,))) for name in dict.fromkeys(names)]
