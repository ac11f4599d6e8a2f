/// A service manager with a descriptor store, which starts the daemon again and again while clients connect.
///
/// A Python program, as a person would write one to try out sd_notify(3) and sd_listen_fds(3) without systemd.
package struct ServiceManager {
    /// What came of it.
    package struct Report {
        /// The numbers that it printed, by their names.
        package let values: [String: Int]

        package subscript(name: String) -> Int { values[name] ?? -1 }
    }

    /// Arguments: the binary, then what to do, in order: `start`, `term` (SIGTERM and the end), `kill` (SIGKILL and the
    /// end), `load ADDRESS` (a client begins to connect), `count N` (so many more exchanges), `rest` (the clients end),
    /// `configure FILE` (takes the place of services.yaml).
    private static let program = #"""
        import array, os, re, select, signal, socket, sys, threading, time
        binary, orders = sys.argv[1], sys.argv[2:]
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind("manager")
        notify.settimeout(20)
        store, removed, pid = {}, 0, 0
        tally, lock, over = {"connects": 0, "failed": 0, "longest": 0}, threading.Lock(), threading.Event()

        def hear(until=None):
            """Reads notifications until one has a line."""
            global removed
            while True:
                text, control, _, _ = notify.recvmsg(65536, socket.CMSG_SPACE(64))
                lines = text.decode().split("\n")
                name = next((line[7:] for line in lines if line.startswith("FDNAME=")), None)
                for level, kind, data in control:
                    numbers = array.array("i", data)
                    assert "FDSTORE=1" in lines and len(numbers) == 1 and name not in store, lines
                    store[name] = numbers[0]
                if "FDSTOREREMOVE=1" in lines:
                    os.close(store.pop(name))
                    removed += 1
                if until in lines: return

        def start():
            global pid
            names, numbers = list(store), list(store.values())
            pid = os.fork()
            if pid == 0:
                # Out of the way of the numbers from 3 on, where they are to be.
                high = [os.dup2(os.dup(number), 500 + index) for index, number in enumerate(numbers)]
                for index, number in enumerate(high): os.dup2(number, 3 + index, inheritable=True)
                os.closerange(3 + len(high), 1000)
                os.environ.update(NOTIFY_SOCKET=os.path.abspath("manager"), FDSTORE="100", XDG_RUNTIME_DIR=os.getcwd())
                if high:
                    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(high)))
                    os.environ["LISTEN_FDNAMES"] = ":".join(names)
                log = os.open("daemon.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
                os.dup2(log, 2)
                os.execv(binary, [binary, "-c", "services.yaml"])
            hear(until="READY=1")

        def end(number):
            os.kill(pid, number)
            if number == signal.SIGTERM: hear(until="STOPPING=1")
            os.waitpid(pid, 0)

        def connect(address):
            host, colon, port = address.rpartition(":")
            client = socket.socket(socket.AF_INET if colon else socket.AF_UNIX)
            client.settimeout(20)
            client.connect((host, int(port)) if colon else address)
            return client

        def exchange(address):
            began = time.monotonic()
            try:
                with connect(address) as client:
                    client.sendall(b"hello")
                    client.shutdown(socket.SHUT_WR)
                    answer = b""
                    while part := client.recv(100): answer += part
                    good = answer == b"hello"
            except ConnectionResetError:
                # Its connection was accepted by a daemon that was killed.
                good = None
            except OSError as error:
                print("cannot exchange:", error, file=sys.stderr)
                good = False
            with lock:
                tally["connects"] += 1
                tally["failed"] += good is False
                tally["longest"] = max(tally["longest"], int(1000 * (time.monotonic() - began)))

        def load(address):
            while not over.is_set():
                exchange(address)
                over.wait(0.001)

        threads = []
        while orders:
            order = orders.pop(0)
            if order == "start": start()
            elif order == "term": end(signal.SIGTERM)
            elif order == "kill": end(signal.SIGKILL)
            elif order == "configure": os.rename(orders.pop(0), "services.yaml")
            elif order == "load":
                threads.append(threading.Thread(target=load, args=(orders.pop(0),)))
                threads[-1].start()
            elif order == "count":
                goal = tally["connects"] + int(orders.pop(0))
                while tally["connects"] < goal: over.wait(0.01)
            elif order == "rest":
                over.set()
                for thread in threads: thread.join()
        for name, value in {**tally, "stored": len(store), "removed": removed}.items(): print(name, value)
        """#

    private let folder: String

    package init(folder: String) {
        self.folder = folder
    }

    package func run(_ orders: String) throws -> Report {
        let words = orders.split(separator: " ").map(String.init)
        let text = try ClientProgram(folder: folder).python(Self.program, [try DaemonProcess.binary()] + words)
        let pairs = text.split(separator: "\n").compactMap { line -> (String, Int)? in
            let words = line.split(separator: " ")
            return words.count == 2 ? Int(words[1]).map { (String(words[0]), $0) } : nil
        }
        return Report(values: Dictionary(pairs) { $1 })
    }

    package var log: String { FileText.readIfPresent(folder + "/daemon.log") ?? "" }
}
