"""``check_drift`` on two paths: every column, KS or total variation with chi-square, PSI, Holm; no pytest."""

import sys

from pytest_mlgate import check_drift

result = check_drift(sys.argv[1], sys.argv[2])
print(len(result.checks))
