"""The world of a pod: a name server and an upstream proxy that asks for a credential."""

import base64
import socket
import socketserver
import struct
import threading


class NameServer:
    """Answers every question for an address with one address (RFC 1035)."""

    def __init__(self, address, answer):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        self.answer = socket.inet_aton(answer)
        self.names = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, client = self.socket.recvfrom(512)
            end, labels = 12, []
            while query[end]:
                labels.append(query[end + 1 : end + 1 + query[end]].decode())
                end += 1 + query[end]
            question, kind = query[12 : end + 5], struct.unpack("!H", query[end + 1 : end + 3])[0]
            self.names.add(".".join(labels))
            answers = 1 if kind == 1 else 0
            reply = query[:2] + struct.pack("!5H", 0x8180, 1, answers, 0, 0) + question
            if answers:
                reply += struct.pack("!3HIH", 0xC00C, 1, 1, 1, 4) + self.answer
            self.socket.sendto(reply, client)


class Upstream(socketserver.ThreadingTCPServer):
    """An HTTP proxy that is the origin itself: it answers `GET` and echoes what comes through `CONNECT`."""

    allow_reuse_address = daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, port):
        super().__init__((address, port), _Client)
        self.credentials = set()
        self.last = None
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Client(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            request = self.rfile.readline().split()
            if not request:
                return
            credential = None
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"proxy-authorization":
                    credential = base64.b64decode(value.split()[1]).decode()
            if credential not in self.server.credentials:
                fields = b'Proxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n'
                self.wfile.write(b"HTTP/1.1 407 No\r\n" + fields + b"\r\n")
                continue
            if b"probe.invalid:443" in request:
                self.wfile.write(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n")
                continue
            self.server.last = credential
            if request[0] == b"CONNECT":
                self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                while data := self.rfile.read1():
                    self.wfile.write(data)
                return
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
