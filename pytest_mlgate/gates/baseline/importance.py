"""What drives each model: permutation importance of candidate and baseline, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.baseline.measures import Measure, with_measure
from pytest_mlgate.gates.baseline.resampling import resample

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.base import Inputs

IMPORTANCE = "MLG114"
SUBJECT = "(importance)"
REPEATS = 5
LEAST_CORRELATION = 0.5
LARGE_SHARE = 0.5
_MOST_ROWS = 2000
_MOST_COLUMNS = 200
_NOISE = 0.02
_FEWEST_RANKED = 3
_MODELS = ("candidate", "baseline")


def judge_importance(metric: str, inputs: Inputs, measure: Measure | None = None) -> Check:
    """Return whether the candidate goes by the same features as the baseline, as a warning where it does not.

    The importance of a feature is the mean loss of the metric when its column is shuffled, five times, on at most
    2 000 rows of the holdout (L. Breiman, "Random forests", Machine Learning 45, 2001, 5-32, section 10). Features
    that share what they know share its importance too: a small one does not say that the feature is useless.

    Parameters
    ----------
    rule : Settings
        What else is said of the metric.
    metric : str
        Its name.
    inputs : Inputs
        ``candidate``, ``baseline`` and ``holdout``.
    measure : Measure or None
        What the settings say of the metric.

    Raises
    ------
    InputError
        Where there are no models to ask again, the task is a ranking, or there are more than 200 features.
    """
    if not all(inputs.given(name) for name in (*_MODELS, "holdout")):
        raise InputError(
            "importance = true needs models and a table, and predictions are all that was given",
            fix="give the models, or set `importance = false`",
        )
    if any(inputs.model(name).table is not None for name in _MODELS):
        raise InputError(
            "importance = true asks models again with other rows, and a table of predictions cannot be asked",
            fix="give the models, or set `importance = false`",
        )
    if inputs.facts.task == "ranking":
        raise InputError("importance = true is not judged for a ranking", fix="set `importance = false`")
    found = permutation_importance(metric, inputs, measure)
    order = sorted(found, key=lambda name: (-max(value or 0.0 for value in found[name].values()), name))
    details: dict[str, Any] = {
        "metric": metric,
        "repeats": REPEATS,
        "rows": min(len(inputs.table("holdout")), _MOST_ROWS),
        "seed": inputs.facts.seed,
        "importance": [{"feature": name, **found[name]} for name in order],
    }
    return _conclude({model: {name: found[name][model] or 0.0 for name in order} for model in _MODELS}, details)


def permutation_importance(
    metric: str, inputs: Inputs, measure: Measure | None = None
) -> dict[str, dict[str, float | None]]:
    """Return each model's importance of each feature; None where the model is not given the feature.

    Parameters
    ----------
    metric : str
    inputs : Inputs
    measure : Measure or None
        As :func:`judge_importance` takes them.

    Returns
    -------
    dict
        ``{feature: {"candidate": loss, "baseline": loss}}``, in the unit of the metric.
    """
    import numpy as np

    from pytest_mlgate.artifacts.model import select_features

    frame, rng = inputs.table("holdout"), np.random.default_rng(inputs.facts.seed)
    if len(frame) > _MOST_ROWS:
        frame = frame.iloc[np.sort(rng.choice(len(frame), _MOST_ROWS, replace=False))]
    frame = frame.reset_index(drop=True)
    models = {name: inputs.model(name) for name in _MODELS}
    given = {name: list(select_features(model, frame, inputs.facts).columns) for name, model in models.items()}
    features = list(dict.fromkeys(feature for names in given.values() for feature in names))
    if len(features) > _MOST_COLUMNS:
        raise InputError(
            f"importance = true for {len(features)} features, more than {_MOST_COLUMNS}",
            fix="set `importance = false`, or `features` in [data]",
        )
    fixed = replace(inputs, values={**inputs.values, **models})
    whole = {name: scores[0] for name, scores in _scores(metric, fixed, frame, _MODELS, 1, measure).items()}
    found = {}
    for feature in features:
        asked = tuple(name for name in _MODELS if feature in given[name])
        order = np.concatenate([rng.permutation(len(frame)) for _ in range(REPEATS)])
        shuffled = frame.iloc[np.tile(np.arange(len(frame)), REPEATS)].reset_index(drop=True)
        shuffled[feature] = frame[feature].iloc[order].reset_index(drop=True)
        scores = _scores(metric, fixed, shuffled, asked, REPEATS, measure)
        found[str(feature)] = {
            name: whole[name] - float(np.mean(scores[name])) if name in asked else None for name in _MODELS
        }
    return found


def _scores(
    metric: str,
    inputs: Inputs,
    frame: pd.DataFrame,
    asked: tuple[str, ...],
    parts: int,
    measure: Measure | None,
) -> dict[str, list[float]]:
    """Each model's metric on each of the equal parts that the table consists of."""
    import numpy as np

    from pytest_mlgate.gates.baseline.evaluation import from_inputs

    asked_again = replace(inputs, values={**inputs.values, "holdout": frame})
    ev = with_measure(from_inputs(asked_again, cluster=None), measure)
    models = tuple(ev.candidate if name == "candidate" else ev.baseline for name in asked)
    values = [resample(metric, ev, models, rows, 1)[0] for rows in np.split(np.arange(len(frame)), parts)]
    return {name: [part[i] for part in values] for i, name in enumerate(asked)}


