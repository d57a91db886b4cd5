"""What a setting of Spark names is found in the user's session, or said in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals  # noqa: F401  an in-process run forgets what it imports
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate import check_drift
from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.engines.opening import judged_digest, open_setting
from pytest_mlgate.tables.engines.parquet import open_files
from tests.docs.pages import ROOT, blocks_of
from tests.plugin.conftest import Project

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("session")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a table of two files in `a [b]`, which could be a pattern and is none."""
    found = tmp_path / "a [b]"
    (found / "requests").mkdir(parents=True)
    for number in (1, 2):
        pq.write_table(pa.table({"x": [1.0 * number, None]}), found / "requests" / f"part-{number}.parquet")
    return found


@pytest.mark.parametrize(
    "setting",
    ["./requests", "requests/*.parquet", "requests/part-[12].parquet", "{here}/requests", "file://{here}/requests"],
)
def test_a_path_is_relative_to_the_configuration_or_an_address(setting: str, folder: Path) -> None:
    here = folder.as_posix().replace("[", "\\[").replace("]", "\\]")  # of an address, signs of patterns are the user's

    table = open_setting(f"spark:{setting.format(here=here)}", folder)

    assert (table.name, table.rows, table.counts("x", np.array([1.5])).at_or_below.tolist()) == ("pyspark", 4, [1])


def test_folders_names_make_columns_and_other_formats_carry_types(session: Any, tmp_path: Path) -> None:
    frame = session.sql("SELECT id AS x, id % 2 AS half FROM range(9)")
    frame.write.partitionBy("half").parquet(str(tmp_path / "halves"))
    frame.write.orc(str(tmp_path / "rows.orc"))

    halves, rows = open_setting("spark:./halves", tmp_path), open_setting("spark:rows.orc", tmp_path)

    assert {name: type_.kind for name, type_ in halves.types.items()} == {"x": "whole", "half": "whole"}
    assert halves.rows == rows.rows == open_files(tmp_path / "halves").rows == 9


def test_a_table_and_a_view_are_named_as_the_session_has_them(session: Any) -> None:
    session.range(2000).selectExpr("sqrt(id) AS x").createOrReplaceTempView("requests")
    session.range(5).write.mode("overwrite").saveAsTable("default.kept")

    assert open_setting("spark:requests", Path()).rows == 2000
    assert open_setting("spark:spark_catalog.default.kept", Path()).rows == 5
    assert [
        check.outcome
        for check in check_drift({"x": np.sqrt(np.arange(2000))}, "spark:requests", max_distance=0.2).checks
    ] == ["pass"]


def test_the_digest_is_that_of_duckdb_and_another_one_for_other_rows(folder: Path) -> None:
    pytest.importorskip("duckdb")
    by_spark = judged_digest(open_setting("spark:./requests", folder))

    assert by_spark == judged_digest(open_setting("duckdb:SELECT * FROM 'requests/*.parquet'", folder))
    assert by_spark != judged_digest(open_setting("spark:requests/part-1.parquet", folder))


@pytest.mark.parametrize(
    ("setting", "said", "way_out"),
    [
        ("spark:no.such", "'spark:no.such': the session has no such table or view", "catalog.schema.table"),
        ("spark:./no/such", "'spark:./no/such': there is no such path", "relative to mlgate.toml"),
        ("spark:no-*.parquet", r"'spark:no-\*.parquet': there is no such path", "relative to mlgate.toml"),
        ("spark:./empty", "'spark:./empty': there is no Parquet file", "check the path"),
        ("spark:torn.parquet", "'spark:torn.parquet': files cannot be read: ", "read it in Spark by itself"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(setting: str, said: str, way_out: str, folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "torn.parquet").write_bytes(b"PAR1 half written")

    with pytest.raises(InputError, match=said) as found:
        open_setting(setting, folder)
    assert "\n" not in found.value.message
    assert found.value.fix is not None
    assert way_out in found.value.fix


@pytest.mark.parametrize(
    ("file", "kind"),
    [("_delta_log/0.json", "Delta"), (".hoodie/hoodie.properties", "Hudi"), ("metadata/v1.metadata.json", "Iceberg")],
)
def test_files_that_are_not_all_of_a_table_are_refused(file: str, kind: str, folder: Path) -> None:
    log = folder / "requests" / file
    log.parent.mkdir()
    log.write_text("{}")

    with pytest.raises(InputError, match=f"is a table of {kind}, whose Parquet files alone are not its rows"):
        open_setting("spark:./requests", folder)


def test_files_of_other_types_are_refused(folder: Path) -> None:
    pq.write_table(pa.table({"x": ["one"]}), folder / "requests" / "part-3.parquet")

    with pytest.raises(InputError, match=r"'spark:./requests': files cannot be read: .*x"):
        open_setting("spark:./requests", folder)


def test_a_file_that_goes_while_it_is_judged_is_an_error_and_no_smaller_count(folder: Path) -> None:
    table = open_setting("spark:./requests", folder)
    (folder / "requests" / "part-2.parquet").unlink()

    with pytest.raises(InputError, match=r"pyspark cannot answer about 'spark:./requests'"):
        table.counts("x", np.empty(0))


def test_the_documentation_makes_a_view_that_a_setting_finds(pytester: pytest.Pytester) -> None:
    (block,) = (block for block in blocks_of(ROOT / "docs" / "engines.md") if "SparkSession" in block.source)
    project = Project(pytester)
    project.write("conftest.py", block.source.replace("requests.csv", str(project.path / "requests.csv")))
    rows = pd.DataFrame({"distance": np.random.default_rng(0).normal(size=2000), "late": [0, 1] * 1000})
    rows.to_csv(project.path / "requests.csv", index=False)
    rows.to_parquet(project.path / "train.parquet", index=False)
    project.write(
        "mlgate.toml",
        '[data]\nreference = "train.parquet"\ncurrent = "spark:requests"\n[gates.drift]\nmax_distance = 0.2\n',
    )

    project.run()

    drift = {check.id: (check.outcome, check.n) for check in project.verdict().checks if check.gate == "drift"}
    assert drift == {"drift:distance": ("pass", 2000), "drift:late": ("pass", 2000)}
