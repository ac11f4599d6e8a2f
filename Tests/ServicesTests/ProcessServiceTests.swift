import Addresses
import Glibc
import NIOCore
import NIOPosix
import Processes
import ServiceConfiguration
import Sockets
import Supervision
import TestSupport
import Testing

@testable import Services

/// Real programs under a real supervisor.
@Suite(.timeLimit(.minutes(1)))
struct ProcessServiceTests {
    private static let loopback = IPAddress.v4(0x7f00_0001)
    /// Runs until it is killed.
    private static let sleeper = "exec sleep 1000"

    // MARK: Becoming ready

    @Test
    func `a program that runs is ready, and ends when it is asked to`() async throws {
        try await ProcessRig.run(ProcessRig.shell(Self.sleeper)) { rig in
            await rig.wait(for: "program.1 -> ready")
            rig.supervisor.shutDown(limit: .seconds(50))
            await rig.wait(for: "program.1 -> stopped")
            #expect(!rig.events.lines.contains { $0.contains("crashed") || $0.contains("forced") })
        }
    }

    @Test
    func `a line of output makes a program ready`() async throws {
        let settings = ProcessRig.shell("echo starting; echo server is up >&2; \(Self.sleeper)") {
            $0.ready.fact = .log("is up")
        }
        try await ProcessRig.run(settings) { rig in
            await rig.wait(for: "program.1 -> ready")
            #expect(rig.output.entries.contains("server is up"))
            // The other stream is read on its own.
            await rig.output.wait(for: "starting")
            #expect(Set(rig.output.entries) == ["starting", "server is up"])
        }
    }

    @Test
    func `a notification makes a program ready`() async throws {
        let script = """
            import os, socket, time
            address = os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1)
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1", address)
            time.sleep(1000)
            """
        try await ProcessRig.run(ProcessRig.python(script) { $0.ready.fact = .notify }) { rig in
            await rig.wait(for: "program.1 -> ready")
        }
    }

    @Test
    func `an address that answers makes a program ready`() async throws {
        let port = try FreePort.next()
        let script = """
            import http.server
            http.server.ThreadingHTTPServer(("127.0.0.1", \(port)), http.server.BaseHTTPRequestHandler).serve_forever()
            """
        let settings = ProcessRig.python(script) { $0.ready.fact = .tcp(.host("127.0.0.1", port: port)) }
        try await ProcessRig.run(settings) { rig in
            await rig.wait(for: "program.1 -> ready")
        }
    }

    @Test
    func `a URL that answers makes a program ready`() async throws {
        let port = try FreePort.next()
        let script = """
            from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
            ThreadingHTTPServer(("127.0.0.1", \(port)), SimpleHTTPRequestHandler).serve_forever()
            """
        let settings = ProcessRig.python(script) {
            $0.ready.fact = .http(ProbeURL(host: "127.0.0.1", port: port, path: "/"))
        }
        try await ProcessRig.run(settings) { rig in
            await rig.wait(for: "program.1 -> ready")
        }
    }

    @Test
    func `a program that does not become ready in time is stopped and says so`() async throws {
        let port = try FreePort.next()
        let settings = ProcessRig.shell(Self.sleeper) {
            $0.ready.fact = .tcp(.host("127.0.0.1", port: port))
            $0.ready.timeout = .milliseconds(100)
        }
        try await ProcessRig.run(settings) { rig in
            // What the last check met depends on how far it came in this time.
            await rig.wait(for: "program.1 crashed: cannot become ready within 100ms: 127.0.0.1:\(port)")
        }
    }

    @Test
    func `a job that is done before it is ready has ended normally`() async throws {
        try await ProcessRig.run(ProcessRig.shell("exit 0") { $0.ready.fact = .notify }) { rig in
            await rig.wait(for: "program.1 -> stopped")
            #expect(!rig.events.lines.contains { $0.contains("crashed") })
        }
    }

    // MARK: Exits

    @Test(arguments: [
        ("exit 3", "exit code 3; see its output, or list the code in success_exit_codes"),
        ("kill -9 $$", "signal 9"),
    ])
    func `a failed program is a crash in words`(script: String, text: String) async throws {
        try await ProcessRig.run(ProcessRig.shell(script)) { rig in
            await rig.wait(for: "program.1 crashed: cannot go on: \(text)")
        }
    }

    @Test
    func `a listed exit code is a normal exit`() async throws {
        try await ProcessRig.run(ProcessRig.shell("exit 7") { $0.successExitCodes = [7] }) { rig in
            await rig.wait(for: "program.1 -> stopped")
            #expect(!rig.events.lines.contains { $0.contains("crashed") })
        }
    }

