"""picklescan: its issues count, what it only suspects does not; a file it skipped or could not parse is no answer."""

import logging

from picklescan.scanner import scan_file_path
from scanning import scan

logging.disable(logging.CRITICAL)


def judge(path):
    """Return the word for a file."""
    found = scan_file_path(path)
    if found.issues_count:
        return "flagged"
    return "unreadable" if found.scan_err or not found.scanned_files else "clean"


scan(judge)
