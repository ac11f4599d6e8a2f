"""Reads a file again and again while it changes, and counts what was not whole."""

import hashlib
import threading
import time


class TornReader:
    def __init__(self, path):
        self.path = path
        self.reads = self.torn = 0
        self.seen = set()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    @property
    def versions(self):
        return len(self.seen)

    def stop(self):
        self.ending.set()
        self.thread.join()
        return self

    def _read(self):
        while not self.ending.is_set():
            with open(self.path, "rb") as file:
                data = file.read()
            self.reads += 1
            # The last line is the hash of all before it.
            head, _, tail = data.rstrip(b"\n").rpartition(b"\n")
            if tail != b"# " + hashlib.sha256(head + b"\n").hexdigest().encode():
                self.torn += 1
            self.seen.add(tail)
            # Often enough to meet a file that is written in pieces, seldom enough to leave the processors to the nodes.
            time.sleep(0.002)
