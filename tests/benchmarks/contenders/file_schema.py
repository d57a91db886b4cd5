"""A Parquet file against a schema: ``WHAT FILE SCHEMA.yaml``, where WHAT says by what, or what is imported for it."""

import sys
from typing import Any


def pandera_schema(path: str) -> Any:
    import pandera.pandas as pa
    import pyarrow.parquet as pq

    kinds: dict[str, Any] = {
        "x": (float, pa.Check.in_range(-10, 10)),
        "k": (int, pa.Check.in_range(0, 99)),
        "t": (str, pa.Check.isin(["a", "b", "c"])),
        "l": (int, None),
    }
    return pa.DataFrameSchema({name: pa.Column(*kinds[name[0]]) for name in pq.read_schema(path).names})


what, path, contract = sys.argv[1:]
if what.startswith("ours"):
    import pyarrow.parquet  # noqa: F401 - imported with what is measured

    from pytest_mlgate import check_schema

    if what != "ours, imports":
        result = check_schema(path, contract if what == "ours, YAML" else pandera_schema(path))
        assert result.outcome == "pass", result.checks
elif what.startswith("decode"):
    import pyarrow.parquet as pq

    if what != "decode, imports":
        pq.read_table(path)
else:
    import pandas as pd
    import pandera.pandas  # noqa: F401

    if what != "pandera, imports":
        pandera_schema(path).validate(pd.read_parquet(path), lazy=True)
print(sorted({"pandas", "pandera"} & set(sys.modules)))
