"""What a kubelet does with a pod of the manifest: volumes, probes, and the end; podman and runc run the container."""

import base64
import http.client
import os
import shutil
import socket
import subprocess
import threading
import time


class Failure(Exception):
    """What the test found wrong."""


def wait(what, limit, fact, pause=0.02):
    """What `fact` returns as soon as that is true."""
    end = time.monotonic() + limit
    while True:
        found = fact()
        if found:
            return found
        if time.monotonic() > end:
            raise Failure(f"cannot see within {limit} s that {what}")
        time.sleep(pause)


def answers(address, port, path, limit=2):
    """Whether a probe succeeds, as a kubelet sees it: 200 to 399, within its time."""
    connection = http.client.HTTPConnection(address, port, timeout=limit)
    try:
        connection.request("GET", path)
        return 200 <= connection.getresponse().status < 400
    except OSError:
        return False
    finally:
        connection.close()


class Volume:
    """A projected volume: `NAME -> ..data/NAME` and `..data -> ..TIME`, which is all that a change replaces."""

    def __init__(self, path, mode, group):
        self.path, self.mode, self.group, self.number = path, mode, group, 0
        os.mkdir(path)
        os.chmod(path, 0o755)

    def project(self, files):
        self.number += 1
        name = f"..2026_11_28_{self.number:06}"
        os.mkdir(f"{self.path}/{name}")
        os.chmod(f"{self.path}/{name}", 0o755)
        for file, text in files.items():
            path = f"{self.path}/{name}/{file}"
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text)
            os.chown(path, 0, self.group)
            os.chmod(path, self.mode)
        old = os.readlink(f"{self.path}/..data") if self.number > 1 else None
        os.symlink(name, f"{self.path}/..data_tmp")
        os.rename(f"{self.path}/..data_tmp", f"{self.path}/..data")
        for file in files:
            if not os.path.lexists(f"{self.path}/{file}"):
                os.symlink(f"..data/{file}", f"{self.path}/{file}")
        if old:
            shutil.rmtree(f"{self.path}/{old}")


