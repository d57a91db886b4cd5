"""Run a command to its end and print, as JSON, what it took.

A process of its own, because the kernel counts the memory of a process that starts another as the other's peak: started
from here it is this small one's.
"""

import json
import os
import sys
import threading
import time


def main():
    """Run ``sys.argv[2:]``, at most ``sys.argv[1]`` seconds."""
    start = time.monotonic()
    reader, writer = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_DUP2, writer, 2), (os.POSIX_SPAWN_CLOSE, reader)]
    process = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ, file_actions=actions)
    os.close(writer)
    timer = threading.Timer(float(sys.argv[1]), os.kill, (process, 9))
    timer.start()
    with open(reader, encoding="utf-8", errors="replace") as stream:
        said = stream.read()
    _, status, usage = os.wait4(process, 0)
    timer.cancel()
    found = {
        "status": os.waitstatus_to_exitcode(status),
        "cpu": usage.ru_utime + usage.ru_stime,
        "wall": time.monotonic() - start,
        "peak": usage.ru_maxrss / 1024,
        "said": said,
    }
    print(json.dumps(found))


main()
