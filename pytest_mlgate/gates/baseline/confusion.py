"""The confusion matrix of either model, for a report: rows by label and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.baseline.answers import Evaluation

MOST_LABELS = 12
OTHERS = "(others)"


def confusion_evidence(ev: Evaluation, facts: Facts) -> dict[str, Any]:
    """Return both models' confusion matrices; nothing for a regression, without labels, or of a sensitive target.

    Parameters
    ----------
    ev : Evaluation
    facts : Facts

    Returns
    -------
    dict
        ``confusion`` with ``labels`` (the most frequent ones, in the task's order; the rest as one), and ``candidate``
        and ``baseline``: rows by label, columns by answer, counted and not weighted.
    """
    if ev.labels is None or facts.target in facts.sensitive:
        return {}
    try:
        answers = {"candidate": ev.candidate.predict(), "baseline": ev.baseline.predict()}
    except InputError:  # scores alone: there are no labels to count
        return {}
    place, names = _places(ev.y, ev.labels.names)
    return {
        "confusion": {
            "labels": names,
            **{name: counted(place[ev.y], place[said], len(names)) for name, said in answers.items()},
        }
    }


def counted_confusion(
    y: NDArray[np.intp], a: NDArray[np.intp], b: NDArray[np.intp], rows: NDArray[np.int64], names: tuple[Any, ...]
) -> dict[str, Any]:
    """Return the same of labels and answers of candidate and baseline of which so many ``rows`` have all three."""
    place, shown = _places(y, names, rows)
    return {
        "labels": shown,
        **{
            name: counted(place[y], place[said], len(shown), rows) for name, said in (("candidate", a), ("baseline", b))
        },
    }


def _places(
    y: NDArray[np.intp], names: tuple[Any, ...], rows: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.intp], list[str]]:
    """Return where each code is counted, and what these places are called."""
    import numpy as np

    if len(names) <= MOST_LABELS:
        return np.arange(len(names)), [str(name) for name in names]
    often = np.argsort(-np.bincount(y, rows, len(names)), kind="stable")[: MOST_LABELS - 1]
    kept = np.sort(often)
    place = np.full(len(names), len(kept))
    place[kept] = np.arange(len(kept))
    return place, [*(str(names[code]) for code in kept.tolist()), OTHERS]


def counted(
    labels: NDArray[np.intp], answers: NDArray[np.intp], size: int, rows: NDArray[np.int64] | None = None
) -> list[list[int]]:
    """Count rows by label and answer, both codes below ``size``; ``rows``: how many each stands for."""
    import numpy as np

    total = np.bincount(labels * size + answers, rows, size * size).astype(np.int64)
    found: list[list[int]] = total.reshape(size, size).tolist()
    return found
