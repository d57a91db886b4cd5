"""deepchecks' feature drift check with its defaults: on a sample of 100 000 rows."""

import sys

import pandas as pd
from deepchecks.tabular import Dataset
from deepchecks.tabular.checks import FeatureDrift

reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
words = [name for name in reference if name.startswith("s")]
one, two = (Dataset(frame, cat_features=words) for frame in (reference, current))
print(len(FeatureDrift().run(one, two, with_display=False).value))
