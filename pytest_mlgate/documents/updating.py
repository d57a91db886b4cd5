"""Documents brought up to date: the measured parts written anew, everything else left as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError
from pytest_mlgate.documents import blocks, datasheet, front_matter
from pytest_mlgate.documents.markers import Part, parts, replaced
from pytest_mlgate.tables.writing import write_atomically

if TYPE_CHECKING:
    from pytest_mlgate.documents.facts import ModelFacts
    from pytest_mlgate.documents.plots import Plot

INDEX, PLOTS = "model-index", "plots"
TEXTS = {**blocks.CARD, **datasheet.PARTS}
NAMES = (*TEXTS, INDEX, PLOTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """A document as it is and as it should be.

    Attributes
    ----------
    path : Path
        Where it is written.
    before, after : bytes
        ``before`` is empty where there is no file yet.
    names : tuple of str
        Of its parts, in their order.
    files : Mapping of Path to bytes
        Plots beside it.
    """

    path: Path
    before: bytes
    after: bytes
    names: tuple[str, ...]
    files: dict[Path, bytes] = field(default_factory=dict)

    @property
    def changed(self) -> list[Path]:
        """The files that would be written, the document first."""
        found = [self.path] if self.before != self.after else []
        return found + [path for path, content in self.files.items() if _read(path) != content]


def prepare(path: Path, facts: ModelFacts, *, to: Path | None = None, with_plots: bool = True) -> Update:
    """Return what a document becomes; nothing is written.

    Parameters
    ----------
    path : Path
        The document.
    facts : ModelFacts
    to : Path or None
        Where it is written; None: to itself.
    with_plots : bool
        False leaves the part ``plots`` as it is.

    Raises
    ------
    InputError
        Where it cannot be read, has no markers, or has some that fit no other.
    """
    raw = _bytes(path)
    found = parts(raw, file=path.name, known=NAMES)
    if not found:
        raise InputError(
            f"{path}: has no markers between which anything would be written",
            fix="add a pair where its numbers stand: <!-- mlgate:metrics --> and, on a later line, "
            f"<!-- /mlgate:metrics -->; parts are {', '.join(NAMES)}. `mlgate card init` writes a card that has them",
        )
    target = to or path
    kept = [part for part in found if with_plots or part.name != PLOTS]
    return update(raw, kept, facts, target, before=raw if to is None else _read(target))


def update(raw: bytes, found: Iterable[Part], facts: ModelFacts, target: Path, *, before: bytes) -> Update:
    """Return a document's update from its bytes and those of its parts that are written."""
    found = list(found)
    language = language_of_human(raw, found)
    drawn, folder = _plots(found, facts, language), plot_folder(target)

    def write(part: Part) -> str:
        if part.name == INDEX:
            lines = front_matter.model_index_yaml(facts, language)
        elif part.name == PLOTS:
            from pytest_mlgate.documents.plots import image_lines

            lines = image_lines(drawn, folder.name, language)
        else:
            lines = TEXTS[part.name](facts, language)
        body = "\n".join(lines)
        return body if part.yaml else f"\n{body}\n\n"  # a table needs an empty line before it

    after = replaced(raw, found, write)
    files = {folder / f"{plot.name}.svg": plot.svg for plot in drawn}
    return Update(path=target, before=before, after=after, names=tuple(part.name for part in found), files=files)


def write(prepared: Update) -> list[Path]:
    """Write what changed, each file whole, and return which; what is as it should be is not touched."""
    changed = prepared.changed
    for path in changed:
        write_atomically(path, prepared.after if path == prepared.path else prepared.files[path])
    return changed


def plot_folder(document: Path) -> Path:
    """Return the folder beside a document that its plots lie in."""
    return document.with_name(f"{document.stem.lower().replace('_', '-')}-plots")


def _plots(found: list[Part], facts: ModelFacts, language: str) -> list[Plot]:
    if all(part.name != PLOTS for part in found):
        return []
    from pytest_mlgate.documents.plots import plots

    return plots(facts, language)


def language_of_human(raw: bytes, found: list[Part]) -> str:
    """Return the language of what the human wrote: what is written between markers must not decide what is written."""
    from pytest_mlgate.cards.reading import card_of

    return "es" if card_of(replaced(raw, found, lambda part: "")).language == "es" else "en"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file", fix="`mlgate card init` writes one") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}", fix="check the path and its rights") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
