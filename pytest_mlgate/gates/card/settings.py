"""What the configuration may say of a model card."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from pytest_mlgate.cards.presets import KNOWN, SINGLE
from pytest_mlgate.gates.base import GateSettings

Preset = Literal["minimal-7", "mitchell-9", "huggingface", "annex-iv", "playbook-es"]


class Settings(GateSettings):
    """What ``[gates.card]`` may say."""

    path: str | None = None
    """The card's file; default: ``MODEL_CARD.md`` beside the configuration."""
    datasheet: str | None = None
    """The datasheet of the training rows, where one is to be judged too."""
    preset: Preset = "minimal-7"
    """What a card has to say, by name."""
    sections: tuple[str, ...] | None = Field(default=None, min_length=1)
    """What it has to say, as a list instead of a preset; asked for from validation on."""
    headings: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Further headings, by the section that they open."""
    threshold: float | None = Field(default=None, gt=0, lt=1)
    """The probability from which on a row counts as positive in the card's numbers; default: the model's own labels."""
    max_age: int | None = Field(default=None, ge=1)
    """Days after which a card is stale; default: 365 at the stage monitoring, else never."""
    lang: Literal["en", "es"] | None = None
    """The language of messages; default: the card's, English where that is neither."""

    @field_validator("sections")
    @classmethod
    def _known_sections(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for name in names or ():
            _refuse_unknown(name, KNOWN)
        return names

    @field_validator("headings")
    @classmethod
    def _known_headings(cls, headings: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name in headings:
            _refuse_unknown(name, SINGLE)
        return headings

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if self.sections is not None and "preset" in self.model_fields_set:
            raise ValueError("`sections` replaces `preset`: leave one of them out")
        return self


def _refuse_unknown(name: str, known: Sequence[str]) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        way_out = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
        raise ValueError(f"no section is called {name!r}; {way_out}")
