"""Machines with a systemd each, in network namespaces of their own that a bridge joins, as folders and processes."""

import os
import shutil
import signal
import subprocess
import time

NETWORK = "192.0.2"
PACKAGES = (
    "systemd,systemd-sysv,dbus,iproute2,procps,python3,libyaml-0-2,"
    "pacemaker,corosync,crmsh,pacemaker-cli-utils,resource-agents,etcd-server,etcd-client"
)


class Failure(Exception):
    """What the test found wrong."""


def run(*words, check=True, data=None, limit=120):
    """What a command printed; its failure is one of the test."""
    try:
        result = subprocess.run(
            words, input=data, stdin=None if data is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit,
        )
    except subprocess.TimeoutExpired as error:
        raise Failure(f"cannot wait longer than {limit} s for {' '.join(words)}") from error
    text = result.stdout.decode(errors="replace")
    if check and result.returncode != 0:
        raise Failure(f"cannot go on: {' '.join(words)} exited with {result.returncode}\n{text}")
    return text


def wait(what, limit, fact, pause=0.1):
    """What `fact` returns as soon as that is true."""
    end = time.monotonic() + limit
    while True:
        found = fact()
        if found:
            return found
        if time.monotonic() > end:
            raise Failure(f"cannot see within {limit} s that {what}")
        time.sleep(pause)


def base_tree(path):
    """A Debian with all that the cluster needs; made once, as it takes a minute or two."""
    if not os.path.isdir(path):
        print(f"making {path}", flush=True)
        new = path + ".new"
        shutil.rmtree(new, ignore_errors=True)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        run("mmdebstrap", "--quiet", "--variant=apt", f"--include={PACKAGES}", "bookworm", new, limit=420)
        os.rename(new, path)
    return path


class Node:
    """One machine: its folder, its place in the network, and its processes while it runs."""

    def __init__(self, network, number, folder):
        self.network, self.number, self.name = network, number, f"node{number}"
        self.address = f"{NETWORK}.{number}"
        self.folder = f"{folder}/{self.name}"
        self.namespace = f"{network.prefix}{number}"
        self.port = f"p{number}"
        self.process = self.leader = None

    def path(self, name):
        return self.folder + name

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def chroot(self, *words):
        return run("chroot", self.folder, *words)

    def power_on(self):
        log = open(self.folder + ".log", "ab")
        self.process = subprocess.Popen(
            [
                "systemd-nspawn", "--quiet", "-D", self.folder, f"--machine={self.name}", f"--hostname={self.name}",
                "--register=no", "--keep-unit", "--resolv-conf=off", "--timezone=off",
                f"--network-namespace-path=/run/netns/{self.namespace}", "--capability=CAP_NET_ADMIN,CAP_NET_RAW", "-b",
            ],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )
        log.close()
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"

        def first_process():
            if self.process.poll() is not None:
                raise Failure(f"cannot boot {self.name}: see {self.folder}.log")
            with open(children, encoding="ascii") as file:
                return file.read().split()

        self.leader = wait(f"{self.name} boots", 30, first_process)[0]

    def run(self, *words, check=True, data=None, limit=120):
        """Runs a command on the machine."""
        return run("nsenter", "-t", self.leader, "-m", "-u", "-i", "-n", "-p", "-C", "--", *words,
                   check=check, data=data, limit=limit)

    def cut(self):
        self.network.link(self, "down")

    def heal(self):
        self.network.link(self, "up")

    def power_off(self):
        """Without a warning: the first process of the machine takes all others with it."""
        os.kill(int(self.leader), signal.SIGKILL)
        self.process.wait(30)
        self.process = None

    def shut_down(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            # It is the leader of a session of its own: what it started goes with it.
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None


class Network:
    """The bridge that joins the machines; whoever asks them stands on it."""

    def __init__(self):
        self.prefix = f"ha{os.getpid()}-"
        self.bridge = self.prefix + "br"
        self.namespaces = []

    def make(self):
        self._add(self.bridge)
        run("ip", "-n", self.bridge, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", self.bridge, "addr", "add", f"{NETWORK}.254/24", "dev", "br0")
        run("ip", "-n", self.bridge, "link", "set", "br0", "up")
        run("ip", "-n", self.bridge, "link", "set", "lo", "up")

    def join(self, node):
        space = node.namespace
        self._add(space)
        run("ip", "-n", space, "link", "add", "eth0", "type", "veth", "peer", "name", node.port, "netns", self.bridge)
        run("ip", "-n", self.bridge, "link", "set", node.port, "master", "br0", "up")
        run("ip", "-n", space, "addr", "add", f"{node.address}/24", "dev", "eth0")
        run("ip", "-n", space, "link", "set", "eth0", "up")
        run("ip", "-n", space, "link", "set", "lo", "up")

    def link(self, node, state):
        run("ip", "-n", self.bridge, "link", "set", node.port, state)

    def command(self, *words):
        """The words that run a command on the bridge."""
        return ["ip", "netns", "exec", self.bridge, *words]

    def remove(self):
        for name in reversed(self.namespaces):
            run("ip", "netns", "delete", name, check=False)

    def _add(self, name):
        run("ip", "netns", "add", name)
        self.namespaces.append(name)
