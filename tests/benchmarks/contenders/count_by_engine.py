"""Count ten columns at 64 edges each, and print the digest of the 640 counts: ENGINE FOLDER."""

import sys

import numpy as np
from tables import table_of

from pytest_mlgate.tables.engines import digest_of
from pytest_mlgate.tables.engines.opening import engine_of

name, folder = sys.argv[1:]
engine = engine_of(table_of(name, folder))
edges = {
    f"f{i}": np.linspace(*((-3.0, 3.0), (0.1, 8.0), (0.0, 1.0), (4.0, 16.0), (0.0, 20.0))[i % 5], 64) for i in range(10)
}
print(f"{engine.rows} {digest_of(engine, edges=edges)}")
