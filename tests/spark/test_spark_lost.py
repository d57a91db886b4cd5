"""Sessions that are missing, lost or made for a run; each in a process of its own, as Python has one JVM a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.spark.conftest import OPTIONS

pytestmark = [pytest.mark.spark, pytest.mark.usefixtures("spark_here")]

_START = """
import json, os, signal, subprocess, sys, threading, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import numpy as np, pandas as pd
from pytest_mlgate import check_drift
from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.engines.opening import judged_digest, open_setting
from pytest_mlgate.tables.engines.sessions import SparkSessions

def told(question):
    try:
        return question()
    except InputError as error:
        return [error.message, error.fix]

def checked(*sides):
    return [[check.outcome, check.blocks, check.message] for check in check_drift(*sides).checks]

found = {}
"""


def answered(script: str, folder: Path, **environ: str) -> Any:
    """Run a script, and return what it put into ``found``."""
    text = f"{_START}\nOPTIONS = {OPTIONS!r}\n{script}\nPath('found.json').write_text(json.dumps(found))\n"
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environ},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (folder / "found.json").exists(), done.stdout[-4000:] + done.stderr[-4000:]
    return json.loads((folder / "found.json").read_text())


def test_without_java_spark_says_which_one_it_needs(tmp_path: Path) -> None:
    script = 'found["made"] = told(lambda: SparkSessions(options={"spark.master": "local[1]"}).get("spark:t"))'

    message, fix = answered(script, tmp_path, JAVA_HOME=str(tmp_path))["made"]

    assert message == "the session of [data.spark] cannot be made: Spark needs Java 17 or later, and none answers"
    assert "set JAVA_HOME" in fix


_CONFIG = """
[model]
name = "requests"
[data]
reference = "train.parquet"
current = "spark:./current"
[data.spark]
master = "local[2]"
[data.spark.config]
"spark.ui.enabled" = false
"spark.driver.bindAddress" = "127.0.0.1"
"spark.driver.host" = "127.0.0.1"
"spark.driver.extraJavaOptions" = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
[gates.drift]
max_distance = 0.2
"""
_MADE = """
found["no session"] = told(lambda: SparkSessions().get("spark:t"))

import pytest
from pyspark.sql import SparkSession
from pytest_mlgate.config import load_config
from pytest_mlgate.score.scoring import score_of

pytest.main(["--mlgate", "-q", "-p", "no:cacheprovider"])
found["verdict"] = json.loads(Path(".mlgate/verdict.json").read_text())
found["stopped"] = SparkSession.getActiveSession() is None
config = load_config(Path("mlgate.toml"))
found["same"] = list(score_of(config).uncounted)
os.unlink("current/1.parquet")
found["changed"] = list(score_of(config).uncounted)
found["stopped again"] = SparkSession.getActiveSession() is None

spark = SparkSession.builder.config(map=OPTIONS).getOrCreate()
frame = spark.range(100).selectExpr("id * 1.0D AS x")
table = frame.toPandas()
spark.stop()
found["ended"] = checked(table, frame)
spark = SparkSession.builder.config(map=OPTIONS).getOrCreate()
frame = spark.range(100).selectExpr("id * 1.0D AS x")
frame.count()
os.kill(spark.sparkContext._gateway.proc.pid, signal.SIGKILL)
found["killed"] = checked(table, frame)
found["named"] = checked(table, "spark:t")
"""


def test_a_session_is_made_as_configured_and_ended_and_a_lost_one_blocks(tmp_path: Path) -> None:
    (tmp_path / "mlgate.toml").write_text(_CONFIG)
    (tmp_path / "current").mkdir()
    x = np.random.default_rng(0).normal(size=900)
    pd.DataFrame({"x": x[:300]}).to_parquet(tmp_path / "train.parquet")
    pd.DataFrame({"x": x[300:600]}).to_parquet(tmp_path / "current" / "0.parquet")
    pd.DataFrame({"x": x[600:]}).to_parquet(tmp_path / "current" / "1.parquet")

    found = answered(_MADE, tmp_path)

    message, fix = found["no session"]
    assert message == "'spark:t' is a table of Spark, and there is no active session"
    assert "SparkSession.builder.getOrCreate()" in fix
    assert 'master = "local[4]"' in fix
    drift = [check for check in found["verdict"]["checks"] if check["id"] == "drift:x"]
    assert [(check["outcome"], check["n"]) for check in drift] == [("pass", 600)]
    current = found["verdict"]["identity"]["inputs"]["current"]
    assert (current["engine"], current["read_from"], current["rows"]) == ("pyspark", "spark:./current", 600)
    assert found["stopped"]
    assert found["same"] == []
    assert [line.partition(" was changed since it was judged")[0] for line in found["changed"]] == [
        "current: spark:./current"
    ]
    assert found["stopped again"]
    for lost in ("ended", "killed", "named"):
        ((outcome, blocks, message),) = found[lost]
        assert (outcome, blocks) == ("error", True)
        assert "\n" not in message
        assert "Traceback" not in message


_CLUSTER = """
import pyspark
from pyspark.sql import SparkSession

