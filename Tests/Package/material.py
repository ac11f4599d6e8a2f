"""What the checks of the package work with: configurations, the upstream's, and a newer package."""
import pathlib
import re
import subprocess
import tempfile

SERVICES = """\
log: { format: journal }
upstreams:
  office:
    url: http://127.0.0.1:3128
    username: alice
    password: "${file:/run/credentials/swift-supervisor.service/office}"
services:
  echo: { type: echo, listen: 127.0.0.1:7007 }
  bridge:
    type: proxy-bridge
    listen: 127.0.0.1:8888
    upstream: office
    policy: { allow: ["127.0.0.1:8000"] }
  web:
    type: process
    user: swift-supervisor
    limits: { open_files: 256 }
    command: [python3, -m, http.server, --directory, /etc, --bind, 127.0.0.1, "8000"]
    ready: { tcp: "127.0.0.1:8000" }
"""

MORE = """\
  more: { type: echo, listen: 127.0.0.1:7009 }
"""

# It writes a page of code, as a compiler does; the fact that it is ready for is that it may run it.
JIT = """\
  compiler:
    type: process
    restart: never
    command:
      - python3
      - -uc
      - import mmap, time; mmap.mmap(-1, 4096, prot=7); print("compiled"); time.sleep(86400)
    ready: { log: compiled }
"""

USERS = """\
  other:
    type: process
    user: nobody
    command: [sleep, "86401"]
"""

PROXY = """\
User tinyproxy
Group tinyproxy
PidFile "/run/tinyproxy/tinyproxy.pid"
Port 3128
Listen 127.0.0.1
Timeout 60
MaxClients 50
BasicAuth alice secret
ConnectPort 8000
"""


def newer(package, target):
    """The same package with a higher version; the binary is the same, so only its number is new."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-R", package, folder], check=True)
        control = pathlib.Path(folder, "DEBIAN/control")
        control.write_text(re.sub(r"(?m)^(Version: .*)$", r"\1+newer", control.read_text()))
        # The test is not about the size of the file.
        subprocess.run(["dpkg-deb", "-Znone", "-b", folder, target], check=True, stdout=subprocess.DEVNULL)
