"""One session of Spark for all tests of the folder; without pyspark or a Java that it runs on they are skipped."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

OPTIONS = {
    "spark.master": "local[2]",
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "3",
    "spark.sql.session.timeZone": "Asia/Tokyo",  # no answer may depend on it
    "spark.sql.warehouse.dir": tempfile.mkdtemp(),
    # A compiler that is quick to start: the queries are many and small.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


def why_no_java() -> str:
    """Say why there is no Java for Spark; empty where there is one."""
    home = os.environ.get("JAVA_HOME")
    java = os.path.join(home, "bin", "java") if home else shutil.which("java")
    if java is None or not os.path.exists(java):
        return "Spark needs Java 17 or later, and there is none"
    said = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < 17:
        return f"Spark needs Java 17 or later, and this is {said.splitlines()[0] if said else java}"
    return ""


@pytest.fixture(scope="session")
def spark_here() -> None:
    """Skip where Spark cannot run."""
    pytest.importorskip("pyspark.sql", reason='pyspark is not installed: pip install "pytest-mlgate[spark]"')
    if reason := why_no_java():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def session(spark_here: None) -> Iterator[Any]:
    """Return the user's session: active, and never to be stopped by a gate."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = SparkSession.builder.config(map=OPTIONS).getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    yield spark
    stopped = spark.sparkContext._jsc is None
    spark.stop()
    assert not stopped, "a test, or what it tested, stopped the user's session"
