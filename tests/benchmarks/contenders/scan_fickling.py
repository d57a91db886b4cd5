"""fickling: anything worse than "likely safe" in any pickle of the file is an alarm."""

from fickling.analysis import Severity, check_safety
from fickling.fickle import StackedPickle
from scanning import scan


def judge(path):
    """Return the word for a file."""
    with open(path, "rb") as file:
        pickles = StackedPickle.load(file)
    if not len(pickles):
        return "unreadable"
    worst = max((check_safety(pickled).severity for pickled in pickles), key=lambda severity: severity.value)
    return "clean" if worst == Severity.LIKELY_SAFE else "flagged"


scan(judge)
