"""``check_predictions`` on two Parquet files: ``predictions.py CANDIDATE BASELINE METRIC ROWS_IN_MEMORY``."""

import sys

from pytest_mlgate import check_predictions

candidate, baseline, metric, rows = sys.argv[1:]
result = check_predictions(
    candidate, baseline, id="id", target="late", metric=metric, curves=False, rows_in_memory=int(rows)
)
print(result.checks[0].outcome.value, result.checks[0].message)
