"""The 28 tests of the rubric, and by which checks of a verdict each of them is answered.

A test is answered here only as far as a check really asks it. Where a gate asks a part, the way out says which; no
point comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pytest_mlgate.checks import Check

SECTIONS = {
    "data": "Features and data",
    "model": "Model development",
    "infra": "Infrastructure",
    "monitor": "Monitoring",
}
"""Sections by the first part of a test's id, in the paper's order: its tables I to IV."""

BANDS: tuple[tuple[float, str], ...] = (
    (0.0, "more of a research project than a productionized system"),
    (1.0, "not totally untested, but it is worth considering the possibility of serious holes in reliability"),
    (2.0, "a first pass at basic productionization; additional investment may be needed"),
    (3.0, "reasonably tested, but more of those tests and procedures may be automated"),
    (5.0, "strong levels of automated testing and monitoring, appropriate for mission-critical systems"),
    (7.0, "exceptional levels of automated testing and monitoring"),
)
"""What a score up to and including a number means; the paper's table V."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Checks that answer a test.

    Attributes
    ----------
    codes : tuple of str
        Of these codes.
    subject : str
        Whose subject matches this pattern of :mod:`fnmatch`.
    says : tuple of str
        Whose message begins with one of these; empty: with anything.
    """

    codes: tuple[str, ...]
    subject: str = "*"
    says: tuple[str, ...] = ()

    def matches(self, check: Check) -> bool:
        """Whether a check is one of them."""
        said = not self.says or check.message.startswith(self.says)
        return check.code in self.codes and fnmatchcase(check.subject, self.subject) and said


@dataclass(frozen=True, kw_only=True, slots=True)
class RubricTest:
    """One test of the rubric.

    Attributes
    ----------
    id : str
        ``data-1``: the paper's "Data 1".
    title : str
        As the paper's tables call it.
    automated, manual : tuple of Source
        Checks that ask it, and checks that find it stated; any one of them is enough.
    way : str
        What gives the point, or why no check of ours can.
    """

    id: str
    title: str
    automated: tuple[Source, ...] = ()
    manual: tuple[Source, ...] = ()
    way: str

    @property
    def section(self) -> str:
        """The section's key: ``data``."""
        return self.id.partition("-")[0]


_FITS = ("MLG201", "MLG202", "MLG203", "MLG204", "MLG205", "MLG206", "MLG207", "MLG219")
_SAME_FEATURES = (
    *("MLG301", "MLG302", "MLG303", "MLG304", "MLG305", "MLG306", "MLG307", "MLG308", "MLG313", "MLG315"),
)


def _of(*codes: str, subject: str = "*") -> tuple[Source, ...]:
    return (Source(codes=codes, subject=subject),)


def rubric() -> Iterator[RubricTest]:
    """Yield the 28 tests, in the paper's order."""
    yield from _data()
    yield from _model()
    yield from _infra()
    yield from _monitor()


def _data() -> Iterator[RubricTest]:
    yield RubricTest(
        id="data-1",
        title="Feature expectations are captured in a schema.",
        automated=_of(*_FITS),
        way="[gates.schema] with a `schema`: `mlgate schema infer` writes one from rows",
    )
    yield RubricTest(
        id="data-2",
        title="All features are beneficial.",
        way="no gate trains without a feature; state the ablation, and when it was made",
    )
    yield RubricTest(
        id="data-3",
        title="No feature's cost is too much.",
        way="no gate knows what a feature costs in latency, memory, work or upstream dependencies; state it",
    )
    yield RubricTest(
        id="data-4",
        title="Features adhere to meta-level requirements.",
        automated=_of("MLG218", "MLG330"),
        way="say which columns must not matter, [gates.behaviour] `invariant`, or are known only afterwards, "
        "[gates.schema.sanity] `known_later`",
    )
    yield RubricTest(
        id="data-5",
        title="The data pipeline has appropriate privacy controls.",
        way="no gate sees who may read the data; state the review",
    )
    yield RubricTest(
        id="data-6",
        title="New features can be added quickly.",
        way="no gate sees how long it takes from an idea to production; state it",
    )
    yield RubricTest(
        id="data-7",
        title="All input feature code is tested.",
        way="[gates.parity] compares the code of both sides, which is no unit test of either; state yours",
    )