    @Test
    func `a program that turns out to be none when it runs is a crash`() async throws {
        let path = "/tmp/process-empty-\(UInt64.random(in: 0 ... .max))"
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o755)
        defer { unlink(path) }
        try #require(write(descriptor, "\u{7f}ELF", 4) == 4)
        close(descriptor)
        var settings = ProcessSettings(program: Located(path, at: ProcessRig.position), arguments: [])
        settings.output = .null
        // By its first bytes it is a program, but that is all of it.
        try await ProcessRig.run(settings) { rig in
            await rig.wait(for: "program.1 crashed: cannot run \(path): Exec format error")
        }
    }

    // MARK: Stopping

    @Test
    func `a program that ignores the request is killed with what it started, and named`() async throws {
        let script = "trap '' TERM; setsid sleep 1000 & echo $!; echo armed; while :; do sleep 1; done"
        let settings = ProcessRig.shell(script) {
            $0.stopTimeout = .milliseconds(100)
            $0.ready.fact = .log("armed")
        }
        try await ProcessRig.run(settings) { rig in
            await rig.wait(for: "program.1 -> ready")
            let pid = try rig.pid()
            rig.supervisor.shutDown(limit: .seconds(50))
            await rig.wait(for: "program.1 forced: process pid=\(pid): did not end within 100ms after SIGTERM: killed")
            await rig.wait(for: "program.1 -> stopped")
            let grandchild = try #require(rig.output.entries.compactMap { Int32($0) }.first)
            #expect(kill(grandchild, 0) != 0 && kill(pid, 0) != 0)
        }
    }

    @Test
    func `a forced program is killed at once`() async throws {
        let settings = ProcessRig.shell("trap '' TERM; echo armed; while :; do sleep 1; done") {
            $0.ready.fact = .log("armed")
            $0.stopTimeout = .seconds(1_000)
        }
        try await ProcessRig.run(settings) { rig in
            await rig.wait(for: "program.1 -> ready")
            let pid = try rig.pid()
            rig.supervisor.force()
            await rig.wait(for: "program.1 -> stopped")
            #expect(kill(pid, 0) != 0)
        }
    }

    @Test
    func `a stop signal and its time can be changed while the program runs`() async throws {
        let script = "trap 'echo hello; exit 5' USR1; trap '' TERM; echo armed; while :; do sleep 0.05; done"
        let settings = ProcessRig.shell(script) { $0.ready.fact = .log("armed") }
        try await ProcessRig.run(settings) { rig in
            await rig.wait(for: "program.1 -> ready")
            rig.apply { $0.stopSignal = SIGUSR1 }
            rig.supervisor.shutDown(limit: .seconds(50))
            await rig.output.wait(for: "hello")
            await rig.wait(for: "program.1 -> stopped")
        }
    }

    // MARK: Health and watchdog

    @Test
    func `an unhealthy program is restarted`() async throws {
        let settings = ProcessRig.shell(Self.sleeper) {
            var health = HealthSettings(
                check: .command(program: "sh", arguments: [Secret("-c"), Secret("exit 4")])
            )
            health.interval = .milliseconds(10)
            health.timeout = .seconds(20)
            health.failures = 2
            $0.health = health
        }
        try await ProcessRig.run(settings, restart: .onFailure) { rig in
            await rig.wait(
                for: "program.1 crashed: cannot stay healthy: 2 checks in a row failed, the last one because "
                    + "sh ended with exit code 4; see its output or raise health.failures"
            )
            await rig.wait(for: "program.1 restarts after")
        }
    }

    @Test
    func `a program that only is to be marked goes on, and is fine again when its check is`() async throws {
        let flag = "/tmp/process-health-\(UInt64.random(in: 0 ... .max))"
        defer { rmdir(flag) }
        let settings = ProcessRig.shell(Self.sleeper) {
            var health = HealthSettings(check: .command(program: "test", arguments: [Secret("-d"), Secret(flag)]))
            health.interval = .milliseconds(10)
            health.timeout = .seconds(20)
            health.failures = 1
            health.onUnhealthy = .mark
            $0.health = health
        }
        try await ProcessRig.run(settings) { rig in
            await rig.wait(for: "program.1 condition: unhealthy(\"a check failed: test ended with exit code 1\")")
            #expect(mkdir(flag, 0o700) == 0)
            await rig.wait(for: "program.1 condition: fine")
            #expect(!rig.events.lines.contains { $0.contains("crashed") })
        }
    }

    @Test
    func `a check that takes too long is killed and is bad`() async throws {
        let settings = ProcessRig.shell(Self.sleeper) {
            var health = HealthSettings(check: .command(program: "sleep", arguments: [Secret("1000")]))
            health.interval = .milliseconds(10)
            health.timeout = .milliseconds(50)
            health.failures = 1
            health.onUnhealthy = .mark
            $0.health = health
        }
        try await ProcessRig.run(settings) { rig in
            await rig.wait(for: "condition: unhealthy(\"a check failed: sleep did not end within 50ms\")")
        }
    }

    @Test
    func `a stop does not wait for a check`() async throws {
        let begun = "/tmp/process-check-\(UInt64.random(in: 0 ... .max))"
        defer { unlink(begun) }
        let settings = ProcessRig.shell(Self.sleeper) {
            let script = "echo $$ > \(begun); exec sleep 1000"
            var health = HealthSettings(check: .command(program: "sh", arguments: [Secret("-c"), Secret(script)]))
            health.interval = .milliseconds(10)
            health.timeout = .seconds(1_000)
            $0.health = health
        }
        try await ProcessRig.run(settings) { rig in
            while access(begun, F_OK) != 0 { try await Turn.next() }
            rig.supervisor.shutDown(limit: .seconds(50))
            await rig.wait(for: "program.1 -> stopped")
        }
    }

    @Test
    func `a program that stops to notify its watchdog is aborted`() async throws {
        let script = """
            import os, socket, time
            address = os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1)
            notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            notify.sendto(b"READY=1", address)
            for beat in range(5):
                notify.sendto(b"WATCHDOG=1", address)
                time.sleep(0.1)
            print("silent from now on", os.environ["WATCHDOG_USEC"])
            time.sleep(1000)
            """
        let settings = ProcessRig.python(script) { $0.ready.fact = .notify }
        try await ProcessRig.run(settings, watchdog: .milliseconds(400)) { rig in
            await rig.wait(
                for: "program.1 crashed: cannot tell that it lives: watchdog: silent for 400ms; "
                    + "see its output or raise watchdog"
            )
            #expect(rig.output.entries == ["silent from now on 400000"])
        }
    }

    // MARK: Sockets

    @Test
    func `a program serves on passed sockets, and its port does not close while it restarts`() async throws {
        let script = """
            import os, socket
            assert int(os.environ["LISTEN_PID"]) == os.getpid()
            print(os.environ["LISTEN_FDS"], os.environ["LISTEN_FDNAMES"])
            listener = socket.socket(fileno=3)
            while True:
                client, _ = listener.accept()
                client.sendall(str(os.getpid()).encode())
                client.close()
            """
        let settings = ProcessRig.python(script)
        let address = ListenAddress.tcp(Self.loopback, port: 0)
        try await ProcessRig.run(settings, listen: [address], restart: .onFailure) { rig in
            guard case .tcp(_, let port)? = rig.addresses.first else { return }
            await rig.output.wait(for: "1 127.0.0.1_\(port)")
            let first = try await Self.answer(port)
            #expect(try first == "\(rig.pid())")
            #expect(kill(try rig.pid(), SIGKILL) == 0)
            await rig.wait(for: "program.1 crashed")
            // Nobody accepts now; the kernel holds the connection until the next program does.
            let second = try await Self.answer(port)
            #expect(second != first && Int32(second) != nil)
            // The answer may be here before the line that names the program.
            await rig.wait(for: "running pid=\(second)")
        }
    }

    private static func answer(_ port: UInt16) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: Int(port)) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await ProxyBridgePeer(inbound, outbound, channel.channel).readToEnd()
        }
    }

    // MARK: Preparation

    @Test(.enabled(if: geteuid() == 0, "changing the user needs root"))
    func `a program runs as its user, in its directory, with its environment alone`() async throws {
        let settings = ProcessRig.shell("id -un; pwd; echo $HOME-$GREETING-$0; exec sleep 1000") {
            $0.user = Located("nobody", at: ProcessRig.position)
            $0.directory = Located("/usr", at: ProcessRig.position)
            $0.environment["GREETING"] = Secret("hello")
        }
        let home = try #require(UserAccount.named("nobody")).home
        try await ProcessRig.run(settings) { rig in
            await rig.output.wait(for: "\(home)-hello-sh")
            #expect(rig.output.entries == ["nobody", "/usr", "\(home)-hello-sh"])
        }
    }

    @Test
    func `a service that cannot be prepared holds nothing and says what is missing`() async throws {
        var settings = ProcessRig.shell(Self.sleeper)
        settings.user = Located("no-such-user", at: SourcePosition(file: "services.yaml", line: 9, column: 3))
        let group = MultiThreadedEventLoopGroup.singleton
        let service = ProcessService(
            ProcessRig.specification(settings),
            warden: Warden(group: group, executable: "/no/such/warden"),
            listeners: ListenerTable(),
            group: group,
            log: RecordedLog().logger,
            output: DiscardedOutput()
        )
        await #expect(throws: PreparationError.self) { await (try service.prepare()).discard() }
    }
}
