"""Milliseconds of CPU of a process's first ``check_drift``, of its second, and of what no such gate can do without."""

import subprocess
import sys
import time

START = time.process_time()
ALONE = "import time; start = time.process_time(); import numpy, pyarrow.parquet; print(time.process_time() - start)"


def main() -> None:
    """Compare twice, and print what each took."""
    from pytest_mlgate import check_drift

    check_drift(*sys.argv[1:3])
    first = time.process_time()
    check_drift(*sys.argv[1:3])
    again = time.process_time()
    alone = float(subprocess.run([sys.executable, "-c", ALONE], check=True, capture_output=True, text=True).stdout)
    print(*(1000 * part for part in (first - START, again - first, alone)))


main()