def _model() -> Iterator[RubricTest]:
    yield RubricTest(
        id="model-1",
        title="Model specs are reviewed and submitted.",
        way="a verdict knows the commit, not who reviewed it; state the rule, such as a protected branch",
    )
    yield RubricTest(
        id="model-2",
        title="Offline and online metrics correlate.",
        way="no gate sees what the business measures online; state the experiment",
    )
    yield RubricTest(
        id="model-3",
        title="All hyperparameters have been tuned.",
        way="no gate sees the search; state it, such as the URL of the study",
    )
    yield RubricTest(
        id="model-4",
        title="The impact of model staleness is known.",
        automated=_of("MLG517"),
        manual=_of("MLG655"),
        way="[gates.drift.concept] asks whether the model has become worse on current labels; [governance.retraining] "
        "states when it is fitted again",
    )
    yield RubricTest(
        id="model-5",
        title="A simpler model is not better.",
        automated=_of("MLG107"),
        way="[gates.baseline] compares the candidate with a trivial model",
    )
    yield RubricTest(
        id="model-6",
        title="Model quality is sufficient on important data slices.",
        automated=_of("MLG102", "MLG113"),
        manual=_of("MLG609", "MLG622"),
        way="[[gates.baseline]] with `slices`",
    )
    yield RubricTest(
        id="model-7",
        title="The model is tested for considerations of inclusion.",
        automated=_of("MLG150", "MLG151", "MLG152"),
        manual=_of("MLG607"),
        way="[gates.fairness] with `groups` and `limits`; a card's ethical considerations state it",
    )


def _infra() -> Iterator[RubricTest]:
    yield RubricTest(
        id="infra-1",
        title="Training is reproducible.",
        way="no gate trains twice; `record_environment` keeps what it takes, `mlgate power --retrained` measures how "
        "far trainings differ; state what came out",
    )
    yield RubricTest(
        id="infra-2",
        title="Model specs are unit tested.",
        way="a verdict does not know your unit tests; state them",
    )
    yield RubricTest(
        id="infra-3",
        title="The ML pipeline is integration tested.",
        way="the gates begin with tables and a model file, after the pipeline; state the test of the whole of it",
    )
    yield RubricTest(
        id="infra-4",
        title="Model quality is validated before serving.",
        automated=_of("MLG101", "MLG104"),
        way="[gates.baseline] with a `margin` or a `floor`",
    )
    yield RubricTest(
        id="infra-5",
        title="The model is debuggable.",
        manual=_of("MLG006"),
        way="[governance] `sensitive_decisions` and `explanation` state how one decision is explained; or state your "
        "tool",
    )
    yield RubricTest(
        id="infra-6",
        title="Models are canaried before serving.",
        manual=(Source(codes=("MLG656",), says=("canary: ", "shadow: ", "a/b: ")),),
        way="[governance.release] with `strategy` canary, shadow or a/b, and a `plan`",
    )
    yield RubricTest(
        id="infra-7",
        title="Serving models can be rolled back.",
        manual=_of("MLG654"),
        way="[governance.rollback] names what is gone back to, and the steps",
    )


def _monitor() -> Iterator[RubricTest]:
    yield RubricTest(
        id="monitor-1",
        title="Dependency changes result in notification.",
        way="no gate sees the sources of your data change; state who is told by whom",
    )
    yield RubricTest(
        id="monitor-2",
        title="Data invariants hold for inputs.",
        automated=(*_of(*_FITS, subject="serving*"), *_of(*_FITS, subject="current*")),
        manual=_of("MLG653", subject="monitoring.inputs"),
        way="[gates.schema] with [data] `serving` or `current`; [[governance.monitoring]] of the kind `inputs`",
    )
    yield RubricTest(
        id="monitor-3",
        title="Training and serving are not skewed.",
        automated=_of(*_SAME_FEATURES),
        way="[gates.parity] with `train` and `serve`",
    )
    yield RubricTest(
        id="monitor-4",
        title="Models are not too stale.",
        manual=_of("MLG655"),
        way="[governance.retraining] states when the model is fitted again",
    )
    yield RubricTest(
        id="monitor-5",
        title="Models are numerically stable.",
        automated=_of("MLG210", "MLG332", "MLG335"),
        way="[gates.behaviour], or [gates.schema.outputs]: answers are finite and within bounds",
    )
    yield RubricTest(
        id="monitor-6",
        title="Computing performance has not regressed.",
        automated=_of("MLG109", "MLG110"),
        way="[gates.baseline] with `max_latency` or `max_size`",
    )
    yield RubricTest(
        id="monitor-7",
        title="Prediction quality has not regressed.",
        automated=_of("MLG517"),
        manual=_of("MLG653", subject="monitoring.performance"),
        way="[gates.drift.concept] on current labels; [[governance.monitoring]] of the kind `performance`",
    )
