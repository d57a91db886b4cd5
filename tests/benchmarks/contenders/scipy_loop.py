"""The plain loop that a data scientist writes: pandas, and one scipy function a column and statistic."""

import sys

import numpy as np
import pandas as pd
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance

STATISTICS = sys.argv[3] if len(sys.argv) > 3 else "all"
COLUMNS = [f"f{i:02d}" for i in range(40)] if "numbers" in sys.argv[4:] else None


def index(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """PSI and Jensen-Shannon in the reference's deciles."""
    edges = np.unique(np.quantile(first, np.arange(0.1, 1, 0.1)))
    one, two = (np.bincount(np.digitize(values, edges), minlength=len(edges) + 1) + 0.5 for values in (first, second))
    one, two = one / one.sum(), two / two.sum()
    return float(((two - one) * np.log(two / one)).sum()), float(jensenshannon(one, two, base=2))


reference, current = (pd.read_parquet(path, columns=COLUMNS) for path in sys.argv[1:3])
found = {}
for name in reference:
    first, second = reference[name], current[name]
    if pd.api.types.is_numeric_dtype(first):
        found[name] = [ks_2samp(first, second, method="asymp").statistic]
        if STATISTICS == "all":
            found[name] += [wasserstein_distance(first, second), *index(first.to_numpy(), second.to_numpy())]
    elif STATISTICS == "all":
        counts = pd.concat([first.value_counts(), second.value_counts()], axis=1).fillna(0).to_numpy().T
        shares = counts / counts.sum(axis=1, keepdims=True)
        found[name] = [chi2_contingency(counts, correction=False).pvalue, jensenshannon(*shares, base=2)]
print(len(found))
