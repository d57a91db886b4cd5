"""evidently's data drift preset, as its documentation runs it."""

import sys

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset

report = Report([DataDriftPreset()])
report.run(pd.read_parquet(sys.argv[2]), pd.read_parquet(sys.argv[1]))
print(pd.read_parquet(sys.argv[1]).shape[1])
