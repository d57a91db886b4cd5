"""``check_drift`` of rows that stay where they are, with the digest that a verdict records: ENGINE FOLDER PROFILE."""

import hashlib
import sys

from tables import table_of

from pytest_mlgate import check_drift
from pytest_mlgate.tables.engines.opening import engine_of, judged_digest

name, folder, profile = sys.argv[1:]
engine = engine_of(table_of(name, folder))
checks = check_drift(profile, engine, exclude=["part"], rows_in_memory=1_000_000).checks
told = [
    (check.subject, check.code, check.outcome.value, check.observed, check.p, check.details.get("distance_interval"))
    for check in checks
]
outcomes = ",".join(sorted({check.outcome.value for check in checks}))
judged_digest(engine)
print(f"{engine.rows} {len(checks)} {outcomes} {hashlib.sha256(repr(told).encode()).hexdigest()}")
