"""``check_drift`` on two paths: every column, KS or total variation with chi-square, PSI, Holm; no pytest."""

import sys
from typing import Any

from pytest_mlgate import check_drift

reference, current, *extra = sys.argv[1:]
settings: dict[str, Any] = {}
if extra[:1] == ["numbers"]:
    settings = {"columns": [f"f{i:02d}" for i in range(40)], "judge": "ks"}
elif extra[:1] == ["profile"]:
    reference = extra[1]
result = check_drift(reference, current, **settings)
print(len(result.checks))
