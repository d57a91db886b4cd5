"""Write rows of ten floats as partitioned Parquet, a million at a time: ``write_rows.py FOLDER MILLIONS SEED``.

Two columns each of a normal, a log-normal, a uniform distribution, of two decimals with heavy ties, and of a Pareto
tail. Ten million rows are a partition. Each million has a seed of its own, so that more rows begin with the same ones.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 1_000_000
MAKERS = (
    lambda rng: rng.normal(size=ROWS),
    lambda rng: rng.lognormal(size=ROWS),
    lambda rng: rng.uniform(size=ROWS),
    lambda rng: np.round(rng.normal(10, 2, ROWS), 2),
    lambda rng: rng.pareto(1.5, ROWS),
)

folder, millions, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for number in range(millions):
    part = folder / f"part={number // 10}"
    part.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, number])
    table = pa.table({f"f{i}": MAKERS[i % len(MAKERS)](rng) for i in range(10)})
    pq.write_table(table, part / f"{number:03d}.parquet", row_group_size=250_000)
