"""great_expectations on a Parquet file that pandas reads: types, missing values and one expectation a column."""

import sys
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd

_RANGES = {"x": (-10, 10), "k": (0, 99)}
_TYPES = {"x": "float64", "k": "int64", "l": "int64"}

context = gx.get_context(mode="ephemeral")
if sys.argv[2:] != ["imports"]:
    frame = pd.read_parquet(sys.argv[1])
    asked: list[Any] = []
    for name in frame:
        asked.append(gxe.ExpectColumnValuesToNotBeNull(column=name))
        if name[0] in _TYPES:
            asked.append(gxe.ExpectColumnValuesToBeOfType(column=name, type_=_TYPES[name[0]]))
        if name[0] in _RANGES:
            low, high = _RANGES[name[0]]
            asked.append(gxe.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high))
        if name[0] == "t":
            asked.append(gxe.ExpectColumnValuesToBeInSet(column=name, value_set=["a", "b", "c"]))
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("rows").get_batch({"dataframe": frame})
    result = batch.validate(gx.ExpectationSuite(name="rows", expectations=asked))
    assert result.success, result
print(gx.__version__)
