"""What a card has to have: named sets of sections, and what each stage asks of them."""

from __future__ import annotations

MINIMAL = (
    "model_details",
    "intended_use",
    "training_data",
    "evaluation_data",
    "metrics",
    "limitations",
    "ethical_considerations",
)
