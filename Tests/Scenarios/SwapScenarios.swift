import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Another upstream, under whatever is going on.
    @Suite struct Swaps {
        private static func configuration(
            port: UInt16,
            to proxy: NamedProxy,
            password: String = Canary.password,
            isProbed: Bool = false,
            _ keys: String = ""
        ) -> ConfigurationText {
            ConfigurationText(
                BridgeLine.service("bridge", port: port, upstream: "office", isProbed: isProbed, keys),
                upstreams: BridgeLine.upstream("office", "http://127.0.0.1:\(proxy.port)", password: password)
            )
        }

        private static func proxies(in scenario: Scenario) throws -> (NamedProxy, NamedProxy) {
            let a = try NamedProxy("A", password: Canary.password)
            let b = try NamedProxy("B", password: Canary.password)
            scenario.atEnd {
                a.stop()
                b.stop()
            }
            return (a, b)
        }

        @Test func `a swap leaves what is under way with the old upstream, and the next request has the new one`()
            throws
        {
            try Scenario.run { scenario in
                let (a, b) = try Self.proxies(in: scenario)
                let port = try Ports.reserve()
                let keep = ", on_swap: keep"
                let daemon = try scenario.readyDaemon(Self.configuration(port: port, to: a, keep))
                let (descriptors, listener) = (daemon.descriptors.count, try daemon.listeners(at: port))

                let idle = try ClientSocket(to: port)
                #expect(try NamedProxy.open(idle, to: "echo") == "A")
                let busy = try scenario.steadyEcho(port: port) { client in
                    guard try NamedProxy.open(client, to: "echo") == "A" else { throw ScenarioFailure("cannot use A") }
                }
                let dialling = try ClientSocket(to: port)
                try dialling.send("CONNECT slow:1 HTTP/1.1\r\nHost: slow:1\r\n\r\n")
                let halfClosed = try ClientSocket(to: port)
                #expect(try NamedProxy.open(halfClosed, to: "late") == "A")
                try halfClosed.send("all of it")
                halfClosed.endSending()
                try a.awaitWaiting(2)

                let verdict = try daemon.reload(Self.configuration(port: port, to: b, keep))
                #expect(verdict.contains("reload applied"), "\(verdict)")
                #expect(try daemon.listeners(at: port) == listener)
                let next = try ClientSocket(to: port)
                #expect(try NamedProxy.open(next, to: "echo") == "B")
                // What had got nowhere yet goes the new way.
                try b.awaitWaiting(1)
                let before = b.accepted
                a.open()
                b.open()
                #expect(try NamedProxy.name(dialling) == "B")
                try dialling.echo("dialled")
                #expect(String(decoding: try halfClosed.receiveToEnd(), as: UTF8.self) == "late after 9\n")
                try busy.awaitProgress()
                try busy.stop()
                try idle.echo("idle")
                #expect(b.accepted == before)
                for client in [idle, dialling, next] {
                    client.endSending()
                    #expect(try client.receiveToEnd().isEmpty)
                }
                halfClosed.close()
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
                #expect(daemon.lines(containing: " request", "generation=1").count == 3)
                #expect(daemon.lines(containing: " request", "generation=2").count == 2)
            }
        }

        @Test func `a swap that cuts ends every tunnel of the old upstream at once`() throws {
            try Scenario.run { scenario in
                let (a, b) = try Self.proxies(in: scenario)
                let port = try Ports.reserve()
                let cut = ", on_swap: cut"
                let daemon = try scenario.readyDaemon(Self.configuration(port: port, to: a, cut))
                let descriptors = daemon.descriptors.count
                let clients = try (0..<3).map { _ in try ClientSocket(to: port) }
                for client in clients { #expect(try NamedProxy.open(client, to: "echo") == "A") }
                try clients[1].echo("busy")
                #expect(try daemon.reload(Self.configuration(port: port, to: b, cut)).contains("reload applied"))
                for client in clients { try client.awaitEnd(within: .seconds(5)) }
                let next = try ClientSocket(to: port)
                #expect(try NamedProxy.open(next, to: "echo") == "B")
                next.close()
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test(arguments: [true, false])
        func `a daemon that is stopped in the middle of a swap's drain waits no longer than its own`(
            isBusy: Bool
        ) throws {
            try Scenario.run { scenario in
                let (a, b) = try Self.proxies(in: scenario)
                let port = try Ports.reserve()
                let drain = ", on_swap: drain, timeouts: { swap: 1h }, drain: \(isBusy ? "500ms" : "1h")"
                let daemon = try scenario.readyDaemon(Self.configuration(port: port, to: a, drain))
                let client = try ClientSocket(to: port)
                // It waits for an answer, so nobody takes it for quiet.
                #expect(try NamedProxy.open(client, to: "late") == "A")
                try client.send("all of it")
                #expect(try daemon.reload(Self.configuration(port: port, to: b, drain)).contains("reload applied"))
                daemon.send(SIGTERM)
                if isBusy {
                    try client.awaitEnd(within: .seconds(30))
                    #expect(try daemon.awaitExit() == .exited(1))
                    #expect(daemon.lines(containing: " request", "cause=stop").count == 1)
                } else {
                    a.open()
                    client.endSending()
                    #expect(String(decoding: try client.receiveToEnd(), as: UTF8.self) == "late after 9\n")
                    #expect(try daemon.awaitExit() == .exited(0))
                    #expect(daemon.lines(containing: " request", "generation=1").count == 1)
                }
            }
        }

        @Test func `five hundred swaps under a loop of requests lose none of them`() throws {
            try Scenario.run { scenario in
                let (a, b) = try Self.proxies(in: scenario)
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(Self.configuration(port: port, to: a))
                let descriptors = daemon.descriptors.count
                let load = try scenario.load(ports: [port]) { port, text in
                    let client = try ClientSocket(to: port)
                    guard try ["A", "B"].contains(NamedProxy.open(client, to: "echo")) else {
                        throw ScenarioFailure("cannot tell the upstream")
                    }
                    try client.echo(text)
                    client.endSending()
                    guard try client.receiveToEnd().isEmpty else { throw ScenarioFailure("cannot explain more bytes") }
                    let plain = try ClientSocket(to: port)
                    try plain.send("GET http://echo/ HTTP/1.1\r\nHost: echo\r\nConnection: close\r\n\r\n")
                    let answer = String(decoding: try plain.receiveToEnd(), as: UTF8.self)
                    guard answer.hasSuffix("\r\n\r\nA") || answer.hasSuffix("\r\n\r\nB") else {
                        throw ScenarioFailure("cannot use \(answer)")
                    }
                }
                try load.waitForExchanges(20, at: [port])
                for round in 1...500 {
                    let verdict = try daemon.reload(Self.configuration(port: port, to: round % 2 == 1 ? b : a))
                    #expect(verdict.contains("reload applied"), "\(round): \(verdict)")
                }
                let result = load.stop()
                #expect(result.failed == 0, "\(result.failures)")
                #expect(result.succeeded(at: port) > 20)
                #expect(a.accepted > 10 && b.accepted > 10)
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
                #expect(daemon.lines(containing: " request", " error=").isEmpty)
            }
        }

        @Test func `a swap to a wrong credential is refused, and the old one serves on`() throws {
            try Scenario.run { scenario in
                let (a, b) = try Self.proxies(in: scenario)
                let port = try Ports.reserve()
                let probe = ", probe: { mode: auth }"
                let daemon = try scenario.readyDaemon(Self.configuration(port: port, to: a, isProbed: true, probe))
                let open = try ClientSocket(to: port)
                #expect(try NamedProxy.open(open, to: "echo") == "A")
                for proxy in [a, b] {
                    let verdict = try daemon.reload(
                        Self.configuration(port: port, to: proxy, password: "wrong", isProbed: true, probe)
                    )
                    #expect(verdict.contains("rejected"), "\(verdict)")
                    try open.echo("still there")
                    let next = try ClientSocket(to: port)
                    #expect(try NamedProxy.open(next, to: "echo") == "A")
                }
                #expect(
                    try daemon.reload(Self.configuration(port: port, to: b, isProbed: true, probe)).contains("applied")
                )
                let next = try ClientSocket(to: port)
                #expect(try NamedProxy.open(next, to: "echo") == "B")
                for client in [open, next] { client.close() }
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