def shares(importance: Mapping[str, float]) -> dict[str, float]:
    """Return each feature's share of the whole importance; below 2 % it is noise and counts as 0.

    Parameters
    ----------
    importance : Mapping of str to float
        Losses; those below 0 are chance and count as 0.
    """
    total = sum(max(value, 0.0) for value in importance.values())
    found = {name: max(value, 0.0) / total if total > 0 else 0.0 for name, value in importance.items()}
    return {name: share if share >= _NOISE else 0.0 for name, share in found.items()}


def rank_correlation(one: Mapping[str, float], other: Mapping[str, float]) -> float | None:
    """Return Spearman's correlation of two models' shares over the features that count for either.

    None where fewer than three count, or one model's shares are all alike: there is then no order to compare.
    """
    import numpy as np
    from scipy.stats import rankdata

    names = [name for name in one if one[name] > 0 or other[name] > 0]
    ranks = [rankdata([shares[name] for name in names]) for shares in (one, other)]
    if len(names) < _FEWEST_RANKED or any(np.ptp(rank) == 0 for rank in ranks):
        return None
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _conclude(importance: Mapping[str, Mapping[str, float]], details: dict[str, Any]) -> Check:
    ours, theirs = (shares(importance[name]) for name in _MODELS)
    correlation = rank_correlation(ours, theirs)
    details |= {"rank_correlation": correlation, "shares": {"candidate": ours, "baseline": theirs}}
    if not any(ours.values()) or not any(theirs.values()):
        names = [name for name, own in zip(_MODELS, (ours, theirs), strict=True) if not any(own.values())]
        return Check(
            code=IMPORTANCE,
            subject=SUBJECT,
            outcome=Outcome.SKIP,
            severity=Severity.NOTE,
            message=f"no feature matters to the {' and the '.join(names)}: there is nothing to compare",
            n=details["rows"],
            details=details,
        )
    tops = [max(own, key=lambda name: own[name]) for own in (ours, theirs)]
    reasons = []
    if correlation is not None and correlation < LEAST_CORRELATION:
        reasons.append(f"the order of the features is another one (Spearman {correlation:.2f}, {LEAST_CORRELATION:g})")
    if ours[tops[0]] > LARGE_SHARE and tops[0] != tops[1]:
        reasons.append(f"{tops[0]} is new at the top, with {ours[tops[0]]:.0%} of the importance")
    words = [f"{_first(ours)} (candidate); {_first(theirs)} (baseline)", *reasons]
    if correlation is not None and not reasons:
        words.append(f"Spearman {correlation:.2f}")
    return Check(
        code=IMPORTANCE,
        subject=SUBJECT,
        outcome=Outcome.FAIL if reasons else Outcome.PASS,
        severity=Severity.WARN,
        message="; ".join(words),
        fix="ask why the candidate goes by something else: a new feature, a leak of the label, a changed column?"
        if reasons
        else "",
        observed=correlation,
        limit=None if correlation is None else LEAST_CORRELATION,
        n=details["rows"],
        details=details,
    )


def _first(own: Mapping[str, float], most: int = 3) -> str:
    top = sorted((name for name in own if own[name] > 0), key=lambda name: (-own[name], name))
    return ", ".join(f"{name} {own[name]:.0%}" for name in top[:most])
