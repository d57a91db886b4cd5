"""How well the rules read cards, on a corpus that is labelled by substance; what the documentation prints of it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pytest_mlgate.cards.judging import Reading, is_card
from pytest_mlgate.cards.reading import read_card
from tests.cards.score import HERE, SECTIONS, Score, labels, score, table

CORPUS, HELD_OUT = HERE / "corpus", HERE / "held_out"
PAGE = Path(__file__).parents[2] / "docs" / "gates" / "card.md"


@pytest.fixture(scope="module")
def corpus() -> dict[str, Score]:
    return score(CORPUS)


@pytest.fixture(scope="module")
def held_out() -> dict[str, Score]:
    return score(HELD_OUT)


@pytest.mark.parametrize("section", [*SECTIONS, "all"])
def test_sections_are_read_as_people_read_them(corpus: dict[str, Score], section: str) -> None:
    found = corpus[section]

    assert found.f1 >= 0.95, [line for line in found.disagreements if "present" in line]


def test_cards_that_the_rules_were_not_made_with_are_read_too(held_out: dict[str, Score]) -> None:
    assert held_out["all"].f1 >= 0.95, held_out["all"].disagreements


@pytest.mark.parametrize("folder", [CORPUS, HELD_OUT], ids=lambda folder: folder.name)
def test_a_card_is_taken_for_one_and_nothing_else_is(folder: Path) -> None:
    with (folder / "labels.toml").open("rb") as file:
        expected = {name: record.get("card", True) for name, record in tomllib.load(file).items()}

    wrong = {name for name, card in expected.items() if is_card(Reading(read_card(folder / name))) != card}

    # a table of five lines with no word of a model, and an exported notebook without a heading of a card
    assert wrong <= {"cross-marks.md", "c-notebook-export.md"}


def test_the_corpus_has_every_format_and_language_and_every_file_has_a_label() -> None:
    files = {path.name for path in CORPUS.iterdir()} - {"labels.toml"}
    cards = [read_card(path) for path, _ in labels(CORPUS)]

    assert len(files) >= 60
    with (CORPUS / "labels.toml").open("rb") as file:
        assert files == set(tomllib.load(file))
    assert {card.language for card in cards} == {"en", "es", "pt"}
    assert {card.format for card in cards} == {"markdown", "model-card-toolkit", "cyclonedx", "sagemaker"}
    assert any(card.front_matter for card in cards)


def test_the_documentation_prints_what_was_measured(corpus: dict[str, Score], held_out: dict[str, Score]) -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert table(corpus) in text
    assert table(held_out) in text


def test_a_score_counts_what_is_found_wrongly_and_what_is_missed() -> None:
    found = Score()
    for label, state in [("present", "present"), ("absent", "present"), ("present", "absent"), ("absent", "absent")]:
        found.add("a card", label, state)

    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert len(found.disagreements) == 2
