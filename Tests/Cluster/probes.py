"""What the prober saw, and the gap in it."""

import os
import subprocess
import time
from collections import Counter

from machines import Failure, wait


class Probes:
    """A running prober and its attempts."""

    def __init__(self, network, host, port, path):
        self.path = path
        here = os.path.dirname(os.path.abspath(__file__))
        with open(path, "wb") as file:
            self.process = subprocess.Popen(
                network.command("/usr/bin/python3", here + "/prober.py", host, str(port)),
                stdin=subprocess.DEVNULL, stdout=file,
            )

    def attempts(self, since=0.0):
        """(begin, end, outcome) of the attempts that began since then."""
        found = []
        with open(self.path, encoding="ascii") as file:
            for line in file:
                fields = line.split()
                if line.endswith("\n") and float(fields[0]) >= since:
                    found.append((float(fields[0]), float(fields[1]), fields[2]))
        return found

    def await_service(self, limit, quiet=3.0):
        """Waits until nothing has failed for a while."""

        def steady():
            if self.process.poll() is not None:
                raise Failure("cannot go on: the prober has ended")
            recent = self.attempts(time.monotonic() - quiet)
            return len(recent) > quiet * 10 and all(outcome == "ok" for _, _, outcome in recent)

        wait("the service answers at the virtual address", limit, steady, pause=0.5)

    def gap(self, since):
        """The longest time without an answer, how many attempts there were since then, and how those failed."""
        attempts = self.attempts(since)
        answers = sorted([since] + [end for _, end, outcome in attempts if outcome == "ok"])
        longest = max((b - a for a, b in zip(answers, answers[1:])), default=float("inf"))
        return longest, len(attempts), Counter(outcome for _, _, outcome in attempts if outcome != "ok")

    def stop(self):
        self.process.terminate()
        self.process.wait()
