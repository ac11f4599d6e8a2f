"""The switch of the machine room: does what the fence agents on the machines ask for."""

import glob
import os
import threading
import time


class Switch:
    def __init__(self, nodes):
        self.nodes = nodes
        # (when, which machine) it has switched off.
        self.done = []
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        for node in nodes:
            os.makedirs(node.path("/var/tmp/fencing"))
        self.thread.start()

    def _serve(self):
        while not self.ending.wait(0.05):
            for node in self.nodes:
                for path in glob.glob(node.path("/var/tmp/fencing/*.request")):
                    with open(path, encoding="ascii") as file:
                        action, name = file.read().split()
                    os.unlink(path)
                    target = next(other for other in self.nodes if other.name == name)
                    target.power_off()
                    self.done.append((time.monotonic(), target))
                    if action == "reboot":
                        target.power_on()
                    with open(path.removesuffix("request") + "done", "w", encoding="ascii"):
                        pass

    def stop(self):
        self.ending.set()
        self.thread.join()
