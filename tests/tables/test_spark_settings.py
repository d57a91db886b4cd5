"""What a setting that names a table of Spark says where there is no Spark; what Spark answers is in tests/spark."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_mlgate import check_drift
from pytest_mlgate.checks import InputError
from pytest_mlgate.sections import SparkSection
from pytest_mlgate.tables.engines.opening import open_setting


@pytest.fixture
def without_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)


@pytest.mark.usefixtures("without_pyspark")
def test_a_table_of_spark_names_the_extra_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'spark:a[.]b' is a table of Spark, and pyspark is not installed") as found:
        open_setting("spark:a.b", tmp_path)
    assert found.value.fix == 'pip install "pytest-mlgate[spark]"'

    result = check_drift({"x": [1.0]}, "spark:./requests")
    assert [(check.outcome, check.blocks) for check in result.checks] == [("error", True)]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("spark:", "'spark:' names no table"),
        ("spark:requests.csv", "'spark:requests.csv' names files of .csv, which do not say what type a column has"),
        ("spark:data/*.jsonl", "files of .jsonl"),
    ],
)
def test_a_setting_that_cannot_be_a_table_is_said_before_spark_is_asked(
    setting: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said.replace("*", "[*]")):
        open_setting(setting, tmp_path)


def test_options_are_what_spark_reads() -> None:
    section = SparkSection(master="local[2]", config={"spark.ui.enabled": False, "spark.sql.shuffle.partitions": 8})

    assert section.options == {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "8",
    }
