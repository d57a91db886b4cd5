"""The same rows as different engines are given them."""

import sys
from pathlib import Path


def table_of(engine: str, folder: str) -> object:
    """Return the Parquet files in a folder as a table of an engine."""
    files = f"{folder}/**/*.parquet"
    if engine == "files":
        return folder
    if engine == "duckdb":
        return f"duckdb:SELECT * FROM '{files}'"
    if engine == "polars":
        import polars

        return polars.scan_parquet(files, hive_partitioning=True)
    if engine == "ibis":
        import warnings

        warnings.simplefilter("ignore")
        import ibis

        return ibis.duckdb.connect().read_parquet(files)
    if engine == "spark":
        from pyspark.sql import SparkSession

        session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        return session.read.option("basePath", str(Path(folder).parent if "=" in folder else folder)).parquet(folder)
    sys.exit(f"no such engine: {engine}")
