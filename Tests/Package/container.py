"""A Debian in a folder of its own, booted with its own systemd, processes and network."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

# What the package depends on, since the container has no network; and the peers: another `supervisor`, a proxy that
# wants a password, and clients.
PACKAGES = (
    "systemd,systemd-sysv,dbus,procps,iproute2,libyaml-0-2,libstdc++6,ca-certificates,"
    "supervisor,tinyproxy,curl,python3"
)


def eventually(fact, what, limit=60):
    """Waits until the fact holds, and returns it."""
    deadline = time.monotonic() + limit
    while not (result := fact()):
        if time.monotonic() > deadline:
            raise AssertionError(f"cannot see {what} within {limit} s")
        time.sleep(0.05)
    return result


class Container:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="package-test-"))
        self.tree = self.folder / "tree"
        self.nspawn = None
        self.leader = None

    def __enter__(self):
        try:
            command = ["mmdebstrap", "--quiet", "--variant=apt", f"--include={PACKAGES}", "bookworm", self.tree]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=600)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.nspawn:
            # One signal is an orderly halt.
            self.nspawn.terminate()
            try:
                self.nspawn.wait(60)
            except subprocess.TimeoutExpired:
                self.nspawn.kill()
                self.nspawn.wait()
        shutil.rmtree(self.folder)

    def boot(self):
        # Without a registration, and in the unit of the caller, it needs no systemd around it.
        options = ["--register=no", "--keep-unit", "--private-network", "-b"]
        command = ["systemd-nspawn", "--quiet", "-D", self.tree, *options]
        self.nspawn = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=(self.folder / "console").open("wb"),
            stderr=subprocess.STDOUT, start_new_session=True)
        self.leader = eventually(self.first_process, "the container's first process")
        state = eventually(self.state_after_boot, "the container booted")
        assert state == "running", self.run("systemctl --failed").out

    def first_process(self):
        """The child of nspawn that is number 1 in the container; another child, which prepares it, comes before."""
        assert self.nspawn.poll() is None, (self.folder / "console").read_text(errors="replace")
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.nspawn.pid)], capture_output=True, text=True)
        for number in children.stdout.split():
            try:
                status = pathlib.Path("/proc", number, "status").read_text()
            except FileNotFoundError:
                continue
            if re.search(r"(?m)^NSpid:.*\s1$", status):
                return number
        return None

    def state_after_boot(self):
        state = self.run("systemctl is-system-running").out
        return state if state in ("running", "degraded") else None

    def run(self, script, limit=120):
        """Runs a shell script in the container; neither its output nor its failure is an error here."""
        command = ["nsenter", "-t", self.leader, "-m", "-u", "-i", "-n", "-p", "-C", "--", "sh", "-c", script]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
        environment["DEBIAN_FRONTEND"] = "noninteractive"
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=environment, timeout=limit, start_new_session=True)
        return Result(done.returncode, done.stdout.strip())

    def must(self, script, limit=120):
        """Runs a shell script that has to succeed, and returns what it prints."""
        result = self.run(script, limit)
        assert result.status == 0, f"{script} exits with {result.status}: {result.out}"
        return result.out

    def start(self, *command, **options):
        """Starts a program of this machine in the network of the container."""
        return subprocess.Popen(["nsenter", "-t", self.leader, "-n", "--", *command], text=True, **options)


class Result:
    def __init__(self, status, out):
        self.status, self.out = status, out
