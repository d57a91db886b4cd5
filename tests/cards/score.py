"""How well the rules read cards: precision, recall and F1 of each section over a corpus that is labelled by substance.

``python -m tests.cards.score [-v] [FOLDER...]``; ``-v`` names every disagreement.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pytest_mlgate.cards.judging import Reading
from pytest_mlgate.cards.reading import read_card

HERE = Path(__file__).parent
SECTIONS = (
    "model_details",
    "intended_use",
    "training_data",
    "evaluation_data",
    "metrics",
    "limitations",
    "ethical_considerations",
    "out_of_scope_use",
    "subgroup_metric",
)
STATES = ("present", "placeholder", "not_applicable")


@dataclass
class Score:
    """Counts of one section; ``present`` is what is looked for."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    same_state: int = 0
    cards: int = 0
    disagreements: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def add(self, card: str, label: str, found: str) -> None:
        self.cards += 1
        self.right += label == found == "present"
        self.wrong += found == "present" != label
        self.missed += label == "present" != found
        self.same_state += label == found
        if label != found:
            self.disagreements.append(f"{card}: labelled {label}, found {found}")


def labels(folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield each card of a folder with the state of every section; not those that are no cards."""
    with (folder / "labels.toml").open("rb") as file:
        for name, record in tomllib.load(file).items():
            if record.get("card", True):
                states = {section: state for state in STATES for section in record.get(state, ())}
                yield folder / name, {section: states.get(section, "absent") for section in SECTIONS}


def score(*folders: Path) -> dict[str, Score]:
    """Return the score of each section, and of all of them under ``all``."""
    found = {section: Score() for section in (*SECTIONS, "all")}
    for folder in folders:
        for path, expected in labels(folder):
            reading = Reading(read_card(path), exists=frozenset())
            for section, label in expected.items():
                state = reading.finding(section).state
                for name in (section, "all"):
                    found[name].add(f"{path.name} {section}", label, state)
    return found


def table(scores: dict[str, Score]) -> str:
    """Return the scores as a Markdown table."""
    lines = ["| section | precision | recall | F1 | same state |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, one in scores.items():
        share = one.same_state / max(1, one.cards)
        lines.append(f"| `{name}` | {one.precision:.3f} | {one.recall:.3f} | {one.f1:.3f} | {share:.3f} |")
    return "\n".join(lines)


def main() -> None:
    options = [argument for argument in sys.argv[1:] if argument != "-v"]
    folders = [Path(argument) for argument in options] or [HERE / "corpus", HERE / "held_out"]
    for folder in folders:
        scores = score(folder)
        cards = scores["metrics"].cards
        print(f"{folder.name}: {cards} cards\n\n{table(scores)}\n")
        if "-v" in sys.argv:
            print("\n".join(scores["all"].disagreements) + "\n")


if __name__ == "__main__":
    main()