os.environ["SPARK_HOME"] = os.path.dirname(pyspark.__file__)  # where workers find what an executor is
os.environ["PYSPARK_PYTHON"] = sys.executable
quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
cluster = {"spark.master": "local-cluster[2,1,1024]", "spark.task.maxFailures": "1", "spark.executor.memory": "512m"}
spark = SparkSession.builder.config(map={**OPTIONS, **cluster, "spark.executor.extraJavaOptions": quick}).getOrCreate()
spark.sparkContext.setLogLevel("OFF")
# a row in a hundred takes a second: there is time to end the process that counts it
slow = "reflect('java.lang.Thread', 'sleep', CAST(IF(id % 100 = 99, 1000, 0) AS BIGINT))"
frame = spark.range(0, 1000, 1, 4).selectExpr(f"IF({slow} IS NULL, id * 1.0D, id * 1.0D) AS x")
tracker, gateway = spark.sparkContext.statusTracker(), spark.sparkContext._gateway.proc.pid

def executors():
    said = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True).stdout.splitlines()
    rows = [line.split(None, 2) for line in said if "CoarseGrainedExecutorBackend" in line]
    return [int(pid) for pid, parent, _ in rows if int(parent) == gateway]

def kill():
    while not any((tracker.getStageInfo(one) or tracker).numActiveTasks for one in tracker.getActiveStageIds()):
        time.sleep(0.1)
    time.sleep(0.5)
    found["executors"] = executors()
    os.kill(found["executors"][0], signal.SIGKILL)

killer = threading.Thread(target=kill, daemon=True)
killer.start()
found["checks"] = checked(pd.DataFrame({"x": np.arange(1000.0)}), frame)
killer.join(60)
spark.stop()
"""


def test_an_executor_that_is_killed_while_it_counts_is_an_error_and_blocks(tmp_path: Path) -> None:
    found = answered(_CLUSTER, tmp_path)

    assert len(found["executors"]) == 2
    ((outcome, blocks, message),) = found["checks"]
    assert (outcome, blocks) == ("error", True)
    assert message.startswith("pyspark cannot answer about the pyspark table: ")
    assert "\n" not in message


_CONNECT = """
sessions = SparkSessions(options={"spark.remote": "local[2]", "spark.sql.session.timeZone": "Asia/Tokyo"})
kind = type(sessions.get("spark:./current"))
found["session"] = kind.__module__
table = open_setting("spark:./current", Path(), sessions)
found["rows"] = table.rows
found["counts"] = table.counts("x", np.array([0.0]), sums=True).at_or_below.tolist()
found["batches"] = sum(len(batch) for batch in table.batches(["x", "at"]))
found["digest"] = judged_digest(table)
found["checks"] = checked("train.parquet", "spark:./current")
found["no table"] = told(lambda: open_setting("spark:no.such", Path(), sessions))
found["no path"] = told(lambda: open_setting("spark:./no/such", Path(), sessions))
sessions.stop()
found["lost"] = told(lambda: table.levels("word"))
"""


def test_spark_connect_answers_as_a_session_of_this_process_does(tmp_path: Path) -> None:
    pytest.importorskip("grpc", reason='Spark Connect is not installed: pip install "pyspark[connect]"')
    from pytest_mlgate.tables.engines import digest_of
    from pytest_mlgate.tables.engines.parquet import open_files

    (tmp_path / "current").mkdir()
    x = np.random.default_rng(0).normal(size=600)
    frame = pd.DataFrame({"x": x, "at": pd.Timestamp("2024-01-01", tz="UTC").as_unit("us"), "word": ["a", None] * 300})
    frame.to_parquet(tmp_path / "train.parquet")
    frame.to_parquet(tmp_path / "current" / "0.parquet")

    found = answered(_CONNECT, tmp_path)

    assert found["session"] == "pyspark.sql.connect.session"
    assert (found["rows"], found["counts"], found["batches"]) == (600, [int((x <= 0).sum())], 600)
    assert found["digest"] == digest_of(open_files(tmp_path / "current"))
    assert {outcome for outcome, *_ in found["checks"]} == {"pass"}
    assert found["no table"][0] == "'spark:no.such': the session has no such table or view"
    assert found["no path"][0] == "'spark:./no/such': there is no such path"
    assert found["lost"][0].startswith("pyspark cannot answer about 'spark:./current': ")
