"""How a configuration comes to three machines through etcd."""
import hashlib
import json
import time

from machines import Failure, wait
from torn import TornReader

PORT = 7007
FILE = "/etc/swift-supervisor/services.yaml"
KEY = "/swift-supervisor/services.yaml"
# A minute is short enough for a test, and long enough for a machine that has other work.
PATIENCE = 60
CHANGES = 100


def configuration(number, padding=0):
    """A configuration that tells its number, and whose last line is the hash of all before it."""
    text = f"""\
# configuration {number}
shutdown: {{ drain: 20s }}
services:
  echo: {{ type: echo, listen: "0.0.0.0:{PORT}", drain: 2s }}
  number-{number}: {{ type: echo, listen: "127.0.0.1:7100" }}
"""
    text += "# padding\n" * padding
    return text + f"# {hashlib.sha256(text.encode()).hexdigest()}\n"


class Distribution:
    """The part of a cluster that changes its configuration; the nodes, the figures and the status are the cluster's."""

    def put(self, text, node=None):
        (node or self.nodes[0]).run("etcdctl", "put", KEY, data=text.encode())

    def has(self, node, text):
        return node.read(FILE) == text.encode()

    def generation(self, node):
        return self.status(node)["daemon"]["generation"]

    def runs(self, node, number):
        return f"number-{number}" in json.dumps(self.status(node))

    def report(self, node):
        key = f"/swift-supervisor/nodes/{node.name}"
        text = self.nodes[0].run("etcdctl", "get", "--print-value-only", key, check=False)
        return json.loads(text) if text.startswith("{") else {}

    def follow(self):
        """Starts the followers; the first value has to be there already."""
        wait("etcd answers", PATIENCE, lambda: "is healthy" in self.nodes[0].run(
            "etcdctl", "endpoint", "health", check=False), pause=1)
        self.put(configuration(0))
        for node in self.nodes:
            node.run("systemctl", "start", "supervisor-config-follow")
        wait("all have reported", PATIENCE, lambda: all(self.report(n) for n in self.nodes), pause=0.5)

    def change(self):
        text = configuration(1)
        begin = time.monotonic()
        self.put(text)
        wait("the file is on all nodes", PATIENCE, lambda: all(self.has(n, text) for n in self.nodes), pause=0.01)
        files = time.monotonic() - begin
        wait("all daemons run it", PATIENCE, lambda: all(self.runs(n, 1) for n in self.nodes))
        self.figure("a change in etcd: in the files of all three nodes after", f"{files:.2f} s")
        self.figure("a change in etcd: run by all three daemons after", f"{time.monotonic() - begin:.2f} s")

    def many(self):
        """Changes as fast as etcd takes them, large ones, while every file is read without a pause."""
        readers = [TornReader(node.path(FILE)) for node in self.nodes]
        begin = time.monotonic()
        for number in range(2, 2 + CHANGES):
            text = configuration(number, padding=20_000)
            self.put(text)
        wait("the last change is on all nodes", PATIENCE, lambda: all(self.has(n, text) for n in self.nodes))
        seconds = time.monotonic() - begin
        wait("all daemons run it", PATIENCE, lambda: all(self.runs(n, 1 + CHANGES) for n in self.nodes))
        results = [reader.stop() for reader in readers]
        torn = sum(result.torn for result in results)
        self.figure(
            f"{CHANGES} changes of 200 kB in {seconds:.1f} s",
            f"{torn} torn files in {sum(r.reads for r in results)} reads; "
            f"{'/'.join(str(r.versions) for r in results)} versions seen on the nodes",
        )
        if torn:
            raise Failure("cannot accept a torn file")

    def bad(self):
        """What is wrong stays out: a file with a mistake, and one that asks for a busy address."""
        good = self.nodes[0].read(FILE)
        for name, code, text in [
            ("with a mistake", 78, good.decode().replace("services:", "servcies:")),
            ("with an address of nobody", 69, configuration(900).replace("127.0.0.1:7100", "198.51.100.1:7100")),
        ]:
            generations = [self.generation(node) for node in self.nodes]
            self.put(text)
            wait("all nodes report the rejection", PATIENCE, lambda: all(
                self.report(n).get("code") == code for n in self.nodes), pause=0.5)
            if any(node.read(FILE) != good for node in self.nodes):
                raise Failure(f"cannot accept that a configuration {name} is in a file")
            if [self.generation(node) for node in self.nodes] != generations:
                raise Failure(f"cannot accept that a configuration {name} changed a daemon")
            for node in self.nodes:
                node.run("systemctl", "is-active", "swift-supervisor", "supervisor-config-follow")
            self.figure(f"a configuration {name}", "rejected and reported by all three, files and daemons as before")

        self.put(good.decode())
        wait("all nodes report that they are in order again", PATIENCE, lambda: all(
            self.report(n).get("code") == 0 for n in self.nodes), pause=0.5)

    def reconnect(self):
        """A node that was away catches up, and so does a follower whose etcd was away."""
        away, here = self.nodes[2], self.nodes[:2]
        away.cut()
        wait("etcd has a leader again", PATIENCE, lambda: "OK" in here[0].run(
            "etcdctl", "put", "/swift-supervisor/probe", "x", check=False), pause=0.5)
        text = configuration(1000)
        self.put(text)
        wait("the file is on both nodes", PATIENCE, lambda: all(self.has(n, text) for n in here))
        if self.has(away, text):
            raise Failure("cannot believe that a cut node has the change")
        begin = time.monotonic()
        away.heal()
        wait("the file is on the third node", 2 * PATIENCE, lambda: self.has(away, text))
        self.figure("a node that was cut has the change after", f"{time.monotonic() - begin:.2f} s")
        self.settle()
        away.run("systemctl", "stop", "etcd")
        text = configuration(1001)
        self.put(text)
        away.run("systemctl", "start", "etcd")
        begin = time.monotonic()
        wait("the follower has found its etcd again", 2 * PATIENCE, lambda: self.has(away, text))
        self.figure("a node whose etcd was away has the change after", f"{time.monotonic() - begin:.2f} s")
