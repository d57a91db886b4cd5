"""What every scanner's script does: look at each file of a list for a bounded time, one word a file."""

import json
import signal
import sys
import time

#: Seconds for one file.
PATIENCE = 30


class GaveUp(BaseException):
    """A file took longer than the patience; no ``Exception``, so that a scanner does not swallow it."""


def _give_up(signum, frame):
    raise GaveUp


def scan(judge):
    """Write what ``judge(path)`` says of each line of the file ``sys.argv[1]`` to the file ``sys.argv[2]``, as JSON.

    It says ``clean``, ``flagged`` or ``unreadable``. What raises, or ends in a time-out, has told nothing of the file:
    ``unreadable``.
    """
    signal.signal(signal.SIGALRM, _give_up)
    words, start = {}, time.process_time()
    with open(sys.argv[1], encoding="utf-8") as lines:
        paths = lines.read().splitlines()
    for path in paths:
        signal.alarm(PATIENCE)
        try:
            words[path] = judge(path)
        except GaveUp:
            words[path] = "unreadable"
        except Exception:
            words[path] = "unreadable"
        finally:
            signal.alarm(0)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump({"words": words, "cpu": time.process_time() - start}, file)
