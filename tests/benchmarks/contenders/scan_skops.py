"""skops' own audit, of files in its own format."""

from scanning import scan
from skops.io import get_untrusted_types


def judge(path):
    """Return the word for a file."""
    return "flagged" if get_untrusted_types(file=path) else "clean"


scan(judge)
