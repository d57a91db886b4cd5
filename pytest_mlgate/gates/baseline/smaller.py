"""A smaller model instead of the original: what its file weighs, and how long it takes to answer."""

from __future__ import annotations

import math
import os
import platform
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Interval, Outcome
from pytest_mlgate.gates.baseline.words import grouped

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.baseline import Settings
    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.stats.estimate import Estimate

SIZE, LATENCY = "MLG109", "MLG110"
_MODELS = ("candidate", "baseline")
# The first call of a turn finds caches that the other model has filled: it is not counted.
_CALLS_A_TURN = 2


def judge_size(max_size: float, inputs: Inputs) -> Check:
    """Return whether the candidate's file has at most ``max_size`` times the bytes of the baseline's.

    Parameters
    ----------
    max_size : float
        Above 0; 1 is "no larger".
    inputs : Inputs
        ``candidate`` and ``baseline``.

    Raises
    ------
    InputError
        Where one of them is not loaded from a file.
    """
    models = _models("max_size", inputs)
    sizes = {}
    for name, model in models.items():
        if model.size is None:
            raise InputError(
                f"max_size compares files, and the {name} ({model.source}) is not loaded from one",
                fix=f"save it as it is shipped, and name the file: `{name}` in [model]; or leave `max_size` out",
            )
        sizes[name] = model.size
    # a quotient is rounded to the float that a person would write: 29 of 100 bytes are 0.29
    ratio = sizes["candidate"] / sizes["baseline"]
    small = ratio <= max_size
    return Check(
        code=SIZE,
        subject="size",
        outcome=Outcome.PASS if small else Outcome.FAIL,
        message=f"{grouped(sizes['candidate'])} vs {grouped(sizes['baseline'])} bytes, ratio {ratio:.4g}; "
        f"at most {max_size:g}",
        fix="" if small else "make the file smaller (fewer trees or features, compression), or raise `max_size`",
        observed=ratio,
        limit=max_size,
        details={f"{name}_bytes": size for name, size in sizes.items()},
    )


def judge_latency(rule: Settings, max_latency: float, ev: Evaluation, inputs: Inputs) -> Check:
    """Return whether the candidate takes at most ``max_latency`` times as long as the baseline to answer.

    Both answer the same rows in turns (candidate, baseline, baseline, candidate, ...), so that a machine that slows
    down slows both; what is judged is the median of the ratios of neighbouring turns.

    Parameters
    ----------
    rule : Settings
        ``latency_rows`` and ``latency_repeats``.
    max_latency : float
        Above 0; 1 is "no slower".
    ev : Evaluation
        For what the metric asks a model for.
    inputs : Inputs
        ``candidate``, ``baseline`` and ``holdout``.

    Raises
    ------
    InputError
        Where there are no two models to be timed, or one cannot answer.
    """
    import numpy as np

    from pytest_mlgate.stats.medians import median_interval

    models = _models("max_latency", inputs)
    method = _common_method(ev, models)
    seconds, rows = _in_turns(models, method, inputs, rule.latency_rows, rule.latency_repeats)
    ratios = np.log(np.array(seconds["candidate"]) / np.array(seconds["baseline"]))
    found = median_interval(ratios, level=0.9)
    details: dict[str, Any] = {
        "method": found.method,
        "asked": method,
        "rows": rows,
        "repeats": rule.latency_repeats,
        "seed": inputs.facts.seed,
        "seconds": {name: float(np.median(own)) for name, own in seconds.items()},
        "timed_in": {name: model.place for name, model in models.items()},
        "machine": {"system": platform.system(), "processor": platform.machine(), "cpus": os.cpu_count()},
    }
    return _conclude(found, max_latency, details)


def _models(setting: str, inputs: Inputs) -> dict[str, Model]:
    if not all(inputs.given(name) for name in (*_MODELS, "holdout")):
        raise InputError(
            f"{setting} compares models, and predictions are all that was given",
            fix=f"give the models to the gate, or leave `{setting}` out",
        )
    models = {name: inputs.model(name) for name in _MODELS}
    if models["baseline"].is_dummy:
        raise InputError(
            f"{setting} compares with the original model, and the baseline is a dummy",
            fix=f"name the original as `baseline` in [model], or leave `{setting}` out",
        )
    return models


def _common_method(ev: Evaluation, models: dict[str, Model]) -> str:
    """Return how both are asked: for what the metric judges, where both can answer that."""
    measure, first = ev.measure, "predict" if ev.task == "regression" else "predict_proba"
    if measure is not None and measure.judges_labels and measure.threshold is None:
        first = "predict"
    if measure is not None and measure.response is not None:
        first = measure.response
    for method in (first, "predict_proba", "decision_function", "predict"):
        if all(method in model.methods for model in models.values()):
            return method
    ways = "; ".join(f"the {name} has {', '.join(sorted(model.methods))}" for name, model in models.items())
    raise InputError(
        f"max_latency times both models by one method, and they have none in common: {ways}",
        fix="give both models `predict`, or leave `max_latency` out",
    )


def _in_turns(
    models: dict[str, Model], method: str, inputs: Inputs, most: int, repeats: int
) -> tuple[dict[str, list[float]], int]:
    """Return each model's seconds, one for each turn, and the rows of a turn: other ones each time, if there are."""
    import numpy as np

    from pytest_mlgate.artifacts.model import select_features

    frame = inputs.table("holdout").reset_index(drop=True)
    tables = {name: select_features(model, frame, inputs.facts, name="holdout") for name, model in models.items()}
    rng, rows = np.random.default_rng(inputs.facts.seed), np.arange(len(frame))
    seconds: dict[str, list[float]] = {name: [] for name in _MODELS}
    for turn in range(repeats):
        if len(frame) > most:
            rows = np.sort(rng.choice(len(frame), most, replace=False))
        for name in _MODELS if turn % 2 == 0 else reversed(_MODELS):
            asked = tables[name].iloc[rows].reset_index(drop=True)
            seconds[name].append(models[name].time(method, asked, repeats=_CALLS_A_TURN)[-1])
    return seconds, len(rows)


def _conclude(found: Estimate, limit: float, details: dict[str, Any]) -> Check:
    ratio, low, high = (math.exp(value) for value in (found.estimate, found.low, found.high))
    outcome = Outcome.PASS if high <= limit else Outcome.FAIL if low > limit else Outcome.INCONCLUSIVE
    ours, theirs = (1000 * details["seconds"][name] for name in _MODELS)
    unit = "row" if details["rows"] == 1 else f"{grouped(details['rows'])} rows"
    message = (
        f"{ours:.3g} vs {theirs:.3g} ms a {unit}, ratio {ratio:.3g} [{low:.3g}, {high:.3g}] 90 %, {found.method}; "
        f"at most {limit:g}"
    )
    places = details["timed_in"]
    if places["candidate"] != places["baseline"]:
        message += f"; the candidate in {places['candidate']}, the baseline in {places['baseline']}"
    fix = ""
    if outcome is Outcome.FAIL:
        fix = "make the candidate quicker (fewer trees, features or steps), or raise `max_latency`"
    elif outcome is Outcome.INCONCLUSIVE:
        message += f"; not settled by {found.n} repeats"
        fix = "raise `latency_repeats` and time on a quiet machine, without `-n`; or raise `max_latency`"
    return Check(
        code=LATENCY,
        subject="latency",
        outcome=outcome,
        message=message,
        fix=fix,
        observed=ratio,
        limit=limit,
        interval=Interval(low=low, high=high, level=found.level, method=found.method),
        n=details["rows"],
        details=details,
    )
