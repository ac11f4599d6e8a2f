import CWarden
import Glibc
import Processes
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ProtocolTests {
    /// Sends a notification as sd_notify(3) does.
    private static let notify = """
        import os, socket, time
        def notify(text):
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.connect('\\0' + os.environ['NOTIFY_SOCKET'][1:])
            s.send(text.encode())

        """

    private func names(of events: [ProcessEvent]) -> [String] { events.map { "\($0)" } }

    private func request(_ text: String, to witness: Witness) -> SpawnRequest {
        var request = SpawnRequest.python(Self.notify + text, to: witness)
        request.notifies = true
        return request
    }

    @Test(arguments: [
        ("notify('READY=1')", ["ready"]),
        ("notify('STATUS=x\\nREADY=1\\nMAINPID=1')", ["ready"]),
        ("notify('WATCHDOG=1')", ["watchdog"]),
        ("notify('WATCHDOG=trigger')", ["watchdogTrigger"]),
        ("notify('READY=0\\nREADY=1x\\n\\nready=1')", []),
        ("notify('X' * 5000 + '\\nREADY=1')", []),
        ("if os.fork() == 0: notify('READY=1'); os._exit(0)\nos.wait()", ["ready"]),
        ("if os.fork() == 0:\n    os.setsid()\n    notify('READY=1')\n    os._exit(0)\nos.wait()", ["ready"]),
    ])
    func `a program and its descendants notify`(text: String, expected: [String]) async throws {
        let witness = Witness()
        try await WardenRun.with { [request = request(text, to: witness)] warden in
            _ = await (try warden.spawn(request) { witness.note($0) }).wait()
        }
        #expect(witness.lines == [])
        #expect(names(of: witness.events) == expected + ["exited(exit code 0)"])
    }

    @Test func `a stranger does not notify`() async throws {
        let witness = Witness()
        let text =
            "print(os.environ['NOTIFY_SOCKET'])\n"
            + "while not os.path.exists(f'/tmp/warden-{os.getpid()}'): time.sleep(0.01)"
        try await WardenRun.with { [request = request(text, to: witness)] warden in
            let child = try await warden.spawn(request) { witness.note($0) }
            let name = await witness.line(1)
            let sent = Self.send("READY=1", to: String(name.dropFirst()))
            #expect(sent == 7)
            let path = "/tmp/warden-\(child.pid)"
            let file = try #require(fopen(path, "we"))
            fclose(file)
            defer { unlink(path) }
            _ = await child.wait()
        }
        #expect(names(of: witness.events) == ["exited(exit code 0)"])
    }

    private static func send(_ text: String, to name: String) -> Int {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            for (index, byte) in name.utf8.enumerated() { path[index + 1] = byte }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let bytes = Array(text.utf8)
                return sendto(descriptor, bytes, bytes.count, 0, address, length)
            }
        }
    }

    @Test func `the variables of the protocols are the program's own`() async throws {
        let witness = Witness()
        var request = SpawnRequest.script("exec env", to: witness)
        request.environment += ["NOTIFY_SOCKET=/stale", "WATCHDOG_PID=1", "LISTEN_PID=1", "LISTEN_FDS=9"]
        request.notifies = true
        request.watchdog = .milliseconds(1500)
        let listener = try Listener()
        request.sockets = [(listener.descriptor, "web"), (listener.descriptor, "admin")]
        let pid = try await WardenRun.with { [request] warden in
            let child = try await warden.spawn(request) { _ in }
            let pid = child.pid
            _ = await child.wait()
            return pid
        }
        #expect(witness.lines.filter { $0.hasPrefix("NOTIFY_SOCKET=@") }.count == 1)
        let others = witness.lines.filter { $0.hasPrefix("LISTEN") || $0.hasPrefix("WATCHDOG") }
        #expect(
            Set(others) == [
                "LISTEN_PID=\(pid)", "LISTEN_FDS=2", "LISTEN_FDNAMES=web:admin", "WATCHDOG_PID=\(pid)",
                "WATCHDOG_USEC=1500000",
            ]
        )
    }

    @Test func `a program accepts on a socket that it is passed`() async throws {
        let witness = Witness()
        let text = """
            import os, socket
            assert int(os.environ['LISTEN_PID']) == os.getpid() and os.environ['LISTEN_FDS'] == '1'
            connection, _ = socket.socket(fileno=3).accept()
            connection.send(b'served')
            """
        let listener = try Listener()
        var request = SpawnRequest.python(text, to: witness)
        request.sockets = [(listener.descriptor, "web")]
        let (status, answer) = try await WardenRun.with { [request] warden in
            let child = try await warden.spawn(request) { _ in }
            let answer = try listener.ask()
            return (await child.wait().status, answer)
        }
        #expect(witness.lines == [])
        #expect(status == .code(0))
        #expect(answer == "served")
    }
}