class Engine:
    """podman with a storage of its own, which is gone at the end."""

    def __init__(self, folder):
        self.words = [
            "podman", "--root", folder + "/storage", "--runroot", folder + "/run", "--tmpdir", folder + "/tmp",
            "--storage-driver", "vfs", "--runtime", "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "none",
        ]

    def run(self, *words, check=True):
        result = subprocess.run(
            [*self.words, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        text = result.stdout.decode(errors="replace")
        if check and result.returncode != 0:
            raise Failure(f"cannot go on: podman {' '.join(words)} exited with {result.returncode}\n{text}")
        return text


class Pod:
    """The container of the manifest, as the manifest wants it, but with a user that nobody has named."""

    USER = 54321

    def __init__(self, engine, image, deployment, address, folder):
        self.engine, self.image, self.address, self.folder = engine, image, address, folder
        self.spec = deployment["spec"]["template"]["spec"]
        self.container = self.spec["containers"][0]
        self.ports = {port["name"]: port["containerPort"] for port in self.container["ports"]}
        projected = next(v["projected"] for v in self.spec["volumes"] if "projected" in v)
        group = self.spec["securityContext"]["fsGroup"]
        self.volume = Volume(folder + "/volume", projected["defaultMode"], group)
        self.ready = threading.Event()
        self.restarts = 0
        self.ended = threading.Event()
        self.process = None

    @property
    def log(self):
        with open(self.folder + "/log", encoding="utf-8") as file:
            return file.read()

    def words(self):
        """The options of podman that say what the manifest says."""
        context = self.container["securityContext"]
        if not context["readOnlyRootFilesystem"] or context["capabilities"]["drop"] != ["ALL"]:
            raise Failure("cannot accept a container that may write its files, or with capabilities")
        if context["allowPrivilegeEscalation"] or not self.spec["securityContext"]["runAsNonRoot"]:
            raise Failure("cannot accept a container that may become root")
        with open(self.folder + "/resolv.conf", "w", encoding="ascii") as file:
            file.write("nameserver 192.0.2.53\n")
        words = [
            "--network=host", "--no-hosts", "--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL",
            "--security-opt=no-new-privileges", "--log-driver=none",
            "--ulimit=nofile=4096:4096", "--ulimit=nproc=1024:1024",
            f"--user={self.USER}:{self.USER}", f"--group-add={self.spec['securityContext']['fsGroup']}",
            f"--volume={self.folder}/resolv.conf:/etc/resolv.conf:ro",
        ]
        for mount in self.container["volumeMounts"]:
            if "subPath" in mount:
                raise Failure("cannot accept a subPath: it never follows its ConfigMap")
            if mount["name"] == "configuration":
                words.append(f"--volume={self.volume.path}:{mount['mountPath']}:ro")
            else:
                words.append(f"--tmpfs={mount['mountPath']}:rw,mode=1777,size=1m")
        return words

    def run(self, *arguments):
        """What another command of the image says in the same surroundings."""
        return self.engine.run("run", "--rm", *self.words(), self.image, *arguments)

    def exec(self, *arguments):
        return self.engine.run("exec", "pod", *arguments)

    def start(self):
        with open(self.folder + "/log", "wb") as log:
            self.process = subprocess.Popen(
                [*self.engine.words, "run", "--rm", "--name=pod", *self.words(), self.image, *self.container["args"]],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        threading.Thread(target=self._probe, daemon=True).start()

    def ask(self, probe):
        """Whether a probe succeeds."""
        port = self.ports[probe["httpGet"]["port"]]
        return answers(self.address, port, probe["httpGet"]["path"], probe["timeoutSeconds"])

    def _probe(self):
        """First the start-up probe alone, then readiness and liveness, each in its own period."""
        failures, startup = 0, self.container["startupProbe"]
        while not self.ask(startup):
            failures += 1
            if failures >= startup["failureThreshold"]:
                self.restarts += 1
                return
            if self.ended.wait(startup["periodSeconds"]):
                return
        for name in ("readinessProbe", "livenessProbe"):
            threading.Thread(target=self._follow, args=(name, self.container[name]), daemon=True).start()

    def _follow(self, name, probe):
        failures = 0
        while not self.ended.is_set():
            failures = 0 if self.ask(probe) else failures + 1
            if failures == 0 and name == "readinessProbe":
                self.ready.set()
            if failures >= probe["failureThreshold"]:
                if name == "readinessProbe":
                    self.ready.clear()
                else:
                    self.restarts += 1
            self.ended.wait(probe["periodSeconds"])

    def stop(self):
        """SIGTERM, and SIGKILL after the grace: returns the exit code and how long it took."""
        begin = time.monotonic()
        self.engine.run("stop", "--time", str(self.spec["terminationGracePeriodSeconds"]), "pod")
        code = self.process.wait(10)
        self.ended.set()
        return code, time.monotonic() - begin

    def end(self):
        self.ended.set()
        if self.process and self.process.poll() is None:
            self.engine.run("kill", "pod", check=False)
            self.process.wait(10)


class Client:
    """Uses the bridge of a pod."""

    def __init__(self, address, port, username, password):
        self.address, self.port = address, port
        self.credential = base64.b64encode(f"{username}:{password}".encode()).decode()

    def get(self):
        """The status of one request on a connection of its own."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=5)
        try:
            connection.request(
                "GET", "http://origin.example/", headers={"Proxy-Authorization": "Basic " + self.credential}
            )
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def tunnel(self):
        """A connected tunnel, whose other end is an echo."""
        connection = socket.create_connection((self.address, self.port), timeout=5)
        target = "origin.example:443"
        fields = f"Host: {target}\r\nProxy-Authorization: Basic {self.credential}\r\n"
        connection.sendall(f"CONNECT {target} HTTP/1.1\r\n{fields}\r\n".encode())
        if b" 200 " not in connection.recv(4096):
            raise Failure("cannot open a tunnel")
        return connection
