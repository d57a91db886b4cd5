"""Two tables of predictions in a configuration, and no model file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

# An in-process session forgets what it imported, and these cannot be imported twice in one process.
import pandas.core.arrays.arrow.extension_types
import pyarrow.dataset
import pyarrow.json
import pyarrow.parquet  # noqa: F401
import pytest
import scipy.stats  # noqa: F401
import sklearn.dummy
import sklearn.metrics  # noqa: F401

from pytest_mlgate.config import load_config
from pytest_mlgate.problems import ConfigError
from tests.plugin.conftest import Project

N = 400
RATED = pd.DataFrame(
    {
        "question_id": [f"q{i}" for i in range(N)],
        "question": [f"question {i}" for i in range(N)],
        "judge": "judge-1",
        "prompt": "Answer briefly.",
        "helpfulness": np.random.default_rng(0).integers(1, 6, N),
    }
)
CONFIG = """
[model]
candidate = "candidate.parquet"
baseline = "baseline.jsonl"

[data]
id = "question_id"

[[gates.baseline]]
score = "helpfulness"
margin = 0.1
same = ["question", "judge"]
prompt = "prompt"
"""


@pytest.fixture
def scored(project: Project) -> Project:
    """A project with the scores of two language models."""
    project.write("mlgate.toml", CONFIG)
    RATED.assign(prompt="Answer.").to_parquet(project.path / "candidate.parquet")
    RATED.sample(frac=1, random_state=0).to_json(project.path / "baseline.jsonl", orient="records", lines=True)
    return project


def test_two_files_of_scores_and_a_configuration_are_enough(scored: Project) -> None:
    result = scored.run()
    verdict = scored.verdict()
    checks = {check.id: check for check in verdict.checks}

    assert result.ret == 0
    assert verdict.decision == "promote"
    assert list(checks)[:3] == [
        "baseline[helpfulness]",
        "baseline[helpfulness]:same:question",
        "baseline[helpfulness]:same:judge",
    ]
    assert "another prompt than the baseline's" in checks["baseline[helpfulness]"].message
    inputs = verdict.identity["inputs"]
    for name, file in (("candidate", "candidate.parquet"), ("baseline", "baseline.jsonl")):
        digest = hashlib.sha256((scored.path / file).read_bytes()).hexdigest()
        assert (inputs[name]["digest"], inputs[name]["source"]) == (digest, file)
    assert "holdout" not in inputs


def test_another_judge_blocks(scored: Project) -> None:
    RATED.assign(judge="judge-2").to_parquet(scored.path / "candidate.parquet")

    assert scored.run().ret == 1
    assert "judge differs between both tables on 400 of 400 rows" in scored.checks()["baseline[helpfulness]:same:judge"]


def test_a_sensitive_column_under_another_spelling_is_refused(scored: Project) -> None:
    scored.write("mlgate.toml", CONFIG.replace("[[gates", 'sensitive = ["promt"]\n\n[[gates'))

    assert scored.run().ret == 1
    assert "the candidate.parquet table has no column 'promt'" in scored.checks()["baseline[helpfulness]"]


def test_labels_in_the_candidates_table_and_no_baseline(project: Project) -> None:
    project.write(
        "mlgate.toml",
        '[model]\ncandidate = "c.csv"\n[data]\nid = "row"\ntarget = "late"\n[gates.baseline]\nmetric = "roc_auc"\n',
    )
    late = np.arange(N) % 2
    pd.DataFrame({"row": np.arange(N), "late": late, "probability": 0.2 + 0.5 * late}).to_csv(
        project.path / "c.csv", index=False
    )

    assert project.run().ret == 0
    assert project.checks()["baseline[roc_auc]"].startswith("no baseline")


def test_a_fixture_may_give_data_frames(scored: Project) -> None:
    scored.write("mlgate.toml", CONFIG.partition("[data]")[1] + CONFIG.partition("[data]")[2])
    scored.write(
        "conftest.py",
        """
        import pandas as pd
        import pytest

        @pytest.fixture(scope="session")
        def mlgate_candidate():
            return pd.read_parquet("candidate.parquet")

        @pytest.fixture(scope="session")
        def mlgate_baseline():
            return "baseline.jsonl"
        """,
    )
    result = scored.run()

    assert result.ret == 0
    assert scored.verdict().identity["inputs"]["candidate"]["rows"] == N


def test_a_handwritten_gate_takes_tables(scored: Project) -> None:
    scored.write(
        "test_own.py",
        """
        import pandas as pd

        def test_scores(mlgate):
            frame = pd.read_parquet("candidate.parquet")
            mlgate.baseline(candidate=frame.assign(helpfulness=6), score="helpfulness", improvement=1.0)
        """,
    )

    scored.plain().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'id = "question_id"',
            'target = "late"',
            "3: `model.candidate` = 'candidate.parquet': is a table of predictions, joined by the column that "
            "`data.id` names, and there is none",
        ),
        (
            '"baseline.jsonl"',
            '"./candidate.parquet"',
            "3: `model.candidate` = 'candidate.parquet': is the same file as `model.baseline`",
        ),
        ('"baseline.jsonl"', '"basline.jsonl"', "4: `model.baseline` = 'basline.jsonl': there is no file"),
        (
            "margin = 0.1",
            'metric = "f1"',
            "9: gates.baseline[0]: score = 'helpfulness' takes the place of a metric: take metric out",
        ),
    ],
)
def test_a_mistake_is_named_with_line_and_key(scored: Project, old: str, new: str, expected: str) -> None:
    path: Path = scored.write("mlgate.toml", CONFIG.replace(old, new))

    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert any(f"mlgate.toml:{expected}" in str(problem) for problem in caught.value.problems), str(caught.value)
