"""modelscan with its default settings; a file that it skipped or reports an error for is no answer."""

import logging

from modelscan.modelscan import ModelScan
from scanning import scan

logging.disable(logging.CRITICAL)


def judge(path):
    """Return the word for a file."""
    scanner = ModelScan()
    found = scanner.scan(path)
    if found["issues"]:
        return "flagged"
    unread = found["errors"] or scanner.skipped or not scanner.scanned
    return "unreadable" if unread else "clean"


scan(judge)
