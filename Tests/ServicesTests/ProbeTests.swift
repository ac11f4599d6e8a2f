import Addresses
import NIOCore
import NIOPosix
import Processes
import ServiceConfiguration
import TestSupport
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ProbeTests {
    private static func run(_ probe: Probe, timeout: Duration = .seconds(20)) async -> ProbeResult {
        let group = MultiThreadedEventLoopGroup.singleton
        let command = CommandProbe(
            warden: Warden(group: group),
            like: SpawnRequest(program: "/bin/true", arguments: ["true"], environment: ["PATH=/nowhere"])
        )
        return await ProbeRunner(group: group, command: command).run(probe, timeout: timeout)
    }

    private static func url(_ port: Int, path: String = "/") -> ProbeURL {
        ProbeURL(host: "127.0.0.1", port: UInt16(port), path: path)
    }

    @Test
    func `an address that accepts a connection is good`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readToEnd()
        } _: { server in
            let destination = Destination.host("127.0.0.1", port: UInt16(server.port))
            #expect(await Self.run(.tcp(destination)) == .good)
            let named = Destination.host("localhost", port: UInt16(server.port))
            #expect(await Self.run(.tcp(named)) == .good)
        }
    }

    @Test
    func `an address that nobody listens on is bad, with the reason`() async throws {
        let port = try FreePort.next()
        let result = await Self.run(.tcp(.host("127.0.0.1", port: port)))
        #expect(result == .bad("127.0.0.1:\(port) does not accept connections: Connection refused"))
        let missing = await Self.run(.tcp(.unix(path: "/nowhere/x.sock")))
        #expect(missing == .bad("unix:/nowhere/x.sock does not accept connections: No such file or directory"))
    }

    @Test
    func `a unix socket that accepts a connection is good`() async throws {
        let path = "/tmp/probe-\(UInt64.random(in: 0 ... .max)).sock"
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        #expect(await Self.run(.tcp(.unix(path: path))) == .good)
        try await server.close()
        #expect(await Self.run(.tcp(.unix(path: path))) != .good)
    }

    @Test(arguments: [(200, true), (204, true), (302, true), (399, true), (400, false), (404, false), (503, false)])
    func `a status of 200 to 399 is good`(status: Int, isGood: Bool) async throws {
        try await ScriptedServer.run { peer, _ in
            let request = try await peer.readHead()
            #expect(request.hasPrefix("GET /healthz?deep=1 HTTP/1.1\r\n"))
            #expect(request.contains("\r\nHost: 127.0.0.1:") && request.contains("\r\nConnection: close\r\n"))
            try await peer.send("HTTP/1.1 \(status) X\r\nContent-Length: 2\r\n\r\nok")
            _ = try await peer.readToEnd()
        } _: { server in
            let result = await Self.run(.http(Self.url(server.port, path: "/healthz?deep=1")))
            let text = "http://127.0.0.1:\(server.port)/healthz answered with status \(status)"
            #expect(result == (isGood ? .good : .bad(text)))
        }
    }

    @Test(arguments: [
        ("", "closed the connection without an answer"),
        ("SSH-2.0-OpenSSH\r\n", "did not answer in HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 200_000))", "did not answer in HTTP/1.1"),
    ])
    func `an answer that is none is bad`(answer: String, text: String) async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            do {
                if !answer.isEmpty { try await peer.send(answer) }
            } catch {
                // The probe has seen enough.
            }
        } _: { server in
            let result = await Self.run(.http(Self.url(server.port)))
            #expect(result == .bad("http://127.0.0.1:\(server.port)/ \(text)"))
        }
    }

    @Test
    func `a server that accepts and is silent is bad when the time is over`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readToEnd()
        } _: { server in
            let result = await Self.run(.http(Self.url(server.port)), timeout: .milliseconds(50))
            #expect(result == .bad("http://127.0.0.1:\(server.port)/ did not answer within 50ms"))
        }
    }

    @Test
    func `a cancelled probe ends at once and closes its connection`() async throws {
        let asked = Gate()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            asked.open()
            // Ends with the probe's connection.
            _ = try await peer.readToEnd()
        } _: { server in
            let result = await withTaskGroup(of: ProbeResult.self) { group in
                group.addTask { await Self.run(.http(Self.url(server.port)), timeout: .seconds(600)) }
                await asked.pass()
                group.cancelAll()
                return await group.next()
            }
            #expect(result == .bad("the probe was called off"))
        }
    }

    @Test
    func `a command that does not exist is bad`() async {
        let result = await Self.run(.command(program: "no-such-check", arguments: [Secret("hidden")]))
        #expect(
            result == .bad("cannot find the program `no-such-check` in PATH; install it, or give its path")
        )
    }

    @Test
    func `a probe is described without what may be secret`() {
        #expect(Probe.command(program: "check", arguments: [Secret("hidden")]).description == "check")
        #expect(Probe.http(Self.url(80, path: "/a?key=hidden")).description == "http://127.0.0.1:80/a")
        let v6 = ProbeURL(host: "::1", port: 80, path: "/")
        #expect(Probe.http(v6).description == "http://[::1]:80/")
    }
}
